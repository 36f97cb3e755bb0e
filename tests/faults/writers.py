"""A short letter, so that a fault run measures the ledger and not the templates."""

from __future__ import annotations

import datetime as dt

from netcrm.delivery.models import Delivery
from netcrm.kit.mail import Letter

HELLO = Letter(subject="Hello", text="Hello.\n" * 40, html="<p>Hello.</p>" * 40)


def hello(delivery: Delivery, *, at: dt.datetime) -> Letter:
    return HELLO
