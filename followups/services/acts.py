"""What an owner does with a follow-up: done, later, write anyway; and the undo of each.

Every act may be pressed twice and happens once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import services as people
from contacts.models import Contact, Interaction, Promise, Ring, TheirDate
from contacts.services.interactions import Flags
from followups import selectors
from followups.engine.business_days import BusinessCalendar
from followups.engine.cadence import Purpose
from followups.engine.spread import Later, later_until
from followups.loading import working_days
from followups.models import FollowUp, WroteAnyway
from followups.services.planning import plan
from introductions import services as introductions
from introductions.models import Give, Introduction, Referral
from netcrm.accounts.models import User
from netcrm.kit import facts

Kind = Interaction.Kind
Direction = Interaction.Direction

HARD_AFTER = 3  # the Later at which the product asks whether something makes it hard


class What(models.TextChoices):
    """What happened when a follow-up was done."""

    WROTE = "wrote", gettext_lazy("I wrote")
    SPOKE = "spoke", gettext_lazy("We spoke")
    MET = "met", gettext_lazy("We met")
    NOTHING = "nothing", gettext_lazy("It is done; there is nothing to log")


_KINDS = {
    What.WROTE: (Kind.MESSAGE, Direction.OUT),
    What.SPOKE: (Kind.TALK, Direction.BOTH),
    What.MET: (Kind.MEETING, Direction.BOTH),
}
# What an exchange says besides, when it answers a follow-up of this purpose.
_SAYS: dict[str, Flags] = {
    Purpose.MET: {"thanked": True},
    Purpose.THANK_INTRODUCER: {"thanked": True},
    Purpose.LOOP_INTRODUCER_1: {"reported": True},
    Purpose.PROGRESS: {"reported": True},
    Purpose.OUTCOME: {"reported": True, "thanked": True},
    Purpose.LANDED: {"reported": True, "thanked": True},
    Purpose.SETTLED: {"reported": True},
    Purpose.GIVE: {"is_give": True},
    Purpose.ASK_ADVICE: {"is_ask": True},
    Purpose.ASK_INFO: {"is_ask": True},
    Purpose.ASK_INTRO: {"is_ask": True},
    Purpose.ASK_REFERRAL: {"is_ask": True},
}
# Done without any word to the person of the card.
_NO_WORD = frozenset({Purpose.MEETING_SET, Purpose.NO_REPLY_1, Purpose.ACT_ON_LEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What takes one act back; plain values, so that a page can hand them round, signed."""

    act: str
    about: UUID
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of an act: the exchange it logged, the next step with that person, its undo."""

    follow_up: FollowUp
    interaction: Interaction | None
    next: selectors.Step | None
    undo: Undo | None


class AlreadyClosed(Exception):
    """The follow-up was closed before; nothing was done."""


def usual_what(purpose: str) -> What:
    """Return what “Done” means for a purpose when nothing else is said."""
    return What.NOTHING if purpose in _NO_WORD else What.WROTE


def done(
    *,
    by: User,
    at: dt.datetime,
    follow_up: FollowUp,
    what: What | None = None,
    note: str = "",
    source: str = Interaction.Source.TYPED,
) -> Acted:
    """Close a follow-up, log what happened, and see what comes next.

    Args:
        what: by default the usual one of the purpose (``usual_what``).

    Raises:
        AlreadyClosed: somebody, perhaps this very press, was here before.
        ValidationError: the note is too long; nothing was done.
    """
    what = usual_what(follow_up.purpose) if what is None else what
    with transaction.atomic():
        row = _locked(by, follow_up)
        logged = None
        with facts.change(by, at=at) as changed:
            changed.add(row.contact_id)
            kept = _promises(row)
            if what is not What.NOTHING:
                logged = _log(by, at, row, what, note, source, kept)
            else:
                for promise in kept:
                    people.close_promise(by=by, at=at, promise=promise, kept=True)
            used = _move_what_it_was_about(by, at, row)
        row.refresh_from_db()
        if row.closed_at is None and _is_still_the_same(row, follow_up):
            row.closed_at, row.outcome = at, FollowUp.Outcome.DONE
            row.save(update_fields=["closed_at", "outcome"])
    undo = Undo(
        act="done",
        about=row.pk,
        values={
            "interaction": str(logged.pk) if logged else "",
            "promises": [str(promise.pk) for promise in kept],
            "referral": used,
        },
    )
    takes_back = row.purpose != Purpose.INTRO_WANTED
    return Acted(
        follow_up=row,
        interaction=logged,
        next=selectors.next_step(row.contact, by.day(at)),
        undo=undo if takes_back else None,
    )


def later(
    *,
    by: User,
    at: dt.datetime,
    follow_up: FollowUp,
    meaning: str,
    on: dt.date | None = None,
) -> Acted:
    """Put a follow-up off; it never shows before its day, anywhere.

    Args:
        meaning: one of ``FollowUp.Later`` except SPREAD.
        on: the day chosen, for DATE.

    Raises:
        AlreadyClosed: there is nothing to put off any more.
        ValidationError: no day was chosen, or one that is not to come.
    """
    today = by.day(at)
    with transaction.atomic():
        row = _locked(by, follow_up)
        until = _until(by, row, meaning, on, today)
        undo = Undo(act="later", about=row.pk, values=deferral(row))
        FollowUp.objects.filter(pk=row.pk).update(
            deferred_until=until,
            deferred_for=meaning,
            deferred_at=at,
            times_deferred=row.times_deferred + 1,
        )
        plan(by, at=at, contacts=[row.contact_id])
        row.refresh_from_db()
    return Acted(follow_up=row, interaction=None, next=_next(by, row, at), undo=undo)


def later_by_their_date(*, by: User, at: dt.datetime, follow_up: FollowUp, on: dt.date) -> Acted:
    """They said when they would welcome a word: everything with them waits until then.

    Raises:
        AlreadyClosed, ValidationError: as for ``later``.
    """
    with transaction.atomic():
        row = _locked(by, follow_up)
        given = people.set_their_date(by=by, at=at, contact=row.contact, on=on)
        row.refresh_from_db()
    undo = Undo(act="their_date", about=row.pk, values={"their_date": str(given.pk)})
    return Acted(follow_up=row, interaction=None, next=_next(by, row, at), undo=undo)


def park(*, by: User, at: dt.datetime, contact: Contact) -> Undo:
    """Keep a person silently; nothing brings them up until they are taken out again."""
    undo = Undo(act="park", about=contact.pk, values={"ring": contact.ring})
    people.park(by=by, at=at, contact=contact)
    return undo


def pause_person(*, by: User, at: dt.datetime, contact: Contact, until: dt.date) -> Undo:
    """Leave one person in peace until the day ``until``.

    Raises:
        ValidationError: the day is not to come.
    """
    if until <= by.day(at):
        raise ValidationError(_("Choose a day that is to come."), code="past")
    before = contact.paused_until.isoformat() if contact.paused_until else ""
    undo = Undo(act="pause_person", about=contact.pk, values={"until": before})
    _set_paused(by, at, contact, until)
    return undo


def write_anyway(*, by: User, at: dt.datetime, contact: Contact) -> WroteAnyway | None:
    """Remember that the owner goes on although it is too soon; None when it is not."""
    today = by.day(at)
    step = selectors.next_step(contact, today)
    if step is None or today >= step.window.opens_on:
        return None
    already = WroteAnyway.objects.filter(contact=contact, opens_on=step.window.opens_on)
    return already.first() or WroteAnyway.objects.create(
        contact=contact, at=at, opens_on=step.window.opens_on
    )


def take_back(*, by: User, at: dt.datetime, undo: Undo) -> None:
    """Undo an act; a second time, or after the thing is gone, changes nothing."""
    if undo.act in _UNDOS:
        _UNDOS[undo.act](by, at, undo)


def _undo_done(by: User, at: dt.datetime, undo: Undo) -> None:
    row = FollowUp.objects.visible_to(by).filter(pk=undo.about).first()
    if row is None:
        return
    with facts.change(by, at=at) as changed:
        changed.add(row.contact_id)
        if logged := undo.values["interaction"]:
            for interaction in Interaction.objects.visible_to(by).filter(pk=logged):
                people.delete_interaction(by=by, at=at, interaction=interaction)
        promises = Promise.objects.visible_to(by).filter(pk__in=undo.values["promises"])
        for promise in promises.filter(kept=True):
            people.reopen_promise(by=by, at=at, promise=promise)
        if undo.values["referral"]:
            for used in Referral.objects.visible_to(by).filter(pk=undo.values["referral"]):
                introductions.unuse_referral(used, at=at)
        _reopen(row)


def _reopen(row: FollowUp) -> None:
    """Open a row again in place of the one that has followed it."""
    if row.closed_at is None:
        return
    rows = FollowUp.objects.filter(contact=row.contact_id, purpose=row.purpose)
    rows.open().exclude(pk=row.pk).delete()
    FollowUp.objects.filter(pk=row.pk).update(closed_at=None, outcome="", by_contact=False)


def _undo_later(by: User, at: dt.datetime, undo: Undo) -> None:
    before = undo.values
    with transaction.atomic():
        rows = FollowUp.objects.visible_to(by).open().filter(pk=undo.about)
        for row in rows.select_for_update(of=("self",)):
            put_back(row, before)
            row.save()
            plan(by, at=at, contacts=[row.contact_id])


def _undo_their_date(by: User, at: dt.datetime, undo: Undo) -> None:
    given = TheirDate.objects.visible_to(by).filter(pk=undo.values["their_date"]).first()
    if given is not None:
        with facts.change(by, at=at) as changed:
            changed.add(given.contact_id)
            given.delete()
            people.settle(by, people=[given.contact_id])


def _undo_park(by: User, at: dt.datetime, undo: Undo) -> None:
    contact = Contact.objects.visible_to(by).filter(pk=undo.about).first()
    if contact is not None and contact.ring == Ring.D:
        people.set_ring(by=by, at=at, contact=contact, ring=Ring(undo.values["ring"]))


def _undo_pause_person(by: User, at: dt.datetime, undo: Undo) -> None:
    contact = Contact.objects.visible_to(by).filter(pk=undo.about).first()
    if contact is not None:
        _set_paused(by, at, contact, _day(undo.values["until"]))


_UNDOS = {
    "done": _undo_done,
    "later": _undo_later,
    "their_date": _undo_their_date,
    "park": _undo_park,
    "pause_person": _undo_pause_person,
}


def _locked(by: User, follow_up: FollowUp) -> FollowUp:
    """Return the row as it is now, held against whoever presses at the same moment."""
    row = (
        FollowUp.objects.visible_to(by)
        .select_related("contact", "introduction")
        .select_for_update(of=("self",))
        .filter(pk=follow_up.pk)
        .first()
    )
    if row is None or row.closed_at is not None:
        raise AlreadyClosed
    return row


def _is_still_the_same(row: FollowUp, before: FollowUp) -> bool:
    return row.occasion == before.occasion


def _next(by: User, row: FollowUp, at: dt.datetime) -> selectors.Step | None:
    return selectors.next_step(row.contact, by.day(at))


def _log(
    by: User,
    at: dt.datetime,
    row: FollowUp,
    what: What,
    note: str,
    source: str,
    kept: list[Promise],
) -> Interaction:
    kind, direction = _KINDS[what]
    logged = people.log_interaction(
        by=by,
        at=at,
        people=[row.contact],
        kind=kind,
        direction=direction,
        note=note,
        kept=kept,
        source=source,
        **_SAYS.get(row.purpose, Flags()),
    )
    if row.purpose == Purpose.GIVE:
        introductions.record_give(
            contact=row.contact,
            kind=Give.Kind.OTHER,
            given_on=by.day(at),
            at=at,
            note=note,
            interaction=logged,
        )
    return logged


def _promises(row: FollowUp) -> list[Promise]:
    """Return the promise a follow-up is about."""
    refs = [r["facts"]["promise_ref"] for r in row.reasons() if "promise_ref" in r["facts"]]
    return list(Promise.objects.open().filter(contact=row.contact_id, pk__in=refs))


def _move_what_it_was_about(by: User, at: dt.datetime, row: FollowUp) -> str:
    """Mark an offer as used, an introduction as asked for; return the offer's key, if any."""
    if row.purpose == Purpose.ACT_ON_LEAD:
        refs = [r["facts"].get("referral_ref") for r in row.reasons()]
        for referral in Referral.objects.visible_to(by).filter(pk__in=filter(None, refs)):
            introductions.use_referral(referral, on=by.day(at), at=at)
            return str(referral.pk)
    if row.purpose == Purpose.INTRO_WANTED and row.introduction is not None:
        if row.introduction.state == Introduction.State.WANTED:
            introductions.move(row.introduction, to=Introduction.State.ASKED, at=at)
        else:
            introductions.note_nudge(row.introduction, at=at)
    return ""


def _until(
    by: User, row: FollowUp, meaning: str, on: dt.date | None, today: dt.date
) -> dt.date | None:
    """Return the first day to show it again, as the engine understands the meaning."""
    if meaning == FollowUp.Later.DATE:
        if on is None or on <= today:
            raise ValidationError(_("Choose a day that is to come."), code="past")
        return max(on, row.deferred_until or on)
    if meaning not in _MEANINGS:
        raise ValidationError(_("Say until when: one of the choices."), code="meaning")
    wanted = _MEANINGS[meaning]
    # Tomorrow is tomorrow, also on a Friday; an answer is waited for on days people work.
    every_day = BusinessCalendar(weekdays=frozenset(range(7)))
    return later_until(
        wanted,
        window=selectors.window_of(row),
        today=today,
        put_off_until=row.deferred_until,
        calendar=every_day if wanted is not Later.ANSWER else working_days(by),
    )


_MEANINGS: dict[str, Later] = {
    FollowUp.Later.TOMORROW: Later.TOMORROW,
    FollowUp.Later.BEST: Later.BEST,
    FollowUp.Later.ANSWER: Later.ANSWER,
}


def deferral(row: FollowUp) -> dict[str, Any]:
    """Return what a follow-up was put off to, as plain values."""
    return {
        "until": row.deferred_until.isoformat() if row.deferred_until else "",
        "for": row.deferred_for,
        "at": row.deferred_at.isoformat() if row.deferred_at else "",
        "times": row.times_deferred,
    }


def put_back(row: FollowUp, before: dict[str, Any]) -> None:
    """Make a follow-up put off as ``deferral`` said; the row is not saved."""
    row.deferred_until = _day(before["until"])
    row.deferred_for = before["for"]
    row.deferred_at = dt.datetime.fromisoformat(before["at"]) if before["at"] else None
    row.times_deferred = before["times"]


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _set_paused(by: User, at: dt.datetime, contact: Contact, until: dt.date | None) -> None:
    with facts.change(by, at=at) as changed:
        Contact.objects.visible_to(by).filter(pk=contact.pk).update(paused_until=until)
        contact.paused_until = until
        changed.add(contact.pk)
