"""The product's own web server in processes of its own, and people who press buttons on it."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from netcrm.runner import gunicorn_conf
from netcrm.runner.leash import die_with_parent
from tests.faults.run import environment
from tests.postgres import free_port
from tests.product import until

SIGN_IN = """
import django
django.setup()
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from tests import make
ana = make.user("ana@example.test")
store = SessionStore()
store["_auth_user_id"] = str(ana.pk)
store["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
store["_auth_user_hash"] = ana.get_session_auth_hash()
store.create()
print(store.session_key)
"""
CSRF = "c" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one press of *Add*; status 0: the connection broke."""

    name: str
    status: int
    retry_after: str
    seconds: float


class Web:
    """Gunicorn on a database of one's own: ``with Web(url, folder) as web``."""

    def __init__(self, url: str, folder: Path) -> None:
        self.port = free_port()
        self.env = environment(url, folder) | {"WEB_CONCURRENCY": "2", "WEB_THREADS": "4"}
        self.log = folder / "web.log"

    def __enter__(self) -> Self:
        python = sys.executable
        signed_in = subprocess.run(
            [python, "-c", SIGN_IN], env=self.env, check=True, stdout=subprocess.PIPE, text=True
        )
        self.session = signed_in.stdout.split()[-1]
        bind = ["--bind", f"127.0.0.1:{self.port}", "--config", str(gunicorn_conf.__file__)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-m", "gunicorn", "netcrm.wsgi", *bind],
                env=self.env | {"LOG_LEVEL": "WARNING"},
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent(),
            )
        until(self._is_up, within=60, what="the web server answers")
        assert self.ask("GET", "/people/add/").status == 200, "Ana is signed in"
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _is_up(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, **fields: str) -> http.client.HTTPResponse:
        """Send one request as Ana."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={CSRF}"}
        body = None
        if method == "POST":
            body = urlencode(fields | {"csrfmiddlewaretoken": CSRF})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer
        finally:
            connection.close()

    def add(self, name: str) -> Answer:
        """Add a person, whatever comes of it."""
        started = time.monotonic()
        try:
            fields = {"name": name, "ring": "B", "role_kind": "other", "anyway": "1"}
            answer = self.ask("POST", "/people/add/", **fields)
            status, retry_after = answer.status, answer.getheader("Retry-After", "")
        except (OSError, http.client.HTTPException):
            status, retry_after = 0, ""
        seconds = time.monotonic() - started
        return Answer(name=name, status=status, retry_after=retry_after, seconds=seconds)


class Presses:
    """Several people add somebody, again and again, until told to stop."""

    def __init__(self, web: Web, *, people: int = 3, pause_seconds: float = 0.2) -> None:
        self.web = web
        self.answers: list[Answer] = []
        self.pages: Counter[int] = Counter()
        self._pause = pause_seconds
        self._ends = threading.Event()
        self._threads = [
            threading.Thread(target=self._press, args=(n,), daemon=True) for n in range(people)
        ]
        self._threads.append(threading.Thread(target=self._look, daemon=True))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join(70)

    def _press(self, who: int) -> None:
        number = 0
        while not self._ends.is_set():
            self.answers.append(self.web.add(f"Person {who}-{number}"))
            number += 1
            time.sleep(self._pause)

    def _look(self) -> None:
        while not self._ends.is_set():
            try:
                self.pages[self.web.ask("GET", "/people/").status] += 1
            except (OSError, http.client.HTTPException):
                self.pages[0] += 1
            time.sleep(self._pause)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    def until_told(self, more: int) -> None:
        """Wait until ``more`` people have been told that theirs was added."""
        target = self.statuses[302] + more
        until(lambda: self.statuses[302] >= target, within=60, what=f"{more} more are added")

    def hold_against(self, saved: list[str]) -> None:
        """Whoever was told “added” is there, once; nobody was told anything but that or 503."""
        told = {answer.name for answer in self.answers if answer.status == 302}
        refused = {answer.name for answer in self.answers if answer.status != 302}
        times = Counter(saved)
        assert told - set(saved) == set(), "somebody was told it was saved, and it was not"
        assert {name for name in saved if times[name] > 1} == set()
        assert set(saved) - told <= refused
        assert set(self.statuses) <= {302, 503}, self.statuses
        assert {answer.retry_after for answer in self.answers if answer.status == 503} <= {"30"}
        assert set(self.pages) <= {200, 503}, self.pages
