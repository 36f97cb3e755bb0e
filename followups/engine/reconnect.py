"""Coming back to people gone quiet: three a week, never the whole list (ux.md 2.2).

Source: docs/decisions/0102-three-gone-quiet-a-week.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from followups.engine.values import plus

PEOPLE_A_WEEK = 3
# Days until somebody who was left alone is brought up before others once more; a prior.
AGAIN_AFTER_DAYS = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Somebody whose window has passed, as far as their turn follows from it."""

    ref: str
    trust: int  # the step, 0 to 5
    gives: int  # ideas of something to give that meet their own words
    last_on: date  # the last contact
    brought_up_on: date | None = None  # the last time they had a turn


def week_on(day: date) -> date:
    """Return the Monday of the week that turns are given for on ``day``.

    On a Sunday that is tomorrow, so that Monday's mail and Monday's page know them already.
    """
    tomorrow = plus(day, 1)
    return plus(tomorrow, -tomorrow.weekday())


def in_turn(people: Iterable[Quiet], *, today: date) -> tuple[str, ...]:
    """Return who comes first: most trust, then most to give, then the longest silence.

    Whoever had a turn within ``AGAIN_AFTER_DAYS`` stands behind everybody who had none. The same
    people give the same order in whatever order they come.
    """

    def place(one: Quiet) -> tuple[bool, int, int, date, str]:
        before = one.brought_up_on
        lately = before is not None and (today - before).days < AGAIN_AFTER_DAYS
        return lately, -one.trust, -one.gives, one.last_on, one.ref

    return tuple(one.ref for one in sorted(people, key=place))
