"""What a member's own messages say about waiting, once there are enough of them (R14).

Nothing here changes anything: it counts, shows how sure it is, and offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import sqrt

from followups.engine.constants import RingDays
from followups.engine.pace import load_per_week
from followups.engine.tie import Tie
from followups.engine.values import Direction, Ring, Touch, day_number

# Outcomes before anything is shown.
ENOUGH = 50
# Upper ends of the gaps that are told apart, in days since the last contact; the last is open.
GAP_EDGES_DAYS = (7.0, 14.0, 30.0, 60.0, 120.0)
# Outcomes a group needs before it can carry an offer.
ENOUGH_IN_GROUP = 10
# 95 % of a standard normal distribution lies within so many deviations.
NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One message that opened something, and what became of it."""

    gap_days: float  # since the last contact before it
    answered: bool  # within reply_within_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often messages after a gap of this length were answered, with a 95 % interval."""

    from_days: float
    to_days: float | None  # None: without end
    sent: int
    answered: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.answered / self.sent if self.sent else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A change the member may make, with what it would do to their week. Never applied alone."""

    factor: float  # of every ring's days
    rings: Mapping[Ring, RingDays]  # the days to change to
    load_now: float  # touches a week
    load_then: float  # touches a week
    best: Rate  # the gap that was answered best
    usual: Rate  # the gap most messages had


def attempts_of(touches: Sequence[Touch], *, now: datetime, within_days: float) -> list[Attempt]:
    """Return the settled attempts in one relationship: messages more than a day after the last.

    An attempt is settled when it was answered or its time is up; a first message has no gap and
    does not count.
    """
    ordered = sorted(touches, key=Touch.order)
    heard = [day_number(t.at) for t in ordered if t.direction is not Direction.OUT]
    found: list[Attempt] = []
    today = day_number(now)
    for before, touch in pairwise(ordered):
        sent = day_number(touch.at)
        gap = sent - day_number(before.at)
        if touch.direction is not Direction.OUT or gap <= 1.0:
            continue
        back = next((day for day in heard if day > sent), None)
        answered = back is not None and back - sent <= within_days
        if answered or today - sent >= within_days:
            found.append(Attempt(gap_days=gap, answered=answered))
    return found


def wilson(answered: int, sent: int) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927); 0 to 1 when nothing was sent."""
    if sent <= 0:
        return 0.0, 1.0
    share, z2 = answered / sent, NORMAL_95 * NORMAL_95
    middle = share + z2 / (2 * sent)
    half = NORMAL_95 * sqrt(share * (1 - share) / sent + z2 / (4 * sent * sent))
    scale = 1 + z2 / sent
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def reply_rates(attempts: Iterable[Attempt]) -> tuple[Rate, ...]:
    """Return the answer rate by gap; empty before there are enough outcomes to show."""
    settled = list(attempts)
    if len(settled) < ENOUGH:
        return ()
    edges = (0.0, *GAP_EDGES_DAYS)
    rates = []
    for i, low_edge in enumerate(edges):
        high_edge = edges[i + 1] if i + 1 < len(edges) else None
        group = [
            a
            for a in settled
            if low_edge < a.gap_days and (high_edge is None or a.gap_days <= high_edge)
        ]
        answered = sum(a.answered for a in group)
        low, high = wilson(answered, len(group))
        rates.append(
            Rate(
                from_days=low_edge,
                to_days=high_edge,
                sent=len(group),
                answered=answered,
                low=low,
                high=high,
            )
        )
    return tuple(rates)


def offer(
    rates: Sequence[Rate],
    ties: Sequence[Tie],
    *,
    price: float,
    rings: Mapping[Ring, RingDays],
    kept_per_week: float = 0.0,
) -> Offer | None:
    """Return a change worth offering, with the week it would make, or None.

    ``rings`` are the days there are now, ``ties`` those who follow them; ``kept_per_week`` is
    what people with a rhythm of their own ask for, in touches a week, before and after.

    Only when the gap answered best is better than the usual one beyond doubt (its interval lies
    above the other's share and the other's below its share), and then only half the way there:
    gaps that go well are also gaps that were chosen for people who answer.
    """
    full = [rate for rate in rates if rate.sent >= ENOUGH_IN_GROUP]
    if len(full) < 2:
        return None
    usual = max(full, key=lambda rate: rate.sent)
    best = max(full, key=lambda rate: rate.share)
    if best == usual or best.low <= usual.share or usual.high >= best.share:
        return None
    factor = sqrt(_middle(best) / _middle(usual))
    active = [tie for tie in ties if tie.ring is not Ring.D]
    then = {ring: scaled(days, factor) for ring, days in rings.items()}
    return Offer(
        factor=factor,
        rings=then,
        load_now=kept_per_week + load_per_week(active, price=price, ring_days=rings),
        load_then=kept_per_week + load_per_week(active, price=price, ring_days=then),
        best=best,
        usual=usual,
    )


def scaled(days: RingDays, factor: float) -> RingDays:
    """Return a ring's days stretched or shortened, at least a day each."""
    return RingDays(
        opens=max(round(days.opens * factor), 1),
        best=max(round(days.best * factor), 1),
        fades=max(round(days.fades * factor), 1),
        quiet=max(round(days.quiet * factor), 1),
    )


def _middle(rate: Rate) -> float:
    """Return the geometric middle of a group of gaps, in days."""
    low = max(rate.from_days, 1.0)
    return sqrt(low * (rate.to_days or low * 2.0))
