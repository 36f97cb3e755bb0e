"""The settings as they run: what an environment makes of them, and what they make of SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db.utils import ConnectionHandler

from netcrm.settings import base
from netcrm.settings.base import celery_broker, database, sqlite

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "s" * 50,
    "ALLOWED_HOSTS": "netcrm.test",
    "DATABASE_URL": "postgres://u:p@db.test/netcrm",
    "REDIS_URL": "redis://redis.test:6379/0",
    "EMAIL_URL": "smtp+tls://u:p@mail.test:587",
    "SITE_URL": "https://netcrm.test",
}


def ask(module: str, expression: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Evaluate an expression about ``settings`` in a process of its own."""
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "-c", f"from django.conf import settings; print({expression})"],
        env=keep | {"DJANGO_SETTINGS_MODULE": f"netcrm.settings.{module}", **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_will_not_start_without(missing: str) -> None:
    env = {name: value for name, value in PRODUCTION.items() if name != missing}
    asked = ask("production", "settings.SECRET_KEY", **env)
    assert asked.returncode != 0
    assert f"NetCRM will not start without: {missing}. See docs/deploy.md." in asked.stderr


def test_production_cookies_and_headers_are_strict() -> None:
    names = [
        *("SESSION_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY"),
        *("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE"),
        *("CSRF_COOKIE_HTTPONLY", "CSRF_COOKIE_SAMESITE", "SECURE_HSTS_SECONDS", "DEBUG"),
    ]
    asked = ask("production", f"[getattr(settings, name) for name in {names}]", **PRODUCTION)
    assert asked.stdout.strip() == str(
        [
            *("__Host-session", True, True, "Lax"),
            *("__Host-csrf", True, True, "Lax"),
            *(31536000, False),
        ]
    )


def test_production_passes_djangos_own_deployment_check() -> None:
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    key = "k7Jq2-Zr9vXw4Tn8LmBc3_Hd6Fs1YpGe5AuRoViCxKtQhWjNzD"
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=keep
        | PRODUCTION
        | {"SECRET_KEY": key, "DJANGO_SETTINGS_MODULE": "netcrm.settings.production"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_embedded_run_makes_a_secret_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    first, second = (
        ask("dev", "settings.SECRET_KEY", NETCRM_VAR=str(tmp_path)).stdout for _ in range(2)
    )
    assert first == second
    assert len(first.strip()) > 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("secret_key*")] == ["secret_key"]


@pytest.mark.django_db
def test_sqlite_is_set_up_for_many_writers_and_a_sudden_end(tmp_path: Path) -> None:
    handler = ConnectionHandler({"default": sqlite(str(tmp_path / "db.sqlite3"))})
    connection = handler["default"]
    try:
        with connection.cursor() as cursor:
            read = {
                name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        assert read == {
            "journal_mode": "wal",
            "synchronous": 2,  # FULL
            "foreign_keys": 1,
            "busy_timeout": 20_000,  # milliseconds
        }
        assert connection.transaction_mode == "IMMEDIATE"
    finally:
        connection.close()


IN_FORCE = """
import threading
import django
django.setup()
from django.db import connection

def say():
    with connection.cursor() as cursor:
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            print(cursor.execute(f"PRAGMA {name}").fetchone()[0], end=" ")
    print(connection.transaction_mode)
    connection.close()

say()
say()  # a second connection, after the first was closed
thread = threading.Thread(target=say)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("module", ["dev", "production"])
def test_every_connection_of_the_running_product_has_these_settings_in_force(
    tmp_path: Path, module: str
) -> None:
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}"
    env = keep | PRODUCTION | {"NETCRM_VAR": str(tmp_path), "DATABASE_URL": url}
    env["DJANGO_SETTINGS_MODULE"] = f"netcrm.settings.{module}"
    command = [sys.executable, "-c", IN_FORCE]
    said = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True)
    assert said.stdout.splitlines() == ["wal 2 1 20000 IMMEDIATE"] * 3


def test_no_mail_server_is_waited_for_longer_than_a_lease() -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 15
    assert 0 < settings.EMAIL_DOT_TIMEOUT < settings.DELIVERY_LEASE_SECONDS


def test_a_sqlite_url_gets_the_same_care() -> None:
    assert database("sqlite:////srv/netcrm.sqlite3") == sqlite("/srv/netcrm.sqlite3")


def test_postgresql_connections_are_kept_and_looked_at_first() -> None:
    made = database("postgres://u:p@db.test:5433/netcrm")
    assert made["CONN_MAX_AGE"] == 600
    assert made["CONN_HEALTH_CHECKS"] is True
    assert (made["HOST"], made["PORT"], made["NAME"]) == ("db.test", 5433, "netcrm")


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://redis.test:6379/0", "redis://redis.test:6379/0"),
        ("rediss://redis.test:6380/0", "rediss://redis.test:6380/0"),
        ("unix:///run/netcrm/redis.sock", "redis+socket:///run/netcrm/redis.sock"),
    ],
)
def test_one_redis_url_serves_the_cache_and_celery(url: str, broker: str) -> None:
    assert celery_broker(url) == broker


def test_a_task_is_kept_until_it_is_done() -> None:
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_TASK_IGNORE_RESULT
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] == 300


def test_sqlite_has_one_sender(tmp_path: Path) -> None:
    asked = ask("dev", "settings.CELERY_WORKER_CONCURRENCY", NETCRM_VAR=str(tmp_path))
    assert asked.stdout.strip() == "1"


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("America/Vancouver", -7),  # summer time all year since 2026
        ("Europe/Berlin", 1),
    ],
)
def test_zone_rules_are_those_of_the_pinned_package(zone: str, hours: int) -> None:
    offset = datetime(2026, 12, 15, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == hours * 3600


def test_postgresql_prepares_statements_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "postgres://u:p@db.test/netcrm?sslmode=require"
    prepared = {"server_side_binding": True, "prepare_threshold": 5, "sslmode": "require"}
    assert database(url)["OPTIONS"] == prepared
    monkeypatch.setattr(base, "PREPARED", False)
    assert database(url)["OPTIONS"] == {"sslmode": "require"}
