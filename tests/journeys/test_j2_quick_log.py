"""J2: ten seconds from what happened to what comes next: by keys, by thumb, without script."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
import time_machine
from playwright.sync_api import Page, expect

from contacts import services
from contacts.models import Contact, Interaction, TheirDate
from followups.models import FollowUp
from introductions.models import Referral
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

LINE = "coffee shirley she suggested Bob >2w"
TYPING = 0.3  # seconds a key: forty words a minute


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def shirley(transactional_db, ana, now) -> Contact:
    for name in ("Ann Ames", "Bill Brown", "Lee Park"):
        services.add_person(by=ana, at=now, name=name)
    person = services.add_person(
        by=ana, at=now, name="Shirley Okoro", organization="Acme", title="Head of operations"
    )
    services.log_interaction(
        by=ana, at=now, people=[person], kind="talk", on=date(2026, 10, 14), note="First call"
    )
    return person


def steps(person: Contact) -> list[tuple[str, date, date]]:
    rows = FollowUp.objects.open().filter(contact=person).order_by("purpose")
    return list(rows.values_list("purpose", "opens_on", "fades_on"))


def toast(page: Page):
    return page.locator("[data-toast]").last


def test_a_line_from_anywhere_is_logged_in_ten_seconds(browse: Browse, ana: User, shirley: Contact):
    before = steps(shirley)
    page = browse("/people/", user=ana)
    page.get_by_role("link", name="Ann Ames").focus()
    started = time.monotonic()
    page.keyboard.press("l")
    line = page.get_by_label("In one line")
    expect(line).to_be_focused()
    line.press_sequentially(LINE, delay=10)
    reading = page.locator("#log-reading")
    for words in ("Met", "Shirley Okoro", "Bob", "Tue 1 Dec"):
        expect(reading).to_contain_text(words)
    assert barriers(page) == []
    assert not Interaction.objects.filter(note__contains="Bob").exists()
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("Logged with Shirley. Next")
    spent = time.monotonic() - started + len(LINE) * (TYPING - 0.01)
    assert spent < 20, "ten seconds of typing, and not as many of waiting"
    expect(page.locator("dialog.sheet")).to_be_hidden()
    expect(page.get_by_role("link", name="Ann Ames")).to_be_focused()

    row = Interaction.objects.get(note="she suggested Bob")
    assert list(row.people.all()) == [shirley]
    assert TheirDate.objects.get().on == date(2026, 12, 1)
    assert Referral.objects.get().to_name == "Bob"
    assert steps(shirley) != before
    assert barriers(page) == []

    undo = toast(page).get_by_role("button", name="Undo")
    page.wait_for_timeout(1_000)
    expect(undo).to_be_visible()  # it stays until it is dismissed
    undo.click()
    expect(toast(page)).to_contain_text("Taken back")
    assert page.url.endswith("/people/")
    assert steps(shirley) == before
    assert Interaction.objects.count() == 1
    assert not Referral.objects.exists()


def test_three_taps_with_a_thumb(browse: Browse, ana: User, shirley: Contact):
    page = browse("/people/", user=ana, width=390, height=844, has_touch=True, is_mobile=True)
    page.get_by_role("link", name="Log", exact=True).last.tap()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="What happened?")).to_be_visible()
    assert barriers(page) == []
    save = sheet.get_by_role("button", name="Save and show next step")
    expect(save).to_be_in_viewport()
    sheet.get_by_text("Shirley Okoro").tap()
    sheet.get_by_text("Met", exact=True).tap()
    save.tap()
    expect(toast(page)).to_contain_text("Logged with Shirley. Next")
    assert Interaction.objects.count() == 2
    assert list(Interaction.objects.get(kind="meeting").people.all()) == [shirley]


def test_without_script_a_page_shows_what_was_read_and_then_saves_it(
    browse: Browse, ana: User, shirley: Contact
):
    page = browse("/people/", user=ana, java_script_enabled=False)
    page.get_by_role("link", name="Log", exact=True).first.click()
    page.get_by_label("In one line").fill(LINE)
    page.get_by_role("button", name="Save and show next step").click()
    expect(page.locator("#log-reading")).to_contain_text("Shirley Okoro")
    assert Interaction.objects.count() == 1
    page.get_by_role("button", name="Save and show next step").click()
    expect(page.get_by_role("heading", name="Shirley Okoro")).to_be_visible()
    expect(toast(page)).to_contain_text("Logged with Shirley. Next")
    assert Interaction.objects.count() == 2
    assert Referral.objects.get().to_name == "Bob"
    page.get_by_role("button", name="Undo").click()
    assert Interaction.objects.count() == 1


def test_somebody_new_is_asked_about_before_they_are_added(
    browse: Browse, ana: User, shirley: Contact
):
    page = browse(shirley.get_absolute_url(), user=ana)
    page.get_by_role("link", name="Log", exact=True).first.click()
    line = page.get_by_label("In one line")
    line.fill("lunch with Dana Fox")
    expect(page.get_by_text("Who is “Dana Fox”?")).to_be_visible()
    expect(page.get_by_label("Add “Dana Fox” as somebody new")).to_be_checked()
    assert barriers(page) == []
    line.press("Enter")
    expect(toast(page)).to_contain_text("Logged with Dana.")
    assert ana.contacts.filter(name="Dana Fox").count() == 1


def test_what_is_missing_is_said_and_the_line_is_kept(browse: Browse, ana: User, shirley: Contact):
    page = browse("/people/", user=ana)
    page.keyboard.press("l")
    line = page.get_by_label("In one line")
    line.fill("Shirley and the budget")
    line.press("Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("Say what happened.")
    expect(summary).to_be_focused()
    expect(page.get_by_label("In one line")).to_have_value("Shirley and the budget")
    assert barriers(page) == []


def test_the_page_below_follows_what_was_logged(browse: Browse, ana: User, shirley: Contact):
    page = browse(shirley.get_absolute_url(), user=ana)
    timeline = page.get_by_role("region", name="Timeline")
    expect(timeline.get_by_text("You met")).to_have_count(0)
    page.get_by_role("main").get_by_role("link", name="Log").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("checkbox", name="Shirley Okoro")).to_be_checked()
    sheet.get_by_text("Met", exact=True).click()
    expect(sheet.get_by_text("When next?")).to_be_visible()
    expect(sheet.get_by_label(re.compile("As usual"))).to_be_checked()
    sheet.get_by_role("button", name="Save and show next step").click()
    expect(timeline.get_by_text("You met")).to_have_count(1)
    assert barriers(page) == []
