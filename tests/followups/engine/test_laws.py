"""The laws of cadence.md 4, over random histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from followups.engine.cadence import (
    Direction,
    GivenDate,
    Rule,
    Rules,
    State,
    Tie,
    Touch,
    best_gap_days,
    health,
    load_per_week,
    price_for,
    priority,
    replay,
    reply_chance,
    window,
)
from followups.engine.values import local_day
from tests.followups.engine.histories import (
    DAY,
    NOON,
    all_rules,
    any_days,
    any_moments,
    histories,
    near_days,
    starts,
    ties,
    touches,
)

LATER = NOON + timedelta(days=1)
gaps = st.floats(0.0, 200.0).map(lambda days: timedelta(days=days))


def out(at: datetime) -> Touch:
    return Touch(at=at, direction=Direction.OUT)


def heard(at: datetime) -> Touch:
    return Touch(at=at, direction=Direction.IN)


def opening(tie: Tie, rules: Rules):
    found = window(tie, at=LATER, rules=rules)
    assert found is not None
    return found.opens_on


# Law 1


@given(data=st.data(), history=histories(), tie=starts())
def test_any_order_of_arrival_gives_the_same_tie(data, history, tie):
    shuffled = data.draw(st.permutations(history))
    one_by_one = tie
    for touch in shuffled:
        one_by_one = one_by_one.after(touch)
    assert replay(history, start=tie) == replay(shuffled, start=tie) == one_by_one


@given(tie=ties(), touch=touches())
def test_a_touch_leaves_the_tie_it_was_added_to_alone(tie, touch):
    before = replace(tie)
    tie.after(touch)
    assert tie == before


# Law 2


@given(tie=ties(), gap=gaps, rules=all_rules())
def test_another_unanswered_message_never_opens_the_window_sooner(tie, gap, rules):
    if tie.last is None or tie.waiting:
        return
    written = tie.after(out(max(tie.last.at, NOON) + gap))
    assert opening(written, rules) >= opening(tie, rules)


@given(tie=ties(), gap=gaps, rules=all_rules())
def test_an_answer_never_opens_the_window_later_than_the_next_day(tie, gap, rules):
    if not tie.run:
        return
    at = tie.last.at + gap
    answered = tie.after(heard(at))
    tomorrow = local_day(at, rules.zone) + timedelta(days=1)
    reference = replace(rules, their_date=None, paused_until=None)
    held_shut = replace(reference, paused_until=tomorrow)
    assert opening(answered, reference) <= max(
        opening(tie, reference), _first_writing_day(tomorrow, rules)
    )
    assert opening(answered, held_shut) >= tomorrow


def _first_writing_day(day, rules):
    weekdays = rules.weekdays or set(range(7))
    while day.weekday() not in weekdays or day in rules.calendar.holidays:
        day += timedelta(days=1)
    return day


@given(tie=ties(), gap=gaps)
def test_another_unanswered_message_never_raises_the_chance_of_an_answer(tie, gap):
    if tie.last is None or tie.waiting:
        return
    at = tie.last.at + gap
    assert best_gap_days(tie.after(out(at)), price=1.0) >= best_gap_days(tie, price=1.0) - 1e-9


# Law 3


@given(tie=ties(), rules=all_rules(), day=near_days)
def test_the_four_days_are_in_order(tie, rules, day):
    found = window(tie, at=datetime(day.year, day.month, day.day, tzinfo=UTC), rules=rules)
    assert found is not None
    assert found.opens_on <= found.best_on <= found.fades_on <= found.quiet_on


@given(tie=ties(), touch=touches(), rules=all_rules())
def test_contact_logged_today_leaves_nothing_due_today(tie, touch, rules):
    at = max(NOON, tie.last.at if tie.last else NOON)
    grown = tie.after(replace(touch, at=at))
    if grown.waiting:
        return  # they wrote: a reply is another purpose
    found = window(grown, at=at, rules=replace(rules, their_date=None))
    assert found is not None
    assert found.opens_on > local_day(at, rules.zone)


# Law 4


@given(tie=ties(), touch=touches(), rules=all_rules())
def test_an_older_touch_never_moves_last_contact_back(tie, touch, rules):
    grown = tie.after(touch)
    if tie.last is not None:
        assert grown.last_day >= tie.last_day


# Law 5


@given(tie=ties(), rules=all_rules(), on=near_days)
def test_nothing_opens_before_the_date_they_gave(tie, rules, on):
    found = window(tie, at=NOON, rules=replace(rules, their_date=GivenDate(on=on, ref="d")))
    assert found is not None
    assert found.opens_on >= on


@given(tie=ties(), rules=all_rules())
def test_do_not_contact_outranks_everything(tie, rules):
    assert window(tie, at=NOON, rules=replace(rules, do_not_contact=True)) is None
    assert window(tie, at=NOON, rules=replace(rules, parked=True)) is None


# Law 6


@given(tie=ties(), rules=all_rules(), gap=st.floats(1.01, 60.0))
def test_two_unanswered_rest_whatever_else_happens_and_an_inbound_ends_it(tie, rules, gap):
    free = replace(rules, their_date=None, paused_until=None)
    first = max(NOON, tie.last.at if tie.last else NOON) + timedelta(days=gap)
    second = first + timedelta(days=gap)
    silent = tie.after(heard(first)).after(out(first + timedelta(days=gap)))
    silent = silent.after(out(second + timedelta(days=gap + 0.1)))
    if silent.run < 2:
        silent = silent.after(out(silent.last.at + timedelta(days=gap)))
    resting = window(silent, at=silent.last.at, rules=free)
    assert resting is not None
    assert resting.rule is Rule.RESTING
    assert resting.state is State.RESTING
    woken = window(silent.after(heard(silent.last.at)), at=silent.last.at, rules=free)
    assert woken is not None
    assert woken.rule is not Rule.RESTING


# Law 7


@given(people=st.lists(ties(), min_size=1, max_size=25), share=st.floats(0.02, 0.95))
def test_the_expected_load_is_the_members_week_within_five_percent(people, share):
    most = load_per_week(people, price=1e-6)
    least = load_per_week(people, price=1e6)
    week = least + share * (most - least)
    price = price_for(people, at=NOON, touches_per_week=week)
    assert abs(load_per_week(people, price=price) - week) <= 0.05 * week


# Law 8


@given(tie=ties(), rules=all_rules())
def test_every_window_has_a_reason_that_names_the_rule_that_won(tie, rules):
    found = window(tie, at=NOON, rules=rules)
    assert found is not None
    assert found.reasons
    assert found.rule in {reason.rule for reason in found.reasons}
    refs = {"t1", "t2", "r", "d"}
    for reason in found.reasons:
        assert reason.code.startswith("date.")
        assert all(fact in refs for name, fact in reason.facts.items() if name.endswith("_ref"))


# Law 9


@settings(max_examples=200)
@given(
    history=histories(any_moments),
    tie=starts(any_moments),
    rules=all_rules(any_days),
    at=any_moments,
)
def test_nothing_a_database_can_hold_makes_it_raise(history, tie, rules, at):
    grown = replay(history, start=tie)
    assert 0.0 <= health(grown, at=at) <= 1.0
    assert 0.0 <= reply_chance(grown, at=at) <= 1.0
    assert priority(grown, at=at, value=0.5) >= 0.0
    found = window(grown, at=at, rules=rules)
    assert found is not None
    assert found.opens_on <= found.best_on <= found.fades_on <= found.quiet_on


# And one the planner needs


@given(tie=ties(), rules=all_rules(), days=st.integers(0, 500))
def test_the_dates_do_not_drift_as_days_pass(tie, rules, days):
    now = window(tie, at=NOON, rules=rules)
    then = window(tie, at=NOON + timedelta(days=days), rules=rules)
    assert now is not None
    assert then is not None
    assert then == now.today(local_day(NOON + timedelta(days=days), rules.zone))


def test_the_day_of_the_tests_is_a_monday():
    assert DAY.weekday() == 0
