"""The ledger's moves, each one conditional statement, by the database's clock.

A worker owns a row while its token stands on it and the lease has not run out.  Every
move says which token and state it expects, so that a worker that was frozen, or cut off
from the database, finds its move refused instead of doing harm.

Source: docs/decisions/0051-what-a-mail-can-be.md.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import DateTimeField, Expression, F, Q, Value
from django.db.models.functions import Now

from netcrm.delivery.models import Delivery

State = Delivery.State
SUSPECT_AFTER = 3  # a row held by so many workers that died is tried alone from then on
GIVEN_UP_AFTER = 10  # and given up when so many have died of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The moves.  ``at`` is for replays and tests; None means the database's own clock."""

    at: dt.datetime | None = None

    @property
    def now(self) -> Expression:
        if self.at is None:
            return Now()
        return Value(self.at, output_field=DateTimeField())

    @property
    def lease(self) -> dt.timedelta:
        return dt.timedelta(seconds=settings.DELIVERY_LEASE_SECONDS)

    def later(self, wait: dt.timedelta) -> Any:
        """``wait`` from now, in the database's clock."""
        return self.at + wait if self.at is not None else Now() + wait

    def claim(self, *, limit: int, suspect: bool = False) -> list[Delivery]:
        """Take up to ``limit`` due rows, oldest first; no two workers get the same row.

        Args:
            suspect: take rows whose workers keep dying, which ``limit`` 1 tries alone, so
                that their neighbours in a batch are not blamed; otherwise all but those.
        """
        token = uuid.uuid4()
        ids = self.put_token(token, limit=limit, suspect=suspect)
        if not ids:
            return []
        return list(
            Delivery.objects.filter(pk__in=ids, claim_token=token)
            .select_related("owner")
            .order_by("due_at", "id")
        )

    def put_token(self, token: uuid.UUID, *, limit: int, suspect: bool = False) -> list[Any]:
        """Put ``token`` on up to ``limit`` due rows, in one statement; return their keys."""
        with connection.cursor() as cursor:
            cursor.execute(
                CLAIM[connection.vendor], self.claim_values(token, limit=limit, suspect=suspect)
            )
            return [row[0] for row in cursor.fetchall()]

    def claim_values(self, token: uuid.UUID, *, limit: int, suspect: bool) -> dict[str, Any]:
        """What the claim's statement names."""
        return self._clock_values() | {
            "token": token.hex,
            "limit": limit,
            "least": SUSPECT_AFTER if suspect else 0,
            "most": GIVEN_UP_AFTER if suspect else SUSPECT_AFTER - 1,
        }

    def _clock_values(self) -> dict[str, Any]:
        return {
            "now": None if self.at is None else self._stored(self.at),
            "lease": self.lease.total_seconds(),
            "lease_words": f"+{self.lease.total_seconds():.3f} seconds",
        }

    def renew(self, rows: list[Delivery]) -> int:
        """Keep ``rows``, all of one claim, for another lease; return how many are still ours."""
        if not rows:
            return 0
        return (
            Delivery.objects.filter(
                pk__in=[row.pk for row in rows],
                claim_token=rows[0].claim_token,
                state=State.CLAIMED,
                lease_until__gt=self.now,
            )
        ).update(lease_until=self.later(self.lease))

    def give_back(self, rows: list[Delivery]) -> int:
        """Return claimed rows untried: a worker is stopping, or the server is in trouble."""
        if not rows:
            return 0
        return Delivery.objects.filter(
            pk__in=[row.pk for row in rows],
            claim_token=rows[0].claim_token,
            state=State.CLAIMED,
        ).update(state=State.DUE, claim_token=None, lease_until=None)

    def mark_sending(
        self, row: Delivery, *, message_id: str, recipient: str, stream: str = ""
    ) -> bool:
        """The fence, passed just before DATA: may this mail, as it was prepared, go now?

        False when the row is not ours any more, when what ``policies.why_not`` looks at is not
        as it was when ``row`` was read, or when somebody has stopped mail of ``stream`` to
        ``recipient`` since.
        """
        owner = row.owner
        return self._move(
            MARK_SENDING,
            row,
            message_id=message_id,
            recipient=recipient,
            address=recipient.lower(),
            stream=stream,
            email=owner.email,
            paused_until=connection.ops.adapt_datefield_value(owner.paused_until),
            time_zone=owner.time_zone,
            reminder_speed=owner.reminder_speed,
            thanks_nudge=owner.thanks_nudge,
        )

    def mark_sent(self, row: Delivery) -> bool:
        """The server said 250.

        That holds even when our lease had run out meanwhile and a sweep marked the row:
        then this settles it, before it is sent again.
        """
        return self._move(MARK_SENT, row, marked_count=row.unknown_count + 1)

    def _move(self, sql: Mapping[str, str], row: Delivery, **values: Any) -> bool:
        """Run one of the two statements that every mail needs; True when the row was ours.

        They are written out because the ORM takes longer to word them than PostgreSQL to do them.
        """
        if row.claim_token is None:
            return False
        keys = {"id": row.pk.hex, "token": row.claim_token.hex}
        with connection.cursor() as cursor:
            cursor.execute(sql[connection.vendor], self._clock_values() | keys | values)
            return bool(cursor.rowcount)

    def mark_unknown(self, row: Delivery, *, wait: dt.timedelta, error: str) -> bool:
        """The connection was lost after the dot."""
        return bool(
            self._held(row, State.SENDING).update(
                state=State.UNKNOWN,
                unknown_count=F("unknown_count") + 1,
                due_at=self.later(wait),
                claim_token=None,
                lease_until=None,
                last_error=error[:500],
            )
        )

    def put_off(self, row: Delivery, *, wait: dt.timedelta, error: str) -> bool:
        """Surely not sent; try again after ``wait``."""
        return bool(
            self._held(row, State.CLAIMED, State.SENDING).update(
                state=State.DUE,
                retries=F("retries") + 1,
                due_at=self.later(wait),
                claim_token=None,
                lease_until=None,
                last_error=error[:500],
            )
        )

    def put_back(self, row: Delivery, *, error: str) -> bool:
        """Surely not sent, and through no fault of its own: due as before."""
        return bool(
            self._held(row, State.CLAIMED, State.SENDING).update(
                state=State.DUE, claim_token=None, lease_until=None, last_error=error[:500]
            )
        )

    def end(self, row: Delivery, state: Delivery.State, *, why: str = "") -> bool:
        """Bring a claimed row to a last state other than sent."""
        return bool(
            self._held(row, State.CLAIMED, State.SENDING).update(
                state=state, claim_token=None, lease_until=None, last_error=why[:500]
            )
        )

    def take_back(self) -> tuple[int, int]:
        """Rows whose worker died or froze: (due again, perhaps sent).

        What had not reached DATA is due again at no risk.  A row in *sending* may have
        been sent.  A row that takes worker after worker down is given up.
        """
        over = Delivery.objects.filter(lease_until__lte=self.now)
        free = {"claim_token": None, "lease_until": None, "taken_back": F("taken_back") + 1}
        over.filter(state=State.CLAIMED, taken_back__gte=GIVEN_UP_AFTER - 1).update(
            state=State.DEAD, last_error="Its worker stopped every time it was tried.", **free
        )
        due = over.filter(state=State.CLAIMED).update(state=State.DUE, **free)
        unknown = over.filter(state=State.SENDING).update(
            state=State.UNKNOWN,
            unknown_count=F("unknown_count") + 1,
            due_at=self.later(dt.timedelta(seconds=settings.DELIVERY_UNKNOWN_WAIT_SECONDS)),
            last_error="The worker stopped before it could hear the server's answer.",
            **free,
        )
        return due, unknown

    def settle_unknown(self) -> tuple[int, int]:
        """Decide about mail that may have been sent: (sent again, held).

        Mail to oneself goes again once, after a wait; everything else is held.
        """
        unknown = Delivery.objects.filter(state=State.UNKNOWN)
        for_a_person = Q(unknown_count__gte=2) | Q(kind=Delivery.Kind.THIRD_PARTY)
        held = unknown.filter(for_a_person).update(state=State.HELD)
        # Said once more: another sweep may have marked such a row since the line above.
        again = unknown.exclude(for_a_person).filter(due_at__lte=self.now).update(state=State.DUE)
        return again, held

    def _held(self, row: Delivery, *states: Delivery.State) -> Any:
        return Delivery.objects.filter(pk=row.pk, claim_token=row.claim_token, state__in=states)

    @staticmethod
    def _stored(at: dt.datetime) -> Any:
        return connection.ops.adapt_datetimefield_value(at)


# The database's clock, and a lease from now, as each database words and keeps them.
CLOCKS = {
    "postgresql": {
        "now": "COALESCE(%(now)s::timestamptz, STATEMENT_TIMESTAMP())",
        "later": "COALESCE(%(now)s::timestamptz, STATEMENT_TIMESTAMP())"
        " + make_interval(secs => %(lease)s)",
        "uuid": "::uuid",
        "is": "IS NOT DISTINCT FROM",
        # No wait for the disk: this connection's next fence waits, and takes this along.
        "unhurried": "FROM (SELECT set_config('synchronous_commit', 'off', true)) AS unhurried",
    },
    "sqlite": {
        "now": "COALESCE(%(now)s, STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now'))",
        "later": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', COALESCE(%(now)s, 'now'), %(lease_words)s)",
        "uuid": "",
        "is": "IS",
        "unhurried": "",
    },
}


def _worded(sql: str) -> dict[str, str]:
    """A statement by database, with its clock in it."""
    return {vendor: sql.format(**words) for vendor, words in CLOCKS.items()}


# The common table expression is a fence: the planner runs it once, so LIMIT means what it
# says (a subquery may be run again for every row).  On SQLite one statement takes the write
# lock, reads and writes.
_CLAIM_POSTGRESQL = """
WITH picked AS (
    SELECT id FROM delivery_delivery
    WHERE state = 'due' AND due_at <= {now}
      AND taken_back BETWEEN %(least)s AND %(most)s
    ORDER BY due_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE delivery_delivery AS row
SET state = 'claimed', claim_token = %(token)s{uuid}, lease_until = {later}
FROM picked
WHERE row.id = picked.id
RETURNING row.id
"""
_CLAIM_SQLITE = """
UPDATE delivery_delivery
SET state = 'claimed', claim_token = %(token)s{uuid}, lease_until = {later}
WHERE id IN (
    SELECT id FROM delivery_delivery
    WHERE state = 'due' AND due_at <= {now}
      AND taken_back BETWEEN %(least)s AND %(most)s
    ORDER BY due_at
    LIMIT %(limit)s
)
RETURNING id
"""
CLAIM = {
    "postgresql": _CLAIM_POSTGRESQL.format(**CLOCKS["postgresql"]),
    "sqlite": _CLAIM_SQLITE.format(**CLOCKS["sqlite"]),
}
# What is compared here is what policies.why_not has judged.  A change after this is too late:
# the words are on their way.
MARK_SENDING = _worded("""
UPDATE delivery_delivery
SET state = 'sending', message_id = %(message_id)s, recipient = %(recipient)s,
    lease_until = {later}
WHERE id = %(id)s{uuid} AND claim_token = %(token)s{uuid} AND state = 'claimed'
  AND lease_until > {now}
  AND EXISTS (
    SELECT 1 FROM accounts_user AS owner
    WHERE owner.id = delivery_delivery.owner_id
      AND owner.is_active AND owner.leaves_at IS NULL
      AND owner.email = %(email)s AND owner.time_zone = %(time_zone)s
      AND owner.paused_until {is} %(paused_until)s
      AND owner.reminder_speed = %(reminder_speed)s AND owner.thanks_nudge = %(thanks_nudge)s)
  AND NOT EXISTS (
    SELECT 1 FROM delivery_suppression
    WHERE address = %(address)s AND stream IN ('', %(stream)s) AND lifted_at IS NULL)
  AND (kind <> 'third_party' OR NOT EXISTS (
    SELECT 1 FROM delivery_objection AS objection
    WHERE objection.owner_id = delivery_delivery.owner_id AND objection.address = %(address)s))
""")
MARK_SENT = _worded("""
UPDATE delivery_delivery
SET state = 'sent', sent_at = {now}, claim_token = NULL, lease_until = NULL, last_error = ''
{unhurried}
WHERE id = %(id)s{uuid} AND (
    claim_token = %(token)s{uuid} AND state = 'sending'
    OR claim_token IS NULL AND state IN ('unknown', 'held', 'due')
      AND unknown_count = %(marked_count)s
)
""")
