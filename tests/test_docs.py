"""Pages that point at nothing, and commands that do not exist, are found here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"python3 run\.py ([a-z]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_exists(page: Path) -> None:
    known = set(re.findall(r'^    "([a-z]+)": ', (ROOT / "run.py").read_text(), re.M))
    assert {"up", "test", "check"} <= known
    assert set(COMMAND.findall(page.read_text())) <= known


def test_a_decision_has_a_number_of_its_own_and_says_what_was_rejected() -> None:
    records = sorted(ROOT.glob("docs/decisions/*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(set(numbers)) == len(numbers)
    for record in records[1:]:  # the first is about the records themselves
        text = record.read_text()
        assert text.startswith(f"# {record.name[:4]} "), record.name
        assert "eject" in text, f"{record.name} names no rejected option"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", page.read_text())
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name}\b", (ROOT / "tests" / path).read_text(), re.M)
    ]
    assert missing == []
