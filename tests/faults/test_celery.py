"""The whole path with nothing replaced: beat, Redis, a Celery worker, SQLite, and SMTP."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import run
from tests.faults.background import Background
from tests.faults.sink import Sink, Slow, Stage
from tests.product import until

PREPARE = """
import datetime as dt
import django
django.setup()
from django.utils import timezone
from netcrm.delivery import services
from netcrm.delivery.models import Delivery
from tests import make
now = timezone.now()
"""
DUE_TODAY = """
from contacts.models import Contact
from followups.services import plan
ago = now - dt.timedelta(minutes=1)
ana = make.user(
    "ana@example.test", name="Ana Ruiz", time_zone="UTC", send_at=ago.time(), send_weekdays=127
)
cleo = make.contact(ana, "Cleo Marsh")
make.interaction(cleo, at=now - dt.timedelta(days=40))
Contact.objects.filter(pk=cleo.pk).update(last_contact_at=now - dt.timedelta(days=40))
plan(ana, at=now)
services.reconcile(now=ago - dt.timedelta(minutes=5))
"""
OWED = """
ana = make.user("ana@example.test", send_at=(now - dt.timedelta(hours=1)).time())
Delivery.objects.bulk_create(
    Delivery(owner=ana, kind="digest", local_on=now.date(), slot=str(n), owed_at=at, due_at=at)
    for n in range({count})
    for at in [now + dt.timedelta(seconds={over} * n / {count})]
)
"""


class OnSqlite(Background):
    """The processes, on a SQLite file that the test looks into."""

    def __init__(self, folder: Path, sink: Sink, template: Path) -> None:
        self.database = folder / "netcrm.sqlite3"
        shutil.copy(template, self.database)
        super().__init__(
            folder,
            DATABASE_URL=f"sqlite:///{self.database}",
            EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
            DELIVERY_LEASE_SECONDS="10",
        )

    def python(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], env=self.env, check=True)

    def states(self) -> Counter[str]:
        with sqlite3.connect(self.database, timeout=20) as connection:
            rows = connection.execute(
                "SELECT state, COUNT(*) FROM delivery_delivery GROUP BY state"
            ).fetchall()
        connection.close()
        return Counter(dict(rows))


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database."""
    folder = tmp_path_factory.mktemp("template")
    run.migrate(f"sqlite:///{folder / 'db'}", folder)
    return folder / "db"


@pytest.fixture
def background(tmp_path: Path, sink: Sink, template: Path) -> Iterator[OnSqlite]:
    started = OnSqlite(tmp_path, sink, template)
    try:
        yield started
    finally:
        started.stop()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_follow_up_falls_due_and_its_mail_arrives(background: OnSqlite, sink: Sink) -> None:
    background.env["REAL_LETTERS"] = "1"
    background.python("-c", PREPARE + DUE_TODAY)
    background.worker()
    background.beat()
    (mail,) = sink.wait_for(1, seconds=100)
    message = mail.parsed()
    assert message["Subject"] == "Cleo today"
    assert "List-Unsubscribe" in message
    text = message.get_body(("plain",))
    assert text is not None
    assert "Cleo Marsh" in text.get_content()
    until(lambda: background.states() == {"sent": 1}, within=20, what="marked as sent")
    time.sleep(3)
    assert len(sink.mails) == 1


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_two_beats_and_a_redis_killed_and_emptied_lose_and_double_nothing(
    background: OnSqlite, sink: Sink
) -> None:
    background.python("-c", PREPARE + OWED.format(count=200, over=15))
    background.worker()
    background.beat("one")
    background.beat("two")
    sink.wait_for(1, seconds=100)
    background.kill_redis()
    time.sleep(4)
    background.start_redis()  # without a file: it comes back empty
    sink.wait_for(200, seconds=60)  # reliability.md F6
    until(lambda: background.states() == {"sent": 200}, within=20, what="all marked as sent")
    assert set(sink.message_ids.values()) == {1}


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_worker_told_to_end_finishes_the_mail_in_hand_and_returns_the_rest(
    background: OnSqlite, sink: Sink
) -> None:
    sink.script = lambda stage, talk: Slow(0.5) if stage is Stage.DOT else None
    background.python("-c", PREPARE + OWED.format(count=20, over=0))
    worker = background.worker()
    background.beat()
    sink.wait_for(2, seconds=60)
    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(30)
    assert time.monotonic() - asked < 30
    states = background.states()
    assert set(states) == {"sent", "due"}, background.said
    assert states["sent"] == len(sink.mails) < 20
    assert set(sink.message_ids.values()) == {1}
