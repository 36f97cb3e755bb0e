"""Drawing who can reach whom: the net under every change of a fact."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from introductions import reach
from netcrm.accounts.models import User

OWNERS_A_SWEEP = 200


@shared_task
def draw_reach(owner: str) -> None:
    """Draw one owner's network; an owner who is gone is no fault."""
    found = User.objects.filter(pk=UUID(owner), is_active=True).first()
    if found is not None:
        reach.draw(found, at=timezone.now())


@shared_task
def draw_behind() -> int:
    """Beat, twice a minute: draw whoever's facts have moved.  Return how many."""
    found = list(User.objects.filter(reach.behind(), is_active=True)[:OWNERS_A_SWEEP])
    for owner in found:
        reach.draw(owner, at=timezone.now())
    return len(found)
