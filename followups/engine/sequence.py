"""The nineteen stages as data, and the follow-ups a person's facts call for.

``due`` is the whole of the planner's thinking: frozen facts in, planned follow-ups out, at most
one per purpose. It is idempotent and does not read the clock; the shell makes the open rows match.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import Enum

from followups.engine.birthdays import Birthday, birthday_window
from followups.engine.rules import Rules
from followups.engine.tie import Tie
from followups.engine.values import (
    Direction,
    Fact,
    Purpose,
    Reason,
    Rule,
    Touch,
    TouchKind,
    Window,
    local_day,
    plus,
)
from followups.engine.windows import bound, next_purpose, shut, window


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Days after the event that starts a stage, in business days or else in calendar days."""

    opens: int
    best: int
    fades: int
    quiet: int
    business: bool = True


# ux.md 1.2, craft, each row with its sources there. "Quiet" is ours: past it a courtesy would only
# remind people that it came late.
STAGES = {
    Purpose.INTRO_WANTED: Stage(opens=0, best=0, fades=2, quiet=5),
    Purpose.INTRODUCED: Stage(opens=0, best=0, fades=1, quiet=2, business=False),
    Purpose.THANK_INTRODUCER: Stage(opens=0, best=0, fades=1, quiet=5),
    Purpose.NO_REPLY_1: Stage(opens=3, best=3, fades=6, quiet=7),
    Purpose.MEETING_SET: Stage(opens=-1, best=-1, fades=0, quiet=0, business=False),
    Purpose.MET: Stage(opens=0, best=0, fades=1, quiet=7, business=False),
    Purpose.LOOP_INTRODUCER_1: Stage(opens=0, best=1, fades=5, quiet=15),
    Purpose.PROGRESS: Stage(opens=10, best=14, fades=20, quiet=40),
    Purpose.GIVE: Stage(opens=5, best=15, fades=30, quiet=60),
    Purpose.ACT_ON_LEAD: Stage(opens=0, best=1, fades=2, quiet=10),
    Purpose.OUTCOME: Stage(opens=0, best=2, fades=5, quiet=15),
    Purpose.LANDED: Stage(opens=0, best=3, fades=10, quiet=20),
    Purpose.SETTLED: Stage(opens=0, best=0, fades=14, quiet=30, business=False),
    Purpose.PROMISE: Stage(opens=-2, best=0, fades=0, quiet=20),
    Purpose.ASK_ADVICE: Stage(opens=0, best=0, fades=20, quiet=40),
}
# An introduction that was asked for: one nudge at 5 business days, let go at 10.
INTRO_NUDGE = Stage(opens=5, best=5, fades=10, quiet=15)
# An introduction that led to nothing yet: the introducer hears at 5 to 7 business days.
LOOP_UNMET = Stage(opens=5, best=7, fades=10, quiet=20)
GOOD_OUTCOME = Stage(opens=0, best=0, fades=5, quiet=15)
# What they promised is asked after a few days' grace.
THEIR_PROMISE = Stage(opens=3, best=5, fades=15, quiet=30)
SETTLED_AFTER_DAYS = (30, 90)
ASK_BY_RUNG = {
    1: Purpose.ASK_ADVICE,
    2: Purpose.ASK_INFO,
    3: Purpose.ASK_ADVICE,
    4: Purpose.ASK_INTRO,
    5: Purpose.ASK_REFERRAL,
}


class Part(Enum):
    """This person's part in an introduction in which the owner was passed along."""

    INTRODUCER = "introducer"
    INTRODUCED = "introduced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """The days of one introduction, as far as it has come. Refs are row ids."""

    ref: str
    part: Part
    introducer_ref: str
    introduced_ref: str
    wanted_on: date | None = None
    asked_on: date | None = None
    made_on: date | None = None
    acknowledged_on: date | None = None  # the owner answered the introduced
    met_on: date | None = None
    looped_on: date | None = None  # the introducer heard what came of it
    closed_on: date | None = None  # closed, declined or let go


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    ref: str
    by_me: bool
    made_on: date
    due_on: date | None = None  # none: within five business days


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A name they gave, not yet used."""

    ref: str
    given_on: date
    other_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Advice, information or a second look they gave."""

    ref: str
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """Something one gave the other."""

    ref: str
    given_on: date
    by_me: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAgain:
    """An ask that was answered with "later"."""

    ref: str
    rung: int  # 1 to 5
    not_before: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An interview, an offer or a no, that this person helped towards and has not heard of."""

    ref: str
    on: date
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """An accepted offer."""

    ref: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """An agreed date."""

    ref: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything about one person that dates follow from.

    ``touches`` in any order; only those that count as contact. ``tie`` is ``replay`` of them.
    ``later`` holds, per purpose, the first day the owner wants to see it again. ``open`` names the
    purposes that have an open follow-up: a window that has gone by is kept while open and never
    created (law 4).
    """

    tie: Tie
    rules: Rules
    touches: tuple[Touch, ...] = ()
    introductions: tuple[Introduction, ...] = ()
    promises: tuple[Promise, ...] = ()
    referrals: tuple[Referral, ...] = ()
    advice: tuple[Advice, ...] = ()
    gifts: tuple[Gift, ...] = ()
    asks: tuple[AskAgain, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    landed: Landed | None = None
    birthday: Birthday | None = None
    reconnect_on: date | None = None  # gone quiet: the day of their turn (reconnect.py)
    parallel_ref: str = ""  # somebody else known at the same organisation
    later: tuple[tuple[str, date], ...] = ()
    open: frozenset[str] = field(default_factory=frozenset)
    seen_to: frozenset[tuple[str, str]] = field(default_factory=frozenset)  # purpose, occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One follow-up that ought to be open.

    ``occasion`` names what it answers (a message, an introduction, a promise): with another
    occasion it is another follow-up, and one the owner has seen to is not planned again.
    """

    purpose: Purpose
    window: Window
    introduction_ref: str = ""

    @property
    def occasion(self) -> str:
        holding = _HOLDING - {Rule.RESTING} if self.purpose is Purpose.RESTING else _HOLDING
        own = next((r for r in self.window.reasons if r.rule not in holding), None)
        facts = (own or self.window.reasons[-1]).facts
        ref = next((str(facts[name]) for name in _OCCASIONS if name in facts), "")
        times: tuple[str, ...] = ("days",)
        if self.purpose in (Purpose.BIRTHDAY, Purpose.RECONNECT):
            times = ("date",)
        elif own is not None and own.code == "date.ended":  # the same row told better news before
            times = ("on",)
        return " ".join([ref, *(str(facts[name]) for name in times if name in facts)])


# Rules that only hold a window shut; what it answers is told by the reason they stand before.
_HOLDING = frozenset({Rule.NO_CONTACT, Rule.PAUSED, Rule.LATER, Rule.THEIR_DATE, Rule.RESTING})
# The row a follow-up answers.
_OCCASIONS = (
    "promise_ref",
    "referral_ref",
    "advice_ref",
    "give_ref",
    "ask_ref",
    "outcome_ref",
    "landed_ref",
    "meeting_ref",
    "introduction_ref",
    "touch_ref",
    "other_ref",
    "contact_ref",
)


def due(facts: Facts, *, today: date) -> tuple[Planned, ...]:
    """Return the follow-ups this person's facts call for, in the order of their best days.

    At most one per purpose: of several, the one that fades first. Nobody who is parked or not to
    be contacted gets any.
    """
    rules = facts.rules
    at = datetime.combine(today, time(12), tzinfo=rules.zone)
    main = window(facts.tie, at=at, rules=rules)
    if main is None:
        return ()
    later = dict(facts.later)
    chosen: dict[Purpose, Planned] = {}
    for planned in _candidates(facts, main, today):
        if facts.seen_to and (planned.purpose.value, planned.occasion) in facts.seen_to:
            continue
        held = _held(planned, facts, main, later.get(planned.purpose), today)
        over = held.window.quiet_on < today
        if over and (planned.purpose not in facts.open or planned.purpose is Purpose.RECONNECT):
            continue
        best = chosen.get(planned.purpose)
        if best is None or _urgency(held) < _urgency(best):
            chosen[planned.purpose] = held
    if Purpose.INTRODUCED in chosen:
        chosen.pop(Purpose.FIRST_CONTACT, None)
    return tuple(sorted(chosen.values(), key=lambda p: (p.window.best_on, p.purpose)))


def _urgency(planned: Planned) -> tuple[date, date, str, str]:
    w = planned.window
    return w.fades_on, w.best_on, planned.introduction_ref, repr(w.reasons)


def _held(planned: Planned, facts: Facts, main: Window, later: date | None, today: date) -> Planned:
    """Return ``planned`` under what outranks it: rest, their date, the owner's "later", a pause."""
    made = planned.window
    if facts.tie.run >= 2 and planned.purpose is not Purpose.RESTING:
        resting = next(reason for reason in main.reasons if reason.rule is Rule.RESTING)
        made = made.not_before(main.opens_on, today=today, reason=resting)
    made = bound(made, rules=facts.rules, today=today)
    if later is not None:
        reason = Reason(code="date.later", rule=Rule.LATER, facts={"date": later}, setting="later")
        made = made.not_before(later, today=today, reason=reason)
    return planned if made is planned.window else replace(planned, window=made)


def _candidates(facts: Facts, main: Window, today: date) -> Iterator[Planned]:
    yield Planned(purpose=next_purpose(facts.tie), window=main)
    yield from _introductions(facts, today)
    yield from _after_meetings(facts, today)
    yield from _owed(facts, today)
    yield from _endings(facts, today)
    if facts.parallel_ref and facts.tie.run == 1 and facts.tie.heard is None and facts.tie.last:
        wrote_on = local_day(facts.tie.last.at, facts.rules.zone)
        yield _stage(
            Purpose.NO_REPLY_1,
            wrote_on,
            facts,
            today,
            "date.parallel",
            {"wrote_on": wrote_on, "other_ref": facts.parallel_ref},
        )
    if facts.reconnect_on is not None and facts.tie.last is not None and main.fades_on < today:
        yield Planned(purpose=Purpose.RECONNECT, window=_turn(facts, facts.reconnect_on, today))
    if facts.birthday is not None:
        touched = frozenset(
            local_day(touch.at, facts.rules.zone)
            for touch in facts.touches
            if touch.direction is not Direction.IN
        )
        made = birthday_window(facts.birthday, today=today, touched=touched)
        if made is not None:
            yield Planned(purpose=Purpose.BIRTHDAY, window=made)


def _turn(facts: Facts, turn_on: date, today: date) -> Window:
    """Return the window of somebody gone quiet: from their turn to the end of that week."""
    last = facts.tie.last
    told: dict[str, Fact] = {"date": turn_on}
    if last is not None:
        told["last_on"] = local_day(last.at, facts.rules.zone)
        if last.ref:
            told["touch_ref"] = last.ref
    sunday = plus(turn_on, 6 - turn_on.weekday())
    return shut(
        opens_on=turn_on,
        best_on=turn_on,
        fades_on=sunday,
        quiet_on=sunday,
        today=today,
        rule=Rule.ENGINE,
        reasons=(
            Reason(code="date.gone_quiet", rule=Rule.ENGINE, facts=told, setting="reconnect"),
        ),
    )


def _introductions(facts: Facts, today: date) -> Iterator[Planned]:
    for intro in facts.introductions:
        if intro.closed_on is not None and intro.met_on is None:
            continue
        names: dict[str, Fact] = {
            "introduction_ref": intro.ref,
            "introducer_ref": intro.introducer_ref,
            "introduced_ref": intro.introduced_ref,
        }
        ref = intro.ref
        if intro.part is Part.INTRODUCED:
            if intro.made_on and not intro.acknowledged_on and not _wrote(facts, intro.made_on):
                told = names | {"made_on": intro.made_on}
                code = "date.intro_fresh"
                yield _stage(Purpose.INTRODUCED, intro.made_on, facts, today, code, told, ref=ref)
            continue
        if intro.made_on is None:
            started_on = intro.asked_on or intro.wanted_on
            if started_on is not None:
                yield _stage(
                    Purpose.INTRO_WANTED,
                    started_on,
                    facts,
                    today,
                    "date.intro_waiting" if intro.asked_on else "date.intro_wanted",
                    names | {"since_on": started_on},
                    stage=INTRO_NUDGE if intro.asked_on else None,
                    ref=ref,
                )
            continue
        made = names | {"made_on": intro.made_on}
        if not _wrote(facts, intro.made_on):
            code = "date.thank_introducer"
            yield _stage(Purpose.THANK_INTRODUCER, intro.made_on, facts, today, code, made, ref=ref)
        since_on = intro.met_on or intro.made_on
        if intro.looped_on is None and not _reported(facts, since_on):
            yield _stage(
                Purpose.LOOP_INTRODUCER_1,
                since_on,
                facts,
                today,
                "date.loop",
                made | ({"met_on": intro.met_on} if intro.met_on else {}),
                stage=None if intro.met_on else LOOP_UNMET,
                ref=ref,
            )


def _after_meetings(facts: Facts, today: date) -> Iterator[Planned]:
    for meeting in facts.meetings:
        if meeting.on >= today:
            told: dict[str, Fact] = {"meeting_ref": meeting.ref, "date": meeting.on}
            yield _stage(Purpose.MEETING_SET, meeting.on, facts, today, "date.meeting", told)
    met = [touch for touch in facts.touches if touch.kind is TouchKind.MEETING]
    if met:
        latest = max(met, key=Touch.order)
        thanked = any(
            touch.is_after(latest) and touch.direction is not Direction.IN
            for touch in facts.touches
        )
        if not thanked:
            met_on = local_day(latest.at, facts.rules.zone)
            told = {"met_on": met_on}
            if latest.ref:
                told["touch_ref"] = latest.ref
            yield _stage(Purpose.MET, met_on, facts, today, "date.thanks", told)


def _owed(facts: Facts, today: date) -> Iterator[Planned]:
    after = facts.rules.calendar.after
    for promise in facts.promises:
        due_on = promise.due_on or after(promise.made_on, 5)
        yield _stage(
            Purpose.PROMISE,
            due_on,
            facts,
            today,
            "date.promised" if promise.by_me else "date.promised_theirs",
            {"promise_ref": promise.ref, "date": due_on},
            stage=None if promise.by_me else THEIR_PROMISE,
        )
    for referral in facts.referrals:
        told: dict[str, Fact] = {"referral_ref": referral.ref, "given_on": referral.given_on}
        if referral.other_ref:
            told["other_ref"] = referral.other_ref
        yield _stage(Purpose.ACT_ON_LEAD, referral.given_on, facts, today, "date.unused", told)
    for advice in facts.advice:
        if not _reported(facts, advice.given_on):
            told = {"advice_ref": advice.ref, "given_on": advice.given_on}
            yield _stage(Purpose.PROGRESS, advice.given_on, facts, today, "date.progress", told)
    gave_on = [gift.given_on for gift in facts.gifts if gift.by_me]
    gave_on += [
        local_day(touch.at, facts.rules.zone)
        for touch in facts.touches
        if touch.give and touch.direction is not Direction.IN
    ]
    for gift in facts.gifts:
        if not gift.by_me and not any(day >= gift.given_on for day in gave_on):
            told = {"give_ref": gift.ref, "given_on": gift.given_on}
            yield _stage(Purpose.GIVE, gift.given_on, facts, today, "date.give", told)
    for ask in facts.asks:
        told = {"ask_ref": ask.ref, "date": ask.not_before}
        stage = STAGES[Purpose.ASK_ADVICE]
        purpose = ASK_BY_RUNG[min(max(ask.rung, 1), 5)]
        code = "date.ask_again"
        yield _stage(purpose, ask.not_before, facts, today, code, told, stage=stage)


def _endings(facts: Facts, today: date) -> Iterator[Planned]:
    for outcome in facts.outcomes:
        if not _reported(facts, outcome.on):
            yield _stage(
                Purpose.OUTCOME,
                outcome.on,
                facts,
                today,
                "date.outcome" if outcome.good else "date.ended",
                {"outcome_ref": outcome.ref, "on": outcome.on},
                stage=GOOD_OUTCOME if outcome.good else None,
            )
    if facts.landed is not None:
        told: dict[str, Fact] = {"landed_ref": facts.landed.ref, "on": facts.landed.on}
        if not _wrote(facts, facts.landed.on):
            yield _stage(Purpose.LANDED, facts.landed.on, facts, today, "date.landed", told)
        for days in SETTLED_AFTER_DAYS:
            settled_on = plus(facts.landed.on, days)
            if not _wrote(facts, settled_on):
                told = told | {"days": days}
                yield _stage(Purpose.SETTLED, settled_on, facts, today, "date.settled", told)


def _stage(
    purpose: Purpose,
    start_on: date,
    facts: Facts,
    today: date,
    code: str,
    told: dict[str, Fact],
    *,
    stage: Stage | None = None,
    ref: str = "",
) -> Planned:
    spans = stage or STAGES[purpose]
    opens_on = _moved(start_on, spans.opens, spans, facts)
    best_on = _moved(opens_on, spans.best - spans.opens, spans, facts)
    fades_on = _moved(best_on, spans.fades - spans.best, spans, facts)
    made = shut(
        opens_on=opens_on,
        best_on=best_on,
        fades_on=fades_on,
        quiet_on=_moved(fades_on, spans.quiet - spans.fades, spans, facts),
        today=today,
        rule=Rule.COURTESY,
        reasons=(Reason(code=code, rule=Rule.COURTESY, facts=told),),
    )
    return Planned(purpose=purpose, window=made, introduction_ref=ref)


def _moved(day: date, days: int, spans: Stage, facts: Facts) -> date:
    if not spans.business:
        return plus(day, days)
    calendar = facts.rules.calendar
    return calendar.after(day, days) if days >= 0 else calendar.before(day, -days)


def _wrote(facts: Facts, since_on: date) -> bool:
    """Whether the owner has reached out on or after ``since_on``."""
    return any(
        touch.direction is not Direction.IN and local_day(touch.at, facts.rules.zone) >= since_on
        for touch in facts.touches
    )


def _reported(facts: Facts, since_on: date) -> bool:
    """Whether the owner has told, on or after ``since_on``, what came of their help."""
    return any(
        touch.reported
        and touch.direction is not Direction.IN
        and local_day(touch.at, facts.rules.zone) >= since_on
        for touch in facts.touches
    )
