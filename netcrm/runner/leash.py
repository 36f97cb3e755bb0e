"""No child outlives its supervisor, however that one dies.

Two nets, because either alone has a hole.  On Linux the kernel sends every child SIGTERM when its
parent is gone (``die_with_parent``), but other systems have no such thing and a child may ignore
it.  So this file also runs as a process of its own: it reads "+PID" and "-PID" lines from the
supervisor, and when the pipe ends it sees to it that every process group still listed is gone.

It is started by path, not as a module, so that it imports nothing but the standard library.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable

GRACE = 30.0  # seconds between asking and killing
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None]:
    """Return a ``preexec_fn`` that asks the kernel for signal ``number`` on the parent's death.

    Does nothing outside Linux.  The parent is the *thread* that starts the child: start children
    from the main thread.
    """

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)

    return ask


def alive(group: int) -> bool:
    """Tell whether the process group has a member left, a zombie counted."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def ask_to_stop(leader: int) -> None:
    """Ask the leader alone: it knows how to end its own, a pool worker would drop its task."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(leader, signal.SIGTERM)


def kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def watch(lines: Iterable[str], *, grace: float = GRACE) -> None:
    """Follow the supervisor's list until it ends; then end whoever is still on it."""
    groups: set[int] = set()
    for line in lines:
        sign, group = line[0], int(line[1:])
        if sign == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        ask_to_stop(group)
    give_up = time.monotonic() + grace
    while groups and time.monotonic() < give_up:
        groups = {group for group in groups if alive(group)}
        time.sleep(0.1)
    for group in groups:
        kill_group(group)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watch(sys.stdin)
