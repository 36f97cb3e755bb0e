#!/usr/bin/env python3
"""Set NetCRM up on first use, then run it or check it.  Standard library only.

    python3 run.py                    the whole product; --port N picks the port
    python3 run.py test [ARGS]        the test suite; ARGS go to pytest
    python3 run.py test --postgres    the same on a throwaway PostgreSQL
    python3 run.py check              the whole gate: style, types, import rules, templates, tests
    python3 run.py format             put Python and templates in their form
    python3 run.py bench [NAME]       benchmarks: see tests/bench
    python3 run.py faults [--short]   kills, outages and 100,000 deliveries
    python3 run.py lock               pin what requirements*.txt name, for every supported Python
    python3 run.py manage ARGS        any Django command

Everything lands in this folder: packages in .venv, data in var.  NETCRM_VENV names an environment
to use as it is instead; nothing is installed then.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)
SUPPORTED_PYTHONS = ("3.11", "3.12", "3.13")
RUNTIME_LOCK = ROOT / "requirements" / "runtime.txt"
DEV_LOCK = ROOT / "requirements" / "dev.txt"
UV_LOCK = ROOT / "requirements" / "uv.txt"


class Refused(Exception):
    """Something outside NetCRM is missing; the message says what to do about it."""


# Setting up


def require_platform() -> None:
    if os.name != "posix":
        raise Refused("NetCRM runs on Linux and macOS.  On Windows, run it inside WSL.")
    if sys.version_info < OLDEST_PYTHON:
        newer = [name for name in ("python3.13", "python3.12", "python3.11") if shutil.which(name)]
        hint = f"Try: {newer[0]} run.py" if newer else "Install Python 3.11 or newer and try again."
        raise Refused(
            f"NetCRM needs Python 3.11 or newer; this is {sys.version.split()[0]}.  {hint}"
        )


def environment(*, dev: bool) -> Path:
    """Return the interpreter with the locked packages; install them when a lock changed."""
    given = os.environ.get("NETCRM_VENV")
    if given:
        python = Path(given) / "bin" / "python"
        if not python.exists():
            raise Refused(f"NETCRM_VENV is {given}, but there is no {python}.")
        return python
    venv = ROOT / ".venv"
    with one_at_a_time(ROOT / "requirements"):
        return _installed(venv, dev=dev)


def _installed(venv: Path, *, dev: bool) -> Path:
    python = venv / "bin" / "python"
    stamp = venv / ".installed.json"
    wanted = {"runtime": digest(RUNTIME_LOCK), "dev": digest(DEV_LOCK), "uv": digest(UV_LOCK)}
    have = _read_stamp(stamp) if python.exists() else {}
    keep_dev = dev or "dev" in have
    needed = wanted if keep_dev else {name: wanted[name] for name in ("runtime", "uv")}
    if have == needed:
        return python

    started = time.monotonic()
    say("Setting up.  This happens once, and again when the pinned packages change.")
    if not have:
        _make_venv(venv)
    stamp.unlink(missing_ok=True)
    # pip checks the hashes of uv, uv those of everything else: pip alone is several times slower.
    if have.get("uv") != wanted["uv"] or not (venv / "bin" / "uv").exists():
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", UV_LOCK])
    lock = DEV_LOCK if keep_dev else RUNTIME_LOCK
    uv = [venv / "bin" / "uv", "pip", "sync", "--quiet", "--python", python]
    _run([*uv, "--require-hashes", lock], env=uv_environment(python))
    stamp.write_text(json.dumps(needed))
    say(f"Set up in {time.monotonic() - started:.0f} s.")
    return python


def _make_venv(venv: Path) -> None:
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise Refused(
            f"This Python {version} cannot make virtual environments: its venv part is missing.\n"
            f"On Debian or Ubuntu: apt-get install python{version}-venv   "
            "(or python3-venv), then run this again."
        ) from None
    _run([sys.executable, "-m", "venv", "--clear", venv])


def _read_stamp(stamp: Path) -> dict[str, str]:
    try:
        return dict(json.loads(stamp.read_text()))
    except (OSError, ValueError):
        return {}


def uv_environment(python: Path) -> dict[str, str]:
    """Hand uv the index and certificates that pip is set up with: it reads no pip settings."""
    env = dict(os.environ)
    for key, option in (("UV_DEFAULT_INDEX", "global.index-url"), ("SSL_CERT_FILE", "global.cert")):
        if key in env:
            continue
        value = env.get("PIP_INDEX_URL") if key == "UV_DEFAULT_INDEX" else env.get("PIP_CERT")
        if value is None:
            asked = subprocess.run(
                [str(python), "-m", "pip", "config", "get", option], capture_output=True, text=True
            )
            value = asked.stdout.strip()
        if value:
            env[key] = value
    return env


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def one_at_a_time(folder: Path):
    """Let one process at a time set up.  The folder itself is the lock: uv has files of its own."""
    import fcntl  # POSIX only; require_platform has spoken by now

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


# Commands


def up(arguments: list[str]) -> int:
    python = environment(dev=False)
    return become([python, ROOT / "manage.py", "up", *arguments])


def manage(arguments: list[str]) -> int:
    return become([environment(dev=False), ROOT / "manage.py", *arguments])


def test(arguments: list[str]) -> int:
    python = environment(dev=True)
    postgres = "--postgres" in arguments
    arguments = [argument for argument in arguments if argument != "--postgres"]
    return become(pytest(python, arguments, postgres=postgres))


def pytest(python: Path, arguments: list[str], *, postgres: bool = False) -> list[str | Path]:
    # Some tests wait long; whoever has nothing left takes over what stands behind them.
    own = any(a.startswith(("-n", "--numprocesses")) for a in arguments)
    spread = [] if own else ["-n", "auto", "--dist", "worksteal"]
    command: list[str | Path] = [python, "-m", "pytest", *spread, *arguments]
    return [python, "-m", "tests.postgres", *command] if postgres else command


def check(arguments: list[str]) -> int:
    """Run every part of the gate, also after one has failed, and say at the end which did."""
    python = environment(dev=True)
    tools = python.parent
    parts: list[tuple[str, list[str | Path]]] = [
        ("format", [tools / "ruff", "format", "--check", "."]),
        ("lint", [tools / "ruff", "check", "."]),
        ("types", [tools / "mypy"]),
        ("import rules", [tools / "lint-imports"]),
        ("template style", [tools / "djade", "--check", "--target-version", "5.2", *pages()]),
        ("template faults", [tools / "djlint", "--lint", "--quiet", "templates"]),
        ("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ("tests", pytest(python, arguments)),
    ]
    results: list[tuple[str, int, float]] = []
    for name, command in parts:
        say(f"\n== {name}")
        started = time.monotonic()
        code = subprocess.run([str(part) for part in command], cwd=ROOT).returncode
        results.append((name, code, time.monotonic() - started))
    say("\n== summary")
    for name, code, seconds in results:
        say(f"{'ok    ' if code == 0 else 'FAILED'} {name} ({seconds:.0f} s)")
    return 1 if any(code for _, code, _ in results) else 0


def pages() -> list[str]:
    return sorted(str(page.relative_to(ROOT)) for page in ROOT.glob("templates/**/*.html"))


def reformat(arguments: list[str]) -> int:
    tools = environment(dev=True).parent
    _run([tools / "ruff", "format", "--quiet", "."])
    _run([tools / "ruff", "check", "--quiet", "--fix", "--exit-zero", "."])
    # djade says by its exit code that it changed something.
    subprocess.run([tools / "djade", "--target-version", "5.2", *pages()], cwd=ROOT)
    return 0


def bench(arguments: list[str]) -> int:
    python = environment(dev=True)
    folder = ROOT / "tests" / "bench"
    known = [path.stem for path in folder.glob("*.py") if '"__main__"' in path.read_text()]
    known = sorted(known + [path.parent.name for path in folder.glob("*/__main__.py")])
    if not arguments or arguments[0] not in known:
        say("python3 run.py bench NAME, where NAME is one of: " + ", ".join(known))
        return 0 if not arguments else 2
    # The command runs in this folder, whatever folder its files were named in.
    rest = [str(Path(one).resolve()) if Path(one).is_file() else one for one in arguments[1:]]
    return become([python, "-m", f"tests.bench.{arguments[0]}", *rest])


def faults(arguments: list[str]) -> int:
    return become([environment(dev=True), "-m", "tests.faults.run", *arguments])


def lock(arguments: list[str]) -> int:
    """Compile the locks and see that each supported Python can install them from wheels."""
    python = environment(dev=True)
    uv = os.environ.get("NETCRM_UV") or python.parent / "uv"
    env = uv_environment(python) | {"UV_CUSTOM_COMPILE_COMMAND": "python3 run.py lock"}
    resolve = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    resolve += ["--no-emit-index-url", "--python-version", SUPPORTED_PYTHONS[0], *arguments]
    _run([*resolve, "requirements/uv.in", "-o", UV_LOCK], env=env)
    _run([*resolve, "requirements.txt", "-o", RUNTIME_LOCK], env=env)
    # The second lock adds to the first, so both hold the same version of everything shared.
    constraint = ["-c", RUNTIME_LOCK.relative_to(ROOT)]
    _run(
        [*resolve, *constraint, "requirements.txt", "requirements-dev.txt", "-o", DEV_LOCK], env=env
    )
    for version in SUPPORTED_PYTHONS:
        trial = [uv, "pip", "install", "--quiet", "--dry-run", "--require-hashes"]
        trial += ["--only-binary", ":all:", "--python-version", version]
        _run([*trial, "--target", ROOT / ".venv" / "trial", "-r", DEV_LOCK], env=env)
        say(f"Python {version}: every package is there as a wheel.")
    return 0


COMMANDS = {
    "up": up,
    "test": test,
    "check": check,
    "format": reformat,
    "bench": bench,
    "faults": faults,
    "lock": lock,
    "manage": manage,
}


# Small things


def say(text: str) -> None:
    print(text, flush=True)


def become(command: list[str | Path]) -> int:
    """Turn this process into the command, so signals and the exit code are its own."""
    os.chdir(ROOT)
    words = [str(word) for word in command]
    os.execv(words[0], words)  # noqa: S606 - our own interpreter, no shell


def _run(command: list[str | Path], env: dict[str, str] | None = None) -> None:
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=ROOT, env=env).returncode:
        raise Refused("This step failed: " + " ".join(words))


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in ("-h", "--help", "help"):
        say((__doc__ or "").strip())
        return 0
    name, rest = "up", arguments
    if arguments and not arguments[0].startswith("-"):
        name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS:
        say(f"There is no '{name}'.\n\n{(__doc__ or '').strip()}")
        return 2
    try:
        require_platform()
        return COMMANDS[name](rest)
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
