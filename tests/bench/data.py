"""A file of thousands of people from bytes to the list: python -m tests.bench.data FILE…

Every file goes the whole way (read and matched, then written, then brought in once more) in a
process of its own, so the memory is its own.  Beside it stand, from the same run, parsing
alone (the floor of reading) and Django's ``bulk_create`` of as many plain people (the floor of
writing).  Without files it makes a LinkedIn export of 30,000 rows and asks that of itself.
PostgreSQL: ``python -m tests.postgres python -m tests.bench.data FILE…``.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

ROWS = 30_000


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args()
    files = asked.files or [_made()]
    header = ("file", "rows", "parse", "read", "write", "whole", "again", "bulk_create", "MB")
    print("".join(f"{word:>12}" for word in header), " (seconds; whole: of the processor)")
    for file in files:
        context = get_context("spawn")
        with context.Pool(1) as pool:
            took = pool.apply(whole_way, (str(file),))
        print(
            f"{file.name[:12]:>12}{took['rows']:>12}"
            + "".join(
                f"{took[name]:>12.2f}"
                for name in ("parse", "read", "write", "whole", "again", "bulk_create")
            )
            + f"{took['mb']:>12.0f}  ({took['cpu']:.2f} of whole)"
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
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from contacts.engine.readers.reading import read_file
    from contacts.models import Contact
    from contacts.services import imports
    from netcrm.accounts.models import User

    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(f"bench{time.time_ns()}@example.test", "x", name="Bench")
    content = Path(file).read_bytes()
    now = timezone.now()

    def bring_in() -> tuple[float, float, float]:
        begun, cpu = time.perf_counter(), time.process_time()
        batch = imports.start_import(by=owner, at=now, file_name="people", content=content)
        imports.work_on(batch.pk, at=now)
        seen = time.perf_counter()
        batch.refresh_from_db()
        imports.confirm(batch, at=now)
        imports.work_on(batch.pk, at=now)
        batch.refresh_from_db()
        counts.append((batch.created, batch.updated))
        return seen - begun, time.perf_counter() - seen, time.process_time() - cpu

    counts: list[tuple[int, int]] = []
    read, write, cpu = bring_in()
    again = sum(bring_in()[:2])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.perf_counter()
    rows = len(read_file(content).drafts)
    parse = time.perf_counter() - begun
    begun = time.perf_counter()
    Contact.objects.bulk_create(Contact(owner=owner, name=f"P {n}") for n in range(rows))
    return {
        "rows": rows,
        "parse": parse,
        "read": read,
        "write": write,
        "whole": read + write,
        "again": again,
        "bulk_create": time.perf_counter() - begun,
        "mb": peak,
        "cpu": cpu,
        "again_changed": sum(counts[1]),
    }


def _made() -> Path:
    """A LinkedIn export of ``ROWS`` people, most of them without an address, as they are."""
    lines = ["First Name,Last Name,URL,Email Address,Company,Position,Connected On"]
    for n in range(ROWS):
        address = f"p{n}@example.org" if n % 20 == 0 else ""
        lines.append(
            f"Given{n % 700},Family{n},https://www.linkedin.com/in/p-{n},{address},"
            f"Firm {n % 3000},Head of number {n % 90},0{n % 9 + 1} Mar 2021"
        )
    file = Path(tempfile.mkdtemp(prefix="netcrm-bench-")) / "linkedin.csv"
    file.write_text('Notes:\n"Some addresses are missing."\n\n' + "\n".join(lines) + "\n")
    return file


if __name__ == "__main__":
    sys.exit(main())
