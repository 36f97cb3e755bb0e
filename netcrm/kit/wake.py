"""Waking a worker: a courtesy that may fail, because the row is the truth."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: Task[Any, Any], *args: object) -> None:
    """Have a worker run ``task`` soon, once the open transaction is committed.

    Without Redis nothing happens but a line in the log: the next sweep finds the row.
    """
    transaction.on_commit(partial(_send, task, args))


def _send(task: Task[Any, Any], args: tuple[object, ...]) -> None:
    try:
        task.apply_async(args=args, retry=False)
    except OperationalError:
        logger.warning("no broker to wake %s; the next sweep will", task.name)
