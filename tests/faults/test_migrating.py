"""A migration never holds up the people who are using the product (D08)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults import run

LONGEST_WAIT_SECONDS = 3.0  # two of them for the lock


@pytest.fixture
def database() -> Iterator[tuple[str, dict[str, str]]]:
    """A migrated PostgreSQL database of its own, and the environment of a process that uses it."""
    with run.databases(short=True) as made:
        url = next(made.urls(("postgresql",)), None)
        if url is None:
            pytest.skip("needs PostgreSQL: apt-get install postgresql")
        yield url, run.environment(url, Path(made.folder))


def test_a_migration_behind_a_long_read_lets_everybody_else_through(database) -> None:
    url, env = database
    back = [sys.executable, "manage.py", "migrate", "accounts", "0003", "--verbosity=0"]
    with psycopg.connect(url) as long_read, psycopg.connect(url, autocommit=True) as others:
        long_read.execute("SELECT count(*) FROM accounts_user")  # its lock lasts until the commit
        process = subprocess.Popen(back, env=env, stderr=subprocess.PIPE, text=True)
        waits, began = [], time.monotonic()
        while time.monotonic() - began < 15.0:
            asked = time.monotonic()
            others.execute("SELECT count(*) FROM accounts_user")
            waits.append(time.monotonic() - asked)
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()
        long_read.commit()
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert "trying again" in said
        assert max(waits) < LONGEST_WAIT_SECONDS
        columns = others.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'accounts_user'"
        ).fetchall()
    assert ("birthday_lead_days",) not in columns
    assert ("introducer_limit",) in columns
