"""Search as you type at 30,000 people: python -m tests.bench.search [--people N]

Run it behind ``python -m tests.postgres`` for PostgreSQL.  Prints, for questions of several
kinds, the shortest and the median time of the whole page (the box in the top bar) and the
shortest of its SQL, beside an empty page in the same run, in processor time where it is known.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.bench.clocks import processor_clock

ROUNDS = 15
GIVEN = (
    "Ann Bill Chen Dana Elif Fatima George Hana Ivan José Kofi Lea Marco Nils Olga Priya "
    "Quentin Rosa Shirley Tomás Uma Viktor Wanda Xiu Yusuf Zoë"
)
FAMILY = (
    "Adler Brandt Costa Duarte Eze Fischer García Hansen Ito Jansen Kowalski López Müller "
    "Nwosu Okoro Petrov Quist Ruiz Schmidt Tanaka Ueda Vogel Weber Xavier Yilmaz Zhang"
)
WORDS = ["piano", "sailing", "river", "budget", "school", "garden", "sensor", "bakery", "ledger"]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=30_000)
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
    if not os.environ.get("TEST_DATABASE_URL"):
        folder = tempfile.mkdtemp(prefix="netcrm-bench-")
        os.environ["TEST_DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from contacts.models import Contact, Organization, Position
    from contacts.search import index_people
    from netcrm.accounts.models import User

    settings.ROOT_URLCONF = "tests.bench.bare"
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(f"bench{time.time_ns()}@example.test", "x", name="Bench")
    chance = random.Random(7)
    firms = [
        Organization(owner=owner, name=f"Firm {word} {n}", key=f"firm {word} {n}")
        for n in range(200)
        for word in WORDS
    ]
    Organization.objects.bulk_create(firms)
    people = Contact.objects.bulk_create(
        Contact(
            owner=owner,
            name=f"{chance.choice(GIVEN.split())} {chance.choice(FAMILY.split())}"
            f"{chance.choice(['', 'son', 's', ' Lee'])}{n % 97 or ''}",
            notes=" ".join(chance.choices(WORDS, k=20)) if n % 3 == 0 else "",
        )
        for n in range(asked.people)
    )
    Position.objects.bulk_create(
        Position(contact=person, organization=chance.choice(firms), title="Clerk")
        for person in people
    )
    start = time.perf_counter()
    index_people(owner, [person.pk for person in people])
    took_s = time.perf_counter() - start
    print(f"{connection.vendor}: {asked.people} people, indexed in {took_s:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(owner)
    client.get("/bare/")
    box = {"HX-Request": "true"}
    empty = _times(partial(client.get, "/bare/"))
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"ms of {processor_clock()[1]}; {load}")
    print(f"{'':24}{'shortest':>10}{'median':>8}{'x empty':>9}{'SQL':>7}")
    print(f"{'empty page':24}{empty.shortest:10.1f}{empty.median:8.1f}{1:9.1f}{empty.sql:7.1f}")
    slowest = most_sql = 0.0
    for kind, typed in {
        "one letter": "s",
        "two letters": "sh",
        "a common name": "ann",
        "a name": "shirley okoro",
        "a number in a name": "lee42",
        "a word of the notes": "sailing river",
        "an employer": "firm sensor 17",
        "accents": "josé garcía",
        "misspelt": "shirely",
        "misspelt twice": "kowalsky viktro",
        "nothing": "xyzzyplugh",
        "5,000 characters": "a" * 5_000,
        "wildcards": "% _ * " * 800,
        "10,000 words": " ".join(f"w{n}" for n in range(10_000)),
    }.items():
        took = _times(partial(client.get, "/people/search/", {"q": typed}, headers=box))
        slowest, most_sql = max(slowest, took.shortest), max(most_sql, took.sql)
        print(
            f"{kind:24}{took.shortest:10.1f}{took.median:8.1f}"
            f"{took.shortest / empty.shortest:9.1f}{took.sql:7.1f}"
        )
    print(f"slowest {slowest:.1f} ms, {most_sql:.1f} of SQL; asked for: at most 50, and 10 of SQL")
    return 0


@dataclass
class Took:
    shortest: float
    median: float
    sql: float


def _times(call: Callable[[], Any]) -> Took:
    from django.db import connection

    clock, _what = processor_clock()
    whole, sql = [], []

    def timed(execute: Any, *arguments: Any) -> Any:
        start = clock()
        try:
            return execute(*arguments)
        finally:
            sql[-1] += clock() - start

    with connection.execute_wrapper(timed):
        for _ in range(ROUNDS):
            sql.append(0.0)
            start = clock()
            assert call().status_code == 200
            whole.append(clock() - start)
    return Took(1000 * min(whole), 1000 * statistics.median(whole), 1000 * min(sql))


if __name__ == "__main__":
    sys.exit(main())
