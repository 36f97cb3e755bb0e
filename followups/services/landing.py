"""Landing: an offer accepted, the pace of keeping in touch lowered, and everybody thanked.

Nothing here tells anybody anything; the owner writes.  Source: ux.md 1.2 (rows 17, 18), J13.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contacts import services as people
from contacts.models import Contact, Interaction, local_noon
from followups.engine.constants import KEEP_WARM, RING_DAYS, RingDays
from followups.engine.sequence import SETTLED_AFTER_DAYS
from followups.engine.values import plus
from followups.models import Rhythm
from followups.services.rhythms import set_ring
from introductions import landed
from introductions.models import Landing, Opportunity, ThankYou
from introductions.services import add_opportunity, move_opportunity
from netcrm.accounts.models import User
from netcrm.kit import facts

Stage = Opportunity.Stage
OVER = (Stage.ACCEPTED, Stage.CLOSED)


class AlreadyLanded(Exception):
    """There is a current landing; thanking goes on there."""


def others_open(owner: User, *, organization: str, role: str) -> list[Opportunity]:
    """The opportunities a landing would close, if the owner wishes."""
    accepted = _same(owner, organization, role)
    rows = Opportunity.objects.visible_to(owner).exclude(stage__in=OVER)
    rows = rows.exclude(pk=accepted.pk) if accepted else rows
    return list(rows.select_related("organization"))


def land(
    *,
    by: User,
    at: dt.datetime,
    organization: str,
    role: str,
    on: dt.date,
    through: Contact | None = None,
    close_others: bool = True,
) -> Landing:
    """Write down an accepted offer; from then on rings A to C rest at two or three times a year.

    An opportunity of that role there is taken for it, else one is made.  Rhythms that the owner
    gave single people and tags stay as they are.

    Raises:
        ValidationError: the day is still to come, or the names are missing.
        AlreadyLanded: a landing is current.
    """
    if on > by.day(at):
        raise ValidationError({"on": _("That day is still to come.")})
    if not role.strip() or not organization.strip():
        raise ValidationError(_("Say which role it is, and where."))
    with facts.change(by, at=at) as changed:
        User.objects.select_for_update().only("pk").get(pk=by.pk)
        if Landing.objects.visible_to(by).current().exists():
            raise AlreadyLanded
        others = others_open(by, organization=organization, role=role) if close_others else []
        accepted = _same(by, organization, role)
        before: dict[str, Any] = {"rings": _rings(by), "opportunities": {}}
        for row in [*others, *([accepted] if accepted else [])]:
            before["opportunities"][str(row.pk)] = _stage_of(row)
        if accepted is None:
            where = people.get_or_make_organization(by, organization)
            accepted = add_opportunity(by=by, at=at, role=role, organization=where)
        if through is not None:
            accepted.through = through
            accepted.save(update_fields=["through"])
        then = at if on == by.day(at) else local_noon(on, by)
        move_opportunity(accepted, stage=Stage.ACCEPTED, at=then)
        for row in others:
            move_opportunity(row, stage=Stage.CLOSED, at=at)
        for ring, days in KEEP_WARM.items():
            set_ring(by=by, at=at, ring=ring, days=days)
        by.landed_at = then
        by.save(update_fields=["landed_at"])
        landing = Landing.objects.create(
            owner=by, opportunity=accepted, landed_on=on, before=before
        )
        changed.everyone()
    return landing


def settled_on(landed_on: dt.date) -> tuple[dt.date, ...]:
    """The days on which a short note to those who helped is planned: 30 and 90 days on."""
    return tuple(plus(landed_on, days) for days in SETTLED_AFTER_DAYS)


def take_back(*, by: User, at: dt.datetime, landing: Landing) -> None:
    """It was no landing: rings and opportunities are put back; notes not sent are gone."""
    with facts.change(by, at=at) as changed:
        stages = landing.before["opportunities"]
        for row in Opportunity.objects.visible_to(by).filter(pk__in=stages):
            for name, value in stages[str(row.pk)].items():
                setattr(row, name, value)
            row.save(update_fields=list(_STAGE))
        accepted = landing.opportunity
        made_for_it = str(accepted.pk) not in stages
        landing.delete()
        if made_for_it:
            accepted.delete()
        _back_to_searching(by, at, landing)
        changed.everyone()


def search_again(*, by: User, at: dt.datetime, landing: Landing) -> None:
    """The owner is looking again: rings as they were before; what was thanked stays thanked."""
    with facts.change(by, at=at) as changed:
        if Landing.objects.filter(pk=landing.pk, ended_at=None).update(ended_at=at):
            _back_to_searching(by, at, landing)
            changed.everyone()


def _back_to_searching(by: User, at: dt.datetime, landing: Landing) -> None:
    for ring, spans in landing.before["rings"].items():
        set_ring(by=by, at=at, ring=ring, days=RingDays(**spans) if spans else RING_DAYS[ring])
    by.landed_at = None
    by.save(update_fields=["landed_at"])


def thank(
    *, by: User, at: dt.datetime, landing: Landing, whom: Sequence[Contact], note: str = ""
) -> list[Contact]:
    """Log a word of thanks to each of them; return those not thanked before.

    A second time nothing happens.  ``note`` is kept with the exchange; a note that was being
    written is done with.
    """
    with facts.change(by, at=at):
        User.objects.select_for_update().only("pk").get(pk=by.pk)
        done = landed.thanked(by, [one.pk for one in whom], since_on=landing.landed_on)
        new = [one for one in whom if one.pk not in done]
        for one in new:
            people.log_interaction(
                by=by,
                at=at,
                people=[one],
                kind=Interaction.Kind.MESSAGE,
                direction=Interaction.Direction.OUT,
                note=note,
                thanked=True,
                reported=True,
            )
        ThankYou.objects.filter(landing=landing, contact__in=new).delete()
    return new


def keep_draft(*, landing: Landing, contact: Contact, draft: str) -> None:
    """Keep a note until it is sent."""
    ThankYou.objects.update_or_create(landing=landing, contact=contact, defaults={"draft": draft})


def leave_out(*, landing: Landing, contacts: Collection[Contact], left_out: bool = True) -> None:
    """Decide that no word is due to them from this list, or that one is after all."""
    with transaction.atomic():
        for one in contacts:
            ThankYou.objects.update_or_create(
                landing=landing, contact=one, defaults={"left_out": left_out}
            )


_STAGE = ("stage", "stage_on", "replied_on", "interviewed_on", "offered_on", "through_id")


def _stage_of(row: Opportunity) -> dict[str, Any]:
    """Its stage and days as JSON keeps them."""
    return {name: _plain(getattr(row, name)) for name in _STAGE}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _rings(by: User) -> dict[str, dict[str, int] | None]:
    """The owner's own days of rings A to C; None where they are the shipped ones."""
    own = {row.ring: row for row in Rhythm.objects.filter(owner=by).exclude(ring="")}
    return {
        ring: {
            "opens": own[ring].opens_days,
            "best": own[ring].best_days,
            "fades": own[ring].fades_days,
            "quiet": own[ring].quiet_days,
        }
        if ring in own
        else None
        for ring in KEEP_WARM
    }


def _same(by: User, organization: str, role: str) -> Opportunity | None:
    """The open opportunity of that role at that organization, in whatever case."""
    rows = Opportunity.objects.visible_to(by).exclude(stage=Stage.CLOSED)
    same = rows.filter(organization__name__iexact=organization.strip(), role__iexact=role.strip())
    return same.select_related("organization", "owner").first()
