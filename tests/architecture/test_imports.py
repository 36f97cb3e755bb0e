"""What import-linter cannot say: which modules an engine may use, and that it is told the time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINES = sorted(ROOT.glob("*/engine/**/*.py"))

# Everything an engine imports must be able to run twice with the same answer: no files, no
# network, no clock, no dice.
ALLOWED = {
    "__future__",
    "abc",
    "array",
    "base64",
    "binascii",
    "bisect",
    "calendar",
    "codecs",
    "collections",
    "contextlib",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "html",
    "io",
    "itertools",
    "json",
    "math",
    "operator",
    "quopri",
    "re",
    "statistics",
    "string",
    "struct",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
    "uuid",
    "zoneinfo",
}
# The exceptions: path search, and the trust that weighs its ties, keep 100,000 people in
# arrays mapped from a file, so that every process shares one copy (tests/bench/paths.py has the
# figures).
EXCEPTIONS = {
    "contacts/engine/readers/archive.py": {"zipfile", "zlib"},  # unpacked while it is read
    "introductions/engine/paths.py": {"numpy", "mmap", "os", "pathlib", "tempfile"},
    "introductions/engine/expectation.py": {"numpy"},
}
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}
CLOCK_OWNERS = {"datetime", "date", "time", "timezone", "dt"}
DICE = {"uuid1", "uuid4", "uuid6", "uuid7"}


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""


def forbidden_import(path: str, module: str) -> bool:
    top, own_app = module.split(".")[0], path.split("/")[0]
    allowed = top in ALLOWED or module in ALLOWED or top in EXCEPTIONS.get(path, set())
    return not allowed and not module.startswith(f"{own_app}.engine")


def impure_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls such as ``datetime.now()``, ``date.today()`` and ``uuid.uuid4()``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner, name = node.func.value, node.func.attr
            of = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name in CLOCKS and of in CLOCK_OWNERS) or name in DICE:
                yield node.lineno, f"{of}.{name}()"
        elif getattr(node.func, "id", "") in DICE:
            yield node.lineno, f"{node.func.id}()"  # type: ignore[attr-defined]


def test_there_are_engines_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in ENGINES} == {
        "contacts",
        "introductions",
        "followups",
    }


@pytest.mark.parametrize("path", ENGINES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_engine_is_plain_python_and_told_the_time(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text())
    faults = [
        f"{name}:{line} imports {module}"
        for line, module in imported(tree)
        if forbidden_import(name, module)
    ]
    faults += [
        f"{name}:{line} reads the clock or throws dice: {call}" for line, call in impure_calls(tree)
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("import random", True),
        ("from django.utils import timezone", True),
        ("import os.path", True),
        ("import numpy as np", True),
        ("from contacts.models import Contact", True),
        ("import urllib.request", True),
        ("from urllib.parse import urlsplit", False),
        ("from contacts.engine.names import normalise", False),
        ("from datetime import datetime", False),
    ],
)
def test_the_import_rule_catches_what_it_should(source: str, caught: bool) -> None:
    ((_, module),) = imported(ast.parse(source))
    assert forbidden_import("contacts/engine/names.py", module) is caught


def test_the_clock_rule_catches_what_it_should() -> None:
    read = "datetime.now(); dt.date.today(); time.time(); uuid4(); uuid.uuid4(); x.now(); f()"
    assert [call for _, call in impure_calls(ast.parse(read))] == [
        "datetime.now()",
        "date.today()",
        "time.time()",
        "uuid4()",
        "uuid.uuid4()",
    ]


@pytest.mark.parametrize("app", ["contacts", "introductions", "followups"])
def test_importing_an_engine_loads_no_django(app: str) -> None:
    assert (ROOT / app / "__init__.py").read_text().strip() == ""
    assert (ROOT / app / "engine" / "__init__.py").read_text().strip() == ""
