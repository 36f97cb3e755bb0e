"""What somebody did on the way to a landing, and the beginning of a note of thanks, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from introductions.engine.landed import Help, Kind, Part
from netcrm.kit.days import month_of

if TYPE_CHECKING:
    from introductions.landed import Row
    from introductions.models import Landing

PARTS: Mapping[Part, Promise] = {
    Part.DOOR: gettext_lazy("Opened a door"),
    Part.ADVICE: gettext_lazy("Advised you"),
    Part.COMPANY: gettext_lazy("Kept you company"),
}

# About somebody, on the list.
DID: Mapping[Kind, Promise] = {
    Kind.OFFER: gettext_lazy("The offer from %(other)s came through them."),
    Kind.ON_THE_WAY: gettext_lazy("They stand on the way that led to %(other)s."),
    Kind.INTRODUCED: gettext_lazy("Introduced you to %(other)s, %(month)s."),
    Kind.OPENING: gettext_lazy("Brought you an opening at %(other)s."),
    Kind.REFERRED: gettext_lazy("Gave you %(other)s, %(month)s."),
    Kind.NAMED: gettext_lazy("Named %(other)s, %(month)s."),
    Kind.ADVISED: gettext_lazy("Gave you advice, %(month)s."),
    Kind.GAVE: gettext_lazy("Gave you something, %(month)s."),
    Kind.MET: gettext_lazy("You met through %(other)s, %(month)s."),
    Kind.RECEIVED: gettext_lazy("You gave them something, %(month)s."),
}

# To somebody, in the note.
SAID: Mapping[Kind, Promise] = {
    Kind.OFFER: gettext_lazy("It came through you."),
    Kind.ON_THE_WAY: gettext_lazy("You stand at the beginning of the way that led there."),
    Kind.INTRODUCED: gettext_lazy("You introduced me to %(other)s, and I have not forgotten it."),
    Kind.OPENING: gettext_lazy("You told me of the opening at %(other)s."),
    Kind.REFERRED: gettext_lazy("You gave me %(other)s, which moved things on."),
    Kind.NAMED: gettext_lazy("You named %(other)s when I was looking."),
    Kind.ADVISED: gettext_lazy("You took the time to advise me."),
    Kind.GAVE: gettext_lazy("You gave me something without being asked."),
    Kind.MET: gettext_lazy("You made time for somebody you hardly knew."),
    Kind.RECEIVED: gettext_lazy("You kept in touch while I was looking."),
}
MOST_SAID = 3  # things named in one note; more reads like a list


def did(help_: Help) -> str:
    """What somebody did, as a sentence for the owner."""
    return str(DID[help_.kind]) % _facts(help_)


def draft(row: Row, landing: Landing) -> str:
    """The beginning of a note; one blank is left, so that no two are the same."""
    role = landing.opportunity
    kinds: dict[Kind, Help] = {}
    for one in row.helper.helps:
        kinds.setdefault(one.kind, one)
    said = [str(SAID[one.kind]) % _facts(one) for one in list(kinds.values())[:MOST_SAID]]
    lines = [
        _("Dear %(name)s,") % {"name": row.person.short_name},
        _("I have news: I have accepted an offer, %(role)s at %(organization)s.")
        % {"role": role.role, "organization": role.organization.name},
        " ".join([*said, _("What helped me most was: …")]),
        _("Thank you. If there is something I can do for you, now or later, please tell me."),
        landing.owner.name,
    ]
    return "\n\n".join(line for line in lines if line)


def brief(landing: Landing) -> str:
    """A few lines that fit everybody, for those who walked along."""
    role = landing.opportunity
    lines = [
        _("I have news: I have accepted an offer, %(role)s at %(organization)s.")
        % {"role": role.role, "organization": role.organization.name},
        _("You were part of the way there, and I wanted you to hear it from me. Thank you."),
        landing.owner.name,
    ]
    return "\n\n".join(line for line in lines if line)


def subject() -> str:
    return _("News, and thanks")


def _facts(help_: Help) -> dict[str, str]:
    return {"other": help_.other or _("somebody"), "month": month_of(help_.on)}
