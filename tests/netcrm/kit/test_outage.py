"""An outage is 503 with Retry-After; a mistake of ours stays a 500."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.test import Client

from netcrm.accounts.models import User
from tests import make


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("database", 503),
        ("redis", 503),
        ("read-only", 503),
        ("wrapped", 503),
        ("internal", 500),
        ("mistake", 500),
    ],
)
def test_what_an_error_is_called(db: None, settings: Any, how: str, status: int) -> None:
    settings.ROOT_URLCONF = "tests.netcrm.kit.outage_urls"
    answer = Client(raise_request_exception=False).get(f"/{how}/")
    assert answer.status_code == status
    assert answer.has_header("Retry-After") is (status == 503)
    assert "Traceback" not in answer.content.decode()


@contextmanager
def no_session_is_saved() -> Iterator[None]:
    """The database goes away between a view's last write and that of the session."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("UPDATE", "INSERT")) and "django_session" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_a_member_keeps_the_answer_when_only_the_session_could_not_be_saved(
    ana: User, client: Client
) -> None:
    client.force_login(ana)
    with no_session_is_saved():
        answer = client.post("/delivery/test/")
    assert (answer.status_code, answer["Location"]) == (302, "/delivery/")
    assert [str(said) for said in get_messages(answer.wsgi_request)] != []
    assert ana.deliveries.count() == 1


def test_signing_in_without_a_session_is_an_outage(ana: User) -> None:
    client = Client(raise_request_exception=False)
    with no_session_is_saved():
        answer = client.post("/account/login/", {"login": ana.email, "password": "wrong"})
        assert answer.status_code in (200, 422), "nothing to save, nothing to refuse"
        values = {"login": ana.email, "password": make.PASSWORD}
        answer = client.post("/account/login/", values)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
