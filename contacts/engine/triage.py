"""Whom of eight hundred to begin with: people inside targets, likely others, and a ring for each.

What counts and how much is our own choice, written down with its reasons in
docs/decisions/0080-choosing-the-forty.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from contacts.engine.dedupe import organization_key
from contacts.engine.names import fold, word_set

ENOUGH = 40  # people one can keep up with; the rest stays parked
LIKELY = 30  # others shown in one go
TICKED = 15  # people inside targets ticked beforehand, at most
TICKED_IN_ONE = 5  # of them at one organization, at most
RECENT_DAYS = 400


class Why(StrEnum):
    """What speaks for a person, strongest first."""

    RECALLED = "recalled"  # their name came to the owner's mind
    NAMED = "named"  # somebody gave the owner this name
    AT_TARGET = "at_target"
    NOTED = "noted"  # the owner wrote something about them
    TAGGED = "tagged"
    SAME_EMPLOYER = "same_employer"  # works where somebody in use works
    FITS_THE_LINE = "fits_the_line"  # their title has words of what the owner looks for
    HIRES = "hires"  # their title says that they lead or hire
    REACHABLE = "reachable"  # the file has an address or number of theirs
    RECENT = "recent"  # connected lately


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One parked person, as far as choosing needs it."""

    id: UUID
    name: str
    organization: str = ""  # as written
    title: str = ""
    connected_on: date | None = None
    tagged: bool = False
    noted: bool = False
    reachable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the owner looks for and whom they have in use.

    ``targets`` and ``employers`` are names as written; ``named`` gives, for a folded name,
    who mentioned it.
    """

    today: date
    targets: Sequence[str] = ()
    employers: Iterable[str] = ()
    target_line: str = ""
    named: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why this person; ``fact`` is the organization, the mentioner or the word it rests on."""

    why: Why
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    candidate: Candidate
    reasons: tuple[Reason, ...]  # strongest first, never empty


# How much each reason adds.  A list is ordered by the sum; only the order means anything.
_WEIGHTS = {
    Why.RECALLED: 0.0,
    Why.NAMED: 6.0,
    Why.AT_TARGET: 5.0,
    Why.NOTED: 3.0,
    Why.TAGGED: 2.5,
    Why.SAME_EMPLOYER: 2.0,
    Why.FITS_THE_LINE: 2.0,
    Why.HIRES: 1.5,
    Why.REACHABLE: 1.5,
    Why.RECENT: 1.0,
}
_LEADING = word_set(
    "head director chief ceo cto cfo coo cmo cpo chro vp president founder cofounder owner partner "
    "manager recruiter recruiting talent hiring hr leiter leiterin geschaftsfuhrer direktor "
    "directeur directrice responsable gerente jefe direttore"
)
# Words of a line about one's search that say nothing of the work.
_IDLE = word_set(
    "a an and as at for from in into of on or the to with work role roles job jobs looking look "
    "lead leader senior junior manager head around near remote full part time team new und oder "
    "der die das bei als im in et ou de du des la le les el los las y o e di"
)
_PLACES = word_set(
    "uk usa us eu emea apac europe international global deutschland germany france espana spain "
    "italia italy nederland netherlands polska poland canada india ireland scotland"
)


def matches(target: str, organization: str) -> bool:
    """Whether an employer is the target, and not only called alike.

    The same words without legal forms, or the target's with nothing but a place behind them.
    Looser matching brought forty wrong people to twenty-four right ones (ux.md 2.2).

    >>> matches("Acme", "ACME UK Ltd"), matches("Acme", "Acme Personnel")
    (True, False)
    """
    return _same(organization_key(target).split(), organization_key(organization).split())


def _same(target: list[str], employer: list[str]) -> bool:
    return bool(target) and (
        employer[: len(target)] == target and all(w in _PLACES for w in employer[len(target) :])
    )


def inside(
    candidates: Iterable[Candidate], targets: Sequence[str]
) -> dict[str, tuple[Candidate, ...]]:
    """Who works at each target, those who lead or hire first, then the latest connections."""
    keys = {target: organization_key(target).split() for target in targets}
    at: dict[str, str] = {}  # employer as written → target, as many share one
    found: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        employer = candidate.organization
        if employer not in at:
            words = organization_key(employer).split()
            at[employer] = next((name for name, own in keys.items() if _same(own, words)), "")
        if target := at[employer]:
            found.setdefault(target, []).append(candidate)
    return {
        target: tuple(sorted(found[target], key=lambda one: (not _leads(one), *_order(one))))
        for target in targets
        if target in found
    }


def ticked(groups: Mapping[str, Sequence[Candidate]]) -> frozenset[UUID]:
    """Whom to tick beforehand: from each target in turn, until there are enough."""
    rounds = [
        group[place].id
        for place in range(TICKED_IN_ONE)
        for group in groups.values()
        if place < len(group)
    ]
    return frozenset(rounds[:TICKED])


def likely(
    candidates: Iterable[Candidate], situation: Situation, *, most: int = LIKELY
) -> tuple[Suggestion, ...]:
    """Whom else to look at, most likely first; nobody without a reason."""
    weigher = _Weigher(situation)
    found = [
        (sum(_WEIGHTS[reason.why] for reason in reasons), candidate, reasons)
        for candidate in candidates
        if (reasons := weigher.reasons(candidate))
    ]
    found.sort(key=lambda entry: (-entry[0], *_order(entry[1])))
    return tuple(
        Suggestion(candidate=candidate, reasons=reasons) for _, candidate, reasons in found[:most]
    )


def reasons_for(
    candidate: Candidate, situation: Situation, *, recalled: bool
) -> tuple[Reason, ...]:
    """What speaks for somebody who was chosen; empty when it was only the owner's choice."""
    found = _Weigher(situation).reasons(candidate)
    return (Reason(why=Why.RECALLED), *found) if recalled else found


def ring_of(reasons: Sequence[Reason]) -> str:
    """The ring to begin with.

    A for somebody who came to mind and works at a target; B for who came to mind, was named
    by somebody, or leads or hires at a target; C for everybody else.
    """
    whys = {reason.why for reason in reasons}
    if {Why.RECALLED, Why.AT_TARGET} <= whys:
        return "A"
    if Why.RECALLED in whys or Why.NAMED in whys or {Why.AT_TARGET, Why.HIRES} <= whys:
        return "B"
    return "C"


class _Weigher:
    """A situation looked at once, for any number of candidates."""

    def __init__(self, situation: Situation) -> None:
        self._now = situation
        self._targets = [organization_key(name).split() for name in situation.targets]
        self._employers = {organization_key(name) for name in situation.employers} - {""}
        line = frozenset(fold(situation.target_line).split()) - _IDLE
        self._line = frozenset(word for word in line if len(word) > 2)
        self._of_place: dict[str, tuple[Why, ...]] = {"": ()}
        self._of_title: dict[str, tuple[Why, ...]] = {"": ()}

    def reasons(self, candidate: Candidate) -> tuple[Reason, ...]:
        now, found = self._now, []
        if now.named and (mentioned_by := now.named.get(fold(candidate.name))):
            found.append(Reason(why=Why.NAMED, fact=mentioned_by))
        place, title = candidate.organization, candidate.title
        found += [Reason(why=why, fact=place) for why in self._place(place)]
        found += [Reason(why=why, fact=title) for why in self._title(title)]
        if candidate.noted:
            found.append(Reason(why=Why.NOTED))
        if candidate.tagged:
            found.append(Reason(why=Why.TAGGED))
        if candidate.reachable:
            found.append(Reason(why=Why.REACHABLE))
        if candidate.connected_on and (
            0 <= (now.today - candidate.connected_on).days <= RECENT_DAYS
        ):
            found.append(Reason(why=Why.RECENT))
        if len(found) > 1:
            found.sort(key=lambda reason: -_WEIGHTS[reason.why])
        return tuple(found)

    def _place(self, organization: str) -> tuple[Why, ...]:
        """What an employer speaks for; worked out once for all who share it."""
        if organization not in self._of_place:
            key = organization_key(organization)
            words = key.split()
            self._of_place[organization] = tuple(
                why
                for why, holds in (
                    (Why.AT_TARGET, any(_same(target, words) for target in self._targets)),
                    (Why.SAME_EMPLOYER, key in self._employers),
                )
                if holds
            )
        return self._of_place[organization]

    def _title(self, title: str) -> tuple[Why, ...]:
        if title not in self._of_title:
            words = frozenset(fold(title).split())
            self._of_title[title] = tuple(
                why
                for why, holds in (
                    (Why.FITS_THE_LINE, not words.isdisjoint(self._line)),
                    (Why.HIRES, not words.isdisjoint(_LEADING)),
                )
                if holds
            )
        return self._of_title[title]


def _leads(candidate: Candidate) -> bool:
    return not _LEADING.isdisjoint(fold(candidate.title).split())


def _order(candidate: Candidate) -> tuple[int, str, UUID]:
    on = candidate.connected_on
    return -on.toordinal() if on else 0, candidate.name.casefold(), candidate.id
