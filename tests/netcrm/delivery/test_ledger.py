"""How the claim finds its rows: by the partial index of what is due, whatever else there is."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from netcrm.accounts.models import User
from netcrm.delivery import services
from netcrm.delivery.ledger import CLAIM, Ledger
from netcrm.delivery.models import Delivery
from tests import make


@pytest.fixture
def old_and_due(ana: User) -> None:
    """Three thousand rows long sent, and a hundred due."""
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            owner=ana,
            kind=Delivery.Kind.DIGEST,
            local_on=now.date(),
            slot=str(n),
            owed_at=at,
            due_at=at,
            state=Delivery.State.SENT if n >= 100 else Delivery.State.DUE,
            sent_at=at if n >= 100 else None,
        )
        for n in range(3_100)
        for at in [now - timedelta(minutes=1 + n)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE delivery_delivery")


def plan(suspect: bool) -> str:
    """How the database would run the claim."""
    words = {"postgresql": "EXPLAIN ", "sqlite": "EXPLAIN QUERY PLAN "}[connection.vendor]
    values = Ledger().claim_values(uuid.uuid4(), limit=50, suspect=suspect)
    with connection.cursor() as cursor:
        cursor.execute(words + CLAIM[connection.vendor], values)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


@pytest.mark.parametrize("suspect", [False, True], ids=["the rest", "rows that kill workers"])
def test_the_claim_reads_a_partial_index_and_never_the_table(
    old_and_due: None, suspect: bool
) -> None:
    said = plan(suspect)
    assert "delivery_due" in said or (suspect and "delivery_suspect" in said)
    if connection.vendor == "postgresql":
        # Below it the planner may join the picked rows as it likes: there are fifty.
        first_read = said.partition("CTE picked")[2].partition("Scan")[2].splitlines()[0]
        assert "using delivery_" in first_read, said
        assert "Sort" not in said.partition("CTE picked")[2].partition("Scan")[0]
    else:
        assert "SCAN delivery_delivery\n" not in f"{said}\n"
        assert "TEMP B-TREE" not in said, "the index gives the order too"


def test_a_claim_takes_the_oldest_first_and_nothing_that_was_sent(old_and_due: None) -> None:
    taken = Ledger().claim(limit=50)
    assert len(taken) == 50
    assert [row.slot for row in taken] == [str(n) for n in range(99, 49, -1)]


@pytest.mark.django_db(transaction=True)
def test_the_fence_waits_for_the_disk_and_what_follows_it_does_not() -> None:
    """What "sent" does not wait for, the next fence of the same connection takes along."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite waits at every commit: python3 run.py test --postgres")
    ana = make.user("ana@example.test")
    services.owe(owner=ana, kind=Delivery.Kind.DIGEST, at=timezone.now())
    (row,) = Ledger().claim(limit=1)

    def waits() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
    with transaction.atomic():
        assert Ledger().mark_sending(row, message_id="<x@y>", recipient=ana.email)
        assert waits() == "on"
    with transaction.atomic():
        assert Ledger().mark_sent(row)
        assert waits() == "off"
    assert waits() == "on"
