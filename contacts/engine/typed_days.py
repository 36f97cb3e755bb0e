"""Days as people type them in passing: ``2w``, ``fri``, ``10 Jan``, ``yesterday``."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from contacts.engine.days import MONTHS
from contacts.engine.names import fold

WEEKDAYS = {
    word: number
    for number, words in enumerate(
        ("mon monday", "tue tues tuesday", "wed weds wednesday", "thu thur thurs thursday",
         "fri friday", "sat saturday", "sun sunday")
    )
    for word in words.split()
}  # fmt: skip


_SPAN = re.compile(r"(\d{1,3})\s?(d|days?|w|wks?|weeks?|m|mo|mos|mth|mths|months?|y|yrs?|years?)")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_AGO = re.compile(r"days?|weeks?|months?|years?")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?")
_YEARS_AHEAD = 5


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_to_come(words: Sequence[str], today: date) -> tuple[date, int] | None:
    """Read a day to come from the words behind ``>``; with how many words it took.

    ``2w``, ``3 days``, ``fri``, ``next week``, ``tomorrow``, ``10 Jan``, ``Jan 10 2027``,
    ``2027-01-10``, ``jan``.  A weekday is the next one after today; a day of the year the next
    to come.  Days past, and more than five years ahead, are not read.
    """
    try:
        found = _to_come([word.lower() for word in words[:4]], today)
        if found is None or not today <= found[0] <= _add_months(today, 12 * _YEARS_AHEAD):
            return None
    except (ValueError, OverflowError):
        return None
    return found


def _to_come(words: list[str], today: date) -> tuple[date, int] | None:
    if not words:
        return None
    first, second = words[0], words[1] if len(words) > 1 else ""
    if second and (span := _SPAN.fullmatch(f"{first} {second}")):
        return _ahead(int(span[1]), span[2], today), 2
    if span := _SPAN.fullmatch(first):
        return _ahead(int(span[1]), span[2], today), 1
    if iso := _ISO.fullmatch(first):
        return date(int(iso[1]), int(iso[2]), int(iso[3])), 1
    if first in ("today", "now"):
        return today, 1
    if first in ("tomorrow", "tmrw", "tomorow"):
        return today + timedelta(days=1), 1
    if first == "next" and second:
        if second in ("week", "wk"):
            return today + timedelta(days=7 - today.weekday()), 2
        if second == "month":
            return _add_months(today.replace(day=1), 1), 2
        if second == "year":
            return date(today.year + 1, 1, 1), 2
        if second in WEEKDAYS:
            return _weekday_after(WEEKDAYS[second], today), 2
    if first in ("on", "in", "after", "from", "this", "the") and second:
        inner = _to_come(words[1:], today)
        return (inner[0], inner[1] + 1) if inner else None
    if first in WEEKDAYS:
        return _weekday_after(WEEKDAYS[first], today), 1
    return _day_and_month(words, today)


def _ahead(count: int, unit: str, today: date) -> date:
    if unit[0] == "d":
        return today + timedelta(days=count)
    if unit[0] == "w":
        return today + timedelta(weeks=count)
    return _add_months(today, count if unit[0] == "m" else 12 * count)


def _weekday_after(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _day_and_month(words: list[str], today: date) -> tuple[date, int] | None:
    first, second, third = [*words, "", ""][:3]
    day, month = _ORDINAL.fullmatch(first), MONTHS.get(fold(second), 0)
    taken = 2
    if not (day and month):
        month, day = MONTHS.get(fold(first), 0), _ORDINAL.fullmatch(second)
    if not month:
        return None
    if not day:
        day_number, taken = 1, 1
        third = second
    else:
        day_number = int(day[1])
    if re.fullmatch(r"20\d\d", third):
        return date(int(third), month, day_number), taken + 1
    for year in range(today.year, today.year + 9):
        if day_number <= monthrange(year, month)[1] and date(year, month, day_number) >= today:
            return date(year, month, day_number), taken
    return None


def day_gone_by(words: Sequence[str], today: date) -> tuple[date, int] | None:
    """Read a day gone by from these words, with how many words it took.

    ``yesterday``, ``on monday``, ``last friday``, ``2 days ago``, ``on 10 Jan``, ``2026-11-02``.
    "On Monday" said on a Monday is today; "last Monday" is a week before.
    """
    try:
        return _gone_by([fold(word) for word in words[:3]], list(words), today)
    except (ValueError, OverflowError):
        return None


_SMALL_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def _gone_by(folded: list[str], words: list[str], today: date) -> tuple[date, int] | None:
    first, second, third = [*folded, "", "", ""][:3]
    if first in ("today", "tonight"):
        return today, 1
    if first == "this" and second in ("morning", "afternoon", "evening"):
        return today, 2
    if first == "yesterday":
        return today - timedelta(days=1), 1
    if first == "last":
        back = {"night": 1, "week": 7}.get(second)
        if second in WEEKDAYS:
            back = (today.weekday() - WEEKDAYS[second] - 1) % 7 + 1
        return (today - timedelta(days=back), 2) if back else None
    if third == "ago":
        count = _SMALL_NUMBERS.get(first) or (int(first) if re.fullmatch(r"\d{1,3}", first) else 0)
        unit = _AGO.fullmatch(second)
        return (_ahead(-count, unit[0], today), 3) if count and unit else None
    if first in ("on", "this") and second in WEEKDAYS:
        return today - timedelta(days=(today.weekday() - WEEKDAYS[second]) % 7), 2
    if first in WEEKDAYS and len(first) > 3:
        return today - timedelta(days=(today.weekday() - WEEKDAYS[first]) % 7), 1
    taken = 1 if first != "on" else 2
    if len(words) >= taken and (iso := _ISO.fullmatch(words[taken - 1])):
        return _past(int(iso[1]), int(iso[2]), int(iso[3]), today, taken)
    return _past_day_and_month(second, third, today) if first == "on" else None


def _past_day_and_month(second: str, third: str, today: date) -> tuple[date, int] | None:
    for day, month in ((second, third), (third, second)):
        number = _ORDINAL.fullmatch(day)
        if number and month in MONTHS:
            this_year = _past(today.year, MONTHS[month], int(number[1]), today, 3)
            return this_year or _past(today.year - 1, MONTHS[month], int(number[1]), today, 3)
    return None


def _past(year: int, month: int, day: int, today: date, taken: int) -> tuple[date, int] | None:
    try:
        on = date(year, month, day)
    except ValueError:
        return None
    return (on, taken) if on <= today else None
