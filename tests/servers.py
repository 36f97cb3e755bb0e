"""Real servers for tests: a Redis for each test process, on a unix socket of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from netcrm.runner import embedded_redis
from netcrm.runner.leash import die_with_parent


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of this process's Redis.  Tests use ``redis_url``, which is empty each time."""
    folder = Path(tempfile.mkdtemp(prefix="netcrm-redis-"))
    path = folder / "redis.sock"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            embedded_redis.command(folder=folder, socket_path=path),
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent(),
        )
    try:
        give_up = time.monotonic() + 20
        while not embedded_redis.answers(path):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < give_up, (folder / "log").read_text()
            time.sleep(0.01)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of a real, empty Redis."""
    client = redis.Redis.from_url(redis_server)
    client.flushall()
    client.close()
    return redis_server
