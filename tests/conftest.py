"""The cast of every test: Ana owns a list, Ben owns another, Lea leads a group."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime

import hypothesis
import pytest
from django.core.cache import cache
from django.test import Client

from netcrm.accounts.models import User
from tests import make
from tests.browser import chromium
from tests.product import folder, product
from tests.servers import redis_server, redis_url

__all__ = ["chromium", "folder", "product", "redis_server", "redis_url"]

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright keeps a loop running

# How long one example takes says more about the machine than about the code; tests have a timeout.
hypothesis.settings.register_profile("netcrm", deadline=None)
hypothesis.settings.load_profile("netcrm")

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def ana(db: None) -> User:
    return make.user("ana@example.test", name="Ana Ruiz")


@pytest.fixture
def signed_in(client: Client, ana: User) -> Client:
    """Ana's browser, as the test client has it."""
    client.force_login(ana)
    return client


@pytest.fixture
def ben(db: None) -> User:
    return make.user("ben@example.test", name="Ben Adler")


@pytest.fixture
def lea(db: None) -> User:
    return make.user("lea@example.test", name="Lea Brandt")


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Rate limits of one test are none of the next one's business."""
    cache.clear()


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but this machine can be reached."""
    really_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        local = not isinstance(address, tuple) or str(address[0]) in {
            "127.0.0.1",
            "::1",
            "localhost",
        }
        if not local:
            raise AssertionError(f"a test tried to reach {address!r}")
        really_connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
