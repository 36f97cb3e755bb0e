"""Break what can break and print what came of it: python3 run.py faults [--short] [SCENE…]

Every scene starts real worker processes against a real PostgreSQL or SQLite, our own mail
server and, where it says so, a real Redis; docs/reliability.md holds the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.scenes import SCENES, Result
from tests.postgres import Missing, server

LONG = {
    "quiet": 10_000,
    "planned": 1_000,
    "kills": 100_000,
    "doubts": 10_000,
    "kills-smtp": 10_000,
    "hold": 10_000,
    "freezes": 8_000,
    "clocks": 5_000,
    "cut": 10_000,
    "crash": 10_000,
    "kills-one": 6_000,
    "locked": 2_000,
    "writers": 600,
    "punctual": 1_000,
    "beats": 500,
    "redis": 500,
}
SHORT = {"quiet": 200, "doubts": 300, "clocks": 100}
# Lease, and wait of a mail that may have been sent: the product's rules, only sooner.
SOONER, SOONEST = ("5", "3"), ("2", "1")
SECONDS_A_SCENE = 6_000
# Where the tests of one run share a migrated SQLite file: migrating takes eight seconds.
TEMPLATE: Path | None = None


class Databases:
    """Fresh, migrated databases for the scenes: one server, one template."""

    def __init__(self, folder: Path, server_url: str | None, seconds: tuple[str, str]) -> None:
        self.folder = folder
        self.seconds = seconds
        self.server_url = server_url
        self._made = 0

    def urls(self, vendors: tuple[str, ...]) -> Iterator[str]:
        for vendor in vendors:
            if vendor == "sqlite":
                yield self._sqlite()
            elif self.server_url:
                yield self._postgresql(self.server_url)

    def _sqlite(self) -> str:
        self._made += 1
        path = self.folder / f"scene{self._made}.sqlite3"
        template = self.folder / "template.sqlite3"
        if not template.exists():
            migrate(f"sqlite:///{template}", self.folder)
        path.write_bytes(template.read_bytes())
        return f"sqlite:///{path}"

    def _postgresql(self, server_url: str) -> str:
        base = server_url.rpartition("/")[0]
        with psycopg.connect(server_url, autocommit=True) as admin:
            if not admin.execute(
                "SELECT 1 FROM pg_database WHERE datname = 'template_of_scenes'"
            ).fetchone():
                admin.execute("CREATE DATABASE template_of_scenes")
                migrate(f"{base}/template_of_scenes", self.folder)
            self._made += 1
            name = f"scene{self._made}"
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template_of_scenes")
        return f"{base}/{name}"


def environment(url: str, folder: Path, seconds: tuple[str, str] = SOONER) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url,
        "NETCRM_VAR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "DELIVERY_LEASE_SECONDS": seconds[0],
        "DELIVERY_UNKNOWN_WAIT_SECONDS": seconds[1],
    }


def migrate(url: str, folder: Path) -> None:
    """Make an empty database; on SQLite a copy of ``TEMPLATE``, once there is one."""
    sqlite, path = url.split(":///") if url.startswith("sqlite") else ("", "")
    if not sqlite or TEMPLATE is None:
        _migrate(url, folder)
        return
    if not TEMPLATE.exists():
        made = TEMPLATE.with_suffix(f".{os.getpid()}")
        _migrate(f"{sqlite}:///{made}", folder)
        made.replace(TEMPLATE)
    shutil.copyfile(TEMPLATE, path)


def _migrate(url: str, folder: Path) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, env=environment(url, folder), check=True)


def play(name: str, *, rows: int, url: str, made: Databases) -> Result:
    """Play one scene in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.scenes", name, "--rows", str(rows)],
        env=environment(url, made.folder, made.seconds),
        stdout=subprocess.PIPE,
        text=True,
        timeout=SECONDS_A_SCENE,
        check=False,
    )
    if not done.stdout.strip():
        raise RuntimeError(f"{name} on {url} ended with {done.returncode} and no result")
    return Result(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def databases(*, short: bool = False) -> Iterator[Databases]:
    """A folder for SQLite files and, where the machine has one, a PostgreSQL server."""
    seconds = SOONEST if short else SOONER
    with tempfile.TemporaryDirectory(prefix="netcrm-faults-") as name:
        folder = Path(name)
        try:
            with server(durable=not short) as url:
                yield Databases(folder, url, seconds)
        except Missing as missing:
            print(missing, file=sys.stderr)
            yield Databases(folder, None, seconds)


def table(results: list[Result]) -> str:
    """The results as a Markdown table."""
    heads = ["Scene", "Database", "Rows", "Faults", "Lost", "Duplicates", "Unmarked"]
    heads += ["Unknown", "Held", "Early", "Mails/s", "Note"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for r in results:
        cells: list[Any] = [r.scene, r.database, f"{r.rows:,}", r.faults, r.lost, r.duplicates]
        cells += [r.unmarked, r.marked_unknown, r.held, r.early, r.mails_per_second, r.note]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=", ".join(SCENES))
    parser.add_argument("--short", action="store_true", help="a few hundred mails a scene")
    parser.add_argument("--rows", type=int, help="how many mails, for every scene")
    options = parser.parse_args(arguments)
    rows = SHORT if options.short else LONG
    results = []
    with databases(short=options.short) as made:
        for name in options.scenes or rows:
            for url in made.urls(SCENES[name].databases):
                count = options.rows or rows.get(name, LONG[name])
                results.append(play(name, rows=count, url=url, made=made))
                print(table(results[-1:]).splitlines()[-1], flush=True)
    print("\n" + table(results))
    broken = [result for result in results if not result.ok]
    return 1 if broken or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
