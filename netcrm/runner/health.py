"""Answers probes such as /healthz: is this process fit to serve?"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answer the probes of ``settings.PROBES`` before anything else looks at the request.

    A middleware and not a view, since a probe comes with whatever Host header and scheme its
    machine has: it must be turned away neither by ALLOWED_HOSTS nor by the redirect to https.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = settings.PROBES.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        answer: HttpResponse = import_string(probe)(request)
        return answer


def alive(request: HttpRequest) -> HttpResponse:
    """Whether this process serves pages.

    Redis is not asked: pages are served without it (reliability.md R05), so a web process whose
    Redis is away must stay in service.
    """
    headers = {"Cache-Control": "no-store"}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("health: the database does not answer")
        return HttpResponse("database away", "text/plain", 503, headers=headers)
    return HttpResponse("ok", "text/plain", headers=headers)
