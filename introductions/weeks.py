"""The last eight weeks in numbers: what they went into, without judging any of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, Q

from contacts.models import Interaction, Participation
from introductions.engine.gives import Effort
from introductions.engine.gives import effort as effort_of
from introductions.models import Give, Introduction
from netcrm.kit.charts import effort
from netcrm.kit.charts.drawing import Chart

if TYPE_CHECKING:
    from netcrm.accounts.models import User

WEEKS = 8


def weeks(owner: User, *, today: date) -> list[effort.Week]:
    """The week of ``today`` and the seven before it, oldest first; four queries.

    An exchange with several people counts once, as the newest of what it was: getting to know
    somebody before keeping up.  Introductions are those made in the week, whoever made them.
    """
    this = today - timedelta(days=today.weekday())
    mondays = [this - timedelta(weeks=n) for n in reversed(range(WEEKS))]
    efforts, meetings, gave = _exchanges(owner, since=mondays[0])
    gives = gave + Counter(
        _monday(on)
        for on in Give.objects.visible_to(owner)
        .filter(by_me=True, interaction=None, given_on__gte=mondays[0])
        .values_list("given_on", flat=True)
    )
    made = Counter(
        _monday(owner.day(at))
        for at in Introduction.objects.visible_to(owner)
        .happened()
        .filter(Q(introducer__is_self=True) | Q(introducee__is_self=True))
        .values_list("made_at", flat=True)
        if at
    )
    return [
        effort.Week(
            monday=monday,
            building=efforts[monday][Effort.BUILDING],
            maintaining=efforts[monday][Effort.MAINTAINING],
            using=efforts[monday][Effort.USING],
            meetings=meetings[monday],
            gives=gives[monday],
            introductions=made[monday],
        )
        for monday in mondays
    ]


def chart(owner: User, *, today: date, uid: str) -> Chart | None:
    """The weeks drawn; None while there is nothing in any of them."""
    shown = weeks(owner, today=today)
    if not any(week.marks or week.gives or week.introductions for week in shown):
        return None
    return effort.effort(shown, today=today, uid=uid)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _exchanges(
    owner: User, *, since: date
) -> tuple[dict[date, Counter[Effort]], Counter[date], Counter[date]]:
    """By Monday: what exchanges were, how many were meetings, and in how many one gave."""
    begins_at = owner.begin_of(since)
    counting = Participation.objects.filter(
        interaction__owner=owner,
        interaction__kind__in=Interaction.COUNTING,
        contact__trashed_at=None,
    )
    recent = counting.filter(interaction__at__gte=begins_at)
    before = counting.filter(
        interaction__at__lt=begins_at, contact__in=recent.values("contact")
    ).values_list("contact")
    earlier = Counter(dict(before.annotate(n=Count("pk")).values_list("contact", "n")))
    rows = recent.order_by("interaction__at", "interaction_id").values_list(
        "interaction_id",
        "contact_id",
        "interaction__at",
        "interaction__kind",
        "interaction__direction",
        "interaction__is_ask",
        "interaction__is_give",
    )
    what: dict[UUID, tuple[date, Effort]] = {}
    meetings: dict[UUID, date] = {}
    gave: dict[UUID, date] = {}
    for key, contact, at, kind, direction, is_ask, is_give in rows:
        monday = _monday(owner.day(at))
        found = effort_of(is_ask=is_ask, earlier_contacts=earlier[contact])
        if key not in what or found is Effort.BUILDING:
            what[key] = (monday, found)
        if kind == Interaction.Kind.MEETING:
            meetings[key] = monday
        if is_give and direction != Interaction.Direction.IN:
            gave[key] = monday
        earlier[contact] += 1
    efforts: dict[date, Counter[Effort]] = defaultdict(Counter)
    for monday, found in what.values():
        efforts[monday][found] += 1
    return efforts, Counter(meetings.values()), Counter(gave.values())
