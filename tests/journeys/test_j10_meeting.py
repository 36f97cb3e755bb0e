"""J10: the evening itself, on the wall and in the room."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from introductions import room
from netcrm.groups import services
from tests.browser import barriers
from tests.journeys.the_group import TuesdayGroup, gather

pytestmark = [pytest.mark.browser]


@pytest.fixture
def tuesday(transactional_db: None, settings, tmp_path) -> TuesdayGroup:
    settings.VAR_DIR = tmp_path
    made = gather(at=timezone.now())
    room.draw_all()
    return made


def test_j10_the_meeting(tuesday, browse):
    now = timezone.now()
    services.send_report(
        membership=tuesday.members["Ana"],
        on=now.date(),
        at=now,
        values={"deciders": 2, "read_for_me": True},
    )
    page = browse(reverse("groups:overview", args=[tuesday.group.pk]), user=tuesday.lea)
    page.get_by_role("button", name="Start the meeting").click()
    # Ana said in her report that she cannot come; Dev comes late after all.
    expect(page.get_by_text("read out by George Ames")).to_be_visible()
    page.get_by_role("button", name="Dev is not here").click()
    expect(page.get_by_label("Who reads for Dev?")).to_be_visible()
    page.get_by_role("button", name="Dev has come").click()
    page.get_by_role("button", name="Begin the round").click()
    expect(page.get_by_text("Read out by George Ames")).to_be_visible()
    expect(page.get_by_text("Conversations: 2 with people who decide")).to_be_visible()
    expect(page.locator("[data-timer]")).to_have_text(re.compile(r"^(4:00|3:\d\d)$"))
    assert barriers(page) == []

    page.get_by_role("button", name="George now").click()
    page.get_by_label("I will").fill("report to Shirley by Friday")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("It stands on George’s Today.").first).to_be_visible()

    # On the wall stands nobody's contact.
    page.get_by_role("button", name="For the wall").click()
    expect(page.get_by_role("heading", name="George Ames")).to_be_visible()
    assert "Shirley" not in page.content()
    assert barriers(page) == []

    today = browse("/today/", user=tuesday.user("George"))
    expect(today.get_by_role("heading", name="Promised", exact=True)).to_be_visible()
    expect(today.get_by_text("report to Shirley by Friday").first).to_be_visible()
    assert barriers(today) == []

    # In the room: Ana asks, Ken is asked in private, and says no.
    ana = browse(
        reverse("groups:room", args=[tuesday.group.pk]), user=tuesday.user("Ana"), width=390
    )
    ana.get_by_label("Which company?").fill("Acme")
    ana.get_by_role("button", name="Ask the room").click()
    said = ana.get_by_text("may know someone there.")
    expect(said).to_be_visible()
    before = said.text_content()
    assert barriers(ana) == []
    ken = browse(reverse("groups:group", args=[tuesday.group.pk]), user=tuesday.user("Ken"))
    expect(ken.get_by_text("Ana Ruiz would like to reach Acme.")).to_be_visible()
    ken.get_by_role("button", name="Not now").click()
    expect(ken.get_by_text("Nobody hears of it.").first).to_be_visible()
    ana.reload()
    assert ana.get_by_text("may know someone there.").text_content() == before
    assert "Ken" not in ana.content()
    assert "Dana" not in ana.content()
