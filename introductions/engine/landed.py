"""Who helped on the way to a job, from what is recorded, and in which order to thank them.

Pure: the shell loads the rows.  Source: ux.md 1.2 (rows 17 and 18) and J13.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

Person = Hashable


class Part(StrEnum):
    """What somebody was on the way; the strongest of what they did."""

    DOOR = "door"  # opened a door
    ADVICE = "advice"  # advised
    COMPANY = "company"  # kept company


class Kind(StrEnum):
    """One thing somebody did; also the code of its sentence."""

    OFFER = "offer"  # the offer came through them
    ON_THE_WAY = "on_the_way"  # they introduced somebody who led to the offer
    INTRODUCED = "introduced"  # they introduced the owner to somebody
    OPENING = "opening"  # another opportunity came through them
    REFERRED = "referred"  # they gave a name that could be used
    NAMED = "named"  # they named somebody, no more
    ADVISED = "advised"  # advice, information or a second look
    GAVE = "gave"  # something else
    MET = "met"  # the owner was introduced to them
    RECEIVED = "received"  # the owner gave them something: they walked along


PARTS = {
    Kind.OFFER: Part.DOOR,
    Kind.ON_THE_WAY: Part.DOOR,
    Kind.INTRODUCED: Part.DOOR,
    Kind.OPENING: Part.DOOR,
    Kind.REFERRED: Part.DOOR,
    Kind.NAMED: Part.ADVICE,
    Kind.ADVISED: Part.ADVICE,
    Kind.GAVE: Part.COMPANY,
    Kind.MET: Part.COMPANY,
    Kind.RECEIVED: Part.COMPANY,
}
_PARTS_IN_ORDER = list(Part)
_KINDS_IN_ORDER = list(Kind)

OPENS_A_DOOR = 2  # substance from which a referral is more than a name: "use my name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """One thing ``person`` did.  ``other``: whom or what it was about, "" if nobody."""

    person: Person
    kind: Kind
    on: date
    other: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Somebody to thank.  ``winning``: their place on the chain to the offer, 0 the nearest."""

    person: Person
    part: Part
    helps: tuple[Help, ...]  # the most telling first, then the latest
    winning: int | None = None


def helpers(helps: Iterable[Help], *, winning: Sequence[Person] = ()) -> tuple[Helper, ...]:
    """Everybody who helped, each once: the chain to the offer first, then by what they were.

    The order of ``helps`` and repeats are of no account.

    Args:
        winning: the person the offer came through, then everybody up that chain, nearest first.
    """
    of: dict[Person, list[Help]] = {}
    for one in dict.fromkeys(helps):
        of.setdefault(one.person, []).append(one)
    place = {person: n for n, person in enumerate(winning)}
    found = [_helper(person, did, place.get(person)) for person, did in of.items()]
    return tuple(sorted(found, key=_rank))


def _helper(person: Person, did: Sequence[Help], winning: int | None) -> Helper:
    told = sorted(
        did, key=lambda one: (_KINDS_IN_ORDER.index(one.kind), -one.on.toordinal(), one.other)
    )
    part = min((PARTS[one.kind] for one in told), key=_PARTS_IN_ORDER.index)
    return Helper(
        person=person,
        part=Part.DOOR if winning is not None else part,
        helps=tuple(told),
        winning=winning,
    )


def _rank(helper: Helper) -> tuple[bool, int, int, int, int, str]:
    latest = max(one.on for one in helper.helps)
    return (
        helper.winning is None,
        helper.winning or 0,
        _PARTS_IN_ORDER.index(helper.part),
        _KINDS_IN_ORDER.index(helper.helps[0].kind),
        -latest.toordinal(),
        str(helper.person),
    )
