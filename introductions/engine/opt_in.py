"""Asking both before they are introduced: nobody is named to the other before both said yes.

Source: docs/decisions/0097-double-opt-in.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from enum import StrEnum

from introductions.engine.words import fold, words


class Answer(StrEnum):
    YES = "yes"
    LATER = "later"  # may be changed until the question lapses
    NO = "no"


class Outcome(StrEnum):
    """What two answers come to."""

    WAITING = "waiting"
    AGREED = "agreed"
    DECLINED = "declined"


def outcome(answers: Collection[Answer | None]) -> Outcome:
    """What the answers of the two sides come to; the order does not matter.

    Raises:
        ValueError: not two answers.
    """
    if len(answers) != 2:
        raise ValueError(f"{len(answers)} answers, expected 2")
    if Answer.NO in answers:
        return Outcome.DECLINED
    return Outcome.AGREED if set(answers) == {Answer.YES} else Outcome.WAITING


def is_final(answer: Answer | None) -> bool:
    return answer in (Answer.YES, Answer.NO)


_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+|\+?\d[\d\s()/.-]{6,}\d", re.IGNORECASE)
SHORTEST_PART = 2  # letters; an initial alone says nothing


def reveals(text: str, *, name: str) -> tuple[str, ...]:
    """What in ``text`` would say who somebody is: parts of their name, addresses, numbers, links.

    Words are compared without case and accents.  An empty answer is no proof that nobody could
    guess; it stops the slip of the pen.
    """
    said = set(words(fold(text)))
    parts = [part for part in words(fold(name)) if len(part) >= SHORTEST_PART]
    return (*(part for part in parts if part in said), *_ADDRESS.findall(text))


NEW_DAYS = 30  # how long an account counts as new
A_DAY_WHEN_NEW = 20
A_DAY = 100


def allowance(*, joined_on: date, on: date) -> int:
    """How many people who are not members one account may have written to in 24 hours."""
    return A_DAY_WHEN_NEW if (on - joined_on).days < NEW_DAYS else A_DAY
