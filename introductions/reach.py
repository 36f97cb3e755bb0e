"""How the owner may reach a person or an organization through the people they know (N4).

A worker draws the network when a fact has moved; a question searches the drawing and then looks at
the rows as they are now, so that nobody who is archived or asked not to be contacted is ever on a
way.  Source: docs/decisions/0091-routes.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import UUID

from django.db.models import F, Q

from contacts.models import Contact, Organization, Position
from contacts.selectors import current_positions
from introductions.engine import chains, paths, ties, workflow
from introductions.engine.landed import OPENS_A_DOOR
from introductions.engine.ties import Bond
from introductions.models import Introduction, Reach, Referral

if TYPE_CHECKING:
    from netcrm.accounts.models import User

MOST_ROUTES = 5
LOOKED_AT = 25  # the best ways, of which some are detours
State = Introduction.State
_REFUSED = (State.DECLINED, State.NO_ANSWER)


# Drawing


def changed(owner: User) -> None:
    """A fact of the owner's has moved: their drawing is behind from now on."""
    Reach.objects.filter(owner=owner).update(facts_version=F("facts_version") + 1)


def behind() -> Q:
    """Users whose drawing is behind, or who have none."""
    return Q(reach=None) | Q(reach__drawn_version__lt=F("reach__facts_version"))


def draw(owner: User, *, at: datetime) -> None:
    """Draw the owner's network anew.

    The version is read before the facts: a fact that moves meanwhile leaves the drawing behind.
    """
    row, _made = Reach.objects.defer("ties").get_or_create(owner=owner)
    data = paths.Network.build(_ties(owner, today=owner.day(at))).dump()
    # Of two at the same time the one that saw more wins, whoever ends last.
    older = Reach.objects.filter(pk=row.pk, drawn_version__lte=row.facts_version)
    older.update(ties=data, drawn_at=at, drawn_version=row.facts_version)


class _Introduction(NamedTuple):
    """What of an introduction bears on ties."""

    introducer: UUID
    introducee: UUID
    introduced: UUID
    state: str
    state_at: datetime
    made_at: datetime | None
    asked_at: datetime


class _Referral(NamedTuple):
    giver: UUID
    to: UUID | None
    introduction: UUID | None
    substance: int | None
    given_on: date


class _Records:
    """The rows that say who knows whom, of everybody or about these people."""

    def __init__(self, owner: User, about: Collection[UUID] | None = None) -> None:
        introductions = Introduction.objects.visible_to(owner)
        referrals = Referral.objects.visible_to(owner)
        jobs = Position.objects.filter(contact__owner=owner, organization__isnull=False)
        if about is not None:
            introductions = introductions.filter(
                Q(introducer__in=about) | Q(introducee__in=about, introduced__in=about)
            )
            referrals = referrals.filter(giver__in=about)
            jobs = jobs.filter(contact__in=about)
        self.introductions = [
            _Introduction(*row)
            for row in introductions.values_list(
                "introducer_id",
                "introducee_id",
                "introduced_id",
                "state",
                "state_at",
                "made_at",
                "created_at",
            )
        ]
        self.referrals = [
            _Referral(*row)
            for row in referrals.values_list(
                "giver_id", "to_contact_id", "introduction_id", "substance", "given_on"
            )
        ]
        self.jobs = list(jobs.values_list("contact_id", "organization_id", "is_current"))

    def carried(self, me: UUID, owner: User) -> dict[UUID, list[tuple[date, bool]]]:
        """What each tie of the owner's has carried, and what it did not."""
        found: dict[UUID, list[tuple[date, bool]]] = defaultdict(list)
        for row in self.introductions:
            if row.introducee != me:
                continue
            if row.made_at:
                found[row.introducer].append((owner.day(row.made_at), True))
            elif row.state in _REFUSED:
                found[row.introducer].append((owner.day(row.state_at), False))
        for given in self.referrals:
            if given.introduction is None and (given.substance or 0) >= OPENS_A_DOOR:
                found[given.giver].append((given.given_on, True))
        return found

    def bonds(self, me: UUID) -> dict[tuple[UUID, UUID], Bond]:
        """Why each pair of others is taken to know each other: the strongest reason.

        A refusal counts whatever else may join them, until an introduction is made after all.
        """
        found: dict[tuple[UUID, UUID], Bond] = {}
        refused: set[tuple[UUID, UUID]] = set()

        def add(giver: UUID, taker: UUID, bond: Bond) -> None:
            before = found.get((giver, taker))
            if before is None or ties.WORTH[before] < ties.WORTH[bond]:
                found[giver, taker] = bond

        for row in self.introductions:
            first, second = row.introducer, row.introduced
            if me == row.introducer:
                first = row.introducee
            elif me == row.introduced:
                second = row.introducee
            if row.made_at:
                add(first, second, Bond.ACQUAINTED if me == row.introducer else Bond.INTRODUCED)
                add(second, first, Bond.ACQUAINTED)
            elif row.state in _REFUSED:
                refused.add((first, second))
            else:
                add(first, second, Bond.OFFERED)
        for given in self.referrals:
            if given.to:
                add(given.giver, given.to, Bond.OFFERED)
        for a, b, bond in ties.at_work(self.jobs):
            add(cast(UUID, a), cast(UUID, b), bond)
        for pair in refused:
            if found.get(pair) is not Bond.INTRODUCED:
                found[pair] = Bond.DECLINED
        return found

    def load(self, introducer: UUID, owner: User, *, on: date) -> chains.Load:
        """What is being asked of somebody."""
        links = [
            chains.Link(
                ref=n,
                introducer=row.introducer,
                introducee=row.introducee,
                introduced=row.introduced,
                state=workflow.State(row.state),
                asked_on=owner.day(row.asked_at),
            )
            for n, row in enumerate(self.introductions)
            if row.introducer == introducer
        ]
        return chains.load(links, introducer, on=on)


def _ties(owner: User, *, today: date) -> Iterator[tuple[UUID, UUID, float]]:
    """The owner's ties by trust and what they carried, and those between others."""
    me = _me(owner)
    if me is None:
        return
    reachable = Contact.objects.visible_to(owner).reachable()
    people = dict(reachable.values_list("pk", "trust_state__level"))
    records = _Records(owner)
    carried = records.carried(me, owner)
    for person, level in people.items():
        yield me, person, ties.own(level or 0, carried.get(person, ()), at=today)
    for (giver, taker), bond in records.bonds(me).items():
        if giver in people and taker in people:
            yield giver, taker, ties.WORTH[bond]


def _me(owner: User) -> UUID | None:
    mine = Contact.objects.visible_to(owner).filter(is_self=True)
    return mine.values_list("pk", flat=True).first()


# Asking


@lru_cache(maxsize=16)
def _network(owner: UUID, version: int, drawn_at: datetime) -> paths.Network:
    """The drawing, kept in this process; version and moment name it."""
    return paths.Network.parse(bytes(Reach.objects.only("ties").get(owner=owner).ties))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The owner's network and whether facts have moved since; ``network`` None: never drawn."""

    network: paths.Network | None
    behind: bool


def drawing(owner: User) -> Drawing:
    """What there is to search; one query, two when this process sees it for the first time."""
    row = Reach.objects.filter(owner=owner).defer("ties").first()
    if row is None or row.drawn_at is None:
        return Drawing(network=None, behind=True)
    return Drawing(
        network=_network(owner.pk, row.drawn_version, row.drawn_at),
        behind=row.drawn_version < row.facts_version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """``giver`` may pass the owner on to ``taker``; no giver: the owner's own tie."""

    giver: Contact | None
    taker: Contact
    bond: Bond | None
    place: str  # where both work or worked, for the bonds of work


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One route, best first, with the people on it after the owner."""

    people: tuple[Contact, ...]
    hops: tuple[Hop, ...]
    weakest: Hop
    why: paths.Place
    asked: chains.Load  # what is being asked of the first person

    @property
    def first(self) -> Contact:
        return self.people[0]

    @property
    def last(self) -> Contact:
        return self.people[-1]


def ways(
    owner: User, targets: Collection[UUID], *, network: paths.Network, today: date
) -> list[Way]:
    """Up to five simple ways of at most four hops to any of ``targets``; six queries.

    Nobody who may not be contacted now is on one, whatever the drawing says; and none asks for
    somebody whom the owner knows as well as whoever leads there.
    """
    me = _me(owner)
    if me is None or not targets:
        return []
    shut: set[UUID] = set()
    while True:
        every = paths.routes(network, source=me, targets=targets, most=LOOKED_AT, excluded=shut)
        found = [route for route in every if not paths.is_detour(network, route)][:MOST_ROUTES]
        on_them = {cast(UUID, one) for route in found for one in route.people} - {me}
        reachable = Contact.objects.visible_to(owner).reachable().filter(pk__in=on_them)
        people = {
            row.pk: row
            for row in reachable.select_related("trust_state").prefetch_related(current_positions())
        }
        gone = on_them - people.keys()
        if not gone:
            break
        shut |= gone
    return _shown(owner, me, found, people, today=today)


def _shown(
    owner: User,
    me: UUID,
    found: Sequence[paths.Route],
    people: Mapping[UUID, Contact],
    *,
    today: date,
) -> list[Way]:
    records = _Records(owner, people)
    bonds = records.bonds(me)
    places = _places(people)
    shown = []
    for route in found:
        keys = cast(tuple[UUID, ...], route.people)
        hops = [
            Hop(
                giver=people.get(a),
                taker=people[b],
                bond=bonds.get((a, b)),
                place=_shared(places, a, b),
            )
            for a, b in pairwise(keys)
        ]
        shown.append(
            Way(
                people=tuple(people[key] for key in keys[1:]),
                hops=tuple(hops),
                weakest=hops[route.steps.index(route.weakest)],
                why=route.why,
                asked=records.load(keys[1], owner, on=today),
            )
        )
    return shown


def _places(people: Mapping[UUID, Contact]) -> dict[UUID, dict[UUID, tuple[str, bool]]]:
    """Where each works or worked: organization to its name and whether it is now."""
    found: dict[UUID, dict[UUID, tuple[str, bool]]] = defaultdict(dict)
    jobs = Position.objects.filter(contact__in=people, organization__isnull=False)
    for contact, place, name, current in jobs.values_list(
        "contact_id", "organization_id", "organization__name", "is_current"
    ):
        if place:
            found[contact][place] = (str(name), current)
    return found


def _shared(places: Mapping[UUID, Mapping[UUID, tuple[str, bool]]], a: UUID, b: UUID) -> str:
    both = sorted(
        (not (now and places[b][place][1]), name)
        for place, (name, now) in places.get(a, {}).items()
        if place in places.get(b, {})
    )
    return both[0][1] if both else ""


def inside(owner: User, organization: Organization) -> list[UUID]:
    """Whom the owner has at an organization now."""
    rows = Position.objects.filter(
        organization=organization,
        is_current=True,
        contact__in=Contact.objects.visible_to(owner).reachable(),
    )
    return list(rows.values_list("contact_id", flat=True).distinct())


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Somebody near an organization in which nobody is known: they worked there, or named it."""

    person: Contact
    worked_there: bool


def nearest(owner: User, organization: Organization, *, most: int = MOST_ROUTES) -> list[Near]:
    """Who may know somebody there, those who worked there first, then by trust; two queries."""
    people = Contact.objects.visible_to(owner).reachable().select_related("trust_state")
    people = people.order_by("-trust_state__level", "name_key", "pk")
    before = people.filter(positions__organization=organization).distinct()
    named = people.filter(referrals_given__to_organization=organization).distinct()
    found = {row.pk: Near(person=row, worked_there=True) for row in before[:most]}
    for row in named[:most]:
        found.setdefault(row.pk, Near(person=row, worked_there=False))
    return list(found.values())[:most]
