"""Measure planning from the database: contacts a second, the first time, unchanged and changed.

    python -m tests.bench.plan [--contacts 5000] [--touches 5] [--owners 1] [--profile]
    python -m tests.bench.plan --processes 2 [--owners 500] [--contacts 2000]

The first plans owner after owner with ``followups.services.plan``, on SQLite in a throwaway
folder, or on the server in TEST_DATABASE_URL (python -m tests.postgres …).  "Own" is this
process's processor time; a server's is not in it.

The second lets two nights pass over a million contacts on PostgreSQL, that server or a throwaway
one: owners are found and planned by the very tasks that beat and the workers run, trust and the
pace of the week included, in so many processes.  Ten owners are filled, the others are copies
of them (tests/bench/copies.py).  Rows are counted by the server.

Every contact is active and has been in touch, so each has its tie replayed and its window made.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import os
import pstats
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from typing import NamedTuple

from tests.postgres import Missing, server

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
NIGHT = datetime(2026, 11, 18, 1, 10, tzinfo=UTC)
FILLED = 10  # owners, of whom the others are copies
SECONDS_ASKED = 300  # for a million contacts on two cores


class Touch(NamedTuple):
    kind: str
    direction: str
    at: datetime


class Someone(NamedTuple):
    name: str
    ring: str
    touches: list[Touch]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, help="of each owner; 5000, or 2000 of many owners")
    parser.add_argument("--touches", type=int, default=5, help="of each contact, on average")
    parser.add_argument("--owners", type=int, help="1, or 500 planned by processes")
    parser.add_argument("--profile", action="store_true", help="of the unchanged planning")
    parser.add_argument("--processes", type=int, help="plan a million contacts, as workers do")
    args = parser.parse_args()
    args.owners = args.owners or (500 if args.processes else 1)
    args.contacts = args.contacts or (2000 if args.processes else 5000)
    os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
    try:
        with _postgresql() if args.processes else _any_database() as url:
            os.environ["TEST_DATABASE_URL"] = url
            import django

            django.setup()
            (nights if args.processes else measure)(args)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def _postgresql() -> AbstractContextManager[str]:
    url = os.environ.get("TEST_DATABASE_URL", "")
    return nullcontext(url) if url.startswith("postgres") else server()


@contextmanager
def _any_database() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder}/plan.sqlite3"


@contextmanager
def _empty_database() -> Iterator[None]:
    from django.test.utils import setup_databases, teardown_databases

    old = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(old, verbosity=0)


# Owner after owner, in this process


def measure(args: argparse.Namespace) -> None:
    from django.db import connection

    with _empty_database():
        owners = [_owner(n, args) for n in range(args.owners)]
        people = args.owners * args.contacts
        print(f"{connection.vendor}, {_size(args)}")
        _timed("first planning", owners, people, NOW)
        if args.profile:
            _profiled(owners[0])
        _timed("unchanged", owners, people, NOW + timedelta(hours=1))
        for owner in owners:
            _log_something(owner, every=100)
        _timed("1 in 100 changed", owners, people, NOW + timedelta(hours=2))
        one = owners[0].contacts.filter(is_self=False).first()
        _timed("one person", owners[:1], 1, NOW + timedelta(hours=2), contacts=[one.pk])


def _size(args: argparse.Namespace) -> str:
    return f"{args.owners} × {args.contacts:,} contacts, {args.touches} touches"


def _owner(n: int, args: argparse.Namespace):
    from netcrm.accounts.models import User

    owner = User.objects.create_user(f"bench{n}@example.test", "x" * 20, time_zone="Europe/London")
    fill(owner, people(random.Random(n), args.contacts, args.touches))
    return owner


def people(chance: random.Random, count: int, touches: int) -> Iterator[Someone]:
    """Make up people and what happened with each of them in the last months, oldest first."""
    for n in range(count):
        happened = [
            Touch(
                *chance.choice(
                    [("message", "out"), ("message", "in"), ("talk", "both"), ("meeting", "both")]
                ),
                NOW - timedelta(days=chance.expovariate(1 / 60)),
            )
            for _ in range(1 + int(chance.expovariate(1 / max(touches - 1, 0.01))))
        ]
        yield Someone(f"Person {n}", chance.choice("ABBCCC"), sorted(happened, key=lambda t: t.at))


def fill(owner, everybody: Iterable[Someone]) -> None:
    """Write these people at once, as the services would have one by one."""
    from contacts.models import Contact, Interaction, Participation
    from contacts.services import ensure_self, settle

    ensure_self(by=owner)
    everybody = list(everybody)
    rows = [Contact(owner=owner, name=one.name, ring=one.ring) for one in everybody]
    exchanges, parts = [], []
    for row, one in zip(rows, everybody, strict=True):
        for touch in one.touches:
            exchange = Interaction(owner=owner, **touch._asdict())
            exchanges.append(exchange)
            parts.append(Participation(interaction=exchange, contact=row))
    Contact.objects.bulk_create(rows, batch_size=500)
    Interaction.objects.bulk_create(exchanges, batch_size=500)
    Participation.objects.bulk_create(parts, batch_size=500)
    settle(owner, people=[row.pk for row in rows])


def _log_something(owner, *, every: int) -> None:
    from tests import make

    for person in list(owner.contacts.filter(is_self=False).order_by("pk"))[::every]:
        make.interaction(person, at=NOW + timedelta(minutes=90))


def _timed(what: str, owners, people: int, at: datetime, **how) -> None:
    from followups.services import Counts, plan

    counts = Counts()
    wall, own = time.perf_counter(), time.process_time()
    for owner in owners:
        counts += plan(owner, at=at, **how)
    wall, own = time.perf_counter() - wall, time.process_time() - own
    print(
        f"{what:18} {people / wall:9,.0f} contacts/s   {1e6 * wall / people:8,.0f} µs each   "
        f"own {1e6 * own / people:8,.0f} µs   rows: {counts.created} new, {counts.changed} moved, "
        f"{counts.closed} closed"
    )


def _profiled(owner) -> None:
    from followups.services import plan

    profile = cProfile.Profile()
    profile.runcall(plan, owner, at=NOW)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


# A night of everybody, by the tasks, in several processes


def nights(args: argparse.Namespace) -> None:
    from django.db import connection

    from tests.bench.copies import copy_owners

    filled = min(args.owners, FILLED)
    copies, left = divmod(args.owners - filled, filled)
    if left:
        raise SystemExit(f"--owners {args.owners}: make it a multiple of {FILLED}")
    with _empty_database():
        begun = time.perf_counter()
        for n in range(filled):
            _owner(n, args)
        copy_owners(copies)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT pg_database_size(current_database()) / 1e9")
            (gigabytes,) = cursor.fetchone()
        print(
            f"postgresql, {_size(args)}, {args.processes} processes on {os.cpu_count()} cores; "
            f"filled in {time.perf_counter() - begun:.0f} s, {gigabytes:.1f} GB",
            flush=True,
        )
        _night("first night", args, NIGHT)
        _night("night after", args, NIGHT + timedelta(days=1))


class Took(NamedTuple):
    """What planning some owners took, in seconds of the processor."""

    own: float
    with_server: float


def _night(what: str, args: argparse.Namespace, at: datetime) -> None:
    from django.db import connections

    from followups.tasks import owners_to_plan

    before = _written()
    wall = time.perf_counter()
    chunks = owners_to_plan(at=at)
    connections.close_all()  # each process opens its own
    with get_context("fork").Pool(args.processes, initializer=_quietly) as pool:
        took = list(pool.imap_unordered(_plan, [(keys, at) for keys in chunks]))
        wall = time.perf_counter() - wall
        pool.close()
        pool.join()
    people = args.owners * args.contacts
    own = 1e6 * sum(one.own for one in took) / people
    both = 1e6 * sum(one.with_server for one in took) / people
    print(
        f"{what:12} {wall:6.0f} s on the wall, {people / wall:7,.0f} contacts/s, "
        f"{people / wall / args.processes:6,.0f} of a core; {both:4.0f} µs of processor time each, "
        f"{own:4.0f} without the server's ({1e6 / both:6,.0f}/s of a core); "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print(f"  asked for: {SECONDS_ASKED * people / 1e6:.0f} s on two cores that do nothing else")
    after = _written()
    rows = [f"{table} {after[table] - count:,}" for table, count in before.items()]
    print("  rows written: " + ", ".join(row for row in rows if not row.endswith(" 0")), flush=True)


def _quietly() -> None:
    logging.getLogger("followups.tasks").setLevel(logging.ERROR)  # the first night changes rows


def _plan(asked: tuple[list[str], datetime]) -> Took:
    import time_machine

    from followups.tasks import plan_owners
    from tests.bench.clocks import processor_clock

    keys, at = asked
    clock, _ = processor_clock()
    own, both = time.thread_time(), clock()
    with time_machine.travel(at):
        plan_owners(keys)
    return Took(time.thread_time() - own, clock() - both)


def _written() -> dict[str, int]:
    """Return how many rows each table has had written since it was made, once all is counted."""
    from django.db import connection

    with connection.cursor() as cursor:
        others = 1
        while others:  # a process is counted when it has gone
            time.sleep(0.1)
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            (others,) = cursor.fetchone()
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")
        return dict(cursor.fetchall())


if __name__ == "__main__":
    sys.exit(main())
