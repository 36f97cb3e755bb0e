"""An owner's days to come as a calendar file (RFC 5545): follow-ups, promises, dates, birthdays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vRecur

from contacts.models import Contact, Promise, TheirDate
from followups import selectors
from introductions.models import Opportunity
from netcrm.accounts.models import User

AHEAD_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One all-day entry; ``uid`` is the key of its row, so it stays the same in every export."""

    uid: str
    on: dt.date
    title: str
    yearly: bool = False


def calendar_of(owner: User, *, at: dt.datetime | None = None) -> Iterator[str]:
    """The calendar's lines; ``at`` is the moment of export, by default now."""
    now = at or timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//NetCRM//EN")
    calendar.add("version", "2.0")
    for day in days_of(owner, now):
        event = Event()
        event.add("uid", f"{day.uid}@netcrm")
        event.add("dtstamp", now)
        event.add("dtstart", day.on)
        event.add("dtend", day.on + dt.timedelta(days=1))
        event.add("summary", " ".join(day.title.split()))
        event.add("transp", "TRANSPARENT")
        if day.yearly:
            event.add("rrule", yearly(day.on))
        calendar.add_component(event)
    yield calendar.to_ical().decode()


def yearly(day: dt.date) -> vRecur:
    """Every year; 29 February as the last day of February, since three in four have none."""
    leap_day = {"BYMONTH": 2, "BYMONTHDAY": -1} if (day.month, day.day) == (2, 29) else {}
    return vRecur({"FREQ": "YEARLY", **leap_day})


def days_of(owner: User, now: dt.datetime) -> Iterator[Day]:
    """Everything with a day: what is due within a year, and birthdays of people in use."""
    today = owner.day(now)
    for one in selectors.upcoming(owner, today, days=AHEAD_DAYS):
        for step in one.steps:
            title = step.do if step.name in step.do else f"{step.name}: {step.do}"
            yield Day(uid=str(step.id), on=one.day, title=title)
    for promise in Promise.objects.visible_to(owner).open().select_related("contact"):
        if promise.due_on:
            title = _("Promised to %(name)s: %(text)s") if promise.by_me else "%(name)s: %(text)s"
            values = {"name": promise.contact.name, "text": promise.text}
            yield Day(uid=str(promise.pk), on=promise.due_on, title=title % values)
    for date in (
        TheirDate.objects.visible_to(owner).filter(closed_at=None).select_related("contact")
    ):
        title = _("%(name)s would welcome a word from now on") % {"name": date.contact.name}
        yield Day(uid=str(date.pk), on=date.on, title=title)
    chances = Opportunity.objects.visible_to(owner).exclude(next_action_on=None)
    for chance in chances.select_related("organization"):
        if chance.next_action_on:
            title = f"{chance.organization}: {chance.next_action or chance.role}"
            yield Day(uid=str(chance.pk), on=chance.next_action_on, title=title)
    people = Contact.objects.visible_to(owner).active().exclude(birthday_month=None)
    for person in people.by_name():
        if on := _birthday(person):
            title = _("Birthday of %(name)s") % {"name": person.name}
            yield Day(uid=str(person.pk), on=on, title=title, yearly=True)


def _birthday(person: Contact) -> dt.date | None:
    """The day itself, or one in a leap year when the year is not known."""
    if person.birthday_month is None or person.birthday_day is None:
        return None
    try:
        return dt.date(person.birthday_year or 2000, person.birthday_month, person.birthday_day)
    except ValueError:
        return None
