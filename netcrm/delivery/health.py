"""Is mail going out?  One reading, for the probe, the metrics and the operator's page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Now
from redis import Redis
from redis.exceptions import RedisError

from netcrm.delivery.models import Delivery, MailHost, PostRoom

RED_AFTER = dt.timedelta(seconds=300)
STUCK_AFTER = dt.timedelta(minutes=15)  # nothing sent for so long, and mail put off again and again
QUEUE = "celery"

State = Delivery.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the sending of mail stands.  Ages are in seconds; None means there is nothing."""

    due: int
    oldest_due_seconds: float | None
    leased: int
    unknown: int
    want_somebody: int
    swept_seconds_ago: float | None
    mail_trouble_seconds: float | None
    last_sent_seconds_ago: float | None
    oldest_put_off_seconds: float | None  # of mails the server said "later" to
    held: bool

    @property
    def complaints(self) -> list[str]:
        """What is wrong, in words for an operator; empty when all is well."""
        red = RED_AFTER.total_seconds()
        found = []
        if self.swept_seconds_ago is None:
            found.append("the sweep has never run: is beat running?")
        elif self.swept_seconds_ago >= red:
            found.append(f"the sweep last ran {self.swept_seconds_ago:.0f} s ago: is beat running?")
        if self.oldest_due_seconds is not None and self.oldest_due_seconds >= red:
            found.append(f"a mail has been due for {self.oldest_due_seconds:.0f} s")
        if self.mail_trouble_seconds is not None and self.mail_trouble_seconds >= red:
            found.append(f"the mail server has been failing for {self.mail_trouble_seconds:.0f} s")
        if self.stuck_seconds is not None:
            found.append(f"no mail could be sent for {self.stuck_seconds:.0f} s: all is put off")
        return found

    @property
    def stuck_seconds(self) -> float | None:
        """How long every mail has been put off, once that is too long; None while some go."""
        if self.oldest_put_off_seconds is None:
            return None
        ago = self.last_sent_seconds_ago
        since = (
            self.oldest_put_off_seconds if ago is None else min(self.oldest_put_off_seconds, ago)
        )
        return since if since >= STUCK_AFTER.total_seconds() else None


def read() -> Reading:
    """Take a reading, by the database's clock."""
    now = _database_now()

    def age(at: dt.datetime | None) -> float | None:
        return None if at is None else max((now - at).total_seconds(), 0.0)

    room = PostRoom.objects.filter(pk=1).first() or PostRoom()
    due = Delivery.objects.filter(state=State.DUE, due_at__lte=now)
    put_off = Delivery.objects.filter(state=State.DUE, retries__gt=0)
    trouble = MailHost.objects.filter(closed_until__isnull=False)
    return Reading(
        due=due.count(),
        oldest_due_seconds=age(due.aggregate(first=Min("due_at"))["first"]),
        leased=Delivery.objects.filter(state__in=[State.CLAIMED, State.SENDING]).count(),
        unknown=Delivery.objects.filter(state=State.UNKNOWN).count(),
        want_somebody=Delivery.objects.wants_somebody().count(),
        swept_seconds_ago=age(room.swept_at),
        mail_trouble_seconds=age(trouble.aggregate(first=Min("trouble_since"))["first"]),
        last_sent_seconds_ago=age(room.last_sent_at),
        oldest_put_off_seconds=age(put_off.aggregate(first=Min("owed_at"))["first"]),
        held=room.held_at is not None,
    )


def queue_length() -> int | None:
    """How many wake-ups wait in Redis; None when Redis does not answer."""
    client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1)
    try:
        return cast("int", client.llen(QUEUE))
    except RedisError:
        return None
    finally:
        client.close()


def _database_now() -> dt.datetime:
    PostRoom.objects.get_or_create(pk=1)
    now: dt.datetime = PostRoom.objects.annotate(now=Now()).values_list("now", flat=True)[0]
    return now if now.tzinfo else now.replace(tzinfo=dt.UTC)
