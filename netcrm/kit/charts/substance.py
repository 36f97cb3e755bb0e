"""How much people put into it, by how far they trusted you then: the lesson in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from netcrm.kit.charts.drawing import (
    Chart,
    Label,
    checked_uid,
    long_day,
    picture,
    shorten,
    tag,
    width_of,
    write,
)
from netcrm.kit.charts.stairs import TOP, words


@dataclass(frozen=True, kw_only=True)
class Given:
    """``name`` stood on ``step`` (0..5) when they gave something of ``substance`` (0..5)."""

    name: str
    step: int
    substance: int
    on: date

    def __post_init__(self) -> None:
        for field, value in (("step", self.step), ("substance", self.substance)):
            if not 0 <= value <= TOP:
                raise ValueError(f"{field} is {value}, expected 0 to {TOP}")


def substance_words() -> tuple[str, ...]:
    """What the levels 0 to 5 are called."""
    return (
        _("Anyone could say it"),
        _("A name"),
        _("Use my name"),
        _("Introduced"),
        _("With a reason"),
        _("Spoke for you"),
    )


def substance_by_trust(given: Sequence[Given], *, uid: str) -> Chart:
    """A dot for each referral; several in one place lie side by side."""
    checked_uid(uid)
    title = _("What people gave, by how far they trusted you")
    summary = _(
        "Each dot is one referral. Further right, they knew you better; higher, it weighs more."
    )
    drawings = [
        _draw(given, uid=f"{uid}-{size}", width=width, title=title, summary=summary)
        for size, width in (("w", 600), ("n", 340))
    ]
    names, levels = words(), substance_words()
    return Chart(
        svg=mark_safe("".join(drawings)),  # noqa: S308  # every part was escaped
        title=title,
        summary=summary,
        headings=(_("Person"), _("Day"), _("Trust then"), _("What they gave")),
        rows=tuple(
            (item.name, long_day(item.on), names[item.step], levels[item.substance])
            for item in sorted(given, key=lambda item: item.on)
        ),
    )


def _draw(given: Sequence[Given], *, uid: str, width: int, title: str, summary: str) -> SafeString:
    wide = width > 400
    size = 13 if wide else 14
    row = 40
    levels, names = substance_words(), words()
    left = min(max(width_of(text, size) for text in levels) + 16, width * 0.47)
    right, top = width - 10.0, 18.0
    column = (right - left) / (TOP + 1)
    body = []
    for level, text in enumerate(levels):
        y = top + (TOP - level) * row
        body.append(tag("line", x1=left, x2=right, y1=y, y2=y, classes="ch-grid"))
        body.append(
            write(
                Label(text=shorten(text, left - 14, size), x=left - 10, anchor="end", size=size),
                y + size * 0.33,
            )
        )
    floor = top + TOP * row
    for step in range(TOP + 1):
        x = left + (step + 0.5) * column
        body.append(tag("line", x1=x, x2=x, y1=floor, y2=floor + 5, classes="ch-axis"))
        if wide:
            for line, word in enumerate(_two_lines(names[step])):
                body.append(
                    write(
                        Label(text=shorten(word, column - 4, size), x=x, size=size),
                        floor + 22 + line * 15,
                    )
                )
        else:
            body.append(write(Label(text=str(step), x=x, size=size), floor + 22))
    if not wide:
        ends = _("%(low)s → %(high)s") % {"low": names[0], "high": names[TOP]}
        body.append(
            write(
                Label(text=shorten(ends, right - left, size), x=(left + right) / 2, size=size),
                floor + 42,
            )
        )
    piles: dict[tuple[int, int], list[Given]] = {}
    for item in sorted(given, key=lambda item: item.on):
        piles.setdefault((item.step, item.substance), []).append(item)
    radius = 7.0 if wide else 5.5
    across = max(int(column // (2 * radius + 2)), 1)
    for (step, level), pile in piles.items():
        shown = pile[: across * 2]
        for index in range(len(shown)):
            line, place = divmod(index, across)
            in_line = min(len(shown) - line * across, across)
            x = left + (step + 0.5) * column + (place - (in_line - 1) / 2) * (2 * radius + 2)
            y = top + (TOP - level) * row + (0 if len(shown) <= across else (line * 2 - 1) * radius)
            body.append(tag("circle", cx=x, cy=y, r=radius, classes="ch-dot-on"))
        if len(pile) > len(shown):
            body.append(
                write(
                    Label(
                        text=f"+{len(pile) - len(shown)}",
                        x=left + (step + 0.5) * column,
                        classes="ch-ink ch-haloed",
                        bold=True,
                        size=size,
                    ),
                    top + (TOP - level) * row - 2 * radius - 3,
                )
            )
    return picture(
        "".join(body),
        uid=uid,
        width=width,
        height=floor + (46 if wide else 50),
        title=title,
        summary=summary,
        classes="chart-wide" if wide else "chart-narrow",
    )


def _two_lines(text: str) -> tuple[str, ...]:
    """Broken at the space nearest the middle."""
    spaces = [index for index, char in enumerate(text) if char == " "]
    if not spaces:
        return (text,)
    cut = min(spaces, key=lambda index: abs(index - len(text) / 2))
    return text[:cut], text[cut + 1 :]
