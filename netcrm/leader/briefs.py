"""What a leader reads of each member: something to praise first, then what to prepare for.

Made of counts alone, so it says the same at every grain.  Sources of the order and of the list:
ux.md 1.9 (specific praise first, look forward, never compare).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from followups.sharing import Figures

STUCK_FROM = 5  # people, before "many names, little trust" can be said
QUIET_DAYS = 21
BUSY_FROM = 4  # introductions by one person


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing to know before the meeting, and a question that helps; ``gentle`` is for quiet."""

    text: str
    question: str = ""
    gentle: bool = False


def praise(name: str, f: Figures) -> str:
    """The first line about anybody: recorded and true, and specific wherever it can be."""
    return specific(name, f) or (
        _("%(name)s chose to show how it stands, and that takes courage.") % {"name": name}
    )


def specific(name: str, f: Figures) -> str:
    """What this member did lately that is worth saying aloud; "" when nothing is recorded."""
    if f.landed:
        return _("%(name)s has landed.") % {"name": name}
    if f.warm_introductions:
        return _("%(name)s was introduced to somebody with a reason.") % {"name": name}
    if f.loops_closed:
        return ngettext(
            "%(name)s told an introducer how it went.",
            "%(name)s told %(n)d introducers how it went.",
            f.loops_closed,
        ) % {"name": name, "n": f.loops_closed}
    if f.introductions:
        return ngettext(
            "%(name)s was introduced to somebody new.",
            "%(name)s was introduced to %(n)d people.",
            f.introductions,
        ) % {"name": name, "n": f.introductions}
    if f.gives:
        return ngettext(
            "%(name)s gave somebody something without asking.",
            "%(name)s gave %(n)d times without asking.",
            f.gives,
        ) % {"name": name, "n": f.gives}
    if f.kept_this_week:
        return ngettext(
            "%(name)s kept a follow-up this week.",
            "%(name)s kept %(n)d follow-ups this week.",
            f.kept_this_week,
        ) % {"name": name, "n": f.kept_this_week}
    if f.has_target_line:
        return _("%(name)s can say in one line what they look for.") % {"name": name}
    return ""


def remarks(f: Figures) -> list[Remark]:
    """What to prepare for, most pressing first."""
    return [remark for look in LOOKS if (remark := look(f))]


def _closing(f: Figures) -> Remark | None:
    if not f.closing:
        return None
    return Remark(
        text=ngettext(
            "%(n)d good window ends this week.", "%(n)d good windows end this week.", f.closing
        )
        % {"n": f.closing},
        question=_("Which of them would be glad to hear from you?"),
    )


def _loops(f: Figures) -> Remark | None:
    if not f.loops_open:
        return None
    return Remark(
        text=ngettext(
            "%(n)d introducer has not heard how it went.",
            "%(n)d introducers have not heard how it went.",
            f.loops_open,
        )
        % {"n": f.loops_open},
        question=_("What could you tell them in two lines?"),
    )


def _stalls(f: Figures) -> Remark | None:
    if not f.stalls:
        return None
    return Remark(
        text=ngettext(
            "%(n)d introduction stands still.", "%(n)d introductions stand still.", f.stalls
        )
        % {"n": f.stalls},
        question=_("Whose move is it?"),
    )


def _stuck(f: Figures) -> Remark | None:
    early = f.steps[0] + f.steps[1]
    if f.people < STUCK_FROM or early * 2 <= f.people:
        return None
    return Remark(
        text=_("%(n)d of %(of)d people are still “Introduced” or only a name.")
        % {"n": early, "of": f.people},
        question=_("Whose work question could you answer?"),
    )


def _asks(f: Figures) -> Remark | None:
    if not f.asks_without_gives:
        return None
    return Remark(
        text=ngettext(
            "%(n)d person was asked for something and has had nothing back since.",
            "%(n)d people were asked for something and have had nothing back since.",
            f.asks_without_gives,
        )
        % {"n": f.asks_without_gives},
        question=_("What came of their advice? That is a give."),
    )


def _busy(f: Figures) -> Remark | None:
    if f.busiest_introducer < BUSY_FROM or f.busiest_introducer * 2 <= f.introductions_by_anybody:
        return None
    return Remark(
        text=_("One person made %(n)d of the last %(of)d introductions.")
        % {"n": f.busiest_introducer, "of": f.introductions_by_anybody},
        question=_("Who else could introduce you?"),
    )


def _too_often(f: Figures) -> Remark | None:
    if not f.too_often:
        return None
    return Remark(
        text=ngettext(
            "%(n)d person heard from them before the window was open.",
            "%(n)d people heard from them before the window was open.",
            f.too_often,
        )
        % {"n": f.too_often},
        question=_("What would make waiting easier?"),
    )


def _targets(f: Figures) -> Remark | None:
    if not f.has_target_line:
        return Remark(
            text=_("There is no line yet on what they look for."),
            question=_("Shall we write it together?"),
        )
    without = f.targets - f.targets_with_somebody
    if not without:
        return None
    return Remark(
        text=_("Nobody yet inside %(n)d of %(of)d targets.") % {"n": without, "of": f.targets},
        question=_("Who in the room may know somebody there?"),
    )


def _substance(f: Figures) -> Remark | None:
    half = len(f.substances) // 2
    if half < 3 or sum(f.substances[-half:]) <= sum(f.substances[:half]):
        return None
    return Remark(text=_("What people give has more substance than it had."))


def _quiet(f: Figures) -> Remark | None:
    if f.quiet_days is None or f.quiet_days < QUIET_DAYS or f.kept[-1] is None:
        return None
    return Remark(
        text=_("Quiet for %(n)d weeks. A call may help more than a number.")
        % {"n": f.quiet_days // 7},
        gentle=True,
    )


LOOKS: tuple[Callable[[Figures], Remark | None], ...] = (
    _closing,
    _loops,
    _stalls,
    _asks,
    _stuck,
    _busy,
    _too_often,
    _targets,
    _substance,
    _quiet,
)
