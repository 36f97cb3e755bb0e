"""Ways to somebody in words: each step with its reason, and the weakest with what would help."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from introductions.engine.paths import Place
from introductions.engine.ties import Bond
from introductions.reach import Hop, Way
from introductions.selectors import level_of
from introductions.words import STEP_WORDS

BONDS: Mapping[Bond, Promise] = {
    Bond.INTRODUCED: gettext_lazy("%(giver)s introduced you to %(taker)s"),
    Bond.OFFERED: gettext_lazy("%(giver)s could introduce you to %(taker)s"),
    Bond.ACQUAINTED: gettext_lazy("%(giver)s and %(taker)s were introduced to each other"),
    Bond.COLLEAGUES: gettext_lazy("%(giver)s and %(taker)s are both at %(place)s"),
    Bond.DECLINED: gettext_lazy("%(giver)s knows %(taker)s, but it was not the moment"),
    Bond.FORMER: gettext_lazy("%(giver)s and %(taker)s may know each other from %(place)s"),
}

WEAKEST: Mapping[Place, Promise] = {
    Place.OWN: gettext_lazy("The weakest step is your own, to %(taker)s: %(why)s."),
    Place.BETWEEN: gettext_lazy(
        "The weakest step is from %(giver)s to %(taker)s, between others: %(why)s."
    ),
    Place.LAST: gettext_lazy("The weakest step is the last, from %(giver)s to %(taker)s: %(why)s."),
    Place.NONE: gettext_lazy("All steps are alike: %(why)s."),
}


def hop_line(hop: Hop) -> str:
    """Why this step is there."""
    if hop.giver is None:
        return _("You know each other: %(word)s") % {"word": STEP_WORDS[level_of(hop.taker)]}
    return str(BONDS[hop.bond or Bond.OFFERED]) % {**_names(hop), "place": hop.place}


def _names(hop: Hop) -> dict[str, str]:
    return {
        "giver": hop.giver.short_name if hop.giver else _("you"),
        "taker": hop.taker.short_name,
    }


def weakest_line(way: Way) -> str:
    """Which step is the weakest, and why; for a way of one step, what that step is."""
    if len(way.hops) == 1:
        return _("You need nobody for this; %(taker)s is at “%(word)s” with you.") % {
            "taker": way.last.short_name,
            "word": STEP_WORDS[level_of(way.last)],
        }
    return str(WEAKEST[way.why]) % {
        **_names(way.weakest),
        "why": hop_line(way.weakest),
    }


def what_helps(hop: Hop) -> str:
    """What would make the weakest step firmer."""
    names = _names(hop)
    if hop.giver is None:
        return _("What would help: a word with %(taker)s first.") % names
    if hop.bond in (Bond.COLLEAGUES, Bond.FORMER):
        return _("What would help: ask %(giver)s whether they know %(taker)s.") % names
    if hop.bond is Bond.DECLINED:
        return _("What would help: leave it a while, or take another way.")
    return _("What would help: a note that %(giver)s can pass on to %(taker)s.") % names


def load_line(way: Way) -> str:
    """What is being asked of the first person already; "" for nothing."""
    if not way.asked.open:
        return ""
    return ngettext(
        "%(n)s request is open with %(name)s.",
        "%(n)s requests are open with %(name)s.",
        way.asked.open,
    ) % {"n": way.asked.open, "name": way.first.short_name}
