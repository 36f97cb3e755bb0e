"""Give and receive over time, on two sides of one line.  Memory, not debt: no totals."""

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
    checked_uid,
    long_day,
    number,
    picture,
    place,
    scale,
    shorten,
    tag,
    time_ends,
    width_of,
    write,
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    on: date
    side: Literal["gave", "received"]
    label: str


def ledger(entries: Sequence[Entry], *, name: str, today: date, uid: str) -> Chart:
    """What went both ways between you and one person; wide and narrow."""
    checked_uid(uid)
    ordered = sorted(entries, key=lambda entry: entry.on)
    title = _("Give and receive with %(name)s") % {"name": name}
    summary = (
        _("Most recently, on %(day)s: %(what)s.")
        % {"day": long_day(ordered[-1].on), "what": ordered[-1].label}
        if ordered
        else _("Nothing is noted yet.")
    )
    drawings = [
        _draw(ordered, today=today, uid=f"{uid}-{size}", width=width, title=title, summary=summary)
        for size, width in (("w", 600), ("n", 340))
    ]
    sides = {"gave": _("I gave"), "received": _("I received")}
    return Chart(
        svg=mark_safe("".join(drawings)),  # noqa: S308  # every part was escaped
        title=title,
        summary=summary,
        headings=(_("Day"), _("Which way"), _("What")),
        rows=tuple((long_day(entry.on), sides[entry.side], entry.label) for entry in ordered),
    )


def _draw(
    entries: Sequence[Entry], *, today: date, uid: str, width: int, title: str, summary: str
) -> SafeString:
    wide = width > 400
    size = 13 if wide else 14
    gave, received = _("I gave"), _("I received")
    left = max(width_of(text, size, bold=True) for text in (gave, received)) + 24
    right = width - 14
    axis = 90
    days = [entry.on for entry in entries]
    begin, end = min([*days, today]), max([*days, today])
    at = scale(begin, end, left=left + 12, right=right - 10)
    body = [
        tag("line", x1=left, x2=right, y1=axis, y2=axis, classes="ch-axis"),
        write(
            Label(text=gave, x=8, anchor="start", classes="ch-give", bold=True, size=size),
            axis - 22,
        ),
        write(
            Label(text=received, x=8, anchor="start", classes="ch-primary", bold=True, size=size),
            axis + 31,
        ),
    ]
    for entry in entries:
        x = at(entry.on)
        if entry.side == "gave":
            body.append(
                tag("line", x1=x, x2=x, y1=axis, y2=axis - 18, classes="ch-stem-give")
                + tag(
                    "path",
                    d=f"M{number(x)} {axis - 35}l8 8l-8 8l-8 -8z",
                    classes="ch-give",
                )
            )
        else:
            body.append(
                tag("line", x1=x, x2=x, y1=axis, y2=axis + 18, classes="ch-stem")
                + tag("circle", cx=x, cy=axis + 26, r=7, classes="ch-primary")
            )
    for side, lines in (("gave", (axis - 44, axis - 62)), ("received", (axis + 50, axis + 68))):
        wishes = [
            Label(
                text=shorten(entry.label, 150 if wide else 110, size),
                x=at(entry.on),
                classes="ch-ink",
                size=size,
            )
            for entry in reversed(entries)
            if entry.side == side
        ]
        body += [write(label, y) for label, y in place(wishes, lines, left=left, right=width - 2)]
    foot = axis + 94
    body += time_ends(
        begin, today=today, first=left, last=right, y=foot, left=left, right=width, size=size
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
