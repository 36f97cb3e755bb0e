"""Words and drawings that the pages about follow-ups share."""

from __future__ import annotations

import datetime as dt

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from followups import selectors
from followups.why import RuleLine
from netcrm.kit.charts.band import Window, band, strip
from netcrm.kit.charts.drawing import Chart
from netcrm.kit.days import day_name as name_of_day
from netcrm.kit.days import day_when as when_of_day

register = template.Library()


@register.simple_tag
def window_strip(step: selectors.Step, day: dt.date) -> SafeString:
    """The band of a card: a strip without words, for the sentence stands beside it."""
    return strip(_drawn(step.window), today=day, uid=f"s{step.id.hex}")


@register.simple_tag
def window_band(step: selectors.Step, day: dt.date) -> Chart:
    """The band of a person's page, with its words and its table."""
    return band(_drawn(step.window), name=step.short_name, today=day, uid=f"b{step.id.hex}")


@register.simple_tag
def ring_strip(window: selectors.Window, day: dt.date, uid: str) -> SafeString:
    """The strip of a window that is not anybody's yet."""
    return strip(_drawn(window), today=day, uid=uid)


_OF_THE_PERSON = {
    "ring": "followups:rhythm_person",
    "person_rhythm": "followups:rhythm_person",
    "their_date": "contacts:their_date",
    "birthday": "contacts:edit",
    "reconnect": "contacts:detail",
}
_OF_EVERYBODY = {
    "tag_rhythm": "followups:rhythms",
    "daily_number": "followups:rhythms",
    "pause": "followups:pause",
}


@register.simple_tag
def setting_url(line: RuleLine, step: selectors.Step) -> str:
    """Where the owner changes what this line of “Show the rule” follows from; "" for nowhere."""
    if name := _OF_THE_PERSON.get(line.setting):
        return reverse(name, args=[step.contact_id])
    if line.setting == "later":
        return reverse("followups:later", args=[step.id])
    name = _OF_EVERYBODY.get(line.setting)
    return reverse(name) if name else ""


@register.filter
def day_name(day: dt.date, today: dt.date) -> str:
    """“tomorrow”, “Thursday”, “27 November”."""
    return name_of_day(day, today=today)


@register.filter
def day_when(day: dt.date, today: dt.date) -> str:
    """“tomorrow”, “on Thursday”, “on 27 November”."""
    return when_of_day(day, today=today)


def _drawn(window: selectors.Window) -> Window:
    return Window(
        opens_on=window.opens_on,
        best_on=window.best_on,
        fades_on=window.fades_on,
        quiet_on=window.quiet_on,
        last_on=window.last_on,
    )
