"""Every page beside the empty page and the bare list: python -m tests.bench.pages

One in ten is active, has been in touch and has a next step, the others are parked as an import
leaves them; ``--active 1`` is the hardest case.
Pages are requested in turn, the empty one first, and the shortest time of each counts, so that
what else the machine does is in neither: processor time, where it is known.  For PostgreSQL:
``python -m tests.postgres python -m tests.bench.pages``.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.bench.clocks import processor_clock

# What engineering.md 4 measured of others on such a machine, and asks of us.
REFERENCES = {
    "people": ("bare 2.9-3.6, Healthchecks 11-13, BottleCRM 47-90", "1.5 x the bare list"),
    "people, last page": ("OFFSET to the end 19 on PostgreSQL", "1.3 x the first page"),
    "person": ("bare 1.6-1.8, Healthchecks 4-6, BottleCRM 14-17", "4"),
    "today": ("Healthchecks 12-18, BottleCRM 11-17, django-crm 23-47", "6"),
    "search": ("icontains 5-17, BottleCRM 41-69", "1.5 x the list"),
    "quick log": ("bare 1, Healthchecks 3-4, BottleCRM 13-14", "3"),
}


@dataclass
class Took:
    """One kind of page at one length: the shortest time and what it took to make it."""

    ms: float
    queries: int
    kilobytes: float


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, nargs="+", default=[50, 1_000, 30_000])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--active", type=float, default=0.1, help="share who are not parked")
    parser.add_argument("--profile", choices=list(REFERENCES), help="of one page")
    asked = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "netcrm.settings.test"
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TEST_DATABASE_URL", f"sqlite:///{folder}/bench.sqlite3")
        import django

        django.setup()
        return measure(asked)


def measure(asked: argparse.Namespace) -> int:
    from django.conf import settings
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    settings.ROOT_URLCONF = "tests.bench.bare"
    settings.ALLOWED_HOSTS = ["*"]
    old = setup_databases(verbosity=0, interactive=False)
    try:
        load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        print(f"{connection.vendor}; ms of {processor_clock()[1]}; {load}")
        found = {}
        for people in asked.people:
            pages = _pages(people, active=asked.active)
            if asked.profile and people == max(asked.people):
                _profiled(pages[asked.profile])
            found[people] = _times(pages, rounds=asked.rounds)
        for people, took in found.items():
            _table(people, took)
        _growth(found)
    finally:
        teardown_databases(old, verbosity=0)
    return 0


def _pages(people: int, *, active: float) -> dict[str, Callable[[], Any]]:
    """Make an owner with so many people; what is measured, by name."""
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from netcrm.kit.paging import page_of

    owner, ids = a_list(people, active=active)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(owner)
    box = {"HX-Request": "true"}
    by_name = owner.contacts.filter(is_self=False).order_by("name_key", "id")
    near_end = by_name.reverse()[min(60, people // 2)]
    rest = by_name.filter(name_key__gte=near_end.name_key)
    last_page = page_of(rest, by="name_key", size=1).next
    person = ids[len(ids) // 2]
    a_full_story(owner, ids[len(ids) // 2 - 2 : len(ids) // 2 + 1])
    turn = iter(range(10**9))
    at_person = {
        "HX-Request": "true",
        "HX-Current-URL": f"http://testserver{reverse('contacts:detail', args=[person])}",
    }

    def quick_log() -> Any:
        who = ids[next(turn) % len(ids)]
        said = {"who": str(who), "what": "spoke", "note": "About the survey"}
        return client.post(reverse("contacts:log"), said, headers=at_person)

    return {
        "empty": lambda: client.get("/bare/"),
        "bare list": lambda: client.get("/bare/people/"),
        "bare person": lambda: client.get(f"/bare/people/{person}/"),
        "people": lambda: client.get("/people/"),
        "people, last page": lambda: client.get("/people/", {"after": last_page}),
        "person": lambda: client.get(reverse("contacts:detail", args=[person])),
        "today": lambda: client.get(reverse("followups:today")),
        "search": lambda: client.get("/people/search/", {"q": "kowal"}, headers=box),
        "quick log": quick_log,
    }


GIVEN = ("Ann", "Bill", "Chen", "Dana", "Elif", "Fatima", "George", "Hana", "José", "Priya")
FAMILY = ("Adler", "Brandt", "Costa", "Eze", "García", "Hansen", "Ito", "Kowalski", "Müller")


def a_list(people: int, *, active: float) -> tuple[Any, list[Any]]:
    """An owner with ``people``, so many of them active and planned; and the active ones' keys."""
    from django.utils import timezone

    from contacts.models import Contact, Interaction, Organization, Participation, Position
    from contacts.search import index_people
    from contacts.services import settle
    from followups.services import plan
    from netcrm.accounts.models import User

    chance = random.Random(people)
    now = timezone.now()
    owner = User.objects.create_user(f"b{people}@example.test", "x" * 20, name="Bench")
    Contact.objects.create(owner=owner, name="Bench", is_self=True)
    firms = Organization.objects.bulk_create(
        Organization(owner=owner, name=f"Firm {n}", key=f"firm {n}")
        for n in range(max(people // 20, 1))
    )
    rows = Contact.objects.bulk_create(
        (
            Contact(
                owner=owner,
                name=f"{chance.choice(GIVEN)} {chance.choice(FAMILY)} {n}",
                ring=chance.choice("ABBCCC") if n < people * active else "D",
            )
            for n in range(people)
        ),
        batch_size=500,
    )
    Position.objects.bulk_create(
        (Position(contact=row, organization=chance.choice(firms), title="Clerk") for row in rows),
        batch_size=500,
    )
    exchanges, parts = [], []
    for row in rows[: int(people * active)]:
        for _ in range(chance.randint(1, 4)):
            kind, way = chance.choice(
                [("message", "out"), ("message", "in"), ("talk", "both"), ("meeting", "both")]
            )
            at = now - timedelta(days=1 + chance.expovariate(1 / 60))
            exchanges.append(Interaction(owner=owner, kind=kind, direction=way, at=at))
            parts.append(Participation(interaction=exchanges[-1], contact=row))
    Interaction.objects.bulk_create(exchanges, batch_size=500)
    Participation.objects.bulk_create(parts, batch_size=500)
    ids = [row.pk for row in rows]
    settle(owner, people=ids)
    index_people(owner, ids)
    plan(owner, at=now)
    return owner, ids[: int(people * active)]


def a_full_story(owner: Any, chain: Sequence[Any]) -> None:
    """Give the last of ``chain`` everything a person page can show; each introduced the next."""
    from contacts import services
    from contacts.models import Contact
    from introductions.services import record_introduction, record_referral

    now = datetime.now(tz=UTC)
    people = [Contact.objects.get(pk=pk) for pk in chain]
    me = owner.contacts.get(is_self=True)
    for introducer, introduced in pairwise(people):
        record_introduction(
            owner=owner,
            introducer=introducer,
            introducee=me,
            introduced=introduced,
            state="made",
            at=now - timedelta(days=35),
        )
    person = people[-1]
    for n in range(25):
        services.log_interaction(
            by=owner,
            at=now,
            people=people if n % 5 == 0 else [person],
            kind="talk",
            on=(now - timedelta(days=n * 9)).date(),
            note="We spoke about the survey.",
        )
    services.add_promise(by=owner, at=now, contact=person, text="Send the survey")
    record_referral(giver=person, at=now, given_on=now.date(), to_name="Bob", substance=3)
    services.edit_person(
        by=owner,
        at=now,
        contact=person,
        version=Contact.objects.get(pk=person.pk).version,
        tags=["Walk", "Choir"],
        emails=["one@example.test", "two@example.test"],
        links=["https://example.test/"],
    )


def _times(pages: dict[str, Callable[[], Any]], *, rounds: int) -> dict[str, Took]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    took: dict[str, Took] = {}
    for name, call in pages.items():
        call()
        with CaptureQueriesContext(connection) as queries:
            answer = call()
        assert answer.status_code in (200, 302), f"{name}: {answer.status_code}"
        took[name] = Took(10**9, len(queries), len(answer.content) / 1000)
    clock, _what = processor_clock()
    for _ in range(rounds):
        for name, call in pages.items():
            start = clock()
            call()
            took[name].ms = min(took[name].ms, 1000 * (clock() - start))
    return took


def _table(people: int, took: dict[str, Took]) -> None:
    empty, bare = took["empty"].ms, took["bare list"].ms
    head = f"{'ms':>8}{'x empty':>9}{'x bare list':>12}{'queries':>9}{'kB':>6}"
    print(f"\n{f'{people:,} people':24}{head}   others, x empty; asked of us, x empty at most")
    for name, page in took.items():
        others, asked = REFERENCES.get(name, ("", ""))
        print(
            f"{name:24}{page.ms:8.1f}{page.ms / empty:9.1f}{page.ms / bare:12.1f}"
            f"{page.queries:9}{page.kilobytes:6.0f}" + (f"   {others}; {asked}" if asked else "")
        )


def _growth(found: dict[int, dict[str, Took]]) -> None:
    lengths: Sequence[int] = sorted(n for n in found if n >= 1_000)
    if len(lengths) < 2:
        return
    few, many = lengths[0], lengths[-1]
    print(f"\ngrowth from {few:,} to {many:,} people (asked: list, person 1.25; today 1.5)")
    for name in REFERENCES:
        ratio = (found[many][name].ms / found[many]["empty"].ms) / (
            found[few][name].ms / found[few]["empty"].ms
        )
        print(f"{name:24}{ratio:8.2f} x")


def _profiled(call: Callable[[], Any]) -> None:
    for _ in range(3):
        call()
    profile = cProfile.Profile()
    for _ in range(20):
        profile.runcall(call)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(70)


if __name__ == "__main__":
    sys.exit(main())
