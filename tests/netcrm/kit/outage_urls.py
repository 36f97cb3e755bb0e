"""Views that meet an error nobody catches."""

from django.contrib.auth.decorators import login_not_required
from django.db import InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from redis.exceptions import ConnectionError as RedisAway

handler500 = "netcrm.kit.outage.server_error"


class ReadOnly(Exception):
    sqlstate = "25006"


@login_not_required
def fail(request: HttpRequest, how: str) -> HttpResponse:
    if how == "read-only":
        raise InternalError("cannot execute UPDATE") from ReadOnly()
    if how == "wrapped":
        try:
            raise OperationalError("database is locked")
        except OperationalError as error:
            raise LookupError("no such thing") from error
    raise {
        "database": OperationalError("server closed the connection"),
        "redis": RedisAway("refused"),
        "internal": InternalError("a corrupt index"),
        "mistake": ZeroDivisionError("ours"),
    }[how]


urlpatterns = [path("<str:how>/", fail)]
