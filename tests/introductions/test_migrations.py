"""What earlier versions wrote stays, and the table keeps its guard."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

AT = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
BEFORE, AFTER = "0003_landing", "0005_asks_and_gives_of_introductions"


def migrate(name):
    """Take this app to ``name``, the others staying as they are; return its models as of then."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    targets = [node for node in leaves if node[0] != "introductions"] + [("introductions", name)]
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.mark.django_db(transaction=True)
def test_a_note_written_as_one_text_is_kept_and_illegal_moves_stay_refused():
    ((_app, latest),) = MigrationExecutor(connection).loader.graph.leaf_nodes("introductions")
    old = migrate(BEFORE)
    try:
        owner = old.get_model("accounts", "User").objects.create(email="ana@example.test")
        one, two, three = (
            old.get_model("contacts", "Contact").objects.create(
                owner=owner, name=name, name_key=name
            )
            for name in ("Ann", "Ana", "Dana")
        )
        row = old.get_model("introductions", "Introduction").objects.create(
            owner=owner,
            introducer=one,
            introducee=two,
            introduced=three,
            state="wanted",
            state_at=AT,
            note="Dana moved Northbank to weekly pay.",
        )
        new = migrate(AFTER)
        kept = new.get_model("introductions", "ForwardNote").objects.get()
        assert (kept.introduction_id, kept.why_them, kept.saved_at) == (
            row.pk,
            "Dana moved Northbank to weekly pay.",
            AT,
        )
        introductions = new.get_model("introductions", "Introduction").objects
        with pytest.raises(IntegrityError), transaction.atomic():
            introductions.update(state="met")
    finally:
        migrate(latest)
