"""Tells sending processes that their Celery worker is shutting down.

On TERM only Celery's parent process hears ``worker_shutting_down``; its children, which
send, keep working until their task ends.  One byte of memory shared across the fork tells
them, so that they finish the mail in hand and return the rest (R12).
"""

from __future__ import annotations

import mmap

from celery.signals import worker_init, worker_shutting_down

_flag = mmap.mmap(-1, 1)


def asked() -> bool:
    """Whether this process should stop after the mail in hand."""
    return _flag[0] == 1


def ask(**_: object) -> None:
    _flag[0] = 1


def forget(**_: object) -> None:
    _flag[0] = 0


worker_init.connect(forget, weak=False)
worker_shutting_down.connect(ask, weak=False)
