"""Rhythms, business days and birthdays at the edges of the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.engine.birthdays import LATE_DAYS, Birthday, birthday_window
from followups.engine.business_days import BusinessCalendar, Span, past_spans
from followups.engine.rules import Rhythm

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


# Rhythms


def test_monthly_on_the_31st_gives_each_months_last_day():
    monthly = Rhythm(every_months=1, on_day=31)
    days = [date(2027, 1, 31)]
    for _ in range(4):
        days.append(monthly.next_after(days[-1]))
    assert [day.day for day in days] == [31, 28, 31, 30, 31]


def test_a_contact_a_few_days_early_does_not_count_twice():
    monthly = Rhythm(every_months=1, on_day=31)
    assert monthly.next_after(date(2027, 3, 29)) == date(2027, 4, 30)
    assert monthly.next_after(date(2027, 3, 3)) == date(2027, 3, 31)


def test_months_without_a_day_keep_the_day_of_the_last_contact():
    assert Rhythm(every_months=3).next_after(date(2026, 11, 30)) == date(2027, 2, 28)


def test_days_count_from_the_last_contact():
    assert Rhythm(best_days=10).next_after(MONDAY) == MONDAY + 10 * DAY


@pytest.mark.parametrize("wrong", [{}, {"best_days": 3, "every_months": 1}, {"best_days": -1}])
def test_a_rhythm_is_in_days_or_in_months(wrong):
    with pytest.raises(ValueError, match="exactly one"):
        Rhythm(**wrong)


def test_the_spans_not_given_keep_the_usual_shape():
    days = Rhythm(best_days=30, fades_days=40).days_round(30)
    assert (days.opens, days.best, days.fades, days.quiet) == (20, 30, 40, 67)


# Business days


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (MONDAY, 0, MONDAY),
        (MONDAY, 5, date(2026, 3, 9)),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),
        (date(2026, 3, 7), 1, date(2026, 3, 9)),
        (date(2026, 3, 8), 0, date(2026, 3, 8)),
    ],
)
def test_weekends_are_not_business_days(start, count, end):
    assert BusinessCalendar().after(start, count) == end


def test_holidays_are_not_business_days_either_way():
    calendar = BusinessCalendar(holidays=frozenset({date(2026, 3, 3)}))
    assert calendar.after(MONDAY, 1) == date(2026, 3, 4)
    assert calendar.before(date(2026, 3, 4), 1) == MONDAY


@given(
    day=st.dates(),
    count=st.integers(0, 60),
    holidays=st.frozensets(st.dates(), max_size=4),
    weekdays=st.frozensets(st.integers(0, 6)),
)
def test_counting_skips_exactly_the_days_that_do_not_count(day, count, holidays, weekdays):
    calendar = BusinessCalendar(holidays=holidays, weekdays=weekdays)
    end = calendar.after(day, count)
    between = (end - day).days
    worked = sum(calendar.is_business_day(day + n * DAY) for n in range(1, between + 1))
    assert worked == count or end == date.max


def test_a_busy_season_is_skipped_whole():
    busy = (
        Span(first_on=MONDAY, last_on=MONDAY + 9 * DAY),
        Span(first_on=MONDAY + 10 * DAY, last_on=MONDAY + 11 * DAY),
    )
    assert past_spans(MONDAY - DAY, busy) == MONDAY - DAY
    assert past_spans(MONDAY, busy) == MONDAY + 12 * DAY


# Birthdays


def test_the_29th_of_february_is_kept_on_the_28th_in_other_years():
    birthday = Birthday(month=2, day=29)
    assert birthday.next_on(date(2027, 1, 1)) == date(2027, 2, 28)
    assert birthday.next_on(date(2028, 1, 1)) == date(2028, 2, 29)


def test_a_birthday_is_noticed_from_its_lead_time_to_a_few_days_after():
    birthday = Birthday(month=3, day=10, lead_days=3, year=1980, ref="c1")
    window = birthday_window(birthday, today=MONDAY)
    assert window.opens_on == date(2026, 3, 7)
    assert window.best_on == window.fades_on == date(2026, 3, 10)
    assert window.reasons[0].facts == {"date": date(2026, 3, 10), "age": 46, "contact_ref": "c1"}
    last = date(2026, 3, 10) + LATE_DAYS * DAY
    assert birthday_window(birthday, today=last).best_on == date(2026, 3, 10)
    assert birthday_window(birthday, today=last + DAY).best_on == date(2027, 3, 10)


def test_one_notice_per_birthday():
    birthday = Birthday(month=3, day=10, lead_days=3)
    wrote = frozenset({date(2026, 3, 8)})
    assert birthday_window(birthday, today=date(2026, 3, 9), touched=wrote).best_on.year == 2027
    too_early = frozenset({date(2026, 3, 6)})
    assert birthday_window(birthday, today=date(2026, 3, 9), touched=too_early).best_on.year == 2026


def test_a_day_no_month_has_is_never_kept():
    assert birthday_window(Birthday(month=2, day=31), today=MONDAY) is None


@given(
    month=st.integers(-1, 14),
    day=st.integers(-1, 33),
    year=st.none() | st.integers(1, 9999),
    lead=st.integers(-5, 400),
    today=st.dates(),
)
def test_any_birthday_on_any_day_has_a_window_in_order_or_none(month, day, year, lead, today):
    window = birthday_window(Birthday(month=month, day=day, year=year, lead_days=lead), today=today)
    if window is not None:
        assert window.opens_on <= window.best_on <= window.fades_on <= window.quiet_on
        assert window.quiet_on >= today
