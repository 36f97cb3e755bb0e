"""The rings map: you in the middle, trust inwards, one sector for each target or circle.

An empty sector is the point of it: there you know no one yet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from netcrm.kit.charts.drawing import (
    Chart,
    Label,
    checked_uid,
    number,
    picture,
    polar,
    shorten,
    tag,
    write,
)
from netcrm.kit.charts.stairs import TOP, words

MOST = 60
WIDTH, HEIGHT = 720, 640
_X, _Y = WIDTH / 2, 306.0
_INNER, _OUTER = 62.0, 262.0
_MARK = 14.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A person in ``sector`` (one of the sectors given) on trust ``step`` 0..5."""

    name: str
    initials: str
    step: int
    sector: str
    url: str = ""


def rings(marks: Sequence[Mark], sectors: Sequence[str], *, uid: str, most: int = MOST) -> Chart:
    """Draw at most ``most`` marks, the first ones given; all of them are in the table.

    Raises:
        ValueError: a mark's sector is not among ``sectors``.
    """
    checked_uid(uid)
    for mark in marks:
        if mark.sector not in sectors:
            raise ValueError(f"sector {mark.sector!r} is not among the sectors")
    title = _("Who you know where")
    empty = [sector for sector in sectors if all(mark.sector != sector for mark in marks)]
    summary = ngettext(
        "%(n)d person round you; the closer, the more they trust you.",
        "%(n)d people round you; the closer, the more they trust you.",
        len(marks),
    ) % {"n": len(marks)}
    if empty:
        summary += " " + _("Nobody yet in: %(sectors)s.") % {"sectors": ", ".join(empty)}
    names = words()
    return Chart(
        svg=_draw(marks[:most], sectors, uid=uid, title=title, summary=summary),
        title=title,
        summary=summary,
        headings=(_("Person"), _("Where"), _("Trust")),
        rows=tuple((mark.name, mark.sector, names[mark.step]) for mark in marks),
    )


def _radius(step: int) -> float:
    """The middle of the ring of ``step``; 5 is innermost."""
    return _INNER + (TOP - step + 0.5) * (_OUTER - _INNER) / (TOP + 1)


def _draw(
    marks: Sequence[Mark], sectors: Sequence[str], *, uid: str, title: str, summary: str
) -> SafeString:
    body = [
        tag(
            "circle",
            cx=_X,
            cy=_Y,
            r=_INNER + index * (_OUTER - _INNER) / (TOP + 1),
            classes="ch-orbit",
        )
        for index in range(TOP + 2)
    ]
    arc = 360 / max(len(sectors), 1)
    for index, sector in enumerate(sectors):
        begin = index * arc - 90
        here = [mark for mark in marks if mark.sector == sector]
        (x1, y1), (x2, y2) = (
            polar(_X, _Y, _INNER, begin),
            polar(_X, _Y, _OUTER, begin),
        )
        if len(sectors) > 1:
            body.append(tag("line", x1=x1, y1=y1, x2=x2, y2=y2, classes="ch-grid"))
        if not here:
            body.append(_wedge(begin, arc))
        body.append(_name(sector, begin + arc / 2, bool(here)))
        for step in range(TOP + 1):
            on_ring = [mark for mark in here if mark.step == step]
            body += _spread(on_ring, begin, arc, _radius(step))
    body.append(
        tag("circle", cx=_X, cy=_Y, r=30, classes="ch-primary")
        + write(
            Label(text=_("You"), x=_X, classes="ch-on-primary", bold=True, size=14),
            _Y + 5,
        )
    )
    order = _("From the middle out: %(words)s") % {"words": " · ".join(reversed(words()))}
    body.append(
        write(Label(text=shorten(order, WIDTH - 16, 13), x=_X, classes="ch-ink-2"), HEIGHT - 12)
    )
    return picture(
        "".join(body),
        uid=uid,
        width=WIDTH,
        height=HEIGHT,
        title=title,
        summary=summary,
        classes="ch-rings",
        has_links=True,
    )


def _spread(marks: Sequence[Mark], begin: float, arc: float, radius: float) -> list[str]:
    """Marks side by side on their ring; when it is full, the rest in a number."""
    room = max(int(math.radians(arc) * radius / (2 * _MARK + 4)), 1)
    shown = list(marks) if len(marks) <= room else list(marks[: room - 1])
    count = len(shown) + (len(marks) > len(shown))
    drawn = []
    for index in range(count):
        angle = begin + arc * (index + 1) / (count + 1)
        x, y = polar(_X, _Y, radius, angle)
        if index == len(shown):
            drawn.append(
                write(
                    Label(text=f"+{len(marks) - len(shown)}", x=x, classes="ch-ink-2", bold=True),
                    y + 4.5,
                )
            )
            continue
        mark = shown[index]
        dot = tag("circle", cx=x, cy=y, r=_MARK, classes="ch-primary-soft ch-mark")
        said = _("%(name)s, %(word)s, %(sector)s") % {
            "name": mark.name,
            "word": words()[mark.step],
            "sector": mark.sector,
        }
        initials = Label(text=mark.initials, x=x, classes="ch-primary", bold=True, unsaid=True)
        drawn.append(
            tag("a", dot, href=mark.url, aria_label=said, classes="ch-node")
            if mark.url
            else tag("g", dot, role="img", aria_label=said)
        )
        drawn.append(write(initials, y + 4.5))
    return drawn


def _wedge(begin: float, arc: float) -> str:
    """The dashed outline of a sector where nobody is."""
    if arc >= 360:
        return ""
    large = 1 if arc > 180 else 0
    inner, outer = _INNER + 4, _OUTER - 4
    (ax, ay), (bx, by) = (
        polar(_X, _Y, outer, begin + 1.5),
        polar(_X, _Y, outer, begin + arc - 1.5),
    )
    (cx, cy), (dx, dy) = (
        polar(_X, _Y, inner, begin + arc - 4),
        polar(_X, _Y, inner, begin + 4),
    )
    return tag(
        "path",
        d=f"M{number(ax)} {number(ay)}A{number(outer)} {number(outer)} 0 {large} 1 "
        f"{number(bx)} {number(by)}L{number(cx)} {number(cy)}A{number(inner)} {number(inner)} "
        f"0 {large} 0 {number(dx)} {number(dy)}Z",
        classes="ch-vacant",
    )


def _name(sector: str, angle: float, known: bool) -> str:
    x, y = polar(_X, _Y, _OUTER + 16, angle)
    sideways = math.cos(math.radians(angle))
    anchor = "middle" if abs(sideways) < 0.35 else ("start" if sideways > 0 else "end")
    room = {"start": WIDTH - x - 4, "end": x - 4}.get(anchor, WIDTH * 0.4)
    text = shorten(sector, room, 13, bold=known)
    return write(
        Label(
            text=text,
            x=x,
            anchor=anchor,
            classes="ch-ink" if known else "ch-ink-2",
            bold=known,
        ),
        y + 4.5,
    )
