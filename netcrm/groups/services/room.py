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


@transaction.atomic
def ask_room(
    *, by: Membership, company: str, matches: Mapping[UUID, UUID], at: datetime
) -> Question:
    """Put a question to the members who may know somebody.

    Args:
        matches: membership to the one of their people it is about, found over consented ties.

    Raises:
        Refused: whoever hides their own people cannot search others', or asked too often today.
    """
    may_ask(by, at=at)
    open_to_it = (
        Membership.objects.present()
        .filter(group=by.group_id, in_the_room=True, pk__in=matches)
        .exclude(pk=by.pk)
    )
    asked = list(open_to_it.values_list("pk", flat=True))
    question = Question.objects.create(asked_by=by, company=company, found=len(asked), asked_at=at)
    RoomMatch.objects.bulk_create(
        RoomMatch(question=question, membership_id=key, contact_id=matches[key]) for key in asked
    )
    return question


def may_ask(membership: Membership, *, at: datetime) -> None:
    """Raise ``Refused`` when the member may not search the room now."""
    fresh = Membership.objects.present().filter(pk=membership.pk, in_the_room=True)
    if not fresh.exists():
        raise Refused(
            _("Whoever asks the room is in the room: let your own people be counted first.")
        )
    day_ago = at - timedelta(days=1)
    if membership.questions.filter(asked_at__gt=day_ago).count() >= A_DAY_AT_MOST:
        raise Refused(_("That is enough questions for one day. Ask again tomorrow."))


def answer(*, match: RoomMatch, says: str, at: datetime) -> None:
    """The member decides.  A yes names them to who asked; a no tells nobody anything."""
    RoomMatch.objects.filter(pk=match.pk, answer="").update(answer=says, answered_at=at)
