"""Spreading starts, pauses and fresh starts; putting off; the guard before writing."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.engine.business_days import BusinessCalendar
from followups.engine.spread import (
    Later,
    later_until,
    offers_fresh_start,
    respread,
    start_days,
    too_soon,
)
from followups.engine.values import Reason, Rule, State, Window

MONDAY = date(2026, 3, 2)
FRIDAY = date(2026, 3, 6)
DAY = timedelta(days=1)


def window(opens: int = -5, best: int = 0, fades: int = 10, quiet: int = 20) -> Window:
    """A window whose days are counted from Monday."""
    return Window(
        opens_on=MONDAY + opens * DAY,
        best_on=MONDAY + best * DAY,
        fades_on=MONDAY + fades * DAY,
        quiet_on=MONDAY + quiet * DAY,
        state=State.GOOD,
        rule=Rule.ENGINE,
        reasons=(Reason(code="date.window_best", rule=Rule.ENGINE),),
    )


def test_five_hundred_new_people_start_five_a_writing_day():
    people = [str(n) for n in range(500)]
    given_days = start_days(people, from_on=MONDAY, per_day=5)
    a_day = Counter(given_days.values())
    assert set(given_days) == set(people)
    assert set(a_day.values()) == {5}
    assert all(day.weekday() < 5 for day in a_day)
    assert min(a_day) == MONDAY
    assert max(a_day) == MONDAY + 137 * DAY  # the hundredth weekday


def test_a_later_import_joins_the_queue():
    first = start_days(["a", "b", "c"], from_on=MONDAY, per_day=2)
    later = start_days(["d", "e"], from_on=MONDAY, per_day=2, taken=Counter(first.values()))
    assert later == {"d": MONDAY + DAY, "e": MONDAY + 2 * DAY}


def test_the_most_important_start_first():
    given_days = start_days(["first", "second"], from_on=MONDAY, per_day=1)
    assert given_days["first"] < given_days["second"]


@given(
    count=st.integers(0, 200),
    per_day=st.integers(-1, 9),
    from_on=st.dates(),
    holidays=st.frozensets(st.dates(), max_size=3),
)
def test_nobody_is_forgotten_and_no_day_is_overfilled(count, per_day, from_on, holidays):
    calendar = BusinessCalendar(holidays=holidays)
    given_days = start_days(
        [str(n) for n in range(count)], from_on=from_on, per_day=per_day, calendar=calendar
    )
    assert len(given_days) == count
    for day, people in Counter(given_days.values()).items():
        assert day >= from_on
        assert people <= max(per_day, 1) or day == date.max


def test_after_a_pause_thirty_people_come_back_over_two_weeks():
    back = respread([str(n) for n in range(30)], from_on=MONDAY, weeks=2, per_day=5)
    a_day = Counter(back.values())
    assert set(a_day.values()) == {3}
    assert len(a_day) == 10


def test_more_people_than_fit_run_on_instead_of_filling_the_days():
    back = respread([str(n) for n in range(100)], from_on=MONDAY, weeks=1, per_day=5)
    assert set(Counter(back.values()).values()) == {5}
    assert len(set(back.values())) == 20


OPEN = window()


@pytest.mark.parametrize(
    ("gone_by", "open_ones", "away_days", "offered_days_ago", "offered"),
    [
        pytest.param(7, 3, 0, None, True, id="seven of ten gone by"),
        pytest.param(6, 4, 0, None, False, id="six of ten are not more than 60 percent"),
        pytest.param(0, 4, 14, None, True, id="away for fourteen days"),
        pytest.param(0, 4, 13, None, False, id="away for thirteen days"),
        pytest.param(9, 1, 30, 29, False, id="offered 29 days ago"),
        pytest.param(9, 1, 30, 30, True, id="offered 30 days ago"),
        pytest.param(0, 0, 30, None, False, id="nothing to spread"),
    ],
)
def test_when_a_fresh_start_is_offered(gone_by, open_ones, away_days, offered_days_ago, offered):
    assert (
        offers_fresh_start(
            gone_by=gone_by,
            of=gone_by + open_ones,
            today=MONDAY,
            last_seen_on=MONDAY - away_days * DAY,
            last_offered_on=None if offered_days_ago is None else MONDAY - offered_days_ago * DAY,
        )
        is offered
    )


@pytest.mark.parametrize(
    ("meaning", "until"),
    [
        (Later.TOMORROW, MONDAY + DAY),
        (Later.BEST, MONDAY + 9 * DAY),
        (Later.THEIR_DATE, date(2026, 5, 2)),
        (Later.ANSWER, MONDAY + 9 * DAY),
        (Later.PARK, None),
    ],
)
def test_each_later_means_its_day(meaning, until):
    chosen = later_until(meaning, window=window(best=9), today=MONDAY, their_on=date(2026, 5, 2))
    assert chosen == until


def test_tomorrow_on_a_friday_is_monday():
    assert later_until(Later.TOMORROW, window=OPEN, today=FRIDAY) == MONDAY + 7 * DAY


def test_their_date_has_to_be_given():
    with pytest.raises(ValueError, match="expected the day they gave"):
        later_until(Later.THEIR_DATE, window=OPEN, today=MONDAY)


@given(
    meaning=st.sampled_from([Later.TOMORROW, Later.BEST, Later.THEIR_DATE, Later.ANSWER]),
    best=st.integers(-30, 60),
    theirs=st.integers(-30, 60),
    before=st.none() | st.integers(-30, 60),
)
def test_putting_off_never_pulls_a_day_earlier(meaning, best, theirs, before):
    put_off_until = None if before is None else MONDAY + before * DAY
    until = later_until(
        meaning,
        window=window(opens=best - 1, best=best, fades=best + 9, quiet=best + 20),
        today=MONDAY,
        their_on=MONDAY + theirs * DAY,
        put_off_until=put_off_until,
    )
    assert until > MONDAY
    assert put_off_until is None or until >= put_off_until


def test_the_guard_shows_the_day_and_the_last_contact_until_the_window_opens():
    last_on = MONDAY - 3 * DAY
    guard = too_soon(window(opens=1, best=3), today=MONDAY, last_on=last_on, last_ref="t1")
    assert guard is not None
    assert (guard.opens_on, guard.last_on, guard.last_ref) == (MONDAY + DAY, last_on, "t1")
    assert too_soon(window(opens=1, best=3), today=MONDAY + DAY, last_on=last_on) is None
    assert too_soon(None, today=MONDAY, last_on=last_on) is None
