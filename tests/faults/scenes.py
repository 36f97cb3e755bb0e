"""What goes wrong, one scene each, and what must be true afterwards.

Each scene runs in a process of its own against an empty, migrated database:
``python -m tests.faults.scenes NAME --rows N`` prints its result as one line of JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import django

from tests.faults.background import Background
from tests.faults.crew import SEND, SWEEP, Crew, Nursery
from tests.faults.sink import Act, Script, Sink, Stage, Talk, take_everything
from tests.postgres import free_port

ROWS_A_USER = 100
WORKERS = int(os.environ.get("FAULTS_WORKERS", "6"))  # of the long scenes
GIVE_UP_AFTER = 5_400  # seconds
MAILS_BETWEEN_CRASHES = 40


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table.  ``unmarked`` is the one that must never be anything but 0."""

    scene: str
    database: str
    rows: int
    faults: str
    lost: int
    duplicates: int
    unmarked: int
    marked_unknown: int
    held: int
    early: int
    mails_per_second: float
    seconds: float
    note: str = ""

    @property
    def ok(self) -> bool:
        return self.lost == self.unmarked == self.early == 0


@dataclass
class Show:
    """What a scene works with."""

    rows: int
    sink: Sink
    crew: Crew
    vendor: str
    faults: str = "none"
    note: str = ""

    def left(self) -> int:
        """How many rows are not at an end yet."""
        from django.db import connection

        from netcrm.delivery.models import Delivery

        while True:
            try:
                return Delivery.objects.waiting().count()
            except Exception:
                connection.close()
                time.sleep(0.2)

    def until_sent(self, *, every: float = 0.5, do: Callable[[], None] | None = None) -> None:
        """Wait until no row waits any more; meanwhile ``do`` something every few moments."""
        gives_up_at = time.monotonic() + GIVE_UP_AFTER
        quiet_at = 0.0
        while True:
            if time.monotonic() > quiet_at:
                if self.left() == 0:
                    return
                quiet_at = time.monotonic() + min(2.0, self.rows / 1_000)
            if time.monotonic() > gives_up_at:
                self.note = f"gave up after {GIVE_UP_AFTER} s"
                return
            if do is not None:
                do()
            time.sleep(every)


def fill(
    rows: int, *, third_party: bool, over_seconds: float | None = None, slot: str = ""
) -> None:
    """Owe ``rows`` mails.

    Args:
        over_seconds: they fall due over so long; None means ten seconds at most.
        slot: tells a second filling from the first.
    """
    import datetime as dt

    from django.utils import timezone

    from netcrm.accounts.models import User
    from netcrm.delivery.models import Delivery

    now = timezone.now()
    an_hour_ago = (now - dt.timedelta(hours=1)).time().replace(microsecond=0)
    users = User.objects.bulk_create(
        User(email=f"{slot.strip()}user{n}@example.test", password="!", send_at=an_hour_ago)
        for n in range(-(-rows // ROWS_A_USER))
    )
    per_second = rows / over_seconds if over_seconds else max(200.0, rows / 10)
    kind = Delivery.Kind.THIRD_PARTY if third_party else Delivery.Kind.DIGEST
    for start in range(0, rows, 5_000):
        Delivery.objects.bulk_create(
            Delivery(
                owner=users[n // ROWS_A_USER],
                kind=kind,
                letter="invitation" if third_party else "",
                recipient=f"other{n}@example.test" if third_party else "",
                local_on=now.date(),
                slot=f"{slot}{n}",
                owed_at=due_at,
                due_at=due_at,
            )
            for n in range(start, min(start + 5_000, rows))
            for due_at in [now + dt.timedelta(seconds=n / per_second)]
        )


def fill_timetables(rows: int) -> None:
    """``rows`` people, whose daily mail falls due within the next seconds."""
    import datetime as dt

    from django.utils import timezone

    from netcrm.accounts.models import EVERY_DAY, User
    from netcrm.delivery import services
    from netcrm.delivery.models import Schedule

    now = timezone.now()
    User.objects.bulk_create(
        User(
            email=f"user{n}@example.test",
            password="!",
            send_weekdays=EVERY_DAY,
            send_at=(now - dt.timedelta(minutes=1)).time().replace(microsecond=0),
        )
        for n in range(rows)
    )
    while services.reconcile(now=now):
        pass
    Schedule.objects.update(next_at=now + dt.timedelta(seconds=1), next_on=now.date())


def count(show: Show, scene: str, seconds: float) -> Result:
    """Hold the ledger against what the mail server took, row by row."""
    from netcrm.delivery.letters import message_id
    from netcrm.delivery.models import Delivery

    copies = show.sink.message_ids
    first_at: dict[str, float] = {}
    for mail in show.sink.mails:
        first_at.setdefault(mail.message_id, mail.at)
    lost = duplicates = unmarked = unknown = held = early = 0
    for row in Delivery.objects.iterator():
        key = row.message_id or message_id(row)
        arrived = copies.get(key, 0)
        waits_in_sight = row.state in (Delivery.State.HELD, Delivery.State.DEAD)
        if not arrived and (row.state == Delivery.State.SENT or not waits_in_sight):
            lost += 1
        if arrived > 1:
            duplicates += arrived - 1
            unmarked += (arrived - 1) * (row.unknown_count == 0)
        unknown += row.unknown_count > 0
        held += row.state == Delivery.State.HELD
        early += arrived > 0 and first_at[key] < row.owed_at.timestamp() - 0.005
    faults = [show.faults] if show.faults != "none" else []
    faults += [f"{show.crew.kills} kills"] if show.crew.kills else []
    faults += [f"{show.crew.freezes} freezes"] if show.crew.freezes else []
    return Result(
        scene=scene,
        database=show.vendor,
        rows=show.rows,
        faults=", ".join(faults) or "none",
        lost=lost,
        duplicates=duplicates,
        unmarked=unmarked,
        marked_unknown=unknown,
        held=held,
        early=early,
        mails_per_second=round(len(show.sink.mails) / seconds, 1),
        seconds=round(seconds, 1),
        note=show.note,
    )


# The scenes


def quiet(show: Show) -> None:
    """R02, F2: four workers and three sweepers at once, nothing goes wrong."""
    show.crew.hire(SEND, 4)
    show.crew.hire(SWEEP, 3)
    show.until_sent()


def planned(show: Show) -> None:
    """R03, R04: five sweepers at once owe what one would, while two workers send it."""
    show.crew.hire(SWEEP, 5)
    show.crew.hire(SEND, 2)
    gives_up_at = time.monotonic() + GIVE_UP_AFTER
    while len(show.sink.mails) < show.rows and time.monotonic() < gives_up_at:
        time.sleep(0.2)
    show.until_sent()
    time.sleep(1)


def kills(show: Show, *, workers: int = WORKERS, every: float = 1.0) -> None:
    """R01, F1: a random worker is killed about every second until all is sent."""
    show.crew.hire(SEND, workers)
    show.crew.hire(SWEEP, 2)
    show.until_sent(every=every, do=show.crew.kill_one)


def kills_of_few(show: Show) -> None:
    """The same with fewer workers and mails, for the gate."""
    kills(show, workers=3, every=2.0)


def kills_of_one(show: Show) -> None:
    """F7: SQLite with its one sender, killed again and again; another waits to take over."""
    kills(show, workers=2, every=6.0)


def freezes(show: Show) -> None:
    """Workers sleep past their lease and wake up in the middle of a mail."""
    show.crew.hire(SEND, 4)
    show.crew.hire(SWEEP, 2)
    show.until_sent(every=1.0, do=lambda: show.crew.freeze_one(7.0))


def clocks(show: Show) -> None:
    """Workers whose clocks are ten minutes fast, two hours slow, or a day ahead."""
    for skew in (600.0, -7200.0, 86_400.0, 0.0):
        show.crew.hire(SEND, 1, skew_seconds=skew)
    show.crew.hire(SWEEP, 1, skew_seconds=600.0)
    show.crew.hire(SWEEP, 1, skew_seconds=-600.0)
    show.faults = "clocks +10 min, -2 h, +1 d"
    show.until_sent()


def database_cut(show: Show) -> None:
    """PostgreSQL ends connections at random, and is read-only for four seconds now and then."""
    import psycopg
    from django.conf import settings

    chosen = settings.DATABASES["default"]
    name = chosen["NAME"]
    cuts = 0
    show.crew.hire(SEND, 4)
    show.crew.hire(SWEEP, 2)
    with psycopg.connect(
        host=chosen["HOST"], port=chosen["PORT"], user=chosen["USER"], dbname="postgres"
    ) as admin:
        admin.autocommit = True

        def cut() -> None:
            nonlocal cuts
            cuts += 1
            if cuts % 8 == 0:
                admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
                _end_connections(admin, name, everybody=True)
                time.sleep(4)
                admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
                _end_connections(admin, name, everybody=True)
            else:
                _end_connections(admin, name, everybody=False)

        show.until_sent(every=1.0, do=cut)
        show.faults = f"{cuts} times cut off, {cuts // 8} times read-only for 4 s"


def _end_connections(admin: object, name: str, *, everybody: bool) -> None:
    admin.execute(  # type: ignore[attr-defined]
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid()"
        " ORDER BY random() LIMIT %s",
        (name, 1_000 if everybody else 1),
    )


def database_crash(show: Show) -> None:
    """PostgreSQL crashes: a process of its own is killed, and it recovers from what is on disk.

    What it had promised to write and not yet written is gone, as after a power cut.
    """
    import psycopg
    from django.conf import settings

    chosen = settings.DATABASES["default"]
    address = {"host": chosen["HOST"], "port": chosen["PORT"], "user": chosen["USER"]}
    crashes = next_at = 0
    show.crew.hire(SEND, 4)
    show.crew.hire(SWEEP, 2)

    def crash() -> None:
        nonlocal crashes, next_at
        if len(show.sink.mails) < next_at:  # it has to recover before it can crash again
            return
        with contextlib.suppress(psycopg.OperationalError):  # it recovers from the last one
            with psycopg.connect(**address, dbname="postgres") as admin:
                found = admin.execute(
                    "SELECT pid FROM pg_stat_activity WHERE datname = %s LIMIT 1", (chosen["NAME"],)
                ).fetchone()
            if found:
                os.kill(found[0], signal.SIGKILL)
                crashes += 1
                next_at = len(show.sink.mails) + MAILS_BETWEEN_CRASHES

    show.until_sent(every=0.3, do=crash)
    show.faults = f"the database crashed {crashes} times"


def sqlite_locked(show: Show, *, seconds: tuple[float, ...] = (20.0, 45.0)) -> None:
    """Another process holds SQLite's write lock for 20 and for 45 seconds."""
    from django.conf import settings

    path = str(settings.DATABASES["default"]["NAME"])
    show.crew.hire(SEND, 1)
    show.crew.hire(SWEEP, 1)
    waits = list(seconds)

    def lock() -> None:
        if waits:
            time.sleep(2)
            with sqlite3.connect(path, timeout=60, isolation_level=None) as other:
                other.execute("BEGIN IMMEDIATE")
                time.sleep(waits.pop(0))
                other.execute("COMMIT")
            other.close()

    show.faults = "locked for " + " and ".join(f"{wait:.0f} s" for wait in seconds)
    show.until_sent(do=lock)


def sqlite_writers(show: Show) -> None:
    """D02, F7: four web writers read and write while mail goes out; nobody is told “locked”."""
    from netcrm.accounts.models import User

    show.crew.hire(SEND, 1)
    show.crew.hire(SWEEP, 1)
    ends = threading.Event()
    writers = [_Writer(ends) for _ in range(4)]
    for writer in writers:
        writer.start()
    show.until_sent()
    time.sleep(max(0.0, float(os.environ.get("WRITE_SECONDS", "0"))))
    ends.set()
    for writer in writers:
        writer.join()
    written = sum(writer.written for writer in writers)
    locked = sum(writer.locked for writer in writers)
    worst = max(writer.worst for writer in writers)
    counted = sum(len(name) for name in User.objects.values_list("name", flat=True))
    lost_updates = written - counted
    show.faults = "4 writers"
    show.note = (
        f"{written} writes, {locked} locked, {lost_updates} lost updates, worst {worst:.2f} s"
    )


class _Writer(threading.Thread):
    """Reads a row, thinks, writes it back: the transaction that a web request makes."""

    def __init__(self, ends: threading.Event) -> None:
        super().__init__(daemon=True)
        self.ends = ends
        self.written = self.locked = 0
        self.worst = 0.0

    def run(self) -> None:
        from django.db import OperationalError, connection, transaction

        from netcrm.accounts.models import User

        first = User.objects.order_by("email").first()
        assert first is not None
        while not self.ends.is_set():
            started = time.monotonic()
            try:
                with transaction.atomic():
                    user = User.objects.get(pk=first.pk)
                    if len(user.name) > 250:
                        user = User.objects.filter(name="").first() or user
                        first = user
                    user.name += "x"
                    user.save(update_fields=["name"])
                self.written += 1
            except OperationalError:
                self.locked += 1
            self.worst = max(self.worst, time.monotonic() - started)
            time.sleep(0.01)
        connection.close()


def punctual(show: Show) -> None:
    """R15: by the product's own beat, how long after its moment a mail is there."""
    with _background(show):
        show.until_sent(every=1.0)
    show.note = _delays(show)


def two_beats(show: Show) -> None:
    """R04: two of the product's beats for ten minutes, in which the mails fall due."""
    with _background(show) as background:
        background.beat("other beat")
        show.until_sent(every=1.0)
    show.faults = "two beats"
    show.note = _delays(show)


def redis_away(show: Show) -> None:
    """R05, F6: Redis killed and started empty ten times, and then away for a quarter of an hour.

    While it is away nothing wakes a worker; ``manage.py deliver``, which needs no Redis, sends.
    """
    chance = random.Random(7)
    away_seconds = float(os.environ.get("REDIS_AWAY_SECONDS", "900"))
    with _background(show) as background:
        for _ in range(10):
            time.sleep(chance.uniform(2, 12))
            background.kill_redis()
            time.sleep(chance.uniform(0.5, 3))
            background.start_redis()
        show.faults = "Redis killed and emptied 10 times"
        show.until_sent(every=1.0)
        show.note = _delays(show)
        fill(show.rows, third_party=False, over_seconds=away_seconds / 2, slot="away ")
        background.kill_redis()
        deliver = background.start(sys.executable, "manage.py", "deliver")
        gone_at = time.monotonic()
        show.until_sent(every=1.0)
        deliver.terminate()
        deliver.wait(40)
        time.sleep(max(0.0, away_seconds - (time.monotonic() - gone_at)))
        fill(20, third_party=False, slot="back ")
        background.start_redis()
        back_at = time.monotonic()
        show.until_sent(every=1.0)
        back_seconds = time.monotonic() - back_at
    show.faults += f", then away for {away_seconds:.0f} s"
    show.note += f"; after its return all sent within {back_seconds:.0f} s"
    show.rows = 2 * show.rows + 20


@contextmanager
def _background(show: Show) -> Iterator[Background]:
    """The product's own beat, at its own pace, and a worker with two processes."""
    with tempfile.TemporaryDirectory(prefix="netcrm-background-") as folder:
        background = Background(Path(folder), BEAT_SECONDS="30", WORKER_CONCURRENCY="2")
        try:
            background.worker()
            background.beat()
            yield background
        finally:
            background.stop()


def _delays(show: Show) -> str:
    """How long after their moments the mails arrived, in words."""
    from netcrm.delivery.models import Delivery

    arrived: dict[str, float] = {}
    for mail in show.sink.mails:
        arrived.setdefault(mail.message_id, mail.at)
    rows = Delivery.objects.filter(state=Delivery.State.SENT)
    late = [
        arrived[message_id] - owed_at.timestamp()
        for message_id, owed_at in rows.values_list("message_id", "owed_at")
        if message_id in arrived
    ]
    cuts = statistics.quantiles(late, n=100)
    return f"after its moment p50 {cuts[49]:.0f} s, p99 {cuts[98]:.0f} s, worst {max(late):.0f} s"


def smtp_faults(*, seed: int = 7) -> Script:
    """1 % 451 at RCPT; after the dot 0.2 % taken and dropped, 0.2 % dropped untaken."""
    chance = random.Random(seed)

    def script(stage: Stage, talk: Talk) -> str | Act | None:
        if stage is Stage.RCPT and chance.random() < 0.01:
            return "451 4.7.1 later"
        if stage is Stage.DOT:
            drawn = chance.random()
            if drawn < 0.002:
                return Act.TAKE_AND_DROP
            if drawn < 0.004:
                return Act.DROP
        return None

    return script


def doubts(*, seed: int = 7) -> Script:
    """3 % lost at the dot, half of them taken."""
    chance = random.Random(seed)

    def script(stage: Stage, talk: Talk) -> Act | None:
        if stage is Stage.DOT and chance.random() < 0.03:
            return chance.choice([Act.TAKE_AND_DROP, Act.TAKE_AND_HALF, Act.DROP, Act.DROP])
        return None

    return script


@dataclass(frozen=True, kw_only=True)
class Scene:
    play: Callable[[Show], None]
    databases: tuple[str, ...] = ("postgresql", "sqlite")
    script: Callable[[], Script] = lambda: take_everything
    third_party: bool = False
    over_seconds: float | None = None
    faults: str = "none"


SMTP = "1 % 451, 0.4 % lost at the dot"
SCENES = {
    "quiet": Scene(play=quiet),
    "planned": Scene(play=planned),
    "kills": Scene(play=kills, databases=("postgresql",)),
    "doubts": Scene(
        play=kills_of_few, databases=("postgresql",), script=doubts, faults="3 % lost at the dot"
    ),
    "kills-smtp": Scene(play=kills, databases=("postgresql",), script=smtp_faults, faults=SMTP),
    "hold": Scene(
        play=kills, databases=("postgresql",), script=smtp_faults, third_party=True, faults=SMTP
    ),
    "freezes": Scene(play=freezes, databases=("postgresql",)),
    "clocks": Scene(play=clocks),
    "cut": Scene(play=database_cut, databases=("postgresql",)),
    "kills-one": Scene(play=kills_of_one, databases=("sqlite",)),
    "crash": Scene(play=database_crash, databases=("postgresql",)),
    "locked": Scene(play=sqlite_locked, databases=("sqlite",)),
    "writers": Scene(play=sqlite_writers, databases=("sqlite",)),
    "punctual": Scene(play=punctual, over_seconds=180.0),
    "beats": Scene(play=two_beats, over_seconds=600.0),
    "redis": Scene(play=redis_away, over_seconds=120.0),
}


def perform(name: str, *, rows: int, port: int) -> Result:
    """Play a scene in this process, which has no thread and no connection yet."""
    scene = SCENES[name]
    with Nursery() as nursery, Sink(scene.script(), keep_data=False, port=port) as sink:
        from django.db import connection

        if scene.play is planned:
            fill_timetables(rows)
        else:
            fill(rows, third_party=scene.third_party, over_seconds=scene.over_seconds)
        show = Show(
            rows=rows,
            sink=sink,
            crew=Crew(nursery),
            vendor=connection.vendor,
            faults=scene.faults,
        )
        started = time.monotonic()
        try:
            scene.play(show)
        finally:
            show.crew.dismiss()
        return count(show, name, time.monotonic() - started)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", choices=sorted(SCENES))
    parser.add_argument("--rows", type=int, default=1_000)
    options = parser.parse_args()
    port = free_port()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    django.setup()
    result = perform(options.scene, rows=options.rows, port=port)
    print(json.dumps(asdict(result)))  # noqa: T201
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
