"""Birthdays, with or without a year, in leap years and out of them."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date

from followups.engine.values import Fact, Reason, Rule, State, Window, plus

# Days a late word is still kind.
LATE_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A day of the year. 29 February is kept on 28 February in years without one."""

    month: int  # 1 to 12
    day: int  # 1 to 31
    year: int | None = None
    lead_days: int = 0  # days ahead the owner wants to know
    ref: str = ""

    def in_year(self, year: int) -> date | None:
        """Return the day it is kept in ``year``; None for a day that no month has."""
        day = 28 if (self.month, self.day) == (2, 29) and not isleap(year) else self.day
        try:
            return date(year, self.month, day)
        except ValueError:
            return None

    def next_on(self, day: date) -> date | None:
        """Return the first time it is kept on or after ``day``, up to the year 9999."""
        for year in range(day.year, min(day.year + 2, date.max.year + 1)):
            kept = self.in_year(year)
            if kept is not None and kept >= day and (self.year is None or year >= self.year):
                return kept
        return None


def birthday_window(
    birthday: Birthday, *, today: date, touched: frozenset[date] = frozenset()
) -> Window | None:
    """Return the window of the current or next birthday: one notice for each.

    A day on which the owner reached out, from the lead time on, counts as done for that birthday.
    """
    lead = max(birthday.lead_days, 0)
    kept = birthday.next_on(plus(today, -LATE_DAYS))
    if kept is not None and any(plus(kept, -lead) <= day <= today for day in touched):
        kept = birthday.next_on(plus(kept, 1))
    if kept is None:
        return None
    facts: dict[str, Fact] = {"date": kept}
    if birthday.year:
        facts["age"] = kept.year - birthday.year
    if birthday.ref:
        facts["contact_ref"] = birthday.ref
    made = Window(
        opens_on=plus(kept, -lead),
        best_on=kept,
        fades_on=kept,
        quiet_on=plus(kept, LATE_DAYS),
        state=State.GOOD,
        rule=Rule.COURTESY,
        reasons=(
            Reason(code="date.birthday", rule=Rule.COURTESY, facts=facts, setting="birthday"),
        ),
    )
    return made.today(today)
