"""Promises, and days that the other person named, outside an exchange."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import Contact, Promise, TheirDate
from contacts.services import fields, interactions
from netcrm.accounts.models import User
from netcrm.kit import facts


def add_promise(
    *,
    by: User,
    at: datetime,
    contact: Contact,
    text: str,
    by_me: bool = True,
    due_on: date | None = None,
) -> Promise:
    """Write down who promised what, and by when.

    Raises:
        ValidationError: there is no text, or too much of it.
    """
    text = fields.line(text, most=fields.PROMISE_CHARS)
    if not text:
        raise ValidationError(_("Write what was promised."), code="empty")
    with facts.change(by, at=at) as changed:
        promise = Promise.objects.create(contact=contact, text=text, by_me=by_me, due_on=due_on)
        changed.add(contact.pk)
    return promise


def close_promise(*, by: User, at: datetime, promise: Promise, kept: bool) -> None:
    """It was kept, or is let go; one that is closed already stays as it is."""
    with facts.change(by, at=at) as changed:
        Promise.objects.open().filter(pk=promise.pk).update(closed_at=at, kept=kept)
        promise.refresh_from_db()
        changed.add(promise.contact_id)


def reopen_promise(*, by: User, at: datetime, promise: Promise) -> None:
    with facts.change(by, at=at) as changed:
        Promise.objects.filter(pk=promise.pk).update(closed_at=None, kept=None, closed_in=None)
        promise.refresh_from_db()
        changed.add(promise.contact_id)


def set_their_date(*, by: User, at: datetime, contact: Contact, on: date) -> TheirDate:
    """The person named the first day they would welcome a word; it replaces an earlier one.

    Raises:
        ValidationError: the day is past already.
    """
    if on < by.day(at):
        raise ValidationError(_("That day is past; choose one that is to come."), code="past")
    with facts.change(by, at=at) as changed:
        row = TheirDate.objects.create(contact=contact, on=on, said_at=at, closed_at=at)
        interactions.settle(by, people=[contact.pk])
        changed.add(contact.pk)
    row.refresh_from_db()
    return row


def drop_their_date(*, by: User, at: datetime, their_date: TheirDate) -> None:
    """It no longer holds; an earlier one does not come back, for a newer one had replaced it."""
    with facts.change(by, at=at) as changed:
        TheirDate.objects.filter(contact=their_date.contact_id, dropped=False).update(
            dropped=True, closed_at=at
        )
        changed.add(their_date.contact_id)
