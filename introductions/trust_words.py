"""One person's trust as a page tells it: the stairs, what made each step, and the owner's view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from introductions import words
from introductions.engine import trust
from introductions.selectors import Exchange
from netcrm.kit.charts import stairs
from netcrm.kit.charts.drawing import Chart
from netcrm.kit.days import day_name

if TYPE_CHECKING:
    from contacts.models import Contact

# A few words for the riser of a step; the sentence stands in the table beneath.
RISES: Mapping[str, Promise] = {
    "trust.name_only": gettext_lazy("Not met"),
    "trust.introduced": gettext_lazy("Introduced"),
    "trust.in_touch": gettext_lazy("First contact"),
    "trust.acquainted": gettext_lazy("You followed up"),
    "trust.knows_work": gettext_lazy("Saw your work"),
    "trust.met_often": gettext_lazy("Met often"),
    "trust.worked_together": gettext_lazy("Worked together"),
    "trust.old_colleague": gettext_lazy("Knows your aim"),
    "trust.would_introduce": gettext_lazy("Passed you on"),
    "trust.would_vouch": gettext_lazy("Spoke up for you"),
    "trust.put_name": gettext_lazy("Gave their name"),
    "trust.slipped": gettext_lazy("Long silence"),
    "trust.promise": gettext_lazy("A promise not kept"),
    "trust.override": gettext_lazy("Your own view"),
}

EVENTS: Mapping[trust.Kind, Promise] = {
    trust.Kind.INTRODUCED: gettext_lazy("You were introduced, %(on)s"),
    trust.Kind.TWO_WAY: gettext_lazy("You were in touch both ways, %(on)s"),
    trust.Kind.ANSWERED_IN_A_DAY: gettext_lazy("You answered within a day, %(on)s"),
    trust.Kind.THANKED_IN_A_DAY: gettext_lazy("You thanked them within a day, %(on)s"),
    trust.Kind.REPORTED_BACK: gettext_lazy("You told them what came of it, %(on)s"),
    trust.Kind.SAW_WORK: gettext_lazy("They saw your work, %(on)s"),
    trust.Kind.TOLD_TARGET: gettext_lazy("You told them what you look for, %(on)s"),
    trust.Kind.REFERRED: gettext_lazy("They gave you somebody, %(on)s"),
    trust.Kind.LOOP_CLOSED: gettext_lazy("They heard what came of it, %(on)s"),
    trust.Kind.SPOKE_FOR_ME: gettext_lazy("They spoke up for you, %(on)s"),
    trust.Kind.WORKED_TOGETHER: gettext_lazy("You worked together (written down %(on)s)"),
    trust.Kind.BROKEN_PROMISE: gettext_lazy("A promise was let go, %(on)s"),
    trust.Kind.OVERRIDE: gettext_lazy("You said so yourself, %(on)s"),
}
# Where the row behind an event is shown; other rows have no page of their own.
_PAGES = {
    **dict.fromkeys(
        (
            trust.Kind.TWO_WAY,
            trust.Kind.ANSWERED_IN_A_DAY,
            trust.Kind.THANKED_IN_A_DAY,
            trust.Kind.REPORTED_BACK,
            trust.Kind.SAW_WORK,
            trust.Kind.TOLD_TARGET,
            trust.Kind.LOOP_CLOSED,
        ),
        "contacts:exchange",
    ),
    trust.Kind.INTRODUCED: "introductions:detail",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that made a step, with the page that shows it."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the history: the step that held from ``on``, why, and the events behind it."""

    on: date
    word: str
    why: str
    events: list[Event]


def history(step: trust.Step, *, name: str, today: date) -> list[Change]:
    """Every change of the step with what made it, the latest first."""
    return [
        Change(
            on=one.on,
            word=str(words.STEP_WORDS[one.level]),
            why=words.trust_sentence(one.reason.code, one.reason.facts, name=name, today=today),
            events=events(one.because, today=today),
        )
        for one in reversed(step.history)
    ]


def events(because: Sequence[trust.Evidence], *, today: date) -> list[Event]:
    return [
        Event(text=str(EVENTS[one.kind]) % {"on": day_name(one.on, today=today)}, url=_page(one))
        for one in because
    ]


def _page(event: trust.Evidence) -> str:
    page = _PAGES.get(event.kind)
    return reverse(page, args=[UUID(event.ref)]) if page and event.ref else ""


def chart(
    step: trust.Step, exchanges: Sequence[Exchange], contact: Contact, *, today: date
) -> Chart:
    """The stairs, with what passed between the two on them."""
    owner = contact.owner
    rises = [
        stairs.Rise(on=one.on, step=one.level, label=str(RISES[one.reason.code]))
        for one in step.history
    ]
    marks = [
        stairs.Mark(
            on=owner.day(one.at),
            kind="give" if one.is_give else "both" if one.two_way else "yours",
        )
        for one in exchanges
    ]
    return stairs.stairs(rises, marks, name=contact.short_name, today=today, uid="stairs")


def since(step: trust.Step, *, today: date) -> str:
    """Since when the present step holds."""
    if step.since is None:
        return ""
    return _("Since %(day)s.") % {"day": day_name(step.since, today=today)}
