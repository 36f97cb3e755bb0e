"""What is due, for everyone who shows it: the page, the mail, the feed, the API, the person page.

All of them read these values, so on any day they agree.
"""

from followups.selectors.asking import ask_windows
from followups.selectors.days import (
    Ahead,
    DayOfWeek,
    Kept,
    Today,
    TodayPage,
    paused,
    today_cards,
    today_page,
    upcoming,
)
from followups.selectors.lines import NextLine, next_lines
from followups.selectors.outcomes import ENOUGH, Outcomes, outcomes_of
from followups.selectors.rhythms import (
    OwnRhythm,
    Rhythms,
    RingRhythm,
    as_fields,
    every_in_words,
    rhythms_of,
    window_after,
)
from followups.selectors.steps import (
    Step,
    Window,
    lists_of_steps,
    next_by_contact,
    next_step,
    open_items,
    open_steps,
    step_of,
    steps_from,
    window_of,
)

__all__ = [
    "ENOUGH",
    "Ahead",
    "DayOfWeek",
    "Kept",
    "NextLine",
    "Outcomes",
    "OwnRhythm",
    "Rhythms",
    "RingRhythm",
    "Step",
    "Today",
    "TodayPage",
    "Window",
    "as_fields",
    "ask_windows",
    "every_in_words",
    "lists_of_steps",
    "next_by_contact",
    "next_lines",
    "next_step",
    "open_items",
    "open_steps",
    "outcomes_of",
    "paused",
    "rhythms_of",
    "step_of",
    "steps_from",
    "today_cards",
    "today_page",
    "upcoming",
    "window_after",
    "window_of",
]
