"""What a text must be like before it is kept.

One rule for every line of text: control characters and the invisible ones that reorder text
are removed, runs of white space become one space, the rest stays as typed
(``engine.names.clean_line``; docs/decisions/0040-names-as-typed.md).  Nothing is ever cut to
fit: what is too long is refused, with both numbers, so that the person decides what to drop.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from contacts.engine import limits, names

NICKNAME_CHARS = 100
HOW_MET_CHARS = 500
TITLE_CHARS = 200
ORGANIZATION_CHARS = 200
TAG_CHARS = 80
LABEL_CHARS = 80
EXTRA_VALUE_CHARS = 500
PROMISE_CHARS = 500
INTERACTION_NOTE_CHARS = 20_000


def line(text: str, *, most: int) -> str:
    """Text of one line, cleaned, of at most ``most`` characters; may be empty.

    Raises:
        ValidationError: it is longer.
    """
    return _bounded(names.clean_line(text), most)


def text(value: str, *, most: int) -> str:
    """Like ``line`` for text of several lines."""
    return _bounded(names.clean_text(value), most)


def name(value: str) -> str:
    """A person's one full name.

    Raises:
        ValidationError: nothing readable is left of it, or it is longer than 300 characters.
    """
    cleaned = line(value, most=limits.NAME_CHARS)
    if not cleaned:
        raise ValidationError(_("Write a name: what you call this person will do."), code="empty")
    return cleaned


def tag(value: str) -> str:
    """A tag's name, without the comma that separates tags."""
    cleaned = line(value, most=TAG_CHARS)
    if not cleaned or "," in cleaned:
        raise ValidationError(_("Write a word or two for a tag, without a comma."), code="tag")
    return cleaned


def extra(values: Mapping[str, str]) -> dict[str, str]:
    """Fields the owner made: a label to a line each."""
    if len(values) > limits.VALUES:
        raise ValidationError(
            _("There is room for %(most)s fields of your own; these are %(count)s."),
            code="too_many",
            params={"most": limits.VALUES, "count": len(values)},
        )
    cleaned = {}
    for label, value in values.items():
        label = line(label, most=LABEL_CHARS)
        if not label:
            raise ValidationError(_("Each field of your own needs a name."), code="label")
        cleaned[label] = text(value, most=EXTRA_VALUE_CHARS)
    return cleaned


def _bounded(value: str, most: int) -> str:
    if len(value) > most:
        raise ValidationError(
            _(
                "This has %(count)s characters, and there is room for %(most)s. "
                "Shorten it, or keep the rest in the notes."
            ),
            code="max_length",
            params={
                "count": number_format(len(value), force_grouping=True),
                "most": number_format(most, force_grouping=True),
            },
        )
    return value
