"""Answers /healthz: is this process fit to serve?"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answer /healthz before anything else looks at the request.

    A middleware and not a view, since a probe comes with whatever Host header and scheme its
    machine has: it must be turned away neither by ALLOWED_HOSTS nor by the redirect to https.
    Redis is not asked: pages are served without it (reliability.md R05), so a web process whose
    Redis is away must stay in service.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return answer(request)
        return self.get_response(request)


def answer(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    headers = {"Cache-Control": "no-store"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("health: the database does not answer")
        return HttpResponse("database away", "text/plain", 503, headers=headers)
    return HttpResponse("ok", "text/plain", headers=headers)
