"""How likely a tie carries an introduction.  It orders routes and introducers; it is never shown.

Three sources, in this order of weight as they grow: what the two did with each other, what people
on the way say of them, and what is usual.  Source: trust propagation as measured in
docs/decisions/0029-expectation.md; the page says the largest share in words, never a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from introductions.engine.paths import PER_HOP as WAY_PER_HOP
from introductions.engine.paths import Network, Person, Values, gather

PER_HOP = 0.39  # what a witness one hop further is worth
MOST_HOPS = 3  # further away nobody is a witness
MOST_WITNESSES = 5.0  # the most that all witnesses together can weigh
DIRECT_HALVES_TRUST_IN_WORDS = 4.0  # with so much direct evidence, words count half
HALF_LIFE_DAYS = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """Weighed counts of what the two did with each other: kept and broken."""

    good: float = 0.0
    bad: float = 0.0

    def __post_init__(self) -> None:
        if self.good < 0 or self.bad < 0:
            raise ValueError(f"counts are {self.good} and {self.bad}, expected at least 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody who knows the target.  ``path``: from the source to the witness, both included.

    ``says``: their trust in the target, 0..1, brought to the source's own scale when norms are
    known.  ``weight``: what the best chain to them makes of their word, 0..1.
    """

    path: tuple[Person, ...]
    says: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is usual: ``value`` 0..1, worth ``weight`` pieces of evidence."""

    value: float
    weight: float


# One member alone knows no norms: an even chance that any evidence outweighs.
ALONE = Prior(value=0.5, weight=0.3)
GROUP_WEIGHT = 2.0

# What a tie is worth before any evidence, by the trust step of its giver (docs/decisions/0029).
BY_STEP = (0.05, 0.2, 0.4, 0.55, 0.8, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Where an expectation comes from; the three add up to 1."""

    direct: float
    witnesses: float
    prior: float


class Mostly(StrEnum):
    """The sentence for the largest share; with *one word* or *words*, whose it mostly is."""

    TOGETHER = "expect.together"  # what the two have done together
    ONE_WORD = "expect.one_word"  # one person's word
    WORDS = "expect.words"  # several people's word
    USUAL = "expect.usual"  # what is usual, for want of anything better


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """``value`` orders and is not shown; ``shares`` and the number of witnesses are said."""

    value: float
    shares: Shares
    witnesses: tuple[Witness, ...]

    @property
    def mostly(self) -> Mostly:
        s = self.shares
        if s.direct >= max(s.witnesses, s.prior):
            return Mostly.TOGETHER
        if s.witnesses < s.prior:
            return Mostly.USUAL
        weights = [w.weight for w in self.witnesses]
        return Mostly.ONE_WORD if 2 * max(weights) >= sum(weights) else Mostly.WORDS


def expectation(
    *, direct: Direct | None = None, witnesses: Sequence[Witness] = (), prior: Prior = ALONE
) -> Expectation:
    """``T = (c·a + λS + α) / (c + λW + n)``.

    ``n = α + β`` is the direct evidence, ``S`` and ``W`` the witnesses' weighed words and weights
    (together at most 5), ``λ = 4/(4+n)`` so that words fade as experience grows, ``a`` and ``c``
    the prior.  Between 0 and 1 for words and priors between 0 and 1.
    """
    known = direct or Direct()
    n = known.good + known.bad
    trust_in_words = DIRECT_HALVES_TRUST_IN_WORDS / (DIRECT_HALVES_TRUST_IN_WORDS + n)
    weight = sum(w.weight for w in witnesses)
    share = trust_in_words * (min(weight, MOST_WITNESSES) / weight if weight else 0.0)
    said = share * sum(w.weight * w.says for w in witnesses)
    total = prior.weight + share * weight + n
    if total == 0:
        raise ValueError("no evidence, no witness and a prior of weight 0 say nothing")
    return Expectation(
        value=(prior.weight * prior.value + said + known.good) / total,
        shares=Shares(
            direct=n / total, witnesses=share * weight / total, prior=prior.weight / total
        ),
        witnesses=tuple(witnesses),
    )


def fade(
    events: Iterable[tuple[date, bool]], *, at: date, half_life_days: float = HALF_LIFE_DAYS
) -> Direct:
    """Count good (True) and bad events up to ``at``, each halved with every half-life passed."""
    counts = {True: 0.0, False: 0.0}
    for on, kept in events:
        if on <= at:
            counts[kept] += 0.5 ** ((at - on).days / half_life_days)
    return Direct(good=counts[True], bad=counts[False])


@dataclass(frozen=True, kw_only=True, eq=False)
class Norms:
    """What is usual in a consenting group, learnt from its ties.

    ``habit``: how generous each person is with trust; ``standing``: how each is seen by others;
    both as differences from ``mean``, drawn towards 0 the more the fewer ties there are.
    ``mutual``: how far trust above the usual is returned.  ``local``: how far what one's own
    people say about somebody, above the usual, holds for oneself.  ``near``: how much more is
    trusted who is near by each of the two measures of nearness; ``nearness``: what they usually
    are between two who have a tie.
    """

    mean: float
    habit: Values
    standing: Values
    habit_draw: float
    standing_draw: float
    mutual: float = 0.0
    local: float = 0.0
    near: tuple[float, float] = (0.0, 0.0)
    nearness: tuple[float, float] = (0.0, 0.0)

    def habit_of(self, network: Network, source: int, *, without: int) -> float:
        """``habit`` of ``source`` as it is without the tie to ``without``."""
        value = network.trust(source, without)
        if value is None:
            return float(self.habit[source])
        count = network.out_start[source + 1] - network.out_start[source] + self.habit_draw
        own = value - self.mean - self.standing[without]
        return float((self.habit[source] * count - own) / (count - 1))

    def standing_of(self, network: Network, target: int, *, without: int) -> float:
        """``standing`` of ``target`` as it is without the tie from ``without``."""
        value = network.trust(without, target)
        if value is None:
            return float(self.standing[target])
        count = network.in_start[target + 1] - network.in_start[target] + self.standing_draw
        own = value - self.mean - self.habit[without]
        return float((self.standing[target] * count - own) / (count - 1))

    def usual(
        self, network: Network, source: int, target: int, *, nearness: Values | None = None
    ) -> float:
        """The trust to be expected from ``source`` in ``target``; their own tie is not used.

        ``nearness``: of the two by other ways; None leaves it out of account.
        """
        value = (
            self.mean
            + self.habit_of(network, source, without=target)
            + self.standing_of(network, target, without=source)
        )
        returned = network.trust(target, source)
        if returned is not None:
            above = returned - self.mean - self.habit[target] - self.standing[source]
            value += self.mutual * float(above)
        if nearness is not None:
            value += float(np.dot(self.near, nearness - self.nearness))
        return value


def prior(network: Network, norms: Norms, source: Person, target: Person) -> Prior:
    """The prior inside a group.  Somebody the network does not know has the mean's."""
    u, v = network.index(source), network.index(target)
    usual = norms.mean
    if u is not None and v is not None:
        nearness = _Seen(network, u, v, MOST_HOPS).nearness
        usual = norms.usual(network, u, v, nearness=nearness)
    return Prior(value=_unit(usual), weight=GROUP_WEIGHT)


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))


def witnesses(
    network: Network,
    source: Person,
    target: Person,
    *,
    norms: Norms | None = None,
    max_hops: int = MOST_HOPS,
    most: int = 50,
) -> tuple[Witness, ...]:
    """The people who know ``target``, each by the best chain from ``source``, weightiest first.

    A tie from ``source`` to ``target`` is never used, and no chain passes through ``target``.
    With ``norms`` each word is corrected for its speaker's habit: what counts is how far they trust
    the target more or less than was to be expected of them.

    Raises:
        ValueError: ``max_hops`` outside 1..3.
    """
    if not 1 <= max_hops <= MOST_HOPS:
        raise ValueError(f"max_hops is {max_hops}, expected 1 to {MOST_HOPS}")
    u, v = network.index(source), network.index(target)
    if u is None or v is None or u == v:
        return ()
    seen = _Seen(network, u, v, max_hops)
    says = seen.says
    if norms is not None:
        usual = norms.usual(network, u, v, nearness=seen.nearness)
        says = np.clip(usual + norms.local * seen.above(norms), 0, 1)
    strongest = np.argsort(-seen.weight, kind="stable")[:most]
    return tuple(
        Witness(
            path=tuple(map(network.person, seen.path(int(n)))),
            says=float(says[n]),
            weight=float(seen.weight[n]),
        )
        for n in strongest
        if seen.weight[n] > 0
    )


class _Seen:
    """Everybody who knows ``target``, as seen from ``source`` over at most three hops.

    ``raters``, ``says`` and ``weight`` run alongside; ``f1`` and ``f2`` hold the best product of
    trust over one and two hops from the source to each person.  ``nearness``: the most that a way
    through a rater is worth, its further hops costing what they cost a route, or nothing.
    """

    def __init__(self, network: Network, source: int, target: int, max_hops: int) -> None:
        self.net, self.source, self.target = network, source, target
        span = slice(network.in_start[target], network.in_start[target + 1])
        other = network.in_from[span] != source
        self.raters = network.in_from[span][other]
        self.says = network.in_trust[span][other].astype(np.float64)
        self.f1 = self._empty()
        near = slice(network.out_start[source], network.out_start[source + 1])
        self.f1[network.out_to[near]] = network.out_trust[near]
        self._close(self.f1)
        self.f2 = self._empty()
        reach = [self.f1[self.raters]]
        if max_hops >= 2 and len(self.raters):
            reach.append(self._reach(self.f1))
        if max_hops >= 3 and len(self.raters):
            first = np.flatnonzero(self.f1)
            tie, owner = gather(network.out_start, first)
            product = self.f1[first][owner] * network.out_trust[tie]
            np.maximum.at(self.f2, network.out_to[tie], product)
            self._close(self.f2)
            reach.append(self._reach(self.f2))
        ways = np.array([(r * self.says).max(initial=0) for r in reach])
        cost = WAY_PER_HOP ** np.arange(1, len(ways) + 1)
        self.nearness: Values = np.array([(ways * cost).max(), ways.max()])
        worth = np.array([np.sqrt(r) * PER_HOP**hop for hop, r in enumerate(reach)])
        self.hops = np.argmax(worth, axis=0)
        self.weight: Values = np.max(worth, axis=0)

    def _empty(self) -> Values:
        return np.zeros(self.net.people)

    def _close(self, values: Values) -> None:
        values[[self.source, self.target]] = 0

    def _reach(self, before: Values) -> Values:
        """The best product to each rater over one more tie."""
        tie, owner = gather(self.net.in_start, self.raters)
        best = np.zeros(len(self.raters))
        np.maximum.at(best, owner, before[self.net.in_from[tie]] * self.net.in_trust[tie])
        return best

    def above(self, norms: Norms) -> Values:
        """How far each rater trusts the target beyond what was to be expected of them."""
        standing = norms.standing_of(self.net, self.target, without=self.source)
        beyond: Values = self.says - norms.mean - norms.habit[self.raters] - standing
        return beyond

    def path(self, n: int) -> tuple[int, ...]:
        """The best chain to the ``n``-th rater, backwards along the ties that made its product."""
        way = [int(self.raters[n])]
        for before in (self.f2, self.f1)[2 - int(self.hops[n]) :]:
            span = slice(self.net.in_start[way[0]], self.net.in_start[way[0] + 1])
            giver = self.net.in_from[span]
            way.insert(0, int(giver[np.argmax(before[giver] * self.net.in_trust[span])]))
        return (self.source, *way)


ROUNDS = 10  # habits and standings settle within a few
LEAST_DRAW, MOST_DRAW = 0.1, 50.0
SAMPLE = 1000  # ties looked at to learn how far words hold
# Where a group is too small to say; that nearness tells anything, it has to show.
USUAL_MUTUAL, USUAL_LOCAL, USUAL_NEAR = 0.3, 0.5, 0.0
FIRM = 20.0  # ties it takes to move half-way from there


def learn(network: Network, *, sample: int = SAMPLE) -> Norms:
    """Learn a group's norms from its ties, in a worker, when ties or consent change.

    Habits and standings are random effects of an additive model, fitted in turn; how far they are
    drawn to 0 follows from their own variances (method of moments).  ``mutual``, then ``local``
    and ``near`` together, are slopes through the origin of what the additive model leaves, each
    tie predicted without itself, drawn to their usual values by as much as twenty ties weigh.
    Deterministic.
    """
    if not network.ties:
        nothing = np.zeros(network.people)
        return Norms(mean=0.5, habit=nothing, standing=nothing, habit_draw=1.0, standing_draw=1.0)
    ties = _Ties(network)
    norms = ties.settle(4.0, 4.0)
    for _ in range(6):
        norms = ties.settle(*ties.draws(norms))
    norms = replace(norms, mutual=ties.mutual(norms))
    return _heard(network, norms, sample)


class _Ties:
    """All ties of a network, one after another, for sums over them."""

    def __init__(self, network: Network) -> None:
        self.people = network.people
        self.given = np.diff(network.out_start)
        self.had = np.diff(network.in_start)
        self.src = np.repeat(np.arange(self.people), self.given)
        self.dst = network.out_to.astype(np.int64)
        self.value = network.out_trust.astype(np.float64)
        self.mean = float(self.value.mean())

    def settle(self, habit_draw: float, standing_draw: float) -> Norms:
        above = self.value - self.mean
        habit = np.zeros(self.people)
        standing = np.zeros(self.people)
        for _ in range(ROUNDS):
            rest = np.bincount(self.dst, above - habit[self.src], self.people)
            standing = rest / (self.had + standing_draw)
            rest = np.bincount(self.src, above - standing[self.dst], self.people)
            habit = rest / (self.given + habit_draw)
        return Norms(
            mean=self.mean,
            habit=habit,
            standing=standing,
            habit_draw=habit_draw,
            standing_draw=standing_draw,
        )

    def draws(self, norms: Norms) -> tuple[float, float]:
        """How many ties' worth each effect is drawn to 0: noise variance over its own variance."""
        above = self.value - self.mean
        habits = self._shared(self.src, above - norms.standing[self.dst], self.given)
        standings = self._shared(self.dst, above - norms.habit[self.src], self.had)
        total = float(self.value.var())
        noise = max(total - habits - standings, total / 10)
        return _draw(noise, habits), _draw(noise, standings)

    def _shared(
        self, end: npt.NDArray[np.int64], rest: Values, count: npt.NDArray[np.int64]
    ) -> float:
        """The variance that ties at the same end share, from the products of their pairs."""
        several = count > 1
        if not several.any():
            return 0.0
        sums = np.bincount(end, rest, self.people)[several]
        squares = np.bincount(end, rest * rest, self.people)[several]
        pairs = (sums * sums - squares) / count[several]
        return float(pairs.sum() / (count[several] - 1).sum())

    def mutual(self, norms: Norms) -> float:
        """How far what one side gives beyond the usual is what the other side gives beyond it."""
        key = self.src * self.people + self.dst
        back = self.dst * self.people + self.src
        at = np.minimum(np.searchsorted(key, back), len(key) - 1)
        both = np.flatnonzero(key[at] == back)
        rest = self.value - self.mean - norms.habit[self.src] - norms.standing[self.dst]
        alone = self._without_itself(norms)
        return _slope(rest[at[both]], alone[both], float(rest.var()), USUAL_MUTUAL)

    def _without_itself(self, norms: Norms) -> Values:
        """What is left of each tie when it takes no part in the effects that explain it."""
        above = self.value - self.mean
        habit, standing = norms.habit[self.src], norms.standing[self.dst]
        given = self.given[self.src] + norms.habit_draw
        had = self.had[self.dst] + norms.standing_draw
        without_habit = (habit * given - (above - standing)) / (given - 1)
        without_standing = (standing * had - (above - habit)) / (had - 1)
        left: Values = above - without_habit - without_standing
        return left


def _draw(noise: float, own: float) -> float:
    return min(MOST_DRAW, max(LEAST_DRAW, noise / own)) if own > 0 else MOST_DRAW


def _slope(x: Values, y: Values, scale: float, usual: float) -> float:
    """The slope of y on x through 0, drawn to ``usual`` as by ``FIRM`` points of variance scale.

    Between 0 and 1: nobody could be told why praise should count against somebody.
    """
    bottom = float(x @ x) + FIRM * scale
    slope = (float(x @ y) + FIRM * scale * usual) / bottom if bottom else usual
    return min(1.0, max(0.0, slope))


def _heard(network: Network, norms: Norms, sample: int) -> Norms:
    """``norms`` with what is learnt from ``sample`` ties about words and nearness."""
    every = max(1, network.ties // sample)
    src = np.repeat(np.arange(network.people), np.diff(network.out_start))
    words, nearness, rest = [], [], []
    for tie in range(0, network.ties, every):
        u, v = int(src[tie]), int(network.out_to[tie])
        seen = _Seen(network, u, v, MOST_HOPS)
        weight = float(seen.weight.sum())
        scale = min(weight, MOST_WITNESSES) / weight if weight else 0.0
        word = scale * float(seen.weight @ seen.above(norms))
        words.append(word / (GROUP_WEIGHT + scale * weight))
        nearness.append(seen.nearness)
        rest.append(float(network.out_trust[tie]) - norms.usual(network, u, v))
    near = np.array(nearness).T
    usually = near.mean(axis=1)
    local, short, close = _slopes(
        np.array([words, *(near - usually[:, None])]),
        np.array(rest),
        np.array([USUAL_LOCAL, USUAL_NEAR, USUAL_NEAR]),
    )
    return replace(
        norms, local=local, near=(short, close), nearness=(float(usually[0]), float(usually[1]))
    )


def _slopes(x: Values, y: Values, usual: Values) -> list[float]:
    """The slopes of ``y`` on the rows of ``x`` together, each drawn and held as ``_slope`` does.

    The lowest of those below 0 is 0, and the others are found again without it.
    """
    drawn = FIRM * (x**2).mean(axis=1)
    slopes, open_ = usual.copy(), drawn > 0
    while open_.any():
        rows, firm = x[open_], drawn[open_]
        found = np.linalg.solve(rows @ rows.T + np.diag(firm), rows @ y + firm * usual[open_])
        slopes[open_] = np.clip(found, 0, 1)
        if (found >= 0).all():
            break
        open_[np.flatnonzero(open_)[np.argmin(found)]] = False
    return [float(slope) for slope in slopes]
