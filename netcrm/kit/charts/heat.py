"""The group heatmap: members A–Z by week, a number in every cell, one hue.

It is a real table, so this module only decides the shade of each cell; the template is
``components/_heatmap.html``.  It is no ranking: the order given is kept, and a zero is
as quiet as paper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEVELS = 5


@dataclass(frozen=True, kw_only=True)
class Cell:
    """``count`` is None for a week away.  ``level`` is 0..4, the shade."""

    count: int | None
    level: int

    @property
    def away(self) -> bool:
        return self.count is None


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    cells: tuple[Cell, ...]
    note: str = ""


def heat(
    counts: Mapping[str, Sequence[int | None]], *, notes: Mapping[str, str] | None = None
) -> tuple[Row, ...]:
    """Shade ``counts`` (a member's numbers, week by week; None = away).

    The darkest shade is the highest number here, at least 4, so that a quiet group
    does not look feverish.
    """
    known = [count for row in counts.values() for count in row if count is not None]
    highest = max([*known, LEVELS - 1])
    return tuple(
        Row(
            name=name,
            cells=tuple(Cell(count=count, level=level(count, highest)) for count in row),
            note=(notes or {}).get(name, ""),
        )
        for name, row in counts.items()
    )


def level(count: int | None, highest: int) -> int:
    """0 for nothing, then four even steps up to ``highest``."""
    if not count or count < 0:
        return 0
    return min(1 + (count - 1) * (LEVELS - 1) // max(highest, 1), LEVELS - 1)
