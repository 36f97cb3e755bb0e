"""A real browser for the tests that need one, and axe to look for barriers.

Use the ``chromium`` fixture (a launched browser) and mark the test ``browser``.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

AXE = Path(__file__).parent / "journeys" / "vendor" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def find_chromium() -> str | None:
    """The path in ``CHROMIUM``, else whichever Chromium is on PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def what_is_missing() -> str | None:
    """What keeps a browser from starting here, with the command that mends it."""
    if find_chromium() is None:
        return "no Chromium here: apt-get install chromium, or set CHROMIUM to its path"
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libatomic.so.1")  # the one library playwright's driver does not bring
        except OSError:
            return "no libatomic here: apt-get install libatomic1"
    return None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    message = what_is_missing()
    if message is not None:
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    expect.set_options(timeout=20_000)  # milliseconds: a busy machine is no fault of the page
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, which is who runs in a container.
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=sandbox)
        yield browser
        browser.close()


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """What axe finds on the page as it stands: rule, reason and place, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe_source())
    found: dict[str, Any] = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    return [
        f"{violation['id']}: {violation['help']} at {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
