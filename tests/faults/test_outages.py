"""The web while its parts are away: 503 and Retry-After at worst, and nothing half done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test import Client

from netcrm.delivery.models import Delivery
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_ana(transactional_db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make.user("ana@example.test"))
    return client


@pytest.fixture
def read_only(as_ana: Client) -> Iterator[None]:
    """The database answers, but takes no change: a standby, or a full disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET default_transaction_read_only = on")
        else:
            cursor.execute("PRAGMA query_only = ON")
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET default_transaction_read_only = off")
        else:
            cursor.execute("PRAGMA query_only = OFF")


def test_a_read_only_database_is_an_outage_and_loses_nothing(
    as_ana: Client, read_only: None
) -> None:
    answer = as_ana.post("/delivery/test/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "Closed for a few minutes" in answer.content.decode()
    assert not Delivery.objects.exists()


def test_a_cut_connection_is_replaced_or_said_to_be_an_outage(as_ana: Client) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection to cut: python3 run.py test --postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()
    answer = as_ana.post("/delivery/test/")
    assert answer.status_code in (302, 503)
    connection.close()
    assert as_ana.post("/delivery/test/").status_code == 302
