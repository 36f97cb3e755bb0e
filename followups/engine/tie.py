"""What is remembered of a relationship: a value that grows by one touch at a time.

``after`` gives a new tie and leaves the old one alone. Any order of arrival gives the same tie: a
tie keeps the tie it grew from, so an older touch entered late is put where it belongs and what
followed is replayed (law 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import exp, log

from followups.engine.constants import SHIPPED, Constants
from followups.engine.values import Direction, Purpose, Ring, Touch, day_number

# Strength a tie starts with, in touches, by what the other could say of the owner (trust steps
# 0 to 5 of ux.md 4.4). A prior that no public data can fit: decision record 0011.
STRENGTH_BY_TRUST = (0.0, 0.15, 0.5, 1.0, 2.0, 3.0)

_STAGES_AFTER_MEETING = frozenset(
    {"met", "loop_introducer_1", "progress", "ask_info", "ask_intro", "ask_referral", "outcome"}
    | {"landed", "settled"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One relationship as the engine sees it. Moments are days since 1970 (UTC).

    Build it with ``blank``, ``start`` or ``replay``; the fields are for reading.
    """

    constants: Constants
    started: float  # when silence is counted from while there is no touch
    ring: Ring | None = None
    trust_step: int = 0
    last: Touch | None = None
    last_day: float = 0.0
    touches: int = 0
    # Strength: closed conversations, as it stood when the open one began; then the open one.
    strength_closed: float = 0.0
    opened: float = 0.0
    messages: int = 0
    had_in: bool = False
    had_out: bool = False
    conversations: int = 0
    # Attempts: an outbound message more than a day after the last attempt and the last answer.
    yes: int = 0
    no: int = 0
    run: int = 0  # unanswered in a row
    attempted: float = 0.0  # the last attempt, or the last answer of the owner's
    heard: float | None = None  # their last word
    # The last contact that was two-way, theirs, or an answer to it: gaps are counted from here.
    anchor: float | None = None
    heard_strength: float = 0.0  # touches, as of their last word
    heard_times: int = 0  # conversations in which they had a word
    asked: bool = False  # an ask is out since their last word
    waiting: bool = False  # they wrote first and have had no word back
    # Own rhythm between conversations, and own speed of answering, both geometric.
    rhythm_weight: float = 0.0
    rhythm_log: float = 0.0
    answers: int = 0
    answer_log: float = 0.0
    # Ties this one grew from: by one touch; before the unanswered run; before the last answer.
    grown_from: Tie | None = field(default=None, compare=False, repr=False)
    before_run: Tie | None = field(default=None, compare=False, repr=False)
    before_answer: Tie | None = field(default=None, compare=False, repr=False)

    def after(self, touch: Touch) -> Tie:
        """Return the tie with ``touch`` added, wherever in time it belongs."""
        if self.last is None or self.last.order() <= touch.order():
            return self._grown(touch)
        later = []
        tie: Tie | None = self
        while tie is not None and tie.last is not None and tie.last.order() > touch.order():
            later.append(tie.last)
            tie = tie.grown_from
        grown = (tie or self)._grown(touch)
        for old in reversed(later):
            grown = grown._grown(old)
        return grown

    def strength_at(self, day: float) -> float:
        """Return the decayed strength, in touches, at ``day``."""
        c = self.constants
        faded: float = 2.0 ** (-max(day - self.opened, 0.0) / c.half_life_days)
        if not self.messages:
            return self.strength_closed * faded
        since: float = 2.0 ** (-max(day - self.last_day, 0.0) / c.half_life_days)
        return self.strength_closed * faded + self._weight() * since

    def rhythm_days(self) -> float:
        """Return the tie's own gap between conversations, shrunk to the shipped prior."""
        c = self.constants
        total = c.rhythm_prior_weight * log(c.rhythm_prior_days) + self.rhythm_log
        return exp(total / (c.rhythm_prior_weight + self.rhythm_weight))

    def typical_answer_days(self) -> float:
        """Return the geometric mean of their answering times, in days; needs one answer."""
        return exp(self.answer_log / self.answers)

    def _weight(self) -> float:
        c = self.constants
        base = 1.0 if self.had_in and self.had_out else c.one_way_weight
        return base * (1.0 + c.depth * log(self.messages))

    def _grown(self, touch: Touch) -> Tie:
        """Return the tie with a touch that is not older than the last one."""
        c = self.constants
        day = day_number(touch.at)
        outward = touch.direction is not Direction.IN
        inward = touch.direction is not Direction.OUT
        first = self.last is None
        gap = day - self.last_day
        same = not first and gap <= c.conversation_gap_days
        rhythm_weight, rhythm_log = self.rhythm_weight, self.rhythm_log
        if same:
            strength_closed, opened = self.strength_closed, self.opened
            messages, had_in, had_out = self.messages, self.had_in, self.had_out
            conversations = self.conversations
        else:
            strength_closed, opened = self.strength_at(day), day
            messages, had_in, had_out = 0, False, False
            conversations = self.conversations + 1
            if not first:
                rhythm_weight = rhythm_weight * c.rhythm_memory + 1.0
                rhythm_log = rhythm_log * c.rhythm_memory + log(gap)
        yes, no, run, attempted = self.yes, self.no, self.run, self.attempted
        answers, answer_log = self.answers, self.answer_log
        before_run, before_answer = self.before_run, None
        heard, anchor = self.heard, self.anchor
        waiting, heard_times = self.waiting, self.heard_times
        if inward:
            if touch.direction is Direction.IN:
                before_answer = self if run else self.before_answer
                waiting = waiting or touch.ask or not (run or same)
            else:
                waiting = False
            if run:
                answers += 1
                answer_log += log(max(day - attempted, c.instant_days))
                if day - attempted <= c.reply_within_days:
                    yes, no = yes + 1, no - 1
            if not (same and self.had_in):
                heard_times += 1
            run, heard, anchor, before_run = 0, day, day, None
        elif waiting:
            waiting, attempted, anchor = False, day, day
        elif heard is None or day - max(heard, attempted) > c.attempt_gap_days:
            if not run or day - attempted > c.attempt_gap_days:
                before_run = before_run if run else self
                no, run, attempted = no + 1, run + 1, day
        elif not run:
            anchor = day
        grown = replace(
            self,
            last=touch,
            last_day=day,
            touches=self.touches + 1,
            strength_closed=strength_closed,
            opened=opened,
            messages=messages + 1,
            had_in=had_in or inward,
            had_out=had_out or outward,
            conversations=conversations,
            yes=yes,
            no=no,
            run=run,
            attempted=attempted,
            heard=heard,
            anchor=anchor,
            heard_times=heard_times,
            asked=(touch.ask and outward) or (self.asked and not inward),
            waiting=waiting,
            rhythm_weight=rhythm_weight,
            rhythm_log=rhythm_log,
            answers=answers,
            answer_log=answer_log,
            grown_from=self,
            before_run=before_run,
            before_answer=before_answer,
        )
        return replace(grown, heard_strength=grown.strength_at(day)) if inward else grown


def blank(*, at: datetime, constants: Constants = SHIPPED) -> Tie:
    """Return a tie about which nothing is known; silence counts from ``at``."""
    return Tie(constants=constants, started=day_number(at))


def start(
    *,
    at: datetime,
    stage: Purpose | str,
    trust_step: int,
    ring: Ring | str,
    constants: Constants = SHIPPED,
) -> Tie:
    """Return a tie with what is known before any touch: the stage, the trust step, the ring.

    ``stage`` is a key of ux.md 1.2; a stage that follows a meeting counts as at least
    "acquainted". ``trust_step`` outside 0 to 5 is held to the nearer end. An unknown stage says
    nothing.
    """
    step = min(max(trust_step, 0), len(STRENGTH_BY_TRUST) - 1)
    if str(stage) in _STAGES_AFTER_MEETING:
        step = max(step, 2)
    return Tie(
        constants=constants,
        started=day_number(at),
        ring=Ring(ring),
        trust_step=step,
        strength_closed=STRENGTH_BY_TRUST[step],
        opened=day_number(at),
        heard_strength=STRENGTH_BY_TRUST[step],
    )


def replay(touches: Iterable[Touch], *, start: Tie) -> Tie:
    """Return ``start`` grown by ``touches``, in whatever order they come."""
    tie = start
    for touch in sorted(touches, key=Touch.order):
        tie = tie.after(touch)
    return tie
