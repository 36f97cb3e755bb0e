"""Every page about people, at both widths and in both themes: no barrier, nothing sideways."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from contacts import services
from contacts.models import Contact
from introductions.services import record_introduction, record_referral
from netcrm.accounts.models import User
from tests import make
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

NASTY = "<img src=x onerror=alert(1)> Ωmega Lönginstitutionsname-ohne-Trennstelle-überhaupt"


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def shirley(transactional_db, ana: User, now) -> Contact:
    """Somebody with something in every part of the page, and names that strain it."""
    bill = services.add_person(by=ana, at=now, name="Bill Brown", organization="Orchard Supply")
    shirley = services.add_person(
        by=ana,
        at=now,
        name="Shirley Okoro",
        organization=NASTY,
        title="Head of operations",
        emails=["shirley@acme.test"],
        phones=["+44 20 7946 0018"],
        links=["https://example.org/" + "a-long-path/" * 12],
        tags=["choir", "logistics"],
        notes=NASTY * 3,
        extra={"Dog": "Biscuit"},
        birthday={"year": None, "month": 3, "day": 24},
    )
    record_introduction(
        owner=ana,
        introducer=bill,
        introducee=make.me(ana),
        introduced=shirley,
        state="made",
        at=now - timedelta(days=20),
    )
    for days, kind in ((14, "talk"), (9, "meeting"), (3, "gave")):
        services.log_interaction(
            by=ana,
            at=now,
            people=[shirley],
            kind=kind,
            on=now.date() - timedelta(days=days),
            note=NASTY,
            promises=[services.Word(text="Send the survey", due_on=now.date())],
        )
    record_referral(giver=shirley, at=now, given_on=now.date(), to_name="Bob", substance=4)
    gone = services.add_person(by=ana, at=now, name=NASTY)
    services.trash(by=ana, at=now, contact=gone)
    services.archive(
        by=ana, at=now, contact=services.add_person(by=ana, at=now, name="Archie Bald")
    )
    return shirley


PAGES = {
    "people": "/people/",
    "gone quiet": "/people/?view=quiet&q=nobody",
    "archived": "/people/?view=archived",
    "trash": "/people/trash/",
    "tags": "/people/tags/",
    "log": "/people/log/",
    "add": "/people/add/",
    "help": "/help/",
}
OF_A_PERSON = ["detail", "edit", "jobs", "promise", "their_date", "prepare"]


def look_at(browse: Browse, ana: User, url: str) -> None:
    page = browse(url, user=ana, reduced_motion="reduce")  # colours change at once
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    page.evaluate("document.querySelectorAll('details.more').forEach((one) => { one.open = true })")
    for width, scheme in ((1280, "light"), (390, "dark"), (320, None)):
        page.set_viewport_size({"width": width, "height": 900})
        wider = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider == 0, f"{url} at {width} is {wider} pixels too wide"
        if scheme:
            page.emulate_media(color_scheme=scheme)
            assert barriers(page) == [], f"{url} at {width} in the {scheme}"


@pytest.mark.parametrize("url", PAGES.values(), ids=PAGES.keys())
def test_a_page_of_the_list_has_no_barrier(browse, ana, shirley, url):
    look_at(browse, ana, url)


@pytest.mark.parametrize("name", OF_A_PERSON)
def test_a_page_of_one_person_has_no_barrier(browse, ana, shirley, name):
    look_at(browse, ana, reverse(f"contacts:{name}", args=[shirley.pk]))


def test_what_opens_stays_where_it_belongs(browse, ana, shirley):
    page = browse(shirley.get_absolute_url(), user=ana, width=320)
    page.locator(".person-head .menu > summary").click()
    menu = page.locator(".person-head .menu-items").bounding_box()
    assert menu["x"] >= 0, "the menu leaves the screen"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("searchbox").fill("introduction")
    row = page.locator("#palette a:has(.icon)").first
    row.wait_for()
    outside = row.evaluate(
        "(row) => row.querySelector('.icon').getBoundingClientRect().top"
        " < row.getBoundingClientRect().top"
    )
    assert not outside, "an icon has left its line"


def test_filtering_keeps_the_focus_and_the_address(browse, ana, shirley):
    page = browse("/people/", user=ana)
    box = page.get_by_label("Name or organization")
    box.press_sequentially("bill")
    page.get_by_role("link", name="Shirley Okoro").wait_for(state="detached")
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?q=bill&ring=&tag=&order=$"))
    page.reload()
    assert page.get_by_label("Name or organization").input_value() == "bill"
    assert page.locator(".person-row").count() == 1


def test_two_tabs_see_each_others_values(browse, ana, shirley):
    url = reverse("contacts:edit", args=[shirley.pk])
    first, second = browse(url, user=ana), browse(url, user=ana)
    first.get_by_label("How you met").fill("At the bus stop")
    first.get_by_role("button", name="Save", exact=True).click()
    second.get_by_label("How you met").fill("At the station")
    second.get_by_role("button", name="Save", exact=True).click()
    summary = second.locator("[data-error-summary]")
    assert "At the bus stop" in summary.inner_text()
    assert "At the station" in summary.inner_text()
    expect(summary).to_be_focused()
    assert barriers(second) == []
