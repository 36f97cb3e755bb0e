"""Wake-ups.  Losing, repeating or reordering them changes only how soon mail goes."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from netcrm.delivery import deadman, services, stopping
from netcrm.kit.wake import wake

MAILS_A_WORKER = 100
WORKERS_AT_MOST = 8


@shared_task
def sweep() -> None:
    """Beat, every half minute: bring the ledger up to date and wake senders for what is due."""
    due = services.sweep().due
    for _ in range(min(-(-due // MAILS_A_WORKER), WORKERS_AT_MOST)):
        wake(drain)
    deadman.still_here()


@shared_task
def drain() -> None:
    """Send until nothing is due; leave the rest to another when time is up."""
    if services.drain(stop=stopping.asked).more:
        wake(drain)


@shared_task
def put_away() -> None:
    """Beat, once a day: keep of old mails only their counts."""
    services.put_away(at=timezone.now())
