"""Milestones follow from reports and commitments as they stand; nobody types one."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from netcrm.groups import selectors
from netcrm.groups.models import Commitment, WeeklyReport
from tests import make

MONDAY = dt.date(2026, 9, 7)
SENT_AT = dt.datetime(2026, 9, 13, 18, 0, tzinfo=dt.UTC)


@pytest.fixture
def member(ana, lea):
    return make.member(make.group(lea), ana)


def reported(member, weeks: int, **numbers) -> None:
    WeeklyReport.objects.bulk_create(
        WeeklyReport(
            membership=member,
            week_on=MONDAY + dt.timedelta(weeks=n),
            sent_at=SENT_AT,
            **numbers,
        )
        for n in range(weeks)
    )


def promised(member, count: int, *, kept: bool | None) -> None:
    Commitment.objects.bulk_create(
        Commitment(
            membership=member,
            text=f"Call {n}",
            kept=kept,
            closed_at=None if kept is None else SENT_AT,
        )
        for n in range(count)
    )


def reached(member) -> set[str]:
    return {milestone.text for milestone in selectors.milestones(member)}


def test_somebody_new_has_reached_none(member):
    assert reached(member) == set()


@pytest.mark.parametrize(
    ("weeks", "talks", "expected"),
    [
        (1, 24, set()),
        (1, 25, {"Twenty-five conversations"}),
        (9, 2, set()),
        (10, 2, {"Ten weeks reported"}),
        (10, 3, {"Ten weeks reported", "Twenty-five conversations"}),
    ],
)
def test_conversations_and_weeks_are_added_up(member, weeks, talks, expected):
    reported(member, weeks, others=talks)
    assert reached(member) == expected


def test_only_what_was_kept_counts(member):
    promised(member, 12, kept=False)
    promised(member, 12, kept=None)
    assert reached(member) == set()
    promised(member, 9, kept=True)
    assert reached(member) == {"First commitment kept"}
    promised(member, 1, kept=True)
    assert reached(member) == {"First commitment kept", "Ten commitments kept"}


def test_another_members_weeks_are_not_mine(member):
    other = make.member(member.group, make.user("bo@example.test"))
    reported(other, 10, received=1)
    assert reached(member) == set()
    assert reached(other) == {"First introduction received", "Ten weeks reported"}


def test_a_milestone_goes_when_what_it_stood_on_goes(client, member):
    reported(member, 1, received=1)
    client.force_login(member.user)
    page = reverse("groups:group", args=[member.group.pk])
    assert "First introduction received" in client.get(page).text
    WeeklyReport.objects.all().delete()
    assert "First introduction received" not in client.get(page).text
