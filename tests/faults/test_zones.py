"""A process in Tokyo on a database in another zone owes Berlin's mail at Berlin's hour (T12)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import run

# One day of T01 to T04 each: zone, hour, the day, and when its mail is due (UTC).
ROWS = [
    ("Europe/Berlin", "09:00", "2027-03-28", "2027-03-28T07:00:00+00:00"),
    ("Europe/Berlin", "09:00", "2027-10-31", "2027-10-31T08:00:00+00:00"),
    ("Europe/Berlin", "02:30", "2027-03-28", "2027-03-28T01:30:00+00:00"),
    ("Europe/Berlin", "02:30", "2027-10-31", "2027-10-31T00:30:00+00:00"),
    ("America/New_York", "02:30", "2027-03-14", "2027-03-14T07:30:00+00:00"),
    ("America/New_York", "01:30", "2027-11-07", "2027-11-07T05:30:00+00:00"),
]
SWEEP = """
import datetime as dt, json, sys, time
assert time.strftime("%z") == "+0900", "this process is started in Tokyo"
import django
django.setup()
from netcrm.accounts.models import EVERY_DAY, User
from netcrm.delivery import services
from netcrm.delivery.models import Delivery
for zone, hour, day, due in json.load(sys.stdin):
    User.objects.all().delete()
    User.objects.create(email="ana@example.test", time_zone=zone, send_weekdays=EVERY_DAY,
                        send_at=dt.time.fromisoformat(hour))
    noon = dt.datetime.fromisoformat(day + "T18:00:00+00:00")
    for back in (36, 12, 0):
        services.sweep(at=noon - dt.timedelta(hours=back))
    owed = Delivery.objects.filter(local_on=day).values_list("due_at", flat=True)
    print(json.dumps([at.isoformat() for at in owed]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("vendor", ["postgresql", "sqlite"])
def test_the_zones_of_process_and_database_change_no_mails_hour(
    tmp_path: Path, vendor: str
) -> None:
    with run.databases(short=True) as made:
        url = next(made.urls((vendor,)), None)
        if url is None:
            pytest.skip("no PostgreSQL here: apt-get install postgresql")
        env = run.environment(url, tmp_path) | {"TZ": "Asia/Tokyo", "PGTZ": "America/Los_Angeles"}
        done = subprocess.run(
            [sys.executable, "-c", SWEEP],
            env=env,
            input=json.dumps(ROWS),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert said == [[due] for *_, due in ROWS]
