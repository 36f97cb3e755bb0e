"""The cache, and what happens while Redis is away."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _patient(method: Callable[..., Any], *, away: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def ask(client: RedisCacheClient, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(client, *args, **kwargs)
        except RedisError as error:
            logger.warning("cache: Redis is away (%s)", type(error).__name__)
            return away(*args, **kwargs)

    return ask


class PatientClient(RedisCacheClient):
    """A Redis that is away is an empty cache, not an error page (reliability.md R05).

    The cache holds rate limits and short-lived copies, nothing that is owed to anybody.  Limits
    do not count while Redis is away; the log says so.
    """

    add = _patient(RedisCacheClient.add, away=lambda key, value, timeout: True)
    get = _patient(RedisCacheClient.get, away=lambda key, default: default)
    set = _patient(RedisCacheClient.set, away=lambda key, value, timeout: None)
    touch = _patient(RedisCacheClient.touch, away=lambda key, timeout: False)
    delete = _patient(RedisCacheClient.delete, away=lambda key: False)
    get_many = _patient(RedisCacheClient.get_many, away=lambda keys: {})
    has_key = _patient(RedisCacheClient.has_key, away=lambda key: False)
    incr = _patient(RedisCacheClient.incr, away=lambda key, delta: delta)
    set_many = _patient(RedisCacheClient.set_many, away=lambda data, timeout: None)
    delete_many = _patient(RedisCacheClient.delete_many, away=lambda keys: None)


class PatientRedisCache(RedisCache):
    """Redis shared with the broker: ``clear`` forgets our own keys and leaves the queues alone."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = PatientClient

    def clear(self) -> None:
        client = self._cache.get_client(None, write=True)
        try:
            for key in client.scan_iter(match=self.make_key("*"), count=1_000):
                client.delete(key)
        except RedisError as error:
            logger.warning("cache: Redis is away (%s)", type(error).__name__)
