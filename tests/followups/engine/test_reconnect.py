"""People gone quiet: whose turn comes first, and what a turn plans."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.engine.agenda import Item, Tier, tier_of
from followups.engine.cadence import (
    Direction,
    Purpose,
    Rules,
    State,
    Touch,
    TouchKind,
    replay,
    start,
)
from followups.engine.reconnect import AGAIN_AFTER_DAYS, Quiet, in_turn, week_on
from followups.engine.rules import GivenDate
from followups.engine.sequence import Facts, Planned, due

MONDAY = date(2026, 3, 2)
TALK = Touch(
    at=datetime(2025, 6, 3, 12, tzinfo=UTC),
    direction=Direction.BOTH,
    kind=TouchKind.TALK,
    ref="t1",
)
TIE = replay(
    [TALK],
    start=start(at=datetime(2025, 1, 1, tzinfo=UTC), stage="met", trust_step=2, ring="B"),
)
GONE = Facts(tie=TIE, rules=Rules(), touches=(TALK,))


def quiet(ref: str, **fields) -> Quiet:
    return Quiet(**{"ref": ref, "trust": 1, "gives": 0, "last_on": date(2025, 6, 3), **fields})


def turn(facts: Facts, today: date) -> Planned | None:
    return next((p for p in due(facts, today=today) if p.purpose is Purpose.RECONNECT), None)


def test_most_trust_comes_first_then_most_to_give_then_the_longest_silence():
    people = [
        quiet("longer", last_on=date(2025, 1, 3)),
        quiet("shorter"),
        quiet("ideas", gives=2),
        quiet("trusted", trust=4, last_on=date(2025, 12, 1)),
    ]
    assert in_turn(people, today=MONDAY) == ("trusted", "ideas", "longer", "shorter")


def test_whoever_had_a_turn_lately_stands_behind_everybody_else():
    lately = MONDAY - timedelta(days=AGAIN_AFTER_DAYS - 1)
    long_ago = MONDAY - timedelta(days=AGAIN_AFTER_DAYS)
    people = [
        quiet("lately", trust=5, brought_up_on=lately),
        quiet("never"),
        quiet("long ago", trust=5, brought_up_on=long_ago),
    ]
    assert in_turn(people, today=MONDAY) == ("long ago", "never", "lately")


@given(order=st.permutations([quiet(f"p{n}", trust=n % 3, gives=n % 2) for n in range(7)]))
def test_the_order_does_not_depend_on_how_people_come(order):
    assert in_turn(order, today=MONDAY) == in_turn(sorted(order, key=lambda q: q.ref), today=MONDAY)


@pytest.mark.parametrize(
    ("day", "monday"),
    [(MONDAY, MONDAY), (date(2026, 3, 7), MONDAY), (date(2026, 3, 8), date(2026, 3, 9))],
)
def test_a_sunday_belongs_to_the_week_that_follows(day, monday):
    assert week_on(day) == monday


def test_a_turn_lasts_until_the_sunday_and_no_longer():
    facts = replace(GONE, reconnect_on=MONDAY + timedelta(days=2))
    for days in (2, 6):
        planned = turn(facts, MONDAY + timedelta(days=days))
        assert planned is not None
        window = planned.window
        assert window.opens_on == window.best_on == MONDAY + timedelta(days=2)
        assert window.fades_on == window.quiet_on == MONDAY + timedelta(days=6)
    was_open = replace(facts, open=frozenset({"reconnect"}))
    assert turn(was_open, MONDAY + timedelta(days=7)) is None


def test_a_turn_says_when_the_last_contact_was_and_names_its_row():
    planned = turn(replace(GONE, reconnect_on=MONDAY), MONDAY)
    assert planned is not None
    (reason,) = planned.window.reasons
    assert reason.code == "date.gone_quiet"
    assert reason.facts == {"date": MONDAY, "last_on": date(2025, 6, 3), "touch_ref": "t1"}
    assert planned.occasion == "t1 2026-03-02"


def test_nobody_has_a_turn_whose_window_has_not_passed():
    spoken = replace(TALK, at=datetime(2026, 2, 20, 12, tzinfo=UTC))
    facts = replace(GONE, tie=TIE.after(spoken), touches=(TALK, spoken), reconnect_on=MONDAY)
    assert turn(facts, MONDAY) is None
    never = replace(GONE, tie=start(at=TALK.at, stage="met", trust_step=0, ring="B"), touches=())
    assert turn(replace(never, reconnect_on=MONDAY), MONDAY) is None


def test_a_date_they_gave_outranks_a_turn():
    theirs = GivenDate(on=MONDAY + timedelta(days=30), ref="d")
    facts = replace(GONE, rules=Rules(their_date=theirs), reconnect_on=MONDAY)
    assert turn(facts, MONDAY) is None
    assert all(p.window.opens_on >= theirs.on for p in due(facts, today=MONDAY))


def test_a_turn_never_counts_as_a_closing_window():
    planned = turn(replace(GONE, reconnect_on=MONDAY), MONDAY)
    assert planned is not None
    item = Item(ref="r", contact_ref="c", purpose=planned.purpose, window=planned.window)
    sunday = MONDAY + timedelta(days=6)
    assert item.state_on(sunday) is State.QUIET
    assert [tier_of(item, today=day) for day in (MONDAY, sunday)] == [Tier.BEST, Tier.BEST]
