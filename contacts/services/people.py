"""Adding, changing, setting aside and throwing away people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from contacts import search
from contacts.engine import limits
from contacts.models import Contact, ContactPoint, Interaction, Ring, name_key
from contacts.services import fields, merging, points, positions, tags
from netcrm.accounts.models import User
from netcrm.kit import facts

TRASH_DAYS = 30
ERASED_AT_ONCE = 1_000


class Birthday(TypedDict):
    """A day of the year; many people keep the year to themselves."""

    year: int | None
    month: int
    day: int


class Details(TypedDict, total=False):
    """What may be said about a person in one go.  What is left out stays as it is."""

    nickname: str
    ring: str
    role_kind: str
    how_met: str
    worked_together: bool
    notes: str
    birthday: Birthday | None
    extra: Mapping[str, str]
    organization: str
    title: str
    emails: Sequence[str]
    phones: Sequence[str]
    links: Sequence[str]
    tags: Sequence[str]


class Conflict(Exception):
    """Somebody, perhaps the same person in another tab, saved first (D03)."""

    def __init__(self, now: Contact) -> None:
        super().__init__(f"{now.pk} is at version {now.version} by now")
        self.now = now


def ensure_self(*, by: User) -> Contact:
    """The owner's own row, made on the first call.

    It is no fact anything is planned from, so no change is told.
    """
    name = by.name.strip() or by.email
    me, _made = Contact.objects.get_or_create(
        owner=by, is_self=True, defaults={"name": name[: limits.NAME_CHARS], "ring": Ring.D}
    )
    return me


def add_person(*, by: User, at: datetime, name: str, **details: Unpack[Details]) -> Contact:
    """Add a person; the name alone will do (C1).

    Raises:
        ValidationError: by field; nothing was saved.
    """
    said = _checked({"name": name, **details}, by)
    with facts.change(by, at=at) as changed:
        person = Contact(owner=by, **said.columns)
        person.save()
        said.apply_to(person, by)
        changed.add(person.pk)
    return person


def edit_person(
    *,
    by: User,
    at: datetime,
    contact: Contact,
    version: int,
    name: str | None = None,
    **details: Unpack[Details],
) -> Contact:
    """Change a person who is still as they were at ``version``.

    Raises:
        ValidationError: by field; nothing was saved.
        Conflict: they are not; nothing was saved, and ``now`` is how they are.
    """
    said = _checked({**({} if name is None else {"name": name}), **details}, by)
    columns = said.columns
    if {"name", "nickname"} & columns.keys():
        columns["name_key"] = name_key(
            columns.get("name", contact.name), columns.get("nickname", contact.nickname)
        )
    with facts.change(by, at=at) as changed:
        same = Contact.objects.visible_to(by).filter(pk=contact.pk, version=version)
        if not same.update(**columns, version=F("version") + 1, updated_at=at):
            now = Contact.objects.visible_to(by).filter(pk=contact.pk).first()
            raise Conflict(now or merging.joined_into(by, contact.pk) or contact)
        contact.refresh_from_db()
        said.apply_to(contact, by)
        changed.add(contact.pk)
    return contact


def set_ring(*, by: User, at: datetime, contact: Contact, ring: Ring) -> None:
    """Give a person more or less attention; ``Ring.D`` parks them."""
    _change(by, at, contact, ring=ring)


def park(*, by: User, at: datetime, contact: Contact) -> None:
    """Keep a person silently: searchable, and never brought up."""
    set_ring(by=by, at=at, contact=contact, ring=Ring.D)


def archive(*, by: User, at: datetime, contact: Contact) -> None:
    """Set a person aside: in no list but the one of those set aside."""
    _change(by, at, contact, archived_at=contact.archived_at or at)


def unarchive(*, by: User, at: datetime, contact: Contact) -> None:
    _change(by, at, contact, archived_at=None)


def do_not_contact(*, by: User, at: datetime, contact: Contact) -> None:
    """They do not want to hear from the owner: nothing brings them up again."""
    _change(by, at, contact, do_not_contact=True)


def may_contact_again(*, by: User, at: datetime, contact: Contact) -> None:
    _change(by, at, contact, do_not_contact=False)


def trash(*, by: User, at: datetime, contact: Contact) -> None:
    """Throw a person away; for ``TRASH_DAYS`` days ``restore`` brings everything back."""
    _change(by, at, contact, trashed_at=contact.trashed_at or at)


def restore(*, by: User, at: datetime, contact: Contact) -> None:
    _change(by, at, contact, trashed_at=None)


def erase(*, by: User, at: datetime, contact: Contact) -> None:
    """Delete for good a person who is in the trash, and exchanges nobody else was in."""
    if contact.is_self or contact.trashed_at is None:
        raise ValueError(f"{contact.pk} is not in the trash")
    with facts.change(by, at=at) as changed:
        changed.add(contact.pk)
        merging.forget(contact, at=at)
        theirs = list(contact.interactions.values_list("pk", flat=True))
        contact.delete()
        Interaction.objects.filter(pk__in=theirs, participations=None).delete()


def empty_old_trash(*, at: datetime) -> int:
    """Erase whoever was thrown away more than ``TRASH_DAYS`` days ago; at most 1,000 at a time.

    One person is one transaction, so a run that is cut short has still done its part.
    """
    old = Contact.objects.filter(
        is_self=False, trashed_at__lt=at - timedelta(days=TRASH_DAYS)
    ).select_related("owner")
    people = list(old.order_by("trashed_at")[:ERASED_AT_ONCE])
    for person in people:
        erase(by=person.owner, at=at, contact=person)
    return len(people)


def _change(by: User, at: datetime, contact: Contact, **columns: Any) -> None:
    """Write ``columns`` if they say something new.

    Not guarded by version: each of these is one switch, and the last word on it holds.
    """
    if contact.is_self:
        raise ValueError("the owner's own row is not a person to set aside")
    if contact.owner_id != by.pk:
        raise ValueError(f"{contact.pk} is not in the list of {by.pk}")
    if all(getattr(contact, column) == value for column, value in columns.items()):
        return
    with facts.change(by, at=at) as changed:
        Contact.objects.filter(pk=contact.pk).update(
            **columns, version=F("version") + 1, updated_at=at
        )
        contact.refresh_from_db()
        changed.add(contact.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Details that passed: columns of the row, and what goes into other tables."""

    columns: dict[str, Any]
    points: dict[str, dict[str, str]]
    tags: list[str] | None
    job: dict[str, str]

    def apply_to(self, person: Contact, owner: User) -> None:
        for kind, values in self.points.items():
            points.replace(person, kind, values)
        if self.tags is not None:
            person.tags.set(tags.get_or_make(owner, self.tags))
        if self.job:
            now = positions.current(person)
            positions.say_where_they_work(
                person,
                owner,
                organization=self.job.get(
                    "organization", str(now.organization or "") if now else ""
                ),
                title=self.job.get("title", now.title if now else ""),
            )
        search.index_people(owner, [person.pk])


_LINES = {"nickname": fields.NICKNAME_CHARS, "how_met": fields.HOW_MET_CHARS}
_JOB_LINES = {"organization": fields.ORGANIZATION_CHARS, "title": fields.TITLE_CHARS}
_POINT_KINDS = {
    "emails": ContactPoint.Kind.EMAIL,
    "phones": ContactPoint.Kind.PHONE,
    "links": ContactPoint.Kind.LINK,
}
_CHOICES: dict[str, Sequence[str]] = {
    "ring": Ring.values,
    "role_kind": Contact.RoleKind.values,
}


def _checked(details: Mapping[str, Any], owner: User) -> _Said:
    """Clean every detail, so that one error names everything that needs another look."""
    problems: dict[str, ValidationError] = {}

    def clean(field: str, function: Callable[..., Any], **limits_of_it: Any) -> Any:
        try:
            return function(details[field], **limits_of_it)
        except ValidationError as problem:
            problems[field] = problem
            return None

    columns: dict[str, Any] = {}
    found_points: dict[str, dict[str, str]] = {}
    kept_tags = None
    job = {}
    for field in details:
        if field == "name":
            columns[field] = clean(field, fields.name)
        elif field in _LINES:
            columns[field] = clean(field, fields.line, most=_LINES[field])
        elif field in _CHOICES:
            columns[field] = clean(field, _one_of, choices=_CHOICES[field])
        elif field == "notes":
            columns[field] = clean(field, fields.text, most=limits.NOTE_CHARS)
        elif field == "worked_together":
            columns[field] = bool(details[field])
        elif field == "extra":
            columns[field] = clean(field, fields.extra)
        elif field == "birthday":
            columns.update(clean(field, _birthday) or {})
        elif field in _JOB_LINES:
            job[field] = clean(field, fields.line, most=_JOB_LINES[field])
        elif field in _POINT_KINDS:
            kind = _POINT_KINDS[field]
            found_points[kind] = clean(
                field, lambda values, of=kind: points.cleaned(of, values, country=owner.country)
            )
        elif field == "tags":
            kept_tags = clean(field, tags.cleaned)
        else:
            raise TypeError(f"{field} is no detail of a person")
    if problems:
        raise ValidationError(dict(problems))
    return _Said(columns=columns, points=found_points, tags=kept_tags, job=job)


def _one_of(value: str, *, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValidationError(_("Choose one of the answers shown."), code="choice")
    return value


def _birthday(birthday: Birthday | None) -> dict[str, int | None]:
    if birthday is None:
        return {"birthday_year": None, "birthday_month": None, "birthday_day": None}
    year, month, day = birthday["year"], birthday["month"], birthday["day"]
    try:
        date(2000 if year is None else year, month, day)
    except (ValueError, OverflowError):
        raise ValidationError(
            _("There is no such day. Write the day and month as numbers; the year may be left out.")
        ) from None
    return {"birthday_year": year, "birthday_month": month, "birthday_day": day}
