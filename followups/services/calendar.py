"""Turning the calendar feed on and off, and keeping count of how its entries changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from followups.feed import Entry, Revision
from followups.models import CalendarFeed
from netcrm.accounts.models import User

REMEMBERED = timedelta(days=90)  # an entry that comes back within it goes on counting


def choose(*, by: User, **chosen: bool) -> CalendarFeed:
    """Turn the feed on, or change what stands in it; its address stays."""
    return CalendarFeed.objects.update_or_create(owner=by, defaults=chosen)[0]


def renew(*, by: User) -> None:
    """Give the feed another address; the old one leads nowhere from now on."""
    CalendarFeed.objects.filter(owner=by).update(nonce=uuid4())


def stop(*, by: User) -> None:
    """Turn the feed off; its address leads nowhere from now on."""
    CalendarFeed.objects.filter(owner=by).delete()


@transaction.atomic
def publish(*, feed: CalendarFeed, entries: Iterable[Entry], at: datetime) -> dict[str, Revision]:
    """Return the revision of each entry, having counted those that changed since last handed out.

    A fetch that finds nothing changed writes nothing.  Whoever turned the feed off meanwhile gets
    revisions that are kept nowhere.
    """
    row = CalendarFeed.objects.select_for_update().filter(pk=feed.pk).first()
    known: dict[str, dict[str, Any]] = row.published if row else {}
    now = {entry.uid: _revised(known.get(entry.uid), entry.digest, at) for entry in entries}
    gone = {
        uid: {**was, "digest": "", "at": was["at"] if not was["digest"] else at.isoformat()}
        for uid, was in known.items()
        if uid not in now
    }
    recent = {
        uid: was for uid, was in gone.items() if datetime.fromisoformat(was["at"]) > at - REMEMBERED
    }
    if row and (now | recent) != known:
        row.published = now | recent
        row.save(update_fields=["published"])
    return {
        uid: Revision(number=said["number"], at=datetime.fromisoformat(said["at"]))
        for uid, said in now.items()
    }


def _revised(was: dict[str, Any] | None, digest: str, at: datetime) -> dict[str, Any]:
    if was and was["digest"] == digest:
        return was
    number = was["number"] + 1 if was else 0
    return {"number": number, "digest": digest, "at": at.replace(microsecond=0).isoformat()}
