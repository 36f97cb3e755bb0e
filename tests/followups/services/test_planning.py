"""plan() is the one writer: it makes the open follow-ups match the facts, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contacts.models import Interaction, Promise, Ring, TheirDate
from followups.models import FollowUp, Rhythm
from followups.selectors import next_step, today_cards
from followups.services import Counts, plan
from introductions.models import Opportunity
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)  # a Tuesday
TODAY = NOW.date()
UNCHANGED = Counts()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def open_purposes(person) -> set[str]:
    return set(FollowUp.objects.open().filter(contact=person).values_list("purpose", flat=True))


def wrote(person, days: float, **fields) -> Interaction:
    return make.interaction(
        person,
        at=days_ago(days),
        kind=Interaction.Kind.MESSAGE,
        direction=Interaction.Direction.OUT,
        **fields,
    )


def test_planning_twice_writes_nothing_the_second_time(ana):
    spoken, silent, new, introducer = (make.contact(ana, name=f"Person {n}") for n in range(4))
    make.interaction(spoken, at=days_ago(20))
    wrote(silent, 9)
    make.introduction(introducer, new, at=days_ago(1))
    first = plan(ana, at=NOW)
    assert first.created >= 4
    assert plan(ana, at=NOW) == UNCHANGED
    for person in (spoken, silent, new, introducer):
        assert plan(ana, at=NOW, contacts=[person.pk]) == UNCHANGED


def test_a_plan_made_tomorrow_is_the_same_plan(ana):
    for n in range(6):
        make.interaction(make.contact(ana, name=f"Person {n}"), at=days_ago(7 * n))
    plan(ana, at=NOW)
    assert plan(ana, at=NOW + timedelta(days=1)) == UNCHANGED


def test_contact_closes_the_open_follow_up_and_opens_the_next(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(25))
    plan(ana, at=NOW)
    old = FollowUp.objects.get(contact=person)
    assert old.opens_on <= TODAY
    make.interaction(person, at=NOW)
    plan(ana, at=NOW, contacts=[person.pk])
    old.refresh_from_db()
    assert (old.outcome, old.by_contact) == ("done", True)
    new = FollowUp.objects.open().get(contact=person)
    assert new.opens_on > TODAY
    assert today_cards(ana, TODAY).cards == ()


def test_contact_that_is_taken_back_takes_the_closing_back(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(25))
    plan(ana, at=NOW)
    old = FollowUp.objects.get(contact=person)
    again = make.interaction(person, at=NOW)
    plan(ana, at=NOW, contacts=[person.pk])
    again.delete()
    plan(ana, at=NOW, contacts=[person.pk])
    assert FollowUp.objects.open().get(contact=person).pk == old.pk
    assert plan(ana, at=NOW) == UNCHANGED


def test_an_early_contact_moves_the_row_and_counts_as_nothing_kept(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(3))
    plan(ana, at=NOW)
    row = FollowUp.objects.get(contact=person)
    make.interaction(person, at=NOW)
    plan(ana, at=NOW)
    moved = FollowUp.objects.get(contact=person)
    assert moved.pk == row.pk
    assert moved.opens_on > row.opens_on


def test_an_older_contact_entered_late_changes_nothing(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(25))
    make.interaction(person, at=days_ago(26))
    plan(ana, at=NOW)
    before = FollowUp.objects.values().get(contact=person)
    for n in range(30, 300, 10):
        wrote(person, n)
    plan(ana, at=NOW)
    rows = FollowUp.objects.filter(contact=person)
    assert [row.closed_at for row in rows] == [None]
    assert rows[0].pk == before["id"]
    assert rows[0].opens_on <= TODAY


def test_old_history_of_strangers_creates_nothing_that_is_past(ana):
    people = [make.contact(ana, name=f"Person {n}", ring=Ring.D) for n in range(5)]
    for person in people:
        for n in range(400, 500, 20):
            make.interaction(person, at=days_ago(n))
    assert plan(ana, at=NOW) == UNCHANGED


@pytest.mark.parametrize(
    "fields",
    [
        {"ring": Ring.D},
        {"do_not_contact": True},
        {"archived_at": NOW},
        {"trashed_at": NOW},
    ],
    ids=["parked", "do not contact", "archived", "in the trash"],
)
def test_who_is_left_in_peace_has_nothing_open(ana, fields):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(25))
    plan(ana, at=NOW)
    for name, value in fields.items():
        setattr(person, name, value)
    person.save()
    for contacts in ([person.pk], None):
        plan(ana, at=NOW, contacts=contacts)
        assert open_purposes(person) == set()
    assert FollowUp.objects.get(contact=person).outcome == "parked"


def test_an_introduction_opens_its_courtesies(ana):
    introducer, new = make.contact(ana, name="Marco"), make.contact(ana, name="Lee Park")
    make.introduction(introducer, new, at=NOW)
    plan(ana, at=NOW)
    assert open_purposes(new) == {"introduced"}
    assert {"thank_introducer", "loop_introducer_1"} <= open_purposes(introducer)
    step = next_step(new, TODAY)
    assert step is not None
    assert step.why == (
        "Marco introduced you today; a same-day answer also reflects well on Marco."
    )


def test_planning_one_person_plans_their_introducers_too(ana):
    introducer, new = make.contact(ana, name="Marco"), make.contact(ana, name="Lee Park")
    make.introduction(introducer, new, at=days_ago(1))
    plan(ana, at=NOW)
    make.interaction(new, at=NOW, kind=Interaction.Kind.MEETING)
    plan(ana, at=NOW, contacts=[new.pk])
    loop = FollowUp.objects.open().get(contact=introducer, purpose="loop_introducer_1")
    assert loop.opens_on <= TODAY
    assert "met" in open_purposes(new)
    assert plan(ana, at=NOW) == UNCHANGED


def test_two_unanswered_notes_rest(ana):
    person = make.contact(ana)
    wrote(person, 9)
    wrote(person, 2)
    plan(ana, at=NOW)
    step = next_step(person, TODAY)
    assert step is not None
    assert (step.purpose, step.window.word) == ("resting", "Resting")
    assert step.shows_on > TODAY + timedelta(days=30)
    assert today_cards(ana, TODAY).cards == ()


def test_their_date_holds_back_everything(ana):
    person = make.contact(ana, name="Priya Shah")
    make.interaction(person, at=days_ago(25))
    Promise.objects.create(contact=person, text="send the paper", due_on=TODAY)
    on = date(2027, 1, 10)
    TheirDate.objects.create(contact=person, on=on, said_at=days_ago(25))
    plan(ana, at=NOW)
    for row in FollowUp.objects.open().filter(contact=person):
        assert row.opens_on >= on
        assert row.rule == "their_date"
    step = next_step(person, TODAY)
    assert step is not None
    assert step.why == "Priya asked you to write after 10 January, so nothing before then."


def test_the_owners_rhythm_for_a_person_beats_the_ring(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(7))
    Rhythm.objects.create(owner=ana, contact=person, best_days=7)
    plan(ana, at=NOW)
    row = FollowUp.objects.get(contact=person)
    assert (row.best_on, row.rule) == (TODAY, "person_rhythm")


def test_of_several_tags_the_strictest_counts(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(7))
    for name, days in (("slow", 60), ("fast", 10)):
        tag = ana.tags.create(name=name)
        person.tags.add(tag)
        Rhythm.objects.create(owner=ana, tag=tag, best_days=days)
    plan(ana, at=NOW)
    row = FollowUp.objects.get(contact=person)
    assert (row.rule, row.facts["tag"]) == ("tag_rhythm", "fast")
    assert row.best_on == TODAY + timedelta(days=3)


def test_new_people_are_spread_over_the_days_within_the_daily_number(ana):
    for n in range(23):
        make.contact(ana, name=f"Person {n:02}")
    plan(ana, at=NOW)
    starts = list(FollowUp.objects.values_list("best_on", flat=True))
    assert len(starts) == 23
    assert {starts.count(day) for day in starts} == {5, 3}
    assert all(ana.writes_on(day) for day in starts)
    assert plan(ana, at=NOW + timedelta(days=3)) == UNCHANGED


def test_what_the_owner_saw_to_by_hand_does_not_come_back(ana):
    introducer, new = make.contact(ana, name="Marco"), make.contact(ana, name="Lee Park")
    make.introduction(introducer, new, at=NOW)
    plan(ana, at=NOW)
    FollowUp.objects.filter(contact=introducer, purpose="thank_introducer").update(
        closed_at=NOW, outcome="done"
    )
    assert plan(ana, at=NOW) == UNCHANGED
    make.introduction(introducer, make.contact(ana, name="Kim Low"), at=NOW)
    plan(ana, at=NOW)
    assert "thank_introducer" in open_purposes(introducer)


def test_a_connection_brought_in_from_a_file_is_not_said_to_be_added_that_day(ana):
    for name, connected_on in (("Ada", None), ("Bea", date(2020, 5, 4))):
        make.contact(ana, name=name, connected_on=connected_on)
    plan(ana, at=NOW)
    rows = FollowUp.objects.open().order_by("contact__name")
    assert ["connected_on" in row.facts for row in rows] == [False, True]
    assert rows[1].facts["connected_on"] == "2020-05-04"
    assert rows[1].opens_on == TODAY


def test_an_application_that_ends_is_told_to_whoever_helped_as_its_interview_was(ana):
    """ux.md 1.2, row 16: an interview, an offer, a no; each is news of its own."""
    shirley = make.contact(ana, name="Shirley Okoro")
    role = Opportunity.objects.create(
        owner=ana,
        organization=make.organization(ana),
        role="Planner",
        through=shirley,
        stage=Opportunity.Stage.INTERVIEW,
        stage_on=TODAY - timedelta(days=9),
        interviewed_on=TODAY - timedelta(days=9),
    )
    plan(ana, at=NOW)
    news = FollowUp.objects.open().get(purpose="outcome")
    assert news.reason == "date.outcome"
    FollowUp.objects.filter(pk=news.pk).update(closed_at=NOW, outcome="done")
    plan(ana, at=NOW)
    assert not FollowUp.objects.open().filter(purpose="outcome").exists()
    role.stage, role.stage_on = Opportunity.Stage.CLOSED, TODAY
    role.save()
    plan(ana, at=NOW)
    ended = FollowUp.objects.open().get(purpose="outcome")
    assert (ended.reason, ended.opens_on, ended.best_on) == (
        "date.ended",
        TODAY,
        TODAY + timedelta(days=2),
    )
    ana.landed_at = NOW
    ana.save()
    plan(ana, at=NOW)
    assert not FollowUp.objects.open().filter(purpose="outcome").exists()


def test_a_wait_for_an_answer_ends_with_the_answer(ana):
    person = make.contact(ana)
    make.interaction(person, at=days_ago(25))
    plan(ana, at=NOW)
    until = TODAY + timedelta(days=60)
    FollowUp.objects.filter(contact=person).update(
        deferred_until=until, deferred_for="answer", deferred_at=days_ago(1)
    )
    plan(ana, at=NOW)
    assert FollowUp.objects.open().get(contact=person).opens_on == until
    make.interaction(person, at=NOW, direction=Interaction.Direction.IN)
    plan(ana, at=NOW)
    assert all(row.opens_on < until for row in FollowUp.objects.open().filter(contact=person))


def test_the_number_of_queries_does_not_grow_with_people(ana, django_assert_max_num_queries):
    for n in range(3):
        make.interaction(make.contact(ana, name=f"Person {n}"), at=days_ago(25))
    with django_assert_max_num_queries(30) as few:
        plan(ana, at=NOW)
    for n in range(20):
        make.interaction(make.contact(ana, name=f"More {n}"), at=days_ago(25))
    with django_assert_max_num_queries(len(few)):
        plan(ana, at=NOW)


def test_a_birthday_comes_up_as_many_days_ahead_as_the_owner_wants(ana):
    person = make.contact(ana, birthday_month=12, birthday_day=1)
    days = {}
    for lead in (0, 7):
        ana.birthday_lead_days = lead
        ana.save()
        plan(ana, at=NOW)
        days[lead] = FollowUp.objects.open().get(contact=person, purpose="birthday").opens_on
    assert days == {0: date(2026, 12, 1), 7: date(2026, 11, 24)}
