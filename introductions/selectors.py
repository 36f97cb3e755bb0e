"""Read models of introductions and trust: rows in, engine values out, a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import quote
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contacts.models import Contact, Interaction, Participation, Promise
from introductions.engine import chains, note, trust, workflow
from introductions.models import (
    ForwardNote,
    Introduction,
    IntroductionEvent,
    Opportunity,
    Referral,
    TrustOverride,
)
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User

NONE: frozenset[date] = frozenset()

# The furthest step that what happened shows, whoever remembered to mark it.
_RAIL = (
    workflow.State.MADE,
    workflow.State.ACKNOWLEDGED,
    workflow.State.MET,
    workflow.State.THANKED,
    workflow.State.LOOPED,
)
_MET = {Interaction.Kind.TALK, Interaction.Kind.MEETING}


class Exchange(NamedTuple):
    """What one interaction says about one person in it: the columns ``_HEARD``."""

    id: UUID
    at: datetime
    kind: str
    direction: str
    told_target: bool
    showed_work: bool
    reported: bool
    thanked: bool
    is_give: bool
    note: str

    @property
    def two_way(self) -> bool:
        return self.direction != Interaction.Direction.OUT

    @property
    def by_owner(self) -> bool:
        return self.direction != Interaction.Direction.IN


_HEARD = (
    "interaction_id",
    "interaction__at",
    "interaction__kind",
    "interaction__direction",
    "interaction__told_target",
    "interaction__showed_work",
    "interaction__reported",
    "interaction__thanked",
    "interaction__is_give",
    "interaction__note",
)


def _heard(owner: Any) -> QuerySet[Participation, tuple[Any, ...]]:
    """Counting exchanges and who was in them, oldest first."""
    rows = Participation.objects.filter(
        interaction__owner=owner, interaction__kind__in=Interaction.COUNTING
    )
    return rows.order_by("interaction__at", "interaction_id").values_list("contact_id", *_HEARD)


def exchanges_by_contact(owner: User, contacts: Collection[UUID]) -> dict[UUID, list[Exchange]]:
    """Counting interactions of each of these people, oldest first; one query."""
    return _by_contact(_heard(owner).filter(contact__in=contacts))


def _by_contact(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, list[Exchange]]:
    """Exchanges of each person from rows of a person and the columns ``_HEARD``."""
    result: dict[UUID, list[Exchange]] = defaultdict(list)
    for contact, *columns in rows:
        result[contact].append(Exchange(*columns))
    return result


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One introduction as it stands: the row, its people, and what the facts say of it."""

    row: Introduction
    facts: workflow.Facts
    today: date
    holidays: frozenset[date]

    @property
    def state(self) -> workflow.State:
        return self.facts.state

    @property
    def role(self) -> workflow.Role:
        return self.facts.role

    @property
    def other(self) -> Contact:
        """Whom the owner met, or is to meet, through it; as introducer, the one introduced."""
        if self.role is workflow.Role.INTRODUCED:
            return self.row.introducee
        return self.row.introduced

    @cached_property
    def owed(self) -> tuple[workflow.Owed, ...]:
        return workflow.owed(self.facts, holidays=self.holidays)

    @cached_property
    def clocks(self) -> workflow.Clocks:
        return workflow.clocks(self.facts, holidays=self.holidays)

    @cached_property
    def stall(self) -> workflow.Stall | None:
        return workflow.stall(self.facts, on=self.today, holidays=self.holidays)

    @property
    def loop_open(self) -> bool:
        """Whether the introducer still waits to hear how it went."""
        loops = (workflow.Duty.REPORT_BACK, workflow.Duty.TELL_OUTCOME)
        return any(o.duty in loops and o.opens_on <= self.today for o in self.owed)

    def person(self, party: workflow.Party) -> Contact:
        person: Contact = getattr(self.row, party.value)
        return person


def role_of(row: Introduction) -> workflow.Role:
    for role in (workflow.Role.INTRODUCEE, workflow.Role.INTRODUCER, workflow.Role.INTRODUCED):
        if getattr(row, role.value).is_self:
            return role
    return workflow.Role.ONLOOKER


def standings(
    owner: User,
    *,
    today: date,
    holidays: Set[date] = NONE,
    about: Collection[UUID] | None = None,
    only: Collection[UUID] | None = None,
) -> list[Standing]:
    """The owner's introductions with what the facts say of each, newest first.

    Args:
        about: only introductions with one of these people in them.
        only: only introductions with these keys.
    """
    rows = Introduction.objects.visible_to(owner)
    if about is not None:
        rows = rows.filter(
            Q(introducer__in=about) | Q(introducee__in=about) | Q(introduced__in=about)
        )
    if only is not None:
        rows = rows.filter(pk__in=only)
    every = about is None and only is None
    loaded = _peopled(list(rows)) if every else list(rows.with_people())
    return standings_of(owner, loaded, today=today, holidays=holidays)


def _peopled(rows: list[Introduction]) -> list[Introduction]:
    """The same rows with their people, each of whom is loaded once: some are in most of them."""
    people = Contact.objects.in_bulk(_people_in(rows)) if rows else {}
    for row in rows:
        row.introducer = people[row.introducer_id]
        row.introducee = people[row.introducee_id]
        row.introduced = people[row.introduced_id]
    return rows


_OF_INTRODUCTIONS = Together(
    lambda ask: {
        "heard": _heard(ask.owner).filter(contact__in=ask.people),
        "events": IntroductionEvent.objects.filter(introduction__in=ask.introductions),
    }
)


def standings_of(
    owner: User, rows: Sequence[Introduction], *, today: date, holidays: Set[date] = NONE
) -> list[Standing]:
    """What the facts say of introductions loaded ``with_people``; two queries at most."""
    if not rows:
        return []
    lists = _OF_INTRODUCTIONS.lists(
        owner=owner.pk,
        people=sorted(_people_in(rows)),
        introductions=[row.pk for row in rows],
    )
    heard = _by_contact(lists["heard"])
    return _standings(owner, rows, heard, lists["events"], today=today, holidays=holidays)


def _people_in(rows: Iterable[Introduction]) -> set[UUID]:
    return {
        key for row in rows for key in (row.introducer_id, row.introducee_id, row.introduced_id)
    }


def _standings(
    owner: User,
    found: Sequence[Introduction],
    heard: Mapping[UUID, list[Exchange]],
    events: Iterable[IntroductionEvent],
    *,
    today: date,
    holidays: Set[date],
) -> list[Standing]:
    """Standings of rows whose events and people's exchanges are loaded."""
    marks: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for event in events:
        marks[event.introduction_id].setdefault(event.state, event.at)
    return [
        Standing(
            row=row,
            facts=_facts(row, owner, heard, marks[row.pk]),
            today=today,
            holidays=frozenset(holidays),
        )
        for row in found
    ]


def _facts(
    row: Introduction,
    owner: User,
    heard: Mapping[UUID, list[Exchange]],
    marks: Mapping[str, datetime],
) -> workflow.Facts:
    """What is known of an introduction: its marks, and what happened with its people since."""
    role = role_of(row)
    stored = workflow.State(row.state)
    facts = workflow.Facts(
        state=stored,
        role=role,
        since_on=owner.day(row.state_at),
        made_on=owner.day(row.made_at) if row.made_at else None,
        nudged_on=owner.day(row.nudged_at) if row.nudged_at else None,
        outcome=workflow.Outcome(row.outcome) if row.outcome else None,
    )
    if row.made_at is None:
        return facts
    made = row.made_at
    other = row.introducee if role is workflow.Role.INTRODUCED else row.introduced
    with_other = [e for e in heard.get(other.pk, ()) if e.at >= made]
    with_introducer = [e for e in heard.get(row.introducer_id, ()) if e.at >= made]
    met_at = _first(
        (e.at for e in with_other if e.kind in _MET and e.direction == "both"),
        marks.get(workflow.State.MET),
    )
    closed_at = row.state_at if stored is workflow.State.CLOSED else None

    def day(moments: Iterable[datetime], mark: datetime | None = None) -> date | None:
        first = _first(moments, mark)
        return owner.day(first) if first else None

    facts = replace(
        facts,
        wrote_on=day((e.at for e in with_other), marks.get(workflow.State.ACKNOWLEDGED)),
        met_on=owner.day(met_at) if met_at else None,
        thanked_introducer_on=day(e.at for e in with_introducer if e.thanked),
        thanked_other_on=day(
            (e.at for e in with_other if e.thanked and met_at and e.at >= met_at),
            marks.get(workflow.State.THANKED),
        ),
        looped_on=day(
            (e.at for e in with_introducer if e.reported), marks.get(workflow.State.LOOPED)
        ),
        told_outcome_on=day(
            e.at for e in with_introducer if e.reported and closed_at and e.at >= closed_at
        ),
    )
    return _as_far_as_it_came(facts)


def _first(moments: Iterable[datetime], mark: datetime | None) -> datetime | None:
    return min((*moments, *((mark,) if mark else ())), default=None)


def _as_far_as_it_came(facts: workflow.Facts) -> workflow.Facts:
    """Move the state along the rail to what the dated facts show; a mark is never moved back."""
    if facts.state not in _RAIL:
        return facts
    days = {
        workflow.State.ACKNOWLEDGED: facts.wrote_on,
        workflow.State.MET: facts.met_on,
        workflow.State.THANKED: facts.thanked_other_on,
        workflow.State.LOOPED: facts.looped_on,
    }
    for state in reversed(_RAIL):
        if state is facts.state:
            return facts
        day = days.get(state)
        if day:
            return replace(facts, state=state, since_on=day)
    return facts


def web(owner: User, rows: Sequence[Introduction], *, made_only: bool = True) -> chains.Web:
    """Every chain of the owner; people are contact keys, refs are introduction keys.

    Who the owner is stands in the rows (``with_people``): a chain begins with an introduction.
    """
    everybody = (p for row in rows for p in (row.introducer, row.introducee, row.introduced))
    me = next((person.pk for person in everybody if person.is_self), None)
    return chains.Web((link(row, owner) for row in rows), me=me, made_only=made_only)


def link(row: Introduction, owner: User) -> chains.Link:
    """An introduction as the chain engine wants it."""
    return chains.Link(
        ref=row.pk,
        introducer=row.introducer_id,
        introducee=row.introducee_id,
        introduced=row.introduced_id,
        state=workflow.State(row.state),
        outcome=workflow.Outcome(row.outcome) if row.outcome else None,
        asked_on=owner.day(row.created_at),
        made_on=owner.day(row.made_at) if row.made_at else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hears:
    """Somebody up the chain who helped it come this far, and when they were told."""

    person: Contact
    told_on: date | None


def who_hears(owner: User, row: Introduction) -> list[Hears]:
    """Everybody up the chain to whom the outcome is owed, each once, nearest first.

    Empty unless something came of it that concerns them all; two queries.
    """
    if row.outcome not in TOLD_UP_THE_CHAIN:
        return []
    other = row.introducee if role_of(row) is workflow.Role.INTRODUCED else row.introduced
    rows = list(Introduction.objects.visible_to(owner).with_people())
    above = [_key(person) for person in web(owner, rows).introducers_up(other.pk)]
    people = {p.pk: p for one in rows for p in (one.introducer, one.introducee, one.introduced)}
    heard = exchanges_by_contact(owner, above)
    ended_on = owner.day(row.state_at)
    return [
        Hears(
            person=people[key],
            told_on=next(
                (
                    owner.day(e.at)
                    for e in heard.get(key, ())
                    if e.reported and owner.day(e.at) >= ended_on
                ),
                None,
            ),
        )
        for key in above
    ]


# An interview or an offer is for everybody on the way there; a good talk for its introducer.
TOLD_UP_THE_CHAIN = (Introduction.Outcome.OFFER, Introduction.Outcome.INTERVIEW)


def other_ways(owner: User, row: Introduction, *, most: int = 5) -> list[Contact]:
    """People of the owner's who may bring them to the same person or the same organization.

    Whoever offered that person comes first, then whoever works where they do; one query.
    """
    offered = Q(referrals_given__to_contact=row.introduced)
    colleagues = Q(
        positions__is_current=True,
        positions__organization__in=row.introduced.positions.filter(
            is_current=True, organization__isnull=False
        ).values("organization"),
    )
    found = (
        Contact.objects.visible_to(owner)
        .reachable()
        .filter(offered | colleagues)
        .exclude(pk__in=[row.introducer_id, row.introduced_id])
        .annotate(offers=Count("referrals_given", filter=offered))
    )
    return list(found.order_by("-offers", "name_key", "pk").distinct()[:most])


# The forwardable note


def note_of(row: Introduction) -> dict[str, str]:
    """The blanks of this introduction's note: as saved, else as the owner last wrote them.

    Why them and the subject are of one introduction alone, so those begin empty.  One or two
    queries.
    """
    saved = ForwardNote.objects.filter(introduction=row).first()
    if saved is None:
        last = ForwardNote.objects.filter(introduction__owner=row.owner_id).first()
        return {name: getattr(last, name) for name in WRITTEN_ONCE} if last else {}
    return {name: getattr(saved, name) for name in (*WRITTEN_ONCE, "subject", "why_them")}


def note_text(row: Introduction) -> str:
    """The note of this introduction as it was saved, or nothing; one query."""
    saved = ForwardNote.objects.filter(introduction=row).first()
    return saved.lines.text if saved else ""


WRITTEN_ONCE = ("who_i_am", "what_i_want", "what_they_get", "easy_no")


def mailto(*people: Contact, subject: str, body: str) -> str:
    """A link that opens a letter in the owner's own mail program (RFC 6068); one query a person.

    Somebody without an address is left for the owner to fill in.
    """
    points = [
        point.value
        for person in people
        if (point := person.points.filter(kind="email").order_by("-is_primary").first())
    ]
    to = ",".join(quote(address, safe="@+") for address in points)
    lines = body.replace("\n", "\r\n")
    return f"mailto:{to}?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"


def about_of(row: Introduction) -> note.About:
    """Who a note is from and whom it is about, for the checks; one query."""
    work = row.introduced.positions.filter(is_current=True).select_related("organization").first()
    return note.About(
        me=row.owner.name,
        target_line=row.owner.target_line,
        person=row.introduced.name,
        organization=str(work.organization) if work and work.organization else "",
    )


def load_of(owner: User, introducer: Contact, *, today: date) -> chains.Load:
    """What is being asked of ``introducer`` now and lately, beside the owner's limit; one query.

    What came unasked is no load.
    """
    rows = Introduction.objects.visible_to(owner).filter(
        introducer=introducer, introducee__is_self=True
    )
    events = IntroductionEvent.objects.filter(introduction__in=rows, state=workflow.State.ASKED)
    asked_on: dict[Introduction, date] = {}
    for event in events.select_related("introduction"):
        asked_on.setdefault(event.introduction, owner.day(event.at))
    links = (replace(link(row, owner), asked_on=day) for row, day in asked_on.items())
    return chains.load(links, introducer.pk, on=today, limit=owner.introducer_limit)


# Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class _Records:
    """The rows that bear on trust, of some people or of all."""

    introductions: Iterable[Introduction]  # made, oldest first, with their people
    heard: Mapping[UUID, list[Exchange]]
    referrals: Iterable[Referral]  # oldest first
    broken: Iterable[Promise]  # the owner's, closed and not kept
    together: Iterable[Contact]
    overrides: Iterable[TrustOverride]  # oldest first


def lists_of_evidence(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What ``evidence_from`` is made from (kit.together): of ``ask.people``, None for everybody."""

    def mine(lookup: str) -> Q:
        return Q() if ask.people is None else Q(**{f"{lookup}__in": ask.people})

    owner = ask.owner
    made = Introduction.objects.visible_to(owner).with_people().happened()
    referrals = Referral.objects.visible_to(owner).filter(mine("giver"))
    promises = Promise.objects.visible_to(owner).filter(mine("contact"))
    overrides = TrustOverride.objects.filter(mine("contact"), contact__owner=owner)
    return {
        "introductions": made.filter(mine("introduced") | mine("introducee")).order_by("made_at"),
        "heard": _heard(owner).filter(mine("contact")),
        "referrals": referrals.select_related("to_contact").order_by("given_on", "pk"),
        "broken": promises.filter(by_me=True, kept=False),
        "together": Contact.objects.visible_to(owner).filter(mine("pk"), worked_together=True),
        "overrides": overrides.order_by("at"),
    }


_EVIDENCE = Together(lists_of_evidence)


def evidence_by_contact(
    owner: User, contacts: Collection[UUID] | None = None
) -> dict[UUID, list[trust.Evidence]]:
    """Everything recorded that bears on how far each person trusts the owner."""
    people = None if contacts is None else list(contacts)
    return evidence_from(owner, _EVIDENCE.lists(owner=owner.pk, people=people))


def evidence_from(owner: User, lists: Mapping[str, list[Any]]) -> dict[UUID, list[trust.Evidence]]:
    """The evidence by person, from the lists of ``lists_of_evidence``."""
    return _evidence(
        owner,
        _Records(
            introductions=lists["introductions"],
            heard=_by_contact(lists["heard"]),
            referrals=lists["referrals"],
            broken=lists["broken"],
            together=lists["together"],
            overrides=lists["overrides"],
        ),
    )


def _evidence(owner: User, records: _Records) -> dict[UUID, list[trust.Evidence]]:
    found: dict[UUID, list[trust.Evidence]] = defaultdict(list)
    introduced_at: dict[UUID, datetime] = {}
    for row in records.introductions:
        role = role_of(row)
        if row.made_at is None or role not in (
            workflow.Role.INTRODUCEE,
            workflow.Role.INTRODUCED,
        ):
            continue
        met = row.introduced if role is workflow.Role.INTRODUCEE else row.introducee
        introduced_at.setdefault(met.pk, row.made_at)
        found[met.pk].append(
            trust.Evidence(
                kind=trust.Kind.INTRODUCED,
                on=owner.day(row.made_at),
                ref=str(row.pk),
                other=row.introducer.short_name,
            )
        )
    for contact, exchanges in records.heard.items():
        found[contact] += _from_exchanges(owner, exchanges, introduced_at.get(contact))
    for referral in records.referrals:
        found[referral.giver_id] += _from_referral(owner, referral, records.heard)
    for promise in records.broken:
        if promise.closed_at:
            found[promise.contact_id].append(
                trust.Evidence(
                    kind=trust.Kind.BROKEN_PROMISE,
                    on=owner.day(promise.closed_at),
                    ref=str(promise.pk),
                )
            )
    for person in records.together:
        found[person.pk].append(
            trust.Evidence(
                kind=trust.Kind.WORKED_TOGETHER,
                on=owner.day(person.created_at),
                ref=str(person.pk),
            )
        )
    for override in records.overrides:
        said = trust.Evidence(
            kind=trust.Kind.OVERRIDE,
            on=owner.day(override.at),
            ref=str(override.pk),
            level=override.step,
            note=override.reason,
        )
        ended_on = owner.day(override.ended_at) if override.ended_at else None
        if ended_on == said.on:
            continue  # set and lifted within a day: it never held
        found[override.contact_id].append(said)
        if ended_on:
            found[override.contact_id].append(replace(said, on=ended_on, level=None))
    return found


def _from_exchanges(
    owner: User, exchanges: list[Exchange], introduced_at: datetime | None
) -> Iterable[trust.Evidence]:
    for e in exchanges:
        day, ref = owner.day(e.at), str(e.id)
        if e.two_way:
            yield trust.Evidence(kind=trust.Kind.TWO_WAY, on=day, ref=ref)
        if e.told_target:
            yield trust.Evidence(kind=trust.Kind.TOLD_TARGET, on=day, ref=ref)
        if e.showed_work:
            yield trust.Evidence(kind=trust.Kind.SAW_WORK, on=day, ref=ref, note=e.note[:80])
        if e.reported:
            yield trust.Evidence(kind=trust.Kind.REPORTED_BACK, on=day, ref=ref)
    if introduced_at:
        answer = next((e for e in exchanges if e.by_owner and e.at >= introduced_at), None)
        if answer and (owner.day(answer.at) - owner.day(introduced_at)).days <= 1:
            yield trust.Evidence(
                kind=trust.Kind.ANSWERED_IN_A_DAY, on=owner.day(answer.at), ref=str(answer.id)
            )
    for before, after in pairwise(exchanges):
        in_a_day = (owner.day(after.at) - owner.day(before.at)).days <= 1
        if before.two_way and after.thanked and after.by_owner and in_a_day:
            yield trust.Evidence(
                kind=trust.Kind.THANKED_IN_A_DAY, on=owner.day(after.at), ref=str(after.id)
            )


def _from_referral(
    owner: User, referral: Referral, heard: Mapping[UUID, list[Exchange]]
) -> Iterable[trust.Evidence]:
    if referral.substance is None:
        return
    ref = str(referral.pk)
    other = referral.to_contact.short_name if referral.to_contact else referral.to_name
    yield trust.Evidence(
        kind=trust.Kind.REFERRED,
        on=referral.given_on,
        ref=ref,
        substance=referral.substance,
        other=other,
    )
    for e in heard.get(referral.giver_id, ()):
        if e.reported and owner.day(e.at) > referral.given_on:
            yield trust.Evidence(
                kind=trust.Kind.LOOP_CLOSED, on=owner.day(e.at), ref=str(e.id), about=ref
            )
            return


def trust_step(owner: User, contact: Contact, *, at: datetime) -> trust.Step:
    """How far ``contact`` has come to trust the owner, with its history, computed anew."""
    evidence = evidence_by_contact(owner, [contact.pk])
    return trust.step(evidence.get(contact.pk, ()), at=owner.day(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One person on a chain, as a page names them."""

    id: UUID
    name: str
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHop:
    """A hop of a chain: who introduced whom, when, and where that stands."""

    introducer: Known
    to: Known
    introduction: UUID
    state: str
    state_label: str
    made_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChain:
    """“You → Ann → Bill → Shirley”: the people after the owner, in order, and the hops."""

    people: tuple[Known, ...]
    hops: tuple[ShownHop, ...]


def chains_to(owner: User, contact: Contact, *, most: int = 10) -> list[ShownChain]:
    """Every chain by which the owner knows ``contact``, shortest first; three queries."""
    rows = list(Introduction.objects.visible_to(owner).with_people())
    found = web(owner, rows).chains_to(contact.pk, most=most).chains
    people = known(owner, {_key(person) for chain in found for person in chain.people})
    return _shown_chains(found, rows, people)


def _shown_chains(
    found: Iterable[chains.Chain], rows: Iterable[Introduction], people: Mapping[UUID, Known]
) -> list[ShownChain]:
    labels = {row.pk: row.get_state_display() for row in rows}
    return [
        ShownChain(
            people=tuple(people[_key(person)] for person in chain.people[1:]),
            hops=tuple(_shown_hop(hop, people, labels) for hop in chain.hops),
        )
        for chain in found
        if all(_key(person) in people for person in chain.people)
    ]


def _key(hashable: chains.Person) -> UUID:
    """The engine takes any hashable for a person; ours are keys of rows."""
    return cast(UUID, hashable)


def _shown_hop(
    hop: chains.Hop, people: Mapping[UUID, Known], labels: Mapping[UUID, str]
) -> ShownHop:
    key = _key(hop.link.ref)
    return ShownHop(
        introducer=people[_key(hop.via)],
        to=people[_key(hop.to)],
        introduction=key,
        state=hop.link.state,
        state_label=labels[key],
        made_on=hop.link.made_on,
    )


def known(owner: User, keys: Collection[UUID]) -> dict[UUID, Known]:
    """Names and steps of these people; one query."""
    rows = Contact.objects.visible_to(owner).filter(pk__in=keys).select_related("trust_state")
    return {row.pk: Known(id=row.pk, name=row.name, level=level_of(row)) for row in rows}


def level_of(contact: Contact) -> int:
    """The stored step of a contact loaded with ``select_related("trust_state")``."""
    state = getattr(contact, "trust_state", None)
    return state.level if state else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameThrough:
    """Somebody who came through a person, ``depth`` introductions on, and what came of it."""

    id: UUID
    name: str
    level: int
    depth: int
    via: str  # who introduced them, where that is somebody else
    meetings: int
    referrals: int  # names and openings they gave
    offers: int


def what_came_of(people: Collection[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Meetings, referrals and offers of each of these people; one query, none for nobody."""
    if not people:
        return {}

    def number_of(rows: QuerySet[Any, Any], person: str) -> Coalesce:
        mine = rows.filter(**{person: OuterRef("pk")}).order_by()
        count = mine.values(person).annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(count), 0)

    met = Participation.objects.filter(interaction__kind__in=_MET, interaction__direction="both")
    offered = Introduction.objects.filter(outcome=Introduction.Outcome.OFFER)
    rows = Contact.objects.filter(pk__in=people).annotate(
        meetings=number_of(met, "contact"),
        referrals=number_of(Referral.objects.all(), "giver"),
        offers=number_of(Opportunity.objects.exclude(offered_on=None), "through")
        + number_of(offered, "introduced"),
    )
    return {
        key: (meetings, referrals, offers)
        for key, meetings, referrals, offers in rows.values_list(
            "pk", "meetings", "referrals", "offers"
        )
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedWay:
    """A way to somebody that ended before the two had met, and at whom."""

    names: tuple[str, ...]  # from the first introducer to the person not reached
    at: str
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHealth:
    """Where chains ended, newest first, and on whom others hang, most first."""

    ended: tuple[EndedWay, ...]
    holds: tuple[tuple[Contact, int], ...]


LISTED_WAYS = 5
LEAST_HELD = 2  # one person who came through somebody is no weight yet


def chain_health(owner: User, found: Sequence[Standing]) -> ChainHealth:
    """What the owner's chains hang on and where they ended; no query."""
    rows = [standing.row for standing in found]
    people = {p.pk: p for row in rows for p in (row.introducer, row.introducee, row.introduced)}
    every, made = web(owner, rows, made_only=False), web(owner, rows)
    ended: list[EndedWay] = []
    for standing in found:
        if standing.role is not workflow.Role.INTRODUCEE or len(ended) == LISTED_WAYS:
            continue
        if not replace(link(standing.row, owner), met_on=standing.facts.met_on).ended:
            continue
        chain = next(
            (
                one
                for one in every.chains_to(standing.row.introduced_id, most=10).chains
                if one.hops and one.hops[-1].link.ref == standing.row.pk
            ),
            None,
        )
        if chain is None:
            continue
        where = chains.health(chain).at or chain.hops[-1]
        ended.append(
            EndedWay(
                names=tuple(people[_key(person)].short_name for person in chain.people[1:]),
                at=people[_key(where.via)].short_name,
                standing=standing,
            )
        )
    return ChainHealth(
        ended=tuple(ended),
        holds=tuple(
            (people[_key(hold.person)], hold.people)
            for hold in made.holds()[:LISTED_WAYS]
            if hold.people >= LEAST_HELD
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPerson:
    """What introductions say of one person: for their page."""

    step: trust.Step
    chains: list[ShownChain]
    standings: list[Standing]
    came_through: list[CameThrough]
    referrals: list[Referral]


def lists_about(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What ``about_person`` is made from (kit.together): of ``ask.owner`` and ``ask.person``."""
    return {
        "introductions": Introduction.objects.visible_to(ask.owner).select_related(
            "introducer__trust_state", "introducee__trust_state", "introduced__trust_state"
        ),
        "referrals": Referral.objects.visible_to(ask.owner)
        .filter(giver=ask.person)
        .select_related("to_contact", "to_organization"),
        "broken": Promise.objects.filter(contact=ask.person, by_me=True, kept=False),
        "overrides": TrustOverride.objects.filter(contact=ask.person).order_by("at"),
    }


def about_person(
    owner: User,
    contact: Contact,
    lists: Mapping[str, list[Any]],
    *,
    today: date,
    holidays: Set[date] = NONE,
) -> AboutPerson:
    """Everything the person page shows of introductions and trust; one query besides ``lists``.

    Args:
        lists: those of ``lists_about``.
    """
    rows: list[Introduction] = lists["introductions"]
    whole = web(owner, rows)
    people = {
        person.pk: Known(id=person.pk, name=person.name, level=level_of(person))
        for row in rows
        for person in (row.introducer, row.introducee, row.introduced)
    }
    mine = [
        row
        for row in rows
        if contact.pk in (row.introducer_id, row.introducee_id, row.introduced_id)
    ]
    met_by = [row for row in mine if row.made_at and row.introducer_id != contact.pk]
    found = _OF_INTRODUCTIONS.lists(
        owner=owner.pk,
        people=sorted({contact.pk} | _people_in(mine)),
        introductions=[row.pk for row in mine],
    )
    heard = _by_contact(found["heard"])
    referrals: list[Referral] = lists["referrals"]
    evidence = _evidence(
        owner,
        _Records(
            introductions=sorted(met_by, key=lambda row: row.made_at or row.created_at),
            heard={contact.pk: heard.get(contact.pk, [])},
            referrals=sorted(referrals, key=lambda one: (one.given_on, one.pk)),
            broken=lists["broken"],
            together=[contact] if contact.worked_together else [],
            overrides=lists["overrides"],
        ),
    )
    below = [d for d in whole.came_through(contact.pk) if _key(d.person) in people]
    came_of = what_came_of([_key(d.person) for d in below])
    return AboutPerson(
        step=trust.step(evidence.get(contact.pk, ()), at=today),
        chains=_shown_chains(whole.chains_to(contact.pk, most=10).chains, rows, people),
        standings=_standings(owner, mine, heard, found["events"], today=today, holidays=holidays),
        came_through=[
            _came_through(d, people, came_of.get(_key(d.person), (0, 0, 0))) for d in below
        ],
        referrals=referrals,
    )


def _came_through(
    below: chains.Descendant, people: Mapping[UUID, Known], came_of: tuple[int, int, int]
) -> CameThrough:
    one, via = people[_key(below.person)], people.get(_key(below.hop.via))
    return CameThrough(
        id=one.id,
        name=one.name,
        level=one.level,
        depth=below.depth,
        via=via.name if via and below.depth > 1 else "",
        meetings=came_of[0],
        referrals=came_of[1],
        offers=came_of[2],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A name somebody offered and the owner has not used yet."""

    referral: Referral
    giver: Contact

    @property
    def to(self) -> str:
        return str(self.referral)


def offers(owner: User) -> list[Offer]:
    """Names offered and not used, newest first; one query."""
    rows = Referral.objects.visible_to(owner).filter(used_on=None, introduction=None)
    rows = rows.exclude(to_contact=None, to_name="").select_related(
        "giver", "to_contact", "to_organization"
    )
    return [Offer(referral=row, giver=row.giver) for row in rows]
