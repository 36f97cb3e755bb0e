"""Trust as a staircase: it is earned in events, so it climbs in steps and never glides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from netcrm.kit.charts.drawing import (
    Chart,
    Label,
    Scale,
    checked_uid,
    kept_inside,
    long_day,
    number,
    picture,
    scale,
    shorten,
    span_of,
    tag,
    time_ends,
    width_of,
    write,
)

TOP = 5


@dataclass(frozen=True, kw_only=True)
class Rise:
    """From ``on`` the person stands on ``step`` (0..5), because of ``label``.

    A lower step than before is a slip.
    """

    on: date
    step: int
    label: str

    def __post_init__(self) -> None:
        if not 0 <= self.step <= TOP:
            raise ValueError(f"step is {self.step}, expected 0 to {TOP}")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One exchange on the stairs: both ways (filled), yours (hollow) or a give (diamond)."""

    on: date
    kind: Literal["both", "yours", "give"]


def words() -> tuple[str, ...]:
    """What the steps 0 to 5 are called."""
    return (
        _("Name only"),
        _("Introduced"),
        _("Acquainted"),
        _("Knows my work"),
        _("Would introduce"),
        _("Would vouch"),
    )


def stairs(
    rises: Sequence[Rise], marks: Sequence[Mark] = (), *, name: str, today: date, uid: str
) -> Chart:
    """How trust with one person grew; wide and narrow (520 and 340 pixels)."""
    checked_uid(uid)
    ordered = sorted(rises, key=lambda rise: rise.on)
    title = _("How trust with %(name)s grew") % {"name": name}
    summary = (
        _("%(word)s since %(day)s.")
        % {"word": words()[ordered[-1].step], "day": long_day(ordered[-1].on)}
        if ordered
        else words()[0]
    )
    drawings = [
        _draw(
            ordered,
            sorted(marks, key=lambda mark: mark.on),
            today=today,
            uid=f"{uid}-{size}",
            width=width,
            title=title,
            summary=summary,
        )
        for size, width in (("w", 600), ("n", 340))
    ]
    rows = tuple((long_day(rise.on), words()[rise.step], rise.label) for rise in ordered)
    return Chart(
        svg=mark_safe("".join(drawings)),  # noqa: S308  # every part was escaped
        title=title,
        summary=summary,
        headings=(_("Day"), _("Step"), _("What happened")),
        rows=rows,
    )


def sparkline(rises: Sequence[Rise], *, today: date) -> SafeString:
    """The stairs at 120 × 28, for lists; the step's word stands beside it."""
    ordered = sorted(rises, key=lambda rise: rise.on)
    begin = ordered[0].on if ordered else today
    at = scale(begin, max(today, begin), left=4, right=112)
    heights = [25 - step * 4.4 for step in range(TOP + 1)]
    path = _path(ordered, at, heights, end=112)
    last = ordered[-1].step if ordered else 0
    return mark_safe(  # noqa: S308  # every part was escaped
        tag(
            "svg",
            tag("line", x1=2, x2=118, y1=26.5, y2=26.5, classes="ch-grid")
            + tag("path", d=path, classes="ch-stair-thin")
            + tag("circle", cx=112, cy=heights[last], r=3.5, classes="ch-primary"),
            xmlns="http://www.w3.org/2000/svg",
            viewBox="0 0 120 28",
            width=120,
            height=28,
            direction="ltr",
            aria_hidden="true",
            focusable="false",
            classes="ch ch-spark",
        )
    )


def _path(rises: Sequence[Rise], at: Scale, heights: Sequence[float], *, end: float) -> str:
    if not rises:
        return f"M4 {number(heights[0])}H{number(end)}"
    parts = [f"M{number(at(rises[0].on))} {number(heights[rises[0].step])}"]
    parts += [f"H{number(at(rise.on))}V{number(heights[rise.step])}" for rise in rises[1:]]
    return "".join(parts) + f"H{number(end)}"


def _draw(
    rises: Sequence[Rise],
    marks: Sequence[Mark],
    *,
    today: date,
    uid: str,
    width: int,
    title: str,
    summary: str,
) -> SafeString:
    wide = width > 400
    size = 13 if wide else 14
    lowest = min([rise.step for rise in rises] + [1])
    names = words()
    left = max(width_of(names[step], size) for step in range(lowest, TOP + 1)) + 16
    right = width - 14
    top, step_height = 26.0, 34.0
    heights = [top + (TOP - step) * step_height for step in range(TOP + 1)]
    floor = heights[lowest]
    days = [rise.on for rise in rises] + [mark.on for mark in marks]
    begin = min([*days, today])
    end = max([*days, today])
    at = scale(begin, end, left=left + 10, right=right - 12)

    body = []
    for step in range(lowest, TOP + 1):
        y = heights[step]
        body.append(tag("line", x1=left, x2=right, y1=y, y2=y, classes="ch-grid"))
        body.append(
            write(Label(text=names[step], x=left - 8, anchor="end", size=size), y + size * 0.33)
        )
    if rises:
        outline = _path(rises, at, heights, end=right - 2)
        body.append(
            tag(
                "path",
                d=f"{outline}V{number(floor)}H{number(at(rises[0].on))}Z",
                classes="ch-under",
            )
        )
        body.append(tag("path", d=outline, classes="ch-stair"))
    body += [
        _mark(mark.kind, at(mark.on), heights[_step_on(rises, mark.on, lowest)]) for mark in marks
    ]
    body += [
        tag("circle", cx=at(rise.on), cy=heights[rise.step], r=6, classes="ch-dot-on")
        for rise in rises
    ]
    body += [
        write(label, y)
        for label, y in _labels(rises, at, heights, left=left + 2, right=width - 2, size=size)
    ]
    foot = floor + 26
    body += time_ends(
        begin, today=today, first=left + 2, last=right, y=foot, left=left, right=width, size=size
    )
    return picture(
        "".join(body),
        uid=uid,
        width=width,
        height=foot + 8,
        title=title,
        summary=summary,
        classes="chart-wide" if wide else "chart-narrow",
    )


def _labels(
    rises: Sequence[Rise],
    at: Scale,
    heights: Sequence[float],
    *,
    left: float,
    right: float,
    size: float,
) -> list[tuple[Label, float]]:
    """What happened, above each step's line, clear of the next riser; newest first."""
    placed: list[tuple[Label, float]] = []
    taken: dict[int, float] = {}  # where the newer label on the same step begins
    for index in range(len(rises) - 1, -1, -1):
        rise = rises[index]
        edge = right
        if index + 1 < len(rises) and rises[index + 1].step > rise.step:
            edge = at(rises[index + 1].on) - 8
        edge = min(edge, taken.get(rise.step, right))
        room = min(edge - left, (right - left) * 0.62)
        if room < 0.6 * width_of(rise.label, size):
            continue  # a stump says nothing; the table has the words
        wish = Label(
            text=shorten(rise.label, room, size),
            x=at(rise.on),
            classes="ch-ink ch-haloed",
            size=size,
        )
        label = kept_inside(wish, left, edge)
        taken[rise.step] = span_of(label)[0] - 8
        placed.append((label, heights[rise.step] - 13))
    return placed


def _step_on(rises: Sequence[Rise], day: date, lowest: int) -> int:
    before = [rise.step for rise in rises if rise.on <= day]
    return before[-1] if before else lowest


def _mark(kind: str, x: float, y: float) -> str:
    if kind == "give":
        return tag(
            "path",
            d=f"M{number(x)} {number(y - 7.5)}l7.5 7.5l-7.5 7.5l-7.5 -7.5z",
            classes="ch-give",
        )
    return tag("circle", cx=x, cy=y, r=5, classes="ch-dot-on" if kind == "both" else "ch-dot-off")
