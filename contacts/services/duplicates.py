"""Finding people who stand twice in an owner's list, and what the owner says of them (C3).

The search is owed by a row: a worker takes it by a conditional update, and one that dies leaves
it to the next when its lease has run out.  Pairs found are kept, so that the page costs the same
however long the list is.
Source: docs/decisions/0032-duplicates-are-weighed.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from contacts.engine.dedupe import find_duplicates
from contacts.models import Contact, DuplicatePair, DuplicateSearch, ImportBatch
from contacts.selectors import records, told_apart
from contacts.services.merging import merge_people
from netcrm.accounts.models import User
from netcrm.kit import bulk
from netcrm.kit.ids import new_id

State, Answer = DuplicateSearch.State, DuplicatePair.Answer
LEASE = timedelta(minutes=2)
OWED = (State.WAITING, State.SEARCHING, State.JOINING)


def ask_for_search(*, by: User) -> DuplicateSearch:
    """Owe a search through everybody; one that is under way is not begun again."""
    search, made = DuplicateSearch.objects.get_or_create(owner=by)
    if not made:
        DuplicateSearch.objects.filter(pk=search.pk, state=State.DONE).update(
            state=State.WAITING, total=0, done=0
        )
        search.refresh_from_db()
    return search


def ask_after_import(batch_pk: UUID) -> DuplicateSearch | None:
    """Owe a search once a file has been brought in."""
    batch = ImportBatch.objects.filter(pk=batch_pk, state=ImportBatch.State.DONE)
    found = batch.select_related("owner").first()
    return ask_for_search(by=found.owner) if found else None


def join_all_certain(*, by: User) -> int:
    """Owe the joining of all pairs that are sure; return how many there are."""
    count = DuplicatePair.objects.visible_to(by).certain().count()
    if count:
        DuplicateSearch.objects.update_or_create(
            owner=by,
            defaults={"state": State.JOINING, "total": count, "done": 0},
        )
    return count


def owed_searches(*, at: datetime) -> list[UUID]:
    """Searches that wait for a worker, or whose worker has died."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    return list(DuplicateSearch.objects.filter(free, state__in=OWED).values_list("pk", flat=True))


def work_on(search_pk: UUID, *, at: datetime) -> bool:
    """Do what is owed; True when this call did it.

    Safe to call any number of times from any number of workers.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    mine = DuplicateSearch.objects.filter(free, pk=search_pk, state__in=OWED)
    if not mine.update(lease_until=at + LEASE):
        return False
    search = DuplicateSearch.objects.select_related("owner").get(pk=search_pk)
    try:
        if search.state == State.JOINING:
            _join(search, at)
        else:
            _search(search, at)
    finally:
        DuplicateSearch.objects.filter(pk=search_pk).update(lease_until=None)
    return True


def _search(search: DuplicateSearch, at: datetime) -> None:
    owner = search.owner
    people = Contact.objects.visible_to(owner).people()
    search.total = people.count()
    search.state = State.SEARCHING
    search.save(update_fields=["state", "total"])
    pairs = find_duplicates(records(people), told_apart=told_apart(owner))
    with transaction.atomic():
        DuplicatePair.objects.filter(owner=owner).exclude(answer=Answer.APART).delete()
        there = set(people.values_list("pk", flat=True))  # some may have gone meanwhile
        bulk.insert(
            DuplicatePair,
            ["id", "first_id", "second_id", "reasons", "certain", "place"],
            (
                (new_id(), one, other, [*map(str, pair.reasons)], pair.certain, place)
                for place, pair in enumerate(pairs)
                if {one := UUID(pair.first), other := UUID(pair.second)} <= there
            ),
            owner_id=owner.pk,
            created_at=at,
        )
        _finish(search, at, done=search.total)


def _join(search: DuplicateSearch, at: datetime) -> None:
    """Join pair after pair, each in a transaction of its own."""
    done = search.done
    while True:
        pairs = DuplicatePair.objects.visible_to(search.owner).certain()
        pair = pairs.select_related("first", "second").order_by("place", "id").first()
        if pair is None:
            break
        kept, gone = which_to_keep(pair.first, pair.second)
        done += 1
        with transaction.atomic():
            try:
                merge_people(by=search.owner, at=at, kept=kept, others=[gone])
            except ValidationError:  # one of them went this very moment
                answer(by=search.owner, pair=pair, said=Answer.LATER)
            DuplicateSearch.objects.filter(pk=search.pk).update(done=done, lease_until=at + LEASE)
    _finish(search, at, done=done)


def _finish(search: DuplicateSearch, at: datetime, *, done: int) -> None:
    DuplicateSearch.objects.filter(pk=search.pk).update(state=State.DONE, done=done, finished_at=at)


def which_to_keep(one: Contact, other: Contact) -> tuple[Contact, Contact]:
    """The entry that says more of a relationship first: its words win where the two differ."""

    def weight(person: Contact) -> tuple[bool, int, bool, datetime]:
        return (
            person.archived_at is None and not person.do_not_contact,
            -"ABCD".index(person.ring),
            person.last_contact_at is not None,
            person.last_contact_at or person.created_at,
        )

    if weight(other)[:3] == weight(one)[:3] and one.last_contact_at is None:
        return (one, other) if one.pk < other.pk else (other, one)  # the older entry
    return (other, one) if weight(other) > weight(one) else (one, other)


def answer(*, by: User, pair: DuplicatePair, said: str) -> None:
    """Say of a pair that they are different people, that one decides later, or take that back."""
    if said and said not in Answer.values:
        raise ValueError(f"{said} is no answer")
    DuplicatePair.objects.visible_to(by).filter(pk=pair.pk).update(answer=said)
