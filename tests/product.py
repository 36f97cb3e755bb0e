"""The product as a stranger starts it: ``run.py`` in a folder of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules", "tests"
)


class Product:
    """A running ``run.py`` and what it said."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.output = folder.parent / f"{uuid.uuid4()}.out"
        env = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DJANGO_SETTINGS_MODULE", "NETCRM_VAR", "DATABASE_URL", "REDIS_URL")
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "run.py", *arguments],
                cwd=folder,
                env=env | {"NETCRM_VENV": sys.prefix},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    @property
    def address(self) -> str:
        return self._said(r"Open\s+(http\S+?)/\s")

    @property
    def mail_page(self) -> str:
        return self._said(r"Its mail\s+(http\S+?)/\s")

    def _said(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        assert found, self.said
        return found.group(1)

    def processes(self) -> dict[int, str]:
        """Every process that works in this folder, with its command line."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if (entry / "cwd").resolve() in (self.folder, *self._redis_folders()):
                        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                        found[int(entry.name)] = command
                except OSError:
                    continue
        return {pid: command for pid, command in found.items() if command}

    def _redis_folders(self) -> list[Path]:
        return list((self.folder / "var" / "redis").glob("*-server-*"))

    def pid(self, part: str) -> int | None:
        """The oldest process whose command line has this part."""
        return min((pid for pid, line in self.processes().items() if part in line), default=None)

    def wait_until_ready(self) -> None:
        ended = self.process.poll
        until(lambda: "NetCRM is ready" in self.said or ended() is not None, within=90, what="up")
        assert ended() is None, self.said


def until(true: Callable[[], object], *, within: float, what: str) -> None:
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, f"not within {within:.0f} s: {what}"
        time.sleep(0.1)


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        return str(response.read().decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the product with nothing set up in it."""
    copy = tmp_path / "netcrm"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    return copy


@pytest.fixture
def product(folder: Path) -> Iterator[Product]:
    started = Product(folder, "--port", "0")
    try:
        started.wait_until_ready()
        yield started
    finally:
        if started.process.poll() is None:
            os.killpg(started.process.pid, signal.SIGKILL)
        started.process.wait()
        try:
            until(lambda: not started.processes(), within=45, what="every process gone")
        finally:
            for pid in started.processes():
                os.kill(pid, signal.SIGKILL)
