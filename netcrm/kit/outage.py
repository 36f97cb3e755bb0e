"""The page for when the database is away: 503 and Retry-After, never a 500."""

from __future__ import annotations

import sys

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions import middleware as sessions
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
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
    return closed() if is_outage(sys.exc_info()[1]) else defaults.server_error(request)


def closed() -> HttpResponse:
    """Come back in a moment: nothing was done."""
    return HttpResponse(
        get_template("503.html").render(),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"},
    )


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's, but a session that an outage keeps from being saved does not end in a 400.

    The view is done by then, and for a member who was signed in already all that is lost is
    a message shown once more or not at all, so the answer stands.  Anybody else may be in the
    middle of signing in, which needs the session.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (SessionInterrupted, DatabaseError) as error:
            if not is_outage(error):
                raise
            known = request.session.session_key == request.COOKIES.get(settings.SESSION_COOKIE_NAME)
            return response if known and SESSION_KEY in request.session else closed()


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
