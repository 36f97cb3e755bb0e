"""Measure planning from the database: contacts a second, the first time, unchanged and changed.

    python -m tests.bench.plan [--contacts 5000] [--touches 5] [--owners 1] [--profile]

SQLite in a throwaway folder, or the server in TEST_DATABASE_URL (python -m tests.postgres …).
Every contact is active and has been in touch, so each has its tie replayed and its window made.
"Own" is this process's processor time; a server's is not in it.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=5000, help="of each owner")
    parser.add_argument("--touches", type=int, default=5, help="of each contact, on average")
    parser.add_argument("--owners", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help="of the unchanged planning")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TEST_DATABASE_URL", f"sqlite:///{folder}/plan.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
        import django

        django.setup()
        measure(args)


def measure(args: argparse.Namespace) -> None:
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    old = setup_databases(verbosity=0, interactive=False)
    try:
        owners = [_owner(n, args) for n in range(args.owners)]
        people = args.owners * args.contacts
        print(
            f"{connection.vendor}, {args.owners} × {args.contacts} contacts, {args.touches} touches"
        )
        _timed("first planning", owners, people, NOW)
        if args.profile:
            _profiled(owners[0])
        _timed("unchanged", owners, people, NOW + timedelta(hours=1))
        for owner in owners:
            _log_something(owner, every=100)
        _timed("1 in 100 changed", owners, people, NOW + timedelta(hours=2))
        one = owners[0].contacts.filter(is_self=False).first()
        _timed("one person", owners[:1], 1, NOW + timedelta(hours=2), contacts=[one.pk])
    finally:
        teardown_databases(old, verbosity=0)


def _owner(n, args):
    from contacts.models import Contact, Interaction, Participation
    from contacts.services import settle
    from netcrm.accounts.models import User

    chance = random.Random(n)
    owner = User.objects.create_user(f"bench{n}@example.test", "x" * 20, time_zone="Europe/London")
    Contact.objects.create(owner=owner, name="Me", is_self=True)
    people = Contact.objects.bulk_create(
        (
            Contact(owner=owner, name=f"Person {k}", ring=chance.choice("ABBCCC"))
            for k in range(args.contacts)
        ),
        batch_size=500,
    )
    exchanges, parts = [], []
    for person in people:
        for _ in range(1 + int(chance.expovariate(1 / max(args.touches - 1, 0.01)))):
            at = NOW - timedelta(days=chance.expovariate(1 / 60))
            kind, direction = chance.choice(
                [("message", "out"), ("message", "in"), ("talk", "both"), ("meeting", "both")]
            )
            row = Interaction(owner=owner, kind=kind, direction=direction, at=at)
            exchanges.append(row)
            parts.append(Participation(interaction=row, contact=person))
    Interaction.objects.bulk_create(exchanges, batch_size=500)
    Participation.objects.bulk_create(parts, batch_size=500)
    settle(owner, people=[person.pk for person in people])
    return owner


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


if __name__ == "__main__":
    main()
