"""The good window with each of some people, for whoever weighs asking them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from followups.engine.cadence import Purpose
from followups.models import FollowUp
from introductions.asks import Window

if TYPE_CHECKING:
    from netcrm.accounts.models import User


def ask_windows(owner: User, contact_ids: Collection[UUID]) -> dict[UUID, Window]:
    """Return the window of a word without occasion, of a second note, or of a rest, if planned."""
    found: dict[UUID, Window] = {}
    rows = FollowUp.objects.visible_to(owner).open().filter(contact__in=contact_ids)
    purposes = (Purpose.NURTURE, Purpose.NO_REPLY_2, Purpose.RESTING)
    rows = rows.filter(purpose__in=purposes).order_by("purpose")
    days = ("contact_id", "purpose", "opens_on", "quiet_on")
    for contact, purpose, opens_on, quiet_on in rows.values_list(*days):
        found[contact] = (
            Window(resting_until=opens_on)
            if purpose == Purpose.RESTING
            else Window(opens_on=opens_on, fades_on=quiet_on)
        )
    return found
