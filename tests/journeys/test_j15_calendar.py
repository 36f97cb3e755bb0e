"""J15, the calendar: subscribe, find the same entries twice, and end the old address."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from icalendar import Calendar
from playwright.sync_api import expect

from contacts import services
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None, ana: User, now: datetime) -> None:
    for name in ("Shirley Okoro", "Lee Park"):
        person = services.add_person(by=ana, at=now - timedelta(days=40), name=name)
        services.log_interaction(
            by=ana, at=now - timedelta(days=24), people=[person], kind="talk", note="a secret"
        )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_j15_subscribe_and_take_it_back(
    browse: Browse, ana: User, people: None, now: datetime, settings, live_server, width, scheme
):
    settings.SITE_URL = live_server.url
    with time_machine.travel(now, tick=False):
        page = browse("/upcoming/", user=ana, width=width, color_scheme=scheme)
        page.get_by_role("link", name="Subscribe in your calendar").click()
        assert barriers(page) == []
        page.get_by_role("button", name="Make my calendar address").click()
        address = page.get_by_label("Address to subscribe to")
        first = address.input_value()
        expect(page.get_by_role("link", name="Open in my calendar program")).to_have_attribute(
            "href", "webcal" + first.removeprefix("http")
        )
        assert barriers(page) == []

        program = browse("/help/").context.request  # signed out, as a calendar program is
        fetched = [program.get(first).body() for _ in range(2)]
        assert fetched[0] == fetched[1]
        events = Calendar.from_ical(fetched[0]).walk("VEVENT")
        assert len({str(event["UID"]) for event in events}) == len(events) == 2
        text = fetched[0].decode()
        assert "SO" in text
        assert not [word for word in ("Shirley", "Okoro", "Lee", "secret") if word in text]

        page.get_by_label("Whole names instead of initials").check()
        page.get_by_role("button", name="Save").click()
        expect(address).to_have_value(first)
        named = Calendar.from_ical(program.get(first).body()).walk("VEVENT")
        assert {str(e["UID"]) for e in named} == {str(e["UID"]) for e in events}
        assert {int(e["SEQUENCE"]) for e in named} == {1}
        assert "Shirley" in program.get(first).text()

        page.get_by_role("button", name="Make a new address").click()
        expect(page.locator("[data-toast]")).to_contain_text("The old one leads nowhere now.")
        second = address.input_value()
        assert second != first
        assert program.get(first).status == 404
        assert program.fetch(second, method="HEAD").status == 200
        assert barriers(page) == []

        page.get_by_role("button", name="Stop the calendar").click()
        expect(page.get_by_role("button", name="Make my calendar address")).to_be_visible()
        assert program.get(second).status == 404


def test_j15_without_script_the_address_can_be_selected(
    browse: Browse, ana: User, people: None, now: datetime
):
    with time_machine.travel(now, tick=False):
        page = browse("/settings/calendar/", user=ana, java_script_enabled=False)
        page.get_by_role("button", name="Make my calendar address").click()
        expect(page.get_by_label("Address to subscribe to")).to_have_value(
            re.compile(r"^http.+\.ics$")
        )
