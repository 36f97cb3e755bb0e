"""J4: a day the other person gave beats everything: page, mail, calendar, person."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from contacts import services
from contacts.models import Contact, Ring
from followups.feed import entries_of
from followups.models import FollowUp
from followups.selectors import today_cards, upcoming
from followups.services.calendar import choose
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

THEIR_DAY = date(2027, 1, 10)  # a Sunday


@pytest.fixture
def priya(transactional_db, ana: User, now: datetime) -> Contact:
    person = services.add_person(by=ana, at=now - timedelta(days=40), name="Priya Shah")
    services.log_interaction(
        by=ana,
        at=now - timedelta(days=26),
        people=[person],
        kind="talk",
        on=ana.day(now) - timedelta(days=26),
    )
    return person


def test_nothing_before_the_day_they_named(
    browse: Browse, ana: User, priya: Contact, now: datetime
):
    with time_machine.travel(now, tick=False):
        page = browse("/today/", user=ana)
        card = page.get_by_role("article").filter(has_text="Priya Shah")
        card.locator("summary", has_text="Later").click()
        card.get_by_role("link", name="They told me when…").click()
        sheet = page.get_by_role("dialog")
        sheet.get_by_label("The day they named").fill(THEIR_DAY.isoformat())
        assert barriers(page) == []
        sheet.get_by_role("button", name="Put off").click()
        expect(page.locator("[data-toast]")).to_contain_text("Priya waits until 10 January.")
        expect(page.get_by_role("heading", name="Priya Shah")).to_have_count(0)

        page.goto(priya.get_absolute_url())
        expect(page.get_by_text("Priya asked you to write after 10 January").first).to_be_visible()
        assert barriers(page) == []

        services.set_ring(by=ana, at=now, contact=priya, ring=Ring.A)
    feed = choose(by=ana, names=True)
    for days in range(1, 54):
        day = ana.day(now) + timedelta(days=days)
        shown = today_cards(ana, day)
        assert (shown.cards == ()) is (day < THEIR_DAY), day
        assert all(entry.on >= THEIR_DAY for entry in entries_of(feed, today=day)), day
    assert [entry.on for entry in entries_of(feed, today=THEIR_DAY)] == [THEIR_DAY]
    assert {ahead.day for ahead in upcoming(ana, THEIR_DAY, days=9)} == {THEIR_DAY}
    assert FollowUp.objects.open().get(contact=priya).rule == "their_date"


def test_their_day_can_be_said_without_script(
    browse: Browse, ana: User, priya: Contact, now: datetime
):
    with time_machine.travel(now, tick=False):
        page = browse("/today/", user=ana, java_script_enabled=False)
        page.get_by_role("article").locator("summary", has_text="Later").click()
        page.get_by_role("link", name="They told me when…").click()
        page.get_by_label("The day they named").fill("2020-01-01")
        page.get_by_role("button", name="Put off").click()
        expect(
            page.get_by_text("That day is not to come; choose a later one.").first
        ).to_be_visible()
        page.get_by_label("The day they named").fill(THEIR_DAY.isoformat())
        page.get_by_role("button", name="Put off").click()
        expect(page.locator("[data-toast]")).to_contain_text("Priya waits until 10 January.")
