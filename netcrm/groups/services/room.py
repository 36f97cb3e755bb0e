"""“Who here can reach this company?”: a count for who asks, a private question for who may know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from netcrm.groups.models import Membership, Question, RoomMatch
from netcrm.groups.services.members import Refused

A_DAY_AT_MOST = 10  # questions; more would be reading the list, not asking the room
AGAIN_AFTER = timedelta(days=28)  # two counts of one company, compared, would name who came or went
COUNT_FROM = 3  # others in the room; a number over fewer says who


@transaction.atomic
def ask_room(
    *, by: Membership, company: str, matches: Mapping[UUID, UUID], at: datetime, key: str = ""
) -> Question:
    """Put a question to the members who may know somebody.

    The number told is never that of everybody: that all of them know somebody would be said of
    each.  A room with fewer than ``COUNT_FROM`` others is told none.

    Args:
        matches: membership to the one of their people it is about, found over consented ties.
        key: the company, folded, so that one company in two spellings is one.

    Raises:
        Refused: whoever hides their own people cannot search others', asked too often today, or
            asked for the same company lately.
    """
    may_ask(by, at=at, key=key)
    others = (
        Membership.objects.present()
        .filter(group=by.group_id, in_the_room=True)
        .exclude(pk=by.pk)
        .values_list("pk", flat=True)
    )
    here = list(others)
    asked = [pk for pk in here if pk in matches]
    told = len(here) >= COUNT_FROM
    question = Question.objects.create(
        asked_by=by,
        company=company,
        key=key,
        found=min(len(asked), len(here) - 1) if told else 0,
        told=told,
        asked_at=at,
    )
    RoomMatch.objects.bulk_create(
        RoomMatch(question=question, membership_id=pk, contact_id=matches[pk]) for pk in asked
    )
    return question


def may_ask(membership: Membership, *, at: datetime, key: str = "") -> None:
    """Raise ``Refused`` when the member may not search the room, or not for this company, now."""
    fresh = Membership.objects.present().filter(pk=membership.pk, in_the_room=True)
    if not fresh.exists():
        raise Refused(
            _("Whoever asks the room is in the room: let your own people be counted first.")
        )
    day_ago = at - timedelta(days=1)
    if membership.questions.filter(asked_at__gt=day_ago).count() >= A_DAY_AT_MOST:
        raise Refused(_("That is enough questions for one day. Ask again tomorrow."))
    lately = membership.questions.exclude(key="").filter(key=key, asked_at__gt=at - AGAIN_AFTER)
    if lately.exists():
        raise Refused(
            _(
                "You asked that in the last four weeks. Whoever may know somebody has been asked; "
                "look below for who said yes."
            )
        )


def answer(*, match: RoomMatch, says: str, at: datetime) -> None:
    """The member decides.  A yes names them to who asked; a no tells nobody anything."""
    RoomMatch.objects.filter(pk=match.pk, answer="").update(answer=says, answered_at=at)
