"""What happened, in the words of the interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.engine.dedupe import Reason
from contacts.models import Interaction

Kind = Interaction.Kind
Direction = Interaction.Direction

HAPPENED: Mapping[tuple[str, str], Promise] = {
    (Kind.MESSAGE, Direction.OUT): _("You wrote"),
    (Kind.MESSAGE, Direction.IN): _("%(name)s wrote"),
    (Kind.MESSAGE, Direction.BOTH): _("You wrote to each other"),
    (Kind.TALK, Direction.OUT): _("You called"),
    (Kind.TALK, Direction.IN): _("%(name)s called"),
    (Kind.TALK, Direction.BOTH): _("You spoke"),
    (Kind.MEETING, Direction.OUT): _("You met"),
    (Kind.MEETING, Direction.IN): _("You met"),
    (Kind.MEETING, Direction.BOTH): _("You met"),
    (Kind.GAVE, Direction.OUT): _("You gave something"),
    (Kind.GAVE, Direction.IN): _("%(name)s gave you something"),
    (Kind.GAVE, Direction.BOTH): _("You gave each other something"),
    (Kind.INVITATION, Direction.OUT): _("You sent an invitation"),
    (Kind.INVITATION, Direction.IN): _("%(name)s sent an invitation"),
    (Kind.INVITATION, Direction.BOTH): _("An invitation"),
}
NOTE = _("A note")

BESIDES: Mapping[str, Promise] = {
    "told_target": _("told what you look for"),
    "showed_work": _("showed your work"),
    "reported": _("told what came of it"),
    "thanked": _("thanked"),
    "is_ask": _("asked for something"),
    "is_give": _("gave something"),
}


# What a column of a table may hold, in the order a list offers it.
COLUMN_FIELDS: Mapping[str, Promise] = {
    "full_name": _("Whole name"),
    "given": _("First name"),
    "middle": _("Middle name"),
    "family": _("Last name"),
    "prefix": _("Title before the name"),
    "suffix": _("Letters after the name"),
    "nickname": _("What you call them"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "link": _("Link"),
    "organization": _("Organization"),
    "title": _("What they do there"),
    "connected_on": _("Connected on"),
    "birthday": _("Birthday"),
    "met_through": _("Who introduced you"),
    "tags": _("Tags"),
    "notes": _("Notes"),
    "uid": _("The other program’s own number"),
    "extra": _("A field of its own"),
}


def column_field(field: str) -> str:
    """What a column holds, with the label it carries: “Phone (mobile)”; "" for left out."""
    base, _hash, number = field.replace("_label#", "#").partition("#")
    base, _colon, label = base.partition(":")
    words = str(COLUMN_FIELDS.get(base, base))
    if "_label#" in field:
        return str(_("Label of: %(field)s %(number)s")) % {"field": words, "number": number}
    detail = label or number
    return f"{words} ({detail})" if detail else words


def happened(interaction: Interaction, *, name: str) -> str:
    """“You met”, “Shirley wrote”: an exchange with the person the owner calls ``name``."""
    key = (interaction.kind, interaction.direction)
    return str(HAPPENED.get(key, NOTE)) % {"name": name}


def besides(interaction: Interaction) -> list[str]:
    """What an exchange was besides, as short words."""
    return [
        str(word)
        for flag, word in BESIDES.items()
        if getattr(interaction, flag)
        and not (flag == "is_give" and interaction.kind == Interaction.Kind.GAVE)
    ]


REASONS: Mapping[Reason, Promise] = {
    Reason.SAME_EMAIL: _("the same e-mail address"),
    Reason.SAME_PROFILE: _("the same profile page"),
    Reason.SAME_MAILBOX: _("the same mailbox"),
    Reason.SAME_PHONE: _("the same telephone number"),
    Reason.SAME_NAME: _("the same name"),
    Reason.SHORT_NAME: _("a short form of the same name"),
    Reason.NEAR_NAME: _("nearly the same name"),
    Reason.SAME_ORGANIZATION: _("the same organization"),
    Reason.SAME_DOMAIN: _("e-mail at the same place"),
    Reason.SAME_TITLE: _("the same work"),
    Reason.SAME_BIRTHDAY: _("the same birthday"),
}


def reasons_in_words(reasons: Iterable[str]) -> str:
    """“the same e-mail address, the same name”, of codes of ``Reason``."""
    return ", ".join(str(REASONS[Reason(code)]) for code in reasons)
