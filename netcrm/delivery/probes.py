"""What monitoring asks: /readyz, /healthz/reminders and /metrics.  Counts and ages, no names."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from netcrm.delivery import health

HEADERS = {"Cache-Control": "no-store"}


def ready(request: HttpRequest) -> HttpResponse:
    """May this process be given requests?  The database answers and has today's tables."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _plain("database away", 503)
    return _plain("the database waits for migrate", 503) if missing else _plain("ok", 200)


def reminders(request: HttpRequest) -> HttpResponse:
    """Is mail going out?  503, with what is wrong, when it is not."""
    try:
        reading = health.read()
    except DatabaseError:
        return _plain("database away", 503)
    complaints = reading.complaints
    return JsonResponse(
        {
            "ok": not complaints,
            "complaints": complaints,
            "held": reading.held,
            "due": reading.due,
            "oldest_due_seconds": reading.oldest_due_seconds,
            "swept_seconds_ago": reading.swept_seconds_ago,
        },
        status=503 if complaints else 200,
        headers=HEADERS,
    )


def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: with METRICS_TOKEN, or from this machine when there is none."""
    if not _may_read_metrics(request):
        return _plain("not found", 404)
    registry = CollectorRegistry()
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), CONTENT_TYPE_LATEST, headers=HEADERS)


class Figures:
    """The reading as gauges; what is not known is left out."""

    def collect(self) -> Iterable[Metric]:
        try:
            reading = health.read()
        except DatabaseError:
            yield gauge("netcrm_database_up", "Whether the database answers.", 0)
            return
        yield gauge("netcrm_database_up", "Whether the database answers.", 1)
        queue = health.queue_length()
        yield gauge("netcrm_redis_up", "Whether Redis answers.", queue is not None)
        figures: list[tuple[str, str, float | None]] = [
            ("queue_length", "Wake-ups waiting in Redis.", queue),
            ("mail_due", "Mails that wait for a worker.", reading.due),
            ("mail_oldest_due_seconds", "Age of the oldest of them.", reading.oldest_due_seconds),
            ("mail_leased", "Mails in a worker's hands.", reading.leased),
            ("mail_unknown", "Mails that may have been sent.", reading.unknown),
            ("mail_want_somebody", "Mails that only a person can end.", reading.want_somebody),
            ("mail_held", "Whether sending is held by hand.", reading.held),
            (
                "mail_trouble_seconds",
                "How long the server has failed.",
                reading.mail_trouble_seconds,
            ),
            ("mail_last_sent_seconds", "Since a mail was sent.", reading.last_sent_seconds_ago),
            ("sweep_seconds", "Since the ledger was swept.", reading.swept_seconds_ago),
            ("reminders_ok", "Whether /healthz/reminders is green.", not reading.complaints),
        ]
        for name, words, value in figures:
            if value is not None:
                yield gauge(f"netcrm_{name}", words, value)


def gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        said = request.headers.get("Authorization", "")
        return hmac.compare_digest(said.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    forwarded = "X-Forwarded-For" in request.headers
    return request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not forwarded


def _plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, "text/plain", status, headers=HEADERS)
