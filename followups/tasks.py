"""Daily planning: the net under every path that changes a fact.

It should find nothing to write; what it does write is counted and logged.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from followups import services
from netcrm.accounts.models import User

logger = logging.getLogger(__name__)

OWNERS_A_TASK = 20  # so that one task takes seconds, and a lost one is soon made good
EVERY = timedelta(hours=20)  # less than a day, so that an hourly look never skips one


@shared_task
def plan_everyone() -> int:
    """Beat, once an hour: hand out whoever was not planned today.  Return how many chunks."""
    chunks = owners_to_plan(at=timezone.now())
    for chunk in chunks:
        plan_owners.delay(chunk)
    return len(chunks)


def owners_to_plan(*, at: datetime) -> list[list[str]]:
    """Return the keys of whoever was not planned in the day before ``at``, a task's in each list.

    By what is written down, not by the clock alone: a machine that sleeps at night makes it good
    in the morning.
    """
    old = Q(pace=None) | Q(pace__planned_at=None) | Q(pace__planned_at__lt=at - EVERY)
    owners = User.objects.filter(old, is_active=True).order_by("pk").values_list("pk", flat=True)
    keys = [str(pk) for pk in owners]
    return [keys[n : n + OWNERS_A_TASK] for n in range(0, len(keys), OWNERS_A_TASK)]


@shared_task
def plan_owners(keys: list[str]) -> int:
    """Plan these owners anew.  Return how many rows had to change: it should be none."""
    owners = User.objects.filter(pk__in=[UUID(key) for key in keys])
    changed = sum(services.plan_nightly(owner, at=timezone.now()).total for owner in owners)
    if changed:
        logger.warning("daily planning of %d owners changed %d rows", len(keys), changed)
    return changed
