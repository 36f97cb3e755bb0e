"""Reminders in words: the same people as Today, with what to do, why, and links to act.

Each function writes the letter of one row of the ledger, or returns None when there is
nothing to say, and sends nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.selectors import last_notes
from followups import selectors
from followups.action_links import Act, action_url
from followups.selectors import Step
from netcrm.accounts.models import EVERY_DAY, User
from netcrm.accounts.models import WEEKDAYS as WORKDAYS
from netcrm.delivery.engine.retry import Lateness, lateness
from netcrm.delivery.links import absolute, unsubscribe_url
from netcrm.delivery.models import Delivery
from netcrm.delivery.policies import stream_of
from netcrm.groups import selectors as groups
from netcrm.kit import mail
from netcrm.kit.days import day_name
from netcrm.kit.mail import Letter
from netcrm.kit.text import one_line

A_FEW = 3  # of each kind, in a mail that would be too long with all of them
LONGEST_NOTE = 160  # characters of the last note
CLOSING_WITHIN = dt.timedelta(days=2)  # a window that ends this soon is about to close


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One person of the mail, with the links to act."""

    step: Step
    name: str
    note: str
    done_url: str
    later_url: str
    write_url: str
    stop_url: str


def digest(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """The reminder of one day: exactly the people of Today, or those about to close."""
    owner = delivery.owner
    today = _today(owner, at)
    people, also = today.cards, today.also
    if owner.reminder_speed == User.Speed.CLOSING:
        people, also = tuple(step for step in (*people, *also) if _is_closing(step, today.day)), ()
    return _reminder(delivery, people, also, today=today, at=at)


def weekly(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """The reminder of one week: Today's people, and whom each of the next six days will show."""
    owner = delivery.owner
    today = _today(owner, at)
    ahead = selectors.upcoming(owner, today.day, days=7, initials=owner.initials_only)
    week = tuple((on.day, step) for on in ahead if on.day > today.day for step in on.steps)
    return _reminder(delivery, today.cards, today.also, week=week, today=today, at=at)


def summary(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """What is due now, in place of the mails that an outage kept back."""
    today = _today(delivery.owner, at)
    return _reminder(delivery, today.cards, today.also, today=today, at=at)


def thanks(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """The evening's one extra: whoever was met today and has not been thanked yet."""
    today = _today(delivery.owner, at)
    met = tuple(step for step in (*today.cards, *today.also) if step.purpose == "met")
    return _reminder(delivery, met, (), today=today, at=at)


def _today(owner: User, at: dt.datetime) -> selectors.Today:
    return selectors.today_cards(owner, owner.day(at), initials=owner.initials_only)


def _is_closing(step: Step, day: dt.date) -> bool:
    return not step.is_quiet and day <= step.window.fades_on <= day + CLOSING_WITHIN


def _reminder(
    delivery: Delivery,
    people: tuple[Step, ...],
    also: tuple[Step, ...],
    *,
    today: selectors.Today,
    at: dt.datetime,
    week: tuple[tuple[dt.date, Step], ...] = (),
) -> Letter | None:
    owner = delivery.owner
    said = _from_groups(delivery, today.day)
    if not (people or week or said):  # people who can wait are no reason to write
        return None
    with timezone.override(owner.zone):
        context: dict[str, Any] = {
            "owner": owner,
            "delivery": delivery,
            "greeting": _greeting(owner, at),
            "cards": _cards(owner, people),
            "also": also,
            "week": week,
            "said": said,
            "subject": _subject(owner, people or tuple(step for _day, step in week)),
            "next": today.next,
            "next_day": day_name(today.next.shows_on, today=today.day) if today.next else "",
            "late": _late(delivery, at),
            "folded": delivery.folded.count(),
            "rhythm": _rhythm(delivery, owner),
            "today_url": absolute(reverse("followups:today")),
            "delivery_url": absolute(reverse("followups:delivery")),
            "pause_url": action_url(Act.PAUSE, owner=owner),
            "unsubscribe_url": unsubscribe_url(stream=stream_of(delivery), owner_id=owner.pk),
        }
        try:
            return mail.write("reminder", context)
        except mail.TooLong:
            return mail.write("reminder", context | _shortened(context))


def _shortened(context: dict[str, Any]) -> dict[str, Any]:
    """The first few of each kind, where all of them would be cut off in the reader's hands."""
    said: groups.ForMail = context["said"]
    return {
        "shortened": True,
        "cards": context["cards"][:A_FEW],
        "also": context["also"][:A_FEW],
        "week": context["week"][:A_FEW],
        "said": groups.ForMail(
            comments=said.comments[:A_FEW], commitments=said.commitments[:A_FEW]
        ),
    }


def _from_groups(delivery: Delivery, day: dt.date) -> groups.ForMail:
    """What leaders said since the last reminder, and what was promised in the room by tomorrow."""
    if delivery.kind == Delivery.Kind.THANKS:
        return groups.ForMail()
    sent = Delivery.objects.filter(owner=delivery.owner_id, kind__in=Delivery.REMINDERS)
    last = sent.exclude(sent_at=None).order_by("-sent_at").first()
    return groups.for_mail(delivery.owner, since=last.sent_at if last else None, day=day)


def _cards(owner: User, people: tuple[Step, ...]) -> list[Card]:
    notes: dict[UUID, str] = {}
    if not owner.initials_only:
        notes = last_notes(owner, [step.contact_id for step in people])
    return [_card(owner, step, notes.get(step.contact_id, "")) for step in people]


def _card(owner: User, step: Step, note: str) -> Card:
    return Card(
        step=step,
        name=step.name,
        note=Truncator(one_line(note)).chars(LONGEST_NOTE),
        done_url=action_url(Act.DONE, owner=owner, about=step.id),
        later_url=action_url(Act.LATER, owner=owner, about=step.id),
        write_url=absolute(reverse("contacts:detail", args=[step.contact_id])),
        stop_url=action_url(Act.STOP, owner=owner, about=step.id),
    )


def _subject(owner: User, people: tuple[Step, ...]) -> str:
    """Who it is about, never what is thought of them; or only how many."""
    count = len(people)
    if not people:
        return _("A word from your group")
    if owner.discreet_subjects:
        return ngettext("One small thing today", "%(count)d small things today", count) % {
            "count": count
        }
    first = people[0].short_name
    if count == 1:
        return _("%(name)s today") % {"name": first}
    if count == 2:
        return _("%(name)s and %(other)s today") % {"name": first, "other": people[1].short_name}
    return _("%(name)s and %(count)d more today") % {"name": first, "count": count - 1}


def _greeting(owner: User, at: dt.datetime) -> str:
    hour = at.astimezone(owner.zone).hour
    name = owner.name.split()[0] if owner.name.strip() else ""
    if hour < 12:
        return _("Good morning, %(name)s,") % {"name": name} if name else _("Good morning,")
    if hour < 18:
        return _("Good afternoon, %(name)s,") % {"name": name} if name else _("Good afternoon,")
    return _("Good evening, %(name)s,") % {"name": name} if name else _("Good evening,")


def _late(delivery: Delivery, at: dt.datetime) -> dt.datetime | None:
    """When the mail was due, if it is late enough to say so."""
    if delivery.kind == Delivery.Kind.SUMMARY:
        return None
    if lateness(due_at=delivery.owed_at, now=at) is Lateness.ON_TIME:
        return None
    return delivery.owed_at.astimezone(delivery.owner.zone)


def _rhythm(delivery: Delivery, owner: User) -> str:
    """When this kind of mail is sent, as its last line says."""
    place = owner.time_zone.rpartition("/")[2].replace("_", " ")
    hour = owner.send_at.strftime("%H:%M")
    values = {"hour": hour, "place": place, "weekday": WEEKDAYS[owner.weekly_on]}
    if delivery.kind == Delivery.Kind.THANKS:
        return _("Sent on the evening of a day on which you met somebody.")
    if delivery.kind == Delivery.Kind.WEEKLY:
        return _("Sent every %(weekday)s at %(hour)s %(place)s time.") % values
    if owner.send_weekdays == WORKDAYS:
        return _("Sent weekdays at %(hour)s %(place)s time.") % values
    if owner.send_weekdays == EVERY_DAY:
        return _("Sent every day at %(hour)s %(place)s time.") % values
    return _("Sent on the days you chose, at %(hour)s %(place)s time.") % values
