"""Where people work, and where they worked."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts import search
from contacts.engine import names
from contacts.models import Contact, Organization, Position
from contacts.services import fields
from netcrm.accounts.models import User
from netcrm.kit import facts


def get_or_make_organization(owner: User, name: str) -> Organization | None:
    """The owner's organization of that name, however it is spelt; None for no name."""
    name = fields.line(name, most=fields.ORGANIZATION_CHARS)
    if not name:
        return None
    key = (names.fold(name) or name.casefold())[: fields.ORGANIZATION_CHARS]
    return Organization.objects.get_or_create(owner=owner, key=key, defaults={"name": name})[0]


def current(contact: Contact) -> Position | None:
    return contact.positions.select_related("organization").filter(is_current=True).first()


def say_where_they_work(
    contact: Contact, owner: User, *, organization: str, title: str
) -> Position | None:
    """Make the person's current job that one.

    Another organization is a move: the old job is kept, as an earlier one.  Another title
    at the same organization, or an organization for a job that had none, corrects the job.
    Nothing for both means that they left.
    """
    now = current(contact)
    employer = get_or_make_organization(owner, organization)
    if now and (
        not (employer or title)
        or (employer and now.organization_id and now.organization_id != employer.pk)
    ):
        now.is_current = False
        now.save(update_fields=["is_current"])
        now = None
    if not (employer or title):
        return None
    job = now or Position(contact=contact)
    if job._state.adding or (job.organization_id, job.title) != (employer and employer.pk, title):
        job.organization, job.title = employer, title
        job.save()
    return job


def save_position(
    *,
    by: User,
    at: datetime,
    contact: Contact,
    position: Position | None = None,
    organization: str = "",
    title: str = "",
    started_on: date | None = None,
    ended_on: date | None = None,
    is_current: bool = True,
) -> Position:
    """Add a job, or change ``position``.

    Raises:
        ValidationError: neither organization nor title, or it ends before it starts.
    """
    title = fields.line(title, most=fields.TITLE_CHARS)
    if not fields.line(organization, most=fields.ORGANIZATION_CHARS) and not title:
        raise ValidationError({"organization": _("Write an organization or a title.")})
    if started_on and ended_on and ended_on < started_on:
        raise ValidationError({"ended_on": _("It ends before it starts; check the two dates.")})
    with facts.change(by, at=at) as changed:
        job = position or Position(contact=contact)
        job.organization = get_or_make_organization(by, organization)
        job.title = title
        job.started_on, job.ended_on = started_on, ended_on
        job.is_current = is_current and ended_on is None
        job.save()
        search.index_people(by, [contact.pk])
        changed.add(contact.pk)
    return job


def remove_position(*, by: User, at: datetime, position: Position) -> None:
    with facts.change(by, at=at) as changed:
        changed.add(position.contact_id)
        position.delete()
        search.index_people(by, [position.contact_id])
