"""25 dots: conversations with people who could hire you.  An average, not a target."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from netcrm.kit.charts.drawing import Chart, checked_uid, picture, tag

USUAL = 25  # one firm's clients, on average, before an accepted offer (ux.md 1.9)
MOST = 100  # dots drawn at most; the words count on


def dots(count: int, *, uid: str) -> Chart:
    """``count`` filled dots in fives, and hollow ones up to 25; wide and narrow."""
    checked_uid(uid)
    if count < 0:
        raise ValueError(f"count is {count}, expected at least 0")
    title = _("Conversations with people who could hire you: %(n)d") % {"n": count}
    summary = _("People who found work had about 25 on average. It is an average, not a target.")
    drawings = [
        _draw(count, per_row=25, uid=f"{uid}-w", title=title, summary=summary),
        _draw(count, per_row=10, uid=f"{uid}-n", title=title, summary=summary),
    ]
    return Chart(
        svg=mark_safe("".join(drawings)),  # noqa: S308  # every part was escaped
        title=title,
        summary=summary,
        headings=(_("So far"), _("On average")),
        rows=((str(count), str(USUAL)),),
    )


def _draw(count: int, *, per_row: int, uid: str, title: str, summary: str) -> SafeString:
    wide = per_row == USUAL
    step, radius = (22, 8) if wide else (28, 10)
    total = max(min(count, MOST), USUAL)
    body = []
    for index in range(total):
        row, column = divmod(index, per_row)
        x = 14 + column * step + (column // 5) * 10
        y = 16 + row * (step + 8)
        filled = index < count
        body.append(
            tag("circle", cx=x, cy=y, r=radius, classes="ch-dot-on" if filled else "ch-dot-wait")
        )
    rows = -(-total // per_row)
    return picture(
        "".join(body),
        uid=uid,
        width=14 * 2 + (per_row - 1) * step + ((per_row - 1) // 5) * 10,
        height=32 + (rows - 1) * (step + 8),
        title=title,
        summary=summary,
        classes="chart-wide" if wide else "chart-narrow",
    )
