"""Counting days on which people answer: not weekends, not public holidays."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from followups.engine.values import plus

_ALL_WEEK = frozenset(range(7))
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """The weekdays and holidays of one country; Monday is 0.

    A calendar without a single working weekday counts every day, so nothing waits for ever.
    """

    holidays: Container[date] = frozenset()
    weekdays: frozenset[int] = frozenset(range(5))

    def is_business_day(self, day: date) -> bool:
        return day.weekday() in (self.weekdays & _ALL_WEEK or _ALL_WEEK) and (
            day not in self.holidays
        )

    def after(self, day: date, business_days: int) -> date:
        """Return the day ``business_days`` business days after ``day``; 0 is the day itself."""
        for _ in range(business_days):
            if day == date.max:
                break
            day = self.on_or_after(day + _ONE_DAY)
        return day

    def before(self, day: date, business_days: int) -> date:
        """Return the day ``business_days`` business days before ``day``; 0 is the day itself."""
        for _ in range(business_days):
            if day == date.min:
                break
            day = self.on_or_before(day - _ONE_DAY)
        return day

    def on_or_after(self, day: date) -> date:
        weekdays, holidays = self.weekdays & _ALL_WEEK or _ALL_WEEK, self.holidays
        while (day.weekday() not in weekdays or day in holidays) and day < date.max:
            day += _ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        while not self.is_business_day(day) and day > date.min:
            day -= _ONE_DAY
        return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from ``first_on`` to ``last_on``, both included; empty when they are crossed."""

    first_on: date
    last_on: date


def past_spans(day: date, spans: Iterable[Span]) -> date:
    """Return the first day on or after ``day`` that lies in none of ``spans``."""
    for span in sorted(spans, key=lambda span: span.first_on):
        if span.first_on <= day <= span.last_on:
            day = plus(span.last_on, 1)
    return day
