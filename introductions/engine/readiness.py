"""Whether a relationship carries an ask today: five checks, one repair, never a percentage.

Source: docs/decisions/0024-ask-readiness.md.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from types import MappingProxyType

from introductions.engine.days import add_business_days


class Rung(IntEnum):
    """The ladder of asks, lightest first."""

    ADVICE = 1
    INFORMATION = 2  # which of these on my list do you know?
    SECOND_LOOK = 3  # at a CV, a plan, a pitch
    INTRODUCTION = 4  # to one named person
    REFERRAL = 5  # putting their name to it


# Trust step -> highest rung it carries; step 0 carries none.
HIGHEST_RUNG: Mapping[int, int] = MappingProxyType({0: 0, 1: 1, 2: 3, 3: 4, 4: 5, 5: 5})


class State(StrEnum):
    READY = "ready"
    NEARLY = "nearly"  # one check is missing
    NOT_YET = "not_yet"  # two or more


class Check(StrEnum):
    KNOWS_TARGET = "knows_target"  # they know what the owner wants
    BOTH_WAYS = "both_ways"
    FRESH = "fresh"  # inside the good window, and not resting
    GIVEN = "given"  # given or reported since the last ask
    FITS = "fits"  # the step carries the rung, and they may know the person


class Repair(StrEnum):
    """The one next thing to do."""

    LEAVE_IN_PEACE = "ask.do.leave_in_peace"  # they asked not to be contacted
    LET_REST = "ask.do.let_rest"  # they rest, or gave a date; facts: on
    WAIT_UNTIL = "ask.do.wait_until"  # the good window opens; facts: on
    RECONNECT = "ask.do.reconnect"  # write first, without a request
    OFFER = "ask.do.offer"  # wait for an answer, or offer something
    REPORT = "ask.do.report"  # tell them what came of what they gave
    GIVE = "ask.do.give"  # do something for them first
    TELL_TARGET = "ask.do.tell_target"  # tell them your target in one line
    ASK_LOWER = "ask.do.ask_lower"  # facts: rung
    PICK_ANOTHER = "ask.do.pick_another"  # somebody else who may know them
    GET_ACQUAINTED = "ask.do.get_acquainted"  # no ask yet: have a first exchange


class Answer(StrEnum):
    """What came of an ask."""

    YES = "yes"
    LATER = "later"
    NO = "no"
    NONE = "none"  # no answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One exchange, newest or not; ``theirs``: they answered, or the two met."""

    on: date
    theirs: bool
    ref: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one person on the day of the question.  Days are local days.

    ``opens_on`` and ``fades_on`` are the good window, both days inside; ``None`` leaves that side
    open.  ``offered`` holds the names or ids they offered themselves; ``may_know`` is False when
    the owner said that they hardly know the person asked for.
    """

    step: int
    target_told_on: date | None = None
    target_told_ref: Hashable = None
    touches: tuple[Touch, ...] = ()
    opens_on: date | None = None
    fades_on: date | None = None
    resting_until: date | None = None
    ask_not_before: date | None = None
    do_not_contact: bool = False
    last_ask_on: date | None = None
    last_ask_ref: Hashable = None
    last_ask_helped: bool = False  # they gave something, so there is something to report
    given_or_reported_on: date | None = None
    given_or_reported_ref: Hashable = None
    offered: Collection[Hashable] = frozenset()
    may_know: bool = True

    def __post_init__(self) -> None:
        if self.step not in HIGHEST_RUNG:
            raise ValueError(f"step is {self.step}, expected 0 to 5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check with its answer, the evidence behind it and the facts of its sentence.

    ``code`` is ``ask.check.<check>.<yes|no|not_needed>``.  ``repair`` is set when it failed.
    """

    check: Check
    passed: bool
    code: str
    evidence: tuple[Hashable, ...] = ()
    facts: Mapping[str, date | int] = field(default_factory=dict)
    repair: Repair | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The answer for one ask.  ``code`` is ``ask.ready``, ``ask.nearly`` or ``ask.not_yet``.

    ``repair`` is ``None`` exactly when ready.  ``instead`` is a lighter rung that is ready today.
    """

    state: State
    code: str
    checks: tuple[Checked, ...]
    repair: Repair | None
    repair_facts: Mapping[str, date | int]
    instead: Rung | None

    @property
    def needs_confirmation(self) -> bool:
        """Whether going on anyway takes one confirmation, which the shell records."""
        return self.state is not State.READY


# When several checks fail, the repair that comes first here is named: what forbids contact, then a
# courtesy that is welcome at any time, then a lighter ask, then the rest.
_ORDER = (
    Repair.LEAVE_IN_PEACE,
    Repair.LET_REST,
    Repair.GET_ACQUAINTED,
    Repair.REPORT,
    Repair.GIVE,
    Repair.ASK_LOWER,
    Repair.WAIT_UNTIL,
    Repair.RECONNECT,
    Repair.OFFER,
    Repair.TELL_TARGET,
    Repair.PICK_ANOTHER,
)


def readiness(standing: Standing, rung: Rung, *, to: Hashable = None, on: date) -> Readiness:
    """Whether ``standing`` carries an ask of ``rung`` on day ``on``, and if not what to do first.

    Args:
        to: the person asked for, when the ask is for one; a name they offered themselves is
            within reach at any step.

    Advice needs only that contact is welcome: somebody met once may always be asked how they would
    go about it, unless they rest or gave a date.
    """
    checks = _checks(standing, rung, to=to, on=on)
    failed = [c for c in checks if not c.passed]
    instead = _lighter(standing, rung, on=on) if failed else None
    state = (State.READY, State.NEARLY, State.NOT_YET)[min(len(failed), 2)]
    first = min(failed, key=lambda c: _ORDER.index(c.repair or _ORDER[-1]), default=None)
    return Readiness(
        state=state,
        code=f"ask.{state}",
        checks=checks,
        repair=first.repair if first else None,
        repair_facts=first.facts if first else {},
        instead=instead,
    )


def _lighter(standing: Standing, rung: Rung, *, on: date) -> Rung | None:
    lighter = [Rung(n) for n in range(rung - 1, 0, -1)]
    return next(
        (r for r in lighter if all(c.passed for c in _checks(standing, r, to=None, on=on))), None
    )


def _checks(standing: Standing, rung: Rung, *, to: Hashable, on: date) -> tuple[Checked, ...]:
    light = rung is Rung.ADVICE
    return (
        _not_needed(Check.KNOWS_TARGET) if light else _knows_target(standing, on=on),
        _not_needed(Check.BOTH_WAYS) if light else _both_ways(standing, on=on),
        _fresh(standing, on=on, window=not light),
        _not_needed(Check.GIVEN) if light else _given(standing, on=on),
        _fits(standing, rung, to=to),
    )


def _answer(
    check: Check,
    repair: Repair | None,
    *evidence: Hashable,
    facts: Mapping[str, date | int] | None = None,
) -> Checked:
    return Checked(
        check=check,
        passed=repair is None,
        code=f"ask.check.{check}.{'yes' if repair is None else 'no'}",
        evidence=tuple(e for e in evidence if e is not None),
        facts=facts or {},
        repair=repair,
    )


def _not_needed(check: Check) -> Checked:
    return Checked(check=check, passed=True, code=f"ask.check.{check}.not_needed")


def _knows_target(standing: Standing, *, on: date) -> Checked:
    told = standing.target_told_on
    if told is None or told > on:
        return _answer(Check.KNOWS_TARGET, Repair.TELL_TARGET)
    return _answer(Check.KNOWS_TARGET, None, standing.target_told_ref, facts={"on": told})


LAST_CONTACTS = 2  # among these, one must be theirs


def _both_ways(standing: Standing, *, on: date) -> Checked:
    past = sorted((t for t in standing.touches if t.on <= on), key=lambda t: (t.on, t.theirs))
    theirs = [t for t in past[-LAST_CONTACTS:] if t.theirs]
    if not theirs:
        return _answer(Check.BOTH_WAYS, Repair.OFFER)
    last = theirs[-1]
    return _answer(Check.BOTH_WAYS, None, last.ref, facts={"on": last.on})


def _fresh(standing: Standing, *, on: date, window: bool) -> Checked:
    if standing.do_not_contact:
        return _answer(Check.FRESH, Repair.LEAVE_IN_PEACE)
    quiet = [d for d in (standing.resting_until, standing.ask_not_before) if d and d > on]
    if quiet:
        return _answer(Check.FRESH, Repair.LET_REST, facts={"on": max(quiet)})
    if not window:
        return _not_needed(Check.FRESH)
    if standing.opens_on and on < standing.opens_on:
        return _answer(Check.FRESH, Repair.WAIT_UNTIL, facts={"on": standing.opens_on})
    if standing.fades_on and on > standing.fades_on:
        return _answer(Check.FRESH, Repair.RECONNECT, facts={"on": standing.fades_on})
    return _answer(Check.FRESH, None, facts={"on": standing.fades_on} if standing.fades_on else {})


def _given(standing: Standing, *, on: date) -> Checked:
    asked, gave = standing.last_ask_on, standing.given_or_reported_on
    if asked is None or asked > on:
        return _answer(Check.GIVEN, None)
    if gave is not None and asked <= gave <= on:
        return _answer(Check.GIVEN, None, standing.given_or_reported_ref, facts={"on": gave})
    repair = Repair.REPORT if standing.last_ask_helped else Repair.GIVE
    return _answer(Check.GIVEN, repair, standing.last_ask_ref, facts={"on": asked})


def _fits(standing: Standing, rung: Rung, *, to: Hashable) -> Checked:
    if to is not None and to in standing.offered:
        return _answer(Check.FITS, None, to)
    highest = HIGHEST_RUNG[standing.step]
    if highest == 0:
        return _answer(Check.FITS, Repair.GET_ACQUAINTED)
    if rung > highest:
        return _answer(Check.FITS, Repair.ASK_LOWER, facts={"rung": highest})
    if to is not None and rung >= Rung.INTRODUCTION and not standing.may_know:
        return _answer(Check.FITS, Repair.PICK_ANOTHER)
    return _answer(Check.FITS, None, facts={"rung": highest})


COOL_OFF_DAYS: Mapping[Answer, int] = MappingProxyType(
    {Answer.YES: 14, Answer.LATER: 30, Answer.NO: 60}
)
REST_BUSINESS_DAYS = 30  # after an ask that was not answered


def ask_again_on(
    answer: Answer,
    *,
    asked_on: date,
    their_date: date | None = None,
    holidays: Set[date] = frozenset(),
) -> date:
    """The first day on which they may be asked for something again; their own date always wins."""
    if their_date is not None:
        return their_date
    if answer is Answer.NONE:
        return add_business_days(asked_on, REST_BUSINESS_DAYS, holidays)
    return asked_on + timedelta(days=COOL_OFF_DAYS[answer])
