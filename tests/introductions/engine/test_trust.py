from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from introductions.engine import trust
from introductions.engine.trust import GOOD, Evidence, Kind, Level, months_later, step

D0 = date(2026, 1, 5)


def day(n):
    return D0 + timedelta(days=n)


def ev(kind, n=0, **more):
    return Evidence(kind=Kind(kind), on=day(n), **more)


GEORGE = (
    ev("introduced", 0, other="Bill"),
    ev("answered_in_a_day", 0),
    ev("two_way", 1),
    ev("two_way", 3),
    ev("told_target", 3),
    ev("thanked_in_a_day", 3),
    ev("referred", 4, ref="acme", substance=0, other="Acme Personnel"),
    ev("reported_back", 14),
    ev("two_way", 14),
    ev("saw_work", 18, ref="survey", note="the survey"),
)


def kinds(*names, start=0):
    return tuple(ev(name, start + n) for n, name in enumerate(names))


evidence = st.builds(
    lambda kind, n, ref, substance: Evidence(
        kind=kind,
        on=day(n),
        ref=ref,
        substance=substance if kind is Kind.REFERRED else None,
        about=ref if kind is Kind.LOOP_CLOSED else "",
        level=substance if kind is Kind.OVERRIDE else None,
    ),
    st.sampled_from(Kind),
    st.integers(0, 2500),
    st.sampled_from(["a", "b", ""]),
    st.integers(0, 5),
)
lists = st.lists(evidence, max_size=14)
good = evidence.filter(lambda e: e.kind in GOOD)
at_days = st.integers(0, 4000).map(day)


def test_nobody_known_is_a_name_only():
    found = step([], at=D0)
    assert (found.level, found.since, found.next.code) == (
        Level.NAME_ONLY,
        None,
        "trust.next.get_in_touch",
    )


def test_an_introduction_alone_gives_introduced_and_says_whose_trust_does_not_pass_on():
    found = step([ev("introduced", other="Ann")], at=day(3))
    assert found.level is Level.INTRODUCED
    assert [r.code for r in found.reasons] == ["trust.introduced", "trust.hop"]
    assert found.reasons[1].facts == {"introducer": "Ann"}


@pytest.mark.parametrize(
    ("names", "level"),
    [
        (("told_target",), 0),
        (("two_way",), 1),
        (("introduced", "two_way"), 1),
        (("introduced", "thanked_in_a_day"), 1),
        (("two_way", "thanked_in_a_day"), 2),
        (("two_way", "answered_in_a_day"), 2),
        (("two_way", "reported_back"), 2),
        (("two_way", "two_way", "two_way"), 1),
        (("two_way", "two_way", "two_way", "told_target"), 3),
        (("saw_work", "told_target"), 3),
        (("worked_together",), 3),
        (("worked_together", "told_target"), 3),
        (("worked_together", "told_target", "two_way"), 4),
        (("spoke_for_me",), 5),
    ],
)
def test_the_least_evidence_for_each_step(names, level):
    assert step(kinds(*names), at=day(30)).level == level


@pytest.mark.parametrize("substance", range(6))
@pytest.mark.parametrize("looped", [False, True])
def test_a_referral_counts_by_its_substance_and_its_loop(substance, looped):
    events = [ev("introduced"), ev("referred", 1, ref="r", substance=substance)]
    if looped:
        events.append(ev("loop_closed", 2, about="r"))
    expected = {3: 4 if looped else 1, 4: 5 if looped else 4, 5: 5}.get(substance, 1)
    assert step(events, at=day(9)).level == expected


def test_the_loop_of_another_referral_does_not_count():
    events = [ev("referred", 1, ref="r", substance=3), ev("loop_closed", 2, about="other")]
    assert step(events, at=day(9)).level == 1


def test_a_former_colleague_who_introduced_me_would_vouch_once_the_loop_is_closed():
    events = [
        ev("worked_together"),
        ev("referred", 1, ref="r", substance=3),
        ev("loop_closed", 2, about="r"),
    ]
    assert step(events, at=day(9)).level == 5


def test_three_messages_on_one_day_are_one_contact():
    events = [ev("two_way", 1, ref=str(n)) for n in range(3)] + [ev("told_target", 1)]
    assert step(events, at=day(9)).level == 1


def test_georges_story_climbs_event_by_event():
    levels = [(r.level, (r.on - D0).days) for r in step(GEORGE, at=day(20)).history]
    assert levels == [(1, 0), (2, 1), (3, 14)]
    found = step(GEORGE, at=day(20))
    assert found.reasons[0].code == "trust.knows_work"
    assert found.reasons[0].facts == {"on": day(18), "evidence": "the survey"}
    assert found.since == day(14)
    assert found.next.code == "trust.next.ask_introduction"
    bob = ev("referred", 34, ref="bob", substance=4, other="Bob")
    after = step([*GEORGE, bob], at=day(34))
    assert after.level is Level.WOULD_INTRODUCE
    assert after.reasons[0].facts["other"] == "Bob"
    assert after.next.code == "trust.next.close_loop"


def test_a_day_that_has_not_come_does_not_count():
    assert step(GEORGE, at=day(2)).level == 2


def test_silence_lowers_one_step_at_a_time_and_one_good_talk_restores_it():
    events = [
        *GEORGE,
        ev("referred", 34, ref="bob", substance=4),
        ev("loop_closed", 35, about="bob"),
    ]
    last = day(34)
    falls = [months_later(last, n) for n in (24, 42, 54, 66)]
    for n, fall in enumerate(falls):
        before = step(events, at=fall - timedelta(days=1))
        on = step(events, at=fall)
        assert before.level == 5 - n
        assert on.level == 4 - n
        assert on.slipped
        assert on.since == fall
        assert on.reasons[0].code == "trust.slipped"
        assert on.next.code == "trust.next.talk"
    assert step(events, at=date(2099, 1, 1)).level is Level.INTRODUCED
    talk = Evidence(kind=Kind.TWO_WAY, on=date(2098, 12, 31))
    assert step([*events, talk], at=date(2099, 1, 1)).level is Level.WOULD_VOUCH


def test_the_months_of_silence_are_said():
    found = step(GEORGE, at=months_later(day(18), 14))
    assert found.reasons[0].facts == {"on": day(18), "n": 14}


def test_a_broken_promise_costs_one_step_until_it_is_made_good():
    broken = [*GEORGE, ev("broken_promise", 20)]
    found = step(broken, at=day(21))
    assert (found.level, found.earned, found.slipped) == (2, 3, True)
    assert found.reasons[0].code == "trust.promise"
    assert found.next.code == "trust.next.make_good"
    assert step([*broken, ev("reported_back", 25)], at=day(25)).level == 3
    assert step([*broken, ev("reported_back", 20)], at=day(25)).level == 3, "on the same day"


def test_a_broken_promise_never_makes_a_stranger_of_anybody():
    assert step([ev("introduced"), ev("broken_promise", 1)], at=day(2)).level == 1


def test_an_override_stands_with_its_reason_until_it_is_lifted():
    said = ev("override", 19, level=5, note="we sang together for years")
    found = step([*GEORGE, said], at=date(2040, 1, 1))
    assert (found.level, found.earned, found.overridden, found.slipped) == (5, 3, True, False)
    assert found.reasons[0].code == "trust.override"
    assert found.reasons[0].facts["note"] == "we sang together for years"
    lifted = step([*GEORGE, said, ev("override", 30)], at=day(31))
    assert (lifted.level, lifted.overridden) == (3, False)


def test_following_what_comes_next_leads_to_vouching():
    does = {
        "get_in_touch": ("introduced", {}),
        "hear_back": ("two_way", {}),
        "courtesy": ("thanked_in_a_day", {}),
        "tell_target": ("told_target", {}),
        "show_work": ("saw_work", {}),
        "ask_introduction": ("referred", {"ref": "r", "substance": 3}),
        "close_loop": ("loop_closed", {"about": "r"}),
        "let_them_vouch": ("spoke_for_me", {}),
    }
    events, seen = [], []
    for n in range(12):
        found = step(events, at=day(n))
        assert found.level >= (seen[-1] if seen else 0)
        seen.append(found.level)
        act = found.next.code.removeprefix("trust.next.")
        if act == "nothing":
            break
        kind, more = does[act]
        events.append(ev(kind, n, **more))
    assert seen[-1] is Level.WOULD_VOUCH
    assert set(seen) == set(Level), "no step is jumped on the plain way up"


@given(lists, at_days, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_is_of_no_account(events, at, random):
    shuffled = [*events, *events[:3]]
    random.shuffle(shuffled)
    assert step(events, at=at) == step(shuffled, at=at)


@given(lists, good, at_days)
def test_adding_good_evidence_never_lowers_a_step(events, more, at):
    assert step([*events, more], at=at).level >= step(events, at=at).level


@given(lists, at_days)
def test_silence_lowers_one_at_a_time_and_never_below_introduced(events, at):
    events = [e for e in events if e.kind is not Kind.OVERRIDE]
    now, later = step(events, at=at), step(events, at=at + timedelta(days=1))
    assume(not any(e.on == at + timedelta(days=1) for e in events))
    assert now.level - later.level in (0, 1)
    assert later.level >= min(1, now.level)


@given(lists, at_days)
def test_the_history_ends_where_the_step_is(events, at):
    found = step(events, at=at)
    last = found.history[-1].level if found.history else Level.NAME_ONLY
    assert found.level == last
    assert [r.on for r in found.history] == sorted({r.on for r in found.history})
    for before, after in zip(found.history, found.history[1:], strict=False):
        assert before.level != after.level
    for entry in found.history:
        assert step(events, at=entry.on).level == entry.level
        assert step(events, at=entry.on - timedelta(days=1)).level != entry.level


def test_a_courtesy_after_a_long_silence_repeats_no_old_slip():
    events = [ev("referred", 0, ref="a", substance=4), ev("answered_in_a_day", 1000)]
    days = [r.on for r in step(events, at=day(1000)).history]
    assert days == sorted(set(days))


@given(lists, st.integers(3, 5), at_days)
def test_a_referral_of_substance_three_with_its_loop_closed_gives_would_introduce(
    events, substance, at
):
    events = [e for e in events if e.kind in GOOD]
    gave = Evidence(kind=Kind.REFERRED, on=at, ref="new", substance=substance)
    looped = Evidence(kind=Kind.LOOP_CLOSED, on=at, about="new")
    assert step([*events, gave, looped], at=at).level >= Level.WOULD_INTRODUCE


@given(lists, at_days)
def test_every_reason_is_a_known_code_with_its_facts(events, at):
    found = step(events, at=at)
    for reason in (*found.reasons, found.next, *(r.reason for r in found.history)):
        assert set(reason.facts) == trust.CODES[reason.code]


@given(st.lists(st.tuples(st.integers(0, 900), st.text(max_size=9)), min_size=1), at_days)
def test_however_many_and_whoever_introduced_them_they_start_at_introduced(introductions, at):
    """Nothing about the introducers is an input, so no trust can travel along a chain."""
    events = [
        Evidence(kind=Kind.INTRODUCED, on=day(n), other=who, ref=who) for n, who in introductions
    ]
    assume(events[0].on <= at)
    assert step(events, at=at).level is Level.INTRODUCED


def test_impossible_evidence_is_refused_in_words():
    with pytest.raises(ValueError, match="substance is None, expected 0 to 5"):
        ev("referred")
    with pytest.raises(ValueError, match="level is 6"):
        ev("override", level=6)


def test_months_later_keeps_to_the_end_of_short_months():
    assert months_later(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_later(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert months_later(date(9999, 6, 1), 12) == date.max
