"""The circuit breaker of a mail server: stop asking what cannot answer.

RFC 5321, section 4.5.4.1, asks senders to keep a list of hosts they cannot reach.  Ours is
a row, shared by all workers.  After ``PAUSE`` one worker tries; the others wait for it.
"""

from __future__ import annotations

import datetime as dt
import logging
from enum import Enum

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from netcrm.delivery.engine import retry
from netcrm.delivery.ledger import Ledger
from netcrm.delivery.models import MailHost

logger = logging.getLogger(__name__)
PAUSE = dt.timedelta(seconds=60)


class Permit(Enum):
    """Whether this worker may talk to the server."""

    NO = "no"
    YES = "yes"
    TO_TRY = "to_try"  # it was in trouble: the first mail it takes makes it well


def permit(name: str, ledger: Ledger) -> Permit:
    """Whether the server is well, or in trouble and it is our turn to try."""
    host = MailHost.objects.filter(pk=name).first()
    if host is None or host.failures == 0:
        return Permit.YES
    if host.closed_until is None:
        return Permit.TO_TRY
    turn = MailHost.objects.filter(pk=name, closed_until__lte=ledger.now).update(
        closed_until=ledger.later(PAUSE)
    )
    return Permit.TO_TRY if turn else Permit.NO


def report_trouble(name: str, trouble: retry.Answer, words: str, ledger: Ledger) -> None:
    """Count a failure of the server; open the circuit, with one alert, when it is enough."""
    MailHost.objects.get_or_create(pk=name)
    rows = MailHost.objects.filter(pk=name)
    rows.update(
        failures=F("failures") + 1,
        last_error=words[:500],
        trouble_since=Coalesce("trouble_since", ledger.now),
    )
    failures = rows.values_list("failures", flat=True).get()
    if not retry.breaker_opens(failures=failures, answer=trouble):
        return
    first = rows.filter(closed_until=None).update(closed_until=ledger.later(PAUSE))
    if first:
        logger.error("mail server in trouble at %s; sending pauses", trouble.phase.value)
    else:
        rows.update(closed_until=ledger.later(PAUSE))


def report_well(name: str) -> None:
    """The server took a mail: forget its troubles."""
    mended = MailHost.objects.filter(Q(failures__gt=0) | Q(closed_until__isnull=False), pk=name)
    if mended.update(failures=0, closed_until=None, trouble_since=None):
        logger.warning("mail server is well again; sending resumes")
