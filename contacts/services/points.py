"""E-mail addresses, telephone numbers and links of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.engine import limits, points
from contacts.models import Contact, ContactPoint
from contacts.services import fields
from netcrm.accounts.models import User
from netcrm.kit import facts

Kind = ContactPoint.Kind
VALUE_CHARS = 500


def normalised(kind: str, value: str, *, country: str = "") -> tuple[str, str]:
    """Return ``value`` as kept and the key by which two spellings of it are one.

    Args:
        country: ISO 3166 code of the country whose numbers may be written without a code in
            front (the owner's own); "" for none.

    Raises:
        ValidationError: it is not exactly one address, number or link of that kind (E07).
    """
    if kind == Kind.EMAIL:
        return _email(value)
    if kind == Kind.PHONE:
        return _phone(value, country)
    return _link(value)


def _email(value: str) -> tuple[str, str]:
    address = points.email(value)
    if address is None:
        raise ValidationError(
            _(
                "“%(value)s” is not one e-mail address. "
                "Write it like ann@example.org, with further addresses on their own lines."
            ),
            code="email",
            params={"value": _shown(value)},
        )
    return address, points.email_key(address)


def _phone(value: str, country: str) -> tuple[str, str]:
    number = points.phone(value)
    if number is None:
        raise ValidationError(
            _(
                "“%(value)s” has no telephone number in it. "
                "Write its digits, like +44 20 7946 0018."
            ),
            code="phone",
            params={"value": _shown(value)},
        )
    try:
        parsed = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return number, points.phone_key(number) or number
    if not phonenumbers.is_possible_number(parsed):
        return number, points.phone_key(number) or number
    key = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number, f"{key};ext={parsed.extension}" if parsed.extension else key


def _link(value: str) -> tuple[str, str]:
    address = points.link(value)
    if address is None or len(address) > VALUE_CHARS:
        raise ValidationError(
            _(
                "“%(value)s” is not a link we can keep. It should look like "
                "https://example.org/page and have at most %(most)s characters."
            ),
            code="link",
            params={"value": _shown(value), "most": VALUE_CHARS},
        )
    return address, points.link_key(address)


def _shown(value: str) -> str:
    value = value.strip()
    return value if len(value) <= 60 else f"{value[:59]}…"


def cleaned(kind: str, values: Sequence[str], *, country: str) -> dict[str, str]:
    """Key to value for each of ``values``, in order, doubles and blanks left out.

    Raises:
        ValidationError: with one message for every value that is none, or too many of them.
    """
    found: dict[str, str] = {}
    problems: list[ValidationError] = []
    for value in values:
        if not value.strip():
            continue
        try:
            kept, key = normalised(kind, value, country=country)
        except ValidationError as problem:
            problems.append(problem)
        else:
            found.setdefault(key, kept)
    if problems:
        raise ValidationError(problems)
    if len(found) > limits.VALUES:
        raise ValidationError(
            _("One person can have %(most)s of these; here are %(count)s."),
            code="too_many",
            params={"most": limits.VALUES, "count": len(found)},
        )
    return found


def replace(contact: Contact, kind: str, values: dict[str, str]) -> None:
    """Make ``contact`` have exactly ``values`` (as ``cleaned`` returns them), the first on top.

    One that stays keeps its row and its label.
    """
    before = {point.key: point for point in contact.points.filter(kind=kind)}
    contact.points.filter(kind=kind).exclude(key__in=values).delete()
    first = next(iter(values), "")
    contact.points.filter(kind=kind, is_primary=True).exclude(key=first).update(is_primary=False)
    for key, value in values.items():
        point = before.get(key) or ContactPoint(contact=contact, kind=kind, key=key)
        if (point.value, point.is_primary) != (value, key == first) or key not in before:
            point.value, point.is_primary = value, key == first
            point.save()


def add_point(
    *, by: User, at: datetime, contact: Contact, kind: str, value: str, label: str = ""
) -> ContactPoint:
    """Add an address, number or link; one the person has already is left as it is.

    Raises:
        ValidationError: see ``normalised``.
    """
    kept, key = normalised(kind, value, country=by.country)
    label = fields.line(label, most=fields.LABEL_CHARS)
    with facts.change(by, at=at) as changed:
        has_one = contact.points.filter(kind=kind).exists()
        point, _made = contact.points.get_or_create(
            kind=kind,
            key=key,
            defaults={"value": kept, "label": label, "is_primary": not has_one},
        )
        changed.add(contact.pk)
    return point


def remove_point(*, by: User, at: datetime, point: ContactPoint) -> None:
    """Remove an address, number or link; the next of its kind takes first place."""
    with facts.change(by, at=at) as changed:
        contact, kind, was_primary = point.contact, point.kind, point.is_primary
        point.delete()
        if was_primary and (following := contact.points.filter(kind=kind).first()):
            following.is_primary = True
            following.save(update_fields=["is_primary"])
        changed.add(contact.pk)
