from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from netcrm.kit.cache import PatientRedisCache

AWAY: dict[str, tuple[Callable[[PatientRedisCache], object], object]] = {
    "get": (lambda cache: cache.get("k", "default"), "default"),
    "set": (lambda cache: cache.set("k", 1), None),
    "add": (lambda cache: cache.add("k", 1), True),
    "touch": (lambda cache: cache.touch("k"), False),
    "delete": (lambda cache: cache.delete("k"), False),
    "get_many": (lambda cache: cache.get_many(["k"]), {}),
    "set_many": (lambda cache: cache.set_many({"k": 1}), []),
    "delete_many": (lambda cache: cache.delete_many(["k"]), None),
    "has_key": (lambda cache: "k" in cache, False),
    "incr": (lambda cache: cache.incr("k", 1), 1),
    "clear": (lambda cache: cache.clear(), None),
}


def cache_at(url: str) -> PatientRedisCache:
    options = {"socket_connect_timeout": 1, "socket_timeout": 1}
    return PatientRedisCache(url, {"KEY_PREFIX": "netcrm", "OPTIONS": options})


@pytest.mark.parametrize("name", AWAY)
def test_a_redis_that_is_away_is_an_empty_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    act, expected = AWAY[name]
    with caplog.at_level(logging.WARNING, logger="netcrm.kit.cache"):
        assert act(cache_at(f"unix://{tmp_path}/nobody.sock")) == expected
    assert "Redis is away" in caplog.text


def test_every_operation_of_the_client_is_patient() -> None:
    from django.core.cache.backends.redis import RedisCacheClient

    operations = {
        name
        for name, value in vars(RedisCacheClient).items()
        if callable(value) and not name.startswith("_") and name != "get_client"
    }
    assert operations == set(AWAY)


def test_a_redis_that_hangs_costs_a_page_little() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert cache_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0").get("k") is None
        assert time.monotonic() - began < 5


def test_it_keeps_and_counts(redis_url: str) -> None:
    cache = cache_at(redis_url)
    cache.set("k", {"a": [1, 2]}, 60)
    assert cache.get("k") == {"a": [1, 2]}
    assert cache.add("n", 1, 60) is True
    assert cache.add("n", 1, 60) is False
    assert cache.incr("n") == 2


def test_clearing_leaves_the_brokers_queues_alone(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    client.lpush("celery", "a message")
    cache = cache_at(redis_url)
    cache.set("k", 1)
    cache.clear()
    assert cache.get("k") is None
    assert client.llen("celery") == 1
    client.close()
