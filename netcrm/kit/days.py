"""Days in words, as one person tells another: “two weeks ago”, “Thursday”, “27 November”.

Every function takes the day it is spoken on, so that mail, page and test say the same.
"""

from __future__ import annotations

from datetime import date

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

NEAR_DAYS = 6  # days ahead that a weekday's name still means the coming one
YEAR_NAMED_AFTER = 300  # days from which a date without its year could be misread


def ago(day: date, *, today: date) -> str:
    """Return how long before ``today`` a day lies: “today”, “three days ago”, “two weeks ago”.

    Days up to a fortnight, weeks up to two months, months up to two years, then years, each
    rounded down.  A day to come is named as in ``day_name``.
    """
    days = (today - day).days
    if days < 0:
        return day_name(day, today=today)
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days < 14:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": apnumber(days)}
    if days < 61:
        weeks = days // 7
        return ngettext("%(n)s week ago", "%(n)s weeks ago", weeks) % {"n": apnumber(weeks)}
    if days < 730:
        months = int(days / 30.44)
        return ngettext("%(n)s month ago", "%(n)s months ago", months) % {"n": apnumber(months)}
    years = int(days / 365.25)
    return ngettext("%(n)s year ago", "%(n)s years ago", years) % {"n": apnumber(years)}


def day_name(day: date, *, today: date) -> str:
    """Return a day to stand after “until” or “before”: “tomorrow”, “Thursday”, “27 November”.

    The year is named only where leaving it out could mislead.
    """
    days = (day - today).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if 1 < days <= NEAR_DAYS:
        return date_format(day, "l")
    if abs(days) > YEAR_NAMED_AFTER:
        return date_format(day, pgettext("a day of another year", "j F Y"))
    return date_format(day, pgettext("a day of this year", "j F"))


def day_when(day: date, *, today: date) -> str:
    """Return a day as an answer to “when?”: “tomorrow”, “on Thursday”, “on 27 November”."""
    if abs((day - today).days) <= 1:
        return day_name(day, today=today)
    return _("on %(day)s") % {"day": day_name(day, today=today)}


def short_day(day: date) -> str:
    """Return a day for a table or a band: “Thu 27 Nov”."""
    return date_format(day, pgettext("a day in a narrow place", "D j M"))


def month_of(day: date) -> str:
    """Return the month a day lies in, with its year: “June 2026”."""
    return date_format(day, pgettext("a month and its year", "F Y"))
