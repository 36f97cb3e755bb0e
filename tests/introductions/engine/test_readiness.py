from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from introductions.engine.readiness import (
    Answer,
    Check,
    Repair,
    Rung,
    Standing,
    State,
    Touch,
    ask_again_on,
    readiness,
)

TODAY = date(2026, 11, 17)


def ago(days):
    return TODAY - timedelta(days=days)


# Everything right for a person who knows my work.
FINE = Standing(
    step=3,
    target_told_on=ago(34),
    target_told_ref="told",
    touches=(Touch(on=ago(14), theirs=True, ref="coffee"), Touch(on=ago(3), theirs=False)),
    opens_on=ago(1),
    fades_on=TODAY + timedelta(days=10),
    last_ask_on=ago(14),
    last_ask_ref="ask",
    last_ask_helped=True,
    given_or_reported_on=ago(3),
    given_or_reported_ref="report",
)
BROKEN = {
    Check.KNOWS_TARGET: ({"target_told_on": None}, Repair.TELL_TARGET),
    Check.BOTH_WAYS: ({"touches": (Touch(on=ago(3), theirs=False),)}, Repair.OFFER),
    Check.FRESH: ({"opens_on": TODAY + timedelta(days=1)}, Repair.WAIT_UNTIL),
    Check.GIVEN: ({"given_or_reported_on": ago(15)}, Repair.REPORT),
    Check.FITS: ({"step": 2}, Repair.ASK_LOWER),
}


def test_five_checks_passed_is_ready_with_evidence_and_no_repair():
    found = readiness(FINE, Rung.INTRODUCTION, to="bob", on=TODAY)
    assert (found.state, found.code, found.repair, found.instead) == (
        State.READY,
        "ask.ready",
        None,
        None,
    )
    assert [c.check for c in found.checks] == list(Check)
    assert found.checks[0].evidence == ("told",)
    assert found.checks[1].evidence == ("coffee",)
    assert found.checks[3].evidence == ("report",)
    assert not found.needs_confirmation


@pytest.mark.parametrize("check", list(Check))
def test_one_check_missing_is_nearly_with_its_repair(check):
    change, repair = BROKEN[check]
    found = readiness(replace(FINE, **change), Rung.INTRODUCTION, to="bob", on=TODAY)
    assert (found.state, found.repair) == (State.NEARLY, repair)
    assert [c.check for c in found.checks if not c.passed] == [check]
    assert found.needs_confirmation


def test_two_or_more_missing_is_not_yet_with_exactly_one_repair():
    for broken in product([False, True], repeat=5):
        changes = [BROKEN[c] for c, b in zip(Check, broken, strict=True) if b]
        if len(changes) < 2:
            continue
        standing = FINE
        for change, _ in changes:
            standing = replace(standing, **change)
        found = readiness(standing, Rung.INTRODUCTION, to="bob", on=TODAY)
        assert found.state is State.NOT_YET
        assert found.repair in {repair for _, repair in changes}


def test_before_the_window_the_date_it_opens_is_the_repair():
    opens = TODAY + timedelta(days=5)
    found = readiness(replace(FINE, opens_on=opens), Rung.INTRODUCTION, on=TODAY)
    assert (found.repair, found.repair_facts) == (Repair.WAIT_UNTIL, {"on": opens})
    assert readiness(replace(FINE, opens_on=TODAY), Rung.INTRODUCTION, on=TODAY).repair is None


def test_after_the_window_write_first_without_a_request():
    assert readiness(FINE, Rung.INTRODUCTION, on=FINE.fades_on).state is State.READY
    late = readiness(FINE, Rung.INTRODUCTION, on=FINE.fades_on + timedelta(days=1))
    assert late.repair is Repair.RECONNECT


def test_a_referral_from_somebody_just_introduced_is_not_yet_and_advice_is_offered():
    new = Standing(step=1, touches=(Touch(on=ago(1), theirs=True),))
    found = readiness(new, Rung.REFERRAL, to="bob", on=TODAY)
    assert (found.state, found.code) == (State.NOT_YET, "ask.not_yet")
    assert sum(not c.passed for c in found.checks) == 2
    assert found.instead is Rung.ADVICE
    assert (found.repair, found.repair_facts) == (Repair.ASK_LOWER, {"rung": 1})


@pytest.mark.parametrize(("step", "highest"), [(0, 0), (1, 1), (2, 3), (3, 4), (4, 5), (5, 5)])
def test_each_step_carries_its_rungs(step, highest):
    for rung in Rung:
        fits = readiness(replace(FINE, step=step), rung, on=TODAY).checks[-1]
        assert fits.passed is (rung <= highest)


def test_a_name_they_offered_themselves_is_within_reach_at_any_step():
    for step in range(6):
        offered = replace(FINE, step=step, offered={"bob"}, may_know=False)
        assert readiness(offered, Rung.REFERRAL, to="bob", on=TODAY).state is State.READY
    assert readiness(replace(FINE, step=0), Rung.REFERRAL, to="bob", on=TODAY).state is not (
        State.READY
    )


def test_somebody_they_hardly_know_is_asked_of_another():
    found = readiness(replace(FINE, may_know=False), Rung.INTRODUCTION, to="bob", on=TODAY)
    assert (found.state, found.repair) == (State.NEARLY, Repair.PICK_ANOTHER)


def test_advice_is_welcome_from_the_first_meeting_unless_they_rest():
    new = Standing(step=1)
    assert readiness(new, Rung.ADVICE, on=TODAY).state is State.READY
    rest = replace(new, resting_until=TODAY + timedelta(days=20))
    found = readiness(rest, Rung.ADVICE, on=TODAY)
    assert (found.state, found.repair) == (State.NEARLY, Repair.LET_REST)
    assert readiness(rest, Rung.ADVICE, on=rest.resting_until).state is State.READY


def test_the_highest_lighter_ask_that_is_ready_is_offered_instead():
    assert readiness(FINE, Rung.REFERRAL, on=TODAY).instead is Rung.INTRODUCTION
    acquainted = replace(FINE, step=2)
    assert readiness(acquainted, Rung.REFERRAL, on=TODAY).instead is Rung.SECOND_LOOK


def test_a_name_only_carries_no_ask_yet():
    found = readiness(Standing(step=0), Rung.ADVICE, on=TODAY)
    assert (found.repair, found.instead) == (Repair.GET_ACQUAINTED, None)


def test_their_date_and_a_cool_off_come_before_any_other_repair():
    wait = replace(FINE, ask_not_before=TODAY + timedelta(days=9), target_told_on=None)
    found = readiness(wait, Rung.INTRODUCTION, on=TODAY)
    assert (found.repair, found.repair_facts["on"]) == (Repair.LET_REST, wait.ask_not_before)


def test_whoever_asked_not_to_be_contacted_is_left_in_peace():
    for rung in Rung:
        found = readiness(replace(FINE, step=5, do_not_contact=True), rung, on=TODAY)
        assert (found.repair, found.instead) == (Repair.LEAVE_IN_PEACE, None)


def test_an_ask_that_brought_nothing_is_followed_by_a_give():
    asked = replace(FINE, given_or_reported_on=None, last_ask_helped=False)
    assert readiness(asked, Rung.INTRODUCTION, on=TODAY).repair is Repair.GIVE


def test_a_report_on_the_day_of_the_ask_counts():
    same_day = replace(FINE, given_or_reported_on=FINE.last_ask_on)
    assert readiness(same_day, Rung.INTRODUCTION, on=TODAY).state is State.READY


def test_both_ways_looks_at_the_last_two_contacts_only():
    old = (Touch(on=ago(9), theirs=False), Touch(on=ago(5), theirs=False))
    found = readiness(replace(FINE, touches=FINE.touches[:1] + old), Rung.INTRODUCTION, on=TODAY)
    assert found.repair is Repair.OFFER


def test_the_next_ask_waits_longer_after_a_no_and_their_date_wins():
    wait = {a: ask_again_on(a, asked_on=TODAY) - TODAY for a in Answer}
    assert wait[Answer.YES] < wait[Answer.LATER] < wait[Answer.NO]
    assert wait[Answer.NONE] == timedelta(days=42), "thirty business days"
    january = date(2027, 1, 10)
    assert ask_again_on(Answer.NO, asked_on=TODAY, their_date=january) == january


def test_a_step_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="step is 6"):
        Standing(step=6)


days = st.none() | st.integers(-60, 60).map(lambda n: TODAY + timedelta(days=n))
standings = st.builds(
    Standing,
    step=st.integers(0, 5),
    target_told_on=days,
    touches=st.lists(st.builds(Touch, on=days.filter(bool), theirs=st.booleans()), max_size=4).map(
        tuple
    ),
    opens_on=days,
    fades_on=days,
    resting_until=days,
    ask_not_before=days,
    do_not_contact=st.booleans(),
    last_ask_on=days,
    last_ask_helped=st.booleans(),
    given_or_reported_on=days,
    offered=st.sampled_from([frozenset(), frozenset({"bob"})]),
    may_know=st.booleans(),
)


@given(standings, st.sampled_from(Rung), st.sampled_from([None, "bob"]))
def test_the_state_counts_the_checks_and_names_one_repair_exactly_when_not_ready(
    standing, rung, to
):
    found = readiness(standing, rung, to=to, on=TODAY)
    failed = [c for c in found.checks if not c.passed]
    assert len(found.checks) == 5
    assert found.state is [State.READY, State.NEARLY, State.NOT_YET][min(2, len(failed))]
    assert (found.repair is None) is (found.state is State.READY)
    assert all((c.repair is None) is c.passed for c in found.checks)
    if found.instead:
        assert found.instead < rung
        assert readiness(standing, found.instead, on=TODAY).state is State.READY


@given(standings, st.sampled_from(Rung))
def test_a_higher_step_never_makes_an_ask_less_ready(standing, rung):
    if standing.step == 5:
        return
    rank = {State.NOT_YET: 0, State.NEARLY: 1, State.READY: 2}
    now = readiness(standing, rung, on=TODAY)
    more = readiness(replace(standing, step=standing.step + 1), rung, on=TODAY)
    assert rank[more.state] >= rank[now.state]
