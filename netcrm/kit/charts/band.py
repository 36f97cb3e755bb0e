"""The window band: too soon, good window, fading, quiet, and where today stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from netcrm.kit.charts.drawing import (
    Chart,
    Label,
    checked_uid,
    clean,
    dotting,
    hatch,
    long_day,
    picture,
    place,
    scale,
    short_day,
    tag,
    width_of,
    write,
)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Days in the owner's calendar, in this order; contact is welcome from ``opens_on``."""

    opens_on: date
    best_on: date
    fades_on: date  # last day of the good window
    quiet_on: date
    last_on: date | None = None  # last contact; None when there was none yet

    def __post_init__(self) -> None:
        if not self.opens_on <= self.best_on <= self.fades_on <= self.quiet_on:
            raise ValueError(
                f"opens {self.opens_on}, best {self.best_on}, fades {self.fades_on}, "
                f"quiet {self.quiet_on}: expected in this order"
            )

    def state(self, today: date) -> str:
        """``soon``, ``window``, ``fading`` or ``quiet``."""
        if today < self.opens_on:
            return "soon"
        if today <= self.fades_on:
            return "window"
        return "fading" if today < self.quiet_on else "quiet"


def word_for(state: str) -> str:
    return {
        "soon": _("Too soon"),
        "window": _("Good window"),
        "fading": _("Fading"),
        "quiet": _("Quiet"),
    }[state]


def band(window: Window, *, name: str, today: date, uid: str) -> Chart:
    """The band of one person, wide and narrow (640 and 340 pixels)."""
    checked_uid(uid)
    title = _("When to write to %(name)s") % {"name": name}
    summary = _summary(window, today)
    drawings = [
        _draw(window, today=today, uid=f"{uid}-w", width=640, title=title, summary=summary),
        _draw(window, today=today, uid=f"{uid}-n", width=340, title=title, summary=summary),
    ]
    rows = [
        (word_for("soon"), _("until %(day)s") % {"day": long_day(_before(window.opens_on))}),
        (
            word_for("window"),
            _("%(first)s to %(last)s, best on %(best)s")
            % {
                "first": long_day(window.opens_on),
                "last": long_day(window.fades_on),
                "best": long_day(window.best_on),
            },
        ),
        (word_for("fading"), _("until %(day)s") % {"day": long_day(window.quiet_on)}),
        (word_for("quiet"), _("after %(day)s") % {"day": long_day(window.quiet_on)}),
    ]
    return Chart(
        svg=mark_safe("".join(drawings)),  # noqa: S308  # every part was escaped
        title=title,
        summary=summary,
        headings=(_("Stretch"), _("Days")),
        rows=tuple(rows),
    )


def strip(window: Window, *, today: date, uid: str) -> SafeString:
    """The band for a card: no words, the sentence stands beside it."""
    checked_uid(uid)
    at = scale(*_span(window, today), left=0, right=100)
    bars = []
    for kind, first, last in _stretches(window, today):
        raised = kind == "window"
        x, room = at(first), at(last) - at(first)
        if raised:
            room = max(room, 1.5)
            x = min(x, 100 - room)
        if room < 0.05:
            continue
        bars.append(
            tag(
                "rect",
                x=f"{x:.2f}%",
                width=f"{room:.2f}%",
                y=2 if raised else 4,
                height=14 if raised else 10,
                rx=3 if raised else None,
                **_fill(kind, uid),
            )
        )
    here = f"{at(today):.2f}%"
    marker = tag("line", x1=here, x2=here, y1=0, y2=18, classes="ch-halo") + tag(
        "line", x1=here, x2=here, y1=0, y2=18, classes="ch-today"
    )
    return mark_safe(  # noqa: S308  # every part was escaped
        tag(
            "svg",
            tag("defs", hatch(uid) + dotting(uid, y=5)) + "".join(bars) + marker,
            xmlns="http://www.w3.org/2000/svg",
            width="100%",
            height=18,
            direction="ltr",
            aria_hidden="true",
            focusable="false",
            classes="ch ch-strip",
        )
    )


def _before(day: date) -> date:
    return day - timedelta(days=1) if day > date.min else day


def _after(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def _summary(window: Window, today: date) -> str:
    facts = {
        "today": long_day(today),
        "first": long_day(window.opens_on),
        "last": long_day(window.fades_on),
        "quiet": long_day(window.quiet_on),
    }
    return {
        "soon": _("Today, %(today)s, is too soon. The good window is %(first)s to %(last)s."),
        "window": _("Today, %(today)s, is inside the good window, %(first)s to %(last)s."),
        "fading": _(
            "Today, %(today)s, is after the good window, which ended on %(last)s;"
            " it is quiet from %(quiet)s."
        ),
        "quiet": _("Today, %(today)s, it has been quiet since %(quiet)s."),
    }[window.state(today)] % facts


def _span(window: Window, today: date) -> tuple[date, date]:
    """First and last day drawn.

    A tail of a sixth shows that quiet goes on.  Someone quiet for very long would
    squeeze everything else, so today is then drawn at the end, behind a break.
    """
    begin = min(window.last_on or window.opens_on, window.opens_on, today)
    length = max((window.quiet_on - begin).days, 6)
    end = _after(window.quiet_on, length // 6)
    if today > end:
        end = min(_after(today, length // 20), _after(window.quiet_on, length // 2))
    return begin, end


def _stretches(window: Window, today: date) -> list[tuple[str, date, date]]:
    """Kind, first day and day after the last; the window comes last and lies on top."""
    begin, end = _span(window, today)
    faded = _after(window.fades_on, 1)
    return [
        ("soon", begin, window.opens_on),
        ("fading", faded, max(faded, window.quiet_on)),
        ("quiet", window.quiet_on, end),
        ("window", window.opens_on, faded),
    ]


def _fill(kind: str, uid: str) -> dict[str, str]:
    if kind == "soon":
        return {"fill": f"url(#{uid}-h)"}
    if kind == "fading":
        return {"fill": f"url(#{uid}-f)"}
    return {"classes": f"ch-{kind}-box"}


def _draw(
    window: Window, *, today: date, uid: str, width: int, title: str, summary: str
) -> SafeString:
    size = 13 if width > 400 else 14
    left, right = 16, width - 16
    begin, end = _span(window, today)
    at = scale(begin, end, left=left, right=right)
    body = [tag("defs", hatch(uid) + dotting(uid, y=3))]
    words = []  # drawn last: today's line passes behind them
    for kind, first, last in _stretches(window, today):
        raised = kind == "window"
        x, room = at(first), at(last) - at(first)
        if raised:
            room = max(room, 4)
            x = min(x, right - room)
        if room < 0.1:
            continue
        body.append(
            tag(
                "rect",
                x=x,
                y=47 if raised else 52,
                width=room,
                height=40 if raised else 30,
                rx=5 if raised else None,
                **_fill(kind, uid),
            )
        )
        word = word_for(kind)
        wide = width_of(word, size, bold=True) + 14
        if wide <= room:
            middle = x + room / 2
            words.append(
                tag(
                    "rect",
                    x=middle - wide / 2,
                    y=57,
                    width=wide,
                    height=20,
                    rx=10,
                    classes="ch-paper",
                )
                + tag(
                    "text",
                    clean(word),
                    x=middle,
                    y=71.5,
                    classes=f"ch-{kind}",
                    font_size=size,
                    font_weight=700,
                    text_anchor="middle",
                )
            )
    here = at(today)
    if today > end:
        body.append(_break(here - 14))
    note = _("Today %(day)s") % {"day": short_day(today, today=today)}
    fits = here + 12 + width_of(note, size, bold=True) <= right + 12
    body += [
        tag("path", d=f"M{here:.1f} 30l-7-11h14z", classes="ch-ink"),
        tag("line", x1=here, y1=28, x2=here, y2=91, classes="ch-halo"),
        tag("line", x1=here, y1=28, x2=here, y2=91, classes="ch-today"),
        tag(
            "text",
            clean(note),
            x=here + 12 if fits else here - 12,
            y=28,
            classes="ch-ink",
            font_size=size,
            font_weight=700,
            text_anchor=None if fits else "end",
        ),
        tag("path", d=f"M{at(window.best_on):.1f} 87v9", classes="ch-stroke-window"),
        *words,
    ]
    labels = [
        Label(
            text=_("Best %(day)s") % {"day": short_day(window.best_on, today=today)},
            x=at(window.best_on),
            classes="ch-window",
            bold=True,
            size=size,
        ),
        Label(
            text=_("until %(day)s") % {"day": short_day(window.fades_on, today=today)},
            x=at(window.fades_on),
            size=size,
        ),
    ]
    if window.last_on is not None:
        dot = at(window.last_on)
        body.append(tag("circle", cx=dot, cy=67, r=6, classes="ch-dot"))
        spoke = _("Last spoke %(day)s") % {"day": short_day(window.last_on, today=today)}
        labels.append(Label(text=spoke, x=dot - 4, anchor="start", size=size))
    placed = place(labels, (111, 129), left=4, right=width - 4)
    body += [write(label, y) for label, y in placed]
    return picture(
        "".join(body),
        uid=uid,
        width=width,
        height=136,
        title=title,
        summary=summary,
        classes="chart-wide" if width > 400 else "chart-narrow",
    )


def _break(x: float) -> str:
    """Two slanted strokes: time left out here."""
    return "".join(
        tag("line", x1=x + shift - 3, y1=90, x2=x + shift + 3, y2=44, classes="ch-break")
        for shift in (0, 6)
    )
