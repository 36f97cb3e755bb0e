"""Background work on accounts."""

from celery import shared_task
from django.utils import timezone

from netcrm.accounts import services


@shared_task
def remove_leavers() -> int:
    return services.remove_leavers(at=timezone.now())
