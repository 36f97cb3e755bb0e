"""The pages of the search hold to axe, wide and narrow, and work by keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import expect

from contacts.models import Contact
from introductions import reach
from introductions.models import Opportunity
from netcrm.accounts.models import User
from netcrm.pages import story
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser


@pytest.fixture
def george(transactional_db, now) -> User:
    george = story.tell(password="a-long-walk-by-the-river", at=now, time_zone="Europe/London")
    reach.draw(george, at=now + timedelta(seconds=1))
    return george


@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_of_the_search_holds_a_barrier(browse: Browse, george: User, now, width: int):
    shirley = Contact.objects.get(owner=george, name="Shirley Okoro")
    role = Opportunity.objects.filter(owner=george).first()
    acme = shirley.positions.get().organization
    pages = [
        reverse("introductions:plan"),
        f"{reverse('introductions:plan')}?as=list",
        reverse("introductions:who_where"),
        reverse("introductions:opportunity", args=[role.pk]),
        reverse("introductions:trust", args=[shirley.pk]),
        reverse("introductions:routes") + "?q=acme",
        reverse("introductions:routes_person", args=[shirley.pk]),
        reverse("introductions:routes_organization", args=[acme.pk]),
    ]
    scheme = "dark" if width == 320 else "light"
    with time_machine.travel(now, tick=False):
        page = browse(pages[0], user=george, width=width, color_scheme=scheme)
        for path in pages:
            page.goto(path)
            assert barriers(page) == [], path
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} scrolls sideways"


def test_a_card_of_the_board_is_moved_by_keyboard(browse: Browse, george: User, now):
    with time_machine.travel(now, tick=False):
        page = browse("/introductions/plan/", user=george)
        button = page.get_by_role("button", name="Applied Depot manager")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#toasts").get_by_text("Depot manager: Applied.")).to_be_visible()
    assert Opportunity.objects.get(role="Depot manager").stage == Opportunity.Stage.APPLIED
