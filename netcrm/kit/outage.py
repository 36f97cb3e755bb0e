"""The page for when the database is away: 503 and Retry-After, never a 500."""

from __future__ import annotations

import sys

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views import defaults
from redis.exceptions import RedisError

RETRY_AFTER = 30  # seconds
READ_ONLY = "25006"  # SQLSTATE read_only_sql_transaction: PostgreSQL is on its standby


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that no view caught.

    A locked, stopped, restarting or read-only database, or a Redis that something could
    not do without, is an outage: come back soon.  Everything else is our mistake.
    """
    if not is_outage(sys.exc_info()[1]):
        return defaults.server_error(request)
    return HttpResponse(
        get_template("503.html").render(),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"},
    )


def is_outage(error: BaseException | None) -> bool:
    """Whether an error says that a part we need is away for now."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError | RedisError):
            return True
        if isinstance(error, InternalError) and _sqlstate(error) == READ_ONLY:
            return True
        error = error.__cause__ or error.__context__
    return False


def _sqlstate(error: InternalError) -> str:
    return getattr(error.__cause__, "sqlstate", "") or ""
