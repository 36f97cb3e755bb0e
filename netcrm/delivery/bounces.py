"""Reports of bounced mail: who may be believed, and what they say.

A provider's webhook, or a script beside our own mail server, signs what it posts::

    X-Mail-Timestamp: 1795000000
    X-Mail-Signature: hex(hmac_sha256(BOUNCE_SECRET, timestamp + "." + body))
    {"kind": "hard", "address": "ana@example.org", "message_id": "<…>", "status": "5.1.1"}
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from netcrm.delivery.models import MailEvent
from netcrm.delivery.services import Report

OLDEST = dt.timedelta(hours=48)
EARLIEST = dt.timedelta(minutes=5)  # how far ahead of ours a sender's clock may be
LONGEST = 10_000  # bytes


class NotBelieved(Exception):
    """Forged, too old, or not in the form we know."""


def signature(body: bytes, timestamp: str) -> str:
    """What the sender of a genuine report puts into X-Mail-Signature."""
    key = settings.BOUNCE_SECRET.encode()
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def read(body: bytes, headers: Mapping[str, str], *, at: dt.datetime) -> Report:
    """The report in a request.

    Raises:
        NotBelieved: the reason is for the log, never for the sender.
    """
    if not settings.BOUNCE_SECRET:
        raise NotBelieved("BOUNCE_SECRET is not set")
    timestamp, signed = headers.get("X-Mail-Timestamp", ""), headers.get("X-Mail-Signature", "")
    if len(body) > LONGEST:
        raise NotBelieved("too long")
    expected = signature(body, timestamp)
    if not hmac.compare_digest(expected.encode(), signed.encode("utf-8", "replace")):
        raise NotBelieved("signature")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise NotBelieved("timestamp")
    sent_at = dt.datetime.fromtimestamp(int(timestamp), tz=dt.UTC)
    if not -EARLIEST <= at - sent_at <= OLDEST:
        raise NotBelieved("too old")
    try:
        values = json.loads(body)
        kind = MailEvent.Kind(values["kind"])
        status = str(values.get("status", ""))
        if status.startswith("4."):  # RFC 3463: for now, whatever the sender calls it
            kind = MailEvent.Kind.SOFT if kind is MailEvent.Kind.HARD else kind
        address = str(values["address"])
        validate_email(address)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise NotBelieved("content") from error
    return Report(
        kind=kind,
        address=address,
        message_id=str(values.get("message_id", ""))[:200],
        status=status,
        signature=expected,
    )
