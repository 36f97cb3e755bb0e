"""J11: a member takes sharing back, and it is back at once."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from contacts.models import Contact
from netcrm.groups import services
from tests.browser import barriers
from tests.journeys.the_group import TuesdayGroup, gather

pytestmark = [pytest.mark.browser]


@pytest.fixture
def tuesday(transactional_db: None) -> TuesdayGroup:
    return gather(at=timezone.now())


def test_j11_a_member_takes_sharing_back(tuesday, browse):
    george, now = tuesday.members["George"], timezone.now()
    services.send_report(
        membership=george, on=now.date(), at=now, values={"win": "Coffee with Shirley"}
    )
    review = reverse("groups:review", args=[george.pk])
    leader = browse(review, user=tuesday.lea)
    expect(leader.get_by_role("rowheader", name="Shirley Okoro")).to_be_visible()
    meeting = services.start_meeting(group=tuesday.group, at=now)
    services.next_turn(meeting=meeting, at=now, turn=meeting.turns.get(membership=george))
    overview = browse(reverse("groups:overview", args=[tuesday.group.pk]), user=tuesday.lea)
    expect(overview.get_by_text("George Ames was introduced").first).to_be_visible()
    evening = browse(meeting.get_absolute_url(), user=tuesday.lea)
    expect(evening.get_by_text("Coffee with Shirley")).to_be_visible()
    evening.get_by_label("A win").fill("Heard in the room")

    page = browse("/settings/", user=george.user)
    page.get_by_role("link", name="Sharing").click()
    expect(page.get_by_role("cell", name="Lea Brandt").first).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("link", name="Tuesday group").click()
    page.get_by_text("Nothing: not even counts").first.click()
    page.get_by_role("button", name="Change sharing").click()
    expect(page.get_by_text("That holds from now on.").first).to_be_visible()
    assert barriers(page) == []

    # The leader's open pages say so by themselves, and the next request finds nothing.
    expect(leader.get_by_role("heading", name="Not shared")).to_be_visible(timeout=15_000)
    assert "Shirley" not in leader.content()
    expect(overview.get_by_text("George Ames was introduced")).to_have_count(0, timeout=15_000)
    expect(evening.get_by_text("Coffee with Shirley")).to_have_count(0, timeout=15_000)
    expect(evening.get_by_label("A win")).to_have_value("Heard in the room")
    assert leader.context.request.get(review).status == 404
    weeks = reverse("groups:export", args=[tuesday.group.pk])
    assert "Shirley" not in leader.context.request.get(weeks).text()
    page.get_by_role("link", name="See it as a leader does").click()
    expect(page.get_by_role("heading", name="Nothing is shared")).to_be_visible()

    # Leaving takes the past weeks along; the log of who looked and the own list stay.
    services.change_sharing(membership=george, grain=3, in_the_room=False)
    assert "Shirley" in leader.context.request.get(weeks).text()
    people = Contact.objects.visible_to(george.user).count()
    page.goto(reverse("groups:leave", args=[tuesday.group.pk]))
    page.get_by_label("A line for the others").fill("It was good to be here.")
    page.get_by_role("button", name="Leave the group").click()
    expect(page.get_by_text("Nothing of yours is shared there any more.").first).to_be_visible()
    assert "Shirley" not in leader.context.request.get(weeks).text()
    assert "Shirley" in browse("/people/", user=george.user).content()
    assert Contact.objects.visible_to(george.user).count() == people
    page.goto(reverse("groups:sharing"))
    expect(page.get_by_role("cell", name="Your review page").first).to_be_visible()
