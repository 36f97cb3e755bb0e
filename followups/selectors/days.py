"""Which people a day shows: Today, the days to come, the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Max

from contacts.models import Interaction
from followups.engine import agenda, cadence
from followups.engine.spread import offers_fresh_start
from followups.models import FollowUp, Spread
from followups.selectors.steps import Step, one_per_person, open_items, steps_of

if TYPE_CHECKING:
    from netcrm.accounts.models import User

ALSO_AT_MOST = 20  # people named under “Also possible”


UPCOMING_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What one day asks of the owner.

    ``cards`` has one card per person and, with those seen to today, no more people than
    ``owner.daily_budget``.  ``also`` are people who are possible and can wait, best first, at most
    ``ALSO_AT_MOST`` of ``also_count``.  ``next`` is the next person on a later day.
    """

    day: dt.date
    cards: tuple[Step, ...]
    also: tuple[Step, ...]
    also_count: int
    next: Step | None
    paused_until: dt.date | None
    done_today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The people of a day to come, if every day before it is seen to."""

    day: dt.date
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of the follow-ups whose good window was over or that were done this month, those done."""

    kept: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfWeek:
    """One day of the week strip: people seen to on days gone by, people to come after."""

    day: dt.date
    people: int
    is_today: bool
    is_past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    """Everything the Today page shows besides its frame."""

    today: Today
    week: tuple[DayOfWeek, ...]
    kept: Kept
    fresh_start: bool  # whether to offer one (R9)


def today_cards(owner: User, day: dt.date, *, initials: bool = False) -> Today:
    """Return what ``day`` asks of ``owner``: the one answer that every surface shows.

    Args:
        initials: name nobody in full, and quote nothing the owner typed (mail, feed).
    """
    if paused_until := paused(owner, day):
        return _paused_day(day, paused_until)
    handled = _seen_to(_done_between(owner, day, day))
    return _today(owner, day, open_items(owner), handled, initials=initials)


def today_page(owner: User, day: dt.date) -> TodayPage:
    """Return what the Today page shows, in a number of queries that does not grow with people."""
    found = open_items(owner)
    week_on = day - dt.timedelta(days=day.weekday())
    month_on = day.replace(day=1)
    done = _done_between(owner, min(week_on, month_on), day)
    paused_until = paused(owner, day)
    if paused_until:
        today = _paused_day(day, paused_until)
    else:
        handled = _seen_to(d for d in done if d.on == day)
        today = _today(owner, day, found, handled)
    passed = sum(month_on <= item.window.fades_on < day for item in found)
    kept = sum(d.on >= month_on for d in done)
    return TodayPage(
        today=today,
        week=_week(owner, day, week_on, found, done),
        kept=Kept(kept=kept, of=kept + passed),
        fresh_start=not paused_until and _offers_fresh_start(owner, day, found),
    )


def upcoming(
    owner: User, day: dt.date, *, days: int = UPCOMING_DAYS, initials: bool = False
) -> tuple[Ahead, ...]:
    """Return whom each of the next ``days`` days will show, from ``day`` on; empty days left out.

    What the mails of those days hold, if every day's people are seen to: the same choice as
    ``today_cards`` makes.  Days the owner does not write on pass their people on to the next.
    """
    plan = list(_ahead(owner, day, open_items(owner), _done_between(owner, day, day), days=days))
    refs = [item.ref for _on, items in plan for item in items]
    steps = steps_of(owner, refs, day, initials=initials)
    return tuple(Ahead(day=on, steps=_in_order(items, steps)) for on, items in plan)


def paused(owner: User, day: dt.date) -> dt.date | None:
    """Return the first day after the pause that holds ``day``, or None."""
    until = owner.paused_until
    return until if until and day < until else None


def _paused_day(day: dt.date, until: dt.date) -> Today:
    return Today(
        day=day, cards=(), also=(), also_count=0, next=None, paused_until=until, done_today=0
    )


def _today(
    owner: User,
    day: dt.date,
    found: Sequence[agenda.Item],
    handled: int,
    *,
    initials: bool = False,
) -> Today:
    chosen = agenda.choose(found, today=day, at_most=max(owner.daily_budget - handled, 0))
    taken = {item.contact_ref for item in chosen.shown}
    also = one_per_person(chosen.possible, besides=taken)
    coming = min(
        (item for item in found if item.window.opens_on > day),
        key=lambda item: (item.window.opens_on, -item.priority, item.ref),
        default=None,
    )
    wanted = [*chosen.shown, *also[:ALSO_AT_MOST], *((coming,) if coming else ())]
    steps = steps_of(owner, [item.ref for item in wanted], day, initials=initials)
    return Today(
        day=day,
        cards=_in_order(chosen.shown, steps),
        also=_in_order(also[:ALSO_AT_MOST], steps),
        also_count=len(also),
        next=steps.get(coming.ref) if coming else None,
        paused_until=None,
        done_today=handled,
    )


def _week(
    owner: User,
    day: dt.date,
    week_on: dt.date,
    found: Sequence[agenda.Item],
    done: Sequence[_Done],
) -> tuple[DayOfWeek, ...]:
    ahead = {on: len(shown) for on, shown in _ahead(owner, day, found, done, days=7)}
    strip = []
    for n in range(7):
        on = week_on + dt.timedelta(days=n)
        people = ahead.get(on, 0) if on >= day else _seen_to(d for d in done if d.on == on)
        strip.append(DayOfWeek(day=on, people=people, is_today=on == day, is_past=on < day))
    return tuple(strip)


BACKLOG_FROM = 3  # fewer past their window than this are no backlog


def _offers_fresh_start(owner: User, day: dt.date, found: Sequence[agenda.Item]) -> bool:
    """Whether to offer spreading what has gone by; the rows are asked only if something has."""
    if sum(item.window.fades_on < day for item in found) < BACKLOG_FROM:
        return False
    offered = Spread.objects.filter(owner=owner, kind=Spread.Kind.FRESH_START)
    logged = Interaction.objects.visible_to(owner).exclude(source=Interaction.Source.IMPORT)
    acts = [
        logged.aggregate(at=Max("created_at"))["at"],
        FollowUp.objects.visible_to(owner).aggregate(at=Max("deferred_at"))["at"],
    ]
    last_at = max((at for at in acts if at), default=None)
    made = offered.first()
    return offers_fresh_start(
        (item.window for item in found),
        today=day,
        last_seen_on=owner.day(last_at) if last_at else None,
        last_offered_on=owner.day(made.at) if made else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    contact: UUID
    on: dt.date


def _done_between(owner: User, first: dt.date, last: dt.date) -> list[_Done]:
    """Return the follow-ups that were done on these days, both included."""
    starts_at, ends_at = _moments(owner, first, last)
    rows = FollowUp.objects.visible_to(owner).filter(
        outcome=FollowUp.Outcome.DONE, closed_at__gte=starts_at, closed_at__lt=ends_at
    )
    return [
        _Done(contact=contact, on=owner.day(at))
        for contact, at in rows.values_list("contact_id", "closed_at")
        if at is not None
    ]


def _seen_to(done: Iterable[_Done]) -> int:
    """Return how many people that is; each took one of the places of its day."""
    return len({d.contact for d in done})


_ANY_WORD = frozenset(
    {
        cadence.Purpose.FIRST_CONTACT,
        cadence.Purpose.NURTURE,
        cadence.Purpose.REPLY,
        cadence.Purpose.NO_REPLY_2,
        cadence.Purpose.RESTING,
        cadence.Purpose.MET,
        cadence.Purpose.INTRODUCED,
        cadence.Purpose.THANK_INTRODUCER,
    }
)


def _ahead(
    owner: User,
    day: dt.date,
    found: Iterable[agenda.Item],
    done: Iterable[_Done],
    *,
    days: int,
) -> Iterator[tuple[dt.date, tuple[agenda.Item, ...]]]:
    """Choose day after day as ``today_cards`` will, each day's people seen to in turn.

    A word to somebody also answers whatever any word would: ordinary contact, thanks, a reply.
    """
    back_on = paused(owner, day) or day
    left = list(found)
    room = max(owner.daily_budget - _seen_to(d for d in done if d.on == day), 0)
    for n in range(days):
        on = day + dt.timedelta(days=n)
        if on < back_on or not (owner.writes_on(on) or on == day):
            continue
        may = [item for item in left if agenda.may_show(item, today=on)]
        shown = agenda.choose(may, today=on, at_most=room if on == day else owner.daily_budget)
        if shown.shown:
            yield on, shown.shown
            refs = {item.ref for item in shown.shown}
            people = {item.contact_ref for item in shown.shown}
            left = [
                item
                for item in left
                if item.ref not in refs
                and not (item.contact_ref in people and item.purpose in _ANY_WORD)
            ]


def _moments(owner: User, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return when ``first`` begins and ``last`` ends where the owner lives."""
    starts_at = dt.datetime.combine(first, dt.time(), tzinfo=owner.zone)
    return starts_at, dt.datetime.combine(last, dt.time(), tzinfo=owner.zone) + dt.timedelta(days=1)


def _in_order(items: Iterable[agenda.Item], steps: Mapping[str, Step]) -> tuple[Step, ...]:
    return tuple(steps[item.ref] for item in items if item.ref in steps)
