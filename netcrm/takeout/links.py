"""The address of a finished export: signed, for seven days, and of use to its owner alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner

from netcrm.takeout.models import KEPT_DAYS, Takeout

_signer = TimestampSigner(salt="netcrm.takeout")


def token_of(takeout: Takeout) -> str:
    return _signer.sign(takeout.pk.hex)


def key_in(token: str) -> UUID | None:
    """The export a token names; None for one that is not ours, or too old."""
    try:
        return UUID(_signer.unsign(token, max_age=timedelta(days=KEPT_DAYS)))
    except (BadSignature, ValueError):
        return None
