"""What pages and other apps may ask about people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet

from contacts.engine import dedupe, names, points
from contacts.engine.drafts import Birthday
from contacts.engine.recognition import Known, PeopleIndex, prepare
from contacts.models import Contact, ContactPoint, DuplicatePair, Interaction, Position
from contacts.words import reasons_in_words

if TYPE_CHECKING:
    from netcrm.accounts.models import User

NAMED_AT_MOST = 1_000  # people looked through for one typed line, besides those it spells out
SPELT_OUT_AT_MOST = 300


def current_positions() -> Prefetch[str, QuerySet[Position], str]:
    """Loads ``contact.current_positions``: jobs held now, with their organizations."""
    return Prefetch(
        "positions",
        Position.objects.filter(is_current=True).select_related("organization"),
        to_attr="current_positions",
    )


def work_of(contact: Contact) -> str:
    """“Head of operations, Acme” of a contact loaded with ``current_positions``."""
    jobs: Iterable[Position] = getattr(contact, "current_positions", ())
    return next((str(job) for job in jobs), "")


def matching_text(owner: User, people: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    """Those of ``people`` in whose name or employer every word of ``text`` occurs."""
    for word in names.fold(text).split()[:8]:
        at_work = Position.objects.filter(
            is_current=True, organization__owner=owner, organization__key__contains=word
        )
        people = people.filter(Q(name_key__contains=word) | Q(pk__in=at_work.values("contact")))
    return people


def records(people: QuerySet[Contact]) -> Iterator[dedupe.Record]:
    """``people`` as far as it matters for finding those who stand twice; three queries."""
    points_of: dict[UUID, dict[str, list[str]]] = {}
    for pk, kind, value in ContactPoint.objects.filter(
        contact__in=people.order_by().values("pk")
    ).values_list("contact_id", "kind", "value"):
        points_of.setdefault(pk, {}).setdefault(kind, []).append(value)
    work: dict[UUID, tuple[str, str]] = {}
    for pk, organization, title in (
        Position.objects.filter(contact__in=people.order_by().values("pk"), is_current=True)
        .order_by("-id")
        .values_list("contact_id", "organization__name", "title")
    ):
        work[pk] = (organization or "", title)
    kinds = ContactPoint.Kind
    for pk, name, nickname, year, month, day in people.values_list(
        "pk", "name", "nickname", "birthday_year", "birthday_month", "birthday_day"
    ):
        of = points_of.get(pk, {})
        organization, title = work.get(pk, ("", ""))
        yield dedupe.Record(
            id=str(pk),
            name=name,
            nickname=nickname,
            emails=tuple(of.get(kinds.EMAIL, ())),
            phones=tuple(of.get(kinds.PHONE, ())),
            links=tuple(of.get(kinds.LINK, ())),
            organization=organization,
            title=title,
            birthday=str(Birthday(year=year, month=month, day=day)) if month and day else "",
        )


def told_apart(owner: User) -> frozenset[tuple[str, str]]:
    """Pairs of whom the owner has said that they are two people, the smaller key first."""
    pairs = DuplicatePair.objects.filter(owner=owner, answer=DuplicatePair.Answer.APART)
    return frozenset(
        (str(min(pair)), str(max(pair))) for pair in pairs.values_list("first_id", "second_id")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Somebody the owner has already who may be the one being written down."""

    person: Contact
    reasons: tuple[dedupe.Reason, ...]

    @property
    def work(self) -> str:
        return work_of(self.person)

    @property
    def why(self) -> str:
        """“the same phone number and name”."""
        return reasons_in_words(self.reasons)


SAID_AT_MOST = 5
LOOKED_AT_MOST = 200  # people compared with what is being typed


def similar_people(
    owner: User,
    *,
    name: str,
    emails: Collection[str] = (),
    phones: Collection[str] = (),
    links: Collection[str] = (),
    organization: str = "",
    leave_out: UUID | None = None,
) -> list[Alike]:
    """People the owner has already who may be this one, the likeliest first, at most five.

    A few queries find who has one of the addresses, numbers or links, who is called so, and who
    of the organization shares a word of the name; the judge of the duplicate finder says which
    of them may be meant.  Whoever was told apart from ``leave_out`` is not brought up again.
    """
    wanted = _may_be_meant(owner, name, (*emails, *phones, *links), organization)
    people = Contact.objects.visible_to(owner).people().filter(wanted)
    apart: frozenset[str] = frozenset()
    if leave_out:
        people = people.exclude(pk=leave_out)
        key = str(leave_out)
        apart = frozenset(one for pair in told_apart(owner) if key in pair for one in pair)
    keys = list(people.order_by("id").values_list("pk", flat=True)[:LOOKED_AT_MOST])
    if not keys:
        return []
    new = dedupe.Record(
        id="",
        name=name,
        emails=tuple(emails),
        phones=tuple(phones),
        links=tuple(links),
        organization=organization,
    )
    found = {
        UUID(pair.second): pair.reasons
        for pair in dedupe.same_person(
            new, list(records(Contact.objects.filter(pk__in=keys, owner=owner)))
        )
        if pair.second not in apart
    }
    first = list(found)[:SAID_AT_MOST]
    shown = Contact.objects.prefetch_related(current_positions()).in_bulk(first)
    return [Alike(person=shown[pk], reasons=found[pk]) for pk in first if pk in shown]


def _may_be_meant(owner: User, name: str, typed: Iterable[str], organization: str) -> Q:
    """Who shares an address, a number, a link, the name, or the employer and part of the name."""
    keys = {
        key
        for text in typed
        if text.strip()
        for key in (points.email_key(text), *_phone_endings(text), points.link_key(text))
    }
    same_point = Q(key__in=keys)
    for ending in {ending for text in typed for ending in _phone_endings(text)}:
        same_point |= Q(kind=ContactPoint.Kind.PHONE, key__endswith=ending)
    sharing = ContactPoint.objects.filter(same_point, contact__owner=owner)
    wanted = Q(pk__in=sharing.values("contact"))
    folded = names.fold(name)
    if folded:
        wanted |= Q(name_key=folded) | Q(name_key__startswith=f"{folded}/")
        words = folded.split()
        if len(words) > 1:
            wanted |= Q(name_key=f"{words[-1]} {' '.join(words[:-1])}")
    employer = names.fold(organization)
    if employer and folded:
        there = Position.objects.filter(
            is_current=True, organization__owner=owner, organization__key__startswith=employer
        )
        word = Q()
        for part in {part for part in folded.split() if len(part) > 1}:
            word |= Q(name_key__contains=part)
        wanted |= Q(pk__in=there.values("contact")) & word
    return wanted


def _phone_endings(text: str) -> tuple[str, ...]:
    """The nine last digits: the same number with and without its country."""
    digits = points.phone_key(text).lstrip("+") if points.phone(text) else ""
    return (digits[-9:],) if len(digits) >= 9 and "@" not in text else ()


def recently_met(owner: User, *, most: int = 8) -> list[Contact]:
    """Whom the owner was last in touch with or added last: the faces of the three-tap log."""
    people = Contact.objects.visible_to(owner).reachable()
    met = people.filter(last_contact_at__isnull=False).order_by("-last_contact_at", "id")
    new = people.active().filter(last_contact_at=None).order_by("-created_at", "id")
    both = [*met[:most], *new[:most]]
    return sorted(both, key=lambda one: one.last_contact_at or one.created_at, reverse=True)[:most]


def last_notes(owner: User, contacts: Collection[UUID]) -> dict[UUID, str]:
    """The newest note about each of these people, as it was typed."""
    rows = Interaction.objects.visible_to(owner).filter(people__in=contacts).exclude(note="")
    found: dict[UUID, str] = {}
    for person, note in rows.order_by("-at", "-pk").values_list("people", "note"):
        found.setdefault(person, note)
    return found


def recognisable(owner: User, text: str) -> PeopleIndex:
    """Everybody a typed line may mean.

    That is the people in use, newest contact first, and anybody else whose name has one of
    the typed words in it, in full or as the long form of a short one; so one line is read as
    quickly in a list of thirty thousand as in one of thirty.
    """
    if not text:
        return prepare(())
    people = Contact.objects.visible_to(owner).people()
    columns = ("id", "name", "nickname", "last_contact_at")
    rows = {
        row[0]: row
        for row in people.active()
        .order_by(F("last_contact_at").desc(nulls_last=True), "id")
        .values_list(*columns)[:NAMED_AT_MOST]
    }
    typed = {word for word in names.fold(text).split() if len(word) > 1}
    spelt = typed | {long for word in typed for long in names.short_forms(word)}
    if spelt:
        wanted = Q()
        for word in sorted(spelt)[:60]:
            wanted |= Q(name_key__startswith=word) | Q(name_key__contains=f" {word}")
        others = people.filter(wanted).order_by("name_key", "id")
        rows |= {row[0]: row for row in others.values_list(*columns)[:SPELT_OUT_AT_MOST]}
    return prepare(
        Known(
            id=str(pk),
            name=name,
            nickname=nickname,
            last_contact_on=owner.day(last) if last else None,
        )
        for pk, name, nickname, last in rows.values()
    )
