"""Keeps the processes of one NetCRM together: starts, restarts and stops them in order.

Why not a process manager from the shelf: docs/decisions/0002-one-command.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from netcrm.runner import leash

GRACE = 30.0  # seconds a child has between TERM and KILL
READY_WITHIN = 60.0  # seconds a child has to come up
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)  # seconds before each restart in a row
STEADY = 60.0  # seconds alive after which a child's earlier deaths are forgotten
TICK = 0.1  # seconds between two looks at the children
LOG_LIMIT = 5 * 1024 * 1024  # bytes; a longer log is set aside when its child first starts


class Failed(Exception):
    """A child could not be started; the message ends with the last lines of its log."""


class AlreadyRunning(Exception):
    """Another NetCRM runs in this folder."""


@dataclass(kw_only=True)
class Child:
    """One process to keep alive.

    Attributes:
        ready: tells whether the child does its work; asked until it says so, at start only.
        pass_fds: sockets that outlive the child, so that nobody is turned away while it restarts.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    pass_fds: Sequence[int] = ()
    ready: Callable[[], bool] = lambda: True

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started: float = field(default=0.0, init=False)  # monotonic seconds
    deaths: int = field(default=0, init=False)  # in a row
    restart_at: float | None = field(default=None, init=False)  # monotonic seconds


class Supervisor:
    """Runs children in the order given and stops them in the order asked for.

    Use it from the main thread: it installs signal handlers, and the kernel ties a child's life
    to the thread that started it.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        stop_order: Sequence[str],
        logs: Path,
        say: Callable[[str], None],
        keep_open: Sequence[int] = (),
        grace: float = GRACE,
    ) -> None:
        """``keep_open``: file descriptors the leash holds until the last child is gone."""
        self.children = {child.name: child for child in children}
        self.stop_order = [self.children[name] for name in stop_order if name in self.children]
        self.logs = logs
        self.say = say
        self.keep_open = tuple(keep_open)
        self.grace = grace
        self._signals = 0
        self._leash: subprocess.Popen[bytes] | None = None

    # What the caller does, in this order

    @contextmanager
    def signals_handled(self) -> Iterator[None]:
        """First INT, TERM or HUP: stop in order.  Second: kill."""

        def handle(number: int, frame: FrameType | None) -> None:
            self._signals += 1

        kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {kind: signal.signal(kind, handle) for kind in kinds}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)

    @property
    def asked_to_stop(self) -> bool:
        return self._signals > 0

    def start(self, *names: str) -> None:
        """Start these children at once and return when all are ready, or when asked to stop.

        Raises:
            Failed: one of them ended or was not ready in time.
        """
        waiting = [self.children[name] for name in names]
        for child in waiting:
            self._set_log_aside(child)
            self._spawn(child)
        give_up = time.monotonic() + READY_WITHIN
        while waiting and not self.asked_to_stop:
            for child in list(waiting):
                if self._ended(child) is not None:
                    raise Failed(f"{child.name} ended while starting.\n{self._tail(child)}")
                if child.ready():
                    waiting.remove(child)
            if waiting and time.monotonic() > give_up:
                late = waiting[0]
                raise Failed(
                    f"{late.name} was not ready after {READY_WITHIN:.0f} s.\n{self._tail(late)}"
                )
            if waiting:
                time.sleep(TICK / 2)

    def run(self) -> None:
        """Restart what dies until a signal says stop."""
        while not self.asked_to_stop:
            for child in self.children.values():
                self._tend(child, time.monotonic())
            self._tend_leash()
            time.sleep(TICK)

    def stop(self) -> None:
        """Stop the children one after another; after a second signal, kill what is left."""
        for child in self.stop_order:
            self._stop(child)
        if self._leash is not None and self._leash.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._leash.stdin.close()
            self._leash.wait()

    # One child

    def _spawn(self, child: Child) -> None:
        log = (self.logs / f"{child.name}.log").open("ab")
        with log:
            child.process = subprocess.Popen(
                list(child.command),
                env=os.environ | dict(child.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(child.pass_fds),
                preexec_fn=leash.die_with_parent(),
            )
        child.started = time.monotonic()
        child.restart_at = None
        self._tell_leash("+", child.process.pid)

    def _ended(self, child: Child) -> int | None:
        return None if child.process is None else child.process.poll()

    def _tend(self, child: Child, now: float) -> None:
        if child.restart_at is not None:
            if now >= child.restart_at:
                self._spawn(child)
            return
        code = self._ended(child)
        if code is None or child.process is None:
            return
        self._bury(child)
        child.deaths = 1 if now - child.started > STEADY else child.deaths + 1
        wait = BACK_OFF[min(child.deaths, len(BACK_OFF)) - 1]
        child.restart_at = now + wait
        self.say(
            f"{child.name} ended ({_reason(code)}); starting it again in {wait:g} s. "
            f"See {self.logs / child.name}.log"
        )

    def _stop(self, child: Child) -> None:
        process = child.process
        if process is None or process.returncode is not None:
            return
        leash.ask_to_stop(process.pid)
        give_up = time.monotonic() + self.grace
        while process.poll() is None and time.monotonic() < give_up and self._signals < 2:
            time.sleep(TICK / 2)
        if process.poll() is None:
            self.say(f"{child.name} did not stop by itself; ending it.")
        self._bury(child)

    def _bury(self, child: Child) -> None:
        """End whoever the child left behind in its process group, and forget the group."""
        if child.process is None:
            return
        leash.kill_group(child.process.pid)
        child.process.wait()
        self._tell_leash("-", child.process.pid)
        child.process = None

    # The leash

    def _tell_leash(self, sign: str, pid: int) -> None:
        if self._leash is None:
            self._leash = subprocess.Popen(
                [sys.executable, "-P", leash.__file__],
                stdin=subprocess.PIPE,
                start_new_session=True,
                pass_fds=self.keep_open,
            )
        with contextlib.suppress(BrokenPipeError):  # _tend_leash makes a new one
            if self._leash.stdin is not None:
                self._leash.stdin.write(f"{sign}{pid}\n".encode())
                self._leash.stdin.flush()

    def _tend_leash(self) -> None:
        if self._leash is None or self._leash.poll() is None:
            return
        self._leash = None
        for child in self.children.values():
            if child.process is not None:
                self._tell_leash("+", child.process.pid)

    # Logs

    def _set_log_aside(self, child: Child) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{child.name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".old.log"))

    def _tail(self, child: Child, *, lines: int = 15) -> str:
        log = self.logs / f"{child.name}.log"
        last = log.read_text(errors="replace").splitlines()[-lines:] if log.exists() else []
        return "\n".join([f"The end of {log}:", *last])


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


# One NetCRM a folder


class FolderLock:
    """What a second run finds: who holds the folder, and where it answers."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def describe(self, **about: str) -> None:
        os.ftruncate(self.handle, 0)
        os.pwrite(self.handle, json.dumps({"pid": os.getpid(), **about}).encode(), 0)


@contextmanager
def only_one(path: Path, *, say: Callable[[str], None]) -> Iterator[FolderLock]:
    """Hold the folder's lock.

    The leash of a run that was killed keeps the lock until that run's children are gone;
    such a run is waited for.

    Raises:
        AlreadyRunning: a living process holds the lock; the message names it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire(handle, path, say)
        lock = FolderLock(handle)
        lock.describe()
        yield lock
    finally:
        os.close(handle)


def _acquire(handle: int, lock: Path, say: Callable[[str], None]) -> None:
    waited = False
    give_up = time.monotonic() + leash.GRACE + 10
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            holder = _holder(lock)
        if _exists(holder.get("pid")) or time.monotonic() > give_up:
            where = f" at {holder['address']}" if "address" in holder else ""
            raise AlreadyRunning(
                f"NetCRM already runs in this folder{where} (process {holder.get('pid', '?')}). "
                "Stop it there with Ctrl-C, or use it as it is."
            )
        if not waited:
            say("An earlier run was killed; waiting for its last processes to end.")
            waited = True
        time.sleep(TICK)


def _holder(lock: Path) -> dict[str, object]:
    try:
        return dict(json.loads(lock.read_text()))
    except (OSError, ValueError):
        return {}


def _exists(pid: object) -> bool:
    if not isinstance(pid, int):
        return True  # whoever it is has not written its number yet
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
