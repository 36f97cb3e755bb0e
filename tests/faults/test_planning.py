"""Two processes that owe the same mails at the same moment owe each of them once (R03).

PLAN_ROUNDS=50 PLAN_PEOPLE=1000 gives the whole row of reliability.md; the gate plays a few.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Self

import pytest

from tests.faults import run

ROUNDS = int(os.environ.get("PLAN_ROUNDS", "5"))
PEOPLE = int(os.environ.get("PLAN_PEOPLE", "200"))

PLANNER = """
import logging, sys
import django
django.setup()
from django.utils import timezone
from netcrm.delivery import services
from netcrm.delivery.ledger import Ledger
logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
print("ready", flush=True)
for line in sys.stdin:
    print(services.materialise(Ledger(), now=timezone.now()), flush=True)
"""
SETTER = """
import datetime as dt, sys
import django
django.setup()
from django.utils import timezone
from netcrm.accounts.models import EVERY_DAY, User
from netcrm.delivery import services
from netcrm.delivery.models import Delivery, Schedule
people, now = int(sys.argv[1]), timezone.now()
ago = (now - dt.timedelta(minutes=1)).time().replace(microsecond=0)
User.objects.bulk_create(
    User(email=f"user{n}@example.test", send_weekdays=EVERY_DAY, send_at=ago, time_zone="UTC")
    for n in range(people)
)
while services.reconcile(now=now):
    pass
print("ready", flush=True)
for line in sys.stdin:
    Delivery.objects.filter(slot="").update(slot=line.strip())  # the day is owed anew
    Schedule.objects.update(next_on=now.date(), next_at=now)
    print(Delivery.objects.count(), flush=True)
"""


class Process:
    """A Python program that answers each line with a line."""

    def __init__(self, program: str, env: dict[str, str], *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def hear(self) -> str:
        assert self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        assert said, self._process.communicate()[1]
        return said

    def __enter__(self) -> Self:
        assert self.hear() == "ready"
        return self

    def __exit__(self, *exc: object) -> None:
        self.log = self._process.communicate(timeout=30)[1]


@pytest.fixture(scope="module")
def made() -> Iterator[run.Databases]:
    with run.databases(short=True) as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("vendor", ["postgresql", "sqlite"])
def test_two_processes_owe_the_same_mails_once_round_after_round(
    made: run.Databases, vendor: str
) -> None:
    url = next(made.urls((vendor,)), None)
    if url is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    env = run.environment(url, made.folder)
    planned: list[int] = []
    processes = [Process(SETTER, env, str(PEOPLE)), Process(PLANNER, env), Process(PLANNER, env)]
    with processes[0] as setter, processes[1] as one, processes[2] as other:
        for number in range(ROUNDS):
            setter.tell(str(number))
            assert int(setter.hear()) == PEOPLE * number
            one.tell("go")
            other.tell("go")
            planned.append(int(one.hear()) + int(other.hear()))
        setter.tell(str(ROUNDS))
        assert int(setter.hear()) == PEOPLE * ROUNDS
    assert [process.log for process in processes] == ["", "", ""]
    assert min(planned) >= PEOPLE
