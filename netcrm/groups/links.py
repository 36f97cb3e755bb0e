"""The link of an invitation: signed, for one invitation, and no way to sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from netcrm.delivery.links import Bad, seal, unseal
from netcrm.groups.models import Invitation

PURPOSE = "invitation"


class Standing(Enum):
    """What an invitation is to whoever opened its link."""

    OPEN = auto()
    GONE = auto()  # used, withdrawn, replaced or past its week


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A link that was opened: what it offers, and whether it still does."""

    invitation: Invitation
    standing: Standing


def token_of(invitation: Invitation) -> str:
    """What the link carries.  It proves nothing but that we sent it to the address."""
    return seal(PURPOSE, {"i": str(invitation.pk), "n": str(invitation.nonce)})


def open_link(token: str, *, at: datetime) -> Opened:
    """Say what ``token`` offers.

    Raises:
        Bad: it is none of ours, or its invitation is gone without a trace.
    """
    values = unseal(PURPOSE, token)
    rows = Invitation.objects.select_related("group", "invited_by")
    try:
        invitation = rows.get(pk=UUID(str(values.get("i"))))
    except (Invitation.DoesNotExist, ValueError) as unknown:
        raise Bad("no such invitation") from unknown
    holds = (
        str(invitation.nonce) == values.get("n")
        and invitation.used_at is None
        and invitation.withdrawn_at is None
        and at < invitation.expires_at
        and invitation.group.closed_at is None
    )
    return Opened(invitation=invitation, standing=Standing.OPEN if holds else Standing.GONE)
