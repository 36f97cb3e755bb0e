"""Real worker processes that can be started in a blink, killed and frozen.

A nursery process loads the product once and forks a worker for each request, so that a
killed worker is replaced in milliseconds.  It is forked from a process that has no thread
and no database connection yet.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import struct
import sys
import time
from typing import Self

SEND, SWEEP = 1, 2


class Nursery:
    """``with Nursery() as nursery``: forks workers on request until the block ends."""

    def __enter__(self) -> Self:
        self._here, there = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:
            self._here.close()
            _nurse(there)
            os._exit(0)
        there.close()
        return self

    def __exit__(self, *exc: object) -> None:
        self._here.close()
        os.waitpid(self._pid, 0)

    def start(self, role: int, *, skew_seconds: float = 0.0) -> int:
        """Start a worker whose own clock is off by ``skew_seconds``; return its process id."""
        self._here.sendall(struct.pack("=id", role, skew_seconds))
        return int(struct.unpack("=i", _exactly(self._here, 4))[0])


class Crew:
    """Some workers that are replaced when they are killed."""

    def __init__(self, nursery: Nursery, *, seed: int = 1) -> None:
        self.nursery = nursery
        self.random = random.Random(seed)
        self.roles: dict[int, tuple[int, float]] = {}
        self.kills = 0
        self.freezes = 0

    def hire(self, role: int, count: int, *, skew_seconds: float = 0.0) -> None:
        for _ in range(count):
            pid = self.nursery.start(role, skew_seconds=skew_seconds)
            self.roles[pid] = (role, skew_seconds)

    def kill_one(self, role: int = SEND) -> None:
        """SIGKILL a random worker and start another in its place."""
        pid = self.random.choice([pid for pid, (kind, _) in self.roles.items() if kind == role])
        kind, skew = self.roles.pop(pid)
        os.kill(pid, signal.SIGKILL)
        self.kills += 1
        self.hire(kind, 1, skew_seconds=skew)

    def freeze_one(self, seconds: float) -> None:
        """SIGSTOP a random sender for ``seconds``; the others go on."""
        pid = self.random.choice([pid for pid, (kind, _) in self.roles.items() if kind == SEND])
        os.kill(pid, signal.SIGSTOP)
        self.freezes += 1
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)

    def dismiss(self) -> None:
        """End every worker."""
        for pid in self.roles:
            os.kill(pid, signal.SIGKILL)
        self.roles.clear()


def _exactly(connection: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        part = connection.recv(count - len(got))
        if not part:
            raise EOFError("the nursery is gone")
        got += part
    return got


def _warm_up() -> None:
    """Load what every worker would load first, and leave it shared between them."""
    import gc
    import importlib

    from django.conf import settings
    from django.urls import get_resolver

    from netcrm.delivery import letters, services
    from netcrm.delivery.models import Delivery
    from tests.faults.writers import HELLO

    importlib.import_module(settings.DATABASES["default"]["ENGINE"] + ".base")
    assert get_resolver().url_patterns
    row = Delivery(kind="digest", owner=services.User(email="nobody@example.test"))
    letters.envelope(row, HELLO, recipient="nobody@example.test")
    gc.freeze()


def _nurse(requests: socket.socket) -> None:
    _warm_up()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the dead
    while True:
        try:
            role, skew = struct.unpack("=id", _exactly(requests, 12))
        except (EOFError, ConnectionError):
            return
        pid = os.fork()
        if pid == 0:
            requests.close()
            _work(role, skew)
            os._exit(0)
        requests.sendall(struct.pack("=i", pid))


def _work(role: int, skew_seconds: float) -> None:
    """Send or sweep for ever; whoever started us ends us."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    random.seed(os.getpid())
    if skew_seconds:
        import datetime as dt

        import time_machine

        there = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=skew_seconds)
        time_machine.travel(there, tick=True).start()
    from django.db import connection

    from netcrm.delivery import services

    while True:
        try:
            if role == SWEEP:
                services.sweep()
                time.sleep(0.5)
            else:
                services.drain(seconds=20)
                time.sleep(0.05)
        except services.DATABASE_TROUBLE:
            connection.close()
            time.sleep(0.2)
        except Exception as error:
            print(f"worker: {type(error).__name__}: {error}", file=sys.stderr, flush=True)  # noqa: T201
            time.sleep(0.2)
