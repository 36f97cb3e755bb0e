"""How long to leave a tie, and what a touch costs a member with so much of a week.

The best gap is where what a touch wins back (``model.priority``) is worth its price. The price is
the same for everybody, and is set so that all the gaps together fit the week.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from math import exp, log, sqrt
from operator import mul

from followups.engine.constants import RING_DAYS, Constants, RingDays
from followups.engine.model import memory_days, reply_chances, value_of
from followups.engine.tie import Tie
from followups.engine.values import Ring

# Days of ``priority`` that one touch costs at price 1: a tie of ring B with one touch of strength
# then has the ring table's best gap of 20 days (decision record 0011).
PRICE_DAYS = 2.66
# Unanswered messages after which a round is counted no further.
ROUND = 8
# Prices that are tried, far beyond both ends of what any week asks for.
LOWEST_PRICE, HIGHEST_PRICE = 1e-6, 1e6


def best_gap_days(tie: Tie, *, price: float, prior_days: float | None = None) -> float:
    """Return how long after the last contact a touch is best, in days.

    The ring table's gap for a tie without history, the gap at which ``priority`` is worth the
    price for one with a long history, and a geometric mean between. ``price`` is a multiple of
    the ring table's pace: four times the price is about twice the gap. It does not change as days
    pass, so a plan made twice is the same plan. ``prior_days`` is the owner's own gap for the
    ring, if there is one.
    """
    then, day = _last_word(tie)
    (chance,) = reply_chances(then, day, runs=(tie.run,))
    return _pull(then, day, chance=chance, prior_days=prior_days).gap_days(price)


def rest_days(run: int, *, ordinary_days: float, constants: Constants) -> float:
    """Return how long a person rests after ``run`` (two or more) unanswered, in days.

    Six weeks, or a week doubled with each unanswered message once that is longer, up to four
    months; and at least as long as people who answer are left alone (``ordinary_days``, their
    best gap): silence must never be written to more often than words.
    """
    c = constants
    doubled = min(c.backoff_days * 2.0 ** min(run - 1, 20), c.resting_most_days)
    ordinary = ordinary_days * c.resting_opens_days / c.resting_best_days
    return max(c.resting_opens_days, doubled, ordinary)


OwnDays = Mapping[Ring, RingDays]


def load_per_week(ties: Iterable[Tie], *, price: float, ring_days: OwnDays | None = None) -> float:
    """Return the messages a week these ties ask for at ``price``, in the long run.

    ``ring_days`` are the owner's own days for a ring, where they are not the table's.

    A round begins with an answer. It takes the best gap to the first message; if that is not
    answered, a nudge or the ordinary gap, and then ever longer rests, each with its own chance of
    an answer.
    """
    return sum(_Round.of(tie, ring_days).per_week(price) for tie in ties)


def price_for(
    ties: Iterable[Tie],
    *,
    at: datetime,
    touches_per_week: float,
    ring_days: OwnDays | None = None,
) -> float:
    """Return the price of a touch at which these ties ask for ``touches_per_week`` in all.

    Parked ties ask for nothing. Where the week cannot be filled even at the closest gaps allowed
    (or is exceeded even at the widest), the nearer end of the range is returned. ``at`` is part
    of the contract; long-run gaps do not depend on it. ``ring_days`` as in ``load_per_week``.
    """
    rounds = [_Round.of(tie, ring_days) for tie in ties if tie.ring is not Ring.D]
    low, high = log(LOWEST_PRICE), log(HIGHEST_PRICE)
    if not rounds or sum(r.per_week(LOWEST_PRICE) for r in rounds) <= touches_per_week:
        return LOWEST_PRICE
    if sum(r.per_week(HIGHEST_PRICE) for r in rounds) >= touches_per_week:
        return HIGHEST_PRICE
    for _ in range(40):
        middle = (low + high) / 2.0
        load = sum(r.per_week(exp(middle)) for r in rounds)
        if abs(load - touches_per_week) <= 1e-3 * touches_per_week:
            return exp(middle)
        if load > touches_per_week:
            low = middle
        else:
            high = middle
    return exp(high)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pull:
    """Everything about one tie that its best gap follows from, but for the price."""

    constants: Constants
    prior_days: float
    history: float  # conversations that outweigh the prior
    memory: float  # days
    worth: float  # of a touch, for each day of memory

    def gap_days(self, price: float) -> float:
        c = self.constants
        price = max(price, LOWEST_PRICE)
        own = self.memory * _growth(price * PRICE_DAYS / (self.worth * self.memory))
        mixed = (
            c.history_prior * log(self.prior_days * sqrt(price))
            + self.history * log(max(own, 1e-6))
        ) / (c.history_prior + self.history)
        return min(max(exp(min(mixed, 20.0)), c.least_gap_days), c.most_gap_days)


def _last_word(tie: Tie) -> tuple[Tie, float]:
    """Return the tie as their last word, or its start, left it, and that day."""
    then = tie.at_last_word()
    return then, then.last_day if then.last else then.started


def _pull(tie: Tie, day: float, *, chance: float, prior_days: float | None = None) -> _Pull:
    """Return the pull of a tie just after their last word, at that chance of an answer."""
    return _Pull(
        constants=tie.constants,
        prior_days=prior_days or RING_DAYS[(tie.ring or Ring.B).value].best,
        history=max(tie.heard_conversations - 1.0, 0.0),
        memory=memory_days(tie, tie.strength_at(day)),
        worth=value_of(tie.ring) * sqrt(2.0 * chance),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What follows one answer until the next, as far as it does not depend on the price."""

    pull: _Pull
    pull_in_silence: _Pull
    presses: bool  # the first silence is followed by a nudge, not by the ordinary gap
    silences: tuple[float, ...]  # chances that the first 1, 2, … messages all stay unanswered

    @classmethod
    def of(cls, tie: Tie, ring_days: OwnDays | None) -> _Round:
        own = ring_days.get(tie.ring) if ring_days and tie.ring else None
        prior_days = own.best if own else None
        then, day = _last_word(tie)
        chances = reply_chances(then, day, runs=range(ROUND - 1))
        return cls(
            pull=_pull(then, day, chance=chances[0], prior_days=prior_days),
            pull_in_silence=_pull(then, day, chance=chances[1], prior_days=prior_days),
            presses=tie.presses,
            silences=tuple(accumulate((1.0 - chance for chance in chances), mul)),
        )

    def per_week(self, price: float) -> float:
        c = self.pull.constants
        longer = self.pull_in_silence.gap_days(price)
        nudge = c.nudge_business_days * 7.0 / 5.0
        days = self.pull.gap_days(price) + self.silences[0] * (nudge if self.presses else longer)
        for run, silence in enumerate(self.silences[1:], start=2):
            rest = rest_days(run, ordinary_days=longer, constants=c)
            days += silence * rest * c.resting_best_days / c.resting_opens_days
        return 7.0 * (1.0 + sum(self.silences)) / days


def _growth(cost: float) -> float:
    """Return x >= 0 with ln(1 + x) - x / (1 + x) = ``cost``, which counts up to 60.

    With u = 1 / (1 + x) this is u - ln u = 1 + cost; the left side is convex and falls on (0, 1),
    so Newton's steps from below the root never overshoot it.
    """
    cost = min(cost, 60.0)
    u = max(exp(-1.0 - cost), 1.0 - sqrt(2.0 * cost))
    for _ in range(12):
        step = (u - log(u) - 1.0 - cost) / (1.0 / u - 1.0) if u < 1.0 else 0.0
        u += step
        if abs(step) < 1e-7 * u:
            break
    return 1.0 / min(u, 1.0) - 1.0
