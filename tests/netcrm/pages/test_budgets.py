"""Pages take as many queries for thousands of people as for fifty, and no more than their budget.

How long they take at 30,000 is measured by ``run.py bench pages``.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts import services
from contacts.models import Contact, Organization, Position
from followups.models import FollowUp
from introductions.services import record_introduction, record_referral
from tests import make

LENGTHS = (50, 5_000)


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


def more_people(owner, now, count):
    """Add so many people; one in two is active and has a next step."""
    firm = Organization.objects.get_or_create(owner=owner, name="Firm", key="firm")[0]
    people = Contact.objects.bulk_create(
        (
            Contact(
                owner=owner,
                name=f"Person {n}",
                ring="B" if n % 2 == 0 else "D",
                last_contact_at=now - timedelta(days=30),
            )
            for n in range(count)
        ),
        batch_size=500,
    )
    Position.objects.bulk_create(
        (Position(contact=person, organization=firm) for person in people), batch_size=500
    )
    day = now.date()
    FollowUp.objects.bulk_create(
        (
            FollowUp(
                contact=person,
                purpose="nurture",
                reason="date.window_best",
                rule="ring",
                opens_on=day + timedelta(days=n % 40 - 20),
                best_on=day + timedelta(days=n % 40 - 10),
                fades_on=day + timedelta(days=n % 40),
                quiet_on=day + timedelta(days=n % 40 + 30),
                facts={"days": 30},
            )
            for n, person in enumerate(people[::2])
        ),
        batch_size=500,
    )


def somebody(owner, now):
    """A person with everything a page can show, at the end of a chain."""
    ann, bill, cleo = (
        services.add_person(
            by=owner,
            at=now - timedelta(days=40),
            name=name,
            organization="Acme",
            title="Clerk",
            tags=["Choir"],
            emails=[f"{name[:3]}@example.test"],
        )
        for name in ("Ann Ames", "Bill Brown", "Cleo Marsh")
    )
    for introducer, introduced in ((ann, bill), (bill, cleo)):
        record_introduction(
            owner=owner,
            introducer=introducer,
            introducee=make.me(owner),
            introduced=introduced,
            state="made",
            at=now - timedelta(days=35),
        )
    for days in range(30):
        services.log_interaction(
            by=owner,
            at=now,
            people=[cleo, ann] if days % 2 else [cleo],
            kind="talk",
            on=now.date() - timedelta(days=days),
        )
    services.add_promise(by=owner, at=now, contact=cleo, text="Send it", due_on=now.date())
    record_referral(giver=cleo, at=now, given_on=now.date(), to_name="Bob")
    return cleo


def queries(call):
    with CaptureQueriesContext(connection) as made:
        assert call().status_code == 200
    return len(made)


def test_pages_keep_their_budget_of_queries_at_every_length(client, ana, now):
    client.force_login(ana)
    cleo = somebody(ana, now)
    url = cleo.get_absolute_url()

    def log():
        said = {"who": str(cleo.pk), "what": "spoke", "note": "About skis"}
        at_person = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}
        return client.post("/people/log/", said, headers=at_person)

    pages = {
        "list": (lambda: client.get("/people/"), 8),
        "person": (lambda: client.get(url), 8),
        "today": (lambda: client.get("/today/"), 8),
        "timeline, narrowed": (lambda: client.get(url, {"show": "talks"}), 8),
        # With its savepoints; the plan and the next step are in it.
        "quick log": (log, 26),
    }
    there = Contact.objects.count()
    for length in LENGTHS:
        more_people(ana, now, length - there)
        there = length
        for name, (call, budget) in pages.items():
            call()  # the first of a process writes its statements
            made = queries(call)
            assert made <= budget, f"{name} at {length:,} people: {made} queries"
