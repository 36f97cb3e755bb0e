"""The week (screen 14): filled in from the log, one tap for nothing, read out by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from contacts import services as people
from contacts.models import Contact, Interaction
from netcrm.groups.models import WeeklyReport
from tests.browser import barriers
from tests.journeys.the_group import TuesdayGroup, gather

pytestmark = [pytest.mark.browser]


@pytest.fixture
def tuesday(transactional_db: None) -> TuesdayGroup:
    return gather(at=timezone.now())


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_week_comes_from_the_log_and_goes_to_the_group(tuesday, browse, width, scheme):
    now = timezone.now()
    joy = tuesday.user("Joy")
    decider = people.add_person(by=joy, at=now, name="Dora Park", role_kind=Contact.RoleKind.HIRES)
    for person in (decider, people.add_person(by=joy, at=now, name="Eli Stone")):
        people.log_interaction(
            by=joy, at=now, people=[person], kind=Interaction.Kind.TALK, on=joy.day(now)
        )
    page = browse(
        reverse("groups:group", args=[tuesday.group.pk]), user=joy, width=width, color_scheme=scheme
    )
    page.get_by_role("link", name="Report my week").click()
    expect(page.get_by_label("Conversations with people who could decide")).to_have_value("1")
    expect(page.get_by_label("Other conversations")).to_have_value("1")
    expect(page.get_by_label("Gives")).to_have_value("0")
    assert barriers(page) == []

    # What is not right is put right; what is not a number is said to be none, and nothing is lost.
    page.get_by_label("Other conversations").fill("")
    page.get_by_label("One win").fill("A second talk")
    page.get_by_role("button", name="Send to the group").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.get_by_label("One win")).to_have_value("A second talk")
    assert barriers(page) == []
    page.get_by_label("Other conversations").fill("3")
    page.get_by_label("This week I will").fill("Write to Eli")
    page.get_by_label("I cannot come").check()
    page.get_by_role("button", name="Send to the group").click()
    expect(page.get_by_text("Sent. Thank you for the honest numbers.").first).to_be_visible()
    row = WeeklyReport.objects.get(membership=tuesday.members["Joy"])
    assert (row.deciders, row.others, row.win, row.read_for_me) == (1, 3, "A second talk", True)
    expect(page.get_by_role("heading", name="Write to Eli")).to_be_visible()

    # The leader finds her away, and lets somebody read her numbers.
    leader = browse(reverse("groups:overview", args=[tuesday.group.pk]), user=tuesday.lea)
    leader.get_by_role("button", name="Start the meeting").click()
    leader.get_by_label("Who reads for Joy?").select_option(label="Ken Ito")
    leader.get_by_role("button", name="reads for Joy").click()
    leader.get_by_role("button", name="Joy now").click()
    expect(leader.get_by_text("Read out by Ken Ito")).to_be_visible()
    expect(leader.get_by_text("Win: A second talk")).to_be_visible()
    assert barriers(leader) == []


def test_nothing_to_report_is_one_press(tuesday, browse):
    dev = tuesday.members["Dev"]
    page = browse(reverse("groups:week", args=[tuesday.group.pk]), user=dev.user)
    page.get_by_role("button", name="Nothing to report").click()
    expect(page.get_by_text("Sent: nothing to report.").first).to_be_visible()
    row = WeeklyReport.objects.get(membership=dev)
    assert row.nothing_to_report
    assert timezone.now() - row.sent_at < timedelta(minutes=5)
    leader = browse(reverse("groups:review", args=[dev.pk]), user=tuesday.lea)
    expect(leader.get_by_text("Nothing to report, and said so.")).to_be_visible()
