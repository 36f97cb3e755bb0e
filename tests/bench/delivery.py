"""Mails a second beside Django's own classes, and the claim in a ledger of five million rows.

python3 run.py bench delivery [--mails N] [--ledger N]; the figures stand in docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import time

from tests.postgres import free_port, server

WORKERS = 4
CLAIMS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--ledger", type=int, default=5_000_000)
    options = parser.parse_args()
    port = free_port()
    with server(durable=True) as url:
        os.environ |= {
            "DATABASE_URL": url,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        sink = in_background(lambda: keep_a_sink(port))
        try:
            time.sleep(1)
            send(options.mails)
        finally:
            os.kill(sink, signal.SIGKILL)
            os.waitpid(sink, 0)
        claim(options.ledger)


def in_background(work) -> int:
    """Run ``work`` in a process of its own; return its id."""
    from django.db import connection

    connection.close()
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


def send(mails: int) -> None:
    """The same letters by Django's classes over one connection, and by our workers."""
    print(f"{mails} mails to a local server, PostgreSQL with fsync")
    print(f"  Django, one connection, no ledger   {django_rate(mails):7.0f} mails/s")
    print(f"  ours, 1 worker                      {our_rate(mails, 1):7.0f} mails/s")
    print(f"  ours, {WORKERS} workers                     {our_rate(mails, WORKERS):7.0f} mails/s")


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


FILL = """
INSERT INTO delivery_delivery (
    id, created_at, owner_id, kind, letter, local_on, slot, state, owed_at, due_at, retries,
    unknown_count, taken_back, message_id, recipient, last_error, sent_at)
SELECT gen_random_uuid(), now(), %(owner)s, 'digest', '', DATE '2020-01-01' + (n %% 2000)::int,
    n::text, %(state)s, now(), now() - n * INTERVAL '1 microsecond', 0, 0, 0, '', '', '',
    CASE WHEN %(state)s = 'sent' THEN now() END
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""


def claim(ledger: int) -> None:
    """How long a claim of 50 takes, with many old rows around it."""
    from django.db import connection

    from netcrm.accounts.models import User
    from netcrm.delivery.ledger import Ledger
    from netcrm.delivery.services import BATCH

    owner = User.objects.first()
    assert owner is not None
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM delivery_delivery")
        old = {"owner": owner.pk, "state": "sent", "first": 1, "last": ledger}
        cursor.execute(FILL, old)
        cursor.execute(FILL, old | {"state": "due", "first": ledger + 1, "last": ledger + 20_000})
        cursor.execute("VACUUM ANALYZE delivery_delivery")
    took = []
    for _ in range(CLAIMS):
        started = time.perf_counter()
        rows = Ledger().claim(limit=BATCH)
        took.append((time.perf_counter() - started) * 1_000)
        assert len(rows) == BATCH
    cuts = statistics.quantiles(took, n=20)
    print(
        f"claim of {BATCH} among {ledger:,} old rows: p50 {cuts[9]:.1f} ms, p95 {cuts[18]:.1f} ms"
    )


if __name__ == "__main__":
    main()
