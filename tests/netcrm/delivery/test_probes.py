"""Probes that mean it: red when mail does not go out, green when it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from netcrm.accounts.models import User
from netcrm.delivery import services, tasks
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


@pytest.mark.parametrize(
    ("owed_minutes_ago", "sent_minutes_ago", "status"),
    [(16, None, 503), (16, 20, 503), (16, 10, 200), (14, None, 200)],
    ids=["none ever", "the last long ago", "others go", "not for long"],
)
def test_red_when_every_mail_is_put_off_for_a_quarter_of_an_hour(
    client: Client, ana: User, owed_minutes_ago: int, sent_minutes_ago: int | None, status: int
) -> None:
    services.sweep()
    now = timezone.now()
    at = now - timedelta(minutes=owed_minutes_ago)
    services.owe(owner=ana, kind=Delivery.Kind.DIGEST, at=at)
    Delivery.objects.update(retries=4, due_at=now + timedelta(minutes=10))
    if sent_minutes_ago:
        PostRoom.objects.update(last_sent_at=now - timedelta(minutes=sent_minutes_ago))
    assert asked(client)[0] == status


@pytest.fixture
def watcher(settings: Any) -> Iterator[list[str]]:
    """An outside service that notes each sign of life and alarms when they stay away."""
    heard: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Note) as server:
        settings.DEAD_MAN_URL = f"http://127.0.0.1:{server.server_port}/netcrm"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield heard
        server.shutdown()
        thread.join()


def test_every_sweep_gives_a_sign_of_life_until_mail_stays_lying(
    ana: User, watcher: list[str]
) -> None:
    tasks.sweep()
    assert watcher == ["/netcrm"]
    at = timezone.now() - timedelta(seconds=310)
    services.owe(owner=ana, kind=Delivery.Kind.DIGEST, at=at)
    tasks.sweep()
    assert watcher == ["/netcrm"], "no worker has sent for five minutes: the watcher will alarm"


def test_sending_without_celery_gives_a_sign_of_life_too(db: None, watcher: list[str]) -> None:
    call_command("deliver", "--once")
    assert watcher == ["/netcrm"]


def test_a_watcher_that_is_away_stops_nothing(db: None, settings: Any) -> None:
    settings.DEAD_MAN_URL = "http://127.0.0.1:9/"
    tasks.sweep()
    assert PostRoom.objects.get().swept_at is not None


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
