"""A migration never holds up the people who are using the product (D08)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults import run

LOCK_WAIT_SECONDS = 2.0  # as long as a migration waits for a lock, and everybody behind it
LONGEST_WAIT_SECONDS = LOCK_WAIT_SECONDS + 1.0


@pytest.fixture
def database() -> Iterator[tuple[str, dict[str, str]]]:
    """A migrated PostgreSQL database of its own, and the environment of a process that uses it."""
    with run.databases(short=True) as made:
        url = next(made.urls(("postgresql",)), None)
        if url is None:
            pytest.skip("needs PostgreSQL: apt-get install postgresql")
        yield url, run.environment(url, Path(made.folder))


def migrating(env: dict[str, str], *target: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "migrate", *target, "--verbosity=0"]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def longest_wait(others: psycopg.Connection[Any], statement: str) -> float:
    """Say ``statement`` over and over for 15 seconds; return how long the slowest took."""
    waits, began = [], time.monotonic()
    while time.monotonic() - began < 15.0:
        asked = time.monotonic()
        others.execute(statement)
        waits.append(time.monotonic() - asked)
        time.sleep(0.05)
    return max(waits)


def test_a_migration_behind_a_long_read_lets_everybody_else_through(database) -> None:
    url, env = database
    with psycopg.connect(url) as long_read, psycopg.connect(url, autocommit=True) as others:
        long_read.execute("SELECT count(*) FROM accounts_user")  # its lock lasts until the commit
        process = migrating(env, "accounts", "0003")
        waited = longest_wait(others, "SELECT count(*) FROM accounts_user")
        assert process.poll() is None, process.communicate()
        long_read.commit()
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert "trying again" in said
        assert waited < LONGEST_WAIT_SECONDS
        columns = others.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'accounts_user'"
        ).fetchall()
    assert ("birthday_lead_days",) not in columns
    assert ("introducer_limit",) in columns


def test_an_index_is_built_while_everybody_writes(database) -> None:
    url, env = database
    back = migrating(env, "contacts", "0011")
    _, said = back.communicate(timeout=120)
    assert back.returncode == 0, said
    edit = "UPDATE contacts_searchtext SET text = text"
    with psycopg.connect(url) as long_edit, psycopg.connect(url, autocommit=True) as others:
        long_edit.execute(edit)  # which the index waits for, and nobody else
        process = migrating(env, "contacts", "0012")
        assert longest_wait(others, edit) < LOCK_WAIT_SECONDS / 2
        assert process.poll() is None, process.communicate()
        long_edit.commit()
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        index = "SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass"
        assert others.execute(index, ["contacts_searchtext_words"]).fetchone() == (True,)
