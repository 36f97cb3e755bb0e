"""The best ways to reach somebody through people who may pass one on.

A *network* holds directed ties with a trust in (0, 1]: how likely the tie carries an introduction.
A route of n hops is worth the product of its ties times 0.7 for every hop after the first; at most
four hops.  The value orders routes and is never shown.

NumPy because a group of 100,000 people must answer within milliseconds.  Each question is met in
the middle: the best two hops forward from the source, the best two back from the targets, joined at
the person between; ways are then spelt out only around the few best middles.  Source:
docs/decisions/0028-warm-paths.md.
"""

from __future__ import annotations

import mmap
import os
import struct
from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from itertools import pairwise
from math import prod
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

import numpy as np
import numpy.typing as npt

Person = UUID | int
Ints = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Values = npt.NDArray[np.float64]

PER_HOP = 0.7  # what each further person costs
MOST_HOPS = 4


class Place(StrEnum):
    """Which step of a route is the weakest, and so what would help."""

    OWN = "route.weak.own"  # between the owner and the first person
    BETWEEN = "route.weak.between"  # between two others
    LAST = "route.weak.last"  # between the last introducer and the target
    NONE = "route.weak.none"  # all steps are alike, or there is only one


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One tie of a route: ``giver`` may pass the owner on to ``taker``."""

    giver: Person
    taker: Person
    trust: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way from the source to a target.  ``value`` is for ordering only.

    ``weakest`` is the step with the least trust, the first of equals; ``why`` its place.
    """

    people: tuple[Person, ...]
    steps: tuple[Step, ...]
    value: float

    @property
    def hops(self) -> int:
        return len(self.steps)

    @property
    def weakest(self) -> Step:
        return min(self.steps, key=lambda s: s.trust)

    @property
    def why(self) -> Place:
        weak = self.weakest
        if all(s.trust == weak.trust for s in self.steps):
            return Place.NONE
        if weak is self.steps[0]:
            return Place.OWN
        return Place.LAST if weak is self.steps[-1] else Place.BETWEEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What an introducer was asked so far.  ``open``: requests waiting with them now."""

    asked: int = 0
    agreed: int = 0
    open: int = 0

    @property
    def willingness(self) -> float:
        """The share that was agreed to, drawn to one half while little is known."""
        return (self.agreed + 1) / (self.asked + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Introducer:
    """Somebody to ask, with the best way on from them.  ``rank`` is for ordering only."""

    person: Person
    route: Route
    record: Record
    rank: float


class Network:
    """Ties between people, in arrays: 16 bytes a tie, both directions of travel.

    Built once when ties or consent change, saved, and mapped into memory by whoever asks.
    Immutable.  People are UUIDs, or plain indices when built from index arrays.
    """

    def __init__(
        self,
        *,
        out_start: Starts,
        out_to: Ints,
        out_trust: Floats,
        in_start: Starts,
        in_from: Ints,
        in_trust: Floats,
        keys: npt.NDArray[np.bytes_] | None,
    ) -> None:
        self.out_start, self.out_to, self.out_trust = out_start, out_to, out_trust
        self.in_start, self.in_from, self.in_trust = in_start, in_from, in_trust
        self.keys = keys

    @property
    def people(self) -> int:
        return len(self.out_start) - 1

    @property
    def ties(self) -> int:
        return len(self.out_to)

    @classmethod
    def build(cls, ties: Iterable[tuple[UUID, UUID, float]]) -> Network:
        """Build from ``(giver, taker, trust)``; see ``from_arrays`` for what is refused."""
        rows = list(ties)
        pack = b"".join([person.bytes for row in rows for person in row[:2]])
        ends = np.frombuffer(pack, dtype="S16")
        keys, index = np.unique(ends, return_inverse=True)
        index = index.reshape(-1, 2).astype(np.int32)
        trust = np.fromiter((row[2] for row in rows), dtype=np.float64, count=len(rows))
        return cls.from_arrays(index[:, 0], index[:, 1], trust, people=len(keys), keys=keys)

    @classmethod
    def from_arrays(
        cls,
        giver: npt.NDArray[np.integer],
        taker: npt.NDArray[np.integer],
        trust: npt.NDArray[np.floating],
        *,
        people: int,
        keys: npt.NDArray[np.bytes_] | None = None,
    ) -> Network:
        """Build from index arrays of equal length, indices in ``0..people-1``.

        Of several ties the same way between the same two, the strongest counts; ties of somebody
        with themselves are left out.

        Raises:
            ValueError: an index out of range, or a trust outside (0, 1].
        """
        if not len(giver) == len(taker) == len(trust):
            raise ValueError(
                f"{len(giver)} givers, {len(taker)} takers, {len(trust)} trusts: expected equal"
            )
        if len(giver):
            low = min(giver.min(), taker.min())
            high = max(giver.max(), taker.max())
            if low < 0 or high >= people:
                raise ValueError(f"people are {low} to {high}, expected 0 to {people - 1}")
            if not bool(np.all((trust > 0) & (trust <= 1))):
                raise ValueError("trust must be above 0 and at most 1")
        apart = giver != taker
        src = giver[apart].astype(np.int32)
        dst = taker[apart].astype(np.int32)
        w = trust[apart].astype(np.float32)
        order = np.lexsort((-w, dst, src))
        src, dst, w = src[order], dst[order], w[order]
        first = np.ones(len(src), dtype=bool)
        first[1:] = (src[1:] != src[:-1]) | (dst[1:] != dst[:-1])
        src, dst, w = src[first], dst[first], w[first]
        back = np.lexsort((src, dst))
        return cls(
            out_start=_starts(src, people),
            out_to=dst,
            out_trust=w,
            in_start=_starts(dst, people),
            in_from=src[back],
            in_trust=w[back],
            keys=keys,
        )

    def index(self, person: Person) -> int | None:
        """The place of ``person`` in the arrays, or ``None`` for somebody not in the network."""
        if isinstance(person, int):
            return person if self.keys is None and 0 <= person < self.people else None
        if self.keys is None:
            return None
        at = int(np.searchsorted(self.keys, np.bytes_(person.bytes)))
        return at if at < len(self.keys) and self.person(at) == person else None

    def person(self, index: int) -> Person:
        if self.keys is None:
            return index
        # NumPy leaves out zeros at the end.
        return UUID(bytes=bytes(self.keys[index]).ljust(16, b"\0"))

    def trust(self, giver: int, taker: int) -> float | None:
        """The trust of one tie between two indices, or ``None`` if there is none."""
        low, high = self.out_start[giver], self.out_start[giver + 1]
        at = low + np.searchsorted(self.out_to[low:high], taker)
        return float(self.out_trust[at]) if at < high and self.out_to[at] == taker else None

    def dump(self) -> bytes:
        """The network as bytes, for ``parse``."""
        keyed = self.keys is not None
        header = _HEADER.pack(_MAGIC, self.people, self.ties, keyed).ljust(_HEADER_BYTES, b"\0")
        arrays = (getattr(self, name) for name, _ in _sections(self.people, self.ties, keyed=keyed))
        return b"".join([header, *(np.ascontiguousarray(array).tobytes() for array in arrays)])

    def save(self, path: Path) -> None:
        """Write one file, atomically: a reader sees the old network or the whole new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                file.write(self.dump())
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    @classmethod
    def load(cls, path: Path) -> Network:
        """Map a saved network into memory; pages are shared by all processes that ask.

        Raises:
            FileNotFoundError: nothing was saved there.
            ValueError: the file is not a network, of another version, or cut short.
        """
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise ValueError(f"{path} is empty, not a network: build it again")
            return cls.parse(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), name=str(path))

    @classmethod
    def parse(cls, data: bytes | mmap.mmap, *, name: str = "this") -> Network:
        """The network of these bytes; they are not copied.

        Raises:
            ValueError: they are not a network, of another version, or cut short.
        """
        if len(data) < _HEADER_BYTES or data[: len(_MAGIC)] != _MAGIC:
            raise ValueError(f"{name} is not a network of this version: build it again")
        _, people, ties, keyed = _HEADER.unpack_from(data)
        layout = _sections(people, ties, keyed=bool(keyed))
        if _HEADER_BYTES + sum(count * dtype.itemsize for _, (dtype, count) in layout) != len(data):
            raise ValueError(f"{name} is cut short: build it again")
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        offset = _HEADER_BYTES
        for section, (dtype, count) in layout:
            arrays[section] = np.frombuffer(data, dtype=dtype, count=count, offset=offset)
            offset += count * dtype.itemsize
        return cls(**{"keys": None, **arrays})  # type: ignore[arg-type]


_MAGIC = b"NETCRM-1"
_HEADER = struct.Struct("<8sQQ?")
_HEADER_BYTES = 64


def _sections(
    people: int, ties: int, *, keyed: bool
) -> list[tuple[str, tuple[np.dtype[np.generic], int]]]:
    """The arrays of a file in order; the widest first, so that each starts aligned."""
    start, tie, trust, key = (np.dtype(t) for t in ("<i8", "<i4", "<f4", "S16"))
    layout = [
        ("out_start", (start, people + 1)),
        ("in_start", (start, people + 1)),
        ("out_to", (tie, ties)),
        ("out_trust", (trust, ties)),
        ("in_from", (tie, ties)),
        ("in_trust", (trust, ties)),
    ]
    return [*layout, ("keys", (key, people))] if keyed else layout


def _starts(sorted_ends: Ints, people: int) -> Starts:
    counts = np.bincount(sorted_ends, minlength=people)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


def routes(
    network: Network,
    *,
    source: Person,
    targets: Collection[Person],
    max_hops: int = MOST_HOPS,
    most: int = 5,
    excluded: Collection[Person] = (),
) -> tuple[Route, ...]:
    """The ``most`` best simple ways from ``source`` to any of ``targets``, best first.

    A way ends at the first target it meets, never comes back to the source, and passes through and
    ends at nobody in ``excluded`` (who asked not to be contacted).  Equal values: fewer hops
    first.  Unknown people have no ways.

    Raises:
        ValueError: ``max_hops`` outside 1..4, or ``most`` below 1.
    """
    search = _search(network, source, targets, max_hops=max_hops, excluded=excluded)
    if most < 1:
        raise ValueError(f"most is {most}, expected at least 1")
    if search is None:
        return ()
    found = search.best(most)
    return tuple(search.route(path) for path in found)


def is_detour(network: Network, route: Route) -> bool:
    """Whether the source's own tie to somebody in the middle is worth no less than the way to them.

    Then the same way from that person on is shorter, worth no less, and asks nobody for somebody
    whom the source knows as well.
    """
    source = network.index(route.people[0])
    so_far = 1.0
    for hop, step in enumerate(route.steps[:-1]):
        so_far *= step.trust * (PER_HOP if hop else 1)
        taker = network.index(step.taker)
        if hop and source is not None and taker is not None:
            own = network.trust(source, taker)
            if own is not None and own >= so_far:
                return True
    return False


def introducers(
    network: Network,
    *,
    source: Person,
    targets: Collection[Person],
    records: Mapping[Person, Record],
    max_hops: int = MOST_HOPS,
    most: int = 5,
    excluded: Collection[Person] = (),
) -> tuple[Introducer, ...]:
    """Whom to ask first: those whose tie, way on and past answers together promise most.

    ``rank = trust(source, a) · best way on from a · (agreed + 1) / (asked + 2)``.  What is open
    with them is told beside it and changes no rank: that is the owner's to weigh.
    """
    search = _search(network, source, targets, max_hops=max_hops, excluded=excluded)
    if search is None or max_hops < 2:
        return ()
    ranked = []
    for a, value in search.through_each():
        record = records.get(network.person(a), Record())
        ranked.append((-value * record.willingness, a, record))
    return tuple(
        Introducer(
            person=network.person(a),
            route=search.route(search.best_through(a)),
            record=record,
            rank=-rank,
        )
        for rank, a, record in nsmallest(most, ranked, key=lambda r: r[:2])
    )


def _search(
    network: Network,
    source: Person,
    targets: Collection[Person],
    *,
    max_hops: int,
    excluded: Collection[Person],
) -> _Search | None:
    if not 1 <= max_hops <= MOST_HOPS:
        raise ValueError(f"max_hops is {max_hops}, expected 1 to {MOST_HOPS}")
    start = network.index(source)
    never = [i for i in map(network.index, excluded) if i is not None]
    ends = {network.index(t) for t in targets} - {None, start, *never}
    if start is None or start in never or not ends:
        return None
    return _Search(network, start, np.array(sorted(ends)), np.array(never, int), max_hops)  # type: ignore[type-var]


Way = tuple[int, ...]  # indices, the source first
_Half = tuple[float, Way]


class _Search:
    """One question.  ``f1`` and ``f2`` hold the best value of one and two hops from the source to
    each person, ``b1`` and ``b2`` of one and two hops from each person to a target; 0: no way,
    and in ``f2`` also: no way on from there.
    Source, targets and excluded people are 0 in all four, so nothing passes through them.
    """

    def __init__(
        self,
        network: Network,
        source: int,
        targets: npt.NDArray[np.int64],
        never: npt.NDArray[np.int64],
        max_hops: int,
    ) -> None:
        self.net = network
        self.source = source
        self.targets = targets
        self.max_hops = max_hops
        n = network.people
        self.is_target = np.zeros(n, dtype=bool)
        self.is_target[targets] = True
        self.closed = np.concatenate(([source], targets, never)).astype(np.int64)

        net = network
        span = slice(net.out_start[source], net.out_start[source + 1])
        self.near, self.near_trust = net.out_to[span], net.out_trust[span].astype(np.float64)
        self.f1 = np.zeros(n)
        self.f1[self.near] = self.near_trust
        self.f1[self.closed] = 0
        self.b1 = np.zeros(n)
        if max_hops >= 2:
            self._spread(self.b1, net.in_start, net.in_from, net.in_trust, targets, None)
        self.b2 = np.zeros(n)
        if max_hops >= 4:
            ones = np.flatnonzero(self.b1)
            self._spread(self.b2, net.in_start, net.in_from, net.in_trust, ones, self.b1)
        self.f2 = np.zeros(n)
        if max_hops >= 3:
            self._reach_middles()

    def _reach_middles(self) -> None:
        """Fill ``f2`` where a way on to a target exists: forwards from the first people, or, where
        that is less work, backwards from those middles.
        """
        net = self.net
        ones = np.flatnonzero(self.f1)
        middles = np.flatnonzero((self.b1 > 0) | (self.b2 > 0))
        forwards = int((net.out_start[ones + 1] - net.out_start[ones]).sum())
        backwards = int((net.in_start[middles + 1] - net.in_start[middles]).sum())
        if forwards <= backwards:
            self._spread(self.f2, net.out_start, net.out_to, net.out_trust, ones, self.f1)
            return
        tie, owner = gather(net.in_start, middles)
        carried = net.in_trust[tie] * self.f1[net.in_from[tie]]
        best = np.zeros(len(middles))
        np.maximum.at(best, owner, carried)
        self.f2[middles] = best
        self.f2[self.closed] = 0

    def _spread(
        self,
        into: Values,
        start: Starts,
        other: Ints,
        trust: Floats,
        nodes: npt.NDArray[np.integer],
        value: Values | None,
    ) -> None:
        """Carry each node's value over its ties and keep the best at the other end."""
        tie, owner = gather(start, nodes)
        carried = trust[tie].astype(np.float64)
        if value is not None:
            carried *= value[nodes][owner]
        np.maximum.at(into, other[tie], carried)
        into[self.closed] = 0

    def best(self, most: int) -> list[Way]:
        """The best ways, by their number of hops: each is joined at its one middle person."""
        found = _Best(most)
        for at in np.flatnonzero(self.is_target[self.near]):
            found.offer(float(self.near_trust[at]), (self.source, int(self.near[at])))
        if self.max_hops >= 2:
            self._join(found, self.f1, self.b1, hops=2)
        if self.max_hops >= 3:
            self._join(found, self.f2, self.b1, hops=3)
        if self.max_hops >= 4:
            self._join(found, self.f2, self.b2, hops=4)
        return found.ways()

    def _join(self, found: _Best, front: Values, back: Values, *, hops: int) -> None:
        """Offer the ways whose middle person has ``front`` before and ``back`` behind."""
        cost = PER_HOP ** (hops - 1)
        bound = front * back * cost
        for m in _downwards(bound):
            # The bound may be the last bit off what the same ties give in another order.
            if bound[m] * (1 + 1e-9) <= found.least:
                return
            before = self._before(m, found.most) if hops > 2 else [(self.f1[m], (m,))]
            behind = self._behind(m, found.most) if hops > 3 else self._ends(m, 1.0, found.most)
            for value, way in before:
                for rest, end in behind:
                    if way[0] != end[0]:
                        found.offer(value * rest * cost, (self.source, *way, *end))

    # Only the best halves of each kind can matter: as many as ways are asked for.  A half that does
    # not fit the other, because both pass through the same person x, stands for the shorter way
    # source, x, target, which is worth more than any way by either half and so fills its place.

    def _before(self, m: int, most: int) -> list[_Half]:
        """The best two-hop ways to ``m``."""
        span = slice(self.net.in_start[m], self.net.in_start[m + 1])
        first = self.net.in_from[span]
        value = self.net.in_trust[span] * self.f1[first]
        return [(value[at], (int(first[at]), m)) for at in _top(value, most)]

    def _behind(self, m: int, most: int) -> list[_Half]:
        """The best two-hop ways from ``m``."""
        span = slice(self.net.out_start[m], self.net.out_start[m + 1])
        last = self.net.out_to[span]
        trust = self.net.out_trust[span]
        found: list[_Half] = []
        for at in _top(trust * self.b1[last], most):
            b = int(last[at])
            found += [(v, (b, *end)) for v, end in self._ends(b, float(trust[at]), most)]
        return nsmallest(most, found, key=lambda half: -half[0])

    def _ends(self, b: int, value: float, most: int) -> list[_Half]:
        """The best targets right behind ``b``."""
        span = slice(self.net.out_start[b], self.net.out_start[b + 1])
        to = self.net.out_to[span]
        trust = self.net.out_trust[span] * self.is_target[to] * value
        return [(trust[at], (int(to[at]),)) for at in _top(trust, most)]

    def through_each(self) -> Iterator[tuple[int, float]]:
        """Each first person with the value of the best way through them.

        The best way on from somebody never comes back to them: going on from there at once is
        better.  So the plain maximum over the next two hops is a simple way.
        """
        first = self.near[self.f1[self.near] > 0]
        on = self._onward_values(first)
        value = np.max(on, axis=0) * self.f1[first]
        for at in np.flatnonzero(value):
            yield int(first[at]), float(value[at])

    def _onward_values(self, people: npt.NDArray[np.integer]) -> Values:
        """For each of ``people`` the best way on to a target by one, two and three hops: 3 rows."""
        on = np.zeros((3, len(people)))
        on[0] = self.b1[people] * PER_HOP
        on[1] = self.b2[people] * PER_HOP**2
        if self.max_hops == 3 and len(people):
            on[1] = self._best_next(people, self.b1) * PER_HOP**2
        if self.max_hops >= 4 and len(people):
            on[2] = self._best_next(people, self.b2) * PER_HOP**3
        return on

    def _best_next(self, people: npt.NDArray[np.integer], back: Values) -> Values:
        """For each of ``people`` the most that one tie onwards times ``back`` gives."""
        tie, owner = gather(self.net.out_start, people)
        value = self.net.out_trust[tie] * back[self.net.out_to[tie]]
        most = np.zeros(len(people))
        np.maximum.at(most, owner, value)
        return most

    def best_through(self, a: int) -> Way:
        """The best way whose first person is ``a``."""
        on = self._onward_values(np.array([a]))[:, 0]
        way = [self.source, a]
        for back in ([], [self.b1], [self.b2, self.b1])[int(np.argmax(on))]:
            way.append(self._next(way[-1], back))
        return (*way, self._next(way[-1], self.is_target))

    def _next(self, person: int, back: Values | npt.NDArray[np.bool_]) -> int:
        span = slice(self.net.out_start[person], self.net.out_start[person + 1])
        to = self.net.out_to[span]
        return int(to[np.argmax(self.net.out_trust[span] * back[to])])

    def route(self, way: Way) -> Route:
        steps = tuple(
            Step(
                giver=self.net.person(a),
                taker=self.net.person(b),
                trust=self.net.trust(a, b) or 0.0,
            )
            for a, b in pairwise(way)
        )
        value = prod(s.trust for s in steps) * PER_HOP ** (len(steps) - 1)
        return Route(people=tuple(map(self.net.person, way)), steps=steps, value=value)


class _Best:
    """The best ways so far, at most ``most``; ``least`` is what a further one must beat."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.least = 0.0
        self._kept: list[tuple[float, int, Way]] = []

    def offer(self, value: float, way: Way) -> None:
        if value <= self.least:
            return
        insort(self._kept, (-value, len(way), way))
        if len(self._kept) >= self.most:
            del self._kept[self.most :]
            self.least = -self._kept[-1][0]

    def ways(self) -> list[Way]:
        return [way for _, _, way in self._kept]


def gather(
    start: Starts, nodes: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The places of all ties of ``nodes``, and for each the number of its node in ``nodes``."""
    first = start[nodes]
    count = start[nodes + 1] - first
    owner = np.repeat(np.arange(len(first)), count)
    return np.arange(len(owner)) + (first - np.cumsum(count) + count)[owner], owner


def _top(value: npt.NDArray[np.floating], most: int) -> list[int]:
    """The places of the largest values above 0, largest first, at most ``most``."""
    some = np.flatnonzero(value)
    if len(some) > most:
        some = some[np.argpartition(-value[some], most - 1)[:most]]
    return [int(n) for n in some[np.argsort(-value[some], kind="stable")]]


def _downwards(value: Values) -> Iterator[int]:
    """The places of all values above 0, largest first; the first few without sorting all."""
    some = np.flatnonzero(value)
    size = 64
    while len(some):
        if len(some) > size:
            order = np.argpartition(-value[some], size - 1)
            head, some = some[order[:size]], some[order[size:]]
        else:
            head, some = some, some[:0]
        yield from (int(n) for n in head[np.argsort(-value[head], kind="stable")])
        size *= 8
