"""What is remembered of a relationship: a value that grows by one touch at a time.

``after`` gives a new tie and leaves the old one alone. Any order of arrival gives the same tie: a
tie keeps the tie it grew from, so an older touch entered late is put where it belongs and what
followed is replayed (law 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, log

from followups.engine.constants import SHIPPED, Constants
from followups.engine.values import Direction, Purpose, Ring, Touch, day_number

# Strength a tie starts with, in two-way conversations, by what the other could say of the owner
# (trust steps 0 to 5 of ux.md 4.4). A prior that no public data can fit: decision record 0011.
STRENGTH_BY_TRUST = (0.0, 0.15, 0.5, 1.0, 2.0, 3.0)

_STAGES_AFTER_MEETING = frozenset(
    {"met", "loop_introducer_1", "progress", "ask_info", "ask_intro", "ask_referral", "outcome"}
    | {"landed", "settled"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One relationship as the engine sees it. Moments are days since 1970 (UTC).

    Build it with ``blank``, ``start`` or ``replay``; the fields are for reading. A *conversation*
    is a run of touches without a longer silence than ``conversation_gap_days``; an *attempt* is an
    outbound message that opens something: more than a day after their last word and after the
    last attempt, and not the answer they wait for.
    """

    constants: Constants
    started: float  # when silence is counted from while there is no touch
    ring: Ring | None = None
    trust_step: int = 0
    last: Touch | None = None
    last_day: float = 0.0
    touches: int = 0
    # Closed conversations, faded to the beginning of the open one: with both voices, with one,
    # and how much was said in them beyond a first message.
    opened: float = 0.0
    two_way: float = 0.0
    one_way: float = 0.0
    depth: float = 0.0
    # The open conversation.
    messages: float = 0.0
    had_in: bool = False
    had_out: bool = False
    spoken: float = 0.0  # their messages, faded to the last touch
    run: int = 0  # attempts unanswered in a row
    attempted: float = 0.0  # the last attempt, or the last answer of the owner's
    heard: float | None = None  # their last word
    heard_conversations: int = 0  # conversations in which they had a word
    # The last contact that was two-way, theirs, or an answer to it: gaps are counted from here.
    anchor: float | None = None
    asked: bool = False  # an ask is out since their last word
    waiting: bool = False  # they wrote first, or asked, and have had no word back
    # Own rhythm between conversations, and their speed of answering, as sums of logarithms.
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
        if self.last is None or not self.last.is_after(touch):
            return self._grown(touch)
        later = []
        tie = self
        while tie.last is not None and tie.last.is_after(touch):
            later.append(tie.last)
            if tie.grown_from is None:
                break
            tie = tie.grown_from
        grown = tie._grown(touch)
        for old in reversed(later):
            grown = grown._grown(old)
        return grown

    @property
    def presses(self) -> bool:
        """Whether an unanswered message asks for a nudge: they never answered, or were asked.

        A note that asks for nothing needs no answer; it only widens the gap.
        """
        return self.heard is None or self.asked

    def at_last_word(self) -> Tie:
        """Return the tie as it stood after their last word, or at the start."""
        tie = self
        while tie.grown_from is not None and (tie.run or tie.last_day != tie.heard):
            tie = tie.grown_from
        return tie

    def strength_at(self, day: float) -> float:
        """Return the strength at ``day``, in two-way conversations of one message, faded."""
        c = self.constants
        closed = self.two_way + c.one_way_weight * self.one_way + c.depth_weight * self.depth
        strength = closed * self._faded(self.opened, day)
        if self.messages:
            base = 1.0 if self.had_in and self.had_out else c.one_way_weight
            now = base * (1.0 + c.depth_weight * log(self.messages))
            strength += now * self._faded(self.last_day, day)
        return strength

    def share_at(self, day: float) -> float:
        """Return the logit of the share of conversations with both voices, faded.

        Half a conversation is added on each side, so an empty tie has 0.
        """
        faded = self._faded(self.opened, day)
        both, one = self.two_way * faded, self.one_way * faded
        if self.messages:
            now = self._faded(self.last_day, day)
            if self.had_in and self.had_out:
                both += now
            else:
                one += now
        return log((both + 0.5) / (one + 0.5))

    def spoken_at(self, day: float) -> float:
        """Return the number of their messages, faded to ``day``."""
        return self.spoken * self._faded(self.last_day if self.last else self.started, day)

    def silence_days(self, day: float) -> float:
        """Return the days since the last touch, or since the start; never below 0."""
        return max(day - (self.last_day if self.last else self.started), 0.0)

    def rhythm_days(self) -> float:
        """Return the tie's own gap between conversations, shrunk to the shipped prior."""
        c = self.constants
        prior = c.rhythm_prior_weight * log(c.rhythm_prior_horizons * c.horizon_days)
        return exp((prior + self.rhythm_log) / (c.rhythm_prior_weight + self.rhythm_weight))

    def typical_answer_days(self) -> float:
        """Return the geometric mean of their answering times, in days; needs one answer."""
        return exp(self.answer_log / self.answers)

    def _faded(self, since: float, day: float) -> float:
        """Return what is left at ``day`` of a touch made at ``since``, 0 to 1."""
        faded: float = 2.0 ** (-max(day - since, 0.0) / self.constants.half_life_days)
        return faded

    def _grown(self, touch: Touch) -> Tie:
        """Return the tie with a touch that is not older than the last one."""
        c = self.constants
        day = day_number(touch.at)
        outward = touch.direction is not Direction.IN
        inward = touch.direction is not Direction.OUT
        first = self.last is None
        gap = day - self.last_day
        same = not first and gap <= c.conversation_gap_days
        said = c.messages_in(touch)

        opened, two_way, one_way, depth = self.opened, self.two_way, self.one_way, self.depth
        messages, had_in, had_out = self.messages, self.had_in, self.had_out
        rhythm_weight, rhythm_log = self.rhythm_weight, self.rhythm_log
        if not same:
            faded = self._faded(opened, day)
            two_way, one_way, depth = two_way * faded, one_way * faded, depth * faded
            if not first:
                now = self._faded(self.last_day, day)
                if had_in and had_out:
                    two_way += now
                    depth += now * log(messages)
                else:
                    one_way += now
                    depth += now * log(messages) * c.one_way_weight
                rhythm_weight = rhythm_weight * c.rhythm_memory + 1.0
                rhythm_log = rhythm_log * c.rhythm_memory + log(gap)
            opened, messages, had_in, had_out = day, 0.0, False, False

        run, attempted, heard, anchor = self.run, self.attempted, self.heard, self.anchor
        heard_conversations, waiting = self.heard_conversations, self.waiting
        answers, answer_log = self.answers, self.answer_log
        before_run, before_answer = self.before_run, None
        if inward:
            if outward:
                waiting = False
            else:
                before_answer = self if run else self.before_answer
                # A word of the owner's at the same moment (of many only the day is known) answers.
                asks = touch.ask and not (self.last and self.had_out and self.last.at == touch.at)
                waiting = waiting or asks or not (run or same)
            if run:
                answers += 1
                answer_log += log(max(day - attempted, c.instant_days))
            if not had_in:
                heard_conversations += 1
            run, heard, anchor, before_run = 0, day, day, None
        elif waiting:
            waiting, attempted, anchor = False, day, day
        elif heard is None or day - max(heard, attempted) > c.attempt_gap_days:
            if not run or day - attempted > c.attempt_gap_days:
                before_run = before_run if run else self
                run, attempted = run + 1, day
        elif not run:
            anchor = day
        return Tie(
            constants=c,
            started=self.started,
            ring=self.ring,
            trust_step=self.trust_step,
            last=touch,
            last_day=day,
            touches=self.touches + 1,
            opened=opened,
            two_way=two_way,
            one_way=one_way,
            depth=depth,
            messages=messages + said,
            had_in=had_in or inward,
            had_out=had_out or outward,
            spoken=self.spoken_at(day) + (said if inward else 0.0),
            run=run,
            attempted=attempted,
            heard=heard,
            heard_conversations=heard_conversations,
            anchor=anchor,
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
        opened=day_number(at),
        two_way=STRENGTH_BY_TRUST[step],
        spoken=STRENGTH_BY_TRUST[step],
    )


def replay(touches: Iterable[Touch], *, start: Tie) -> Tie:
    """Return ``start`` grown by ``touches``, in whatever order they come."""
    ordered = sorted(touches, key=Touch.order)
    tie = start.after(ordered[0]) if ordered else start
    for touch in ordered[1:]:
        # In order and after the first, so there is nothing to put back in its place.
        tie = tie._grown(touch) if start.last is None else tie.after(touch)
    return tie
