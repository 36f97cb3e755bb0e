"""Business days: Monday to Friday, without the holidays the caller names."""

from __future__ import annotations

from collections.abc import Set
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def is_business_day(day: date, holidays: Set[date] = frozenset()) -> bool:
    return day.weekday() < 5 and day not in holidays


def add_business_days(day: date, count: int, holidays: Set[date] = frozenset()) -> date:
    """The ``count``-th business day after ``day``; ``day`` itself for 0, working day or not.

    Raises:
        ValueError: ``count`` is negative.
        OverflowError: the answer lies beyond ``date.max``.
    """
    if count < 0:
        raise ValueError(f"count is {count}, expected at least 0")
    while count:
        day += ONE_DAY
        count -= is_business_day(day, holidays)
    return day
