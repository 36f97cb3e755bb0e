"""What planning is measured on is what the services write, and copies of it plan alike."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection

from contacts.models import Contact, Interaction, Participation
from contacts.services import Word, add_person, do_not_contact, ensure_self, log_interaction, park
from followups.models import FollowUp, Pace
from followups.services import plan_nightly
from introductions.models import TrustState
from introductions.services import record_give
from netcrm.accounts.models import User
from tests import make
from tests.bench.copies import copy_owners
from tests.bench.plan import NIGHT, NOW, fill, people

LONG_BEFORE = NOW - timedelta(days=900)
OWN = {"id", "created_at", "updated_at", "owner"}  # of a row, whatever it says
WINDOW = ("opens_on", "best_on", "fades_on", "quiet_on", "rule", "setting", "priority")


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)


def one_by_one(owner: User, count: int) -> None:
    """Have the services write the people of the benchmark, and what happened, in order."""
    ensure_self(by=owner)
    everybody = list(people(random.Random(7), count, 4))
    rows = [add_person(by=owner, at=LONG_BEFORE, name=p.name, ring=p.ring) for p in everybody]
    happened = [(touch, row) for row, p in zip(rows, everybody, strict=True) for touch in p.touches]
    for touch, row in sorted(happened, key=lambda one: one[0].at):
        log_interaction(by=owner, people=[row], **touch._asdict())


def written(owner: User) -> list[object]:
    """Return what stands in the rows of the owner's people and exchanges."""
    said = [f.name for f in Contact._meta.concrete_fields if f.name not in OWN]
    happened = [f.name for f in Interaction._meta.concrete_fields if f.name not in OWN]
    parts = Participation.objects.filter(contact__owner=owner, interaction__owner=owner)
    return [
        *owner.contacts.filter(is_self=False).order_by("name").values(*said),
        *parts.order_by("contact__name", "interaction__at").values(
            "contact__name", *[f"interaction__{name}" for name in happened]
        ),
    ]


def planned(owner: User) -> list[object]:
    """Plan the owner from nothing; return follow-ups, trust and price, without keys of rows.

    What the services opened day by day may stay open longer than it would be opened anew.
    """
    FollowUp.objects.filter(contact__owner=owner).delete()
    plan_nightly(owner, at=NIGHT)
    rows = FollowUp.objects.open().filter(contact__owner=owner).select_related("contact")
    steps = TrustState.objects.filter(contact__owner=owner).order_by("contact__name")
    return [
        Pace.objects.get(owner=owner).price,
        *steps.values_list("contact__name", "level", "earned", "since_on", "reason", "next_code"),
        *(
            (
                row.contact.name,
                row.purpose,
                *(getattr(row, name) for name in WINDOW),
                row.counts_from_at,
                [(reason["code"], without_keys(reason["facts"])) for reason in row.reasons()],
            )
            for row in rows.order_by("contact__name", "purpose")
        ),
    ]


def without_keys(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if not name.endswith("_ref")}


def test_owners_filled_at_once_are_those_the_services_make_one_by_one(ana, ben):
    one_by_one(ana, 12)
    fill(ben, people(random.Random(7), 12, 4))
    assert len(written(ana)) > 40
    assert written(ben) == written(ana)
    assert len(planned(ana)) > 20
    assert planned(ben) == planned(ana)


def test_a_copied_owner_is_planned_as_the_one_the_services_made(ana):
    if connection.vendor != "postgresql":
        pytest.skip("owners are copied by PostgreSQL only")
    one_by_one(ana, 6)
    cleo, ines, noor, ola = [
        add_person(by=ana, at=LONG_BEFORE, name=name, organization="Acme", tags=["old friends"])
        for name in ("Cleo Marsh", "Ines Faro", "Noor Haddad", "Ola Berg")
    ]
    log_interaction(
        by=ana,
        at=NOW - timedelta(days=3),
        people=[cleo, ines],
        kind="meeting",
        note="They build a team in spring.",
        their_date=(NOW + timedelta(days=30)).date(),
        promises=[Word(text="Send the paper")],
    )
    make.introduction(cleo, ines, at=NOW - timedelta(days=20))
    record_give(contact=noor, kind="information", given_on=NOW.date(), at=NOW)
    do_not_contact(by=ana, at=NOW, contact=ola)
    park(by=ana, at=NOW, contact=noor)

    copy_owners(2)

    copies = [User.objects.get(email=f"{number}.ana@example.test") for number in (1, 2)]
    assert Contact.objects.count() == 3 * ana.contacts.count()
    for copy in copies:
        assert written(copy) == written(ana)
        assert planned(copy) == planned(ana)
    names = ana.contacts.order_by("pk").values_list("name", flat=True)
    assert list(copies[1].contacts.order_by("pk").values_list("name", flat=True)) == list(names)
    connection.check_constraints()


def test_a_night_later_nothing_is_written(ana):
    fill(ana, people(random.Random(7), 12, 4))
    plan_nightly(ana, at=NIGHT)
    assert plan_nightly(ana, at=NIGHT + timedelta(days=1)).total == 0
