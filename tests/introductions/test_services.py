"""Introductions move by the table, and trust follows from what is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contacts.models import Interaction
from introductions import selectors, services
from introductions.engine import workflow
from introductions.models import Introduction, TrustState
from tests import make

State = workflow.State


@pytest.fixture
def ann(ana):
    return make.contact(ana, "Ann Lee")


@pytest.fixture
def bill(ana):
    return make.contact(ana, "Bill Moss")


@pytest.fixture
def shirley(ana):
    return make.contact(ana, "Shirley Okoro")


def introduce(introducer, introduced, *, at, state=State.MADE):
    return services.record_introduction(
        owner=introducer.owner,
        introducer=introducer,
        introducee=make.me(introducer.owner),
        introduced=introduced,
        state=state,
        at=at,
    )


def level(owner, person, at):
    services.settle_trust(owner, contacts=[person.pk], at=at)
    return selectors.level_of(TrustState.objects.get(contact=person).contact)


def test_an_introduction_never_crosses_owners(ana, ben, bill, now):
    with pytest.raises(ValueError, match="one owner"):
        introduce(make.contact(ben), bill, at=now)


def test_the_usual_course_is_walked_step_by_step(ann, bill, now):
    row = introduce(ann, bill, at=now, state=State.WANTED)
    for to in (State.ASKED, State.CHECKING, State.AGREED, State.MADE, State.MET):
        services.move(row, to=to, at=now)
    services.move(row, to=State.CLOSED, at=now, outcome=workflow.Outcome.ADVICE)
    assert [event.state for event in row.events.all()] == [
        "wanted",
        "asked",
        "checking",
        "agreed",
        "made",
        "met",
        "closed",
    ]
    assert (row.made_at, row.outcome) == (now, "advice")


def test_a_step_that_is_not_in_the_table_is_refused_in_words(ann, bill, now):
    row = introduce(ann, bill, at=now)
    with pytest.raises(services.IllegalMove, match="“Introduced” cannot become “Asked for”"):
        services.move(row, to=State.ASKED, at=now)
    assert row.events.count() == 1


def test_two_who_move_at_once_move_it_once(ann, bill, now):
    row = introduce(ann, bill, at=now, state=State.ASKED)
    seen_by_the_other_tab = Introduction.objects.get(pk=row.pk)
    services.move(row, to=State.AGREED, at=now)
    with pytest.raises(services.IllegalMove, match="just changed"):
        services.move(seen_by_the_other_tab, to=State.DECLINED, at=now)


def test_an_ending_must_fit_the_step(ann, bill, now):
    row = introduce(ann, bill, at=now, state=State.ASKED)
    with pytest.raises(services.IllegalMove):
        services.move(row, to=State.CLOSED, at=now, outcome=workflow.Outcome.OFFER)


def test_trust_starts_again_with_each_new_person(ana, ann, bill, shirley, now):
    services.override_trust(ann, step=5, reason="We grew up together", at=now)
    introduce(ann, bill, at=now)
    introduce(bill, shirley, at=now)
    services.settle_trust(ana, contacts=None, at=now)
    assert [TrustState.objects.get(contact=person).level for person in (ann, bill, shirley)] == [
        5,
        1,
        1,
    ]


def test_settling_twice_writes_nothing(ana, ann, bill, now):
    introduce(ann, bill, at=now)
    services.settle_trust(ana, contacts=None, at=now)
    assert services.settle_trust(ana, contacts=None, at=now) == 0


def test_a_talk_and_quick_thanks_make_an_acquaintance(ana, ann, bill, now):
    introduce(ann, bill, at=now - timedelta(days=5))
    make.interaction(bill, at=now - timedelta(days=2))
    make.interaction(
        bill,
        at=now - timedelta(days=1),
        kind=Interaction.Kind.MESSAGE,
        direction=Interaction.Direction.OUT,
        thanked=True,
    )
    assert level(ana, bill, now) == 2


def test_a_referral_remembers_the_step_of_its_giver(ana, ann, bill, now):
    introduce(ann, bill, at=now)
    services.settle_trust(ana, contacts=None, at=now)
    referral = services.record_referral(
        giver=bill, at=now, given_on=ana.day(now), substance=0, to_name="Acme Personnel"
    )
    services.override_trust(bill, step=4, reason="He said so", at=now)
    referral.refresh_from_db()
    assert referral.giver_step == 1


def test_an_override_lifted_lets_the_events_speak(ana, bill, now):
    make.interaction(bill, at=now - timedelta(days=3))
    services.override_trust(bill, step=4, reason="He said so", at=now)
    services.lift_override(bill, at=now)
    assert level(ana, bill, now) == 1


def test_a_broken_promise_costs_a_step_only_once_made(ana, ann, bill, now):
    make.interaction(bill, at=now - timedelta(days=9), showed_work=True, told_target=True)
    before = level(ana, bill, now)
    bill.promises.create(text="Send the survey", closed_at=now, kept=False)
    assert level(ana, bill, now) == before - 1
