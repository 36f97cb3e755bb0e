"""A file of thousands of people from bytes to the list: python -m tests.bench.data FILE…

Every file goes the whole way (read and matched, then written, then brought in once more) in a
process of its own, so the memory is its own.  Beside it stand, from the same run, parsing
alone (the floor of reading) and Django's ``bulk_create`` of as many plain people (the floor of
writing).  Times are of the processor, a server's not among them; the last column is the whole
way on the wall, which is what is asked for on a quiet machine.  Without files it makes an export
of 30,000 people in every format that is read, and asks that of itself.
PostgreSQL: ``python -m tests.postgres python -m tests.bench.data FILE…``.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.bench import exports

ROWS = 30_000
STAGES = ("parse", "read", "write", "whole", "again", "bulk_create")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args()
    files = asked.files or exports.make(ROWS)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(f"seconds; {load}.  Asked for: 30,000 rows of LinkedIn in 10 s, vCard 12, others 15;")
    print("1,000 rows in 1 s; below 300 MB")
    header = ("file", "rows", *STAGES, "MB", "wall")
    print("".join(f"{word:>12}" for word in header))
    for file in files:
        context = get_context("spawn")
        with context.Pool(1) as pool:
            took = pool.apply(whole_way, (str(file),))
        print(
            f"{file.stem:>12}{took['rows']:>12}"
            + "".join(f"{took[name]:>12.2f}" for name in STAGES)
            + f"{took['mb']:>12.0f}{took['wall']:>12.1f}"
        )
        if took["again_changed"]:
            print(f"  brought in again, it changed {took['again_changed']} people", file=sys.stderr)
    return 0


def whole_way(file: str) -> dict[str, Any]:
    """Bring ``file`` into a fresh database twice; seconds by stage and the peak in megabytes."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
    if not os.environ.get("TEST_DATABASE_URL"):
        folder = tempfile.mkdtemp(prefix="netcrm-bench-")
        os.environ["TEST_DATABASE_URL"] = f"sqlite:///{folder}/bench.sqlite3"
    # In a process of its own, as when deployed: what migrating takes is not the worker's.
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], check=True)
    import django

    django.setup()
    from django.utils import timezone

    from contacts.engine.readers.reading import read_file
    from contacts.models import Contact
    from contacts.services import imports
    from netcrm.accounts.models import User

    owner = User.objects.create_user(f"bench{time.time_ns()}@example.test", "x", name="Bench")
    now = timezone.now()

    def bring_in() -> tuple[float, float, float]:
        wall, begun = time.perf_counter(), time.process_time()
        # Only the worker's copy of the file counts: the page that took it in is another process.
        batch = imports.start_import(
            by=owner, at=now, file_name="people", content=Path(file).read_bytes()
        )
        imports.work_on(batch.pk, at=now)
        seen = time.process_time()
        batch.refresh_from_db()
        if Path(file).name == exports.TOLD_FILE and not counts:
            imports.say_columns(batch, at=now, fields=exports.TOLD_FIELDS, day_first=None)
            imports.work_on(batch.pk, at=now)
            batch.refresh_from_db()
        imports.confirm(batch, at=now)
        imports.work_on(batch.pk, at=now)
        batch.refresh_from_db()
        counts.append((batch.created, batch.updated))
        return seen - begun, time.process_time() - seen, time.perf_counter() - wall

    counts: list[tuple[int, int]] = []
    read, write, wall = bring_in()
    again = sum(bring_in()[:2])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.process_time()
    rows = len(read_file(Path(file).read_bytes()).drafts)
    parse = time.process_time() - begun
    begun = time.process_time()
    Contact.objects.bulk_create(Contact(owner=owner, name=f"P {n}") for n in range(rows))
    return {
        "rows": rows,
        "parse": parse,
        "read": read,
        "write": write,
        "whole": read + write,
        "again": again,
        "bulk_create": time.process_time() - begun,
        "mb": peak,
        "wall": wall,
        "again_changed": sum(counts[1]),
    }


if __name__ == "__main__":
    sys.exit(main())
