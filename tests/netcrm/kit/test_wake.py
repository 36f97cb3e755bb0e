"""A wake-up is sent once the row is there, and not for a row that never came to be (D07)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.run import migrate

TWO_TRANSACTIONS = """
import django
django.setup()
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from redis import Redis
from netcrm.accounts.models import User
from netcrm.delivery import services, tasks
from netcrm.delivery.models import Delivery
from netcrm.kit.wake import wake

ana = User.objects.create(email="ana@example.test")
queue = Redis.from_url(settings.REDIS_URL)
for rolls_back in (True, False):
    with transaction.atomic():
        services.owe(owner=ana, kind=Delivery.Kind.TEST, at=timezone.now())
        wake(tasks.drain)
        inside = queue.llen("celery")
        transaction.set_rollback(rolls_back)
    print(inside, queue.llen("celery"), Delivery.objects.count())
"""


def test_a_rolled_back_transaction_wakes_nobody_and_a_committed_one_wakes_one(
    tmp_path: Path, redis_url: str
) -> None:
    url = f"sqlite:///{tmp_path / 'db'}"
    migrate(url, tmp_path)
    env = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "NETCRM_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "netcrm.settings.dev",
    }
    said = subprocess.run(
        [sys.executable, "-c", TWO_TRANSACTIONS],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    )
    assert said.stdout.splitlines() == ["0 0 0", "0 1 1"]


HUNG = """
import socket, time
import django
hung = socket.create_server(("127.0.0.1", 0), backlog=50)
import os
os.environ["REDIS_URL"] = f"redis://127.0.0.1:{hung.getsockname()[1]}/0"
django.setup()
from netcrm.delivery import tasks
from netcrm.kit.wake import wake
started = time.monotonic()
wake(tasks.drain)
print(time.monotonic() - started)
"""


def test_a_redis_that_hangs_holds_a_page_up_for_seconds_and_not_for_ever(tmp_path: Path) -> None:
    env = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db'}",
        "NETCRM_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "netcrm.settings.dev",
    }
    said = subprocess.run(
        [sys.executable, "-c", HUNG], env=env, check=True, stdout=subprocess.PIPE, text=True,
        timeout=60,
    )  # fmt: skip
    assert float(said.stdout.splitlines()[-1]) < 10
