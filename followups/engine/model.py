"""The numbers: how alive a tie is, whether it would answer, and who comes first.

Formulas of cadence.md 3, with constants measured in docs/cadence.md. All functions are total:
silence before the last touch counts as none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import exp, log, sqrt

from followups.engine.constants import RING_VALUE
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
    return sigmoid(
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
    (chance,) = reply_chances(tie, day_number(at), runs=(tie.run,))
    return chance


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
    tau = memory_days(tie, tie.strength_at(day))
    x = tie.silence_days(day) / tau
    chance = reply_chance(tie, at=at)
    return max(value, 0.0) * sqrt(2.0 * chance) * tau * (log(1.0 + x) - x / (1.0 + x))


def memory_days(tie: Tie, strength: float) -> float:
    """Return the span over which a tie of this strength is forgotten, in days."""
    return tie.constants.forgetting_days * max(strength, 0.05)


def reply_chances(tie: Tie, day: float, *, runs: Iterable[int]) -> list[float]:
    """Return the chance of an answer at ``day``, 0 to 1, after each number of silent attempts."""
    c = tie.constants
    logit = (
        c.reply_intercept
        + c.reply_spoken * log(tie.spoken_at(day) + c.spoken_floor)
        + c.reply_share * tie.share_at(day)
    )
    return [sigmoid(logit + c.reply_run * log(1.0 + run)) for run in runs]


def sigmoid(x: float) -> float:
    """Return the chance of a logit, 0 to 1."""
    return 1.0 / (1.0 + exp(-min(max(x, -60.0), 60.0)))
