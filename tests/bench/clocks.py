"""What a request costs whatever else the machine does: processor time, the server's included."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def processor_clock() -> tuple[Callable[[], float], str]:
    """Return a clock in seconds and what it counts.

    SQLite works in this very thread.  A PostgreSQL on this machine says by its process how long
    it ran; one elsewhere does not, and the time on the wall is all there is.
    """
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.thread_time, "processor time"
    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    if not server.exists():
        return time.perf_counter, "time on the wall"

    def both() -> float:
        return time.thread_time() + int(server.read_text().split()[0]) / 1e9

    return both, "processor time, the server's included"
