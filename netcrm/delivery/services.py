"""Owing, planning and sending mail."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import (
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from netcrm.accounts.models import EVERY_DAY, User
from netcrm.delivery import breaker, letters, policies
from netcrm.delivery.engine import retry, timetable
from netcrm.delivery.engine.retry import Verdict
from netcrm.delivery.engine.timetable import Timetable
from netcrm.delivery.ledger import Ledger
from netcrm.delivery.models import (
    Delivery,
    MailEvent,
    Objection,
    PostRoom,
    Schedule,
    Suppression,
    Tally,
)
from netcrm.delivery.post import Post, Trouble, configured
from netcrm.kit.holidays import public_holidays
from netcrm.kit.mail import Letter
from netcrm.kit.zones import zone_data

logger = logging.getLogger(__name__)

Kind = Delivery.Kind
State = Delivery.State
DATABASE_TROUBLE = (OperationalError, InterfaceError, InternalError)

CHUNK = 500  # rows planned in one transaction
BATCH = 50  # mails claimed at once
FOLDED_WHEN_LATE = (Kind.DIGEST, Kind.WEEKLY, Kind.THANKS)
SILENT = "silent"  # outcome: the server could not be reached; this worker asks it no more for now
THANKS_AT = dt.time(19, 0)  # wall clock of the evening thank-you
BOUNCES_THAT_STOP = 2  # hard bounces within BOUNCE_SPAN before an address is given up
BOUNCE_SPAN = dt.timedelta(days=30)
KEPT = dt.timedelta(days=400)  # a year and a month, so that a year can be looked back upon


# Owing


def owe(
    *,
    owner: User,
    kind: Delivery.Kind,
    at: dt.datetime,
    slot: str = "",
    letter: str = "",
    about: UUID | None = None,
    recipient: str = "",
) -> Delivery:
    """Owe one mail, due at ``at``; the same mail is owed once however often this is called.

    Args:
        slot: tells apart mails of one kind and day; name the thing the mail is about.
        letter: key in ``settings.DELIVERY_LETTERS``, where the kind alone does not say.
        recipient: whom to write to; needed, and only used, for THIRD_PARTY.
    """
    return Delivery.objects.get_or_create(
        owner=owner,
        kind=kind,
        local_on=owner.day(at),
        slot=slot,
        defaults={
            "letter": letter,
            "about": about,
            "recipient": recipient,
            "owed_at": at,
            "due_at": at,
        },
    )[0]


def owe_test_mail(owner: User, *, at: dt.datetime) -> Delivery:
    """Owe the test mail of the delivery page: one a minute at most."""
    return owe(owner=owner, kind=Kind.TEST, at=at, slot=at.strftime("%H:%M"))


# The sweep: what is owed, and what was left lying


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did; ``due`` is how many mails wait for a worker now."""

    planned: int
    taken_back: int
    unknown: int
    folded: int
    due: int


def sweep(*, at: dt.datetime | None = None) -> Swept:
    """Bring the ledger up to date.  Any number of sweeps may run, at once or never.

    Makes the timetables match people's settings, owes the mails whose moment has come,
    takes back what dead workers held, decides about mail that may have been sent, and
    folds what is long overdue into one.

    Args:
        at: for replays and tests; None means the database's clock.
    """
    ledger = Ledger(at=at)
    now = at or timezone.now()
    room()
    PostRoom.objects.update(swept_at=ledger.now)
    reconcile(now=now)
    planned = materialise(ledger, now=now)
    taken_back, unknown = ledger.take_back()
    ledger.settle_unknown()
    folded = fold(now=now)
    due = Delivery.objects.filter(state=State.DUE, due_at__lte=ledger.now).count()
    return Swept(planned=planned, taken_back=taken_back, unknown=unknown, folded=folded, due=due)


def room() -> PostRoom:
    """The one row; made on first use."""
    return PostRoom.objects.get_or_create(pk=1)[0]


# What a schedule was worked out from; a difference means it must be worked out again.
SETTINGS = ("time_zone", "send_at", "send_weekdays", "weekly_on", "country")
MOVED = ("next_on", "next_at", "last_on", *SETTINGS, "zone_data")  # what a turn writes
WANTED = {
    Kind.DIGEST: Q(reminder_speed__in=policies.SPEEDS[Kind.DIGEST]),
    Kind.WEEKLY: Q(reminder_speed__in=policies.SPEEDS[Kind.WEEKLY]),
    Kind.THANKS: Q(thanks_nudge=True),
}


def timetable_of(user: User, kind: Delivery.Kind) -> Timetable:
    """The days and the hour on which ``user`` gets a returning kind of mail."""
    send_at, weekdays = user.send_at, user.send_weekdays
    if kind == Kind.WEEKLY:
        weekdays = 1 << user.weekly_on
    elif kind == Kind.THANKS:
        send_at, weekdays = THANKS_AT, EVERY_DAY
    return Timetable(
        zone=user.zone,
        send_at=send_at,
        weekdays=frozenset(day for day in range(7) if weekdays >> day & 1),
        free=public_holidays(user.country) if kind == Kind.DIGEST else (),
    )


def reconcile(*, now: dt.datetime) -> int:
    """Make the schedules match people's settings and the zone data; return how many changed.

    The soonest first.  One whose moment has come is left to ``materialise``, which owes what was
    missed before it moves on.
    """
    changed = 0
    for kind, wanted in WANTED.items():
        schedules = Schedule.objects.filter(kind=kind)
        users = User.objects.filter(wanted, is_active=True, leaves_at=None)
        schedules.exclude(owner__in=users).delete()

        has_one = Exists(schedules.filter(owner=OuterRef("pk")))
        new = users.exclude(has_one)[:CHUNK]
        made = [made for user in new if (made := _first_schedule(user, kind, now=now))]
        changed += len(Schedule.objects.bulk_create(made, ignore_conflicts=True))

        differs = ~Q(zone_data=zone_data())
        for name in SETTINGS:
            differs |= ~Q(**{name: F(f"owner__{name}")})
        later = schedules.filter(differs, next_at__gt=now).order_by("next_at")
        for schedule in later.select_related("owner")[:CHUNK]:
            changed += _reschedule(schedule, now=now)
    return changed


def _settings(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in SETTINGS} | {"zone_data": zone_data()}


def _first_schedule(user: User, kind: Delivery.Kind, *, now: dt.datetime) -> Schedule | None:
    turn = timetable.first_turn(timetable_of(user, kind), now=now)
    if turn is None:
        return None
    return Schedule(owner=user, kind=kind, next_on=turn.day, next_at=turn.at, **_settings(user))


def _reschedule(schedule: Schedule, *, now: dt.datetime) -> int:
    """Work a schedule out again, unless another sweep has moved it meanwhile."""
    same = Schedule.objects.filter(pk=schedule.pk, next_on=schedule.next_on)
    turn = timetable.turn_after_change(
        timetable_of(schedule.owner, Kind(schedule.kind)),
        last_on=schedule.last_on,
        owed_on=schedule.next_on,
        now=now,
    )
    if turn is None:
        return same.delete()[0]
    return same.update(next_on=turn.day, next_at=turn.at, **_settings(schedule.owner))


def materialise(ledger: Ledger, *, now: dt.datetime) -> int:
    """Owe every mail whose moment has come, and move the schedules to their next day.

    One row a user, kind and local day, whatever runs beside this: the key says so.
    """
    planned = 0
    while True:
        with transaction.atomic():
            rows = list(
                Schedule.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(next_at__lte=ledger.now)
                .select_related("owner")
                .order_by("next_at")[:CHUNK]
            )
            owed = [delivery for row in rows for delivery in _turn(row, now=now)]
            Delivery.objects.bulk_create(owed, ignore_conflicts=True)
            Schedule.objects.bulk_update(rows, MOVED)
        planned += len(owed)
        if len(rows) < CHUNK:
            return planned


def _turn(schedule: Schedule, *, now: dt.datetime) -> list[Delivery]:
    """The mails a schedule owes by now; moves the schedule on, unsaved.

    It owes none yet when the owner, or new zone data, has put the hour off: then that day is next.
    """
    owner = schedule.owner
    table = timetable_of(owner, Kind(schedule.kind))
    turns = timetable.missed_turns(table, owed_on=schedule.next_on, now=now)
    after = schedule.next_on - timetable.ONE_DAY
    if turns:
        after = schedule.last_on = turns[-1].day
    following = next((t for t in timetable.turns_after(table, after) if t.at > now), None)
    for name, value in _settings(owner).items():
        setattr(schedule, name, value)
    if following is None:  # no day is wanted any more; a change of days is seen then
        schedule.next_at = now + retry.HOUR
    else:
        schedule.next_on, schedule.next_at = following.day, following.at
    return [
        Delivery(
            owner=owner, kind=schedule.kind, local_on=turn.day, owed_at=turn.at, due_at=turn.at
        )
        for turn in turns
        if not (owner.paused_until and turn.day < owner.paused_until)
    ]


def fold(*, now: dt.datetime) -> int:
    """Put what is long overdue into one mail a person; nothing is dropped, each row says so.

    A reminder more than a day late goes into the newest one that is still fresh, or into
    one summary.  So does one that a newer reminder of its kind has overtaken.
    """
    old = Delivery.objects.filter(
        state=State.DUE,
        kind__in=Delivery.REMINDERS,
        owed_at__lt=now - retry.SUMMARY_AFTER + 2 * retry.HOUR,
    )
    owners = old.values_list("owner", flat=True).distinct()[:CHUNK]
    return sum(_fold_for(owner_id, now=now) for owner_id in owners)


@transaction.atomic
def _fold_for(owner_id: UUID, *, now: dt.datetime) -> int:
    rows = (
        Delivery.objects.filter(owner=owner_id, kind__in=Delivery.REMINDERS, owed_at__lte=now)
        .filter(state__in=[State.DUE, State.CLAIMED])
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("owner")
        .order_by("-owed_at")
    )
    return _fold_into_one(list(rows), now=now)


def _fold_into_one(rows: list[Delivery], *, now: dt.datetime) -> int:
    """``rows``: the reminders one owner is still owed, newest first; the claimed ones stay."""
    fresh = [r for r in rows if now - r.owed_at <= retry.folds_after(retries=r.retries)]
    keeper = next((row for row in fresh if row.kind != Kind.THANKS), None)
    over = [r for r in rows if r not in fresh]
    over += [r for r in fresh if keeper is not None and r is not keeper and r.kind != Kind.THANKS]
    over = [r for r in over if r.state == State.DUE]
    if not over:
        return 0
    if keeper is None:
        keeper = owe(owner=over[0].owner, kind=Kind.SUMMARY, at=now)
    return Delivery.objects.filter(
        pk__in=[row.pk for row in over if row.pk != keeper.pk], state=State.DUE
    ).update(state=State.FOLDED, folded_into=keeper)


# Sending


@dataclass(slots=True)
class Drained:
    """What a drain did, by outcome; ``more`` says that mails are still waiting."""

    counts: Counter[str] = dataclass_field(default_factory=Counter)
    more: bool = False


def never() -> bool:
    return False


def drain(
    *,
    at: dt.datetime | None = None,
    seconds: float = 45.0,
    stop: Callable[[], bool] = never,
) -> Drained:
    """Send what is due, batch by batch over one connection, until none is left.

    Args:
        at: for replays and tests; None means the database's clock.
        seconds: after so long, finish the mail in hand and leave the rest to the next.
        stop: asked between mails; True means finish the mail in hand and return the rest.
    """
    ledger = Ledger(at=at)
    done = Drained()
    ends_at = time.monotonic() + seconds
    room()
    with OneSender(ledger) as sender, Post(configured()) as post:
        round_ = Round(ledger=ledger, post=post, sender=sender, done=done, stop=stop)
        while sender.mine and not stop():
            if time.monotonic() > ends_at:
                done.more = True
                break
            if room().held_at is not None or not round_.may_ask():
                break
            rows = ledger.claim(limit=BATCH) or ledger.claim(limit=1, suspect=True)
            if not rows or not _send_batch(rows, round_):
                break
    if done.counts[Verdict.SENT.value]:
        PostRoom.objects.update(last_sent_at=ledger.now)
    return done


@dataclass(slots=True, kw_only=True)
class Round:
    """What the sending of one drain shares."""

    ledger: Ledger
    post: Post
    sender: OneSender
    done: Drained
    stop: Callable[[], bool]
    trying: bool = False  # the server was in trouble, and nobody knows yet whether it is well

    def may_ask(self) -> bool:
        permit = breaker.permit(self.post.server.name, self.ledger)
        self.trying = permit is breaker.Permit.TO_TRY
        return permit is not breaker.Permit.NO

    def took_a_mail(self) -> None:
        if self.trying:
            breaker.report_well(self.post.server.name)
            self.trying = False


class OneSender:
    """On SQLite one process sends at a time, so that no “sent” waits behind another's writes.

    On PostgreSQL anybody may.  Source: reliability.md 2.1, point 8.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.token = uuid.uuid4()
        self.mine = connection.vendor != "sqlite"
        self._rows = PostRoom.objects.filter(pk=1)

    def __enter__(self) -> OneSender:
        self.mine = self.mine or self.keep()
        return self

    def keep(self) -> bool:
        """Take or renew the lease; False when another process has it."""
        if connection.vendor != "sqlite":
            return True
        free = Q(sender_token=None) | Q(sender_until__lte=self.ledger.now)
        return bool(
            self._rows.filter(free | Q(sender_token=self.token)).update(
                sender_token=self.token, sender_until=self.ledger.later(self.ledger.lease)
            )
        )

    def __exit__(self, *exc: object) -> None:
        if connection.vendor == "sqlite" and self.mine:
            with contextlib.suppress(*DATABASE_TROUBLE):  # then the lease runs out by itself
                self._rows.filter(sender_token=self.token).update(
                    sender_token=None, sender_until=None
                )


def _send_batch(rows: list[Delivery], round_: Round) -> bool:
    """Send one claimed batch; False when the drain should end here."""
    ledger = round_.ledger
    stopped = Suppression.objects.among(recipient_of(row) for row in rows)
    renewed_at = time.monotonic()
    for index, row in enumerate(rows):
        if round_.stop():
            ledger.give_back(rows[index:])
            return False
        if time.monotonic() - renewed_at > ledger.lease.total_seconds() / 3:
            ledger.renew(rows[index:])
            if not round_.sender.keep():
                ledger.give_back(rows[index:])
                return False
            renewed_at = time.monotonic()
        outcome = _send(row, stopped, round_)
        round_.done.counts[outcome] += 1
        if outcome in (Verdict.HOST.value, SILENT):
            ledger.give_back(rows[index + 1 :])
            return outcome != SILENT and round_.may_ask()
    return True


def recipient_of(row: Delivery) -> str:
    """Whom a mail goes to: its owner as known when the row was read, or somebody else."""
    return row.owner.email if row.is_to_oneself else row.recipient


def _send(row: Delivery, stopped: dict[tuple[str, str], str], round_: Round) -> str:
    """Bring one claimed row as far as it gets; return a word for what happened."""
    ledger = round_.ledger
    now = ledger.at or timezone.now()
    late_by = now - row.owed_at
    if row.kind == Kind.THIRD_PARTY and late_by > retry.SUMMARY_AFTER:
        ledger.end(row, State.HELD, why=_("It is more than a day late; send it if it still fits."))
        return "held"
    if row.kind in FOLDED_WHEN_LATE and late_by > retry.folds_after(retries=row.retries):
        ledger.give_back([row])  # no sweep has come so far yet
        _fold_for(row.owner_id, now=now)
        return "folded"
    recipient, stream = recipient_of(row), policies.stream_of(row)
    known = stopped.get((recipient.lower(), "")) or stopped.get((recipient.lower(), stream), "")
    known = known or objected_to(row)
    if why_not := policies.why_not(row, row.owner, recipient=recipient, stopped=known, at=now):
        ledger.end(row, State.SKIPPED, why=why_not)
        return "skipped"
    try:
        letter = letters.write(row, at=now)
    except DATABASE_TROUBLE:
        raise
    except Exception as error:
        logger.exception("delivery %s could not be written", row.pk)
        return _fail(row, ledger, f"It could not be written ({type(error).__name__}).")
    if letter is None:
        ledger.end(row, State.SKIPPED)
        return "skipped"
    try:
        return _talk(row, letter, recipient, round_, now=now)
    except Trouble as trouble:
        return _after_trouble(row, trouble, recipient, round_.post, ledger, now=now)


def objected_to(row: Delivery) -> str:
    """The reason why nothing of this owner's goes to a third party any more, or ""."""
    if row.is_to_oneself:
        return ""
    objections = Objection.objects.filter(owner=row.owner_id, address=row.recipient.lower())
    return Suppression.Reason.COMPLAINED if objections.exists() else ""


def _talk(row: Delivery, letter: Letter, recipient: str, round_: Round, *, now: dt.datetime) -> str:
    ledger, post = round_.ledger, round_.post
    row.message_id = row.message_id or letters.message_id(row)
    post.open()
    try:
        message = letters.envelope(row, letter, recipient=recipient)
        post.offer(sender=letters.sender_address(), recipient=recipient)
    except ValueError as error:
        ledger.end(row, State.FAILED, why=_("It could not be addressed: %s.") % error)
        return Verdict.REFUSED.value
    stream = policies.stream_of(row)
    if not ledger.mark_sending(row, message_id=row.message_id, recipient=recipient, stream=stream):
        post.reset()
        return _after_the_fence(row, recipient, ledger, now=now)
    post.hand_over(message)
    persist(lambda: ledger.mark_sent(row))
    round_.took_a_mail()
    return Verdict.SENT.value


def _after_the_fence(row: Delivery, recipient: str, ledger: Ledger, *, now: dt.datetime) -> str:
    """Nothing was sent: the row has a new worker, or something has changed since it was read.

    What still may go is prepared again, from what is true now.
    """
    owner = User.objects.filter(pk=row.owner_id).first()
    standing = Suppression.objects.standing(recipient, stream=policies.stream_of(row)).first()
    stopped = standing.reason if standing else objected_to(row)
    if why_not := policies.why_not(row, owner, recipient=recipient, stopped=stopped, at=now):
        ledger.end(row, State.SKIPPED, why=why_not)
        return "skipped"
    ledger.give_back([row])
    return "changed"


def _after_trouble(
    row: Delivery,
    trouble: Trouble,
    recipient: str,
    post: Post,
    ledger: Ledger,
    *,
    now: dt.datetime,
) -> str:
    verdict = retry.judge(trouble.answer)
    words = str(trouble)
    if verdict is Verdict.HOST:
        persist(lambda: ledger.put_back(row, error=words))
        breaker.report_trouble(post.server.name, trouble.answer, words, ledger)
        if trouble.answer.code is None:
            return SILENT
    elif verdict is Verdict.UNKNOWN:
        wait = dt.timedelta(seconds=settings.DELIVERY_UNKNOWN_WAIT_SECONDS)
        persist(lambda: ledger.mark_unknown(row, wait=wait, error=words))
    elif verdict is Verdict.REFUSED:
        persist(lambda: ledger.end(row, State.FAILED, why=words))
        if trouble.answer.is_hard_bounce:
            note_hard_bounce(row, address=recipient, status=trouble.answer.enhanced, at=now)
    else:
        persist(lambda: _fail(row, ledger, words))
    return verdict.value


def _fail(row: Delivery, ledger: Ledger, why: str) -> str:
    """Surely not sent: try again later, or give up after the last retry."""
    wait = retry.wait_before_retry(row.retries, jitter=random.uniform(-1, 1))  # noqa: S311
    if wait is None:
        ledger.end(row, State.DEAD, why=why)
        return "dead"
    ledger.put_off(row, wait=wait, error=why)
    return Verdict.RETRY.value


def persist(move: Callable[[], object]) -> None:
    """Write down what the server said, waiting out a database that is away for a while.

    What is known only here would otherwise be lost, and the mail sent twice.  Gives up
    when a lease would have run out, and then the row is marked by the next sweep.
    """
    gives_up_at = time.monotonic() + settings.DELIVERY_LEASE_SECONDS
    while True:
        try:
            move()
            return
        except DATABASE_TROUBLE:
            if connection.in_atomic_block or time.monotonic() > gives_up_at:
                raise
            connection.close()
            time.sleep(1)


# Putting away


def put_away(*, at: dt.datetime) -> int:
    """Delete mails that came to their end long ago, and keep their counts; return how many.

    What still wants somebody stays.  A day that long past is never owed again.
    """
    oldest = at - KEPT
    ended = Delivery.objects.filter(state__in=Delivery.ENDED, owed_at__lt=oldest)
    gone = 0
    while True:
        with transaction.atomic():
            rows = list(
                ended.select_for_update(skip_locked=True)
                .order_by("owed_at")
                .only("kind", "state", "owed_at", "unknown_count")[:CHUNK]
            )
            _count(rows)
            Delivery.objects.filter(pk__in=[row.pk for row in rows]).delete()
        gone += len(rows)
        if len(rows) < CHUNK:
            break
    MailEvent.objects.filter(at__lt=oldest).delete()
    return gone


def _count(rows: list[Delivery]) -> None:
    """Add ``rows`` to the tallies of their months (UTC)."""
    counted: Counter[tuple[dt.date, str, str]] = Counter()
    doubtful: Counter[tuple[dt.date, str, str]] = Counter()
    for row in rows:
        key = row.owed_at.date().replace(day=1), row.kind, row.state
        counted[key] += 1
        doubtful[key] += row.unknown_count > 0
    for key, count in counted.items():
        month_on, kind, state = key
        tally, _made = Tally.objects.get_or_create(month_on=month_on, kind=kind, state=state)
        Tally.objects.filter(pk=tally.pk).update(
            count=F("count") + count, doubtful=F("doubtful") + doubtful[key]
        )


# Stopping and starting by hand


def hold(*, because: str, at: dt.datetime) -> None:
    """Send nothing until ``release``; what falls due meanwhile waits (B03)."""
    room()
    PostRoom.objects.filter(held_at=None).update(held_at=at, held_because=because[:200])


class Release(StrEnum):
    """What becomes of the mail that fell due while all mail was held."""

    SEND = "send"
    DIGEST = "digest"  # one summary a person, in place of all reminders
    SKIP = "skip"  # none of it goes; each row says why


def release(how: Release = Release.SEND, *, at: dt.datetime) -> int:
    """Send again what falls due; return how many of the mails that waited will not go as such.

    After a restore some of what waits was sent before the snapshot was lost: only a person
    can know whether to send it (B03).
    """
    waiting = Delivery.objects.filter(state=State.DUE, owed_at__lte=at)
    gone = 0
    if how is Release.SKIP:
        why = _("It was held, and an operator decided that it need not go.")
        gone = waiting.update(state=State.SKIPPED, last_error=why)
    elif how is Release.DIGEST:
        reminders = waiting.filter(kind__in=Delivery.REMINDERS)
        for owner in User.objects.filter(pk__in=reminders.values("owner")):
            with transaction.atomic():
                keeper = owe(owner=owner, kind=Kind.SUMMARY, at=at, slot=f"held {at:%H:%M:%S}")
                gone += (
                    reminders.filter(owner=owner)
                    .exclude(pk=keeper.pk)
                    .update(state=State.FOLDED, folded_into=keeper)
                )
    PostRoom.objects.update(held_at=None, held_because="")
    return gone


def send_again(row: Delivery, *, at: dt.datetime) -> bool:
    """A person decided: a mail that was held, refused or given up is due again."""
    return bool(
        Delivery.objects.wants_somebody()
        .filter(pk=row.pk)
        .update(state=State.DUE, due_at=at, owed_at=at, retries=0, taken_back=0)
    )


def it_arrived(row: Delivery, *, at: dt.datetime) -> bool:
    """A person knows that a held mail was sent after all."""
    return bool(
        Delivery.objects.filter(pk=row.pk, state=State.HELD).update(state=State.SENT, sent_at=at)
    )


def let_go(row: Delivery, *, why: str) -> bool:
    """A person decided that a mail need not go."""
    return bool(
        Delivery.objects.wants_somebody()
        .filter(pk=row.pk)
        .update(state=State.SKIPPED, last_error=why[:500])
    )


# Addresses that do not work


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a mail provider says about a mail, as the signed endpoint received it."""

    kind: MailEvent.Kind
    address: str
    message_id: str
    status: str
    signature: str


def take_report(report: Report, *, at: dt.datetime) -> bool:
    """Act on a report, once; True when it was new.

    A mail that came back for good, or was marked as unwanted, stops mail to its address;
    one that came back for now is only noted.  A report also settles a mail of which we
    did not know whether it was sent.
    """
    address = report.address.strip().lower()
    row = None
    if report.message_id:
        row = Delivery.objects.filter(
            message_id=report.message_id, recipient__iexact=address
        ).first()
    with transaction.atomic():
        event, new = MailEvent.objects.get_or_create(
            signature=report.signature,
            defaults={
                "kind": report.kind,
                "address": address,
                "delivery": row,
                "status": report.status[:20],
                "at": at,
            },
        )
        if not new:
            return False
        if event.kind == MailEvent.Kind.HARD:
            suppress(address, reason=Suppression.Reason.BOUNCED, detail=event.status)
        elif event.kind == MailEvent.Kind.COMPLAINT:
            suppress(address, reason=Suppression.Reason.COMPLAINED)
        if row is not None:
            doubted = Q(state__in=[State.UNKNOWN, State.HELD])
            doubted |= Q(state=State.DUE, unknown_count__gt=0)  # about to go once more
            Delivery.objects.filter(doubted, pk=row.pk).update(
                state=State.SENT, sent_at=at, last_error=""
            )
    return True


def use_again(owner: User, *, at: dt.datetime) -> int:
    """The owner says that their address works: lift what stops mail to it."""
    return Suppression.objects.visible_to(owner).filter(lifted_at=None).update(lifted_at=at)


def note_hard_bounce(row: Delivery, *, address: str, status: str, at: dt.datetime) -> None:
    """The server refused the address; twice within 30 days, and mail to it stops (R07)."""
    address = address.lower()
    MailEvent.objects.create(
        kind=MailEvent.Kind.HARD, address=address, delivery=row, status=status, at=at
    )
    recent = MailEvent.objects.filter(
        address=address, kind=MailEvent.Kind.HARD, at__gt=at - BOUNCE_SPAN
    )
    if recent.count() >= BOUNCES_THAT_STOP:
        suppress(address, reason=Suppression.Reason.BOUNCED, detail=status)


def suppress(
    address: str, *, reason: Suppression.Reason, stream: str = "", detail: str = ""
) -> bool:
    """Stop mail of ``stream`` (every mail, if empty) to ``address``; True when that is new."""
    return Suppression.objects.get_or_create(
        address=address.lower(),
        stream=stream,
        lifted_at=None,
        defaults={"reason": reason, "detail": detail},
    )[1]


def object_to(*, owner: User, address: str, detail: str, at: dt.datetime) -> bool:
    """Stop every mail that ``owner`` has us send to ``address``, and tell the operators.

    True when that is new; a second report of the same changes nothing.
    """
    row, new = Objection.objects.get_or_create(
        owner=owner, address=address.lower(), defaults={"detail": detail[:500], "at": at}
    )
    if new:
        logger.warning("mail of user %s was reported as unwanted: objection %s", owner.pk, row.pk)
    return new


def unsubscribe(*, stream: str, owner_id: str | None, address: str | None) -> None:
    """End one stream of mail, and nothing else; doing it again changes nothing.

    A member's own streams are settings of the member, so that the settings page shows
    them off and can turn them on again.  Somebody without an account gets a row here.  A
    member who is gone gets nothing, which is what was asked.
    """
    if owner_id is None:
        suppress(address or "", reason=Suppression.Reason.UNSUBSCRIBED, stream=stream)
        return
    member = User.objects.filter(pk=owner_id)
    if stream == "thanks":
        member.update(thanks_nudge=False)
    elif stream == "weekly":
        member.filter(reminder_speed=User.Speed.WEEKLY).update(reminder_speed=User.Speed.OFF)
    elif stream == "reminders":
        member.filter(reminder_speed__in=policies.SPEEDS[Kind.DIGEST]).update(
            reminder_speed=User.Speed.OFF
        )
