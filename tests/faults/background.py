"""The processes of the product that work without a web page: Redis, Celery's workers and beat."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from netcrm.runner import embedded_redis
from netcrm.runner.leash import die_with_parent
from tests.postgres import free_port


class Background:
    """Starts processes with one environment, and ends them all; what they say is ``said``.

    Args:
        folder: where their files go.
        env: the environment beside this process's own, such as DATABASE_URL and EMAIL_URL.
    """

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "NETCRM_VAR": str(folder),
            "REDIS_URL": f"redis://127.0.0.1:{self.port}/0",
            **env,
        }
        self.redis = self.start_redis()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent(),
            )
        self.processes.append(process)
        return process

    def start_redis(self) -> subprocess.Popen[bytes]:
        """A Redis that keeps nothing on disk: killed and started again, it is empty."""
        server = embedded_redis.server()[0]
        self.redis = self.start(
            server, "--port", str(self.port), "--save", "", "--dir", str(self.folder)
        )
        return self.redis

    def kill_redis(self) -> None:
        self.redis.kill()
        self.redis.wait()

    def celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        return self.start(sys.executable, "-m", "celery", "--app", "netcrm", *arguments)

    def worker(self) -> subprocess.Popen[bytes]:
        return self.celery(
            "worker", "--concurrency=2", "--without-gossip", "--without-mingle", "--loglevel=INFO"
        )

    def beat(self, name: str = "beat") -> subprocess.Popen[bytes]:
        return self.celery("beat", f"--schedule={self.folder / name}")

    @property
    def said(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()
