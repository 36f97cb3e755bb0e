"""Mails a second beside Django's own classes, and finding what is due in a ledger of millions.

python3 run.py bench delivery [--mails N] [--ledger N] [--waiting N] [rates | ledger …]

``rates`` sends the same letters by Django's classes over one connection and by our workers.
``ledger`` times, on PostgreSQL and SQLite, what a sweep and a worker ask of a table with
``--ledger`` rows long sent and ``--waiting`` rows due later.  docs/reliability.md has the figures.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from tests.postgres import free_port, server

WORKERS = 4
DUE = 10_000  # rows due at once, beside those that wait
CLAIMS = 200
FINDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["rates", "ledger"])
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--ledger", type=int, default=5_000_000)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    options = parser.parse_args()
    if os.environ.get("BENCH_PART"):
        _in_its_own_process(options)
        return
    print(f"load {os.getloadavg()[0]:.1f}")
    if "rates" in options.parts:
        with server(durable=True) as url:
            _run("rates", url)
    if "ledger" in options.parts:
        with server(durable=True) as url:
            _run("ledger", url)
        with tempfile.TemporaryDirectory(prefix="netcrm-bench-") as folder:
            _run("ledger", f"sqlite:///{Path(folder) / 'db.sqlite3'}")
    print(f"load {os.getloadavg()[0]:.1f}")


def _run(part: str, url: str) -> None:
    """Each part has a database of its own, and so a process of its own."""
    env = os.environ | {
        "BENCH_PART": part,
        "DATABASE_URL": url,
        "EMAIL_URL": f"smtp://127.0.0.1:{free_port()}",
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
    }
    subprocess.run(
        [sys.executable, "-m", "tests.bench.delivery", *sys.argv[1:]], env=env, check=True
    )


def _in_its_own_process(options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    if os.environ["BENCH_PART"] == "rates":
        rates(options.mails)
    else:
        ledger(options.ledger, options.waiting)


# Mails a second


def rates(mails: int) -> None:
    from django.conf import settings

    sink = in_background(lambda: keep_a_sink(settings.EMAIL_PORT))
    try:
        time.sleep(1)
        print(f"{mails:,} mails to a local server, PostgreSQL with fsync")
        print(f"  Django, one connection, no ledger   {django_rate(mails):7.0f} mails/s")
        print(f"  ours, 1 worker                      {our_rate(mails, 1):7.0f} mails/s")
        print(
            f"  ours, {WORKERS} workers                     {our_rate(mails, WORKERS):7.0f} mails/s"
        )
    finally:
        os.kill(sink, signal.SIGKILL)
        os.waitpid(sink, 0)


def in_background(work: Callable[[], object]) -> int:
    """Run ``work`` in a process of its own; return its id."""
    from django.db import connection

    connection.close()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def keep_a_sink(port: int) -> None:
    from tests.faults.sink import Sink

    with Sink(keep_data=False, port=port):
        time.sleep(3_600)


def django_rate(mails: int) -> float:
    from django.core.mail import EmailMultiAlternatives, get_connection

    from tests.faults.writers import HELLO

    started = time.monotonic()
    with get_connection("django.core.mail.backends.smtp.EmailBackend") as connection:
        for n in range(mails):
            message = EmailMultiAlternatives(
                HELLO.subject, HELLO.text, to=[f"user{n}@example.test"], connection=connection
            )
            message.attach_alternative(HELLO.html, "text/html")
            message.send()
    return mails / (time.monotonic() - started)


def our_rate(mails: int, workers: int) -> float:
    from django.db import connection

    from netcrm.accounts.models import User
    from netcrm.delivery import services
    from netcrm.delivery.models import Delivery
    from tests.faults.scenes import fill

    User.objects.all().delete()
    fill(mails, third_party=False)
    Delivery.objects.update(due_at=services.timezone.now())
    started = time.monotonic()
    pids = [in_background(lambda: services.drain(seconds=900)) for _ in range(workers)]
    for pid in pids:
        os.waitpid(pid, 0)
    seconds = time.monotonic() - started
    connection.close()
    sent = Delivery.objects.filter(state=Delivery.State.SENT).count()
    assert sent == mails, f"{sent} of {mails} mails were sent"
    return mails / seconds


# Finding what is due

# Keys sort by age, as the product's own do.
FILL_POSTGRESQL = """
INSERT INTO delivery_delivery (
    id, created_at, owner_id, kind, letter, local_on, slot, state, owed_at, due_at, retries,
    unknown_count, taken_back, message_id, recipient, last_error, sent_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, now(), %(owner)s, 'digest', '',
    DATE '2020-01-01' + (n %% 2000)::int, n::text, %(state)s,
    now() + %(minutes)s * INTERVAL '1 minute',
    now() + %(minutes)s * INTERVAL '1 minute' + n * INTERVAL '1 microsecond',
    0, 0, 0, '', '', '', CASE WHEN %(state)s = 'sent' THEN now() END
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
FILL_SQLITE = """
WITH RECURSIVE series(n) AS (SELECT %(first)s UNION ALL SELECT n + 1 FROM series
    WHERE n < %(last)s)
INSERT INTO delivery_delivery (
    id, created_at, owner_id, kind, letter, local_on, slot, state, owed_at, due_at, retries,
    unknown_count, taken_back, message_id, recipient, last_error, sent_at)
SELECT printf('%%032x', n), datetime('now'), %(owner)s, 'digest', '',
    date('2020-01-01', (n %% 2000) || ' days'), n, %(state)s,
    strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %(minutes)s || ' minutes'),
    strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %(minutes)s || ' minutes',
        (n / 1000000.0) || ' seconds'),
    0, 0, 0, '', '', '', CASE WHEN %(state)s = 'sent' THEN datetime('now') END
FROM series WHERE true
"""


def ledger(old: int, waiting: int) -> None:
    from django.db import connection

    from netcrm.delivery.ledger import Ledger
    from netcrm.delivery.models import Delivery
    from netcrm.delivery.services import BATCH

    started = time.monotonic()
    fill_ledger(old, waiting)
    print(
        f"{connection.vendor}: {old:,} rows sent, {waiting:,} due later, {DUE:,} due"
        f" (made in {time.monotonic() - started:.0f} s)"
    )
    due = Delivery.objects.due().order_by("due_at")
    found = timed(FINDS, lambda: list(due.values_list("pk", flat=True)))
    say("ids of all that is due", found)
    claim = Ledger()
    for words, size, take in (
        (f"claim of {BATCH}", BATCH, lambda: claim.put_token(uuid4(), limit=BATCH)),
        (f"claim of {BATCH}, read", BATCH, lambda: claim.claim(limit=BATCH)),
        ("claim of 500", 500, lambda: claim.put_token(uuid4(), limit=500)),
        ("claim of 500, read", 500, lambda: claim.claim(limit=500)),
    ):
        before = due.count()
        runs = min(CLAIMS, before // size)
        say(words, timed(runs, take))
        assert due.count() == before - runs * size
        free_again()


def free_again() -> None:
    from netcrm.delivery.models import Delivery

    Delivery.objects.filter(state="claimed").update(state="due", claim_token=None, lease_until=None)


def timed(times: int, work: Callable[[], object]) -> list[float]:
    """How many milliseconds each of ``times`` runs took."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1_000)
    return took


def say(what: str, took: list[float]) -> None:
    cuts = statistics.quantiles(took, n=20)
    print(
        f"  {what:24} min {min(took):6.1f} ms, p50 {cuts[9]:6.1f} ms, p95 {cuts[18]:6.1f} ms"
        f" ({len(took)} runs, load {os.getloadavg()[0]:.1f})",
        flush=True,
    )


def fill_ledger(old: int, waiting: int) -> None:
    from django.db import connection

    from netcrm.accounts.models import User

    owner = User.objects.create(email="ana@example.test", password="!")
    key = owner.pk if connection.vendor == "postgresql" else owner.pk.hex
    fill = FILL_POSTGRESQL if connection.vendor == "postgresql" else FILL_SQLITE
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")  # the owner is there
            cursor.execute("SET synchronous_commit = off")
        last = 0
        for state, count, minutes in (
            ("sent", old, -600),
            ("due", waiting, 600),
            ("due", DUE, -60),
        ):
            for start in range(0, count, 500_000):
                first, last = last + 1, last + min(500_000, count - start)
                values = {"owner": key, "state": state, "minutes": minutes}
                cursor.execute(fill, values | {"first": first, "last": last})
        if connection.vendor == "postgresql":
            cursor.execute("RESET session_replication_role")
            cursor.execute("RESET synchronous_commit")
            cursor.execute("VACUUM ANALYZE delivery_delivery")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
