"""A mail server of our own, and the ledger pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.sink import Script, Sink, take_everything


@pytest.fixture
def serve(settings: Any) -> Iterator[Callable[..., Sink]]:
    """Start a sink that follows a script, and send all mail there."""
    started: list[Sink] = []

    def start(script: Script = take_everything, **options: Any) -> Sink:
        sink = Sink(script, **options).__enter__()
        started.append(sink)
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        return sink

    settings.DELIVERY_LETTERS = {
        **settings.DELIVERY_LETTERS,
        "digest": "tests.netcrm.delivery.writers.hello",
        "weekly": "tests.netcrm.delivery.writers.hello",
        "summary": "tests.netcrm.delivery.writers.hello",
        "thanks": "tests.netcrm.delivery.writers.nothing",
        "broken": "tests.netcrm.delivery.writers.broken",
        "invitation": "tests.netcrm.delivery.writers.hello",
    }
    settings.EMAIL_TIMEOUT = settings.EMAIL_DOT_TIMEOUT = 2
    yield start
    for sink in started:
        sink.__exit__()


@pytest.fixture
def sink(serve: Callable[..., Sink]) -> Sink:
    """A mail server that takes everything."""
    return serve()
