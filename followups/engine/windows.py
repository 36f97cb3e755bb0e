"""The window of the next touch, and which rule gave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from followups.engine.business_days import past_spans
from followups.engine.pace import best_gap_days, rest_days
from followups.engine.rules import Rhythm, Rules
from followups.engine.tie import Tie
from followups.engine.values import (
    Fact,
    Purpose,
    Reason,
    Ring,
    Rule,
    State,
    Window,
    local_day,
    moment,
    plus,
)

# Days a first contact and a date they gave stay good, and until they are quiet; craft.
FIRST_FADES_DAYS, FIRST_QUIET_DAYS = 30, 90
GIVEN_FADES_DAYS, GIVEN_QUIET_DAYS = 14, 45


def next_purpose(tie: Tie) -> Purpose:
    """Return what the next touch is for, as far as the touches alone can tell."""
    if tie.last is None:
        return Purpose.FIRST_CONTACT
    if tie.run >= 2:
        return Purpose.RESTING
    if tie.run == 1 and tie.presses:
        return Purpose.NO_REPLY_2
    return Purpose.REPLY if tie.waiting else Purpose.NURTURE


def window(tie: Tie, *, at: datetime, rules: Rules) -> Window | None:
    """Return when the next touch is welcome, or None for people who are left in peace.

    The dates do not depend on ``at``, only the state does: a plan made again tomorrow is the same
    plan.
    """
    if rules.silent or tie.ring is Ring.D:
        return None
    today = local_day(at, rules.zone)
    return bound(_by_touches(tie, rules, today), rules=rules, today=today)


def bound(window: Window, *, rules: Rules, today: date) -> Window:
    """Return ``window`` under the rules that outrank every purpose: their date, then a pause."""
    given = rules.their_date
    if given is not None:
        reason = Reason(
            code="date.theirs",
            rule=Rule.THEIR_DATE,
            facts=_facts(date=given.on, given_ref=given.ref),
            setting="their_date",
        )
        window = window.not_before(given.on, today=today, reason=reason)
    if rules.paused_until is not None:
        reason = Reason(
            code="date.paused",
            rule=Rule.PAUSED,
            facts={"date": rules.paused_until},
            setting="pause",
        )
        window = window.not_before(rules.paused_until, today=today, reason=reason)
    return window


def shut(
    *,
    opens_on: date,
    best_on: date,
    fades_on: date,
    quiet_on: date,
    today: date,
    rule: Rule,
    reasons: tuple[Reason, ...],
) -> Window:
    """Return a window with its days put in order and its state on ``today``."""
    best_on = max(best_on, opens_on)
    fades_on = max(fades_on, best_on)
    made = Window(
        opens_on=opens_on,
        best_on=best_on,
        fades_on=fades_on,
        quiet_on=max(quiet_on, fades_on),
        state=State.GOOD,
        rule=rule,
        reasons=reasons,
    )
    return made.today(today)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """The spacing of ordinary contact: days since the last, and where they come from."""

    opens: int
    best_on: date
    fades: int
    quiet: int
    rhythm: Rhythm | None = None  # the owner's own; none: the engine's
    speed: str = ""  # "faster" or "slower" than usual, by how they answer

    def rule(self, rules: Rules) -> Rule:
        if self.rhythm is None:
            return Rule.ENGINE
        return Rule.TAG_RHYTHM if rules.person_rhythm is None else Rule.PERSON_RHYTHM


def _by_touches(tie: Tie, rules: Rules, today: date) -> Window:
    purpose = next_purpose(tie)
    if purpose is Purpose.FIRST_CONTACT:
        return _first(tie, rules, today)
    if purpose is Purpose.REPLY:
        return _reply(tie, rules, today)
    if purpose is Purpose.NURTURE:
        return _nurture(tie, rules, today)
    return _unanswered(tie, rules, today)


def _first(tie: Tie, rules: Rules, today: date) -> Window:
    added_on = local_day(moment(tie.started), rules.zone)
    start_on = _settle(rules.start_on or added_on, rules)
    reason = Reason(
        code="date.first_contact",
        rule=Rule.ENGINE,
        facts={"connected_on" if rules.connected else "added_on": added_on, "date": start_on},
        setting="daily_number",
    )
    return shut(
        opens_on=start_on,
        best_on=start_on,
        fades_on=plus(start_on, FIRST_FADES_DAYS),
        quiet_on=plus(start_on, FIRST_QUIET_DAYS),
        today=today,
        rule=Rule.ENGINE,
        reasons=(reason,),
    )


def _reply(tie: Tie, rules: Rules, today: date) -> Window:
    heard_on = _heard_on(tie, rules)
    reason = Reason(
        code="date.reply_owed",
        rule=Rule.COURTESY,
        facts=_facts(heard_on=heard_on, touch_ref=_ref(tie)),
    )
    return shut(
        opens_on=heard_on,
        best_on=rules.calendar.after(heard_on, 1),
        fades_on=rules.calendar.after(heard_on, 3),
        quiet_on=rules.calendar.after(heard_on, 10),
        today=today,
        rule=Rule.COURTESY,
        reasons=(reason,),
    )


def _nurture(tie: Tie, rules: Rules, today: date) -> Window:
    since_on = _since_on(tie, rules)
    pace = _pace(tie, rules, since_on)
    opens_on = _silence(tie, rules)[0] if tie.run else _opens_after_contact(tie, rules, pace)
    best_on = _settle(max(pace.best_on, opens_on), rules)
    fades_on, quiet_on = plus(since_on, pace.fades), plus(since_on, pace.quiet)
    if pace.rhythm is None:
        gone_on = plus(_last_on(tie, rules), tie.constants.rhythm_ceiling * tie.rhythm_days())
        fades_on, quiet_on = min(fades_on, gone_on), min(quiet_on, gone_on)
    fades_on = max(fades_on, best_on)
    reasons = _pace_reasons(tie, rules, pace, since_on)
    rule, setting = reasons[0].rule, reasons[0].setting
    facts: dict[str, Fact] = {"date": fades_on}
    reasons.append(Reason(code="date.window_closing", rule=rule, facts=facts, setting=setting))
    return shut(
        opens_on=opens_on,
        best_on=best_on,
        fades_on=fades_on,
        quiet_on=quiet_on,
        today=today,
        rule=rule,
        reasons=tuple(reasons),
    )


def _unanswered(tie: Tie, rules: Rules, today: date) -> Window:
    c = tie.constants
    wrote_on = local_day(moment(tie.attempted), rules.zone)
    opens_on, rest = _silence(tie, rules)
    if tie.run == 1:
        after = rules.calendar.after
        tenth_on = after(wrote_on, 10)
        reason = Reason(
            code="date.too_soon",
            rule=Rule.COURTESY,
            facts=_facts(wrote_on=wrote_on, date=opens_on, touch_ref=_ref(tie)),
        )
        return shut(
            opens_on=opens_on,
            best_on=opens_on,
            fades_on=max(tenth_on, plus(opens_on, 4)),
            quiet_on=max(after(tenth_on, 10), plus(opens_on, 18)),
            today=today,
            rule=Rule.COURTESY,
            reasons=(reason,),
        )
    longer = rest / c.resting_opens_days
    reason = Reason(
        code="date.resting",
        rule=Rule.RESTING,
        facts=_facts(unanswered=tie.run, wrote_on=wrote_on, date=opens_on, touch_ref=_ref(tie)),
    )
    quiet_on = plus(wrote_on, c.resting_quiet_days * longer)
    return shut(
        opens_on=opens_on,
        best_on=_settle(plus(wrote_on, c.resting_best_days * longer), rules),
        fades_on=quiet_on,
        quiet_on=quiet_on,
        today=today,
        rule=Rule.RESTING,
        reasons=(reason,),
    )


def _opens_after_contact(tie: Tie, rules: Rules, pace: _Pace) -> date:
    """Return the opening day of a tie that owes nothing to silence.

    What would have been welcome in silence is welcome after an answer, from the next day on: an
    answer never makes the window open later (law 2).
    """
    opens_on = _settle(plus(_since_on(tie, rules), pace.opens), rules)
    tomorrow = plus(_last_on(tie, rules), 1)
    if tie.before_answer is None or opens_on <= tomorrow:
        return opens_on
    tomorrow = _settle(tomorrow, rules)
    return min(opens_on, max(_silence(tie.before_answer, rules)[0], tomorrow))


def _silence(tie: Tie, rules: Rules) -> tuple[date, float]:
    """Return the opening day of a tie with an unanswered run, and the days of rest before it.

    Never sooner than it would have been without the messages that were not answered (law 2).
    """
    wrote_on = local_day(moment(tie.attempted), rules.zone)
    rest = 0.0
    if tie.run == 1 and tie.presses:
        opens_on = rules.calendar.after(wrote_on, tie.constants.nudge_business_days)
    else:
        pace = _pace(tie, rules, wrote_on)
        opens = float(pace.opens)
        if tie.run > 1:
            ordinary = (pace.best_on - wrote_on).days
            rest = rest_days(tie.run, ordinary_days=ordinary, constants=tie.constants)
            opens = max(opens, rest)
        opens_on = plus(wrote_on, opens)
    before = tie.before_run
    if before is not None and before.anchor is not None:
        before_on = _since_on(before, rules)
        opens_on = max(opens_on, plus(before_on, _pace(before, rules, before_on).opens))
    return _settle(opens_on, rules), rest


def _pace(tie: Tie, rules: Rules, since_on: date) -> _Pace:
    c = tie.constants
    rhythm = rules.rhythm
    speed = ""
    if rhythm is not None:
        best_on = rhythm.next_after(since_on)
        days = rhythm.days_round((best_on - since_on).days)
        scale = 1.0
    else:
        days = rules.days_of(tie.ring)
        gap = best_gap_days(tie, price=rules.price, prior_days=days.best)
        if tie.answers >= c.answers_to_judge:
            typical = tie.typical_answer_days()
            if typical <= c.fast_answer_days:
                gap, speed = gap * c.fast_factor, "faster"
            elif typical >= c.slow_answer_days:
                gap, speed = gap * c.slow_factor, "slower"
        best_on = plus(since_on, round(gap))
        scale = gap / max(days.best, 1)
    opens = days.opens * scale * (c.ask_factor if tie.asked else 1.0)
    return _Pace(
        opens=max(round(opens), 1),
        best_on=best_on,
        fades=round(days.fades * scale),
        quiet=round(days.quiet * scale),
        rhythm=rhythm,
        speed=speed,
    )


def _pace_reasons(tie: Tie, rules: Rules, pace: _Pace, since_on: date) -> list[Reason]:
    """Return why ordinary contact has this spacing, the decisive reason first."""
    rule = pace.rule(rules)
    last: dict[str, Fact] = _facts(last_on=since_on, touch_ref=_ref(tie))
    if pace.rhythm is None:
        setting, code = "ring", "date.window_best"
    else:
        setting = "tag_rhythm" if rule is Rule.TAG_RHYTHM else "person_rhythm"
        code = "date.tag_rhythm" if rule is Rule.TAG_RHYTHM else "date.rhythm"
        tag = pace.rhythm.tag if rule is Rule.TAG_RHYTHM else ""
        last |= _facts(date=pace.best_on, rhythm_ref=pace.rhythm.ref, tag=tag)
    reasons = [Reason(code=code, rule=rule, facts=last, setting=setting)]
    if pace.speed:
        reasons.append(Reason(code=f"date.{pace.speed}", rule=rule, setting=setting))
    if tie.asked:
        reasons.append(Reason(code="date.after_ask", rule=rule, setting="ask"))
    return reasons


def _settle(day: date, rules: Rules) -> date:
    """Return the first day on or after ``day`` on which the owner writes and they are not busy."""
    weekdays = rules.weekdays or frozenset(range(7))
    while True:
        free = past_spans(day, rules.busy)
        if (free.weekday() in weekdays and free not in rules.calendar.holidays) or (
            free == date.max
        ):
            return free
        day = plus(free, 1)


def _since_on(tie: Tie, rules: Rules) -> date:
    """Return the day ordinary gaps are counted from: an unanswered message, else the anchor."""
    since = tie.attempted if tie.run else tie.anchor
    return local_day(moment(tie.last_day if since is None else since), rules.zone)


def _last_on(tie: Tie, rules: Rules) -> date:
    return local_day(moment(tie.last_day), rules.zone)


def _heard_on(tie: Tie, rules: Rules) -> date:
    return local_day(moment(tie.last_day if tie.heard is None else tie.heard), rules.zone)


def _ref(tie: Tie) -> str:
    return tie.last.ref if tie.last else ""


def _facts(**facts: Fact) -> dict[str, Fact]:
    """Return the facts that say something; an empty reference is left out."""
    return {name: fact for name, fact in facts.items() if fact != ""}
