"""What happened with people: writing it down, changing it, taking it back.

Last contact and the dates others gave are never written by hand: after every change they
follow anew from the exchanges that are there (I3).  So taking back a log puts both where they
were, and the order in which things are written down does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts import search
from contacts.models import Contact, Interaction, Participation, Promise, TheirDate, local_noon
from contacts.services import fields
from netcrm.accounts.models import User
from netcrm.kit import facts

Kind = Interaction.Kind
Direction = Interaction.Direction

USUAL_DIRECTION = {
    Kind.MESSAGE: Direction.OUT,
    Kind.TALK: Direction.BOTH,
    Kind.MEETING: Direction.BOTH,
    Kind.GAVE: Direction.OUT,
    Kind.NOTE: Direction.OUT,
    Kind.INVITATION: Direction.IN,
}
EARLIEST = date(1900, 1, 1)


class Flags(TypedDict, total=False):
    """What an exchange was besides; each is False unless said."""

    is_ask: bool
    is_give: bool
    told_target: bool
    showed_work: bool
    reported: bool
    thanked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A promise made in an exchange."""

    text: str
    by_me: bool = True
    due_on: date | None = None


def log_interaction(
    *,
    by: User,
    at: datetime,
    people: Sequence[Contact],
    kind: str,
    direction: str = "",
    on: date | None = None,
    note: str = "",
    their_date: date | None = None,
    promises: Sequence[Word] = (),
    kept: Sequence[Promise] = (),
    source: str = Interaction.Source.TYPED,
    log_key: str = "",
    **flags: Unpack[Flags],
) -> Interaction:
    """Write down an exchange with one person or several.

    Args:
        at: the moment of writing it down.
        direction: by default the usual one of the kind (``USUAL_DIRECTION``).
        on: the day it happened where the owner lives; by default the day of ``at``.
        their_date: the first day they would welcome a word, if they named one.  It replaces
            an earlier one and counts for everybody in the exchange.
        kept: promises that this exchange settles.
        log_key: names the act of logging; the same key again returns the first row (D05).

    Raises:
        ValidationError: by field; nothing was saved.
    """
    if log_key and (already := _logged(by, log_key)):
        return already
    today = by.day(at)
    values = _checked(
        people=people, kind=kind, direction=direction, on=on or today, note=note, today=today
    )
    _check_their_date(their_date, on or today)
    words = [_checked_word(word) for word in promises]
    is_give = flags.pop("is_give", kind == Kind.GAVE and values.direction != Direction.IN)
    try:
        with facts.change(by, at=at) as changed:
            row = Interaction.objects.create(
                owner=by,
                at=at if values.on == today else local_noon(values.on, by),
                kind=kind,
                direction=values.direction,
                note=values.note,
                source=source,
                log_key=log_key,
                is_give=is_give,
                **flags,
            )
            if values.note:
                search.index_exchange(row, is_new=True)
            _take_part(row, people)
            _give_date(row, people, their_date)
            Promise.objects.bulk_create(
                Promise(
                    contact=person,
                    interaction=row,
                    by_me=word.by_me,
                    text=word.text,
                    due_on=word.due_on,
                )
                for person in people
                for word in words
            )
            if kept:
                rows = Promise.objects.visible_to(by).open()
                rows.filter(pk__in=[one.pk for one in kept]).update(
                    closed_at=at, kept=True, closed_in=row
                )
            settle(by, people=[person.pk for person in people])
            changed.add(*(person.pk for person in people))
    except IntegrityError:
        # The same act in another process won the race for its key.
        if log_key and (already := _logged(by, log_key)):
            return already
        raise
    return row


def edit_interaction(
    *,
    by: User,
    at: datetime,
    interaction: Interaction,
    people: Sequence[Contact],
    kind: str,
    direction: str,
    on: date,
    note: str,
    their_date: date | None = None,
    **flags: Unpack[Flags],
) -> Interaction:
    """Correct what was written down.  ``their_date`` None means they named no day.

    Raises:
        ValidationError: by field; nothing was saved.
    """
    values = _checked(
        people=people, kind=kind, direction=direction, on=on, note=note, today=by.day(at)
    )
    _check_their_date(their_date, on)
    with facts.change(by, at=at) as changed:
        before = set(interaction.participations.values_list("contact_id", flat=True))
        after = {person.pk for person in people}
        if by.day(interaction.at) != on:
            interaction.at = local_noon(on, by)
        interaction.kind, interaction.direction = kind, values.direction
        interaction.note = values.note
        for flag, value in flags.items():
            setattr(interaction, flag, value)
        interaction.save()
        search.index_exchange(interaction)
        interaction.participations.exclude(contact__in=after).delete()
        _take_part(interaction, [person for person in people if person.pk not in before])
        given = interaction.their_dates.filter(dropped=False)
        if set(given.values_list("contact_id", "on")) != {
            (pk, their_date) for pk in after if their_date
        }:
            interaction.their_dates.all().delete()
            _give_date(interaction, people, their_date)
        settle(by, people=before | after)
        changed.add(*before, *after)
    return interaction


def delete_interaction(*, by: User, at: datetime, interaction: Interaction) -> None:
    """Take an exchange back, and all that came with it: promises made, a date given.

    Promises it had settled are open again.  A row that is gone already is no mistake: an
    undo may be pressed twice.
    """
    with facts.change(by, at=at) as changed:
        people = set(interaction.participations.values_list("contact_id", flat=True))
        Promise.objects.filter(closed_in=interaction.pk).update(
            closed_at=None, kept=None, closed_in=None
        )
        Promise.objects.filter(interaction=interaction.pk).delete()
        Interaction.objects.visible_to(by).filter(pk=interaction.pk).delete()
        settle(by, people=people)
        changed.add(*people)


def settle(owner: User, *, people: Collection[UUID]) -> None:
    """Derive last contact and the open date of each of ``people`` from their exchanges.

    For whoever writes exchanges in bulk; the services here call it themselves.
    """
    newest = (
        Interaction.objects.counting()
        .filter(participations__contact=OuterRef("pk"))
        .order_by("-at")
        .values("at")[:1]
    )
    Contact.objects.filter(owner=owner, pk__in=people).update(last_contact_at=Subquery(newest))
    _settle_their_dates(owner, people)


def _settle_their_dates(owner: User, people: Collection[UUID]) -> None:
    """A date is open until a newer one replaces it or an exchange on or after it uses it."""
    said: dict[UUID, list[TheirDate]] = {}
    for row in TheirDate.objects.filter(contact__in=people, dropped=False).order_by(
        "said_at", "id"
    ):
        said.setdefault(row.contact_id, []).append(row)
    if not said:
        return
    exchanges: dict[UUID, list[tuple[datetime, UUID]]] = {}
    for contact_id, moment, pk in (
        Participation.objects.filter(
            contact__in=said.keys(), interaction__kind__in=Interaction.COUNTING
        )
        .order_by("interaction__at", "interaction_id")
        .values_list("contact_id", "interaction__at", "interaction_id")
    ):
        exchanges.setdefault(contact_id, []).append((moment, pk))
    changed = []
    for contact_id, rows in said.items():
        for row, newer in zip(rows, [*rows[1:], None], strict=True):
            used = (
                moment
                for moment, pk in exchanges.get(contact_id, ())
                if pk != row.interaction_id
                and moment >= row.said_at
                and owner.day(moment) >= row.on
            )
            closings = [*([newer.said_at] if newer else []), *[next(used, None)]]
            closed_at = min((moment for moment in closings if moment), default=None)
            if row.closed_at != closed_at:
                row.closed_at = closed_at
                changed.append(row)
    # Those that close go first: only one may be open at a time.
    for row in sorted(changed, key=lambda row: row.closed_at is None):
        row.save(update_fields=["closed_at"])


def _logged(by: User, log_key: str) -> Interaction | None:
    return Interaction.objects.visible_to(by).filter(log_key=log_key).first()


def _take_part(row: Interaction, people: Iterable[Contact]) -> None:
    Participation.objects.bulk_create(
        Participation(interaction=row, contact=person) for person in people
    )


def _give_date(row: Interaction, people: Iterable[Contact], their_date: date | None) -> None:
    """Closed at first, so that the one that is open now does not stand in its way."""
    if their_date:
        TheirDate.objects.bulk_create(
            TheirDate(
                contact=person, interaction=row, on=their_date, said_at=row.at, closed_at=row.at
            )
            for person in people
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    direction: str
    on: date
    note: str


def _checked(
    *, people: Sequence[Contact], kind: str, direction: str, on: date, note: str, today: date
) -> _Exchange:
    problems: dict[str, ValidationError] = {}
    if not people:
        problems["people"] = ValidationError(_("Say who it was with."), code="who")
    if len({person.pk for person in people}) != len(people):
        problems["people"] = ValidationError(_("Name each person once."), code="twice")
    if any(person.is_self for person in people):
        problems["people"] = ValidationError(
            _("You are in everything here already; name the others."), code="self"
        )
    if kind not in Kind.values:
        problems["kind"] = ValidationError(_("Say what happened."), code="what")
    if direction and direction not in Direction.values:
        problems["direction"] = ValidationError(
            _("Say whether it came from you, from them, or went both ways."), code="direction"
        )
    if on > today:
        problems["on"] = ValidationError(
            _("%(day)s is still to come. Write it down once it has happened."),
            code="future",
            params={"day": date_format(on)},
        )
    if on < EARLIEST:
        problems["on"] = ValidationError(_("That is before 1900; check the year."), code="past")
    try:
        note = fields.text(note, most=fields.INTERACTION_NOTE_CHARS)
    except ValidationError as problem:
        problems["note"] = problem
    if problems:
        raise ValidationError(dict(problems))
    return _Exchange(direction=direction or USUAL_DIRECTION[Kind(kind)], on=on, note=note)


def _check_their_date(their_date: date | None, on: date) -> None:
    if their_date is not None and their_date < on:
        raise ValidationError(
            {
                "their_date": ValidationError(
                    _("The day they named, %(day)s, is before you spoke. Check the two dates."),
                    code="their_date",
                    params={"day": date_format(their_date)},
                )
            }
        )
    if their_date is not None and their_date.year >= on.year + 10:
        raise ValidationError(
            {
                "their_date": ValidationError(
                    _("That is ten years away or more; check the year."), code="their_date"
                )
            }
        )


def _checked_word(word: Word) -> Word:
    try:
        text = fields.line(word.text, most=fields.PROMISE_CHARS)
    except ValidationError as problem:
        raise ValidationError({"promise": problem}) from problem
    if not text:
        raise ValidationError({"promise": ValidationError(_("Write what was promised."))})
    return Word(text=text, by_me=word.by_me, due_on=word.due_on)
