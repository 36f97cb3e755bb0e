"""What each week went into: new contacts, keeping up, asking.  A mark for each exchange."""

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
    short_day,
    tag,
    width_of,
    write,
)

STEP = 17.0  # pixels from mark to mark
ROW = 28.0
LEGEND = 20.0


@dataclass(frozen=True, kw_only=True)
class Week:
    """The exchanges of the week from ``monday``, by what they were, and what came beside."""

    monday: date
    building: int
    maintaining: int
    using: int
    meetings: int
    gives: int
    introductions: int

    @property
    def marks(self) -> str:
        """One letter for each exchange: b, m and u."""
        return "b" * self.building + "m" * self.maintaining + "u" * self.using


def effort(weeks: Sequence[Week], *, today: date, uid: str) -> Chart:
    """A row of marks for each week, the latest first; wide and narrow (600 and 340 pixels).

    What does not fit a row is counted at its end; an empty week is an empty row and no more.
    """
    checked_uid(uid)
    ordered = sorted(weeks, key=lambda week: week.monday, reverse=True)
    title = _("What your weeks went into")
    summary = _("Filled: getting to know somebody. Hollow: keeping up. Diamond: asking.")
    drawings = [
        _draw(
            ordered,
            today=today,
            uid=f"{uid}-{size}",
            width=width,
            title=title,
            summary=summary,
        )
        for size, width in (("w", 600), ("n", 340))
    ]
    return Chart(
        svg=mark_safe("".join(drawings)),  # noqa: S308  # every part was escaped
        title=title,
        summary=summary,
        headings=(
            _("Week from"),
            _("Meetings"),
            _("Gives"),
            _("Introductions"),
            _("New"),
            _("Keeping up"),
            _("Asking"),
        ),
        rows=tuple(
            (
                long_day(week.monday),
                str(week.meetings),
                str(week.gives),
                str(week.introductions),
                str(week.building),
                str(week.maintaining),
                str(week.using),
            )
            for week in ordered
        ),
    )


def _draw(
    weeks: Sequence[Week], *, today: date, uid: str, width: int, title: str, summary: str
) -> SafeString:
    left = max((width_of(short_day(week.monday, today=today), 14) for week in weeks), default=0)
    begin = left + 22
    fits = int((width - begin - 40) // STEP)
    body = []
    for row, week in enumerate(weeks):
        y = 18 + row * ROW
        body.append(
            write(
                Label(text=short_day(week.monday, today=today), x=left, anchor="end", size=14),
                y + 5,
            )
        )
        body.append(tag("line", x1=begin - 8, x2=width - 8, y1=y, y2=y, classes="ch-grid"))
        body += [_mark(kind, begin + n * STEP, y) for n, kind in enumerate(week.marks[:fits])]
        more = len(week.marks) - fits
        if more > 0:
            text = _("+%(n)d") % {"n": more}
            body.append(write(Label(text=text, x=width - 6, anchor="end", size=14), y + 5))
    below = 18 + len(weeks) * ROW
    words = (("b", _("New")), ("m", _("Keeping up")), ("u", _("Asking")))
    x = begin
    for kind, word in words:
        body.append(_mark(kind, x, below + LEGEND / 2))
        body.append(
            write(Label(text=word, x=x + 12, anchor="start", size=14), below + LEGEND / 2 + 5)
        )
        x += width_of(word, 14) + 36
    return picture(
        "".join(body),
        uid=uid,
        width=width,
        height=below + LEGEND + 8,
        title=title,
        summary=summary,
        classes="chart-wide" if width > 400 else "chart-narrow",
    )


def _mark(kind: str, x: float, y: float) -> str:
    if kind == "u":
        d = f"M{x:.1f} {y - 7:.1f}L{x + 7:.1f} {y:.1f}L{x:.1f} {y + 7:.1f}L{x - 7:.1f} {y:.1f}Z"
        return tag("path", d=d, classes="ch-give")
    return tag("circle", cx=x, cy=y, r=5.5, classes="ch-dot-on" if kind == "b" else "ch-dot-off")
