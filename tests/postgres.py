"""Run a command with a throwaway PostgreSQL behind it: python -m tests.postgres COMMAND…

The command finds the server in TEST_DATABASE_URL.  The server uses the machine's own binaries,
speaks on loopback only, does not wait for the disk, and is gone with its folder at the end.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Before netcrm is imported, which names Django's settings for Celery if nobody has: a command
# that is run from here chooses its own.
ENVIRONMENT = dict(os.environ)

from netcrm.runner.leash import die_with_parent  # noqa: E402

SECONDS_TO_START = 60
SETTINGS = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=128MB",
    "timezone=UTC",
    "logging_collector=off",
]


class Missing(Exception):
    """There is no PostgreSQL here; the message says how to get one."""


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL on this machine."""

    def version(folder: Path) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", folder.parent.name))

    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    raise Missing(
        "There is no PostgreSQL on this machine.\n"
        "On Debian or Ubuntu: apt-get install postgresql\n"
        "Or set TEST_DATABASE_URL to a server whose user may create databases."
    )


def unprivileged() -> dict[str, object]:
    """Who the server runs as: it refuses root, so root becomes postgres or nobody."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Missing(
        "PostgreSQL refuses to run as root, and there is no user postgres or nobody here."
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Yield the DATABASE_URL of a fresh server, and remove it afterwards.

    Args:
        durable: wait for the disk, as a server with data to lose does.
    """
    folder, data = binaries(), Path(tempfile.mkdtemp(prefix="netcrm-pg-"))
    who = unprivileged()
    if who:
        os.chown(data, who["user"], who["group"])  # type: ignore[arg-type]
    log, port = data / "log", free_port()
    try:
        initdb = [folder / "initdb", "-D", data / "data", "-U", "netcrm", "-A", "trust"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=data,
            **who,  # type: ignore[call-overload]
        )
        chosen = SETTINGS if not durable else [s for s in SETTINGS if not s.endswith("=off")]
        options = [word for setting in chosen for word in ("-c", setting)]
        options += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [folder / "postgres", "-D", data / "data", "-p", str(port), *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=data,
                preexec_fn=die_with_parent(signal.SIGINT),
                **who,  # type: ignore[call-overload]
            )
        try:
            _wait(folder, data, port, process)
            yield f"postgres://netcrm@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: open sessions are cut
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    except subprocess.CalledProcessError as error:
        raise Missing(f"initdb failed: {error.stderr.decode(errors='replace')}") from error
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _wait(folder: Path, data: Path, port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    ready = [folder / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, cwd=data).returncode:
        if process.poll() is not None or time.monotonic() > give_up:
            raise Missing("PostgreSQL did not start:\n" + (data / "log").read_text()[-2000:])
        time.sleep(0.1)


def main(command: list[str]) -> int:
    # A terminal's Ctrl-C reaches the command as well; let it end, then clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if ENVIRONMENT.get("TEST_DATABASE_URL"):
            return subprocess.call(command, env=ENVIRONMENT)
        with server() as url:
            return subprocess.call(command, env=ENVIRONMENT | {"TEST_DATABASE_URL": url})
    except Missing as missing:
        print(missing, file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
