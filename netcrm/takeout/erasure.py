"""Somebody in members' lists asks that nothing about them be kept (G03).

One address or number finds every copy, in every list.  What goes: the person with all that
hangs on them, exchanges nobody else was in, working copies in imports and merges.  What stays:
a step called “Somebody” where a chain of introductions leads through them, so that the trust
of others keeps its ground.  Their owners are told; a keyed hash makes imports and forms ask.
Source: docs/decisions/0081-erasing-somebody-else.md.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from contacts import search
from contacts.engine.names import fold
from contacts.models import (
    Contact,
    ContactPoint,
    Erased,
    ImportBatch,
    ImportFile,
    ImportRow,
    Interaction,
    Merge,
    MergedPerson,
    Promise,
    Ring,
)
from contacts.services import erased, normalised
from introductions.models import (
    Ask,
    ForwardNote,
    Give,
    Introduction,
    IntroductionEvent,
    OptIn,
    Referral,
)
from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe
from netcrm.groups.models import Invitation
from netcrm.kit import facts
from netcrm.takeout import everything
from netcrm.takeout.models import Erasure, Takeout

Kind = ContactPoint.Kind
Key = tuple[str, str]  # kind, normalised value


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One member's entry of the person, and how much hangs on it."""

    contact: Contact
    counts: dict[str, int]  # label of a model → rows


def key_of(text: str) -> Key:
    """The kind and key of an e-mail address or a telephone number with its country's code.

    Raises:
        ValidationError: it is neither.
    """
    kind = Kind.EMAIL if "@" in text else Kind.PHONE
    return kind.value, normalised(kind, text)[1]


def copies(key: Key, *, named: str = "") -> list[Copy]:
    """Every member's entry with this address or number, those in the trash and joined too.

    Args:
        named: only people in whose name all these words stand; numbers are shared in families.
    """
    kind, value = key
    there = ContactPoint.objects.filter(kind=kind, key=value).values("contact")
    people = Contact.objects.filter(is_self=False).filter(
        Q(pk__in=there)
        | Q(merged_away__merge__kept__in=there)
        | Q(merges_into__gone__contact__in=there)
    )
    words = set(fold(named).split())
    return [
        Copy(contact=contact, counts=_counts(contact))
        for contact in people.select_related("owner").distinct().order_by("owner__email", "id")
        if words <= set(fold(contact.name).split())
    ]


def _counts(contact: Contact) -> dict[str, int]:
    found: dict[str, int] = {}
    for relation in Contact._meta.related_objects:
        model: Any = relation.related_model
        if n := model._base_manager.filter(**{relation.field.name: contact}).count():
            label = model._meta.label
            found[label] = found.get(label, 0) + n
    return dict(sorted(found.items()))


def erase(key: Key, *, at: dt.datetime, named: str = "") -> int:
    """Erase every copy, tell the owners, remember the hash; return how many copies there were.

    One member's list is one transaction.  Doing it again finds nothing and tells nobody.
    """
    found = copies(key, named=named)
    keys = {key}
    for copy in found:
        keys.update(copy.contact.points.exclude(kind=Kind.LINK).values_list("kind", "key"))
    for owner in {copy.contact.owner for copy in found}:
        mine = [copy.contact for copy in found if copy.contact.owner_id == owner.pk]
        with facts.change(owner, at=at) as changed:
            changed.everyone()  # what is due from others may have rested on this person
            for contact in mine:
                _erase_one(owner, contact, at)
            Takeout.objects.filter(owner=owner).delete()
    for kind, value in keys:
        _erase_traces(kind, value)
    erased.remember(keys)
    _write_down(keys)
    return len(found)


def _erase_one(owner: User, contact: Contact, at: dt.datetime) -> None:
    called = _called(owner, contact)
    theirs = list(contact.interactions.values_list("pk", flat=True))
    rows = ImportRow.objects.filter(Q(contact=contact) | Q(pk=contact.pk))
    joined = Merge.objects.filter(
        Q(kept_key=contact.pk)
        | Q(pk__in=MergedPerson.objects.filter(key=contact.pk).values("merge"))
    )
    said = Erasure(owner=owner, initials=_initials(contact.name))
    _drop(rows)
    joined.delete()
    said.stays_as_step = _leave_a_step(owner, contact)
    Referral.objects.filter(
        Q(to_contact=contact) | Q(giver__owner=owner, to_name=contact.name)
    ).update(to_name=_("Somebody"))
    contact.delete()
    alone = Interaction.objects.filter(pk__in=theirs, participations=None)
    said.exchanges = alone.count()
    alone.delete()
    _reword(owner, contact.name, called)
    said.mentioned_in = _mentions(owner, contact.name)
    said.save()
    owe(
        owner=owner,
        kind=Delivery.Kind.NOTICE,
        at=at,
        slot=f"erased {said.pk}",
        letter="erased",
        about=said.pk,
    )


def _initials(name: str) -> str:
    return "".join(f"{word[0].upper()}." for word in name.split()[:3])


def _leave_a_step(owner: User, contact: Contact) -> bool:
    """Put a nameless person into the introductions this one was in; False when in none."""
    theirs = Introduction.objects.filter(
        Q(introducer=contact) | Q(introducee=contact) | Q(introduced=contact)
    )
    keys = list(theirs.values_list("pk", flat=True))
    if not keys:
        return False
    step = Contact.objects.create(
        owner=owner,
        name=_("Somebody"),
        ring=Ring.D,
        do_not_contact=True,
        archived_at=contact.archived_at or contact.created_at,
    )
    for role in ("introducer", "introducee", "introduced"):
        Introduction.objects.filter(pk__in=keys, **{role: contact}).update(**{role: step})
    Introduction.objects.filter(pk__in=keys).update(reason="", load_reason="")
    Promise.objects.filter(introduction__in=keys).delete()
    OptIn.objects.filter(introduction__in=keys).delete()
    Give.objects.filter(introduction__in=keys).update(note="")
    Ask.objects.filter(introduction__in=keys).update(wording="")
    ForwardNote.objects.filter(introduction__in=keys).delete()
    IntroductionEvent.objects.filter(introduction__in=keys).update(note="")
    search.index_people(owner, [step.pk])
    return True


def _called(owner: User, contact: Contact) -> str:
    """The short name sentences call this person by, if it means nobody else; else ""."""
    others = Contact.objects.filter(owner=owner).exclude(pk=contact.pk)
    short = contact.short_name
    return "" if any(other.short_name == short for other in others.iterator()) else short


def _reword(owner: User, name: str, called: str) -> None:
    """Take the name out of what was worked out from facts, such as reasons of closed steps.

    A database may keep letters beyond ASCII as escapes, so a plain part of the name is looked
    for there, and the value itself decides.
    """
    for model, path in everything.models_with_an_owner().items():
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.JSONField):
                continue
            rows = model._base_manager.filter(**{path: owner}).annotate(
                as_text=Cast(field.name, TextField())
            )
            wanted = Q()
            for text in filter(None, (name, called)):
                wanted |= Q(as_text__icontains=_plain_part(text))
            for pk, value in rows.filter(wanted).values_list("pk", field.name):
                fresh = _without(value, name, called)
                if fresh != value:
                    model._base_manager.filter(pk=pk).update(**{field.name: fresh})


def _plain_part(text: str) -> str:
    return max(re.findall(r"[ -~]+", text), key=len, default="").strip()


def _without(value: Any, name: str, called: str) -> Any:
    """``value`` with the whole name replaced wherever it stands, the short one where it is all."""
    if isinstance(value, str):
        if value == called:
            return _("Somebody")
        return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _("Somebody"), value)
    if isinstance(value, list):
        return [_without(one, name, called) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, name, called) for key, one in value.items()}
    return value


def _mentions(owner: User, name: str) -> int:
    """Notes the owner wrote about others in which the name stands; theirs to change."""
    people: QuerySet[Any] = Contact.objects.filter(owner=owner, notes__icontains=name)
    exchanges = Interaction.objects.filter(owner=owner, note__icontains=name)
    return people.count() + exchanges.count()


def _erase_traces(kind: str, value: str) -> None:
    """Working copies that name the address or number without a person behind it."""
    drafts = ImportRow.objects.annotate(as_text=Cast("draft", TextField())).filter(
        as_text__icontains=value
    )
    _drop(drafts)
    if kind == Kind.EMAIL:
        Invitation.objects.filter(email__iexact=value).delete()
        OptIn.objects.filter(address__iexact=value).delete()
        Delivery.objects.filter(kind=Delivery.Kind.THIRD_PARTY, recipient__iexact=value).delete()
        Delivery.objects.filter(recipient__iexact=value).exclude(owner__email__iexact=value).update(
            recipient=""
        )


def _drop(rows: QuerySet[ImportRow]) -> None:
    """Delete rows of files, and what else their batches keep of the files' text."""
    batches = set(rows.values_list("batch", flat=True))
    ImportFile.objects.filter(batch__in=batches).delete()
    ImportBatch.objects.filter(pk__in=batches).update(columns=[], remarks=[])
    rows.delete()


def _write_down(keys: Iterable[Key]) -> None:
    """Add the hashes to the list outside the database."""
    settings.ERASED_LIST.parent.mkdir(parents=True, exist_ok=True)
    lines = [erased.digest(*key) for key in sorted(keys) if key[0] != Kind.LINK]
    with settings.ERASED_LIST.open("a", encoding="ascii") as file:
        file.writelines(f"{line}\n" for line in lines)


def again(*, at: dt.datetime) -> int:
    """Erase whoever is on the list or in the table and there nevertheless: after a restore."""
    wanted = set(Erased.objects.values_list("digest", flat=True))
    if settings.ERASED_LIST.exists():
        wanted.update(settings.ERASED_LIST.read_text(encoding="ascii").split())
    points = ContactPoint.objects.exclude(kind=Kind.LINK).values_list("kind", "key").distinct()
    back = [key for key in points.iterator() if erased.digest(*key) in wanted]
    return sum(erase(key, at=at) for key in back)
