"""When a mail is due: by the wall clock where its reader lives.

A mail belongs to a local calendar day, never to a UTC instant, so a day has one mail
whatever the clocks do.  A time that a spring change skips is read with the offset before
the change (02:30 becomes 03:30), a time that an autumn change repeats means its first
occurrence: RFC 5545, section 3.3.5, which is ``fold=0`` of :pep:`495`.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
LOOK_AHEAD = 400  # days; longer than a year, so a yearly free day cannot hide the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The days and the wall-clock time on which somebody wants one kind of mail."""

    zone: ZoneInfo
    send_at: time
    weekdays: frozenset[int]  # Monday is 0
    free: Container[date] = ()  # days left out, such as public holidays

    def __post_init__(self) -> None:
        if not self.weekdays <= set(range(7)):
            raise ValueError(f"weekdays is {sorted(self.weekdays)}, expected 0 to 6")
        if self.send_at.tzinfo is not None:
            raise ValueError(f"send_at is {self.send_at!r}, expected a time without a zone")

    def moment(self, day: date) -> datetime:
        """The instant (UTC) at which the mail of ``day`` is due."""
        return wall_clock(day, self.send_at, self.zone)

    def wants(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.free and self._has(day)

    def _has(self, day: date) -> bool:
        """Whether ``day`` exists there: Samoa had no 30 December 2011."""
        noon = datetime.combine(day, time(12), tzinfo=self.zone)
        return noon.astimezone(UTC).astimezone(self.zone).date() == day


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One mail of a timetable: the local day it is meant for, and when it is due (UTC)."""

    day: date
    at: datetime


def wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) when clocks in ``zone`` show ``at`` on ``day``."""
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def turns_after(table: Timetable, day: date) -> Iterator[Turn]:
    """Every turn after ``day``, in order, as far as ``LOOK_AHEAD`` days ahead."""
    for ahead in range(1, LOOK_AHEAD + 1):
        candidate = day + ONE_DAY * ahead
        if table.wants(candidate):
            yield Turn(day=candidate, at=table.moment(candidate))


def first_turn(table: Timetable, *, now: datetime) -> Turn | None:
    """The first turn of somebody new: strictly after ``now``; None when no day is wanted."""
    yesterday = now.astimezone(table.zone).date() - ONE_DAY
    return next((turn for turn in turns_after(table, yesterday) if turn.at > now), None)


def missed_turns(table: Timetable, *, owed_on: date, now: datetime) -> list[Turn]:
    """Turns from ``owed_on`` whose moment has come by ``now``, oldest first.

    Looks back ``LOOK_AHEAD`` days at most: what is older has no reader.
    """
    oldest = now.astimezone(table.zone).date() - ONE_DAY * (LOOK_AHEAD - 2)
    turns: list[Turn] = []
    for turn in turns_after(table, max(owed_on, oldest) - ONE_DAY):
        if turn.at > now:
            break
        turns.append(turn)
    return turns


def turn_after_change(
    table: Timetable, *, last_on: date | None, owed_on: date, now: datetime
) -> Turn | None:
    """The next turn once the reader changed zone, hour or days, or the zone data changed.

    No day is doubled and none is dropped: a day that has had its mail (``last_on``) is
    over, and today's mail that was still owed under the old timetable goes at once when
    the new hour has already passed.

    Args:
        last_on: the last local day that had a turn.
        owed_on: the day the old timetable owed next.
    """
    today = now.astimezone(table.zone).date()
    if owed_on <= today and table.wants(today) and (last_on is None or last_on < today):
        return Turn(day=today, at=max(table.moment(today), now))
    after = max(last_on or today - ONE_DAY, today - ONE_DAY)
    return next((turn for turn in turns_after(table, after) if turn.at > now), None)
