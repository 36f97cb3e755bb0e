"""A member's own base rate, learnt from their own outcomes and shrunk to the shipped one.

Base rates do not transfer between people: the same engine is right about the order of ties for
everyone, and too hopeful or too gloomy for each. One number per member mends that: how many
events happened for each that was expected. It is the intercept of a complementary log-log model
under a gamma prior, so it has a closed form and the order of outcomes does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, log1p

# Expected events the shipped intercept is worth; measured on the training halves.
PRIOR_EVENTS = 4.0
# Horizons until what was learnt counts half, since base rates drift. Two and four do equally well
# on the training halves; the shorter follows a drift sooner.
HALF_LIFE_HORIZONS = 2.0
# Share of the events of a span that have come by a share t of it: t to this power; measured.
HEALTH_EARLINESS = 0.5
REPLY_EARLINESS = 0.2
# Health is asked every sixth of a horizon, so its answers overlap; each counts as this much.
HEALTH_WEIGHT = 1 / 3
_MOST_CHANCE = 0.999


@dataclass(frozen=True, slots=True, kw_only=True)
class Intercept:
    """What one member's outcomes say about the engine's chances."""

    happened: float = 0.0  # events, faded and weighted
    expected: float = 0.0  # events the engine expected meanwhile

    @property
    def rate(self) -> float:
        """Events for each expected one, shrunk to 1."""
        return (PRIOR_EVENTS + self.happened) / (PRIOR_EVENTS + self.expected)

    @property
    def shift(self) -> float:
        """The intercept itself: what is added on the complementary log-log scale."""
        return log(self.rate)

    def calibrated(self, chance: float) -> float:
        """Return the engine's ``chance``, 0 to 1, corrected for this member."""
        return 1.0 - exp(-self.rate * _expected(chance))

    def after(
        self,
        *,
        chance: float,
        happened: bool,
        span: float = 1.0,
        earliness: float = 1.0,
        weight: float = 1.0,
    ) -> Intercept:
        """Return the value after one outcome, final or so far.

        Args:
            chance: what the engine said, uncorrected.
            happened: whether it has happened.
            span: share of the time asked about that passed before it happened, or that has passed
                without it; 0 to 1.
            earliness: ``HEALTH_EARLINESS`` or ``REPLY_EARLINESS``.
            weight: less than 1 where the same days are asked about several times.
        """
        passed = min(max(span, 0.0), 1.0) ** earliness
        return Intercept(
            happened=self.happened + weight * happened,
            expected=self.expected + weight * passed * _expected(chance),
        )

    def joined(self, other: Intercept) -> Intercept:
        """Return what both say together."""
        return Intercept(
            happened=self.happened + other.happened, expected=self.expected + other.expected
        )

    def faded(self, *, horizons: float) -> Intercept:
        """Return what is left of it so many horizons later."""
        left: float = 0.5 ** (max(horizons, 0.0) / HALF_LIFE_HORIZONS)
        return Intercept(happened=self.happened * left, expected=self.expected * left)


def _expected(chance: float) -> float:
    return -log1p(-min(max(chance, 0.0), _MOST_CHANCE))
