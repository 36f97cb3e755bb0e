"""What the facts say of an introduction, whoever remembered to mark it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Interaction
from introductions import selectors
from introductions.engine import workflow
from tests import make

Duty, State = workflow.Duty, workflow.State


@pytest.fixture
def ann(ana):
    return make.contact(ana, "Ann Lee")


@pytest.fixture
def bill(ana):
    return make.contact(ana, "Bill Moss")


def standing(owner, now):
    (found,) = selectors.standings(owner, today=owner.day(now))
    return found


def test_made_opens_three_courtesies(ana, ann, bill, now):
    make.introduction(ann, bill, at=now)
    owed = {o.duty: standing(ana, now).person(o.to).name for o in standing(ana, now).owed}
    assert owed == {
        Duty.THANK_INTRODUCER: "Ann Lee",
        Duty.CONTACT: "Bill Moss",
        Duty.REPORT_BACK: "Ann Lee",
    }


def test_writing_to_the_one_introduced_needs_no_marking(ana, ann, bill, now):
    make.introduction(ann, bill, at=now)
    written = make.interaction(
        bill,
        at=now + timedelta(hours=3),
        kind=Interaction.Kind.MESSAGE,
        direction=Interaction.Direction.OUT,
    )
    assert standing(ana, now).state is State.ACKNOWLEDGED
    written.delete()
    assert standing(ana, now).state is State.MADE


def test_what_happened_before_the_introduction_says_nothing_of_it(ana, ann, bill, now):
    make.interaction(bill, at=now - timedelta(days=1))
    make.introduction(ann, bill, at=now)
    assert standing(ana, now).state is State.MADE


def test_telling_the_introducer_closes_the_loop(ana, ann, bill, now):
    make.introduction(ann, bill, at=now - timedelta(days=20))
    make.interaction(bill, at=now - timedelta(days=10), kind=Interaction.Kind.MEETING)
    assert standing(ana, now).loop_open
    make.interaction(ann, at=now, reported=True)
    found = standing(ana, now)
    assert (found.state, found.loop_open) == (State.LOOPED, False)


def test_as_introducer_the_owner_is_not_asked_to_thank_anybody(ana, ann, bill, now):
    make.introduction(ann, bill, at=now, introducer=make.me(ana), introducee=ann)
    found = standing(ana, now)
    assert (found.role, found.owed) == (workflow.Role.INTRODUCER, ())


def test_every_chain_is_shown_in_order(ana, ann, bill, now):
    shirley = make.contact(ana, "Shirley Okoro")
    make.introduction(ann, bill, at=now - timedelta(days=9))
    make.introduction(bill, shirley, at=now - timedelta(days=5))
    (chain,) = selectors.chains_to(ana, shirley)
    assert [person.name for person in chain.people] == ["Ann Lee", "Bill Moss", "Shirley Okoro"]
    assert [hop.introducer.name for hop in chain.hops] == ["Ann Lee", "Bill Moss"]


def test_another_owners_introductions_are_never_read(ana, ben, ann, bill, now):
    make.introduction(ann, bill, at=now)
    assert selectors.standings(ben, today=ben.day(now)) == []
    assert selectors.evidence_by_contact(ben) == {}


@pytest.mark.parametrize("count", [3, 23], ids=["few", "many"])
def test_the_cost_does_not_grow_with_the_rows(ana, ann, now, count):
    for n in range(count):
        person = make.contact(ana, f"Person {n}")
        make.introduction(ann, person, at=now)
        make.interaction(person, at=now)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        for found in selectors.standings(ana, today=ana.day(now)):
            assert found.owed
    assert len(asked) == 3  # the rows, their people, what happened
    with CaptureQueriesContext(connection) as asked:
        selectors.evidence_by_contact(ana)
    assert len(asked) == 6
