"""The product, started by run.py in a folder of its own, as a stranger would start it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import smtplib
import socket
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.management.base import OutputWrapper

from netcrm.runner.management.commands.up import Command
from tests.product import Product, fetch, until

CHILDREN = ("gunicorn", "celery --app netcrm worker", "netcrm beat", "mailcatcher", "-server")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


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
    envelopes = (product.folder / "var" / "mail").glob("*.json")
    assert any(json.loads(kept.read_text())["rcpt_to"] == ["b@x.test"] for kept in envelopes)
    assert "Grüße" in fetch(f"{product.mail_page}/")

    lines = (product.folder / "var" / "log" / "web.log").read_text().splitlines()
    assert [line for line in lines if not json.loads(line)["event"]] == []
    assert not any("GET /" in line for line in lines)  # paths of mail links carry tokens

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


def test_a_terminal_that_has_gone_stops_nothing() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    Command(stdout=OutputWrapper(Gone())).say("worker ended")


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
