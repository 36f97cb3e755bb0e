"""Run the whole of NetCRM on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from netcrm.runner import embedded_redis, gunicorn_conf, mailcatcher
from netcrm.runner.supervisor import (
    AlreadyRunning,
    Child,
    Failed,
    FolderLock,
    Supervisor,
    only_one,
)

MAIL_PAGE_PORT = 8025  # when it is free; any other when not
STOP_ORDER = ("beat", "web", "worker", "mail", "redis")


class Command(BaseCommand):
    help = "Runs the web server, the worker, beat, Redis and the mail catcher until Ctrl-C."
    requires_system_checks = ()  # they import every view, a second before anything can start

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=8000, help="where to answer; 0 takes a free port"
        )

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        var = Path(settings.VAR_DIR)
        try:
            with contextlib.ExitStack() as stack:
                lock = stack.enter_context(only_one(var / "up.lock", say=self.say))
                web = stack.enter_context(listening(port))
                address = f"http://127.0.0.1:{web.getsockname()[1]}"
                lock.describe(address=address)
                self.run(var, web, address, lock, stack)
        except (AlreadyRunning, Failed, embedded_redis.Missing) as problem:
            raise CommandError(str(problem)) from problem

    def run(
        self,
        var: Path,
        web: socket.socket,
        address: str,
        lock: FolderLock,
        stack: contextlib.ExitStack,
    ) -> None:
        env = {"SITE_URL": os.environ.get("SITE_URL", address), "PYTHONUNBUFFERED": "1"}
        children = []
        if "REDIS_URL" not in os.environ:
            redis_socket = stack.enter_context(place_for_socket(var))
            env["REDIS_URL"] = f"unix://{redis_socket}"
            children.append(redis_child(var, redis_socket))
        mail_page = None
        if "EMAIL_URL" not in os.environ:
            smtp = stack.enter_context(listening(0))
            page = stack.enter_context(listening(MAIL_PAGE_PORT, or_any=True))
            env["EMAIL_URL"] = f"smtp://127.0.0.1:{smtp.getsockname()[1]}"
            mail_page = f"http://127.0.0.1:{page.getsockname()[1]}"
            children.append(mail_child(var, smtp, page, mail_page))
        children += [web_child(web, address, env), worker_child(env), beat_child(var, env)]

        supervisor = Supervisor(
            children,
            stop_order=STOP_ORDER,
            logs=var / "log",
            say=self.say,
            keep_open=[lock.handle],
        )
        with supervisor.signals_handled():
            try:
                stores = [child.name for child in children if child.name in ("redis", "mail")]
                supervisor.start(*stores)
                first_run = self.migrate()
                if not supervisor.asked_to_stop:
                    supervisor.start("web")
                if not supervisor.asked_to_stop:
                    supervisor.start("worker", "beat")
                if not supervisor.asked_to_stop:
                    demo = self.demo(var, env, first_run=first_run)
                    self.greet(var, address, mail_page, demo)
                supervisor.run()
                self.say("Stopping: letting mails in hand go out.  Ctrl-C again ends at once.")
            finally:
                supervisor.stop()
        self.say("Stopped.")

    def migrate(self) -> bool:
        """Bring the database up to date; return True when nobody has an account yet."""
        call_command("migrate", interactive=False, verbosity=0)
        empty = not get_user_model()._default_manager.exists()
        connections.close_all()  # the children have their own
        return empty

    def demo(self, var: Path, env: dict[str, str], *, first_run: bool) -> str:
        """Make the practice account on the first run; return what it said, then and later."""
        said = var / "demo.txt"
        if first_run and "demo" in get_commands():
            made = subprocess.run(
                manage("demo"), env=os.environ | env, capture_output=True, text=True
            )
            if made.returncode:
                self.say(f"The practice account could not be made:\n{made.stderr.strip()}")
                return ""
            said.touch(mode=0o600)
            said.write_text(made.stdout)
        return said.read_text().strip() if said.exists() else ""

    def greet(self, var: Path, address: str, mail_page: str | None, demo: str) -> None:
        lines = ["", "NetCRM is ready.", "", f"  Open       {address}/"]
        if mail_page:
            lines.append(f"  Its mail   {mail_page}/   (every mail is caught here, none leaves)")
        lines += [f"  Data       {var}", "  Stop       Ctrl-C", ""]
        lines += [f"  {line}" for line in demo.splitlines()]
        self.say("\n".join(lines))

    def say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # whoever read along has gone; the work goes on
            self.stdout.write(text)
            self.stdout.flush()


# The children


def redis_child(var: Path, socket_path: Path) -> Child:
    return Child(
        name="redis",
        command=embedded_redis.command(folder=var / "redis", socket_path=socket_path),
        ready=lambda: embedded_redis.answers(socket_path),
    )


def mail_child(var: Path, smtp: socket.socket, page: socket.socket, address: str) -> Child:
    return Child(
        name="mail",
        command=[
            *(sys.executable, "-P", mailcatcher.__file__, "--folder", str(var / "mail")),
            *("--smtp-fd", str(smtp.fileno()), "--page-fd", str(page.fileno())),
        ],
        pass_fds=[smtp.fileno(), page.fileno()],
        ready=lambda: answers_ok(f"{address}/healthz"),
    )


def web_child(web: socket.socket, address: str, env: dict[str, str]) -> Child:
    return Child(
        name="web",
        command=[
            *(sys.executable, "-m", "gunicorn", "netcrm.wsgi", "--bind", f"fd://{web.fileno()}"),
            *("--config", gunicorn_conf.__file__),
        ],
        env=env,
        pass_fds=[web.fileno()],
        ready=lambda: answers_ok(f"{address}/healthz"),
    )


def worker_child(env: dict[str, str]) -> Child:
    celery = [sys.executable, "-m", "celery", "--app", "netcrm"]
    return Child(
        name="worker",
        command=[*celery, "worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
        env=env,
    )


def beat_child(var: Path, env: dict[str, str]) -> Child:
    celery = [sys.executable, "-m", "celery", "--app", "netcrm"]
    options = ["--loglevel", "INFO", "--schedule", str(var / "beat-schedule"), "--pidfile", ""]
    return Child(name="beat", command=[*celery, "beat", *options], env=env)


# What they stand on


@contextmanager
def listening(port: int, *, or_any: bool = False) -> Iterator[socket.socket]:
    """Yield a listening socket on loopback that children may inherit.

    Raises:
        Failed: the port is taken, and ``or_any`` is not given.
    """
    with socket.socket() as here:
        here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            here.bind(("127.0.0.1", port))
        except OSError as error:
            if not or_any:
                raise Failed(
                    f"Port {port} cannot be used ({error.strerror}). "
                    f"Pick another one: python3 run.py --port {port + 1 if port < 65535 else 0}"
                ) from error
            here.bind(("127.0.0.1", 0))
        here.listen(512)
        yield here


@contextmanager
def place_for_socket(var: Path) -> Iterator[Path]:
    """Yield a path for Redis's socket: in ``var``, or in a short folder when that is too long."""
    inside = var / "redis" / "redis.sock"
    if embedded_redis.fits_socket(inside):
        inside.parent.mkdir(parents=True, exist_ok=True)
        yield inside
        return
    short = Path(tempfile.mkdtemp(prefix="netcrm-"))
    try:
        yield short / "redis.sock"
    finally:
        shutil.rmtree(short, ignore_errors=True)


def answers_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except OSError:
        return False


def manage(*arguments: str) -> list[str]:
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]
