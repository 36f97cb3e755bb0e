"""How many queries a page makes besides what every signed-in page makes."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def own_queries(client: Client, url: str) -> int:
    """Queries of ``url`` less those of the help page, which asks for nothing of its own."""
    client.get("/help/")  # the first visit of a session writes more than those after it
    return _count(client, url) - _count(client, "/help/")


def _count(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
