"""The laws of cadence.md 4 for the whole of what a person's facts call for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followups.engine.birthdays import Birthday
from followups.engine.cadence import (
    Direction,
    GivenDate,
    Purpose,
    Rule,
    Rules,
    State,
    Tie,
    Touch,
    TouchKind,
    replay,
)
from followups.engine.sequence import (
    Advice,
    AskAgain,
    Facts,
    Gift,
    Introduction,
    Landed,
    Meeting,
    Outcome,
    Part,
    Promise,
    Referral,
    due,
)
from tests.followups.engine.histories import (
    NOON,
    all_rules,
    any_days,
    any_moments,
    histories,
    near_days,
    near_moments,
    starts,
    touches,
)

ROWS = {"t1", "t2", "r", "d", "i", "p", "f", "a", "g", "k", "o", "m", "l", "b", "ann", "bill", "c2"}


@st.composite
def all_facts(
    draw: st.DrawFn,
    days: st.SearchStrategy[date] = near_days,
    moments: st.SearchStrategy[datetime] = near_moments,
) -> Facts:
    def some(kind, **fields):
        return tuple(draw(st.lists(st.builds(kind, **fields), max_size=2)))

    maybe = st.none() | days
    history = draw(histories(moments))
    start: Tie = draw(starts(moments))
    return Facts(
        tie=replay(history, start=start),
        rules=draw(all_rules(days)),
        touches=tuple(history),
        introductions=some(
            Introduction,
            ref=st.just("i"),
            part=st.sampled_from(Part),
            introducer_ref=st.just("ann"),
            introduced_ref=st.just("bill"),
            wanted_on=maybe,
            asked_on=maybe,
            made_on=maybe,
            acknowledged_on=maybe,
            met_on=maybe,
            looped_on=maybe,
            closed_on=maybe,
        ),
        promises=some(Promise, ref=st.just("p"), by_me=st.booleans(), made_on=days, due_on=maybe),
        referrals=some(Referral, ref=st.just("f"), given_on=days, other_ref=st.just("bill")),
        advice=some(Advice, ref=st.just("a"), given_on=days),
        gifts=some(Gift, ref=st.just("g"), given_on=days, by_me=st.booleans()),
        asks=some(AskAgain, ref=st.just("k"), rung=st.integers(-1, 9), not_before=days),
        outcomes=some(Outcome, ref=st.just("o"), on=days, good=st.booleans()),
        meetings=some(Meeting, ref=st.just("m"), on=days),
        landed=draw(st.none() | st.builds(Landed, ref=st.just("l"), on=days)),
        birthday=draw(
            st.none()
            | st.builds(
                Birthday,
                month=st.integers(0, 13),
                day=st.integers(0, 32),
                year=st.none() | st.integers(1, 9999),
                lead_days=st.integers(-1, 30),
                ref=st.just("b"),
            )
        ),
        reconnect_on=draw(maybe),
        parallel_ref=draw(st.sampled_from(["", "c2"])),
        later=tuple(
            draw(
                st.dictionaries(st.sampled_from([p.value for p in Purpose]), days, max_size=3)
            ).items()
        ),
        open=draw(st.frozensets(st.sampled_from([p.value for p in Purpose]))),
    )


def with_touch(facts: Facts, touch: Touch) -> Facts:
    return replace(facts, tie=facts.tie.after(touch), touches=(*facts.touches, touch))


slow = settings(
    max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow
@given(facts=all_facts(), today=near_days)
def test_at_most_one_follow_up_for_each_purpose_with_its_days_in_order(facts, today):
    planned = due(facts, today=today)
    assert all(count == 1 for count in Counter(p.purpose for p in planned).values())
    for p in planned:
        w = p.window
        assert w.opens_on <= w.best_on <= w.fades_on <= w.quiet_on
        assert w.state is w.state_on(today)


@slow
@given(facts=all_facts(), today=near_days)
def test_every_follow_up_has_reasons_whose_facts_are_rows_that_exist(facts, today):
    for planned in due(facts, today=today):
        assert planned.window.reasons
        assert planned.window.rule in {reason.rule for reason in planned.window.reasons}
        assert planned.introduction_ref in {"", "i"}
        for reason in planned.window.reasons:
            refs = {fact for name, fact in reason.facts.items() if name.endswith("_ref")}
            assert refs <= ROWS


@slow
@given(facts=all_facts(), direction=st.sampled_from([Direction.OUT, Direction.BOTH]))
def test_contact_logged_today_leaves_nothing_due_today_for_what_it_did(facts, direction):
    free = replace(facts, rules=Rules(), later=())
    at = max([NOON, *(touch.at for touch in facts.touches)]) + timedelta(minutes=1)
    kind = TouchKind.MESSAGE if direction is Direction.OUT else TouchKind.TALK
    done = with_touch(free, Touch(at=at, direction=direction, kind=kind, reported=True, give=True))
    today = at.date()
    open_today = {p.purpose for p in due(done, today=today) if p.window.opens_on <= today}
    by_contact = {
        Purpose.NURTURE,
        Purpose.FIRST_CONTACT,
        Purpose.REPLY,
        Purpose.NO_REPLY_2,
        Purpose.RESTING,
        Purpose.MET,
        Purpose.BIRTHDAY,
        Purpose.RECONNECT,
    }
    facts_up_to_today = all(
        day <= today
        for day in [
            *(a.given_on for a in facts.advice),
            *(g.given_on for g in facts.gifts),
            *(o.on for o in facts.outcomes),
        ]
    )
    if facts_up_to_today:
        by_contact |= {Purpose.PROGRESS, Purpose.GIVE, Purpose.OUTCOME}
    assert not open_today & by_contact


@slow
@given(facts=all_facts(), touch=touches())
def test_an_older_touch_never_creates_a_follow_up_that_has_gone_by(facts, touch):
    today = NOON.date()
    latest = max([touch.at, *(t.at for t in facts.touches)])
    if latest == touch.at:
        return
    before = {p.purpose for p in due(facts, today=today)} | {Purpose(p) for p in facts.open}
    for planned in due(with_touch(facts, touch), today=today):
        assert planned.purpose in before or planned.window.quiet_on >= today


@slow
@given(facts=all_facts(), on=near_days, today=near_days)
def test_nothing_of_any_kind_opens_before_the_date_they_gave(facts, on, today):
    given_date = replace(facts, rules=replace(facts.rules, their_date=GivenDate(on=on, ref="d")))
    assert all(p.window.opens_on >= on for p in due(given_date, today=today))


@slow
@given(facts=all_facts(), on=near_days, today=near_days)
def test_nothing_of_any_kind_opens_during_a_pause(facts, on, today):
    paused = replace(facts, rules=replace(facts.rules, paused_until=on))
    assert all(p.window.opens_on >= on for p in due(paused, today=today))


@slow
@given(facts=all_facts(), today=near_days)
def test_what_was_put_off_is_never_planned_earlier(facts, today):
    later = dict(facts.later)
    for planned in due(facts, today=today):
        assert planned.window.opens_on >= later.get(planned.purpose, date.min)


@slow
@given(facts=all_facts(), today=near_days)
def test_two_unanswered_rest_whatever_else_happens(facts, today):
    last = max([NOON, *(touch.at for touch in facts.touches)])
    silent = facts
    for days in (2, 4, 6):  # the first may be the answer they wait for
        silent = with_touch(
            silent, Touch(at=last + timedelta(days=days), direction=Direction.OUT, ref="t1")
        )
    resting = [p for p in due(silent, today=last.date()) if p.purpose is Purpose.RESTING]
    assert len(resting) == 1
    rest_on = last.date() + timedelta(days=6 + 42 - 2)
    assert all(p.window.opens_on >= rest_on for p in due(silent, today=last.date()))
    heard = with_touch(silent, Touch(at=last + timedelta(days=7), direction=Direction.IN, ref="t2"))
    purposes = {p.purpose for p in due(heard, today=last.date())}
    assert Purpose.RESTING not in purposes
    assert all(
        reason.rule is not Rule.RESTING
        for p in due(heard, today=last.date())
        for reason in p.window.reasons
    )


@settings(slow, max_examples=150)
@given(facts=all_facts(any_days, any_moments), today=any_days)
def test_nothing_a_database_can_hold_makes_it_raise(facts, today):
    for planned in due(facts, today=today):
        assert planned.window.state in State
        assert planned.window.opens_on <= planned.window.quiet_on


@slow
@given(facts=all_facts(), today=near_days)
def test_the_same_facts_give_the_same_plan_in_any_order(facts, today):
    turned = replace(
        facts,
        touches=facts.touches[::-1],
        introductions=facts.introductions[::-1],
        promises=facts.promises[::-1],
        referrals=facts.referrals[::-1],
        advice=facts.advice[::-1],
        gifts=facts.gifts[::-1],
        asks=facts.asks[::-1],
        outcomes=facts.outcomes[::-1],
        meetings=facts.meetings[::-1],
    )
    assert due(turned, today=today) == due(facts, today=today)
