"""J7: asking for an introduction well, and every way it can go."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from contacts import services as people
from contacts.models import Contact, Interaction
from introductions.models import Ask, Introduction
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BUSINESS_WEEK = timedelta(days=7)  # five business days, from a working day


@pytest.fixture
def ann(transactional_db: None, ana: User, now: datetime) -> Contact:
    """An old colleague who knows what Ana looks for; ready to be asked today."""
    person = people.add_person(
        by=ana, at=now - timedelta(days=60), name="Ann Lee", worked_together=True, ring="A"
    )
    for days, flags in ((40, {"told_target": True, "showed_work": True}), (21, {})):
        people.log_interaction(
            by=ana,
            at=now - timedelta(days=days),
            people=[person],
            kind=Interaction.Kind.MEETING,
            **flags,
        )
    people.add_person(by=ana, at=now, name="Dana Reyes", organization="Northbank")
    people.add_person(by=ana, at=now, name="Kofi Ade", organization="Northbank")
    return person


def at(now: datetime, days: float) -> time_machine.travel:
    return time_machine.travel(now + timedelta(days=days), tick=False)


def said(page: Page, words: str) -> None:
    expect(page.locator("[data-toast]").last).to_contain_text(words)


def looked_at(page: Page) -> Page:
    assert barriers(page) == []
    return page


def prepare(browse: Browse, ana: User, ann: Contact, **options: object) -> Page:
    """From the ask panel to the note builder."""
    page = browse(f"/introductions/ask/{ann.pk}/?rung=4", user=ana, **options)
    looked_at(page)
    page.get_by_label("To whom?").fill("Dana Reyes")
    page.get_by_role("button", name="Prepare the ask").click()
    expect(page.get_by_role("heading", name="A note they can forward")).to_be_visible()
    return looked_at(page)


def asked(browse: Browse, ana: User, ann: Contact) -> Page:
    """Asked in time, with a note that says enough."""
    page = prepare(browse, ana, ann)
    page.get_by_label("Why Dana").fill("Dana moved Northbank to weekly pay.")
    page.get_by_role("button", name="Save the note").click()
    page.get_by_role("button", name="I have sent it").click()
    said(page, "Asked and written down.")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ticks_change_as_one_types_and_too_long_a_note_warns(
    browse: Browse, ana: User, ann: Contact, now: datetime, theme: str
):
    with at(now, 0):
        page = prepare(browse, ana, ann, width=390, color_scheme=theme)
        ticked = page.locator(".check-passed")
        expect(ticked).to_have_count(0)
        for label, words in (
            ("Who you are", "I am Ana Bell and I plan shifts for bakeries."),
            ("Why Dana", "Dana moved Northbank to weekly pay."),
            ("What you would like", "Could I ask two questions in twenty minutes?"),
            ("What may be in it for Dana", "I can send the survey I made."),
            ("An easy way to say no", "If now is not the time, that is no problem."),
        ):
            before = ticked.count()
            page.get_by_label(label).fill(words)
            expect(ticked).to_have_count(before + 1)
            expect(page.get_by_label(label)).to_be_focused()
        page.get_by_label("Subject").fill("Two questions about weekly pay")
        expect(page.get_by_text("It still needs a subject.")).to_have_count(0)
        looked_at(page)
        page.get_by_label("Why Dana").fill(f"Dana {'knows a lot about it ' * 30}")
        expect(page.get_by_text("That is long for somebody")).to_be_visible()
        looked_at(page)
        page.get_by_label("Why Dana").fill("Dana moved Northbank to weekly pay.")
        expect(page.get_by_text("That is long for somebody")).to_have_count(0)
        assert "mailto:" in str(page.locator(".note-beside a").get_attribute("href"))
        page.get_by_role("button", name="Save the note").click()
        expect(ticked).to_have_count(5)


def test_without_script_the_same_note_is_written_and_checked(
    browse: Browse, ana: User, ann: Contact, now: datetime
):
    with at(now, 0):
        page = browse(f"/introductions/ask/{ann.pk}/?rung=4", user=ana, java_script_enabled=False)
        page.get_by_label("To whom?").fill("Dana Reyes")
        page.get_by_role("button", name="Prepare the ask").click()
        page.get_by_label("Why Dana").fill("Dana moved Northbank to weekly pay.")
        page.get_by_role("button", name="Save the note").click()
        expect(page.locator(".check-passed")).to_have_count(1)
        expect(page.get_by_label("As they will read it")).to_have_value(
            "Dana moved Northbank to weekly pay."
        )
        expect(page.get_by_role("button", name="Copy the note")).to_be_hidden()


def test_asked_checked_agreed_made_and_told(browse: Browse, ana: User, ann: Contact, now: datetime):
    with at(now, 0):
        page = asked(browse, ana, ann)
        row = Introduction.objects.get()
        assert (row.state, row.ask.readiness, row.ask.overridden) == ("asked", "ready", False)
        looked_at(page)
        page.get_by_role("button", name="Being checked").click()
        said(page, "Noted.")
        page.get_by_role("button", name="Both said yes").click()
        page.get_by_role("button", name="Introduced").click()
        expect(page.get_by_text("your clock")).to_be_visible()
        expect(page.locator("li", has_text="Write to Dana")).to_contain_text("your clock")
        expect(page.locator("li", has_text="Thank Ann")).to_contain_text("Ann is waiting")
        looked_at(page)
        row.ask.refresh_from_db()
        assert row.ask.answer == "yes"

        page.goto("/today/")
        reply = page.locator("article", has=page.get_by_role("heading", name="Dana Reyes"))
        expect(reply).to_contain_text("Ann introduced you")
        looked_at(page)

    dana = Contact.objects.get(name="Dana Reyes")
    with at(now, 0.1):
        for person in (dana, ann):
            people.log_interaction(
                by=ana,
                at=now + timedelta(hours=2),
                people=[person],
                kind=Interaction.Kind.MESSAGE,
                thanked=True,
            )
    with at(now, 2):
        people.log_interaction(
            by=ana, at=now + timedelta(days=2), people=[dana], kind=Interaction.Kind.MEETING
        )
    with at(now, 9):  # five business days after the meeting
        page = browse("/today/", user=ana)
        loop = page.locator("article", has=page.get_by_role("heading", name="Ann Lee"))
        expect(loop).to_contain_text("Tell Ann what came of the introduction")
        expect(loop).to_contain_text("Ann hasn't heard how it went.")
        looked_at(page)
        page.goto("/introductions/")
        expect(page.get_by_role("region", name="Close a loop")).to_contain_text(
            "Ann hasn’t heard how it went with Dana."
        )
        looked_at(page)


def test_not_this_time_is_said_kindly_costs_nothing_and_shows_another_way(
    browse: Browse, ana: User, ann: Contact, now: datetime
):
    with at(now, 0):
        page = asked(browse, ana, ann)
        ann.trust_state.refresh_from_db()
        before = ann.trust_state.level
    with at(now, 3):
        page = browse(Introduction.objects.get().get_absolute_url(), user=ana)
        page.get_by_role("button", name="Not this time").click()
        expect(page.get_by_text("Not this time, and that is fine")).to_be_visible()
        way = page.get_by_role("region", name="Another way to Dana")
        expect(way).to_contain_text("Kofi Ade works where Dana does")
        looked_at(page)
        ann.trust_state.refresh_from_db()
        assert ann.trust_state.level == before
        assert Ask.objects.get().answer == "no"
        way.get_by_role("link", name="Kofi Ade").click()
        expect(page.get_by_label("To whom?")).to_have_value("Dana Reyes")
        looked_at(page)
        page.goto("/today/")
        expect(page.get_by_text("overdue")).to_have_count(0)


def test_no_answer_is_one_reminder_after_five_business_days_and_let_go_after_ten(
    browse: Browse, ana: User, ann: Contact, now: datetime
):
    with at(now, 0):
        asked(browse, ana, ann)
        row = Introduction.objects.get()
    nudge = "One short, friendly reminder to Ann is welcome now."
    with at(now, 7):
        page = browse(row.get_absolute_url(), user=ana)
        expect(page.get_by_text(nudge)).to_have_count(0)
    with at(now, 8):
        page = browse(row.get_absolute_url(), user=ana)
        expect(page.get_by_text(nudge)).to_be_visible()
        looked_at(page)
        page.get_by_role("button", name="I have reminded them").click()
        said(page, "One reminder is enough")
        expect(page.get_by_text(nudge)).to_have_count(0)
    with at(now, 12):
        page = browse(row.get_absolute_url(), user=ana)
        expect(page.get_by_text(nudge)).to_have_count(0)
    with at(now, 15):
        page = browse(row.get_absolute_url(), user=ana)
        expect(page.get_by_text("Thank Ann and let this one go")).to_be_visible()
        page.get_by_role("button", name="Let it go").click()
        expect(page.get_by_text("No answer is an answer too")).to_be_visible()
        expect(page.get_by_role("region", name="Another way to Dana")).to_be_visible()
        looked_at(page)
        assert Ask.objects.get().answer == "none"
