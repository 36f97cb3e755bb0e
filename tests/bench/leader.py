"""A group of a hundred with 2,000 people each: python -m tests.bench.leader

The overview, one member's review, an overview for which eight members must be counted first, and
the empty page beside them; then “who here can reach this company?” over the 100,000 people whom
half the members let the room count, drawn by a worker and asked in a request.
Times on the wall and of the processor; the load says how far apart they may lie.  PostgreSQL:
``python -m tests.postgres python -m tests.bench.leader``.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

COMPANIES = 2_000
BARS = {
    "overview": 500,
    "overview, 8 members behind": 500,
    "a question of the room": 15,
    "of it: the path search": 15,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TEST_DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        import django

        django.setup()
        return measure(asked, Path(folder))


def measure(asked: argparse.Namespace, folder: Path) -> int:
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    settings.ALLOWED_HOSTS = ["*"]
    settings.VAR_DIR = folder
    old = setup_databases(verbosity=0, interactive=False)
    try:
        print(f"{connection.vendor}; load {load()} on {os.cpu_count()} cores")
        group = gather(asked.members, asked.people)
        over = pages(group, asked.rounds) + rooms(group, asked.rounds)
        print(f"load {load()} at the end; over the bar: {', '.join(over) or 'nothing'}")
        return 1 if over else 0
    finally:
        teardown_databases(old, verbosity=0)


def load() -> str:
    return " ".join(f"{n:.1f}" for n in os.getloadavg())


def gather(members: int, people: int) -> Any:
    """The group, led by one more; each member's list has a history and steps to take."""
    from django.db import connection, transaction
    from django.utils import timezone

    from tests import make

    dice, began = random.Random(7), time.perf_counter()
    group = make.group(make.user("lead@bench.test", name="Lead"))
    for n in range(members):
        with transaction.atomic():
            user = make.user(f"m{n}@bench.test", name=f"Member {n:03}", target_line="Buyer")
            make.member(group, user, grain=2, in_the_room=n % 2 == 0)
            fill(user, people, dice, timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    took = time.perf_counter() - began
    print(f"{members} members with {people:,} people each, made in {took:.0f} s\n")
    return group


def fill(user: Any, people: int, dice: random.Random, now: Any) -> None:
    from contacts.models import Contact, Interaction, Organization, Participation, Position
    from followups.models import FollowUp
    from introductions.models import Introduction, TrustState
    from tests import make

    today = user.day(now)
    rows = Contact.objects.bulk_create(
        Contact(owner=user, name=f"Person {n}", ring="D" if n % 10 else dice.choice("ABC"))
        for n in range(people)
    )
    named = sorted(dice.sample(range(COMPANIES), 50))
    places = Organization.objects.bulk_create(
        Organization(owner=user, name=f"Company {n}", key=f"company {n}") for n in named
    )
    Position.objects.bulk_create(
        Position(contact=row, organization=dice.choice(places)) for row in rows[: people // 2]
    )
    TrustState.objects.bulk_create(
        TrustState(contact=row, level=dice.randrange(5), earned=1, reason="x", next_code="y")
        for row in rows[::4]
    )
    talks = Interaction.objects.bulk_create(
        Interaction(
            owner=user,
            kind="talk",
            direction="both",
            at=now - timedelta(days=dice.randrange(200)),
        )
        for _ in range(people // 5)
    )
    Participation.objects.bulk_create(
        Participation(interaction=talk, contact=dice.choice(rows)) for talk in talks
    )
    active = rows[::10]
    window = {
        "purpose": "nurture",
        "opens_on": today,
        "best_on": today,
        "fades_on": today + timedelta(days=5),
        "quiet_on": today + timedelta(days=20),
        "reason": "date.window_best",
        "rule": "ring",
    }
    FollowUp.objects.bulk_create(FollowUp(contact=row, **window) for row in active)
    FollowUp.objects.bulk_create(
        FollowUp(
            contact=row,
            closed_at=now - timedelta(days=dice.randrange(56)),
            outcome="done",
            **window,
        )
        for row in active
    )
    me = make.me(user)
    Introduction.objects.bulk_create(
        Introduction(
            owner=user,
            introducer=giver,
            introducee=me,
            introduced=taker,
            state="made",
            state_at=now,
            made_at=now - timedelta(days=dice.randrange(90)),
        )
        for giver, taker in zip(dice.sample(rows, 20), dice.sample(rows, 20), strict=True)
        if giver != taker
    )


def pages(group: Any, rounds: int) -> list[str]:
    from django.db.models import F
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from netcrm.groups.models import Membership
    from netcrm.leader import counting

    began = time.perf_counter()
    counted = 0
    while done := counting.recount(at=timezone.now()):
        counted += done
    each = (time.perf_counter() - began) * 1000 / max(counted, 1)
    print(f"counted ahead by the worker: {counted} members, {each:.0f} ms each on the wall\n")
    client = Client()
    client.force_login(group.memberships.get(role="leader").user)
    one = Membership.objects.filter(group=group, role="member").first()
    overview = reverse("groups:overview", args=[group.pk])

    def get(address: str) -> Callable[[], None]:
        def ask() -> None:
            assert client.get(address).status_code == 200

        return ask

    def behind() -> None:
        late = Membership.objects.filter(group=group, role="member")[: counting.AT_ONCE]
        rows = Membership.objects.filter(pk__in=[row.pk for row in late])
        rows.update(facts_version=F("facts_version") + 1)

    head()
    return [
        *told("empty page", timed(get(reverse("accounts:appearance")), rounds)),
        *told("overview", timed(get(overview), rounds)),
        *told("overview, 8 members behind", timed(get(overview), rounds // 2, before=behind)),
        *told("review of one member", timed(get(reverse("groups:review", args=[one.pk])), rounds)),
    ]


def rooms(group: Any, rounds: int) -> list[str]:
    from introductions import room
    from introductions.engine.paths import Network, introducers

    began = time.perf_counter()
    room.draw(group.pk)
    took = time.perf_counter() - began
    members = room.present(group.pk)
    path = room.drawing(group.pk, members)
    network = Network.load(path)
    print(
        f"\nthe room: {len(members)} members, {network.people:,} people, {network.ties:,} ties, "
        "drawn by the worker in "
        f"{took:.1f} s, {path.stat().st_size // 1024:,} kB\n"
    )
    dice, found = random.Random(3), []
    asker = members[0]

    def ask() -> None:
        found.append(len(room.who_may_know(asker, f"Company {dice.randrange(COMPANIES)}")))

    def search() -> None:
        targets = room._people_at(members, f"Company {dice.randrange(COMPANIES)}")
        began[:] = [time.perf_counter(), time.process_time()]
        introducers(
            network,
            source=group.pk,
            targets=targets,
            records={},
            max_hops=room.MOST_HOPS,
            most=len(members) + 1,
            excluded=[asker.pk],
        )

    began = [0.0, 0.0]
    head()
    over = told("a question of the room", timed(ask, rounds * 5))
    over += told("of it: the path search", timed(search, rounds * 5, since=began))
    print(f"each question found {sum(found) / len(found):.1f} members")
    return over


def timed(
    act: Callable[[], None],
    rounds: int,
    *,
    before: Callable[[], None] = lambda: None,
    since: list[float] | None = None,
) -> list[tuple[float, float]]:
    """Milliseconds on the wall and of the processor of each round, one round not counted.

    Args:
        since: filled by ``act`` with the moments from which it wants to be timed.
    """
    taken = []
    for n in range(rounds + 1):
        before()
        wall, processor = time.perf_counter(), time.process_time()
        act()
        wall, processor = since or (wall, processor)
        if n:
            taken.append((time.perf_counter() - wall, time.process_time() - processor))
    return [(1000 * wall, 1000 * processor) for wall, processor in taken]


def head() -> None:
    print(f"{'milliseconds':<30}{'median':>9}{'p95':>9}{'processor p95':>15}{'bar':>7}")


def told(name: str, taken: list[tuple[float, float]]) -> list[str]:
    """Print one line; return its name when its p95 on the wall is over the bar."""
    walls, processor = (sorted(column) for column in zip(*taken, strict=True))
    at = round(0.95 * (len(walls) - 1))
    bar = BARS.get(name)
    print(
        f"{name:<30}{walls[len(walls) // 2]:>9.1f}{walls[at]:>9.1f}{processor[at]:>15.1f}"
        f"{bar or '':>7}"
    )
    return [name] if bar and walls[at] > bar else []


if __name__ == "__main__":
    sys.exit(main())
