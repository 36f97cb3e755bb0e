"""Drawing who can reach whom: the net under every change of a fact."""

from __future__ import annotations

import time
from uuid import UUID

from celery import shared_task
from django.db.models import F
from django.utils import timezone

from introductions import reach
from netcrm.accounts.models import User

OWNERS_A_SWEEP = 200
SECONDS = 10.0


@shared_task
def draw_reach(owner: str) -> None:
    """Draw one owner's network; an owner who is gone is no fault."""
    found = User.objects.filter(pk=UUID(owner), is_active=True).first()
    if found is not None:
        reach.draw(found, at=timezone.now())


@shared_task
def draw_behind() -> int:
    """Beat, twice a minute: draw whoever's facts have moved, the longest waiting first.

    Large lists take seconds to draw, and mail waits behind this: after ``SECONDS`` the rest is
    left to the next sweep.  Return how many were drawn.
    """
    behind = User.objects.filter(reach.behind(), is_active=True)
    oldest_first = behind.order_by(F("reach__drawn_at").asc(nulls_first=True), "pk")
    began = time.monotonic()
    drawn = 0
    for owner in oldest_first[:OWNERS_A_SWEEP]:
        reach.draw(owner, at=timezone.now())
        drawn += 1
        if time.monotonic() - began > SECONDS:
            break
    return drawn
