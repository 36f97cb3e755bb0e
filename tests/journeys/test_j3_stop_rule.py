"""J3: two notes without an answer, and the product holds back; going on is one press, and noted."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from contacts import services
from contacts.models import Contact, Interaction
from followups.models import FollowUp, WroteAnyway
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

NOON = time(12, tzinfo=UTC)


def write_to(person: Contact, at: datetime) -> None:
    services.log_interaction(by=person.owner, at=at, people=[person], kind="message")


@pytest.fixture
def lee(transactional_db, ana: User, now: datetime) -> Contact:
    """Written to on day 0 and on day 7, and silent; ``now`` is day 9."""
    first = now - timedelta(days=9)
    person = services.add_person(by=ana, at=first, name="Lee Park", organization="Northbank")
    write_to(person, first)
    write_to(person, first + timedelta(days=7))
    return person


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_two_unanswered_notes_rest_and_writing_anyway_takes_one_press(
    browse: Browse, ana: User, lee: Contact, now: datetime, theme: str
):
    with time_machine.travel(now, tick=False):
        page = browse("/today/", user=ana, width=390, color_scheme=theme)
        expect(page.get_by_text("Lee Park")).to_have_count(0)

        page.goto(lee.get_absolute_url())
        expect(page.get_by_text("Resting", exact=True).first).to_be_visible()
        expect(page.get_by_text("The last two notes had no answer").first).to_be_visible()
        page.get_by_role("link", name="Write", exact=True).click()
        early = page.get_by_role("region", name="It is early")
        expect(early).to_contain_text("so Lee rests until 28 December")
        expect(early).to_contain_text("Last contact, over all channels: 15 November 2026.")
        expect(page.get_by_label("Your words")).to_have_count(0)
        assert barriers(page) == []
        assert not WroteAnyway.objects.exists()

        page.get_by_role("button", name="Write anyway").click()
        expect(page.get_by_label("Your words")).to_be_visible()
        assert WroteAnyway.objects.get().contact == lee
        assert barriers(page) == []
        page.get_by_role("button", name="I have written").click()
        expect(page.locator("[data-toast]")).to_contain_text("Lee: done.")
        assert Interaction.objects.filter(people=lee).count() == 3


def test_after_the_rest_they_come_back_with_something_to_give(
    browse: Browse, ana: User, lee: Contact, now: datetime
):
    row = FollowUp.objects.open().get(contact=lee)
    wrote_on = ana.day(now) - timedelta(days=2)
    assert timedelta(days=56) <= row.best_on - wrote_on <= timedelta(days=58)  # a day of writing
    with time_machine.travel(datetime.combine(row.opens_on, NOON) - timedelta(days=1), tick=False):
        page = browse("/today/", user=ana)
        expect(page.get_by_role("article")).to_have_count(0)
    with time_machine.travel(datetime.combine(row.best_on, NOON), tick=False):
        page = browse("/today/", user=ana)
        expect(page.get_by_role("heading", name="Lee Park")).to_be_visible()
        expect(page.get_by_text("Come back to Lee with something useful")).to_be_visible()
        assert barriers(page) == []
