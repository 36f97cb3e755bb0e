"""Who the owner knows through whom: chains, what grew from them, and what they hang on.

Chains are never stored; they follow from introductions.  An introduction in which the owner took
part as introducee or introduced is a *hop*: from the one who connected to the one met through it.
Pure and deterministic; people are any hashable ids.  Source: docs/decisions/0023-chains.md.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, reduce

from introductions.engine.workflow import AWAITING_INTRODUCER, Outcome, State, happened

Person = Hashable


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One introduction, as recorded.

    Raises:
        ValueError: the three are not three different people.
    """

    ref: Hashable
    introducer: Person
    introducee: Person
    introduced: Person
    state: State
    outcome: Outcome | None = None
    asked_on: date | None = None
    made_on: date | None = None
    met_on: date | None = None

    def __post_init__(self) -> None:
        if len({self.introducer, self.introducee, self.introduced}) < 3:
            raise ValueError("an introduction joins three different people")

    @property
    def happened(self) -> bool:
        return happened(self.state, self.made_on)

    @property
    def ended(self) -> bool:
        """Whether it came to its end before the two had met."""
        if self.state in {State.DECLINED, State.NO_ANSWER}:
            return True
        nothing = self.outcome in {Outcome.NOTHING, Outcome.DROPPED}
        return self.state is State.CLOSED and nothing and self.met_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """``via`` introduced the owner to ``to``."""

    via: Person
    to: Person
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How the owner knows somebody: ``people`` from the owner to that person.

    The first after the owner is known directly; each later one by the hop at the same place:
    ``len(hops) == len(people) - 2``.
    """

    people: tuple[Person, ...]
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chains:
    """``complete`` is False when there are more chains than were asked for."""

    chains: tuple[Chain, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Descendant:
    """Somebody who came through a person, ``depth`` hops on (1: introduced by that person)."""

    person: Person
    depth: int
    hop: Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``people`` would be known through nobody if it were not for ``person``."""

    person: Person
    people: int


class Life(StrEnum):
    ALIVE = "alive"  # every hop was made and nothing on it waits
    WAITING = "waiting"  # it stands still at ``at``
    ENDED = "ended"  # it ended at ``at`` without a meeting


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of one chain.  ``at`` is the first hop that waits or ended."""

    life: Life
    at: Hop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is being asked of one introducer."""

    open: int  # asked and neither made, declined nor let go
    recent: int  # asked within the window
    limit: int

    @property
    def over(self) -> bool:
        """Whether one more request would pass the limit, so that the page asks first."""
        return max(self.open, self.recent) >= self.limit


class Web:
    """Every chain of one owner.  Built once from the introductions, then asked.

    Several hops between the same two people count as one way to know somebody; the earliest made
    is shown.  Introductions between others leave the owner's chains alone.
    """

    def __init__(
        self,
        links: Iterable[Link],
        *,
        me: Person,
        known_directly: Collection[Person] = (),
        made_only: bool = True,
    ) -> None:
        """
        Args:
            links: all introductions of the owner, in any order.
            me: the owner's own id among the people.
            known_directly: people the owner also knew without any introduction.
            made_only: leave out introductions that have not taken place.
        """
        self.me = me
        self.links = tuple(sorted(links, key=_when))
        self._direct = frozenset(known_directly)
        self._in: dict[Person, list[Hop]] = {}
        self._out: dict[Person, list[Hop]] = {}
        seen: set[tuple[Person, Person]] = set()
        for link in self.links:
            to = link.introduced if link.introducee == me else link.introducee
            if me not in (link.introducee, link.introduced) or (made_only and not link.happened):
                continue
            hop = Hop(via=link.introducer, to=to, link=link)
            if (hop.via, hop.to) not in seen:
                seen.add((hop.via, hop.to))
                self._in.setdefault(to, []).append(hop)
                self._out.setdefault(hop.via, []).append(hop)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Everybody on a chain, the owner left out, in order of first appearance."""
        hops = [hop for hops in self._out.values() for hop in hops]
        return tuple(dict.fromkeys(p for hop in hops for p in (hop.via, hop.to)))

    def introducers_of(self, person: Person) -> tuple[Hop, ...]:
        return tuple(self._in.get(person, ()))

    def introduced_by(self, person: Person) -> tuple[Hop, ...]:
        return tuple(self._out.get(person, ()))

    @cached_property
    def _starts(self) -> tuple[Person, ...]:
        """The people known directly: those nobody introduced, and those said to be.

        People who only introduced each other in a circle hang on nobody: the one who made the
        first introduction in it is taken as known directly.
        """
        starts = [p for p in self.people if p not in self._in or p in self._direct]
        reached = set(self._walk(starts))
        for person in self.people:
            if person not in reached:
                starts.append(person)
                reached.update(self._walk([person]))
        return tuple(starts)

    @cached_property
    def _depth(self) -> dict[Person, int]:
        return self._walk(self._starts)

    def _walk(self, starts: Iterable[Person]) -> dict[Person, int]:
        """Everybody reached from ``starts`` with the fewest hops, nearest first."""
        depth = dict.fromkeys(starts, 0)
        queue = deque(depth)
        while queue:
            person = queue.popleft()
            for hop in self._out.get(person, ()):
                if hop.to not in depth:
                    depth[hop.to] = depth[person] + 1
                    queue.append(hop.to)
        return depth

    def depth(self, person: Person) -> int | None:
        """Introductions between the owner and ``person`` at the least; ``None`` if unknown here."""
        return 0 if person in self._direct else self._depth.get(person)

    def chains_to(self, person: Person, *, most: int = 50) -> Chains:
        """Every simple chain from the owner to ``person``, shortest first, then oldest first.

        At most ``most`` chains.  Somebody known directly and on no chain has the chain of two;
        somebody unknown has none.
        """
        if self.depth(person) is None or person == self.me:
            return Chains(chains=(), complete=True)
        found: list[Chain] = []
        # Best first, from the person upwards: a part chain is as long as it is plus the depth of
        # its top, and a whole one goes back into the heap, so that chains leave it in order.  Of
        # equals the one nearest its end comes first, or all would be begun before one is done.
        order = 0
        heap: list[tuple[int, int, int, bool, tuple[Hop, ...]]] = [(0, 0, order, False, ())]
        while heap and order < MOST_PARTS:
            *_, whole, hops = heapq.heappop(heap)
            if whole:
                if len(found) == most:
                    return Chains(chains=tuple(found), complete=False)
                found.append(self._chain(person, hops))
                continue
            top = hops[0].via if hops else person
            if self.depth(top) == 0:
                order += 1
                heapq.heappush(heap, (len(hops), -len(hops) - 1, order, True, hops))
            passed = {person, *(hop.via for hop in hops)}
            for hop in self._in.get(top, ()):
                if hop.via not in passed:
                    order += 1
                    length = len(hops) + 1 + self._depth[hop.via]
                    part = (length, -len(hops) - 1, order, False, (hop, *hops))
                    heapq.heappush(heap, part)
        return Chains(chains=tuple(found), complete=not heap)

    def _chain(self, person: Person, hops: tuple[Hop, ...]) -> Chain:
        return Chain(people=(self.me, *(hop.via for hop in hops), person), hops=hops)

    def came_through(self, person: Person) -> tuple[Descendant, ...]:
        """Everybody who came through ``person`` at any depth, nearest first."""
        found: dict[Person, Descendant] = {}
        queue: deque[tuple[Person, int]] = deque([(person, 0)])
        while queue:
            top, depth = queue.popleft()
            for hop in self._out.get(top, ()):
                if hop.to != person and hop.to not in found:
                    found[hop.to] = Descendant(person=hop.to, depth=depth + 1, hop=hop)
                    queue.append((hop.to, depth + 1))
        return tuple(found.values())

    def introducers_up(self, person: Person) -> tuple[Person, ...]:
        """Everybody on the way to ``person``, on any chain, each once, nearest first."""
        found: dict[Person, None] = {}
        queue: deque[Person] = deque([person])
        while queue:
            for hop in self._in.get(queue.popleft(), ()):
                if hop.via != person and hop.via not in found:
                    found[hop.via] = None
                    queue.append(hop.via)
        return tuple(found)

    def thanks_owed(
        self, person: Person, *, thanked: Collection[Person] = ()
    ) -> tuple[Person, ...]:
        """The introducers to tell when something came of knowing ``person``; nobody twice.

        Args:
            thanked: those who already have an open or finished thank-you for this outcome.
        """
        done = frozenset(thanked)
        return tuple(p for p in self.introducers_up(person) if p not in done)

    def hangs_on(self, person: Person) -> tuple[Person, ...]:
        """The people on *every* chain to ``person``, nearest to the owner first."""
        found: list[Person] = []
        top = self._above.get(person, self.me)
        while top != self.me:
            found.append(top)
            top = self._above[top]
        return tuple(reversed(found))

    def holds(self) -> tuple[Hold, ...]:
        """For each person: how many others are known only through them.  Most first."""
        count: Counter[Person] = Counter()
        for person in reversed(self._finished):  # those below come before those above
            count[self._above[person]] += count[person] + 1
        rank = {p: n for n, p in enumerate(self.people)}
        held = [Hold(person=p, people=n) for p, n in count.items() if p != self.me]
        return tuple(sorted(held, key=lambda h: (-h.people, rank[h.person])))

    @cached_property
    def _finished(self) -> tuple[Person, ...]:
        """The people in reverse postorder of a depth-first walk from the owner."""
        seen: set[Person] = set()
        done: list[Person] = []
        for start in self._starts:
            if start in seen:
                continue
            seen.add(start)
            stack: list[tuple[Person, Iterator[Hop]]] = [(start, iter(self._out.get(start, ())))]
            while stack:
                person, hops = stack[-1]
                hop = next((h for h in hops if h.to not in seen), None)
                if hop is None:
                    done.append(person)
                    stack.pop()
                else:
                    seen.add(hop.to)
                    stack.append((hop.to, iter(self._out.get(hop.to, ()))))
        return tuple(reversed(done))

    @cached_property
    def _above(self) -> dict[Person, Person]:
        """The immediate dominator of everyone, the owner being the root.

        Cooper, Harvey & Kennedy 2001, "A simple, fast dominance algorithm".
        """
        rank = {p: n for n, p in enumerate(self._finished, start=1)}
        rank[self.me] = 0
        above: dict[Person, Person] = {self.me: self.me}

        def common(a: Person, b: Person) -> Person:
            while a != b:
                while rank[a] > rank[b]:
                    a = above[a]
                while rank[b] > rank[a]:
                    b = above[b]
            return a

        changed = True
        while changed:
            changed = False
            for person in self._finished:
                tops = [hop.via for hop in self._in.get(person, ()) if hop.via in above]
                if self._depth[person] == 0:
                    tops.append(self.me)
                new = reduce(common, tops)
                if above.get(person) != new:
                    above[person] = new
                    changed = True
        return above


MOST_PARTS = 200_000  # part chains looked at before an answer is called incomplete


def health(chain: Chain, *, stalled: Collection[Hashable] = ()) -> Health:
    """Where ``chain`` ended or waits: the first such hop from the owner.

    Args:
        stalled: the ``ref`` of every introduction the stall detector names.
    """
    standing = frozenset(stalled)
    for hop in chain.hops:
        link = hop.link
        if link.ended:
            return Health(life=Life.ENDED, at=hop)
        if link.ref in standing or not link.happened:
            return Health(life=Life.WAITING, at=hop)
    return Health(life=Life.ALIVE, at=None)


def load(
    links: Iterable[Link],
    introducer: Person,
    *,
    on: date,
    limit: int = 3,
    window_days: int = 90,
) -> Load:
    """How much is being asked of ``introducer``: open now, and asked in the window up to ``on``."""
    mine = [link for link in links if link.introducer == introducer]
    since = on - timedelta(days=window_days)
    return Load(
        open=sum(link.state in AWAITING_INTRODUCER for link in mine),
        recent=sum(link.asked_on is not None and since < link.asked_on <= on for link in mine),
        limit=limit,
    )


def _when(link: Link) -> tuple[date, str]:
    return (link.made_on or link.asked_on or date.max, str(link.ref))
