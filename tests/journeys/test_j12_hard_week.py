"""J12: a hard fortnight is silent, and the return is a few people a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from contacts import services
from followups.models import FollowUp
from followups.selectors import today_cards, upcoming
from followups.services import plan_nightly
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

PEOPLE = 23


@pytest.fixture
def busy(transactional_db, ana: User, now: datetime) -> User:
    for n in range(PEOPLE):
        person = services.add_person(by=ana, at=now - timedelta(days=60), name=f"Person {n:02}")
        on = ana.day(now) - timedelta(days=15 + n)
        services.log_interaction(by=ana, at=now, people=[person], kind="talk", on=on)
    return ana


def test_two_weeks_of_silence_and_a_kind_return(browse: Browse, busy: User, now: datetime):
    with time_machine.travel(now, tick=False):
        page = browse("/today/", user=busy, width=390)
        page.goto("/pause/")
        assert barriers(page) == []
        page.get_by_text("2 weeks").click()
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("It is quiet here, as you wished.")).to_be_visible()
        assert page.get_by_role("article").count() == 0
        assert barriers(page) == []
    busy.refresh_from_db()
    back = now + timedelta(weeks=2)
    assert busy.paused_until == busy.day(back)
    for days in range(14):
        assert today_cards(busy, busy.day(now + timedelta(days=days))).cards == ()
    ahead = upcoming(busy, busy.day(now))
    assert ahead[0].day == busy.day(back)

    with time_machine.travel(back, tick=False):
        plan_nightly(busy, at=back)
        page = browse("/today/", user=busy)
        cards = page.get_by_role("article")
        expect(cards.first).to_be_visible()
        assert 0 < cards.count() <= busy.daily_budget
        for badge in cards.locator(".badge").all_inner_texts():
            assert badge == "Good window"
        expect(page.get_by_text("overdue")).to_have_count(0)
        assert barriers(page) == []
    days = FollowUp.objects.open().values_list("deferred_until", flat=True)
    assert len({day for day in days if day}) >= 8
    assert max(sum(1 for d in days if d == day) for day in set(days)) <= 3
