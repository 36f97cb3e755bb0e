"""What a person's facts call for, stage by stage, at the edges of each window."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from followups.engine.cadence import (
    BusinessCalendar,
    Direction,
    GivenDate,
    Purpose,
    Rules,
    State,
    Touch,
    TouchKind,
    replay,
    start,
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

MONDAY = date(2026, 3, 2)


def on(day: date, direction: Direction = Direction.OUT, **told) -> Touch:
    return Touch(
        at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC), direction=direction, **told
    )


def facts(*touches: Touch, rules: Rules | None = None, ring: str = "B", **more) -> Facts:
    new = start(at=datetime(2026, 1, 5, tzinfo=UTC), stage="introduced", trust_step=1, ring=ring)
    return Facts(tie=replay(touches, start=new), rules=rules or Rules(), touches=touches, **more)


def planned(found: Facts, purpose: Purpose, *, today: date = MONDAY):
    of_purpose = [p for p in due(found, today=today) if p.purpose is purpose]
    assert len(of_purpose) <= 1
    return of_purpose[0].window if of_purpose else None


def intro(part: Part, **days: date) -> Introduction:
    return Introduction(ref="i1", part=part, introducer_ref="ann", introduced_ref="bill", **days)


met = on(MONDAY, Direction.BOTH, kind=TouchKind.MEETING, ref="m1")

STAGES = [
    pytest.param(facts(introductions=(intro(Part.INTRODUCER, wanted_on=MONDAY),)),
                 Purpose.INTRO_WANTED, "03-02", "03-02", "03-04", id="ask for an introduction"),
    pytest.param(facts(introductions=(intro(Part.INTRODUCER, asked_on=MONDAY),)),
                 Purpose.INTRO_WANTED, "03-09", "03-09", "03-16", id="nudge, then let go"),
    pytest.param(facts(introductions=(intro(Part.INTRODUCED, made_on=MONDAY),)),
                 Purpose.INTRODUCED, "03-02", "03-02", "03-03", id="answer an introduction"),
    pytest.param(facts(introductions=(intro(Part.INTRODUCER, made_on=MONDAY),)),
                 Purpose.THANK_INTRODUCER, "03-02", "03-02", "03-03", id="thank the introducer"),
    pytest.param(facts(on(MONDAY), parallel_ref="c2"),
                 Purpose.NO_REPLY_1, "03-05", "03-05", "03-10", id="try somebody else there"),
    pytest.param(facts(on(MONDAY)),
                 Purpose.NO_REPLY_2, "03-11", "03-11", "03-16", id="second and last note"),
    pytest.param(facts(on(date(2026, 2, 23)), on(MONDAY)),
                 Purpose.RESTING, "04-13", "04-27", "06-30", id="rest after two"),
    pytest.param(facts(meetings=(Meeting(ref="x", on=date(2026, 3, 5)),)),
                 Purpose.MEETING_SET, "03-04", "03-04", "03-05", id="confirm the day before"),
    pytest.param(facts(met), Purpose.MET, "03-02", "03-02", "03-03", id="thank within a day"),
    pytest.param(facts(introductions=(intro(Part.INTRODUCER, made_on=date(2026, 2, 20),
                                            met_on=MONDAY),)),
                 Purpose.LOOP_INTRODUCER_1, "03-02", "03-03", "03-09", id="tell the introducer"),
    pytest.param(facts(introductions=(intro(Part.INTRODUCER, made_on=MONDAY),)),
                 Purpose.LOOP_INTRODUCER_1, "03-09", "03-11", "03-16", id="tell of no meeting"),
    pytest.param(facts(advice=(Advice(ref="a1", given_on=MONDAY),)),
                 Purpose.PROGRESS, "03-16", "03-20", "03-30", id="report progress"),
    pytest.param(facts(gifts=(Gift(ref="g1", given_on=MONDAY, by_me=False),)),
                 Purpose.GIVE, "03-09", "03-23", "04-13", id="give something"),
    pytest.param(facts(met),
                 Purpose.NURTURE, "03-14", "03-22", "04-03", id="keep in touch, ring B"),
    pytest.param(facts(met, ring="A"),
                 Purpose.NURTURE, "03-16", "03-23", "04-06", id="keep in touch, ring A"),
    pytest.param(facts(met, ring="C"),
                 Purpose.NURTURE, "04-06", "04-21", "05-16", id="keep in touch, ring C"),
    pytest.param(facts(asks=(AskAgain(ref="k1", rung=4, not_before=MONDAY),)),
                 Purpose.ASK_INTRO, "03-02", "03-02", "03-30", id="ask again"),
    pytest.param(facts(referrals=(Referral(ref="r1", given_on=MONDAY),)),
                 Purpose.ACT_ON_LEAD, "03-02", "03-03", "03-04", id="use a name"),
    pytest.param(facts(outcomes=(Outcome(ref="o1", on=MONDAY, good=True),)),
                 Purpose.OUTCOME, "03-02", "03-02", "03-09", id="good news"),
    pytest.param(facts(outcomes=(Outcome(ref="o1", on=MONDAY, good=False),)),
                 Purpose.OUTCOME, "03-02", "03-04", "03-09", id="no good news"),
    pytest.param(facts(landed=Landed(ref="l1", on=MONDAY)),
                 Purpose.LANDED, "03-02", "03-05", "03-16", id="landed"),
    pytest.param(facts(landed=Landed(ref="l1", on=MONDAY)),
                 Purpose.SETTLED, "04-01", "04-01", "04-15", id="thirty days in"),
    pytest.param(facts(promises=(Promise(ref="p1", by_me=True, made_on=MONDAY,
                                         due_on=date(2026, 3, 13)),)),
                 Purpose.PROMISE, "03-11", "03-13", "03-13", id="keep a promise"),
]  # fmt: skip


@pytest.mark.parametrize(("found", "purpose", "opens", "best", "fades"), STAGES)
def test_each_stage_opens_is_best_and_fades_on_its_days(found, purpose, opens, best, fades):
    window = planned(found, purpose)
    assert window is not None
    days = [day.strftime("%m-%d") for day in (window.opens_on, window.best_on, window.fades_on)]
    assert days == [opens, best, fades]


@pytest.mark.parametrize(("found", "purpose", "opens", "best", "fades"), STAGES)
def test_states_change_on_the_day_after_each_boundary(found, purpose, opens, best, fades):
    window = planned(found, purpose)
    day = timedelta(days=1)
    assert window.state_on(window.opens_on - day) in {State.TOO_SOON, State.RESTING}
    assert window.state_on(window.opens_on) is State.GOOD
    assert window.state_on(window.fades_on) is State.GOOD
    after = window.state_on(window.fades_on + day)
    assert after is (State.FADING if window.quiet_on > window.fades_on else State.QUIET)
    assert window.state_on(window.quiet_on + day) is State.QUIET


def test_a_public_holiday_is_not_a_business_day():
    holiday = BusinessCalendar(holidays=frozenset({date(2026, 3, 4)}))
    found = facts(on(MONDAY), rules=Rules(calendar=holiday))
    assert planned(found, Purpose.NO_REPLY_2).opens_on == date(2026, 3, 12)


def test_a_date_they_gave_holds_everything():
    found = facts(
        met,
        rules=Rules(their_date=GivenDate(on=date(2026, 6, 1), ref="d1")),
        referrals=(Referral(ref="r1", given_on=MONDAY),),
    )
    assert {p.window.opens_on for p in due(found, today=MONDAY)} == {date(2026, 6, 1)}
    assert all(p.window.reasons[0].code == "date.theirs" for p in due(found, today=MONDAY))


def test_parked_and_not_to_be_contacted_people_have_nothing_planned():
    assert due(facts(met, rules=Rules(parked=True)), today=MONDAY) == ()
    assert due(facts(met, rules=Rules(do_not_contact=True)), today=MONDAY) == ()
    assert due(facts(met, ring="D"), today=MONDAY) == ()


def test_a_window_gone_by_is_kept_while_open_and_never_created():
    later = date(2027, 3, 1)
    assert due(facts(met), today=later) == ()
    kept = due(facts(met, open=frozenset({"nurture"})), today=later)
    assert [p.purpose for p in kept] == [Purpose.NURTURE]


def test_a_later_holds_one_purpose_until_its_day():
    found = facts(met, later=(("met", date(2026, 3, 3)),))
    assert planned(found, Purpose.MET).opens_on == date(2026, 3, 3)
    assert planned(found, Purpose.NURTURE) == planned(facts(met), Purpose.NURTURE)


def test_an_occasion_seen_to_is_not_planned_again_and_another_one_is():
    first = intro(Part.INTRODUCER, made_on=MONDAY)
    second = Introduction(
        ref="i2", part=Part.INTRODUCER, introducer_ref="ann", introduced_ref="cy", made_on=MONDAY
    )
    seen_to = frozenset({(Purpose.THANK_INTRODUCER.value, "i1")})
    assert planned(facts(introductions=(first,), seen_to=seen_to), Purpose.THANK_INTRODUCER) is None
    both = facts(introductions=(first, second), seen_to=seen_to)
    found = {p.purpose: p for p in due(both, today=MONDAY)}
    assert found[Purpose.THANK_INTRODUCER].occasion == "i2"


@pytest.mark.parametrize(
    "rules",
    [
        Rules(),
        Rules(their_date=GivenDate(on=date(2026, 5, 1), ref="d1")),
        Rules(paused_until=date(2026, 5, 1)),
    ],
    ids=["nothing", "their date", "a pause"],
)
def test_what_holds_a_window_shut_is_not_what_it_answers(rules):
    found = facts(met, rules=rules, later=(("met", date(2026, 6, 1)),))
    assert {p.occasion for p in due(found, today=MONDAY)} == {"m1"}
