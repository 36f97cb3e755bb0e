"""The life of one introduction: where it may go, what is owed, and where it stands still.

Three people take part: the introducer connects, the introducee is passed along, the introduced is
the one met through it.  ``Role`` says which of them is the owner.  Pure: every function is told the
day.  Source: docs/decisions/0020-introduction-states.md; days from the sequence in
docs/decisions/0021-two-clocks.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from introductions.engine.days import add_business_days


class State(StrEnum):
    WANTED = "wanted"
    ASKED = "asked"
    CHECKING = "checking"
    AGREED = "agreed"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    MADE = "made"
    ACKNOWLEDGED = "acknowledged"
    MET = "met"
    THANKED = "thanked"
    LOOPED = "looped"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a closed introduction ended."""

    OFFER = "offer"
    INTERVIEW = "interview"
    REFERRAL = "referral"  # they passed the introducee on
    ADVICE = "advice"  # or information: a good talk
    NOTHING = "nothing"  # it was made, and nothing came of it, met or not
    DROPPED = "dropped"  # declined, not answered, or no longer wanted


class Party(StrEnum):
    INTRODUCER = "introducer"
    INTRODUCEE = "introducee"
    INTRODUCED = "introduced"


class Role(StrEnum):
    """Which of the three the owner is."""

    INTRODUCER = "introducer"
    INTRODUCEE = "introducee"
    INTRODUCED = "introduced"
    ONLOOKER = "onlooker"  # none of them: recorded because it is worth knowing


_S = State

# From -> to.  What is not here is refused.  Read top to bottom it is the usual course.  There is no
# way back, so every introduction ends.
TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        _S.WANTED: frozenset({_S.ASKED, _S.MADE, _S.CLOSED}),
        _S.ASKED: frozenset(
            {_S.CHECKING, _S.AGREED, _S.DECLINED, _S.NO_ANSWER, _S.MADE, _S.CLOSED}
        ),
        _S.CHECKING: frozenset({_S.AGREED, _S.DECLINED, _S.NO_ANSWER, _S.MADE, _S.CLOSED}),
        _S.NO_ANSWER: frozenset({_S.AGREED, _S.DECLINED, _S.MADE, _S.CLOSED}),
        _S.AGREED: frozenset({_S.DECLINED, _S.MADE, _S.CLOSED}),
        _S.DECLINED: frozenset({_S.MADE, _S.CLOSED}),
        _S.MADE: frozenset({_S.ACKNOWLEDGED, _S.MET, _S.CLOSED}),
        _S.ACKNOWLEDGED: frozenset({_S.MET, _S.CLOSED}),
        _S.MET: frozenset({_S.THANKED, _S.LOOPED, _S.CLOSED}),
        _S.THANKED: frozenset({_S.LOOPED, _S.CLOSED}),
        _S.LOOPED: frozenset({_S.CLOSED}),
        _S.CLOSED: frozenset(),
    }
)

# An introduction may be planned, already under way when it is first written down, or a surprise.
STARTS = frozenset({State.WANTED, State.ASKED, State.CHECKING, State.AGREED, State.MADE})

# It counts as "how I know them" from the day it was made.
_MADE_OR_BEYOND = frozenset(
    {State.MADE, State.ACKNOWLEDGED, State.MET, State.THANKED, State.LOOPED}
)
AWAITING_INTRODUCER = frozenset({State.ASKED, State.CHECKING, State.AGREED})

_CAME_OF_IT = frozenset(Outcome) - {Outcome.DROPPED}
# With which outcomes a step may be closed.
OUTCOMES: Mapping[State, frozenset[Outcome]] = MappingProxyType(
    {
        _S.WANTED: frozenset({Outcome.DROPPED}),
        _S.ASKED: frozenset({Outcome.DROPPED}),
        _S.CHECKING: frozenset({Outcome.DROPPED}),
        _S.NO_ANSWER: frozenset({Outcome.DROPPED}),
        _S.AGREED: frozenset({Outcome.DROPPED}),
        _S.DECLINED: frozenset({Outcome.DROPPED}),
        _S.MADE: frozenset(Outcome),
        _S.ACKNOWLEDGED: frozenset(Outcome),
        _S.MET: _CAME_OF_IT,
        _S.THANKED: _CAME_OF_IT,
        _S.LOOPED: _CAME_OF_IT,
        _S.CLOSED: frozenset(),
    }
)


def may(state: State | None, to: State) -> bool:
    """Whether an introduction in ``state`` may go to ``to``; ``None`` is one not yet recorded."""
    return to in (STARTS if state is None else TRANSITIONS[state])


def next_states(state: State | None) -> tuple[State, ...]:
    """Every state ``state`` may go to, in the order of the rail."""
    return tuple(s for s in State if may(state, s))


def may_close(state: State, outcome: Outcome) -> bool:
    return outcome in OUTCOMES[state]


def next_outcomes(state: State) -> tuple[Outcome, ...]:
    """The outcomes with which ``state`` may be closed, best first."""
    return tuple(o for o in Outcome if may_close(state, o))


def happened(state: State, made_on: date | None) -> bool:
    """Whether the two were really introduced; a closed one was if it has the day it was made."""
    return state in _MADE_OR_BEYOND or (state is State.CLOSED and made_on is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one introduction.  Days are the owner's local days."""

    state: State
    role: Role
    since_on: date  # the day this state was entered
    made_on: date | None = None
    wrote_on: date | None = None  # the two first wrote to or spoke with each other
    met_on: date | None = None
    thanked_introducer_on: date | None = None
    thanked_other_on: date | None = None  # after the meeting
    looped_on: date | None = None  # the introducer was told how it went
    told_outcome_on: date | None = None  # the introducer was told the outcome and thanked
    nudged_on: date | None = None  # last reminder sent in this state
    outcome: Outcome | None = None


class Duty(StrEnum):
    """Something the owner owes.  The values are purposes, fit for a follow-up's key."""

    ASK = "intro_wanted"
    CHECK = "check_first"
    MAKE = "make_introduction"
    THANK_INTRODUCER = "thank_introducer"
    CONTACT = "introduced"
    THANK_OTHER = "met"
    REPORT_BACK = "loop_introducer_1"
    TELL_OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One open duty: to whom, and from when until when.  Whole local days, both ends included."""

    duty: Duty
    to: Party
    opens_on: date
    best_on: date
    fades_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The next thing owed to the other person, and the next thing owed to the introducer."""

    yours: Owed | None
    introducers: Owed | None


_OTHER: Mapping[Role, Party] = MappingProxyType(
    {Role.INTRODUCEE: Party.INTRODUCED, Role.INTRODUCED: Party.INTRODUCEE}
)

# What entering a state opens, by role.  Marking *made* opens three things (feature N5).
OPENS: Mapping[tuple[Role, State], tuple[Duty, ...]] = MappingProxyType(
    {
        (Role.INTRODUCEE, _S.WANTED): (Duty.ASK,),
        (Role.INTRODUCEE, _S.MADE): (Duty.THANK_INTRODUCER, Duty.CONTACT, Duty.REPORT_BACK),
        (Role.INTRODUCEE, _S.MET): (Duty.THANK_OTHER,),
        (Role.INTRODUCEE, _S.CLOSED): (Duty.TELL_OUTCOME,),
        (Role.INTRODUCED, _S.MADE): (Duty.THANK_INTRODUCER, Duty.CONTACT),
        (Role.INTRODUCER, _S.WANTED): (Duty.CHECK,),
        (Role.INTRODUCER, _S.ASKED): (Duty.CHECK,),
        (Role.INTRODUCER, _S.AGREED): (Duty.MAKE,),
    }
)


def opens(role: Role, to: State, *, made: bool = True) -> tuple[Duty, ...]:
    """The duties that entering ``to`` opens for the owner; ``made``: it really took place."""
    return OPENS.get((role, to), ()) if made else ()


REPORT_BUSINESS_DAYS = 5  # after the meeting
REPORT_AT_MOST_DAYS = 14  # after the introduction was made, met or not


def owed(facts: Facts, *, holidays: Set[date] = frozenset()) -> tuple[Owed, ...]:
    """Everything still owed by the owner, soonest end first.

    It follows from the dated facts, not from the path the state took: thanks that were skipped
    stay owed after the loop was closed.  The same facts always give the same answer.
    """
    found: list[Owed] = []

    def add(duty: Duty, to: Party, opens_on: date, best_on: date, fades_on: date) -> None:
        found.append(Owed(duty=duty, to=to, opens_on=opens_on, best_on=best_on, fades_on=fades_on))

    def later(day: date, business_days: int) -> date:
        return add_business_days(day, business_days, holidays)

    state, since = facts.state, facts.since_on
    if facts.role is Role.INTRODUCEE and state is State.WANTED:
        add(Duty.ASK, Party.INTRODUCER, since, since, later(since, 2))
    if facts.role is Role.INTRODUCER:
        if state in {State.WANTED, State.ASKED}:
            add(Duty.CHECK, Party.INTRODUCED, since, since, later(since, 2))
        if state is State.AGREED:
            add(Duty.MAKE, Party.INTRODUCEE, since, since, later(since, 2))
    other = _OTHER.get(facts.role)
    if other is None or not happened(state, facts.made_on):
        return _by_end(found)

    made = facts.made_on or since
    if facts.thanked_introducer_on is None and facts.looped_on is None:
        add(Duty.THANK_INTRODUCER, Party.INTRODUCER, made, made, later(made, 1))
    if facts.wrote_on is None and facts.met_on is None and state is State.MADE:
        add(Duty.CONTACT, other, made, made, made + timedelta(days=1))
    met = facts.met_on or (since if state is State.MET else None)
    if facts.role is Role.INTRODUCEE and met and facts.thanked_other_on is None:
        add(Duty.THANK_OTHER, other, met, met, met + timedelta(days=1))
    if facts.role is Role.INTRODUCEE:
        if state is State.CLOSED:
            # One message serves both: telling the outcome is the report.
            if facts.told_outcome_on is None and not _told_since(facts.looped_on, since):
                best = since if facts.outcome is Outcome.OFFER else later(since, 2)
                add(Duty.TELL_OUTCOME, Party.INTRODUCER, since, best, later(since, 5))
        elif facts.looped_on is None:
            add(Duty.REPORT_BACK, Party.INTRODUCER, *_report_window(made, met, holidays))
    return _by_end(found)


def _told_since(told_on: date | None, day: date) -> bool:
    return told_on is not None and told_on >= day


def _report_window(made: date, met: date | None, holidays: Set[date]) -> tuple[date, date, date]:
    at_most = made + timedelta(days=REPORT_AT_MOST_DAYS)
    if met is None:
        # Nothing to tell yet: it opens when a week has shown that no meeting is near.
        opens_on = min(add_business_days(made, REPORT_BUSINESS_DAYS, holidays), at_most)
        return opens_on, at_most, at_most
    day_after = add_business_days(met, 1, holidays)
    fades = add_business_days(met, REPORT_BUSINESS_DAYS, holidays)
    # A meeting after the fourteenth day cannot be reported before it took place.
    return met, day_after, max(min(fades, at_most), day_after)


def _by_end(found: list[Owed]) -> tuple[Owed, ...]:
    return tuple(sorted(found, key=lambda o: (o.fades_on, o.opens_on, o.duty)))


def clocks(facts: Facts, *, holidays: Set[date] = frozenset()) -> Clocks:
    """The two clocks: the soonest duty to the introducer, and the soonest to anybody else."""
    duties = owed(facts, holidays=holidays)
    return Clocks(
        yours=next((o for o in duties if o.to is not Party.INTRODUCER), None),
        introducers=next((o for o in duties if o.to is Party.INTRODUCER), None),
    )


class Act(StrEnum):
    """The one thing suggested when an introduction stands still."""

    SEND_NOTE = "send_note"  # send the introducer the note they can forward
    NUDGE = "nudge"  # one short, friendly reminder to the introducer
    LET_GO = "let_go"  # thank them, and mark it as not answered
    THANK_ANYWAY = "thank_anyway"  # thank them for trying, and close it
    WRITE_NOW = "write_now"  # write to the person you were introduced to
    WRITE_ONCE_MORE = "write_once_more"  # the second and last short note
    TELL_INTRODUCER = "tell_introducer"  # tell the introducer how it stands
    THANK = "thank"  # thank the person you met
    NOTE_OUTCOME = "note_outcome"  # write down what came of it
    CHECK_FIRST = "check_first"  # ask the introduced whether they would like it
    ANSWER_THEM = "answer_them"  # tell the one who asked how it stands
    INTRODUCE = "introduce"  # both said yes: put them in touch
    ASK_HOW_IT_WENT = "ask_how_it_went"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """An introduction that stands still: whose move it is, since when, and one suggested act."""

    at: Party
    mine: bool  # the person it waits for is the owner
    since_on: date  # the day the state was entered
    window_ended_on: date
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wait:
    business_days: int
    at: Party
    act: Act
    reminder: bool = False  # said once: not suggested again after a reminder


def _wait(business_days: int, at: Party, act: Act, *, reminder: bool = False) -> _Wait:
    return _Wait(business_days=business_days, at=at, act=act, reminder=reminder)


_P = Party
_WAITS: Mapping[tuple[Role, State], tuple[_Wait, ...]] = MappingProxyType(
    {
        (Role.INTRODUCEE, _S.WANTED): (_wait(2, _P.INTRODUCEE, Act.SEND_NOTE),),
        (Role.INTRODUCEE, _S.ASKED): (
            _wait(5, _P.INTRODUCER, Act.NUDGE, reminder=True),
            _wait(10, _P.INTRODUCER, Act.LET_GO),
        ),
        (Role.INTRODUCEE, _S.CHECKING): (
            _wait(5, _P.INTRODUCED, Act.NUDGE, reminder=True),
            _wait(10, _P.INTRODUCED, Act.LET_GO),
        ),
        (Role.INTRODUCEE, _S.AGREED): (
            _wait(5, _P.INTRODUCER, Act.NUDGE, reminder=True),
            _wait(10, _P.INTRODUCER, Act.LET_GO),
        ),
        (Role.INTRODUCEE, _S.DECLINED): (_wait(1, _P.INTRODUCEE, Act.THANK_ANYWAY),),
        (Role.INTRODUCEE, _S.NO_ANSWER): (_wait(1, _P.INTRODUCEE, Act.THANK_ANYWAY),),
        (Role.INTRODUCEE, _S.MADE): (_wait(1, _P.INTRODUCEE, Act.WRITE_NOW),),
        (Role.INTRODUCEE, _S.ACKNOWLEDGED): (
            _wait(7, _P.INTRODUCED, Act.WRITE_ONCE_MORE, reminder=True),
            _wait(10, _P.INTRODUCED, Act.TELL_INTRODUCER),
        ),
        (Role.INTRODUCEE, _S.MET): (_wait(1, _P.INTRODUCEE, Act.THANK),),
        (Role.INTRODUCEE, _S.THANKED): (_wait(5, _P.INTRODUCEE, Act.TELL_INTRODUCER),),
        (Role.INTRODUCEE, _S.LOOPED): (_wait(30, _P.INTRODUCEE, Act.NOTE_OUTCOME),),
        (Role.INTRODUCER, _S.WANTED): (_wait(2, _P.INTRODUCER, Act.CHECK_FIRST),),
        (Role.INTRODUCER, _S.ASKED): (_wait(2, _P.INTRODUCER, Act.CHECK_FIRST),),
        (Role.INTRODUCER, _S.CHECKING): (
            _wait(5, _P.INTRODUCED, Act.NUDGE, reminder=True),
            _wait(10, _P.INTRODUCED, Act.ANSWER_THEM),
        ),
        (Role.INTRODUCER, _S.AGREED): (_wait(2, _P.INTRODUCER, Act.INTRODUCE),),
        (Role.INTRODUCER, _S.DECLINED): (_wait(1, _P.INTRODUCER, Act.ANSWER_THEM),),
        (Role.INTRODUCER, _S.NO_ANSWER): (_wait(1, _P.INTRODUCER, Act.ANSWER_THEM),),
        (Role.INTRODUCER, _S.MADE): (_wait(10, _P.INTRODUCEE, Act.ASK_HOW_IT_WENT),),
        (Role.INTRODUCER, _S.ACKNOWLEDGED): (_wait(20, _P.INTRODUCEE, Act.ASK_HOW_IT_WENT),),
        (Role.INTRODUCER, _S.MET): (_wait(10, _P.INTRODUCEE, Act.ASK_HOW_IT_WENT),),
        (Role.INTRODUCED, _S.MADE): (_wait(2, _P.INTRODUCED, Act.WRITE_NOW),),
        (Role.INTRODUCED, _S.MET): (_wait(30, _P.INTRODUCED, Act.NOTE_OUTCOME),),
    }
)


def stall(facts: Facts, *, on: date, holidays: Set[date] = frozenset()) -> Stall | None:
    """Where the introduction stands still on ``on``, or ``None`` while its window is open.

    A step stalls the day after its window ends.  A reminder is suggested once; after it the next
    window counts.
    """
    found: Stall | None = None
    for wait in _WAITS.get((facts.role, facts.state), ()):
        ended_on = add_business_days(facts.since_on, wait.business_days, holidays)
        if on <= ended_on or (wait.reminder and _told_since(facts.nudged_on, facts.since_on)):
            continue
        found = Stall(
            at=wait.at,
            mine=wait.at.value == facts.role.value,
            since_on=facts.since_on,
            window_ended_on=ended_on,
            act=wait.act,
        )
    return found
