"""One change to thousands of people: in the background, counted, taken up again, and undone (C5).

Whom it is about is written down when it is asked for, so that a filter that changes meanwhile
changes nothing.  A chunk of people and the mark that it is done are one transaction.
Source: docs/decisions/0084-many-people-at-once.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from contacts import search
from contacts.models import BulkEdit, BulkEditRow, Contact, MergedPerson, Ring, Tag
from contacts.services import fields, tags
from netcrm.accounts.models import User
from netcrm.kit import bulk, facts
from netcrm.kit.ids import new_id

Act, State = BulkEdit.Act, BulkEdit.State
LEASE = timedelta(minutes=2)
CHUNK = 250  # people in one transaction
CHUNKS = 20  # in one run, which is well over before its lease; what is left is owed again
UNDO_DAYS = 30
OWED = (State.WAITING, State.WORKING, State.UNDOING)
TAGGING = (Act.TAG, Act.UNTAG)

# The one column that each act sets, and to what; None stands for the moment of the change.
SETS: Mapping[str, tuple[str, Any]] = {
    Act.RING_A: ("ring", Ring.A.value),
    Act.RING_B: ("ring", Ring.B.value),
    Act.RING_C: ("ring", Ring.C.value),
    Act.PARK: ("ring", Ring.D.value),
    Act.ARCHIVE: ("archived_at", True),
    Act.UNARCHIVE: ("archived_at", None),
    Act.DO_NOT_CONTACT: ("do_not_contact", True),
    Act.CONTACT_AGAIN: ("do_not_contact", False),
    Act.TRASH: ("trashed_at", True),
}
MOMENTS = ("archived_at", "trashed_at")


class NotNow(Exception):
    """This change cannot be taken back; the message says why."""


def start(
    *, by: User, at: datetime, act: str, people: QuerySet[Contact], tag: str = ""
) -> BulkEdit:
    """Owe a change to ``people``, who are written down now.

    Args:
        people: of whomever; only those in the list of ``by`` are taken, never the owner.
        tag: the name of the tag, for the acts about tags.

    Raises:
        ValidationError: by field; nothing is owed.
    """
    if act not in Act.values:
        raise ValidationError({"act": _("Choose what is to be done.")})
    chosen = None
    if act in TAGGING:
        chosen = _tag(by, act, tag)
    mine = Contact.objects.visible_to(by).people().filter(pk__in=people.order_by().values("pk"))
    keys = list(mine.order_by("name_key", "id").values_list("pk", flat=True))
    if not keys:
        raise ValidationError({"people": _("Choose at least one person first.")})
    with transaction.atomic():
        edit = BulkEdit.objects.create(
            owner=by,
            act=act,
            tag=chosen,
            tag_name=chosen.name if chosen else "",
            total=len(keys),
            at=at,
        )
        bulk.insert(
            BulkEditRow,
            ["id", "contact_id"],
            ((new_id(), key) for key in keys),
            edit_id=edit.pk,
            created_at=at,
        )
    return edit


def _tag(by: User, act: str, name: str) -> Tag:
    try:
        wanted = fields.tag(name)
    except ValidationError as problem:
        raise ValidationError({"tag": problem}) from problem
    if act == Act.TAG:
        return tags.get_or_make(by, [wanted])[0]
    known = Tag.objects.visible_to(by).filter(name__iexact=wanted).first()
    if known is None:
        raise ValidationError({"tag": _("You have no tag of this name.")})
    return known


def owed_edits(*, at: datetime) -> list[UUID]:
    """Changes that wait for a worker, or whose worker has died."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    return list(BulkEdit.objects.filter(free, state__in=OWED).values_list("pk", flat=True))


def work_on(edit_pk: UUID, *, at: datetime) -> bool:
    """Do what is owed; True when this call did it.

    Safe to call any number of times from any number of workers.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    mine = BulkEdit.objects.filter(free, pk=edit_pk, state__in=OWED)
    if not mine.update(lease_until=at + LEASE):
        return False
    edit = BulkEdit.objects.select_related("owner", "tag").get(pk=edit_pk)
    try:
        if edit.state == State.UNDOING:
            _undo_all(edit, at)
        else:
            _do_all(edit, at)
    finally:
        BulkEdit.objects.filter(pk=edit_pk).update(lease_until=None)
    return True


def _do_all(edit: BulkEdit, at: datetime) -> None:
    BulkEdit.objects.filter(pk=edit.pk, state=State.WAITING).update(state=State.WORKING)
    for _chunk in range(CHUNKS):
        with facts.change(edit.owner, at=at) as changed:
            rows = list(edit.rows.filter(done_at=None).order_by("id")[:CHUNK])
            if not rows:
                break
            news = _do(edit, rows, at)
            changed.add(*news)
            BulkEditRow.objects.filter(pk__in=[row.pk for row in rows]).update(done_at=at)
            _count(edit, at, done=F("done") + len(rows), changed=F("changed") + len(news))
    else:
        return
    _count(edit, at, state=State.DONE, finished_at=at)


def _count(edit: BulkEdit, at: datetime, **values: Any) -> None:
    BulkEdit.objects.filter(pk=edit.pk).update(lease_until=at + LEASE, **values)


def _do(edit: BulkEdit, rows: Sequence[BulkEditRow], at: datetime) -> list[UUID]:
    """Change those for whom it is news; keep how they were; return who they are."""
    there = (
        Contact.objects.visible_to(edit.owner)
        .people()
        .filter(pk__in=[row.contact_id for row in rows])
    )
    if edit.act in TAGGING:
        before = _tag_people(edit, there)
    else:
        column, value = SETS[edit.act]
        new = at if value is True and column in MOMENTS else value
        was = dict(there.select_for_update(no_key=True).values_list("pk", column))
        before = {
            key: {column: old.isoformat() if isinstance(old, datetime) else old}
            for key, old in was.items()
            if _differs(column, old, new)
        }
        _set(before, at, **{column: new})
    for row in rows:
        row.before = before.get(row.contact_id)
    BulkEditRow.objects.bulk_update([row for row in rows if row.before is not None], ["before"])
    return list(before)


def _differs(column: str, old: Any, new: Any) -> bool:
    return (old is None) != (new is None) if column in MOMENTS else bool(old != new)


def _set(people: Iterable[UUID], at: datetime, **columns: Any) -> None:
    Contact.objects.filter(pk__in=list(people)).update(
        **columns, version=F("version") + 1, updated_at=at
    )


def _tag_people(edit: BulkEdit, there: QuerySet[Contact]) -> dict[UUID, dict[str, Any]]:
    if edit.tag is None:  # deleted since it was asked for
        return {}
    having = edit.act == Act.UNTAG
    some = there.filter(tags=edit.tag) if having else there.exclude(tags=edit.tag)
    people = list(some.values_list("pk", flat=True))
    _give(edit, people, take=having)
    return {key: {"had": having} for key in people}


def _give(edit: BulkEdit, people: Sequence[UUID], *, take: bool) -> None:
    through = Contact.tags.through
    if edit.tag is None:
        return
    if take:
        through.objects.filter(tag=edit.tag, contact__in=people).delete()
    else:
        through.objects.bulk_create(
            (through(contact_id=key, tag_id=edit.tag.pk) for key in people), ignore_conflicts=True
        )
    search.index_people(edit.owner, people)


# Taking back


def undo(*, by: User, at: datetime, edit: BulkEdit) -> None:
    """Owe the taking back of a change.

    Raises:
        NotNow: it is not done yet, was taken back before, or is too old.
    """
    mine = BulkEdit.objects.visible_to(by).filter(pk=edit.pk, state=State.DONE)
    if not mine.filter(at__gte=at - timedelta(days=UNDO_DAYS)).update(state=State.UNDOING):
        raise NotNow(_("A change can be taken back once, within thirty days."))


def _undo_all(edit: BulkEdit, at: datetime) -> None:
    for _chunk in range(CHUNKS):
        with facts.change(edit.owner, at=at) as changed:
            owed = edit.rows.filter(undone_at=None).exclude(before=None)
            rows = list(owed.order_by("id")[:CHUNK])
            if not rows:
                break
            restored = _undo(edit, rows, at)
            changed.add(*restored)
            BulkEditRow.objects.filter(pk__in=[row.pk for row in rows]).update(undone_at=at)
            _count(edit, at, restored=F("restored") + len(restored))
    else:
        return
    _count(edit, at, state=State.UNDONE, finished_at=at)


def _undo(edit: BulkEdit, rows: Sequence[BulkEditRow], at: datetime) -> list[UUID]:
    """Put back those who are still as the change left them; return who they are."""
    keys = [row.contact_id for row in rows]
    away = MergedPerson.objects.filter(contact__in=keys).values("contact")
    there = Contact.objects.filter(owner=edit.owner, pk__in=keys).exclude(pk__in=away)
    if edit.act in TAGGING:
        took = edit.act == Act.UNTAG
        some = there.exclude(tags=edit.tag) if took else there.filter(tags=edit.tag)
        people = list(some.values_list("pk", flat=True)) if edit.tag else []
        _give(edit, people, take=not took)
        return people
    column, value = SETS[edit.act]
    now = dict(there.select_for_update(no_key=True).values_list("pk", column))
    back: dict[Any, list[UUID]] = {}
    for row in rows:
        if row.contact_id not in now or row.before is None:
            continue
        is_set = now[row.contact_id] is not None
        untouched = is_set == bool(value) if column in MOMENTS else now[row.contact_id] == value
        if untouched:
            old = row.before[column]
            if column in MOMENTS and old:
                old = parse_datetime(old)
            back.setdefault(old, []).append(row.contact_id)
    for old, people in back.items():
        _set(people, at, **{column: old})
    return [key for people in back.values() for key in people]
