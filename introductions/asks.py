"""What bears on asking: readiness of people for a request, and what was given and received."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from contacts.models import Contact, Interaction
from introductions import selectors
from introductions.engine import gives, readiness, referrals
from introductions.models import Ask, Give, Introduction, Referral
from netcrm.groups import selectors as groups
from netcrm.groups.models import Playbook

if TYPE_CHECKING:
    from contacts.fields import Named
    from netcrm.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The good window with a person, as planned; ``resting_until`` while they rest."""

    opens_on: date | None = None
    fades_on: date | None = None
    resting_until: date | None = None


def standings_for_asks(
    owner: User, people: Sequence[Contact], windows: Mapping[UUID, Window]
) -> dict[UUID, readiness.Standing]:
    """What is known of each person on the question of asking; four queries.

    Args:
        people: loaded with ``trust_state``.
        windows: by person; the planner's, who sits above this app.
    """
    keys = [person.pk for person in people]
    heard = selectors.exchanges_by_contact(owner, keys)
    asked: dict[UUID, list[Ask]] = defaultdict(list)
    for ask in Ask.objects.visible_to(owner).filter(contact__in=keys).order_by("asked_on", "pk"):
        asked[ask.contact_id].append(ask)
    gave: dict[UUID, list[Give]] = defaultdict(list)
    for give in Give.objects.visible_to(owner).filter(contact__in=keys, by_me=True):
        gave[give.contact_id].append(give)
    offered: dict[UUID, set[UUID | str]] = defaultdict(set)
    named: dict[UUID, date] = {}
    for row in Referral.objects.visible_to(owner).filter(giver__in=keys):
        named[row.giver_id] = max(row.given_on, named.get(row.giver_id, row.given_on))
        if row.to_contact_id:
            offered[row.giver_id].add(row.to_contact_id)
        elif row.to_name:
            offered[row.giver_id].add(row.to_name.casefold())
    return {
        person.pk: _standing(
            owner,
            person,
            heard.get(person.pk, []),
            asked[person.pk],
            gave[person.pk],
            offered[person.pk],
            windows.get(person.pk, Window()),
            named.get(person.pk),
        )
        for person in people
    }


LISTED_AT_MOST = 40  # people whose readiness is looked at together


def closest_first(people: QuerySet[Contact]) -> QuerySet[Contact]:
    """``people`` with their trust, those who trust the owner most before the others."""
    return people.select_related("trust_state").order_by("-trust_state__level", "name_key")


def readiness_of(
    owner: User, people: Sequence[Contact], windows: Mapping[UUID, Window], *, on: date
) -> dict[UUID, readiness.Readiness]:
    """How far an introduction could be asked of each of these people; four queries."""
    known = standings_for_asks(owner, people, windows)
    rung = readiness.Rung.INTRODUCTION
    return {key: readiness.readiness(known[key], rung, on=on) for key in known}


def _standing(
    owner: User,
    person: Contact,
    heard: Sequence[selectors.Exchange],
    asked: Sequence[Ask],
    gave: Sequence[Give],
    offered: Collection[UUID | str],
    window: Window,
    named_on: date | None,
) -> readiness.Standing:
    told = next((e for e in heard if e.told_target), None)
    last = asked[-1] if asked else None
    given_or_reported = [
        (owner.day(e.at), e.id) for e in heard if e.reported or (e.is_give and e.by_owner)
    ] + [(give.given_on, give.pk) for give in gave]
    latest = max(given_or_reported, default=(None, None))
    helped = last is not None and (
        last.answer == Ask.Answer.YES or (named_on is not None and named_on >= last.asked_on)
    )
    return readiness.Standing(
        step=selectors.level_of(person),
        target_told_on=owner.day(told.at) if told else None,
        target_told_ref=told.id if told else None,
        touches=tuple(
            readiness.Touch(on=owner.day(e.at), theirs=e.two_way, ref=e.id) for e in heard
        ),
        opens_on=window.opens_on,
        fades_on=window.fades_on,
        resting_until=window.resting_until,
        ask_not_before=last.not_before if last else None,
        do_not_contact=person.do_not_contact,
        last_ask_on=last.asked_on if last else None,
        last_ask_ref=last.pk if last else None,
        last_ask_helped=helped,
        given_or_reported_on=latest[0],
        given_or_reported_ref=latest[1],
        offered=frozenset(offered),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One thing that went one way or the other, for the ledger strip."""

    on: date
    by_me: bool
    kind: gives.Kind
    label: str


def passed_between(owner: User, contact: Contact) -> list[Passed]:
    """Gives of both, and what the person handed on, oldest first; three queries."""
    found = [
        Passed(
            on=give.given_on,
            by_me=give.by_me,
            kind=gives.Kind(give.kind),
            label=give.note or give.get_kind_display(),
        )
        for give in Give.objects.visible_to(owner).filter(contact=contact)
    ]
    found += [
        Passed(on=row.given_on, by_me=False, kind=gives.Kind.REFERRAL, label=str(row))
        for row in Referral.objects.visible_to(owner)
        .filter(giver=contact)
        .select_related("to_contact", "to_organization")
    ]
    logged = Interaction.objects.visible_to(owner).filter(people=contact, is_give=True, gives=None)
    found += [
        Passed(
            on=owner.day(row.at),
            by_me=row.direction != Interaction.Direction.IN,
            kind=gives.Kind.OTHER,
            label=row.note or row.get_kind_display(),
        )
        for row in logged
    ]
    return sorted(found, key=lambda one: (one.on, one.label))


def ledger_of(passed: Sequence[Passed]) -> gives.Ledger:
    return gives.ledger(gives.Entry(by_me=p.by_me, kind=p.kind, on=p.on) for p in passed)


OWN_IDEAS_AT_MOST = 3


def ideas_for(owner: User, contact: Contact) -> tuple[gives.Suggestion, ...]:
    """What could be given to this person: the owner's own ideas, then from what was said."""
    notes = Interaction.objects.visible_to(owner).filter(people=contact).exclude(note="")
    said = [gives.Said(text=row.note, on=owner.day(row.at), ref=row.pk) for row in notes[:50]]
    said += [gives.Said(text=tag.name) for tag in contact.tags.all()]
    said += [gives.Said(text=contact.notes)] if contact.notes else []
    own = [
        gives.Idea(key=str(row.pk), kind=gives.Kind.OTHER, text=row.text, minutes=0)
        for row in groups.own_copies(owner, Playbook.Kind.GIVE)[:OWN_IDEAS_AT_MOST]
    ]
    return (*(gives.Suggestion(idea=idea) for idea in own), *gives.suggest(said))


def asked_for(known: readiness.Standing, named: Named | None) -> UUID | str | None:
    """The person an ask is for as ``offered`` of ``known`` has them: by key, or else by name."""
    if named is None:
        return None
    name = (named.contact.name if named.contact else named.name).casefold()
    if named.contact and (named.contact.pk in known.offered or name not in known.offered):
        return named.contact.pk
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An ask and what came of it, to look back on: how ready it was, and what was given."""

    ask: Ask
    readiness: str
    came_of_it: Referral | None


def looked_back_on(owner: User, *, most: int = 20) -> list[Compared]:
    """Asks with their answers, newest first, and what the person gave before the next; two queries.

    What was given belongs to the last ask of that person on or before its day.
    """
    asked = list(
        Ask.objects.visible_to(owner).exclude(answer="").select_related("contact")[: 2 * most]
    )
    given: dict[UUID, Referral] = {}
    rows = Referral.objects.visible_to(owner).filter(giver__in={ask.contact_id for ask in asked})
    for row in rows.select_related("to_contact", "to_organization").order_by("given_on", "pk"):
        before = (
            ask for ask in asked if ask.contact_id == row.giver_id and ask.asked_on <= row.given_on
        )
        if ask := next(before, None):
            given[ask.pk] = row
    return [
        Compared(ask=ask, readiness=ask.readiness, came_of_it=given.get(ask.pk))
        for ask in asked[:most]
        if ask.readiness
    ]


def could_use_each_other(owner: User, *, most: int = 3) -> list[tuple[Contact, Contact, str]]:
    """Pairs of the owner's people of whom one may need what the other has, with the word."""
    rows = (
        Interaction.objects.visible_to(owner)
        .exclude(note="")
        .filter(people__in=Contact.objects.visible_to(owner).active())
        .order_by("-at")
        .values_list("people", "note", "at", "pk")[:400]
    )
    needs, offers = [], []
    for person, note, at, ref in rows:
        words = note.casefold()
        wish = gives.Wish(person=person, text=note, on=owner.day(at), ref=ref)
        if any(word in words for word in _NEEDS):
            needs.append(wish)
        elif any(word in words for word in _OFFERS):
            offers.append(wish)
    introduced = Introduction.objects.visible_to(owner).filter(introducer__is_self=True)
    acquainted = [
        frozenset(pair) for pair in introduced.values_list("introducee_id", "introduced_id")
    ]
    found = gives.who_could_use_whom(needs, offers, acquainted=acquainted)[:most]
    people = Contact.objects.visible_to(owner).in_bulk(
        [key for match in found for key in (match.need.person, match.offer.person)]
    )
    return [
        (people[match.need.person], people[match.offer.person], match.topic)
        for match in found
        if match.need.person in people and match.offer.person in people
    ]


# Words by which a note says that somebody looks for something, or has it to pass on.
_NEEDS = ("asked", "needs", "looks for", "looking for", "wants", "wonders", "struggles")
_OFFERS = ("ran ", "runs ", "knows", "built", "has experience", "worked on", "offers", "led ")


def referrals_given(owner: User) -> list[Referral]:
    """Every referral with its substance said, oldest first."""
    return list(
        Referral.objects.visible_to(owner)
        .exclude(substance=None)
        .select_related("giver", "to_contact", "to_organization")
        .order_by("given_on", "pk")
    )


def lesson_of_all(rows: Sequence[Referral]) -> referrals.Lesson:
    return referrals.lesson(
        referrals.Given(
            ref=row.pk,
            giver=row.giver_id,
            on=row.given_on,
            step=row.giver_step,
            substance=row.substance or 0,
        )
        for row in rows
    )
