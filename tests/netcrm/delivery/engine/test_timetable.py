"""Wall-clock time across clock changes, odd zones and moves (reliability.md T01 to T12)."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcrm.delivery.engine.timetable import (
    Timetable,
    Turn,
    first_turn,
    missed_turns,
    turn_after_change,
    turns_after,
    wall_clock,
)

EVERY_DAY = frozenset(range(7))
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def table(zone: str, at: str, weekdays: frozenset[int] = EVERY_DAY) -> Timetable:
    return Timetable(zone=ZoneInfo(zone), send_at=time.fromisoformat(at), weekdays=weekdays)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def year(timetable: Timetable, number: int = 2027) -> list[Turn]:
    turns = turns_after(timetable, date(number - 1, 12, 31))
    return [turn for turn in turns if turn.day.year == number]


@pytest.mark.parametrize(
    ("zone", "at", "day", "due"),
    [
        ("Europe/Berlin", "09:00", "2027-03-27", "2027-03-27 08:00"),
        ("Europe/Berlin", "09:00", "2027-03-28", "2027-03-28 07:00"),
        ("Europe/Berlin", "09:00", "2027-10-30", "2027-10-30 07:00"),
        ("Europe/Berlin", "09:00", "2027-10-31", "2027-10-31 08:00"),
        ("Europe/Berlin", "02:30", "2027-03-28", "2027-03-28 01:30"),
        ("Europe/Berlin", "02:30", "2027-10-31", "2027-10-31 00:30"),
        ("America/New_York", "02:30", "2027-03-14", "2027-03-14 07:30"),
        ("America/New_York", "01:30", "2027-11-07", "2027-11-07 05:30"),
        ("Asia/Kathmandu", "09:00", "2027-06-01", "2027-06-01 03:15"),
        ("Pacific/Chatham", "09:00", "2027-01-15", "2027-01-14 19:15"),
        ("Pacific/Chatham", "09:00", "2027-07-15", "2027-07-14 20:15"),
        ("Pacific/Marquesas", "09:00", "2027-06-01", "2027-06-01 18:30"),
        ("Pacific/Apia", "09:00", "2027-06-01", "2027-05-31 20:00"),
        ("Antarctica/Troll", "02:30", "2027-03-28", "2027-03-28 02:30"),
        ("Antarctica/Troll", "02:30", "2027-10-31", "2027-10-31 00:30"),
        ("Australia/Lord_Howe", "02:15", "2027-10-03", "2027-10-02 15:45"),
        ("Australia/Lord_Howe", "01:45", "2027-04-04", "2027-04-03 14:45"),
        ("Africa/Casablanca", "09:00", "2027-01-15", "2027-01-15 09:00"),
        ("America/Nuuk", "23:30", "2027-03-27", "2027-03-28 01:30"),
        ("Pacific/Tongatapu", "08:00", "2027-06-01", "2027-05-31 19:00"),
        ("Pacific/Pago_Pago", "08:00", "2027-06-01", "2027-06-01 19:00"),
    ],
    ids=[
        "Berlin, the day before summer time",
        "Berlin, summer time begins",
        "Berlin, the day before winter time",
        "Berlin, winter time begins",
        "Berlin, an hour that is skipped",
        "Berlin, an hour that comes twice",
        "New York, an hour that is skipped",
        "New York, an hour that comes twice",
        "Kathmandu, +05:45",
        "Chatham in summer, +13:45",
        "Chatham in winter, +12:45",
        "Marquesas, -09:30",
        "Samoa, UTC+13",
        "Troll, two hours that are skipped",
        "Troll, two hours that come twice",
        "Lord Howe, half an hour that is skipped",
        "Lord Howe, half an hour that comes twice",
        "Casablanca, by the rule of 2026",
        "Nuuk, an hour before midnight that is skipped",
        "Tonga, UTC+13",
        "American Samoa, UTC-11",
    ],
)
def test_the_wall_clock_decides(zone: str, at: str, day: str, due: str) -> None:
    moment = wall_clock(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone))
    assert moment == utc(due)


@pytest.mark.parametrize("at", ["00:00", "01:30", "02:30", "09:00", "23:30", "23:59"])
@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin", "America/New_York", "Pacific/Chatham", "Africa/Casablanca",
        "Antarctica/Troll", "Australia/Lord_Howe", "America/Nuuk", "Asia/Kathmandu",
        "Pacific/Apia", "Asia/Beirut", "Africa/Cairo",
    ],
)  # fmt: skip
def test_a_year_has_one_turn_for_each_local_day(zone: str, at: str) -> None:
    turns = year(table(zone, at))
    assert len(turns) == 365
    assert set(Counter(turn.day for turn in turns).values()) == {1}
    assert all(early.at < late.at for early, late in itertools.pairwise(turns))


def test_every_monday_of_a_year_at_nine_in_london() -> None:
    turns = year(table("Europe/London", "09:00", frozenset({0})))
    assert len(turns) == 52
    shown = {turn.at.astimezone(ZoneInfo("Europe/London")).strftime("%a %H:%M") for turn in turns}
    assert shown == {"Mon 09:00"}


@pytest.mark.parametrize(
    ("zone", "gone"),
    [
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
    ],
)
@pytest.mark.parametrize("at", ["00:00", "09:00", "23:59"])
def test_a_day_that_a_country_leaves_out_has_no_mail_and_its_neighbours_have_one(
    zone: str, gone: date, at: str
) -> None:
    before = gone - timedelta(days=3)
    turns = [turn for turn, _ in zip(turns_after(table(zone, at), before), range(4), strict=False)]
    expected = [gone + timedelta(days=n) for n in (-2, -1, 1, 2)]
    assert [turn.day for turn in turns] == expected
    shown = [turn.at.astimezone(ZoneInfo(zone)) for turn in turns]
    assert [moment.date() for moment in shown] == expected
    assert {moment.strftime("%H:%M") for moment in shown} == {at}


def test_after_a_move_the_day_that_had_its_mail_is_over() -> None:
    now = utc("2026-11-17 14:00")
    sent = date(2026, 11, 17)
    turn = turn_after_change(
        table("America/New_York", "09:00"), last_on=sent, owed_on=date(2026, 11, 18), now=now
    )
    assert turn == Turn(day=date(2026, 11, 18), at=utc("2026-11-18 14:00"))


def test_a_move_east_past_the_hour_does_not_drop_the_day() -> None:
    now = utc("2026-11-17 05:00")  # 06:00 in Berlin, 10:45 in Kathmandu
    day = date(2026, 11, 17)
    turn = turn_after_change(
        table("Asia/Kathmandu", "09:00"), last_on=date(2026, 11, 16), owed_on=day, now=now
    )
    assert turn == Turn(day=day, at=now)


def test_midnight_east_of_greenwich_moves_to_the_next_day_not_the_same_one() -> None:
    """It fires on the UTC day before, which once made a product fire twice (Monica #7382)."""
    timetable = table("Europe/Helsinki", "00:00")
    now = utc("2026-11-16 22:00")  # midnight of the 17th in Helsinki
    missed = missed_turns(timetable, owed_on=date(2026, 11, 17), now=now)
    assert [turn.day for turn in missed] == [date(2026, 11, 17)]
    following = next(turns_after(timetable, missed[-1].day))
    assert following == Turn(day=date(2026, 11, 18), at=utc("2026-11-17 22:00"))


def test_somebody_new_starts_after_now() -> None:
    timetable = table("Europe/Berlin", "08:00")
    assert first_turn(timetable, now=utc("2026-11-17 06:59")) == Turn(
        day=date(2026, 11, 17), at=utc("2026-11-17 07:00")
    )
    assert first_turn(timetable, now=utc("2026-11-17 07:00")) == Turn(
        day=date(2026, 11, 18), at=utc("2026-11-18 07:00")
    )


def test_a_table_without_days_has_no_turn() -> None:
    never = table("Europe/Berlin", "08:00", frozenset())
    now = utc("2026-11-17 06:59")
    assert first_turn(never, now=now) is None
    assert turn_after_change(never, last_on=None, owed_on=date(2026, 11, 17), now=now) is None


def test_a_long_absence_is_looked_back_upon_for_a_year_at_most() -> None:
    turns = missed_turns(
        table("Europe/Berlin", "08:00"), owed_on=date(2015, 1, 1), now=utc("2026-11-17 12:00")
    )
    assert 365 < len(turns) <= 400
    assert turns[-1].day == date(2026, 11, 17)


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Chatham", "Pacific/Pago_Pago"]
)
HOURS = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@given(
    days=st.lists(st.tuples(ZONES, HOURS), min_size=1, max_size=12),
    steps=st.lists(st.integers(min_value=1, max_value=40), min_size=12, max_size=12),
)
def test_moving_about_the_world_never_doubles_a_day(
    days: list[tuple[str, time]], steps: list[int]
) -> None:
    now = utc("2027-03-10 00:00")
    had: list[date] = []
    owed: Turn | None = None
    for (zone, hour), hours in zip(days, steps, strict=False):
        timetable = Timetable(zone=ZoneInfo(zone), send_at=hour, weekdays=EVERY_DAY)
        if owed is None:
            owed = first_turn(timetable, now=now)
        else:
            owed = turn_after_change(
                timetable, last_on=had[-1] if had else None, owed_on=owed.day, now=now
            )
        assert owed is not None
        now += timedelta(hours=hours)
        missed = missed_turns(timetable, owed_on=owed.day, now=now) if owed.at <= now else []
        had += [turn.day for turn in missed]
        if missed:
            owed = next(turns_after(timetable, missed[-1].day))
    assert had == sorted(set(had))


def test_the_machines_own_zone_changes_nothing() -> None:
    script = (
        "from datetime import date, time; from zoneinfo import ZoneInfo;"
        "from netcrm.delivery.engine.timetable import wall_clock;"
        "zones = {'B': ZoneInfo('Europe/Berlin'), 'N': ZoneInfo('America/New_York')};"
        "rows = [('B', '2027-03-28', 9, 0), ('B', '2027-10-31', 9, 0), ('B', '2027-03-28', 2, 30),"
        " ('B', '2027-10-31', 2, 30), ('N', '2027-03-14', 2, 30), ('N', '2027-11-07', 1, 30)];"
        "print([wall_clock(date.fromisoformat(d), time(h, m), zones[z]).isoformat()"
        " for z, d, h, m in rows])"
    )
    said = {
        zone: subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("Asia/Tokyo", "UTC")
    }
    assert said["Asia/Tokyo"] == said["UTC"]
    assert "2027-03-28T01:30:00+00:00" in said["UTC"]
