"""The cadence engine: when the next touch would be welcome, when best, when too late, and why.

Pure: told the time, deterministic, replayable. The parts are in the modules beside this one and
everything the shell needs is named here. docs/cadence.md explains it to a member and to an
engineer; decision records 0010 to 0019 say what was chosen and what was not.
"""

from __future__ import annotations

from followups.engine.business_days import BusinessCalendar, Span
from followups.engine.constants import RING_DAYS, RING_VALUE, SHIPPED, Constants
from followups.engine.model import health, priority, reply_chance, value_of
from followups.engine.pace import HIGHEST_PRICE, best_gap_days, load_per_week, price_for
from followups.engine.rules import GivenDate, Rhythm, Rules
from followups.engine.tie import Tie, blank, replay, start
from followups.engine.values import (
    Direction,
    Purpose,
    Reason,
    Ring,
    Rule,
    State,
    Touch,
    TouchKind,
    Window,
)
from followups.engine.windows import next_purpose, window

__all__ = [
    "HIGHEST_PRICE",
    "RING_DAYS",
    "RING_VALUE",
    "SHIPPED",
    "BusinessCalendar",
    "Constants",
    "Direction",
    "GivenDate",
    "Purpose",
    "Reason",
    "Rhythm",
    "Ring",
    "Rule",
    "Rules",
    "Span",
    "State",
    "Tie",
    "Touch",
    "TouchKind",
    "Window",
    "best_gap_days",
    "blank",
    "health",
    "load_per_week",
    "next_purpose",
    "price_for",
    "priority",
    "replay",
    "reply_chance",
    "start",
    "value_of",
    "window",
]
