"""Letters: who writes which mail, and the headers that every mail of ours carries."""

from __future__ import annotations

import base64
import datetime as dt
from email.utils import parseaddr
from functools import cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from netcrm.delivery import links, policies
from netcrm.delivery.models import Delivery
from netcrm.kit import mail
from netcrm.kit.mail import Letter


class Writer(Protocol):
    def __call__(self, delivery: Delivery, *, at: dt.datetime) -> Letter | None: ...


class NobodyWritesIt(LookupError):
    """No writer is named in ``settings.DELIVERY_LETTERS``."""


def write(row: Delivery, *, at: dt.datetime) -> Letter | None:
    """Have the app that ``row`` is about write it; None when there is nothing to say."""
    name = row.letter or row.kind
    try:
        path = settings.DELIVERY_LETTERS[name]
    except KeyError:
        raise NobodyWritesIt(name) from None
    return cast(Writer, import_string(path))(row, at=at)


def test_letter(delivery: Delivery, *, at: dt.datetime) -> Letter:
    """The mail a member asks for on the delivery page."""
    return mail.write(
        "test",
        {
            "owner": delivery.owner,
            "asked_at": at.astimezone(delivery.owner.zone),
            "delivery_url": links.absolute("/delivery/"),
        },
    )


def sender_address() -> str:
    """The address mail comes from, bare, for the envelope."""
    return _bare(settings.DEFAULT_FROM_EMAIL)


@cache
def _bare(address: str) -> str:
    return parseaddr(address)[1]


def message_id(row: Delivery) -> str:
    """The Message-ID of a row: the same at every try, and nobody can guess another's."""
    digest = salted_hmac("netcrm.delivery.message-id", str(row.pk), algorithm="sha256").digest()
    local = base64.b32encode(digest[:20]).decode().lower()
    return f"<{local}@{sender_address().rpartition('@')[2]}>"


def envelope(row: Delivery, letter: Letter, *, recipient: str) -> bytes:
    """The bytes to hand over: the letter with our headers."""
    headers = {"Message-ID": row.message_id or message_id(row)}
    if settings.MAIL_IDEMPOTENCY_HEADER:
        headers[settings.MAIL_IDEMPOTENCY_HEADER] = str(row.pk)
    if row.kind not in (Delivery.Kind.TEST, Delivery.Kind.NOTICE):  # asked for, each of them
        to_oneself = row.owner_id if row.is_to_oneself else None
        url = links.unsubscribe_url(
            stream=policies.stream_of(row), owner_id=to_oneself, address=recipient
        )
        headers["List-Unsubscribe"] = f"<{url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    name = row.owner.name if row.is_to_oneself else ""
    return mail.to_bytes(letter, to=recipient, to_name=name, headers=headers)
