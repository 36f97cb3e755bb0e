"""Probes that mean it: red when mail does not go out, green when it does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from netcrm.accounts.models import User
from netcrm.delivery import services
from netcrm.delivery.models import Delivery, MailHost, PostRoom


def asked(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/healthz/reminders")
    return answer.status_code, answer.json()


def test_green_after_a_sweep_with_nothing_due(client: Client, db: None) -> None:
    services.sweep()
    assert asked(client)[0] == 200


def test_red_before_any_sweep_and_when_beat_stops(client: Client, db: None) -> None:
    assert asked(client)[0] == 503
    services.sweep()
    PostRoom.objects.update(swept_at=timezone.now() - timedelta(seconds=301))
    status, said = asked(client)
    assert status == 503
    assert "is beat running?" in said["complaints"][0]


@pytest.mark.parametrize(("seconds", "status"), [(290, 200), (310, 503)])
def test_red_when_a_mail_has_been_due_for_five_minutes(
    client: Client, ana: User, seconds: int, status: int
) -> None:
    services.sweep()
    at = timezone.now() - timedelta(seconds=seconds)
    services.owe(owner=ana, kind=Delivery.Kind.DIGEST, at=at)
    assert asked(client)[0] == status


def test_red_when_the_mail_server_keeps_failing(client: Client, db: None) -> None:
    services.sweep()
    since = timezone.now() - timedelta(minutes=6)
    MailHost.objects.create(pk="mail:25", closed_until=timezone.now(), trouble_since=since)
    assert asked(client)[0] == 503


def test_ready_when_the_tables_are_there(client: Client, db: None) -> None:
    assert client.get("/readyz").status_code == 200


def test_metrics_are_for_this_machine_or_for_who_has_the_token(
    client: Client, db: None, settings: Any
) -> None:
    page = client.get("/metrics").content.decode()
    assert "netcrm_mail_due 0.0" in page
    assert client.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    settings.METRICS_TOKEN = "between us"
    assert client.get("/metrics").status_code == 404
    headers = {"Authorization": "Bearer between us"}
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers=headers).status_code == 200


def test_probes_are_only_looked_at(client: Client, db: None) -> None:
    for path in ("/healthz", "/readyz", "/healthz/reminders", "/metrics"):
        assert client.post(path).status_code == 405
