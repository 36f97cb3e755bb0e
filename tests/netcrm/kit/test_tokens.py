"""The colours, checked: every text reads at 4.5:1 or better on every ground it stands on."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from netcrm.kit.charts.contrast import contrast

CSS = (Path(__file__).parents[3] / "static" / "css" / "tokens.css").read_text()


def block(selector: str) -> dict[str, str]:
    """The custom properties of the last rule that opens with ``selector``."""
    body = CSS.rpartition(selector)[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


THEMES = {
    "light": block('[data-bs-theme="light"] {'),
    "dark": block('[data-bs-theme="dark"] {'),
}
GROUNDS = ("bg", "surface", "surface-2")
PAIRS = [
    *product(("ink", "ink-2", "ink-3", "primary", "error", "give"), GROUNDS),
    *product(("soon", "window", "fading", "quiet"), ("bg", "surface")),
    *((name, f"{name}-soft") for name in ("primary", "soon", "window", "fading", "quiet", "error")),
    ("give", "give-soft"),
    ("ink", "primary-soft"),
    ("on-primary", "primary"),
    ("on-primary", "primary-strong"),
    ("bg", "ink"),
    *(("on-heat-light", f"heat-{level}") for level in (0, 1, 2)),
    *(("on-heat-deep", f"heat-{level}") for level in (3, 4)),
]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable(theme: str, text: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("mark", ["control", "focus", "primary", "window"])
@pytest.mark.parametrize("ground", ["bg", "surface"])
def test_borders_that_mean_something_stand_out(theme: str, mark: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[mark], colours[ground]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("level", range(5))
def test_each_heat_shade_carries_the_ink_that_reads_better(theme: str, level: int) -> None:
    colours = THEMES[theme]
    shade = colours[f"heat-{level}"]
    light = contrast(colours["on-heat-light"], shade)
    deep = contrast(colours["on-heat-deep"], shade)
    assert (light > deep) == (level < 3)


def test_automatic_is_exactly_dark_on_a_dark_device() -> None:
    assert block('[data-bs-theme="auto"] {') == THEMES["dark"]
    assert set(THEMES["dark"]) == set(THEMES["light"]) - {
        name for name in THEMES["light"] if name.startswith(("font", "size", "space"))
    }


def test_black_on_white_is_21_to_1() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
