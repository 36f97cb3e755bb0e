"""Random histories for the laws of the cadence engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import strategies as st

from followups.engine.cadence import (
    BusinessCalendar,
    Direction,
    GivenDate,
    Rhythm,
    Rules,
    Tie,
    Touch,
    TouchKind,
    blank,
    replay,
    start,
)

DAY = date(2026, 3, 2)  # a Monday
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

directions = st.sampled_from(Direction)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
near_moments = st.integers(0, 3 * 365 * 24 * 4).map(lambda q: NOON - timedelta(minutes=15 * q))
any_moments = st.datetimes(timezones=zones)
any_days = st.dates()
near_days = st.integers(-400, 400).map(lambda n: DAY + timedelta(days=n))
rings = st.sampled_from(["A", "B", "C"])


@st.composite
def touches(draw: st.DrawFn, moments: st.SearchStrategy[datetime] = near_moments) -> Touch:
    return Touch(
        at=draw(moments),
        direction=draw(directions),
        kind=draw(st.sampled_from(TouchKind)),
        ask=draw(st.booleans()),
        give=draw(st.booleans()),
        ref=draw(st.sampled_from(["", "t1", "t2"])),
    )


def histories(
    moments: st.SearchStrategy[datetime] = near_moments,
) -> st.SearchStrategy[list[Touch]]:
    return st.lists(touches(moments), max_size=12)


@st.composite
def starts(draw: st.DrawFn, moments: st.SearchStrategy[datetime] = near_moments) -> Tie:
    at = draw(moments)
    if draw(st.booleans()):
        return blank(at=at)
    return start(
        at=at,
        stage=draw(st.sampled_from(["introduced", "met", "nonsense"])),
        trust_step=draw(st.integers(-3, 9)),
        ring=draw(rings),
    )


@st.composite
def ties(draw: st.DrawFn, moments: st.SearchStrategy[datetime] = near_moments) -> Tie:
    return replay(draw(histories(moments)), start=draw(starts(moments)))


rhythms = st.one_of(
    st.builds(Rhythm, best_days=st.integers(1, 400), ref=st.just("r")),
    st.builds(
        Rhythm,
        every_months=st.integers(1, 18),
        on_day=st.none() | st.integers(1, 31),
        ref=st.just("r"),
    ),
)


@st.composite
def all_rules(draw: st.DrawFn, days: st.SearchStrategy[date] = near_days) -> Rules:
    return Rules(
        paused_until=draw(st.none() | days),
        their_date=draw(st.none() | st.builds(GivenDate, on=days, ref=st.just("d"))),
        person_rhythm=draw(st.none() | rhythms),
        tag_rhythms=tuple(draw(st.lists(rhythms, max_size=2))),
        start_on=draw(st.none() | days),
        weekdays=draw(st.frozensets(st.integers(0, 6))),
        calendar=BusinessCalendar(holidays=draw(st.frozensets(days, max_size=5))),
        price=draw(st.floats(0.05, 20)),
        zone=draw(zones),
    )
