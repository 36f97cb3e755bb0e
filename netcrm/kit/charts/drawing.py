"""The pen every chart draws with: escaped SVG text, measured labels, one look.

Charts are pure functions of frozen values: no clock, no database, the same picture
for the same input.  Colours are CSS classes (static/css/charts.css), so one drawing
serves light, dark and forced colours; nothing is said by colour alone.
Time runs left to right in every language (docs/decisions/0043).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from html import escape

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

_UID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN = re.compile(r"[\w .,:/#%()+-]*", re.ASCII)  # most of a drawing: nothing to escape


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing and the same facts in words.

    ``svg`` is safe to print.  ``headings`` and ``rows`` are the drawing's table;
    ``components/_chart.html`` shows all of it.
    """

    svg: SafeString
    title: str
    summary: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Label:
    """A text that would like to stand at ``x``, ``width`` wide; ``anchor`` as in SVG."""

    text: str
    x: float
    anchor: str = "middle"
    classes: str = "ch-ink-2"
    bold: bool = False
    size: float = 13
    unsaid: bool = False  # decoration: seen, neither heard nor pressed


def checked_uid(uid: str) -> str:
    """``uid`` names the ids inside one drawing, so it must be unique on its page.

    Raises:
        ValueError: it is not a plain identifier.
    """
    if not _UID.fullmatch(uid):
        raise ValueError(f"uid is {uid!r}, expected a letter, then letters, digits, - or _")
    return uid


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def clean(text: str) -> str:
    """``text`` escaped for content or attribute, without what XML cannot hold."""
    text = str(text)
    return text if _PLAIN.fullmatch(text) else escape(_NOT_XML.sub("", text))


def tag(name: str, content: str = "", **attributes: object) -> str:
    """One element.  ``content`` is markup already; attribute values are escaped.

    ``classes`` becomes ``class``, a trailing underscore is dropped, other underscores
    become hyphens; ``None`` leaves an attribute out.
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        shown = number(value) if isinstance(value, int | float) else clean(str(value))
        parts.append(f'{_attribute(key)}="{shown}"')
    opening = " ".join(parts)
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


@cache
def _attribute(key: str) -> str:
    return "class" if key == "classes" else key.rstrip("_").replace("_", "-")


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide ``text`` runs, in pixels; a little generous."""
    ems = 0.0
    for char in text:
        if unicodedata.combining(char):
            continue
        if unicodedata.east_asian_width(char) in "WF":
            ems += 1.0
        elif char in "iljtfrI.,:;'’|!() ":
            ems += 0.34
        elif char.isupper() or char in "mwMW@%—":
            ems += 0.72
        else:
            ems += 0.56
    return ems * size * (1.05 if bold else 1.0)


def shorten(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """``text``, cut with an ellipsis so that it fits ``room`` pixels."""
    if width_of(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width_of(kept + "…", size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def write(label: Label, y: float) -> str:
    return tag(
        "text",
        clean(label.text),
        x=label.x,
        y=y,
        classes=label.classes,
        font_size=label.size,
        font_weight=700 if label.bold else None,
        text_anchor=None if label.anchor == "start" else label.anchor,
        aria_hidden="true" if label.unsaid else None,
        pointer_events="none" if label.unsaid else None,
    )


def span_of(label: Label) -> tuple[float, float]:
    """Where ``label`` begins and ends."""
    width = width_of(label.text, label.size, bold=label.bold)
    begin = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
    return begin, begin + width


def kept_inside(label: Label, left: float, right: float) -> Label:
    """The same label, moved so that it stays between ``left`` and ``right``."""
    begin, end = span_of(label)
    move = max(left - begin, 0.0) or min(right - end, 0.0)
    return replace(label, x=label.x + move)


def place(
    labels: Iterable[Label],
    lines: Iterable[float],
    *,
    left: float,
    right: float,
    gap: float = 8,
) -> list[tuple[Label, float]]:
    """Give each label the first of ``lines`` (y) where it touches no other.

    Earlier labels choose first; one that finds no room is left out (the table has it).
    """
    heights = list(lines)
    taken: list[tuple[float, float, float]] = []
    placed = []
    for wish in labels:
        label = kept_inside(wish, left, right)
        begin, end = span_of(label)
        for y in heights:
            if all(y != at or end + gap <= a or begin - gap >= b for a, b, at in taken):
                taken.append((begin, end, y))
                placed.append((label, y))
                break
    return placed


def picture(
    body: str,
    *,
    uid: str,
    width: float,
    height: float,
    title: str,
    summary: str,
    classes: str = "",
    has_links: bool = False,
) -> SafeString:
    """The ``<svg>`` round ``body``, with its title and description.

    A picture is one image to a screen reader, unless it ``has_links`` to visit.
    """
    return mark_safe(  # noqa: S308  # every text went through clean()
        tag(
            "svg",
            tag("title", clean(title), id=f"{uid}-t")
            + tag("desc", clean(summary) or " ", id=f"{uid}-d")
            + body,
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {number(width)} {number(height)}",
            width=width,
            height=height,
            direction="ltr",
            role="group" if has_links else "img",
            aria_labelledby=f"{uid}-t",
            aria_describedby=f"{uid}-d",
            classes=f"ch {classes}".strip(),
        )
    )


def hatch(uid: str) -> str:
    """The hatching of *too soon*."""
    return tag(
        "pattern",
        tag("rect", width=7, height=7, classes="ch-soon-soft")
        + tag("line", x1=0, y1=0, x2=0, y2=7, classes="ch-line-soon", stroke_width=1.6),
        id=f"{uid}-h",
        width=7,
        height=7,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )


def dotting(uid: str, *, y: float) -> str:
    """The dots of *fading*; ``y`` shifts the rows so that none is cut."""
    return tag(
        "pattern",
        tag("rect", width=8, height=8, classes="ch-fading-soft")
        + tag("circle", cx=4, cy=4, r=1.3, classes="ch-fading"),
        id=f"{uid}-f",
        y=y,
        width=8,
        height=8,
        patternUnits="userSpaceOnUse",
    )


def time_ends(
    begin: date,
    *,
    today: date,
    first: float,
    last: float,
    y: float,
    left: float,
    right: float,
    size: float,
) -> list[str]:
    """Write under a time axis the day it begins, at x = ``first``, and “now”, at x = ``last``.

    Where both find no room between ``left`` and ``right``, “now” stays.
    """
    ends = [
        Label(text=_("now"), x=last, anchor="end", classes="ch-ink-3", size=size),
        Label(
            text=short_day(begin, today=today),
            x=first,
            anchor="start",
            classes="ch-ink-3",
            size=size,
        ),
    ]
    return [write(label, at) for label, at in place(ends, (y,), left=left, right=right)]


def short_day(day: date, *, today: date) -> str:
    """``3 Nov`` in the reader's language; with its year when that is not this year's."""
    return date_format(day, "j M" if day.year == today.year else "j M Y")


def long_day(day: date) -> str:
    return date_format(day, "j F Y")


def scale(begin: date, end: date, *, left: float, right: float) -> Scale:
    return Scale(begin=begin, days=max((end - begin).days, 1), left=left, right=right)


@dataclass(frozen=True, kw_only=True)
class Scale:
    begin: date
    days: int
    left: float
    right: float

    def __call__(self, day: date) -> float:
        share = (day - self.begin).days / self.days
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)


def ring(x: float, y: float, radius: float, step: int, *, of: int = 5) -> str:
    """``of`` arcs round a point, the first ``step`` of them filled."""
    r = number(radius)
    return "".join(
        tag(
            "path",
            d=f"M{number(x + x1)} {number(y + y1)}A{r} {r} 0 0 1 {number(x + x2)} {number(y + y2)}",
            classes="ch-arc-on" if index < step else "ch-arc",
        )
        for index, ((x1, y1), (x2, y2)) in enumerate(_arcs(radius, of))
    )


@cache
def _arcs(radius: float, of: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where ``of`` arcs round (0, 0) begin and end, from the top clockwise."""
    gap = 4.0
    return [
        (
            polar(0, 0, radius, index * 360 / of + gap - 90),
            polar(0, 0, radius, (index + 1) * 360 / of - gap - 90),
        )
        for index in range(of)
    ]


def polar(x: float, y: float, radius: float, degrees: float) -> tuple[float, float]:
    """The point ``radius`` from (x, y); 0° points right, 90° down."""
    angle = math.radians(degrees)
    return x + radius * math.cos(angle), y + radius * math.sin(angle)
