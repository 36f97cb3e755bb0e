"""The calendar feed: what stands in it, as calendar text (RFC 5545, RFC 7986).

Source of the rules: docs/decisions/0095-the-calendar-feed.md.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from contacts.selectors import last_notes
from followups import selectors
from followups.models import CalendarFeed
from followups.selectors.days import UPCOMING_DAYS as DAYS
from introductions.models import Opportunity
from netcrm.delivery.links import absolute
from netcrm.groups import selectors as groups

if TYPE_CHECKING:
    from netcrm.accounts.models import User

FETCH_AGAIN = dt.timedelta(hours=6)  # what we ask of programs; most decide for themselves
SALT = "followups.calendar"
MAC_BYTES = 24  # 192 bits
KEY_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One all-day entry.  ``uid`` stays the same however often the entry moves or is reworded."""

    uid: str
    on: dt.date
    title: str
    text: str = ""
    url: str = ""

    @property
    def digest(self) -> str:
        said = "\x1f".join((self.on.isoformat(), self.title, self.text, self.url))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """How often an entry has changed since it was first handed out, and when it last did."""

    number: int
    at: dt.datetime


def token_of(feed: CalendarFeed) -> str:
    """The secret part of the feed's address: the row's key and a MAC that its nonce changes."""
    return _encoded(feed.pk.bytes + _mac(feed, settings.SECRET_KEY))


def feed_of(token: str) -> CalendarFeed | None:
    """Return the feed that ``token`` opens now, or None; its owner is loaded with it."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except (ValueError, UnicodeEncodeError):
        return None
    if len(raw) != KEY_BYTES + MAC_BYTES or _encoded(raw) != token:
        return None
    rows = CalendarFeed.objects.select_related("owner").filter(owner__is_active=True)
    feed = rows.filter(pk=UUID(bytes=raw[:KEY_BYTES])).first()
    if feed is None:
        return None
    given = raw[KEY_BYTES:].hex()
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    fits = [constant_time_compare(given, _mac(feed, key).hex()) for key in keys]
    return feed if any(fits) else None


def _mac(feed: CalendarFeed, secret: str | bytes) -> bytes:
    said = f"{feed.pk.hex}:{feed.nonce.hex}"
    digest: bytes = salted_hmac(SALT, said, secret=secret, algorithm="sha256").digest()
    return digest[:MAC_BYTES]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def entries_of(feed: CalendarFeed, *, today: dt.date) -> list[Entry]:
    """What the next ``DAYS`` days hold of what the owner chose, by day.

    People stand on the days that the list of upcoming people shows them, so page, mail and
    calendar agree.  Without ``feed.names`` nobody is named and nothing typed is quoted; trust is
    in no entry whatever is chosen.
    """
    owner = feed.owner
    whole = feed.names and not owner.initials_only
    found: list[Entry] = []
    if feed.people:
        found += _people(owner, today, whole=whole, notes=feed.notes)
    if feed.promised:
        found += _promised(owner, today, whole=whole)
    if feed.interviews:
        found += _interviews(owner, today, whole=whole)
    return sorted(found, key=lambda entry: (entry.on, entry.uid))


def _people(owner: User, today: dt.date, *, whole: bool, notes: bool) -> list[Entry]:
    ahead = selectors.upcoming(owner, today, days=DAYS, initials=not whole)
    steps = [(one.day, step) for one in ahead for step in one.steps]
    said = last_notes(owner, [step.contact_id for _day, step in steps]) if notes else {}
    return [
        Entry(
            uid=str(step.id),
            on=day,
            title=step.do
            if step.name in step.do
            else _("%(name)s: %(do)s") % {"name": step.name, "do": step.do},
            text=said.get(step.contact_id, ""),
            url=absolute(reverse("contacts:detail", args=[step.contact_id])),
        )
        for day, step in steps
    ]


def _promised(owner: User, today: dt.date, *, whole: bool) -> list[Entry]:
    """What the owner said they will do in a group, on the day they said."""
    last = today + dt.timedelta(days=DAYS)
    rows = groups.open_commitments(owner) if owner.in_a_group else []
    return [
        Entry(
            uid=str(row.pk),
            on=day,
            title=_("Promised: %(what)s") % {"what": row.text}
            if whole
            else _("Promised in %(group)s") % {"group": row.membership.group.name},
            url=absolute(reverse("groups:group", args=[row.membership.group_id])),
        )
        for row in rows
        if (day := max(filter(None, (row.due_on, row.deferred_until)), default=None))
        and today <= day < last
    ]


def _interviews(owner: User, today: dt.date, *, whole: bool) -> list[Entry]:
    """The next act of each application, an interview above all."""
    rows = Opportunity.objects.visible_to(owner).exclude(stage=Opportunity.Stage.CLOSED)
    rows = rows.filter(
        next_action_on__gte=today, next_action_on__lt=today + dt.timedelta(days=DAYS)
    )
    return [
        Entry(uid=str(row.pk), on=row.next_action_on, title=_title(row, whole=whole))
        for row in rows.select_related("organization")
        if row.next_action_on
    ]


def _title(row: Opportunity, *, whole: bool) -> str:
    interview = row.stage == Opportunity.Stage.INTERVIEW
    if not whole:
        return _("Interview") if interview else _("Next step of an application")
    values = {"role": row.role, "place": row.organization.name, "what": row.next_action}
    if interview:
        return _("Interview: %(role)s, %(place)s") % values
    return (_("%(place)s: %(what)s") if row.next_action else _("%(place)s: %(role)s")) % values


def calendar_text(
    entries: Iterable[Entry], revisions: Mapping[str, Revision], *, language: str = "en"
) -> bytes:
    """The entries as one calendar, folded and escaped by the library.

    All-day and transparent, so nobody looks busy, and without alarms: mail is the reminder.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//NetCRM//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", _("People to write to"))
    calendar.add("x-wr-calname", _("People to write to"))
    calendar.add("refresh-interval", vDuration(FETCH_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(FETCH_AGAIN))
    for entry in entries:
        revision = revisions[entry.uid]
        event = Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", revision.at)
        event.add("last-modified", revision.at)
        event.add("sequence", revision.number)
        event.add("dtstart", entry.on)
        event.add("dtend", entry.on + dt.timedelta(days=1))
        event.add("summary", _one_line(entry.title))
        if entry.text:
            event.add("description", entry.text)
        if entry.url:
            event.add("url", entry.url)
        event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())
