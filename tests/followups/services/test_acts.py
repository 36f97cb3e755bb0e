"""Done, later, park and pause do one thing each, once, and each can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Contact, Interaction, Promise, Ring
from contacts.services import log_interaction
from followups import services
from followups.models import FollowUp, WroteAnyway
from followups.selectors import next_step, today_cards, upcoming
from followups.services import What, plan
from introductions.models import Give, Introduction, Referral
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)  # a Tuesday
TODAY = NOW.date()
Later = FollowUp.Later


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture
def person(ana) -> Contact:
    """Somebody whose good window is open today."""
    made = make.contact(ana, name="Shirley Okoro")
    make.interaction(made, at=days_ago(25))
    services.plan(ana, at=NOW)
    return made


def follow_up(contact: Contact, purpose: str = "nurture") -> FollowUp:
    return FollowUp.objects.open().get(contact=contact, purpose=purpose)


def snapshot(contact: Contact) -> list[tuple[object, ...]]:
    rows = FollowUp.objects.open().filter(contact=contact).order_by("purpose")
    return list(
        rows.values_list(
            "pk", "purpose", "opens_on", "best_on", "fades_on", "deferred_until", "times_deferred"
        )
    )


def test_done_logs_what_happened_and_shows_what_comes_next(ana, person):
    acted = services.done(by=ana, at=NOW, follow_up=follow_up(person))
    assert acted.interaction is not None
    assert (acted.interaction.kind, acted.interaction.direction) == ("message", "out")
    assert acted.follow_up.outcome == "done"
    assert acted.next is not None
    assert acted.next.shows_on > TODAY
    assert today_cards(ana, TODAY).cards == ()
    assert today_cards(ana, TODAY).done_today == 1


def test_done_pressed_twice_logs_once(ana, person):
    row = follow_up(person)
    services.done(by=ana, at=NOW, follow_up=row)
    with pytest.raises(services.AlreadyClosed):
        services.done(by=ana, at=NOW, follow_up=row)
    assert Interaction.objects.filter(people=person, at__gte=NOW).count() == 1


def test_done_can_be_taken_back_whole(ana, person):
    before = snapshot(person)
    acted = services.done(by=ana, at=NOW, follow_up=follow_up(person))
    assert acted.undo is not None
    for _ in range(2):
        services.take_back(by=ana, at=NOW, undo=acted.undo)
        assert snapshot(person) == before
    assert Interaction.objects.filter(people=person).count() == 1


def test_a_meeting_is_thanked_and_both_ways_of_saying_so_agree(ana, person):
    log_interaction(by=ana, at=days_ago(0.1), people=[person], kind="meeting")
    acted = services.done(by=ana, at=NOW, follow_up=follow_up(person, "met"))
    assert acted.interaction is not None
    assert acted.interaction.thanked
    assert not FollowUp.objects.open().filter(contact=person, purpose="met").exists()


def test_nothing_to_log_closes_by_hand_and_undo_opens_again(ana):
    introducer = make.contact(ana, name="Marco")
    make.introduction(introducer, make.contact(ana, name="Lee"), at=NOW)
    plan(ana, at=NOW)
    before = snapshot(introducer)
    row = follow_up(introducer, "thank_introducer")
    acted = services.done(by=ana, at=NOW, follow_up=row, what=What.NOTHING)
    assert acted.interaction is None
    assert acted.undo is not None
    assert row.pk not in {pk for pk, *_rest in snapshot(introducer)}
    plan(ana, at=NOW + timedelta(days=1))
    assert row.pk not in {pk for pk, *_rest in snapshot(introducer)}
    services.take_back(by=ana, at=NOW, undo=acted.undo)
    assert snapshot(introducer) == before


@pytest.mark.parametrize("what", [What.WROTE, What.NOTHING])
def test_a_promise_done_is_a_promise_kept_and_undo_reopens_it(ana, person, what):
    promise = Promise.objects.create(contact=person, text="send the paper", due_on=TODAY)
    plan(ana, at=NOW)
    acted = services.done(by=ana, at=NOW, follow_up=follow_up(person, "promise"), what=what)
    promise.refresh_from_db()
    assert promise.kept is True
    assert acted.undo is not None
    services.take_back(by=ana, at=NOW, undo=acted.undo)
    promise.refresh_from_db()
    assert promise.kept is None
    assert follow_up(person, "promise").facts["promise_ref"] == str(promise.pk)


def test_a_give_done_stands_in_the_ledger(ana, person):
    Give.objects.create(contact=person, by_me=False, given_on=TODAY - timedelta(days=20))
    plan(ana, at=NOW)
    acted = services.done(by=ana, at=NOW, follow_up=follow_up(person, "give"), note="a survey")
    given = Give.objects.get(contact=person, by_me=True)
    assert given.interaction == acted.interaction
    assert not FollowUp.objects.open().filter(contact=person, purpose="give").exists()


def test_an_offer_used_can_be_taken_back(ana, person):
    offer = Referral.objects.create(giver=person, to_name="Bob", giver_step=2, given_on=TODAY)
    plan(ana, at=NOW)
    step = next_step(person, TODAY)
    assert step is not None
    assert step.do == "Write to Bob, and tell Shirley you did"
    acted = services.done(by=ana, at=NOW, follow_up=follow_up(person, "act_on_lead"))
    offer.refresh_from_db()
    assert offer.used_on == TODAY
    assert acted.undo is not None
    services.take_back(by=ana, at=NOW, undo=acted.undo)
    offer.refresh_from_db()
    assert offer.used_on is None


def test_asking_for_the_introduction_moves_it_on(ana, person):
    wanted = make.introduction(
        person, make.contact(ana, name="Dana"), at=NOW, state="wanted", made_at=None
    )
    plan(ana, at=NOW)
    services.done(by=ana, at=NOW, follow_up=follow_up(person, "intro_wanted"))
    wanted.refresh_from_db()
    assert wanted.state == Introduction.State.ASKED


@pytest.mark.parametrize(
    ("meaning", "days"),
    [(Later.TOMORROW, 1), (Later.ANSWER, 9), (Later.DATE, 9)],
)
def test_what_is_put_off_shows_nowhere_before_its_day(ana, person, meaning, days):
    on = TODAY + timedelta(days=days)
    services.later(by=ana, at=NOW, follow_up=follow_up(person), meaning=meaning, on=on)
    for day in range(days):
        at = NOW + timedelta(days=day)
        plan(ana, at=at)
        assert today_cards(ana, at.date()).cards == ()
        assert today_cards(ana, at.date()).also == ()
        step = next_step(person, at.date())
        assert step is not None
        assert step.shows_on == on
        assert all(ahead.day >= on for ahead in upcoming(ana, at.date()))
    plan(ana, at=NOW + timedelta(days=days))
    shown = today_cards(ana, on)
    assert [s.name for s in (*shown.cards, *shown.also)] == ["Shirley Okoro"]


def test_later_when_best_waits_for_the_best_day(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(14))
    plan(ana, at=NOW)
    row = follow_up(person)
    assert row.opens_on <= TODAY < row.best_on
    services.later(by=ana, at=NOW, follow_up=row, meaning=Later.BEST)
    assert follow_up(person).opens_on == row.best_on


def test_later_can_be_taken_back(ana, person):
    before = snapshot(person)
    acted = services.later(by=ana, at=NOW, follow_up=follow_up(person), meaning=Later.TOMORROW)
    assert acted.undo is not None
    services.take_back(by=ana, at=NOW, undo=acted.undo)
    assert snapshot(person) == before


def test_a_day_that_is_past_is_refused(ana, person):
    with pytest.raises(ValidationError, match="to come"):
        services.later(
            by=ana, at=NOW, follow_up=follow_up(person), meaning=Later.DATE, on=date(2020, 1, 1)
        )
    assert follow_up(person).deferred_until is None


def test_their_date_beats_the_ring_and_is_told_as_the_reason(ana, person):
    on = date(2027, 1, 10)
    acted = services.later_by_their_date(by=ana, at=NOW, follow_up=follow_up(person), on=on)
    Contact.objects.filter(pk=person.pk).update(ring=Ring.A)
    plan(ana, at=NOW)
    step = next_step(person, TODAY)
    assert step is not None
    assert step.shows_on == on
    assert "10 January" in step.why
    assert acted.undo is not None
    Contact.objects.filter(pk=person.pk).update(ring=Ring.B)
    services.take_back(by=ana, at=NOW, undo=acted.undo)
    assert follow_up(person).opens_on <= TODAY


def test_parking_closes_everything_and_can_be_taken_back(ana, person):
    before = snapshot(person)
    undo = services.park(by=ana, at=NOW, contact=person)
    assert snapshot(person) == []
    person.refresh_from_db()
    assert person.ring == Ring.D
    services.take_back(by=ana, at=NOW, undo=undo)
    assert [row[1:] for row in snapshot(person)] == [row[1:] for row in before]


def test_a_person_can_be_left_in_peace_for_a_while(ana, person):
    until = TODAY + timedelta(days=14)
    undo = services.pause_person(by=ana, at=NOW, contact=person, until=until)
    assert today_cards(ana, until - timedelta(days=1)).cards == ()
    step = next_step(person, TODAY)
    assert step is not None
    assert (step.shows_on, step.window.word) == (until, "Paused")
    assert [s.name for s in today_cards(ana, until).cards] == ["Shirley Okoro"]
    services.take_back(by=ana, at=NOW, undo=undo)
    assert follow_up(person).opens_on <= TODAY


def test_writing_although_it_is_too_soon_is_remembered_once(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(2), kind="message", direction="out")
    plan(ana, at=NOW)
    for _ in range(2):
        assert services.write_anyway(by=ana, at=NOW, contact=person) is not None
    step = next_step(person, TODAY)
    assert step is not None
    assert WroteAnyway.objects.get(contact=person).opens_on == step.window.opens_on


def test_writing_inside_the_window_is_nothing_to_remember(ana, person):
    assert services.write_anyway(by=ana, at=NOW, contact=person) is None
    assert not WroteAnyway.objects.exists()


def test_another_owners_follow_up_cannot_be_touched(ben, person):
    row = follow_up(person)
    with pytest.raises(services.AlreadyClosed):
        services.done(by=ben, at=NOW, follow_up=row)
    with pytest.raises(services.AlreadyClosed):
        services.later(by=ben, at=NOW, follow_up=row, meaning=Later.TOMORROW)
    assert follow_up(person).pk == row.pk


def test_tomorrow_is_tomorrow_also_on_a_friday(ana):
    person = make.contact(ana)
    friday = NOW + timedelta(days=3)
    make.interaction(person, at=days_ago(25))
    plan(ana, at=friday)
    services.later(by=ana, at=friday, follow_up=follow_up(person), meaning=Later.TOMORROW)
    assert follow_up(person).opens_on == friday.date() + timedelta(days=1)
