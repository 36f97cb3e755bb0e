"""Ways to guess the trust of one person in another, the product's beside published ones.

Each is written from its paper.  A rule answers for one pair that has no tie in the network (the
tie was taken out), or ``None`` when it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from introductions.engine.expectation import (
    ALONE,
    Norms,
    Prior,
    expectation,
    learn,
    prior,
    witnesses,
)
from introductions.engine.paths import Network, gather

Array = npt.NDArray[np.float64]
SHRINK = 4  # of the simple means: as many ties at the overall mean


@dataclass(frozen=True, eq=False)
class Known:
    """The network that is left, with what several rules need."""

    net: Network

    @cached_property
    def mean(self) -> float:
        return float(self.net.out_trust.mean())

    @cached_property
    def middle(self) -> float:
        return float(np.median(self.net.out_trust))

    @cached_property
    def given(self) -> tuple[Array, Array]:
        """Sum and number of the trust each person gives."""
        return self._sums(self.net.out_start, self.net.out_trust)

    @cached_property
    def had(self) -> tuple[Array, Array]:
        """Sum and number of the trust each person has from others."""
        return self._sums(self.net.in_start, self.net.in_trust)

    @staticmethod
    def _sums(start: npt.NDArray[np.int64], trust: npt.NDArray[np.float32]) -> tuple[Array, Array]:
        total = np.concatenate(([0.0], np.cumsum(trust, dtype=np.float64)))
        return np.diff(total[start]), np.diff(start).astype(float)

    @cached_property
    def norms(self) -> Norms:
        return learn(self.net)

    @cached_property
    def ties(self) -> list[dict[int, float]]:
        """For each person whom they trust how much."""
        net = self.net
        return [
            dict(zip(net.out_to[a:b].tolist(), net.out_trust[a:b].tolist(), strict=True))
            for a, b in zip(net.out_start, net.out_start[1:], strict=False)
        ]

    def raters(self, v: int) -> dict[int, float]:
        span = slice(self.net.in_start[v], self.net.in_start[v + 1])
        return dict(
            zip(self.net.in_from[span].tolist(), self.net.in_trust[span].tolist(), strict=True)
        )


Rule = Callable[[Known, int, int], "float | None"]


def rated(known: Known, u: int, v: int) -> float | None:
    """The mean trust others have in ``v``."""
    total, count = (side[v] for side in known.had)
    return total / count if count else None


def both(known: Known, u: int, v: int) -> float:
    """Who rates and who is rated: two differences from the mean, each drawn to it."""
    value = known.mean
    for (totals, counts), person in ((known.given, u), (known.had, v)):
        value += (totals[person] - counts[person] * known.mean) / (counts[person] + SHRINK)
    return value


def tidal(known: Known, u: int, v: int) -> float | None:
    """TidalTrust (Golbeck 2005): strongest shortest paths, weighed means from the end back."""
    raters = known.raters(v)
    layers: list[dict[int, float]] = [{u: float("inf")}]  # strength of the best path to each
    seen = {u, v}
    while layers[-1] and not any(x in raters for x in layers[-1]):
        layer: dict[int, float] = {}
        for x, strength in layers[-1].items():
            for y, w in known.ties[x].items():
                if y not in seen:
                    layer[y] = max(layer.get(y, 0.0), min(strength, w))
        seen.update(layer)
        layers.append(layer)
    if not layers[-1]:
        return None
    least = max(s for x, s in layers[-1].items() if x in raters)
    value = {x: raters[x] for x in layers[-1] if x in raters}
    for layer in reversed(layers[:-1]):
        before: dict[int, float] = {}
        for x in layer:
            strong = [(w, value[y]) for y, w in known.ties[x].items() if y in value and w >= least]
            if strong:
                before[x] = sum(w * t for w, t in strong) / sum(w for w, _ in strong)
        value = before
    return value.get(u)


MOLE_HORIZON, MOLE_LEAST = 3, 0.6


def mole(known: Known, u: int, v: int) -> float | None:
    """MoleTrust (Massa & Avesani 2007): outward by distance, horizon 3, threshold 0.6; where the
    middle of all trust is lower it is that, or the rule would hardly ever speak."""
    least = min(MOLE_LEAST, known.middle)
    layer, seen = {u: 1.0}, {u}
    for _ in range(MOLE_HORIZON):
        top: dict[int, float] = {}
        bottom: dict[int, float] = {}
        for x, t in layer.items():
            if t < least:
                continue
            for y, w in known.ties[x].items():
                if y not in seen:
                    top[y] = top.get(y, 0.0) + t * w
                    bottom[y] = bottom.get(y, 0.0) + t
        layer = {y: top[y] / bottom[y] for y in top}
        if v in layer:
            return layer[v]
        seen.update(layer)
    return None


@dataclass(frozen=True, eq=False)
class Chains:
    """The best chain of at most three ties to each rater of ``v``: the product of trust times
    ``per_hop`` for each tie.  ``values[h]`` belongs to chains of ``h + 1`` ties."""

    net: Network
    u: int
    raters: npt.NDArray[np.int32]
    says: Array
    values: Array
    reach: tuple[Array, Array]

    @classmethod
    def to(
        cls, net: Network, u: int, v: int, *, per_hop: float = 1.0, shut: tuple[int, ...] = ()
    ) -> Chains:
        closed = [u, v, *shut]
        span = slice(net.in_start[v], net.in_start[v + 1])
        raters, says = net.in_from[span], net.in_trust[span].astype(float)
        open_ = ~np.isin(raters, closed)
        raters, says = raters[open_], says[open_]
        one, two = np.zeros(net.people), np.zeros(net.people)
        near = slice(net.out_start[u], net.out_start[u + 1])
        one[net.out_to[near]] = net.out_trust[near] * per_hop
        one[closed] = 0
        first = np.flatnonzero(one)
        tie, owner = gather(net.out_start, first)
        np.maximum.at(two, net.out_to[tie], one[first][owner] * net.out_trust[tie] * per_hop)
        two[closed] = 0
        back, owner = gather(net.in_start, raters)
        three = np.zeros(len(raters))
        last = two[net.in_from[back]] * net.in_trust[back] * per_hop
        np.maximum.at(three, owner, last)
        values = np.array([one[raters], two[raters], three])
        return cls(net, u, raters, says, values, (one, two))

    def people(self, n: int) -> tuple[int, ...]:
        """The chain to the ``n``-th rater without ``u``, followed backwards."""
        way = [int(self.raters[n])]
        for before in reversed(self.reach[: int(np.argmax(self.values[:, n]))]):
            span = slice(self.net.in_start[way[0]], self.net.in_start[way[0] + 1])
            giver = self.net.in_from[span]
            way.insert(0, int(giver[np.argmax(before[giver] * self.net.in_trust[span])]))
        return tuple(way)


EVIDENCE = 10.0  # observations behind one tie


def subjective(known: Known, u: int, v: int) -> float | None:
    """Subjective logic (Jøsang 2016): discount along a chain, cumulative fusion over witnesses.

    A tie of weight w is an opinion of ten observations; each rater of ``v`` is reached by the chain
    of at most three ties that carries most belief; the base rate is the mean.
    """
    sure = EVIDENCE / (EVIDENCE + 2)
    chains = Chains.to(known.net, u, v, per_hop=sure)
    if not chains.values.any():
        return None
    belief = chains.values.max(axis=0)
    b, d = belief * sure * chains.says, belief * sure * (1 - chains.says)
    unsure = 1 - b - d
    good, bad = (2 * b / unsure).sum(), (2 * d / unsure).sum()
    return float((good + 2 * known.mean) / (good + bad + 2))


def best_product(known: Known, u: int, v: int) -> float | None:
    """The product of trust along the best path of at most four ties."""
    found = _disjoint(known, u, v, 1)
    return found[0] if found else None


def noisy_or(known: Known, u: int, v: int) -> float | None:
    """One minus the chance that all of five disjoint paths fail."""
    found = _disjoint(known, u, v, 5)
    return 1 - float(np.prod([1 - p for p in found])) if found else None


def _disjoint(known: Known, u: int, v: int, most: int) -> list[float]:
    """Products of the best paths, taken one by one, with no person in common."""
    shut: tuple[int, ...] = ()
    products: list[float] = []
    while len(products) < most:
        chains = Chains.to(known.net, u, v, shut=shut)
        value = chains.values.max(axis=0) * chains.says
        if not value.any():
            break
        n = int(np.argmax(value))
        products.append(float(value[n]))
        shut += chains.people(n)
    return products


def paths_only(known: Known, u: int, v: int) -> float:
    """The product's rule for one member alone: no norms."""
    said = witnesses(known.net, u, v)
    usual = Prior(value=known.mean, weight=ALONE.weight)
    return expectation(witnesses=said, prior=usual).value


def with_prior(known: Known, u: int, v: int) -> float:
    """The first form of the rule: plain words, simple means as the prior, which weighs 8."""
    value = min(1.0, max(0.0, both(known, u, v)))
    said = witnesses(known.net, u, v)
    return expectation(witnesses=said, prior=Prior(value=value, weight=8.0)).value


def shipped(known: Known, u: int, v: int) -> float:
    """The product's rule inside a group, as shipped."""
    said = witnesses(known.net, u, v, norms=known.norms)
    return expectation(witnesses=said, prior=prior(known.net, known.norms, u, v)).value


def no_words(known: Known, u: int, v: int) -> float:
    """The shipped rule without witnesses: what the norms alone give."""
    return prior(known.net, known.norms, u, v).value


def no_return(known: Known, u: int, v: int) -> float:
    """The shipped rule without the tie back."""
    norms = replace(known.norms, mutual=0.0)
    said = witnesses(known.net, u, v, norms=norms)
    return expectation(witnesses=said, prior=prior(known.net, norms, u, v)).value


RULES: dict[str, Rule] = {
    "who is rated (in-degree mean)": rated,
    "who rates + who is rated": both,
    "TidalTrust": tidal,
    "MoleTrust": mole,
    "subjective logic": subjective,
    "product along the best path": best_product,
    "noisy-or of 5 disjoint paths": noisy_or,
    "first rule, paths only": paths_only,
    "first rule, with the prior": with_prior,
    "shipped: norms alone": no_words,
    "shipped: without the tie back": no_return,
    "SHIPPED RULE": shipped,
}
