"""What leaders and members write: comments, private notes, weekly reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from netcrm.accounts.models import User
from netcrm.groups.models import Comment, LeaderNote, Membership, WeeklyReport
from netcrm.groups.services import meetings


def comment(*, membership: Membership, by: User, text: str, about: UUID | None = None) -> Comment:
    """Say something to a member; it stands on their Today and in their next mail.

    The caller has made sure that ``about`` is a person the member shows to ``by``.
    """
    return Comment.objects.create(
        membership=membership,
        author=by,
        about_id=about,
        text=text,
        consent_version=membership.consent_version,
    )


def read_comments(*, by: User, at: datetime, ids: list[UUID]) -> None:
    """The member has seen these."""
    Comment.objects.visible_to(by).unread().filter(pk__in=ids).update(read_at=at)


def save_note(*, membership: Membership, by: User, text: str) -> None:
    """Keep what a leader wants to remember; an empty note is no note."""
    if not text:
        LeaderNote.objects.filter(membership=membership, author=by).delete()
        return
    LeaderNote.objects.update_or_create(membership=membership, author=by, defaults={"text": text})


@transaction.atomic
def send_report(
    *, membership: Membership, on: date, at: datetime, values: Mapping[str, Any]
) -> WeeklyReport:
    """Hand in the report of the week that ``on`` lies in; sent again, it replaces the first.

    A commitment in it is put on the member's Today, once.
    """
    week_on = on - timedelta(days=on.weekday())
    old = WeeklyReport.objects.filter(membership=membership, week_on=week_on).first()
    report, _made = WeeklyReport.objects.update_or_create(
        membership=membership, week_on=week_on, defaults={**values, "sent_at": at}
    )
    if report.commitment and (old is None or old.commitment != report.commitment):
        meetings.commit(membership=membership, text=report.commitment)
    return report
