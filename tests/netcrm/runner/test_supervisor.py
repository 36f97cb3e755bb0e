from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netcrm.runner import leash
from netcrm.runner.supervisor import AlreadyRunning, Child, Failed, Supervisor, only_one

# A child that writes its name when it is asked to stop.
POLITE = """
import pathlib, signal, sys, time
def stop(*_):
    with open({diary!r}, "a") as diary: diary.write({name!r} + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path({ready!r}).touch()
time.sleep(120)
"""
DEAF = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path({ready!r}).touch()
time.sleep(120)
"""


class Stage:
    """Children made for one test, and the supervisor's words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = folder / "diary"
        self.diary.touch()
        self.said: list[str] = []
        self.supervisors: list[Supervisor] = []

    def child(self, name: str, script: str = POLITE) -> Child:
        ready = self.folder / f"{name}.ready"
        source = script.format(name=name, diary=str(self.diary), ready=str(ready))
        return Child(name=name, command=[sys.executable, "-c", source], ready=ready.exists)

    def supervisor(self, *children: Child, grace: float = 10) -> Supervisor:
        made = Supervisor(
            children,
            stop_order=[child.name for child in reversed(children)],
            logs=self.folder / "log",
            say=self.said.append,
            grace=grace,
        )
        self.supervisors.append(made)
        return made


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    for supervisor in made.supervisors:  # also after a failed test
        supervisor.stop()


def signal_when(true: Callable[[], bool], *numbers: int) -> threading.Thread:
    """Send this process the signals, one after another, once the condition holds."""

    def send() -> None:
        give_up = time.monotonic() + 30
        while not true() and time.monotonic() < give_up:
            time.sleep(0.02)
        for number in numbers:
            os.kill(os.getpid(), number)
            time.sleep(0.2)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


def test_children_stop_in_the_order_asked_for(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.child("store"), stage.child("web"), stage.child("beat"))
    with supervisor.signals_handled():
        supervisor.start("store")
        supervisor.start("web", "beat")
        sender = signal_when(lambda: True, signal.SIGTERM)
        supervisor.run()
        supervisor.stop()
        sender.join()
    assert stage.diary.read_text().split() == ["beat", "web", "store"]
    assert stage.said == []


def test_a_second_ctrl_c_kills_what_will_not_stop(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.child("deaf", DEAF), grace=60)
    with supervisor.signals_handled():
        supervisor.start("deaf")
        sender = signal_when(lambda: True, signal.SIGINT, signal.SIGINT)
        began = time.monotonic()
        supervisor.run()
        supervisor.stop()
        sender.join()
    assert time.monotonic() - began < 30
    assert stage.said == ["deaf did not stop by itself; ending it."]


def test_a_child_that_will_not_stop_is_ended_after_its_grace(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.child("deaf", DEAF), grace=0.2)
    supervisor.start("deaf")
    process = supervisor.children["deaf"].process
    assert process is not None
    supervisor.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_child_that_dies_comes_back_later_each_time(stage: Stage) -> None:
    source = "import time; time.sleep(1); raise SystemExit(3)"
    dies = Child(name="dies", command=[sys.executable, "-c", source])
    supervisor = stage.supervisor(dies)
    with supervisor.signals_handled():
        supervisor.start("dies")
        sender = signal_when(lambda: len(stage.said) >= 3, signal.SIGTERM)
        supervisor.run()
        supervisor.stop()
        sender.join()
    waits = ["0.5 s", "1 s", "2 s"]
    for said, wait in zip(stage.said, waits, strict=False):
        assert said.startswith(f"dies ended (exit code 3); starting it again in {wait}. See ")


def test_a_child_that_cannot_start_is_told_with_the_end_of_its_log(stage: Stage) -> None:
    fails = Child(
        name="fails",
        command=[sys.executable, "-c", "print('no disk left'); raise SystemExit(1)"],
        ready=lambda: False,
    )
    supervisor = stage.supervisor(stage.child("store"), fails)
    supervisor.start("store")
    try:
        with pytest.raises(Failed, match=r"(?s)fails ended while starting.*no disk left"):
            supervisor.start("fails")
    finally:
        supervisor.stop()
    assert stage.diary.read_text().split() == ["store"]


def test_what_a_dead_child_started_ends_with_it(stage: Stage) -> None:
    source = (
        "import subprocess, sys, time, pathlib\n"
        f"child = subprocess.Popen([{sys.executable!r}, '-c', 'import time; time.sleep(120)'])\n"
        f"pathlib.Path({str(stage.folder / 'pid')!r}).write_text(str(child.pid))\n"
        "time.sleep(1)\n"
    )
    parent = Child(
        name="parent",
        command=[sys.executable, "-c", source],
        ready=lambda: (stage.folder / "pid").exists(),
    )
    supervisor = stage.supervisor(parent)
    with supervisor.signals_handled():
        supervisor.start("parent")
        sender = signal_when(lambda: bool(stage.said), signal.SIGTERM)
        supervisor.run()
        supervisor.stop()
        sender.join()
    orphan = int((stage.folder / "pid").read_text())
    assert gone(orphan)


def test_a_child_does_not_hear_the_terminals_ctrl_c(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.child("web"))
    supervisor.start("web")
    process = supervisor.children["web"].process
    assert process is not None
    assert os.getsid(process.pid) == process.pid
    supervisor.stop()


def test_the_leash_ends_what_is_still_listed(stage: Stage) -> None:
    supervisor = stage.supervisor(stage.child("kept"), stage.child("freed"))
    supervisor.start("kept", "freed")
    kept, freed = (supervisor.children[name].process for name in ("kept", "freed"))
    assert kept is not None
    assert freed is not None
    watching = threading.Thread(target=kept.wait)  # reaps it, as init would
    watching.start()
    leash.watch([f"+{kept.pid}\n", f"+{freed.pid}\n", f"-{freed.pid}\n"], grace=20)
    watching.join()
    assert stage.diary.read_text().split() == ["kept"]
    assert freed.poll() is None
    supervisor.stop()


def test_a_folder_serves_one_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    with only_one(lock, say=print) as held:
        held.describe(address="http://127.0.0.1:8000")
        with (
            pytest.raises(AlreadyRunning, match=r"at http://127\.0\.0\.1:8000 \(process \d+\)"),
            only_one(lock, say=print),
        ):
            raise AssertionError("the lock was given twice")
    with only_one(lock, say=print):
        assert lock.exists()


def gone(pid: int) -> bool:
    give_up = time.monotonic() + 10
    while time.monotonic() < give_up:
        state = Path(f"/proc/{pid}/stat")
        try:
            if state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False
