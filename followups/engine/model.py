"""The numbers: how alive a tie is, whether it would answer, and how long to leave it.

Formulas of cadence.md 3, with constants measured in docs/cadence.md. All functions are total:
silence before the last touch counts as none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import exp, log, sqrt

from followups.engine.constants import RING_DAYS, RING_VALUE, Constants
from followups.engine.tie import Tie
from followups.engine.values import Ring, day_number


def health(tie: Tie, *, at: datetime) -> float:
    """Return the chance, 0 to 1, of two-way contact within the horizon after ``at``.

    Strength speaks for a tie. Silence speaks against it the more, the stronger the tie was: that
    old colleagues have not written for a month says something, that strangers have not says
    nothing. Silence beyond eight of the tie's own gaps says that it is probably gone (Navarro,
    Miritello, Canales & Moro 2017).
    """
    c = tie.constants
    day = day_number(at)
    strength = tie.strength_at(day)
    silence = tie.silence_days(day)
    gone = log(max(silence / (c.rhythm_ceiling * tie.rhythm_days()), 1.0))
    return _sigmoid(
        c.health_intercept
        + c.health_strength * log(strength + c.strength_floor)
        + c.health_silence
        * log(silence / c.horizon_days + c.silence_floor)
        * (strength / (strength + c.silence_half))
        + c.health_gone * gone
    )


def reply_chance(tie: Tie, *, at: datetime) -> float:
    """Return the chance, 0 to 1, that a message sent at ``at`` is answered in time.

    Attempts unanswered in a row speak against it, their own messages and the share of
    conversations with both voices for it. Silence acts through both, which fade.
    """
    return _sigmoid(_reply_logit(tie, day_number(at), run=tie.run))


def value_of(ring: Ring | None) -> float:
    """Return how much a tie of this ring matters now, 0 to 1; 1 when no ring was given."""
    return 1.0 if ring is None else RING_VALUE[ring.value]


def priority(tie: Tie, *, at: datetime, value: float) -> float:
    """Return who comes first when there is not time for everyone: 0 or more, in days.

    What a touch now would win back: the memory lost since the last one, times the chance of an
    answer, times how much this tie matters now (``value``, 0 to 1). A person never reached counts
    by the time they have waited.
    """
    day = day_number(at)
    tau = _memory_days(tie, tie.strength_at(day))
    x = tie.silence_days(day) / tau
    chance = reply_chance(tie, at=at)
    return max(value, 0.0) * sqrt(2.0 * chance) * tau * (log(1.0 + x) - x / (1.0 + x))


def best_gap_days(tie: Tie, *, price: float, prior_days: float | None = None) -> float:
    """Return how long after the last contact a touch is best, in days.

    The ring table's gap for a tie without history, the gap at which ``priority`` is worth the
    price for one with a long history, and a geometric mean between. ``price`` is a multiple of
    the ring table's pace: four times the price is about twice the gap. It does not change as days
    pass, so a plan made twice is the same plan. ``prior_days`` is the owner's own gap for the
    ring, if there is one.
    """
    c = tie.constants
    price = max(price, 1e-9)
    prior = prior_days or RING_DAYS[(tie.ring or Ring.B).value].best
    value = value_of(tie.ring)
    then = tie.at_last_word()
    day = then.last_day if then.last else then.started
    chance = _sigmoid(_reply_logit(then, day, run=tie.run))
    tau = _memory_days(tie, then.strength_at(day))
    own = tau * _growth(price * PRICE_DAYS / (value * sqrt(2.0 * chance) * tau))
    history = max(tie.heard_conversations - 1.0, 0.0)
    mixed = (c.history_prior * log(prior * sqrt(price)) + history * log(max(own, 1e-6))) / (
        c.history_prior + history
    )
    return min(max(exp(min(mixed, 20.0)), c.least_gap_days), c.most_gap_days)


def price_for(ties: Iterable[Tie], *, at: datetime, touches_per_week: float) -> float:
    """Return the price of a touch at which these ties ask for ``touches_per_week`` in all.

    Parked ties ask for nothing. Where the week cannot be met even at the closest gaps allowed (or
    is exceeded even at the widest), the nearer end of the range is returned.
    """
    active = [tie for tie in ties if tie.ring is not Ring.D]

    def load(log_price: float) -> float:
        return load_per_week(active, price=exp(log_price))

    low, high = log(1e-6), log(1e6)
    if not active or load(low) <= touches_per_week:
        return exp(low)
    for _ in range(60):
        middle = (low + high) / 2.0
        if load(middle) > touches_per_week:
            low = middle
        else:
            high = middle
    return exp(high)


def load_per_week(ties: Iterable[Tie], *, price: float) -> float:
    """Return the messages a week these ties ask for at ``price``, in the long run.

    A round begins with an answer. It takes the best gap to the first message; if that is not
    answered, the nudge, and then ever longer rests, each with its own chance of an answer.
    """
    return sum(_messages_per_week(tie, price) for tie in ties)


def rest_days(run: int, *, ordinary_days: float, constants: Constants) -> float:
    """Return how long a person rests after ``run`` (two or more) unanswered, in days.

    At least as long as people who answer are left alone (``ordinary_days``, their best gap):
    silence must never be written to more often than words.
    """
    c = constants
    least = max(c.resting_opens_days, ordinary_days * c.resting_opens_days / c.resting_best_days)
    return min(least * c.resting_growth ** min(run - 2, 10), max(least, c.resting_most_days))


def _messages_per_week(tie: Tie, price: float) -> float:
    c = tie.constants
    then = tie.at_last_word()
    day = then.last_day if then.last else then.started
    best_after_rest = c.resting_best_days / c.resting_opens_days
    gap = best_gap_days(then, price=price)
    days, messages, silent = gap, 1.0, 1.0
    for run in range(1, _ROUND):
        silent *= 1.0 - _sigmoid(_reply_logit(then, day, run=run - 1))
        if run == 1:
            wait = c.nudge_business_days * 7.0 / 5.0
        else:
            wait = best_after_rest * rest_days(run, ordinary_days=gap, constants=c)
        days += silent * wait
        messages += silent
    return 7.0 * messages / days


# Unanswered messages after which a round is counted no further: a rest is a year by then.
_ROUND = 8

# Days of ``priority`` that one touch costs at price 1: a tie of ring B with one touch of strength
# then has the ring table's best gap of 20 days (decision record 0011).
PRICE_DAYS = 2.66


def _memory_days(tie: Tie, strength: float) -> float:
    return tie.constants.forgetting_days * max(strength, 0.05)


def _reply_logit(tie: Tie, day: float, *, run: int) -> float:
    c = tie.constants
    return (
        c.reply_intercept
        + c.reply_run * log(1.0 + run)
        + c.reply_spoken * log(tie.spoken_at(day) + c.spoken_floor)
        + c.reply_share * tie.share_at(day)
    )


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + exp(-min(max(x, -60.0), 60.0)))


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
        if abs(step) < 1e-9 * u:
            break
    return 1.0 / min(u, 1.0) - 1.0
