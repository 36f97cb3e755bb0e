"""What pages and other apps may ask about people."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet

from contacts.engine import names, points
from contacts.engine.recognition import Known, PeopleIndex, prepare
from contacts.models import Contact, ContactPoint, Position, name_key

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


def similar_people(
    owner: User,
    *,
    name: str,
    emails: Collection[str] = (),
    organization: str = "",
    leave_out: UUID | None = None,
) -> list[Contact]:
    """People the owner has already who may be this one: same address, or same name.

    A hint for somebody who is typing, at most five, whoever works at ``organization`` first;
    the duplicate finder looks closer.
    """
    keys = [points.email_key(found) for text in emails if (found := points.email(text))]
    same_address = ContactPoint.objects.filter(
        kind=ContactPoint.Kind.EMAIL, key__in=keys, contact__owner=owner
    )
    wanted = Q(pk__in=same_address.values("contact"))
    folded = name_key(name) if name.strip() else ""
    if folded:
        wanted |= Q(name_key=folded) | Q(name_key__startswith=f"{folded}/")
    people = Contact.objects.visible_to(owner).people().filter(wanted)
    if leave_out:
        people = people.exclude(pk=leave_out)
    alike = list(people.prefetch_related(current_positions()).by_name()[:20])
    works_there = names.fold(organization)
    return sorted(
        alike,
        key=lambda person: not (works_there and works_there in names.fold(work_of(person))),
    )[:5]


def recently_met(owner: User, *, most: int = 8) -> list[Contact]:
    """Whom the owner was last in touch with or added last: the faces of the three-tap log."""
    people = Contact.objects.visible_to(owner).reachable()
    met = people.filter(last_contact_at__isnull=False).order_by("-last_contact_at", "id")
    new = people.active().filter(last_contact_at=None).order_by("-created_at", "id")
    both = [*met[:most], *new[:most]]
    return sorted(both, key=lambda one: one.last_contact_at or one.created_at, reverse=True)[:most]


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
