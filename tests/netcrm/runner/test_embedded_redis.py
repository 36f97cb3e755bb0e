from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from netcrm.runner import embedded_redis


@pytest.fixture(autouse=True)
def look_again() -> Iterator[None]:
    """The search for a server is remembered; each test searches for itself."""
    embedded_redis.server.cache_clear()
    yield
    embedded_redis.server.cache_clear()


def fake_server(folder: Path, version: str) -> None:
    script = folder / "redis-server"
    script.write_text(f'#!/bin/sh\necho "Redis server v={version} sha=00000000:0 bits=64"\n')
    script.chmod(0o755)


def test_the_machines_own_server_is_used_when_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_server(tmp_path, "6.2.0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    assert embedded_redis.server() == (str(tmp_path / "redis-server"), (6, 2, 0))


def test_an_old_server_gives_way_to_the_bundled_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_server(tmp_path, "6.0.16")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    path, version = embedded_redis.server()
    assert path.endswith("valkey-server")
    assert version >= embedded_redis.OLDEST


def test_without_any_server_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(embedded_redis, "_bundled", lambda: None)
    with pytest.raises(embedded_redis.Missing, match="apt-get install redis-server"):
        embedded_redis.server()


def test_a_server_of_another_major_version_gets_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_server(tmp_path, "7.4.1")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    command = embedded_redis.command(folder=tmp_path, socket_path=tmp_path / "s")
    assert str(tmp_path / "redis-server-7") in command


def test_a_long_path_does_not_fit_a_socket() -> None:
    assert embedded_redis.fits_socket(Path("/" + "x" * 102))
    assert not embedded_redis.fits_socket(Path("/" + "ü" * 52))


def test_the_real_server_speaks_on_its_socket_and_keeps_what_it_is_told(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    settings = client.config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["port"] == "0"
    assert embedded_redis.answers(Path(redis_url.removeprefix("unix://")))
    client.close()
