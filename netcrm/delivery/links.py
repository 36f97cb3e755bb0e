"""Signed links of mail: one purpose each, no secret in the database.

A token is signed with HMAC-SHA256 under a salt of its purpose, so a link made for one
thing opens nothing else.  Keys may be rotated: ``SECRET_KEY_FALLBACKS`` still opens them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

Stale = signing.SignatureExpired
Bad = signing.BadSignature


def seal(purpose: str, values: dict[str, Any]) -> str:
    """A token that says ``values`` for ``purpose``."""
    return signing.dumps(values, salt=f"netcrm.mail.{purpose}", compress=False)


def unseal(purpose: str, token: str, *, max_age_seconds: int | None = None) -> dict[str, Any]:
    """What a token says.

    Raises:
        Stale: it was made more than ``max_age_seconds`` ago.
        Bad: it was changed, or made for another purpose.
    """
    values = signing.loads(token, salt=f"netcrm.mail.{purpose}", max_age=max_age_seconds)
    if not isinstance(values, dict):
        raise Bad("not a token of ours")
    return values


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def unsubscribe_url(*, stream: str, owner_id: object = None, address: str = "") -> str:
    """The address that ends ``stream``, for a user or for somebody who has no account.

    It never expires: whoever holds a mail may always ask us to stop.
    """
    values = {"s": stream, **({"u": str(owner_id)} if owner_id else {"a": address.lower()})}
    return absolute(reverse("unsubscribe", args=[seal("unsubscribe", values)]))
