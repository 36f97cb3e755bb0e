"""The product, started by run.py in a folder of its own, as a stranger would start it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", "var", "__pycache__", ".*_cache", ".hypothesis", "node_modules", "tests"
)

CHILDREN = ("gunicorn", "celery --app netcrm worker", "netcrm beat", "mailcatcher", "-server")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


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
        until(lambda: not started.processes(), within=45, what="every process gone")


def test_one_command_in_an_empty_folder_starts_keeps_and_ends_everything(product: Product) -> None:
    assert fetch(f"{product.address}/healthz") == "ok"
    assert "<html" in fetch(f"{product.address}/")
    key = product.folder / "var" / "secret_key"
    assert key.stat().st_mode & 0o077 == 0

    second = Product(product.folder, "--port", "0")
    assert second.process.wait(60) == 1
    assert f"already runs in this folder at {product.address}" in second.said
    assert "Traceback" not in second.said

    send_mail(product)
    (kept,) = (product.folder / "var" / "mail").glob("*.eml")
    assert json.loads(kept.with_suffix(".json").read_text())["rcpt_to"] == ["b@x.test"]
    assert "Grüße" in fetch(f"{product.mail_page}/")

    for part in CHILDREN:
        before = product.pid(part)
        os.kill(before, signal.SIGKILL)
        until(
            lambda before=before, part=part: product.pid(part) not in (None, before),
            within=30,
            what=f"{part} is back",
        )
        assert fetch(f"{product.address}/healthz") == "ok"  # nobody is turned away meanwhile
    assert product.said.count("starting it again") == len(CHILDREN)

    os.kill(product.process.pid, signal.SIGINT)
    assert product.process.wait(60) == 0
    assert product.said.rstrip().endswith("Stopped.")
    assert "did not stop by itself" not in product.said
    assert not product.processes()


def test_a_killed_supervisor_takes_its_children_along(product: Product) -> None:
    os.kill(product.process.pid, signal.SIGKILL)
    product.process.wait()
    again = Product(product.folder, "--port", "0")  # waits for the last of them by itself
    try:
        again.wait_until_ready()
        commands = list(again.processes().values())
        for part in ("manage.py up", "beat", "mailcatcher"):
            assert sum(part in command for command in commands) == 1, commands

        # The kernel does it too: without a leash, which a stopped supervisor cannot renew.
        leash = again.pid("leash.py")
        assert leash is not None
        os.kill(again.process.pid, signal.SIGSTOP)
        os.kill(leash, signal.SIGKILL)
    finally:
        os.kill(again.process.pid, signal.SIGKILL)
        again.process.wait()
    until(lambda: not again.processes(), within=40, what="the kernel's signal was enough")


def test_a_taken_port_is_said_in_words(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = Product(folder, "--port", str(port))
        assert refused.process.wait(60) == 1
    assert f"Port {port} cannot be used" in refused.said
    assert "Traceback" not in refused.said


def send_mail(product: Product) -> None:
    environ = Path(f"/proc/{product.pid('gunicorn')}/environ").read_bytes().decode()
    found = re.search(r"EMAIL_URL=smtp://127\.0\.0\.1:(\d+)", environ)
    assert found
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Grüße", "a@x.test", "b@x.test"
    message.set_content("Hello there")
    with smtplib.SMTP("127.0.0.1", int(found.group(1)), timeout=10) as server:
        server.send_message(message)
