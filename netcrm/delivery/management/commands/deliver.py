"""Sends mail without Celery and Redis: python manage.py deliver [--once]."""

from __future__ import annotations

import signal
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from netcrm.delivery import deadman, services, stopping

PAUSE = 10  # seconds between two rounds


class Command(BaseCommand):
    help = "Sweep the ledger and send what is due, over and over; needs no Redis."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="One round, then end.")
        parser.add_argument("--pause", type=float, default=PAUSE, help="Seconds between rounds.")

    def handle(self, *args: Any, once: bool, pause: float, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: stopping.ask())
        while not stopping.asked():
            try:
                services.sweep()
                services.drain(stop=stopping.asked)
                deadman.still_here()
            except services.DATABASE_TROUBLE as error:
                self.stderr.write(f"The database is away ({type(error).__name__}); trying again.")
                close_old_connections()
            if once:
                return
            _sleep(pause)


def _sleep(seconds: float) -> None:
    """Wait, but not through a request to stop."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at and not stopping.asked():
        time.sleep(0.2)
