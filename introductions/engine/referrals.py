"""How much of themselves people put into a referral, and what a run of referrals teaches.

Source: docs/decisions/0026-substance-and-lesson.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum


class Substance(IntEnum):
    ANYONE = 0  # a public name: an agency, a job board
    A_NAME = 1  # one person, without leave to use theirs
    USE_MY_NAME = 2  # may say who sent them
    INTRODUCED = 3  # they wrote or called, and the other agreed
    WITH_REASON = 4  # they said what the owner does well, and how they know
    SPOKE_FOR = 5  # they raised it themselves with somebody who decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One referral received.  ``step``: the giver's trust step *at that time*, 0..5."""

    ref: Hashable
    giver: Hashable
    on: date
    step: int
    substance: int

    def __post_init__(self) -> None:
        for name, value in (("step", self.step), ("substance", self.substance)):
            if not 0 <= value <= 5:
                raise ValueError(f"{name} is {value}, expected 0 to 5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One dot of the plot: ``count`` referrals of this substance from givers at this step."""

    step: int
    substance: int
    count: int
    refs: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A code with the facts of its sentence; the shell owns the words."""

    code: str
    facts: Mapping[str, int] = field(default_factory=dict)


# Every code with the names of its facts.
CODES: Mapping[str, frozenset[str]] = {
    "lesson.anyone_from_new": frozenset({"step"}),
    "lesson.name_from_new": frozenset({"step"}),
    "lesson.early_gift": frozenset({"step"}),
    "lesson.careful_friend": frozenset({"step"}),
    "lesson.trust_shows": frozenset({"step"}),
    "lesson.none_yet": frozenset(),
    "lesson.all_new": frozenset({"n"}),
    "lesson.all_known": frozenset({"n"}),
    "lesson.grows": frozenset({"n_low", "n_high"}),
    "lesson.open": frozenset({"n_low", "n_high"}),
}

NEW_UP_TO = 2  # introduced or acquainted: cannot say much about the owner yet
REAL_FROM = Substance.INTRODUCED  # from here on somebody acted


def points(given: Iterable[Given]) -> tuple[Point, ...]:
    """The dots of substance against the giver's step, by step and then substance."""
    at: dict[tuple[int, int], list[Given]] = {}
    for g in sorted(given, key=lambda g: (g.on, str(g.ref))):
        at.setdefault((g.step, g.substance), []).append(g)
    return tuple(
        Point(step=step, substance=substance, count=len(some), refs=tuple(g.ref for g in some))
        for (step, substance), some in sorted(at.items())
    )


def run(given: Iterable[Given], giver: Hashable) -> tuple[Given, ...]:
    """What one person gave, in order of time."""
    return tuple(sorted((g for g in given if g.giver == giver), key=lambda g: (g.on, str(g.ref))))


def lesson_of(given: Given) -> Lesson:
    """What one referral says about the relationship at that time."""
    new, real = given.step <= NEW_UP_TO, given.substance >= REAL_FROM
    match new, real:
        case True, False:
            anyone = given.substance == Substance.ANYONE
            code = "lesson.anyone_from_new" if anyone else "lesson.name_from_new"
        case True, True:
            code = "lesson.early_gift"
        case False, False:
            code = "lesson.careful_friend"
        case _:
            code = "lesson.trust_shows"
    return Lesson(code=code, facts={"step": given.step})


def lesson(given: Iterable[Given]) -> Lesson:
    """What all of them say together: do those who know the owner better put in more?

    *Grows* is said when people who know the work acted in a larger share of their referrals than
    new ones did; otherwise the picture is open, whatever the numbers.
    """
    everything = list(given)
    total: Counter[bool] = Counter()
    acted: Counter[bool] = Counter()
    for g in everything:
        new = g.step <= NEW_UP_TO
        total[new] += 1
        acted[new] += g.substance >= REAL_FROM
    n_low, n_high = total[True], total[False]
    if not everything:
        return Lesson(code="lesson.none_yet")
    if not n_high:
        return Lesson(code="lesson.all_new", facts={"n": n_low})
    if not n_low:
        return Lesson(code="lesson.all_known", facts={"n": n_high})
    grows = acted[False] * n_low > acted[True] * n_high
    code = "lesson.grows" if grows else "lesson.open"
    return Lesson(code=code, facts={"n_low": n_low, "n_high": n_high})
