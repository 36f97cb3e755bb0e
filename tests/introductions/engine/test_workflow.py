from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from introductions.engine.days import add_business_days, is_business_day
from introductions.engine.workflow import (
    OPENS,
    OUTCOMES,
    STARTS,
    TRANSITIONS,
    Act,
    Duty,
    Facts,
    Outcome,
    Party,
    Role,
    State,
    clocks,
    happened,
    may,
    may_close,
    next_outcomes,
    next_states,
    opens,
    owed,
    stall,
)

MON = date(2026, 11, 16)
FRI = date(2026, 11, 20)

# The table once more, by hand: what the rail allows, as a person would read it.
ALLOWED = {
    "wanted": "asked made closed",
    "asked": "checking agreed declined no_answer made closed",
    "checking": "agreed declined no_answer made closed",
    "agreed": "declined made closed",
    "declined": "made closed",
    "no_answer": "agreed declined made closed",
    "made": "acknowledged met closed",
    "acknowledged": "met closed",
    "met": "thanked looped closed",
    "thanked": "looped closed",
    "looped": "closed",
    "closed": "",
}


def facts(state, *, role=Role.INTRODUCEE, since=MON, **more):
    return Facts(state=State(state), role=role, since_on=since, **more)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("to", list(State))
def test_every_pair_of_states_is_decided(state, to):
    assert may(state, to) is (to.value in ALLOWED[state.value].split())
    assert (to in next_states(state)) is may(state, to)


def test_the_tables_are_total():
    assert set(TRANSITIONS) == set(OUTCOMES) == set(State)


def test_every_way_through_the_table_ends_closed():
    def paths_end(state, seen):
        assert state not in seen, f"a way back to {state}"
        steps = TRANSITIONS[state]
        assert steps or state is State.CLOSED
        for to in steps:
            paths_end(to, {*seen, state})

    for start in STARTS:
        paths_end(start, set())


def test_an_introduction_somebody_made_unasked_starts_at_made():
    assert may(None, State.MADE)
    assert next_states(None) == (
        State.WANTED,
        State.ASKED,
        State.CHECKING,
        State.AGREED,
        State.MADE,
    )
    assert not may(None, State.LOOPED)


def test_every_state_but_closed_can_be_closed_with_some_outcome():
    for state in State:
        assert bool(next_outcomes(state)) is may(state, State.CLOSED)


@pytest.mark.parametrize("state", ["wanted", "asked", "checking", "agreed", "declined"])
def test_what_was_never_made_can_only_be_dropped(state):
    assert next_outcomes(State(state)) == (Outcome.DROPPED,)


def test_after_a_meeting_it_cannot_be_dropped_as_if_nothing_had_been():
    assert not may_close(State.MET, Outcome.DROPPED)
    assert may_close(State.MET, Outcome.NOTHING)


def test_a_closed_introduction_happened_only_if_it_has_the_day_it_was_made():
    assert happened(State.MADE, None)
    assert happened(State.CLOSED, MON)
    assert not happened(State.CLOSED, None)
    assert not happened(State.AGREED, None)


def test_marking_made_opens_thanks_contact_and_report():
    assert opens(Role.INTRODUCEE, State.MADE) == (
        Duty.THANK_INTRODUCER,
        Duty.CONTACT,
        Duty.REPORT_BACK,
    )
    found = {o.duty: o for o in owed(facts("made", since=FRI, made_on=FRI))}
    assert set(found) == set(opens(Role.INTRODUCEE, State.MADE))
    assert found[Duty.THANK_INTRODUCER].fades_on == date(2026, 11, 23), "one business day"
    assert found[Duty.CONTACT].fades_on == date(2026, 11, 21), "24 hours, weekend or not"
    assert found[Duty.REPORT_BACK].fades_on == FRI + timedelta(days=14)


def test_a_holiday_moves_the_business_day_and_not_the_24_hours():
    found = {
        o.duty: o
        for o in owed(facts("made", since=FRI, made_on=FRI), holidays={date(2026, 11, 23)})
    }
    assert found[Duty.THANK_INTRODUCER].fades_on == date(2026, 11, 24)
    assert found[Duty.CONTACT].fades_on == date(2026, 11, 21)


def test_the_report_is_due_five_business_days_after_the_meeting_or_after_fourteen_days():
    early = owed(facts("met", since=MON, made_on=date(2026, 11, 12), met_on=MON))
    report = next(o for o in early if o.duty is Duty.REPORT_BACK)
    assert (report.opens_on, report.best_on, report.fades_on) == (
        MON,
        date(2026, 11, 17),
        date(2026, 11, 23),
    )
    tight = owed(facts("met", since=MON, made_on=date(2026, 11, 5), met_on=MON))
    assert next(o for o in tight if o.duty is Duty.REPORT_BACK).fades_on == date(2026, 11, 19)
    late = owed(facts("met", since=MON, made_on=date(2026, 9, 1), met_on=MON))
    assert next(o for o in late if o.duty is Duty.REPORT_BACK).fades_on == date(2026, 11, 17)


def test_thanks_that_were_skipped_stay_owed_after_the_loop_was_closed():
    found = owed(facts("looped", made_on=MON, met_on=MON, looped_on=MON))
    assert [o.duty for o in found] == [Duty.THANK_OTHER]
    assert found[0].to is Party.INTRODUCED


def test_an_outcome_is_told_to_the_introducer_once():
    closed = facts(
        "closed",
        since=FRI,
        made_on=MON,
        met_on=MON,
        thanked_other_on=MON,
        looped_on=MON,
        outcome=Outcome.OFFER,
    )
    (duty,) = owed(closed)
    assert duty.duty is Duty.TELL_OUTCOME
    assert duty.best_on == FRI, "the same day when it is an offer"
    assert owed(replace(closed, told_outcome_on=FRI)) == ()
    assert owed(replace(closed, looped_on=FRI)) == (), "the report told it already"


def test_what_was_dropped_before_it_was_made_leaves_nothing_owed():
    assert owed(facts("closed", outcome=Outcome.DROPPED)) == ()
    assert opens(Role.INTRODUCEE, State.CLOSED, made=False) == ()


def test_two_clocks_run_apart():
    both = clocks(facts("made", since=FRI, made_on=FRI))
    assert both.yours.duty is Duty.CONTACT
    assert both.introducers.duty is Duty.THANK_INTRODUCER
    told = clocks(facts("made", since=FRI, made_on=FRI, wrote_on=FRI, thanked_introducer_on=FRI))
    assert told.yours is None
    assert told.introducers.duty is Duty.REPORT_BACK


def test_as_the_introducer_i_check_first_and_then_introduce():
    asked = owed(facts("asked", role=Role.INTRODUCER))
    assert [(o.duty, o.to, o.fades_on) for o in asked] == [
        (Duty.CHECK, Party.INTRODUCED, date(2026, 11, 18))
    ]
    assert [o.duty for o in owed(facts("agreed", role=Role.INTRODUCER))] == [Duty.MAKE]
    assert owed(facts("made", role=Role.INTRODUCER, made_on=MON)) == ()


def test_as_the_one_introduced_i_answer_the_introducee():
    found = owed(facts("made", role=Role.INTRODUCED, made_on=MON))
    assert {(o.duty, o.to) for o in found} == {
        (Duty.THANK_INTRODUCER, Party.INTRODUCER),
        (Duty.CONTACT, Party.INTRODUCEE),
    }


def test_every_duty_a_state_opens_is_owed_that_day():
    for (role, state), duties in OPENS.items():
        made = MON if happened(state, MON) else None
        met = MON if state is State.MET else None
        found = {o.duty for o in owed(facts(state, role=role, made_on=made, met_on=met))}
        assert set(duties) <= found, (role, state)


@pytest.mark.parametrize(
    ("state", "day", "at", "act"),
    [
        ("wanted", 18, None, None),
        ("wanted", 19, Party.INTRODUCEE, Act.SEND_NOTE),
        ("asked", 23, None, None),
        ("asked", 24, Party.INTRODUCER, Act.NUDGE),
        ("asked", 30, Party.INTRODUCER, Act.NUDGE),
        ("asked", 31, Party.INTRODUCER, Act.LET_GO),
        ("checking", 24, Party.INTRODUCED, Act.NUDGE),
        ("agreed", 24, Party.INTRODUCER, Act.NUDGE),
        ("made", 17, None, None),
        ("made", 18, Party.INTRODUCEE, Act.WRITE_NOW),
        ("acknowledged", 26, Party.INTRODUCED, Act.WRITE_ONCE_MORE),
        ("acknowledged", 31, Party.INTRODUCED, Act.TELL_INTRODUCER),
        ("met", 18, Party.INTRODUCEE, Act.THANK),
        ("thanked", 24, Party.INTRODUCEE, Act.TELL_INTRODUCER),
    ],
)
def test_a_stalled_step_names_the_right_person_and_one_act(state, day, at, act):
    on = date(2026, 11, 1) + timedelta(days=day - 1)
    found = stall(facts(state), on=on)
    assert (found.at if found else None, found.act if found else None) == (at, act)


def test_a_stall_knows_whether_the_next_move_is_mine():
    assert stall(facts("made"), on=FRI).mine
    assert not stall(facts("asked"), on=date(2026, 11, 25)).mine
    assert stall(facts("asked", role=Role.INTRODUCER), on=FRI).mine


def test_one_nudge_is_enough():
    nudged = facts("asked", nudged_on=date(2026, 11, 24))
    assert stall(nudged, on=date(2026, 11, 26)) is None
    assert stall(nudged, on=date(2026, 12, 1)).act is Act.LET_GO


def test_a_nudge_from_an_earlier_state_does_not_count():
    assert stall(facts("agreed", nudged_on=date(2026, 11, 2)), on=date(2026, 11, 24)) is not None


def test_holidays_lengthen_the_wait():
    assert stall(facts("asked"), on=date(2026, 11, 24), holidays={FRI}) is None


def test_a_closed_introduction_never_stalls():
    for role in Role:
        assert stall(facts("closed", role=role), on=date(2030, 1, 1)) is None


def test_where_the_next_move_is_the_owners_own_a_stall_is_found_in_every_state():
    """Every state of the two main roles but the last one can be told apart from progress."""
    quiet = {
        (Role.INTRODUCER, State.THANKED),
        (Role.INTRODUCER, State.LOOPED),
    }
    for role, state in product((Role.INTRODUCEE, Role.INTRODUCER), State):
        found = stall(facts(state, role=role), on=date(2027, 11, 16))
        assert (found is None) is (state is State.CLOSED or (role, state) in quiet), (role, state)


@given(
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    st.integers(0, 60),
    st.frozensets(st.dates(date(2000, 1, 1), date(2090, 1, 1)), max_size=5),
)
def test_business_days_are_counted_one_by_one(day, count, holidays):
    end = add_business_days(day, count, holidays)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert sum(is_business_day(d, holidays) for d in between) == count
    assert count == 0 or is_business_day(end, holidays)


def test_a_negative_count_of_business_days_is_refused():
    with pytest.raises(ValueError, match="count is -1"):
        add_business_days(MON, -1)
