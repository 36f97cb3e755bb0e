"""Whether somebody has asked that nothing about them be kept (G03).

Of an address or number only a hash under a secret key is kept: enough to ask when somebody
brings it again, and no use to whoever finds the table without the key.
Source: docs/decisions/0081-erasing-somebody-else.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError

from contacts.models import ContactPoint, Erased
from contacts.services.points import normalised

Kind = ContactPoint.Kind


def digest(kind: str, key: str) -> str:
    """The keyed hash of a normalised address or number: 64 hexadecimal digits."""
    secret = settings.ERASURE_KEY or settings.SECRET_KEY
    return hmac.digest(f"erased:{secret}".encode(), f"{kind}:{key}".encode(), "sha256").hex()


def remember(keys: Iterable[tuple[str, str]]) -> None:
    """Keep the hashes of (kind, normalised value); links are not asked about."""
    Erased.objects.bulk_create(
        [Erased(digest=digest(kind, key)) for kind, key in sorted(set(keys)) if kind != Kind.LINK],
        ignore_conflicts=True,
    )


class Register:
    """Everything to ask about, loaded once for any number of people."""

    def __init__(self) -> None:
        self._digests = set(Erased.objects.values_list("digest", flat=True))

    def has(self, keys: Iterable[tuple[str, str]]) -> bool:
        """Whether one of these (kind, normalised value) has asked to be erased."""
        return bool(self._digests) and any(digest(kind, key) in self._digests for kind, key in keys)


def has_asked(*, emails: Iterable[str], phones: Iterable[str], country: str) -> bool:
    """Whether somebody with one of these, as typed, has asked to be erased."""
    keys = []
    for kind, values in ((Kind.EMAIL, emails), (Kind.PHONE, phones)):
        for value in values:
            try:
                keys.append((kind.value, normalised(kind, value, country=country)[1]))
            except ValidationError:
                continue
    wanted = [digest(kind, key) for kind, key in keys]
    return bool(wanted) and Erased.objects.filter(digest__in=wanted).exists()
