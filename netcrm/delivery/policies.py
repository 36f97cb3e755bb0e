"""May this mail go now?  What this looks at is compared again just before DATA."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery, Suppression

Kind = Delivery.Kind
Speed = User.Speed

SPEEDS = {
    Kind.DIGEST: (Speed.DAILY, Speed.CLOSING),
    Kind.WEEKLY: (Speed.WEEKLY,),
    Kind.SUMMARY: (Speed.DAILY, Speed.CLOSING, Speed.WEEKLY),
}
STREAMS = {Kind.DIGEST: "reminders", Kind.SUMMARY: "reminders", Kind.WEEKLY: "weekly"}


def stream_of(row: Delivery) -> str:
    """The kind of mail that somebody can end without ending the rest (E3)."""
    if row.kind == Kind.THIRD_PARTY:
        return row.letter
    return STREAMS.get(Kind(row.kind), row.kind)


def why_not(
    row: Delivery, owner: User | None, *, recipient: str, stopped: str, at: dt.datetime
) -> str:
    """Say why ``row`` must not go, or return "" when it may.

    Args:
        owner: as read last; None when the account is gone.  ``ledger.MARK_SENDING`` makes sure
            that whatever this looks at is still so.
        stopped: the ``Suppression.Reason`` that stands against the recipient, or "".
    """
    if owner is None or not owner.is_active or owner.leaves_at is not None:
        return _("The account is closed.")
    if not recipient:
        return _("There is no address to write to.")
    if stopped:
        return f"{Suppression.Reason(stopped).label}."
    paused = owner.paused_until is not None and owner.day(at) < owner.paused_until
    if paused and row.kind in Delivery.REMINDERS:
        return _("Reminders are paused.")
    if row.kind in SPEEDS and owner.reminder_speed not in SPEEDS[Kind(row.kind)]:
        return _("This kind of reminder is switched off.")
    if row.kind == Kind.THANKS and not owner.thanks_nudge:
        return _("This kind of reminder is switched off.")
    return ""
