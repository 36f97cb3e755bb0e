"""Which people a day shows: Today, the days to come, the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from followups.engine import agenda, cadence
from followups.engine.spread import offers_fresh_start
from followups.selectors.reading import (
    ALSO_AT_MOST,
    DAYS,
    Reading,
    handled_on,
    monday,
    read,
)
from followups.selectors.steps import Step, one_per_person, open_items, steps_of

if TYPE_CHECKING:
    from netcrm.accounts.models import User

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
    return _today(owner, read(owner, day), initials=initials)


def today_page(owner: User, day: dt.date) -> TodayPage:
    """Return what the Today page shows, in a number of queries that does not grow with people."""
    found = read(owner, day)
    kept = sum(one.on >= day.replace(day=1) for one in found.done)
    return TodayPage(
        today=_today(owner, found),
        week=_week(owner, found),
        kept=Kept(kept=kept, of=kept + found.counts.faded_this_month),
        fresh_start=_offers_fresh_start(owner, found),
    )


def upcoming(
    owner: User, day: dt.date, *, days: int = UPCOMING_DAYS, initials: bool = False
) -> tuple[Ahead, ...]:
    """Return whom each of the next ``days`` days will show, from ``day`` on; empty days left out.

    What the mails of those days hold, if every day's people are seen to: the same choice as
    ``today_cards`` makes.  Days the owner does not write on pass their people on to the next.
    """
    handled = handled_on(owner, day)
    plan = list(_ahead(owner, day, open_items(owner), handled=handled, days=days))
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


def _today(owner: User, found: Reading, *, initials: bool = False) -> Today:
    day, handled = found.day, found.handled(found.day)
    if paused_until := paused(owner, day):
        return _paused_day(day, paused_until)
    chosen = agenda.choose(found.items, today=day, at_most=max(owner.daily_budget - handled, 0))
    taken = {item.contact_ref for item in chosen.shown}
    also = one_per_person(chosen.possible, besides=taken)[:ALSO_AT_MOST]
    coming = [found.coming] if found.coming else []
    steps = steps_of(
        owner, [item.ref for item in (*chosen.shown, *also, *coming)], day, initials=initials
    )
    return Today(
        day=day,
        cards=_in_order(chosen.shown, steps),
        also=_in_order(also, steps),
        also_count=found.counts.possible - len(taken),
        next=next(iter(_in_order(coming, steps)), None),
        paused_until=None,
        done_today=handled,
    )


def _week(owner: User, found: Reading) -> tuple[DayOfWeek, ...]:
    day, handled = found.day, found.handled(found.day)
    ahead = dict(_places(owner, day, handled=handled, days=DAYS))
    if found.whole:  # else there are more people than places
        chosen = _ahead(owner, day, found.items, handled=handled, days=DAYS)
        ahead = {on: len(items) for on, items in chosen}
    strip = []
    for n in range(DAYS):
        on = monday(day) + dt.timedelta(days=n)
        people = ahead.get(on, 0) if on >= day else found.handled(on)
        strip.append(DayOfWeek(day=on, people=people, is_today=on == day, is_past=on < day))
    return tuple(strip)


BACKLOG_FROM = 3  # fewer past their window than this are no backlog


def _offers_fresh_start(owner: User, found: Reading) -> bool:
    day, gone_by = found.day, found.counts.faded
    if gone_by < BACKLOG_FROM or paused(owner, day):
        return False
    return offers_fresh_start(
        gone_by=gone_by,
        of=found.counts.rows,
        today=day,
        last_seen_on=found.last_seen_on,
        last_offered_on=found.last_offered_on,
    )


_ANY_WORD = frozenset(
    {
        cadence.Purpose.FIRST_CONTACT,
        cadence.Purpose.NURTURE,
        cadence.Purpose.RECONNECT,
        cadence.Purpose.REPLY,
        cadence.Purpose.NO_REPLY_2,
        cadence.Purpose.RESTING,
        cadence.Purpose.MET,
        cadence.Purpose.INTRODUCED,
        cadence.Purpose.THANK_INTRODUCER,
    }
)


def _places(owner: User, day: dt.date, *, handled: int, days: int) -> Iterator[tuple[dt.date, int]]:
    """Return how many people each day that is written on has room for, ``day`` always."""
    back_on = paused(owner, day) or day
    for n in range(days):
        on = day + dt.timedelta(days=n)
        if on >= back_on and (on == day or owner.writes_on(on)):
            yield on, max(owner.daily_budget - handled, 0) if on == day else owner.daily_budget


def _ahead(
    owner: User, day: dt.date, found: Iterable[agenda.Item], *, handled: int, days: int
) -> Iterator[tuple[dt.date, tuple[agenda.Item, ...]]]:
    """Choose day after day as ``today_cards`` will, each day's people seen to in turn.

    A word to somebody also answers whatever any word would: ordinary contact, thanks, a reply.
    """
    last_on = day + dt.timedelta(days=days - 1)
    left = [item for item in found if agenda.called_by(item, day=last_on)]
    for on, places in _places(owner, day, handled=handled, days=days):
        may = [item for item in left if agenda.may_show(item, today=on)]
        shown = agenda.choose(may, today=on, at_most=places)
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


def _in_order(items: Iterable[agenda.Item], steps: Mapping[str, Step]) -> tuple[Step, ...]:
    return tuple(steps[item.ref] for item in items if item.ref in steps)
