"""The one file that starts everything, and the pins it installs."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>\S+)")


class Version(NamedTuple):
    major: int
    minor: int


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """run.py as a module, at home in a copy of the repository that has only the locks."""
    spec = importlib.util.spec_from_file_location("run_under_test", ROOT / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for name in ("RUNTIME_LOCK", "DEV_LOCK", "UV_LOCK"):
        copy = tmp_path / "requirements" / getattr(module, name).name
        copy.write_bytes(getattr(module, name).read_bytes())
        monkeypatch.setattr(module, name, copy)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.delenv("NETCRM_VENV", raising=False)
    return module


def set_up(run: ModuleType, *, dev: bool) -> Path:
    """Make it look as if ``run.py`` had installed everything; nothing in it works."""
    venv = run.ROOT / ".venv"
    (venv / "bin").mkdir(parents=True)
    for name in ("python", "uv"):
        tool = venv / "bin" / name
        tool.write_text("#!/bin/sh\nexit 1\n")
        tool.chmod(0o755)
    python: Path = venv / "bin" / "python"
    stamp = {"runtime": run.digest(run.RUNTIME_LOCK), "uv": run.digest(run.UV_LOCK)}
    if dev:
        stamp["dev"] = run.digest(run.DEV_LOCK)
    (venv / ".installed.json").write_text(json.dumps(stamp))
    return python


def test_an_old_python_is_told_what_to_use(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 9))
    assert run.main(["test"]) == 1
    assert "NetCRM needs Python 3.11 or newer" in capsys.readouterr().err


def test_a_python_without_venv_is_told_what_to_install(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert run.main([]) == 1
    assert "apt-get install python3" in capsys.readouterr().err


def test_what_is_installed_is_not_installed_again(run: ModuleType) -> None:
    python = set_up(run, dev=True)
    assert run.environment(dev=True) == python
    assert run.environment(dev=False) == python


@pytest.mark.parametrize("changed", ["RUNTIME_LOCK", "DEV_LOCK", "UV_LOCK"])
def test_a_changed_lock_is_installed(
    run: ModuleType, changed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(run, dev=True)
    getattr(run, changed).write_text("changed\n")
    with pytest.raises(run.Refused, match="This step failed"):
        run.environment(dev=True)
    assert "Setting up" in capsys.readouterr().out
    assert not (run.ROOT / ".venv" / ".installed.json").exists()


def test_running_needs_no_test_tools_and_a_test_lock_does_not_disturb_it(run: ModuleType) -> None:
    python = set_up(run, dev=False)
    run.DEV_LOCK.write_text("changed\n")
    assert run.environment(dev=False) == python


def test_a_given_environment_is_used_as_it_is(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETCRM_VENV", sys.prefix)
    assert run.environment(dev=True) == Path(sys.prefix) / "bin" / "python"
    monkeypatch.setenv("NETCRM_VENV", str(run.ROOT / "nowhere"))
    with pytest.raises(run.Refused, match="nowhere"):
        run.environment(dev=True)


def test_uv_asks_the_index_that_pip_is_set_up_with(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.test/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert run.uv_environment(sys.executable)["UV_DEFAULT_INDEX"] == "https://packages.test/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.test/simple")
    assert run.uv_environment(sys.executable)["UV_DEFAULT_INDEX"] == "https://other.test/simple"


def test_an_unknown_command_shows_the_known_ones() -> None:
    asked = subprocess.run(
        [sys.executable, "run.py", "fly"], cwd=ROOT, capture_output=True, text=True
    )
    assert asked.returncode == 2
    assert "python3 run.py test" in asked.stdout


def test_tests_are_spread_unless_told_otherwise(run: ModuleType) -> None:
    python = Path("python")
    spread = ["-n", "auto", "--dist", "worksteal"]
    assert run.pytest(python, ["-x"]) == [python, "-m", "pytest", *spread, "-x"]
    assert run.pytest(python, ["-n0"]) == [python, "-m", "pytest", "-n0"]
    assert run.pytest(python, ["-n", "1"], postgres=True)[:3] == [python, "-m", "tests.postgres"]


def test_run_py_needs_nothing_but_python() -> None:
    """Under -I and -S there is no site-packages: an import of anything else would fail."""
    asked = subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "run.py"), "--help"], capture_output=True, text=True
    )
    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize(
    ("source", "locks"),
    [
        ("requirements.txt", ["runtime.txt", "dev.txt"]),
        ("requirements-dev.txt", ["dev.txt"]),
        ("requirements/uv.in", ["uv.txt"]),
    ],
)
def test_what_we_ask_for_is_pinned_explained_and_locked(source: str, locks: list[str]) -> None:
    """After a change of requirements: python3 run.py lock."""
    texts = {name: (ROOT / "requirements" / name).read_text().lower() for name in locks}
    for line in (ROOT / source).read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pin = PIN.match(line)
        assert pin, f"{source}: not pinned: {line}"
        assert re.search(r"#\s*\S", line), f"{source}: says no reason: {line}"
        wanted = f"{pin['name']}==".lower().replace("_", "-") + pin["version"].lower()
        for name, text in texts.items():
            assert f"\n{wanted} " in text, f"{name} has no {wanted}: run python3 run.py lock"


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "uv.txt"])
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    pinned = re.findall(
        r"^[a-z0-9._-]+==[^\n]*\\\n(?:[^\n]*--hash=sha256:[0-9a-f]{64})", text, re.M
    )
    assert len(pinned) == len(re.findall(r"^[a-z0-9._-]+==", text, re.M)) > 0
    assert "://" not in text
