"""Everything of one owner: out as a file, back in from it, and gone.

Nothing here is listed by hand.  The tables are walked from the models, along the required
foreign keys that lead to a user, so a new model is in the export and in the deletion on the day
it is written; one that should not be stands in ``LEFT_OUT`` with its reason.
Source: docs/decisions/0039-takeout.md.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from contacts import search
from contacts.engine.writers import csv_lines, vcards
from contacts.exports import drafts_of
from contacts.models import Contact, Interaction
from netcrm.accounts.models import User
from netcrm.groups.models import PlaybookCopy
from netcrm.kit import bulk
from netcrm.kit.ids import new_id
from netcrm.takeout.calendar import calendar_of

Model = type[models.Model]
OURS = ("netcrm", "contacts", "introductions", "followups")
VERSION = 1
# Models that lead to a user and are yet in no export, each for its reason.
LEFT_OUT = {
    "contacts.BulkEdit": "what an undo needs for a month; the change itself is in the rows",
    "contacts.BulkEditRow": "likewise",
    "contacts.ImportFile": "the file the member brought; it is gone once it was read",
    "contacts.ImportRow": "working copies of a file's rows",
    "contacts.SearchText": "the words of rows that are in the export",
    "delivery.Objection": "said by somebody else, to the operators",
    "takeout.Takeout": "a copy of what is in the export",
    "takeout.TakeoutPart": "a copy of what is in the export",
    "delivery.Schedule": "follows from the settings",
    "introductions.Reach": "drawn from rows that are in the export",
    "groups.Invitation": "an offer to somebody else, by a secret",
    "groups.LeaderNote": "a leader's own note, which its subject is promised not to be",
    "groups.ViewLog": "names who looked; members read it on the group's own page",
    "groups.Comment": "written by a leader; stays with the group",
    "groups.Question": "asked in a group and answered there",
    "groups.RoomMatch": "asked in a group and answered there",
    "groups.Turn": "part of a meeting of the group",
    "groups.News": "written for the group, which keeps it",
}
# What of a user is theirs and no secret.
USER_FIELDS = (
    "email", "name", "target_line", "time_zone", "country", "reminder_speed", "send_at",
    "send_weekdays", "weekly_on", "discreet_subjects", "initials_only", "thanks_nudge",
    "paused_until", "daily_budget", "touches_per_week", "birthday_lead_days",
    "introducer_limit",
    "theme", "single_keys", "landed_at",
)  # fmt: skip


def owner_path(model: Model) -> str:
    """The lookup from ``model`` to the user it belongs to, the shortest; "" for nobody's."""
    ways: list[tuple[Model, str]] = [(model, "")]
    seen: set[Model] = set()
    while ways:
        here, path = ways.pop(0)
        for field in here._meta.concrete_fields:
            if not isinstance(field, models.ForeignKey) or field.null:
                continue
            to = field.related_model
            if to is get_user_model():
                return f"{path}{field.name}"
            if isinstance(to, type) and to not in seen:
                seen.add(to)
                ways.append((to, f"{path}{field.name}__"))
    return ""


def models_with_an_owner() -> dict[Model, str]:
    """Every model of ours whose rows belong to a user, and the lookup to that user."""
    found = {
        model: owner_path(model)
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS and not model._meta.auto_created
    }
    return {model: path for model, path in found.items() if path}


def exported_models() -> dict[Model, str]:
    return {
        model: path
        for model, path in models_with_an_owner().items()
        if model._meta.label not in LEFT_OUT
    }


def everything_of(owner: User) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Label and rows of every exported model that ``owner`` has, by column name."""
    for model, path in exported_models().items():
        yield model._meta.label, _rows(model, path, owner)


def _rows(model: Model, path: str, owner: User) -> Iterator[dict[str, Any]]:
    rows = model._base_manager.filter(**{path: owner})
    many = [field.name for field in model._meta.many_to_many if _plain_link(field)]
    linked = {name: _links(model, name, path, owner) for name in many}
    columns = [field.attname for field in model._meta.concrete_fields]
    for values in rows.order_by("pk").values(*columns).iterator():
        yield {
            **values,
            **{name: linked[name].get(values[model._meta.pk.attname], []) for name in many},
        }


def kept_about(contact: Contact) -> dict[str, list[dict[str, Any]]]:
    """Every row that the owner keeps about one person, by model: what they may ask to see.

    Exchanges are in it, with their notes; who else was there is not.
    """
    found = {"contacts.Contact": _values_of(Contact.objects.filter(pk=contact.pk))}
    for model in exported_models():
        wanted = models.Q()
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Contact:
                wanted |= models.Q(**{field.name: contact})
        if wanted and (rows := _values_of(model._base_manager.filter(wanted))):
            found[model._meta.label] = rows
    found["contacts.Tag"] = _values_of(contact.tags.all())
    found["contacts.Interaction"] = _values_of(contact.interactions.all())
    return {label: rows for label, rows in found.items() if rows}


def _values_of(rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
    """Rows without keys, which say nothing to anybody else."""
    columns = [
        field.name
        for field in rows.model._meta.concrete_fields
        if not (field.primary_key or field.is_relation)
    ]
    return list(rows.order_by("pk").values(*columns))


def as_text(value: Any) -> str:
    """JSON for people to read."""
    return json.dumps(value, cls=_Encoder, ensure_ascii=False, indent=1)


def _plain_link(field: models.ManyToManyField[Any, Any]) -> bool:
    """Whether the table between has no model of its own, and so no rows of its own here."""
    through: Any = field.remote_field.through
    return bool(through._meta.auto_created)


def _links(model: Model, name: str, path: str, owner: User) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    rows = model._base_manager.filter(**{path: owner, f"{name}__isnull": False})
    for pk, other in rows.order_by("pk", name).values_list("pk", name):
        found.setdefault(pk, []).append(other)
    return found


def write_json(owner: User, file: IO[str], *, tell: Callable[[int], None] | None = None) -> None:
    """Write everything as one JSON object, a row at a time.

    Args:
        tell: is called with the number of rows written so far, after each.
    """
    written = 0

    def text(value: Any) -> str:
        return json.dumps(value, cls=_Encoder, ensure_ascii=False)

    user = {name: getattr(owner, name) for name in USER_FIELDS}
    file.write(f'{{"netcrm": {VERSION}, "user": {text(user)}, "rows": {{')
    for number, (label, rows) in enumerate(everything_of(owner)):
        file.write(f"{',' if number else ''}\n{text(label)}: [")
        for at, row in enumerate(rows):
            file.write(f"{',' if at else ''}\n{text(row)}")
            written += 1
            if tell:
                tell(written)
        file.write("]")
    file.write("}}\n")


class _Encoder(DjangoJSONEncoder):
    """Moments to the microsecond, where Django's own keeps milliseconds."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def archive_of(owner: User, *, tell: Callable[[int], None] | None = None) -> IO[bytes]:
    """A ZIP of everything: JSON that we read again; CSV, vCard and a calendar that others do."""
    file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("netcrm.json", "w", force_zip64=True) as member:
            write_json(owner, _Utf8(member), tell=tell)  # type: ignore[arg-type]
        for name, lines in (
            ("people.csv", csv_lines(drafts_of(owner))),
            ("people.vcf", vcards(drafts_of(owner))),
            ("days.ics", calendar_of(owner)),
        ):
            with archive.open(name, "w", force_zip64=True) as member:
                for line in lines:
                    member.write(line.encode())
    file.seek(0)
    return file


class _Utf8:
    """A text file over a member of an archive."""

    def __init__(self, member: IO[bytes]) -> None:
        self._member = member

    def write(self, text: str) -> None:
        self._member.write(text.encode())


# What comes of a file that has our mark and not our rows.
_MISSHAPEN = (
    ArithmeticError, AttributeError, DatabaseError, LookupError, TypeError, ValidationError,
    ValueError,
)  # fmt: skip


class NotEmpty(Exception):
    """The account has people already; an export is taken back into an empty one only."""


class NotOurs(Exception):
    """The file is no export of this version of ours."""


def take_in(owner: User, said: dict[str, Any]) -> int:
    """Bring an export back into the empty account of ``owner``; return how many rows.

    Every key is made anew, so that nothing can name a row of somebody else.  Links to rows
    that are not in the file (of a group, of a file brought in) are left empty, and rows that
    cannot be without them are left out.

    Raises:
        NotEmpty, NotOurs: see there; nothing was written.
    """
    if not isinstance(said, dict) or said.get("netcrm") != VERSION:
        raise NotOurs
    if Contact.objects.filter(owner=owner, is_self=False).exists():
        raise NotEmpty
    try:
        with transaction.atomic():
            _take_settings(owner, dict(said["user"]))
            return _take_in(owner, said)
    except _MISSHAPEN as wrong:
        raise NotOurs from wrong


def _take_settings(owner: User, said: dict[str, Any]) -> None:
    """Make the settings those of the file; the address to sign in with stays."""
    names = [name for name in USER_FIELDS if name != "email" and name in said]
    for name in names:
        field: Any = User._meta.get_field(name)
        setattr(owner, name, field.clean(said[name], owner))
    owner.save(update_fields=names)


def _take_in(owner: User, said: dict[str, Any]) -> int:
    Contact.objects.filter(owner=owner).delete()
    new = {row["id"]: new_id() for rows in said["rows"].values() for row in rows if "id" in row}
    count = 0
    links: list[tuple[Any, str, list[str]]] = []
    waiting = [model for model in exported_models() if is_private(model)]
    for model in filter(_is_one_each, waiting):  # what the empty account has of it makes room
        model._base_manager.filter(owner=owner).delete()
    while waiting:
        model = next(one for one in waiting if _needs(one) & set(waiting) <= {one})
        waiting.remove(model)
        rows = said["rows"].get(model._meta.label, [])
        made = [values for row in rows if (values := _values(model, row, owner, new))]
        bulk.insert(model, [field.attname for field in model._meta.concrete_fields], made)
        for field in filter(_plain_link, model._meta.many_to_many):
            links.extend((field, row["id"], row[field.name]) for row in rows)
        count += len(made)
    for field, pk, others in links:
        through = field.remote_field.through
        through._base_manager.bulk_create(
            through(
                **{
                    f"{field.m2m_field_name()}_id": new[pk],
                    f"{field.m2m_reverse_field_name()}_id": new[other],
                }
            )
            for other in others
            if other in new
        )
    _write_words(owner)
    return count


def _is_one_each(model: Model) -> bool:
    """Whether an owner has one row of it at most."""
    return any(
        isinstance(field, models.OneToOneField) and field.related_model is User
        for field in model._meta.concrete_fields
    )


def _write_words(owner: User) -> None:
    search.index_people(owner, Contact.objects.filter(owner=owner).values_list("pk", flat=True))
    for row in Interaction.objects.filter(owner=owner).exclude(note="").iterator():
        search.index_exchange(row)


def is_private(model: Model) -> bool:
    """Whether rows of it are about the owner's own list, and not about a group."""
    own = {"contacts", "introductions", "followups", "takeout"}
    return model._meta.app_label in own or model is PlaybookCopy


def _needs(model: Model) -> set[Model]:
    return {
        field.related_model
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and isinstance(field.related_model, type)
    }


def _values(
    model: Model, row: dict[str, Any], owner: User, new: dict[str, UUID]
) -> tuple[Any, ...] | None:
    """The row's values by column; None when what it cannot be without is not in the file."""
    values: list[Any] = []
    for field in model._meta.concrete_fields:
        value = row[field.attname]
        if isinstance(field, models.ForeignKey):
            value = owner.pk if field.related_model is User else new.get(str(value))
            if value is None and not field.null:
                return None
        else:
            value = new[value] if field.primary_key else field.to_python(value)
        values.append(value)
    return tuple(values)


def file_name(owner: User) -> str:
    return f"netcrm-{owner.day(timezone.now()):%Y-%m-%d}.zip"
