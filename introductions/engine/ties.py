"""What a tie is worth for passing somebody on, from what is recorded; it orders routes only.

Priors of our own, no public data can fit them; only their order matters much.  Source:
docs/decisions/0091-routes.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from itertools import permutations
from types import MappingProxyType

from introductions.engine.expectation import BY_STEP, Prior, expectation, fade

STEP_WEIGHT = 2.0  # pieces of evidence the step is worth beside what a tie has carried


class Bond(StrEnum):
    """Why somebody is taken to know another; also the code of its sentence."""

    INTRODUCED = "bond.introduced"  # they introduced the owner to them once
    OFFERED = "bond.offered"  # they named them, or are asked for an introduction
    ACQUAINTED = "bond.acquainted"  # they were introduced to each other, or by the other
    COLLEAGUES = "bond.colleagues"  # both work at the same place now
    DECLINED = "bond.declined"  # they were asked once, and it was not the moment
    FORMER = "bond.former"  # one works where the other used to


WORTH: Mapping[Bond, float] = MappingProxyType(
    {
        Bond.INTRODUCED: 0.8,
        Bond.OFFERED: 0.6,
        Bond.ACQUAINTED: 0.5,
        Bond.COLLEAGUES: 0.3,
        Bond.DECLINED: 0.2,
        Bond.FORMER: 0.15,
    }
)
COLLEAGUES_AT_MOST = 25  # of a larger crowd nobody knows all


def own(level: int, carried: Iterable[tuple[date, bool]], *, at: date) -> float:
    """The worth of the owner's tie to somebody: their trust step, then what the tie has carried.

    Args:
        level: their step, 0 to 5.
        carried: days on which it carried an introduction or a name (True) or did not (False).
    """
    prior = Prior(value=BY_STEP[level], weight=STEP_WEIGHT)
    return expectation(direct=fade(carried, at=at), prior=prior).value


Person = Hashable


def at_work(
    jobs: Iterable[tuple[Person, Hashable, bool]],
) -> Iterator[tuple[Person, Person, Bond]]:
    """Who may know whom from work, both ways.

    Args:
        jobs: person, organization, and whether they are there now.
    """
    now: dict[Hashable, set[Person]] = defaultdict(set)
    before: dict[Hashable, set[Person]] = defaultdict(set)
    for person, place, current in jobs:
        (now if current else before)[place].add(person)
    for place, people in now.items():
        if len(people) > COLLEAGUES_AT_MOST:
            continue
        for a, b in permutations(people, 2):
            yield a, b, Bond.COLLEAGUES
        for left in before[place] - people:
            for one in people:
                yield left, one, Bond.FORMER
                yield one, left, Bond.FORMER
