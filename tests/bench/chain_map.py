"""The chain map at growing sizes: processor time for the drawing, and for the whole page.

    python3 run.py bench chain_map

Prints medians beside the bar of feature N11 (500 people in under 200 ms of server time) and how
the time grows against the number of people: 1.0 is in step with it.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netcrm.settings.test")

SIZES = (50, 125, 250, 500)
ROUNDS = 7
BAR_MS = 200


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        measure()


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    from tests import make
    from tests.bench.clocks import processor_clock

    call_command("migrate", verbosity=0)
    clock, what = processor_clock()
    print(f"Chain map, one branch drawn whole: median of {ROUNDS}, {what}; bar {BAR_MS} ms at 500")
    print(f"{'people':>8}{'drawing ms':>12}{'page ms':>10}{'page KiB':>10}{'growth':>8}")
    before: tuple[int, float] | None = None
    for size in SIZES:
        owner = make.user(f"bench{size}@example.test")
        first = grow(owner, size)
        client = Client()
        client.force_login(owner)
        url = f"/introductions/?from={first.pk}"
        weight = len(client.get(url).content) / 1024
        page = median_ms(clock, lambda client=client, url=url: client.get(url))
        drawing = median_ms(clock, lambda owner=owner, first=first: draw(owner, str(first.pk)))
        growth = ""
        if before is not None:
            growth = f"{(page / before[1]) / (size / before[0]):.2f}"
        before = (size, page)
        print(f"{size:>8}{drawing:>12.1f}{page:>10.1f}{weight:>10.0f}{growth:>8}")


def grow(owner: Any, size: int) -> Any:
    from tests import make

    people = [make.contact(owner, f"Person {n:03}") for n in range(size)]
    for n in range(1, size):
        make.introduction(people[max(n * 7 % min(n, 40), n - 40)], people[n])
    return people[0]


def draw(owner: Any, branch: str) -> None:
    """What the view does for the map alone: load, and draw."""
    from datetime import date

    from introductions import charts, selectors

    found = selectors.standings(owner, today=date(2026, 11, 17))
    charts.chain_map(owner, found, [], branch=branch, uid="map")


def median_ms(clock: Any, work: Any) -> float:
    times = []
    for _ in range(ROUNDS):
        began = clock()
        work()
        times.append((clock() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
