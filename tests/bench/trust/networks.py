"""Trust networks to measure on: ties with their weights, and made ones of known structure."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest

import numpy as np
import numpy.typing as npt

from introductions.engine.paths import Network

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

LEAST = 0.01  # a tie of the lowest weight still is a tie
LONG_TAIL = 5.0  # the whole range against the middle 98 %: beyond it, ranks instead of weights


@dataclass(frozen=True, kw_only=True)
class Ties:
    """Directed ties with a weight from 0 (lowest) to 1 (highest), people as indices."""

    name: str
    src: Index
    dst: Index
    weight: Array
    people: int
    names: tuple[str, ...]

    def network(self, keep: npt.NDArray[np.bool_]) -> Network:
        trust = np.maximum(self.weight[keep], LEAST)
        return Network.from_arrays(self.src[keep], self.dst[keep], trust, people=self.people)

    def asked(self, most: int) -> Index:
        """The ties to hide and guess: those with the smallest hash of their names."""

        def key(tie: int) -> bytes:
            text = f"{self.names[self.src[tie]]}\t{self.names[self.dst[tie]]}"
            return blake2b(text.encode(), digest_size=8).digest()

        return np.array(nsmallest(most, range(len(self.src)), key=key))


def scale(weight: Array) -> Array:
    """Bring any scale to 0..1: by range, or by rank when a long tail would flatten the rest."""
    low, high = weight.min(), weight.max()
    if low == high:
        return np.ones(len(weight))
    p1, p99 = np.quantile(weight, [0.01, 0.99])
    if (high - low) > LONG_TAIL * (p99 - p1) > 0:
        _, inverse, count = np.unique(weight, return_inverse=True, return_counts=True)
        middle = np.cumsum(count) - (count + 1) / 2
        return (middle / (len(weight) - 1))[inverse]
    return (weight - low) / (high - low)


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a made network comes about.  Effects are in standard deviations."""

    people: int = 3000
    ties: int = 30_000
    groups: int = 12
    habit: float = 0.5  # some are generous, some are not
    standing: float = 0.8  # some are trusted by all, some by nobody
    cheats: float = 0.0  # the share that nobody should trust
    steady: float = 0.0  # the share that trusts everybody alike
    alike: float = 0.5  # like trusts like
    inside: float = 0.0  # how much more those of one's own group are trusted
    local: float = 0.0  # a person's standing differs from group to group
    noise: float = 0.7
    mutual: float = 0.5  # how far the noise of both directions is shared
    returned: float = 0.5  # how many ties go both ways
    closed: float = 0.4  # how many go to a friend's friend
    levels: tuple[float, ...] = ()  # cut into levels at these; empty: any number


MADE = {
    "levels": Made(levels=(-1.3, -0.55, 0.5)),
    "ratings": Made(
        people=4000,
        ties=25_000,
        habit=0.35,
        standing=0.5,
        cheats=0.05,
        mutual=0.6,
        returned=0.75,
        levels=(-3, -2.2, -1.6, -0.6, 0.6, 1.2, 1.8, 2.4),
    ),
    "local": Made(alike=0.3, local=1.0, standing=0.5, habit=0.4),
    "one-way": Made(mutual=0.0, returned=0.05, levels=(-1.5, -0.8, 0.0, 0.8)),
    "thin": Made(people=6000, ties=15_000, levels=(-1.3, -0.55, 0.5)),
    "signs": Made(people=12_000, ties=50_000, cheats=0.1, levels=(-1.2,), returned=0.3),
    "steady": Made(people=4000, ties=25_000, steady=0.5, levels=(-1.5, -0.8, 0.0, 0.8)),
    "camps": Made(groups=6, habit=0.2, standing=0.2, alike=0, inside=3, mutual=0, closed=0.6),
    "small": Made(people=120, ties=2500, groups=4),
}


def make(name: str, made: Made, *, seed: int = 1) -> Ties:
    """Grow a network: people of uneven activity and fame, who trust by the effects of ``made``."""
    rng = np.random.default_rng(seed)
    n = made.people
    active = np.minimum((1 - rng.random(n)) ** (-1 / 1.3), n / 20)
    famous = np.minimum((1 - rng.random(n)) ** (-1 / 1.3), n / 20) ** 0.6 * active**0.4
    group = rng.integers(0, made.groups, n)
    taste = rng.normal(size=(made.groups, 4))[group] * 0.8 + rng.normal(size=(n, 4))
    taste /= np.sqrt((taste**2).sum(axis=1).mean())
    habit = rng.normal(size=n) * made.habit
    standing = rng.normal(size=n) * made.standing + 0.25 * np.log(famous)
    standing[rng.random(n) < made.cheats] -= 4
    alike_to_all = np.where(
        np.random.default_rng(seed + 1).random(n) < made.steady, 2 * habit, np.nan
    )
    seen_by = rng.normal(size=(made.groups, n)) * made.local
    members = [np.flatnonzero(group == g) for g in range(made.groups)]
    chance = [famous[m] / famous[m].sum() for m in members]
    weight: dict[tuple[int, int], float] = {}
    noise: dict[tuple[int, int], float] = {}
    knows: list[list[int]] = [[] for _ in range(n)]

    def add(u: int, v: int) -> None:
        if u == v or (u, v) in weight:
            return
        e = rng.normal()
        if (v, u) in noise:
            e = made.mutual * noise[v, u] + np.sqrt(1 - made.mutual**2) * e
        noise[u, v] = e
        alike = made.alike * float(taste[u] @ taste[v])
        own = made.inside * float(group[u] == group[v])
        value = habit[u] + standing[v] + alike + own + seen_by[group[u], v] + made.noise * e
        weight[u, v] = value if np.isnan(alike_to_all[u]) else float(alike_to_all[u])
        knows[u].append(v)

    while len(weight) < made.ties:
        for u, far in zip(
            rng.choice(n, size=2000, p=active / active.sum()).tolist(),
            rng.choice(n, size=2000, p=famous / famous.sum()).tolist(),
            strict=True,
        ):
            v = far
            pick = rng.random()
            if pick < made.closed and knows[u]:
                friend = knows[u][rng.integers(len(knows[u]))]
                v = knows[friend][rng.integers(len(knows[friend]))] if knows[friend] else v
            elif pick < (1 + made.closed) / 2:
                v = int(rng.choice(members[group[u]], p=chance[group[u]]))
            add(u, v)
            if rng.random() < made.returned:
                add(v, u)
    ends = np.array(list(weight))
    value = np.array(list(weight.values()))
    value = (value - value.mean()) / value.std()
    if made.levels:
        value = np.digitize(value, made.levels).astype(float)
    return Ties(
        name=f"made: {name}",
        src=ends[:, 0],
        dst=ends[:, 1],
        weight=scale(value),
        people=n,
        names=tuple(map(str, range(n))),
    )
