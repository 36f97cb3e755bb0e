"""Which few people a day shows, and in what order.

The order is that of ux.md 2.2: promises and courtesies of a day; windows closing; loops to close;
people on their best day, one place kept for weak ties; one give. One card per person, no more than
the daily number, and nothing before the day it was put off to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from followups.engine.values import Purpose, Ring, State, Window, plus

DAILY_NUMBER = 5
# A window is closing from this many days before it fades.
CLOSING_DAYS = 3


class Tier(IntEnum):
    """The groups of a day, first to last."""

    PROMISED = 0
    CLOSING = 1
    LOOP = 2
    BEST = 3
    GIVE = 4
    POSSIBLE = 5  # open, but not its day yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An open follow-up, as the day sees it."""

    ref: str
    contact_ref: str
    purpose: Purpose
    window: Window
    priority: float = 0.0
    ring: Ring = Ring.B
    deferred_until: date | None = None

    def state_on(self, day: date) -> State:
        """Return where things stand with the person; a turn does not make a good window."""
        state = self.window.state_on(day)
        return State.QUIET if self.purpose is Purpose.RECONNECT and state is State.GOOD else state


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day shows, in order, and what is also possible."""

    shown: tuple[Item, ...]
    possible: tuple[Item, ...]


PROMISED = frozenset(
    {
        Purpose.PROMISE,
        Purpose.INTRODUCED,
        Purpose.MET,
        Purpose.REPLY,
        Purpose.THANK_INTRODUCER,
        Purpose.MEETING_SET,
        Purpose.ACT_ON_LEAD,
        Purpose.BIRTHDAY,
    }
)
LOOPS = frozenset(
    {
        Purpose.LOOP_INTRODUCER_1,
        Purpose.OUTCOME,
        Purpose.PROGRESS,
        Purpose.LANDED,
        Purpose.SETTLED,
        Purpose.INTRO_WANTED,
    }
)


def tier_of(item: Item, *, today: date) -> Tier:
    """Return the group an item that may be shown belongs to on ``today``."""
    if item.purpose in PROMISED:
        return Tier.PROMISED
    if item.purpose is Purpose.GIVE:
        return Tier.GIVE
    if today < item.window.best_on:
        return Tier.POSSIBLE
    if item.purpose is Purpose.RECONNECT:  # its last day is the week's, and no window closes
        return Tier.BEST
    if item.purpose in LOOPS:
        return Tier.LOOP
    if plus(item.window.fades_on, -CLOSING_DAYS) <= today:
        return Tier.CLOSING
    return Tier.BEST


def may_show(item: Item, *, today: date) -> bool:
    """Whether its day has come and not gone: opened, not put off, not quiet."""
    if item.deferred_until is not None and today < item.deferred_until:
        return False
    return item.window.opens_on <= today and (
        item.purpose is Purpose.PROMISE or item.window.state_on(today) is not State.QUIET
    )


def called_by(item: Item, *, day: date) -> bool:
    """Whether ``choose`` can show it by ``day``, and not only name it as possible."""
    return (
        item.window.opens_on <= day
        and (item.deferred_until is None or item.deferred_until <= day)
        and (item.window.best_on <= day or item.purpose in PROMISED or item.purpose is Purpose.GIVE)
    )


def choose(items: Iterable[Item], *, today: date, at_most: int = DAILY_NUMBER) -> Day:
    """Return the day's list: at most ``at_most`` people, and the rest that could be reached.

    The same items give the same list in whatever order they come.
    """
    ranked = sorted(
        (
            (tier_of(item, today=today), -item.priority, item.window.fades_on, item.ref, item)
            for item in items
            if may_show(item, today=today)
        ),
        key=lambda one: one[:4],
    )
    people: set[str] = set()
    called: list[Item] = []
    gives: list[Item] = []
    for tier, _priority, _fades_on, _ref, item in ranked:
        if item.contact_ref not in people:
            people.add(item.contact_ref)
            if tier < Tier.GIVE:
                called.append(item)
            elif tier is Tier.GIVE:
                gives.append(item)
    shown = called[:at_most]
    shown = _with_weak_tie(shown, called[at_most:], at_most=at_most, today=today)
    shown += gives[: 1 if len(shown) < at_most else 0]
    taken = {item.ref for item in shown}
    possible = [item for *_order, item in ranked if item.ref not in taken]
    return Day(shown=tuple(shown), possible=tuple(possible))


def _with_weak_tie(
    shown: list[Item], waiting: list[Item], *, at_most: int, today: date
) -> list[Item]:
    """Keep one of the places for a weak tie, unless promises and courtesies fill the day."""
    if at_most < 2 or any(item.ring is Ring.C for item in shown):
        return shown
    weak = next((item for item in waiting if item.ring is Ring.C), None)
    if weak is None or tier_of(shown[-1], today=today) is Tier.PROMISED:
        return shown
    return [*shown[:-1], weak]
