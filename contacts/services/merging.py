"""Joining the entries of one person, and parting them again (C4).

Source: docs/decisions/0033-merging-loses-nothing.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts import search
from contacts.engine.drafts import Birthday
from contacts.engine.merge import Fields, merge_fields
from contacts.models import Contact, Merge, MergedPerson, Participation, name_key
from contacts.services import fields, journal
from contacts.services.interactions import settle
from contacts.services.merge_rules import Joining, apply_all, relations
from netcrm.accounts.models import User
from netcrm.kit import facts
from netcrm.kit.models import Row

UNDO_DAYS = 30
LATE = timedelta(minutes=15)  # how long after a joining somebody's open page may still write
# Rows that follow from others, or tell of the joining itself, need no putting back.
_FOLLOWS = {"contacts.SearchText", "contacts.Merge", "contacts.MergedPerson"}
_FOLLOW_UP = "followups.FollowUp"


class NotNow(Exception):
    """This joining cannot be undone; the message says why."""


def merge_people(*, by: User, at: datetime, kept: Contact, others: Sequence[Contact]) -> Merge:
    """Make one person of ``kept`` and ``others``, with everything that names any of them.

    ``kept`` keeps their id and, where two entries disagree, what they say; the rest goes into
    fields of one's own.  Whoever goes has a row that no list shows, for ``UNDO_DAYS`` days.

    Raises:
        ValidationError: one of them is the owner, is not in the list, or is named twice.
    """
    keys = [kept.pk, *(other.pk for other in others)]
    with transaction.atomic():
        people = _locked(by, keys)
        first, rest = people[kept.pk], [people[other.pk] for other in others]
        before = journal.snapshot(_everything_about(by, keys))
        with facts.change(by, at=at) as changed:
            for gone in rest:
                _join(by, first, gone, at)
            settle(by, people=keys)
            search.index_people(by, [first.pk])
            changed.add(*keys)
        after = journal.snapshot(_everything_about(by, keys))
        merge = Merge.objects.create(
            owner=by,
            kept=first,
            kept_key=first.pk,
            at=at,
            journal=journal.difference(before, after),
        )
        MergedPerson.objects.bulk_create(
            MergedPerson(merge=merge, contact=gone, key=gone.pk, name=gone.name) for gone in rest
        )
    kept.refresh_from_db()
    return merge


def _locked(by: User, keys: Sequence[UUID]) -> dict[UUID, Contact]:
    if len(keys) < 2 or len(set(keys)) < len(keys):
        raise ValidationError(_("Choose two people or more, each of them once."))
    # Two joinings of one person take turns; FOR NO KEY UPDATE, so that nobody's exchange waits.
    rows = Contact.objects.visible_to(by).filter(pk__in=keys).order_by("pk")
    people = {row.pk: row for row in rows.select_for_update(no_key=True)}
    if len(people) < len(keys):
        raise ValidationError(
            _("Somebody here is no longer in your list. Look at the page again and choose anew.")
        )
    if any(person.is_self for person in people.values()):
        raise ValidationError(_("This is you. Your own entry cannot be joined with another."))
    return people


def _everything_about(owner: User, keys: Sequence[UUID]) -> Iterable[models.QuerySet[Any]]:
    """The people themselves, every row that names one of them, and what is planned now.

    What is planned for others may follow from these people too.
    """
    yield Contact.objects.filter(pk__in=keys)
    for model, column in relations():
        if model._meta.label not in _FOLLOWS:
            yield model._base_manager.filter(**{f"{column}__in": keys})
    plans = cast("type[models.Model]", apps.get_model(_FOLLOW_UP))
    yield plans._base_manager.filter(contact__owner=owner, closed_at=None)


def _join(by: User, kept: Contact, gone: Contact, at: datetime) -> None:
    joining = Joining(kept=kept, gone=gone, at=at)
    apply_all(joining)
    said = merge_fields(_fields_of(kept), _fields_of(gone)).fields
    if joining.words:
        said = replace(said, notes="\n\n".join(filter(None, (said.notes, *joining.words))))
    _write(kept, said, gone, at)
    Contact.objects.filter(pk=gone.pk).update(
        trashed_at=at, version=F("version") + 1, updated_at=at
    )


def _fields_of(person: Contact) -> Fields:
    birthday = None
    if person.birthday_month and person.birthday_day:
        birthday = Birthday(
            year=person.birthday_year, month=person.birthday_month, day=person.birthday_day
        )
    return Fields(
        name=person.name,
        nickname=person.nickname,
        ring=person.ring,
        role_kind=person.role_kind,
        how_met=person.how_met,
        worked_together=person.worked_together,
        notes=person.notes,
        extras=tuple((str(label), str(value)) for label, value in person.extra.items()),
        birthday=birthday,
        connected_on=person.connected_on,
        paused_until=person.paused_until,
        do_not_contact=person.do_not_contact,
        archived=person.archived_at is not None,
    )


def _write(kept: Contact, said: Fields, gone: Contact, at: datetime) -> None:
    kept.name, kept.nickname, kept.notes = said.name, said.nickname, said.notes
    kept.ring, kept.role_kind = said.ring, said.role_kind
    kept.worked_together, kept.connected_on = said.worked_together, said.connected_on
    kept.paused_until, kept.do_not_contact = said.paused_until, said.do_not_contact
    if len(said.how_met) <= fields.HOW_MET_CHARS:
        kept.how_met = said.how_met
    else:
        kept.notes = "\n\n".join(filter(None, (kept.notes, gone.how_met)))
    kept.extra = _as_labels(said.extras)
    if said.birthday:
        kept.birthday_year = said.birthday.year
        kept.birthday_month, kept.birthday_day = said.birthday.month, said.birthday.day
    if said.archived:
        kept.archived_at = kept.archived_at or gone.archived_at
    kept.source_uid = kept.source_uid or gone.source_uid
    kept.batch_id = kept.batch_id or gone.batch_id
    kept.version += 1
    kept.name_key = name_key(kept.name, kept.nickname)
    kept.save()


def _as_labels(extras: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One label for each; a second of one name gets a number."""
    found: dict[str, str] = {}
    for label, value in extras:
        free, number = label, 2
        while found.get(free, value) != value:
            free, number = f"{label} {number}", number + 1
        found[free] = value
    return found


# Parting


def undoable_until(merge: Merge) -> datetime:
    return merge.at + timedelta(days=UNDO_DAYS)


def undo_merge(*, by: User, at: datetime, merge: Merge) -> list[str]:
    """Part people who were joined: each with their id, and everything as it was.

    Returns:
        Whole sentences about what was changed since, and so stays as it is.

    Raises:
        NotNow: it was undone before, is too old, or came before another joining that stands.
    """
    with transaction.atomic():
        mine = Merge.objects.visible_to(by).standing().filter(pk=merge.pk)
        if not mine.update(undone_at=at):
            raise NotNow(_("These people were parted already."))
        gone = list(merge.gone.all())
        _check_undoable(merge, gone, at)
        keys = [merge.kept_key, *(one.key for one in gone)]
        names = {one.key: one.name for one in gone}
        kept = Contact.objects.select_for_update(no_key=True).get(pk=merge.kept_key)
        since = Participation.objects.filter(contact=kept, created_at__gt=merge.at).count()
        versions = dict(Contact.objects.filter(pk__in=keys).values_list("pk", "version"))
        with facts.change(by, at=at) as changed:
            left = journal.put_back(merge.journal, by_column=["contacts.Contact"])
            for key, version in versions.items():
                Contact.objects.filter(pk=key).update(version=version + 1, updated_at=at)
            merge.gone.all().delete()
            settle(by, people=keys)
            search.index_people(by, keys)
            changed.add(*keys)
        kept.refresh_from_db()
    return list(_in_words(kept, names, left, since))


def _check_undoable(merge: Merge, gone: Sequence[MergedPerson], at: datetime) -> None:
    if at > undoable_until(merge) or not merge.journal:
        raise NotNow(_("People can be parted again for thirty days after they were joined."))
    if merge.kept_id != merge.kept_key:
        raise NotNow(
            _("These people were joined in another account, so they cannot be parted in this one.")
        )
    further = MergedPerson.objects.filter(key=merge.kept_key).select_related("merge__kept").first()
    if further is not None:
        raise NotNow(
            _("%(name)s was joined with somebody else since. Part those two first.")
            % {"name": further.name}
        )
    if any(one.contact_id is None for one in gone):
        raise NotNow(_("Somebody of these was erased since, so nothing can be put back."))


# Told when they cannot be put back; what is planned or counted follows from other things.
_COLUMN_WORDS = {
    "name": gettext_lazy("name"),
    "nickname": gettext_lazy("what you call them"),
    "ring": gettext_lazy("attention"),
    "role_kind": gettext_lazy("who they are in your search"),
    "how_met": gettext_lazy("how you met"),
    "notes": gettext_lazy("notes"),
    "extra": gettext_lazy("fields of your own"),
    "birthday_day": gettext_lazy("birthday"),
    "paused_until": gettext_lazy("pause"),
    "do_not_contact": gettext_lazy("whether they may be contacted"),
    "archived_at": gettext_lazy("archive"),
}


def _in_words(
    kept: Contact, names: dict[UUID, str], left: journal.Left, since: int
) -> Iterable[str]:
    for columns in left.rows.get("contacts.Contact", {}).values():
        words = [str(_COLUMN_WORDS[column]) for column in columns if column in _COLUMN_WORDS]
        if words:
            yield _("Changed since you joined them, and left as it is now: %(what)s.") % {
                "what": ", ".join(words)
            }
    rows = left.count(
        label
        for label in left.rows
        if label not in {"contacts.Contact", _FOLLOW_UP, "introductions.TrustState"}
    )
    if rows:
        yield ngettext(
            "%(n)s thing was changed or deleted since, and stays as it is now.",
            "%(n)s things were changed or deleted since, and stay as they are now.",
            rows,
        ) % {"n": rows}
    if since:
        yield ngettext(
            "%(n)s exchange written down since stays with %(name)s. Correct it if it was with "
            "%(other)s.",
            "%(n)s exchanges written down since stay with %(name)s. Correct those that were with "
            "%(other)s.",
            since,
        ) % {"n": since, "name": kept.name, "other": " / ".join(names.values())}


# Afterwards


def joined_into(owner: User, key: UUID) -> Contact | None:
    """Whom the person of this key is now, if they were joined into somebody."""
    seen: set[UUID] = set()
    while key not in seen:
        seen.add(key)
        found = MergedPerson.objects.filter(key=key, merge__owner=owner).select_related("merge")
        step = found.order_by("-merge__at").first()
        if step is None:
            break
        key = step.merge.kept_key
    return Contact.objects.visible_to(owner).filter(pk=key).first() if len(seen) > 1 else None


def gather_late(*, at: datetime) -> int:
    """Move on what was written to a person while they were being joined; return how many.

    A page that was open, or another worker, may have added an exchange with the one who went.
    """
    gathered = 0
    recent = Merge.objects.filter(at__gte=at - LATE, undone_at=None)
    for merge in recent.select_related("owner", "kept").prefetch_related("gone__contact"):
        kept = merge.kept
        if kept is None or kept.trashed_at is not None:
            continue
        for one in merge.gone.all():
            if one.contact is None or not _came_late(merge, one.contact):
                continue
            with facts.change(merge.owner, at=at) as changed:
                apply_all(Joining(kept=kept, gone=one.contact, at=at))
                settle(merge.owner, people=[kept.pk, one.contact.pk])
                search.index_people(merge.owner, [kept.pk])
                changed.add(kept.pk, one.contact.pk)
            gathered += 1
    return gathered


def _came_late(merge: Merge, gone: Contact) -> bool:
    return any(
        model._base_manager.filter(**{column: gone, "created_at__gt": merge.at}).exists()
        for model, column in relations()
        if model._meta.label not in _FOLLOWS and issubclass(model, Row)
    )


def forget(person: Contact, *, at: datetime) -> None:
    """Before a person is erased: what came to them late moves on, and no journal names them."""
    away = MergedPerson.objects.filter(contact=person).select_related("merge__kept").first()
    if away is not None and away.merge.kept is not None:
        apply_all(Joining(kept=away.merge.kept, gone=person, at=at))
    Merge.objects.filter(Q(kept=person) | Q(gone__contact=person)).update(journal={})


def forget_old_journals(*, at: datetime) -> int:
    """Empty what is kept for an undo that is no longer offered."""
    old = Merge.objects.filter(
        Q(at__lt=at - timedelta(days=UNDO_DAYS)) | Q(undone_at__isnull=False)
    ).exclude(journal={})
    return old.update(journal={})
