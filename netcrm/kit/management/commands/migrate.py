"""Django's own migrate, which on PostgreSQL never stands in anybody's way for long.

A migration that waits for its lock makes everybody wait who comes after it.  It waits two seconds
at most, lets the others through, and tries again.
Source: reliability.md D08; docs/decisions/0099-schemas-grow-before-they-shrink.md.
"""

from __future__ import annotations

import time
from typing import Any

from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg.errors import LockNotAvailable

LOCK_WAIT = "2s"
PAUSE_SECONDS = 3.0
TRIES = 40


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        for left in reversed(range(TRIES)):
            with connection.cursor() as cursor:
                cursor.execute(f"SET lock_timeout = '{LOCK_WAIT}'")
            try:
                # What is done stays done: each migration is a transaction of its own.
                super().handle(*args, **options)
            except OperationalError as error:
                if not left or not isinstance(error.__cause__, LockNotAvailable):
                    raise
                self.stderr.write("Somebody uses that table just now; trying again in a moment.")
                time.sleep(PAUSE_SECONDS)
            else:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
                return
