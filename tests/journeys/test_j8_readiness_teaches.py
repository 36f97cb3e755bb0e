"""J8: readiness teaches; asking anyway is one tick, and one can look back on it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from contacts import services as people
from contacts.models import Contact
from introductions import services
from introductions.models import Ask, Referral
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser


@pytest.fixture
def lee(transactional_db: None, ana: User, now: datetime) -> Contact:
    """Introduced by Marco last week; written to three days on, and answered today."""
    marco = people.add_person(by=ana, at=now - timedelta(days=30), name="Marco Silva")
    person = people.add_person(by=ana, at=now - timedelta(days=6), name="Lee Park")
    services.record_introduction(
        owner=ana,
        introducer=marco,
        introducee=people.ensure_self(by=ana),
        introduced=person,
        state="made",
        at=now - timedelta(days=6),
    )
    people.log_interaction(
        by=ana, at=now - timedelta(days=3), people=[person], kind="message", told_target=True
    )
    people.log_interaction(
        by=ana, at=now - timedelta(hours=2), people=[person], kind="message", direction="in"
    )
    return person


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_referral_from_somebody_just_introduced(
    browse: Browse, ana: User, lee: Contact, now: datetime, theme: str
):
    with time_machine.travel(now, tick=False):
        page = browse(lee.get_absolute_url(), user=ana, width=390, color_scheme=theme)
        page.get_by_role("link", name="Is now the time to ask Lee").click()
        page.get_by_role("link", name="Putting their name to it").click()
        expect(page.get_by_role("heading", name="Not yet")).to_be_visible()
        expect(page.get_by_text("Missing:")).to_have_count(2)
        expect(page.get_by_text("asking for advice is welcome today")).to_be_visible()
        advice = page.get_by_role("link", name="Ask for this instead: Advice")
        expect(advice).to_be_visible()
        assert barriers(page) == []

        page.get_by_label("In your words").fill("Would you put in a word for me at Northbank?")
        page.get_by_role("button", name="I have asked").click()
        expect(page.get_by_role("alert")).to_contain_text("Not quite ready.")
        assert barriers(page) == []
        assert not Ask.objects.exists()
        page.get_by_label("I’ll ask anyway").check()
        page.get_by_role("button", name="I have asked").click()
        expect(page.locator("[data-toast]").last).to_contain_text("Asked and written down.")
        ask = Ask.objects.get()
        assert (ask.rung, ask.readiness, ask.overridden) == (5, "not_yet", True)
        assert ask.wording == "Would you put in a word for me at Northbank?"

    with time_machine.travel(now + timedelta(days=6), tick=False):
        page = browse("/introductions/give-and-ask/", user=ana, width=390, color_scheme=theme)
        said = page.locator("li", has_text="You asked Lee Park")
        expect(said).to_contain_text("Putting their name to it")
        said.get_by_role("button", name="Yes", exact=True).click()
        expect(page.get_by_role("heading", name="What did Lee give you?")).to_be_visible()
        page.get_by_label("Whom or what did they name?").fill("Acme Personnel")
        page.get_by_label("Anyone could say it").check()
        assert barriers(page) == []
        page.get_by_role("button", name="Write it down").click()
        given = Referral.objects.get()
        assert (given.substance, given.giver_step) == (0, 1)

        page.goto("/introductions/give-and-ask/")
        back = page.get_by_role("row", name="Lee Park")
        for words in ("Not yet", "asked anyway", "Yes", "Acme Personnel", "Anyone could say it"):
            expect(back).to_contain_text(words)
        assert barriers(page) == []


def test_taking_the_advice_is_one_press_away(
    browse: Browse, ana: User, lee: Contact, now: datetime
):
    with time_machine.travel(now, tick=False):
        page = browse(f"/introductions/ask/{lee.pk}/?rung=5", user=ana)
        page.get_by_role("link", name="Ask for this instead: Advice").click()
        expect(page.get_by_role("heading", name="Ready")).to_be_visible()
        page.get_by_label("In your words").fill("How would you go about it?")
        page.get_by_role("button", name="I have asked").click()
        expect(page.locator("[data-toast]").last).to_contain_text("Asked and written down.")
        ask = Ask.objects.get()
        assert (ask.rung, ask.readiness, ask.overridden) == (1, "ready", False)
