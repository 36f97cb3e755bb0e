"""Running an evening: turns, what was said, what was promised."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from netcrm.groups.models import (
    Commitment,
    Meeting,
    Membership,
    SupportGroup,
    Turn,
    WeeklyReport,
)
from netcrm.groups.services.members import Refused

A_WEEK = timedelta(days=7)


@transaction.atomic
def start_meeting(
    *, group: SupportGroup, at: datetime, agenda: str = "", minutes_each: int = 4
) -> Meeting:
    """Begin, with everybody A–Z; a meeting that is on already is the meeting.

    Whoever said in this week's report that they cannot come is away, and their buddy reads.
    """
    SupportGroup.objects.select_for_update().get(pk=group.pk)
    running = group.meetings.filter(ended_at=None).first()
    if running:
        return running
    meeting = Meeting.objects.create(
        group=group, started_at=at, agenda=agenda, minutes_each=minutes_each
    )
    members = group.memberships.present().filter(role=Membership.Role.MEMBER).by_name()
    last = WeeklyReport.objects.filter(membership__in=members, sent_at__gt=at - A_WEEK)
    newest = dict(last.order_by("week_on").values_list("membership", "read_for_me"))
    Turn.objects.bulk_create(
        Turn(
            meeting=meeting,
            membership=member,
            place=place,
            here=not newest.get(member.pk),
            read_by_id=member.buddy_id if newest.get(member.pk) else None,
        )
        for place, member in enumerate(members, start=1)
    )
    return meeting


@transaction.atomic
def next_turn(*, meeting: Meeting, at: datetime, turn: Turn | None = None) -> Turn | None:
    """End the turn that is on and begin ``turn``, else the next of those here."""
    _running(meeting)
    turns = meeting.turns.filter(membership__left_at=None)
    meeting.turns.filter(started_at__isnull=False, ended_at=None).update(ended_at=at)
    if turn is None:
        waiting = turns.filter(started_at=None)
        turn = (waiting.filter(here=True) | waiting.filter(read_by__isnull=False)).first()
    if turn is None:
        return None
    Turn.objects.filter(pk=turn.pk).update(started_at=at, ended_at=None)
    turn.refresh_from_db()
    return turn


@transaction.atomic
def arrive(*, meeting: Meeting, membership: Membership, here: bool) -> Turn:
    """Somebody is here after all, or is not; who comes late speaks last.

    Raises:
        Refused: the member is of another group, or the meeting is over.
    """
    _running(meeting)
    if membership.group_id != meeting.group_id:
        raise Refused(_("That member is not in this group."))
    last = meeting.turns.aggregate(last=Max("place"))["last"] or 0
    turn, made = Turn.objects.get_or_create(
        meeting=meeting, membership=membership, defaults={"place": last + 1, "here": here}
    )
    if not made and turn.here != here:
        turn.here = here
        if here and turn.started_at is None:
            turn.place, turn.read_by = last + 1, None
        turn.save(update_fields=["here", "place", "read_by"])
    return turn


def read_for(*, turn: Turn, reader: Membership | None) -> None:
    """``reader`` reads out the numbers of somebody who is away.

    Raises:
        Refused: the reader is of another group, or the meeting is over.
    """
    _running(turn.meeting)
    if reader and reader.group_id != turn.meeting.group_id:
        raise Refused(_("That member is not in this group."))
    Turn.objects.filter(pk=turn.pk).update(read_by=reader, here=False)


@transaction.atomic
def capture(
    *, turn: Turn, win: str, ask: str, commitment: str, due_on: date | None = None
) -> Commitment | None:
    """Write down what somebody said in their turn; a commitment goes onto their Today."""
    _running(turn.meeting)
    Turn.objects.filter(pk=turn.pk).update(win=win, ask=ask)
    if not commitment:
        return None
    return commit(membership=turn.membership, text=commitment, due_on=due_on, meeting=turn.meeting)


def commit(
    *,
    membership: Membership,
    text: str,
    due_on: date | None = None,
    meeting: Meeting | None = None,
) -> Commitment:
    """Somebody said they will.  Saying the same twice is one commitment."""
    row = Commitment.objects.open().filter(membership=membership, text=text).first()
    if row is None:
        return Commitment.objects.create(
            membership=membership, text=text, due_on=due_on, meeting=meeting
        )
    if due_on or meeting:
        row.due_on, row.meeting = due_on or row.due_on, meeting or row.meeting
        row.save(update_fields=["due_on", "meeting"])
    return row


def finish_commitment(*, commitment: Commitment, kept: bool, at: datetime) -> None:
    """It was kept, or is let go.  Only the member says so."""
    Commitment.objects.open().filter(pk=commitment.pk).update(closed_at=at, kept=kept)


def put_off_commitment(*, commitment: Commitment, until: date) -> None:
    """Show it again on ``until`` and on no day before; what was promised for when stays."""
    Commitment.objects.open().filter(pk=commitment.pk).update(deferred_until=until)


def reopen_commitment(*, commitment: Commitment) -> None:
    """Take back that it was kept, let go or put off."""
    Commitment.objects.filter(pk=commitment.pk).update(
        closed_at=None, kept=None, deferred_until=None
    )


def set_projector(*, meeting: Meeting, on: bool) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(projector=on)


@transaction.atomic
def end_meeting(*, meeting: Meeting, at: datetime) -> None:
    Turn.objects.filter(meeting=meeting, started_at__isnull=False, ended_at=None).update(
        ended_at=at
    )
    Meeting.objects.filter(pk=meeting.pk, ended_at=None).update(ended_at=at)


def _running(meeting: Meeting) -> None:
    if not Meeting.objects.filter(pk=meeting.pk, ended_at=None).exists():
        raise Refused(_("This meeting is over."))
