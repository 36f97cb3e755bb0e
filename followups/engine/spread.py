"""Giving many people their days without giving anyone too many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from followups.engine.business_days import BusinessCalendar
from followups.engine.values import Window, plus

# A fresh start is offered when more than this share of the windows has gone by …
PAST_SHARE = 0.6
# … or the owner was away so many days; and not again for so many.
AWAY_DAYS = 14
OFFER_AGAIN_DAYS = 30
# Weeks over which windows are spread after a pause.
RETURN_WEEKS = 2


def start_days(
    waiting: Sequence[str],
    *,
    from_on: date,
    per_day: int,
    taken: Mapping[date, int] | None = None,
    calendar: BusinessCalendar | None = None,
) -> dict[str, date]:
    """Give people who were never contacted the day to start with each.

    Args:
        waiting: refs, most important first.
        from_on: the first day that may be given.
        per_day: how many may start on one day; below 1 counts as 1, so nobody waits for ever.
        taken: starts that days already have, so that a later import joins the queue.
        calendar: the days the owner writes on; Monday to Friday without holidays by default.
    """
    days = calendar or BusinessCalendar()
    used = dict(taken or {})
    most = max(per_day, 1)
    given: dict[str, date] = {}
    day = days.on_or_after(from_on)
    for ref in waiting:
        while used.get(day, 0) >= most and day < date.max:
            day = days.on_or_after(plus(day, 1))
        used[day] = used.get(day, 0) + 1
        given[ref] = day
    return given


def respread(
    items: Sequence[str],
    *,
    from_on: date,
    weeks: int,
    per_day: int,
    calendar: BusinessCalendar | None = None,
) -> dict[str, date]:
    """Give each item (most important first) a day in the coming weeks, as evenly as they fit.

    When there are more than ``per_day`` for each day, the weeks run on rather than the days fill.
    """
    days = calendar or BusinessCalendar()
    span = sum(1 for n in range(max(weeks, 1) * 7) if days.is_business_day(plus(from_on, n)))
    share = -(-len(items) // max(span, 1))
    return start_days(
        items, from_on=from_on, per_day=min(max(share, 1), max(per_day, 1)), calendar=calendar
    )


def offers_fresh_start(
    *,
    gone_by: int,
    of: int,
    today: date,
    last_seen_on: date | None,
    last_offered_on: date | None,
) -> bool:
    """Whether to offer spreading what has gone by over the coming weeks (R9).

    ``gone_by`` of the ``of`` open windows have faded; ``last_seen_on`` is the last day the owner
    did anything here.
    """
    if last_offered_on is not None and (today - last_offered_on).days < OFFER_AGAIN_DAYS:
        return False
    if not of:
        return False
    away = last_seen_on is not None and (today - last_seen_on).days >= AWAY_DAYS
    return gone_by > PAST_SHARE * of or away


class Later(StrEnum):
    """What the owner means by "later" (ux.md 2.2): a meaning, not a number of days."""

    TOMORROW = "tomorrow"
    BEST = "best"  # when the window is best
    THEIR_DATE = "their_date"  # they told me when
    ANSWER = "answer"  # when they answer
    PARK = "park"  # not for now at all


# Business days an answer is waited for before the card comes back on its own; craft (3B7).
ANSWER_BUSINESS_DAYS = 7


def later_until(
    meaning: Later,
    *,
    window: Window,
    today: date,
    their_on: date | None = None,
    put_off_until: date | None = None,
    calendar: BusinessCalendar | None = None,
) -> date | None:
    """Return the first day to show it again; None parks the person.

    Always after today, and never before a day it was already put off to: putting off twice is
    putting off to the later day.

    Raises:
        ValueError: ``THEIR_DATE`` without the date they gave.
    """
    days = calendar or BusinessCalendar()
    tomorrow = days.on_or_after(plus(today, 1))
    if meaning is Later.PARK:
        return None
    if meaning is Later.THEIR_DATE:
        if their_on is None:
            raise ValueError("their_on is None, expected the day they gave")
        day = their_on
    elif meaning is Later.BEST:
        day = window.best_on
    elif meaning is Later.ANSWER:
        day = days.after(today, ANSWER_BUSINESS_DAYS)
    else:
        day = tomorrow
    floor = plus(today, 1) if meaning is Later.THEIR_DATE else tomorrow
    return max(day, floor, put_off_until or floor)


@dataclass(frozen=True, slots=True, kw_only=True)
class TooSoon:
    """What to say to somebody about to write before the window opens; going on is possible."""

    opens_on: date
    last_on: date | None
    last_ref: str  # the row of the last contact, by whatever way
    code: str  # the reason for the date


def too_soon(
    window: Window | None, *, today: date, last_on: date | None, last_ref: str = ""
) -> TooSoon | None:
    """Return the guard before writing or asking (R5), or None when the window is open.

    ``last_on`` is the last contact over all channels. Without a window (parked, or not to be
    contacted) there is no date to wait for, so there is no guard either.
    """
    if window is None or today >= window.opens_on:
        return None
    return TooSoon(
        opens_on=window.opens_on,
        last_on=last_on,
        last_ref=last_ref,
        code=window.reasons[0].code,
    )
