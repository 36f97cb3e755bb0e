"""Background work on exports."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from netcrm.kit.wake import wake
from netcrm.takeout import services


@shared_task
def make_takeout(takeout_pk: str) -> bool:
    return services.make(UUID(takeout_pk), at=timezone.now())


@shared_task
def look_after_takeouts() -> int:
    """Beat, every five minutes: exports owed, and exports whose seven days are over."""
    now = timezone.now()
    services.delete_old(at=now)
    owed = services.owed(at=now)
    for pk in owed:
        wake(make_takeout, str(pk))
    return len(owed)
