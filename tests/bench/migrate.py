"""Migrate with a million people in the database while others write (D08).

    python -m tests.bench.migrate [--people 1000000] [--writers 3] [--after 0004]

A throwaway PostgreSQL that waits for its disk is migrated to an early migration of contacts and
filled with people and the words they are found by.  Then ``manage.py migrate`` applies every
migration there is since, while so many writers each edit one person after another: their row
and their words.  Printed: how long migrating took, and the slowest edit before it and meanwhile.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path

import psycopg

from tests.postgres import Missing, server

ROOT = Path(__file__).resolve().parents[2]
EDITED = 1000  # people
PAUSE_SECONDS = 0.01  # between two edits of one writer
SLOW_SECONDS = 0.5
SECONDS_BEFORE = 5.0  # of writing with no migration


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--after", default="0004", help="the migration of contacts to begin with")
    args = parser.parse_args()
    try:
        with server(durable=True) as url:
            measure(url, args)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def measure(url: str, args: argparse.Namespace) -> None:
    os.environ["TEST_DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
    import django

    django.setup()
    begun = time.perf_counter()
    _fill(args.people, args.after)
    print(
        f"postgresql, {args.people:,} people at contacts {args.after}, {args.writers} writers; "
        f"filled in {time.perf_counter() - begun:.0f} s; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    writers = [Writer(url, number) for number in range(args.writers)]
    for writer in writers:
        writer.start()
    time.sleep(SECONDS_BEFORE)
    _say("before", writers)
    begun = time.perf_counter()
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    print(f"migrating took {time.perf_counter() - begun:.1f} s; load {os.getloadavg()[0]:.1f}")
    for writer in writers:
        writer.stop()
    _say("meanwhile", writers)
    done.check_returncode()


class Writer(threading.Thread):
    """Edits one person after another, and notes how long each edit took."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__(daemon=True)
        self.url, self.number = url, number
        self.waits: list[float] = []
        self.asked_to_stop = threading.Event()

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            people = connection.execute(
                "SELECT contact_id FROM contacts_searchtext ORDER BY id LIMIT %s", [EDITED]
            ).fetchall()
            for n in count(self.number):
                if self.asked_to_stop.wait(PAUSE_SECONDS):
                    return
                (person,) = people[n * 7 % len(people)]
                begun = time.perf_counter()
                with connection.transaction():
                    connection.execute(
                        "UPDATE contacts_contact SET notes = %s WHERE id = %s", [str(n), person]
                    )
                    connection.execute(
                        "UPDATE contacts_searchtext SET text = %s WHERE contact_id = %s",
                        [f" person {n} ", person],
                    )
                self.waits.append(time.perf_counter() - begun)

    def stop(self) -> None:
        """Return when the edit under way is done."""
        self.asked_to_stop.set()
        self.join()


def _say(when: str, writers: list[Writer]) -> None:
    """Tell of the edits since it was last told."""
    waits = [wait for writer in writers for wait in writer.waits]
    for writer in writers:
        writer.waits = []
    slow = sum(wait > SLOW_SECONDS for wait in waits)
    print(
        f"{when}: {len(waits):,} edits, the slowest took {max(waits):.2f} s, "
        f"{slow:,} more than {SLOW_SECONDS} s",
        flush=True,
    )


def _fill(people: int, after: str) -> None:
    """Make the tables as they were then; PostgreSQL makes many people of one."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    call_command("migrate", "contacts", after, verbosity=0)
    loader = MigrationLoader(connection)
    name = loader.get_migration_by_prefix("contacts", after).name
    apps = loader.project_state(("contacts", name)).apps
    owner = apps.get_model("accounts", "User").objects.create(email="bench@example.test")
    contact = apps.get_model("contacts", "Contact")
    contact.objects.create(owner=owner, name="Person 0", name_key="person 0")
    own = {"id": "gen_random_uuid()", "name": "'Person ' || n", "name_key": "'person ' || n"}
    columns = [field.column for field in contact._meta.concrete_fields]
    values = [own.get(column, f'"{column}"') for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO contacts_contact ({", ".join(f'"{column}"' for column in columns)})
                SELECT {", ".join(values)} FROM contacts_contact, generate_series(1, %s) n""",  # noqa: S608
            [people - 1],
        )
        cursor.execute(
            """INSERT INTO contacts_searchtext (owner_id, contact_id, text)
               SELECT owner_id, id, ' ' || name_key || ' ' FROM contacts_contact"""
        )
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    sys.exit(main())
