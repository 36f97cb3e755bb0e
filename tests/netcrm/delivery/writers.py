"""Letters for tests of the ledger, which must not care what a mail says."""

from __future__ import annotations

import datetime as dt

from netcrm.delivery.models import Delivery
from netcrm.kit.mail import Letter

HELLO = Letter(subject="Hello", text="Hello.\n", html="<p>Hello.</p>")


def hello(delivery: Delivery, *, at: dt.datetime) -> Letter:
    return HELLO


def nothing(delivery: Delivery, *, at: dt.datetime) -> None:
    return None


def broken(delivery: Delivery, *, at: dt.datetime) -> Letter:
    raise ZeroDivisionError("this letter cannot be written")
