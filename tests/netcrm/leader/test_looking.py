"""Who looked is written down, by triggers for good; what cannot be written is not shown."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from netcrm.groups import services
from netcrm.groups.models import Grain, ViewLog
from tests.netcrm.leader.conftest import NOW

Kind = ViewLog.Kind


@pytest.fixture
def looked_at(world, client):
    """Lea has looked at Dev's review."""
    world.share(Grain.SHAPE)
    client.force_login(world.lea)
    client.get(reverse("groups:review", args=[world.membership.pk]))
    return world


def test_the_member_sees_who_looked_when_at_what_and_how_many(looked_at, client):
    client.get(reverse("groups:overview", args=[looked_at.group.pk]))
    rows = list(ViewLog.objects.visible_to(looked_at.dev).order_by("kind"))
    assert [(row.kind, row.viewer, row.people, row.grain) for row in rows] == [
        (Kind.OVERVIEW, looked_at.lea, 0, Grain.SHAPE),
        (Kind.REVIEW, looked_at.lea, 2, Grain.SHAPE),
    ]
    client.force_login(looked_at.dev)
    page = client.get(reverse("groups:sharing")).content.decode()
    assert "Lea Brandt" in page
    assert "Your review page" in page


def test_nobody_sees_another_members_log(looked_at, client, ben):
    for other in (looked_at.lea, ben):
        assert not ViewLog.objects.visible_to(other).exists()
        client.force_login(other)
        assert "Your review page" not in client.get(reverse("groups:sharing")).content.decode()


@pytest.mark.parametrize(
    "deed",
    [
        lambda rows: rows.update(viewer_name="Somebody else"),
        lambda rows: rows.update(at=NOW - dt.timedelta(days=500)),
        lambda rows: rows.delete(),
        lambda rows: rows._raw_delete(rows.db),
    ],
    ids=["another name", "another day", "deleted", "deleted by the backend"],
)
def test_the_database_refuses_to_change_the_log(looked_at, deed):
    with pytest.raises(DatabaseError), transaction.atomic():
        deed(ViewLog.objects.all())
    assert ViewLog.objects.get().viewer_name == "Lea Brandt"


def test_the_log_outlives_the_leader_and_goes_with_the_member(looked_at):
    with connection.constraint_checks_disabled():
        looked_at.lea.delete()
    assert services.prune_view_log(at=NOW) == 0
    assert ViewLog.objects.get().viewer_name == "Lea Brandt"
    looked_at.dev.delete()
    assert services.prune_view_log(at=NOW) == 1


def test_what_is_older_than_a_year_goes(world):
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=400)
    services.looked(viewer=world.lea, kind=Kind.REVIEW, shown={world.membership: 1}, at=long_ago)
    assert services.prune_view_log(at=dt.datetime.now(dt.UTC)) == 1


@pytest.fixture
def log_is_broken(world):
    """The database takes no more rows into the log."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER broken BEFORE INSERT ON groups_viewlog "
                "BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        else:
            cursor.execute(
                "ALTER TABLE groups_viewlog ADD CONSTRAINT broken CHECK (people < 0) NOT VALID"
            )
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER broken")
        else:
            cursor.execute("ALTER TABLE groups_viewlog DROP CONSTRAINT broken")


@pytest.mark.parametrize("page", ["overview", "review", "export", "meeting"])
def test_what_cannot_be_noted_is_not_shown(world, log_is_broken, client, page):
    world.share(Grain.NAMES)
    services.send_report(
        membership=world.membership, on=NOW.date(), at=NOW, values={"win": "A good talk"}
    )
    meeting = services.start_meeting(group=world.group, at=NOW)
    services.next_turn(meeting=meeting, at=NOW)
    key = {"review": world.membership.pk, "meeting": meeting.pk}.get(page, world.group.pk)
    client.force_login(world.lea)
    answer = client.get(reverse(f"groups:{page}", args=[key]))
    assert answer.status_code == 503
    text = answer.content.decode()
    assert "A good talk" not in text
    assert "Zephyrine" not in text
    assert "Quokkaworks" not in text


@pytest.mark.django_db
def test_no_trigger_reads_a_table_of_another_app():
    """SQLite alters no table that a trigger elsewhere names, and an upgrade would stop there."""
    ours = {table for table in connection.introspection.table_names() if "_" in table}
    statement = {
        "sqlite": "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text, prosrc FROM pg_trigger "
        "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal",
    }
    with connection.cursor() as cursor:
        cursor.execute(statement[connection.vendor])
        triggers = cursor.fetchall()
    assert triggers
    for table, body in triggers:
        named = {word for word in re.findall(r"\w+", body) if word in ours}
        app = table.partition("_")[0]
        assert {word for word in named if word.partition("_")[0] != app} == set(), table
