"""What a member's own messages say, and only when there are enough of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from followups.engine.cadence import Direction, Ring, Touch, load_per_week, start
from followups.engine.constants import RingDays
from followups.engine.outcomes import (
    ENOUGH,
    Attempt,
    attempts_of,
    offer,
    reply_rates,
    wilson,
)

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
TIES = [start(at=START, stage="met", trust_step=1, ring="B")] * 10
RINGS = {Ring.B: RingDays(opens=40, best=60, fades=90, quiet=120)}


def sent(day: float) -> Touch:
    return Touch(at=START + timedelta(days=day), direction=Direction.OUT)


def heard(day: float) -> Touch:
    return Touch(at=START + timedelta(days=day), direction=Direction.IN)


def attempts(gap_days: float, answered: int, of: int) -> list[Attempt]:
    return [Attempt(gap_days=gap_days, answered=n < answered) for n in range(of)]


def test_an_attempt_is_settled_by_an_answer_or_by_its_time():
    touches = [sent(0), heard(1), sent(20), sent(40), heard(41), sent(60)]
    now = START + timedelta(days=62)
    found = attempts_of(touches, now=now, within_days=7)
    assert [(a.gap_days, a.answered) for a in found] == [(19, False), (20, True)]
    later = attempts_of(touches, now=START + timedelta(days=67), within_days=7)
    assert [(a.gap_days, a.answered) for a in later][-1] == (19, False)


@pytest.mark.parametrize(
    ("answered", "of", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (81, 263, 0.255, 0.366), (0, 0, 0.0, 1.0)],
)
def test_the_interval_is_wilsons(answered, of, low, high):
    # 81 of 263 is the worked example of Newcombe 1998, table I.
    assert wilson(answered, of) == pytest.approx((low, high), abs=0.001)


def test_nothing_is_shown_before_fifty_outcomes():
    assert reply_rates(attempts(10, 5, ENOUGH - 1)) == ()
    assert reply_rates(attempts(10, 5, ENOUGH))


def test_gaps_are_told_apart_and_every_outcome_is_counted_once():
    rates = reply_rates(attempts(7, 5, 20) + attempts(7.1, 5, 20) + attempts(500, 1, 20))
    counted = [(rate.to_days, rate.sent) for rate in rates if rate.sent]
    assert counted == [(7.0, 20), (14.0, 20), (None, 20)]


def test_a_clear_difference_is_offered_half_way_with_its_week():
    rates = reply_rates(attempts(20, 15, 60) + attempts(45, 36, 40))
    found = offer(rates, TIES, price=1.0, rings=RINGS)
    assert found is not None
    assert found.usual.from_days == 14.0
    assert found.best.from_days == 30.0
    assert 1.0 < found.factor < 45 / 20
    assert found.load_then < found.load_now


def test_a_difference_within_chance_is_not_offered():
    rates = reply_rates(attempts(20, 30, 60) + attempts(45, 22, 40))
    assert offer(rates, TIES, price=1.0, rings=RINGS) is None


def test_a_small_group_carries_no_offer():
    rates = reply_rates(attempts(20, 5, 60) + attempts(45, 9, 9))
    assert offer(rates, TIES, price=1.0, rings=RINGS) is None


def test_the_week_it_makes_is_that_of_the_days_it_offers():
    rates = reply_rates(attempts(20, 15, 60) + attempts(45, 36, 40))
    found = offer(rates, TIES, price=1.0, rings=RINGS, kept_per_week=2.0)
    assert found is not None
    assert found.rings[Ring.B].best == round(60 * found.factor)
    now = load_per_week(TIES, price=1.0, ring_days=RINGS)
    assert now < load_per_week(TIES, price=1.0)
    assert found.load_now == pytest.approx(2.0 + now)
    then = load_per_week(TIES, price=1.0, ring_days=found.rings)
    assert found.load_then == pytest.approx(2.0 + then)
