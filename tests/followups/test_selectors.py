"""Every surface reads the same steps."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from contacts.models import Contact, Ring
from followups import selectors
from followups.engine import agenda
from followups.engine.agenda import Tier
from followups.engine.cadence import Purpose, State
from followups.models import FollowUp
from followups.selectors import reading
from followups.selectors.steps import engine_window
from netcrm.kit.together import Together
from tests import make

DAY = date(2026, 11, 17)


@pytest.mark.parametrize(
    ("opens", "best", "fades", "quiet", "state"),
    [
        (1, 2, 3, 4, State.TOO_SOON),
        (0, 1, 2, 3, State.GOOD),
        (-3, -2, 0, 1, State.GOOD),
        (-4, -3, -1, 0, State.FADING),
        (-5, -4, -3, -1, State.QUIET),
    ],
    ids=["day before", "first day", "last good day", "last fading day", "day after"],
)
def test_a_state_holds_on_its_first_and_last_day(ana, opens, best, fades, quiet, state):
    days = [DAY + timedelta(days=n) for n in (opens, best, fades, quiet)]
    person = make.contact(ana)
    make.follow_up(person, opens_on=days[0], best_on=days[1], fades_on=days[2], quiet_on=days[3])
    step = selectors.next_step(person, DAY)
    assert step is not None
    assert step.window.state is state


@pytest.mark.parametrize(
    "fields",
    [
        {"ring": Ring.D},
        {"do_not_contact": True},
        {"archived_at": make.LONG_AGO},
        {"trashed_at": make.LONG_AGO},
    ],
    ids=["parked", "do not contact", "archived", "in the trash"],
)
def test_nobody_who_is_left_in_peace_appears_anywhere(ana, fields):
    person = make.contact(ana, **fields)
    make.follow_up(person, opens_on=DAY)
    assert selectors.today_cards(ana, DAY).cards == ()
    assert selectors.upcoming(ana, DAY) == ()
    assert selectors.next_step(person, DAY) is None


def test_another_owners_people_never_appear(ana, ben):
    theirs = make.contact(ben)
    make.follow_up(theirs, opens_on=DAY)
    assert selectors.today_cards(ana, DAY).cards == ()
    assert selectors.next_by_contact(ana, [theirs.pk], day=DAY) == {}


def test_what_was_put_off_is_never_shown_earlier(ana, now):
    person = make.contact(ana)
    later = DAY + timedelta(days=3)
    make.follow_up(
        person,
        opens_on=DAY,
        quiet_on=later,
        deferred_until=later,
        deferred_for=FollowUp.Later.DATE,
        deferred_at=now,
    )
    for day in (DAY, later - timedelta(days=1)):
        assert selectors.today_cards(ana, day).cards == ()
        step = selectors.next_step(person, day)
        assert step is not None
        assert step.shows_on == later
    assert [s.name for s in selectors.today_cards(ana, later).cards] == [person.name]


def test_one_card_per_person_and_no_more_than_the_daily_number(ana):
    for n in range(8):
        person = make.contact(ana, name=f"Person {n}")
        make.follow_up(person, opens_on=DAY)
        make.follow_up(person, opens_on=DAY, purpose="give")
    today = selectors.today_cards(ana, DAY)
    assert len(today.cards) == 5
    names = [step.name for step in today.cards]
    assert len(set(names)) == 5


def test_a_pause_shows_nobody_and_says_until_when(ana):
    make.follow_up(make.contact(ana), opens_on=DAY)
    ana.paused_until = DAY + timedelta(days=7)
    today = selectors.today_cards(ana, DAY)
    assert today.cards == ()
    assert today.paused_until == ana.paused_until


def test_a_step_names_the_person_by_what_the_owner_calls_them(ana):
    person = make.contact(ana, name="Shirley Okoro", nickname="Shirl")
    make.follow_up(person, opens_on=DAY, facts={"last_on": (DAY - timedelta(days=14)).isoformat()})
    step = selectors.next_step(person, DAY)
    assert step is not None
    assert step.do == "Send Shirl a short update or something useful"
    assert step.why == "You were last in touch two weeks ago; a note is usually welcome about now."


def test_steps_of_many_people_take_as_many_queries_as_of_one(ana, django_assert_max_num_queries):
    people = [make.contact(ana, name=f"Person {n}") for n in range(23)]
    for person in people:
        make.follow_up(person, opens_on=DAY)
    with django_assert_max_num_queries(3):
        assert len(selectors.next_by_contact(ana, [p.pk for p in people], day=DAY)) == 23


OTHERS = ("give", "promise", "reply", "outcome", "first_contact", "reconnect")


def many_open(owner, chance, *, people, rings="ABC", weeks_gone=3, others=OTHERS, share=0.03):
    """Give ``people`` people follow-ups, as the planner leaves them: mostly one ordinary word."""
    rows = []
    contacts = (
        Contact(owner=owner, name=f"Person {n}", ring=chance.choice(rings)) for n in range(people)
    )
    for person in Contact.objects.bulk_create(contacts):
        for purpose in dict.fromkeys(
            ["nurture", *(other for other in others if chance.random() < share)]
        ):
            opens_on = DAY + timedelta(days=chance.randint(-7 * weeks_gone, 40))
            days = sorted(chance.randint(0, 40) for _ in range(3))
            best_on, fades_on, quiet_on = (opens_on + timedelta(days=n) for n in days)
            until = opens_on + timedelta(days=chance.randint(0, 60))
            put_off = until if chance.random() < 0.2 else None
            window = engine_window(opens_on, best_on, fades_on, quiet_on, "ring", put_off)
            rows.append(
                FollowUp(
                    contact=person,
                    opens_on=window.opens_on,
                    best_on=window.best_on,
                    fades_on=window.fades_on,
                    quiet_on=window.quiet_on,
                    purpose=purpose,
                    reason="date.window_best",
                    rule="ring",
                    priority=chance.choice([0.0, chance.random()]),
                    deferred_until=put_off,
                    deferred_at=put_off and make.LONG_AGO,
                    deferred_for=FollowUp.Later.DATE if put_off else "",
                )
            )
    FollowUp.objects.bulk_create(rows)


@pytest.fixture
def few_are_read(monkeypatch):
    """A list of some hundreds is a long one."""
    monkeypatch.setattr(reading, "READ_AT_MOST", 45)
    monkeypatch.setattr(reading, "_LISTS", Together(reading._lists))


@pytest.mark.parametrize(
    ("people", "of"),
    [
        pytest.param(0, {}, id="nobody"),
        pytest.param(40, {}, id="all of a short list"),
        pytest.param(300, {}, id="a list somewhat long"),
        pytest.param(800, {}, id="the first of a long list"),
        pytest.param(800, {"rings": "AAB"}, id="a long list without weak ties"),
        pytest.param(800, {"rings": "A" * 200 + "C"}, id="a long list with few weak ties"),
        pytest.param(800, {"weeks_gone": 1}, id="a long list of few who can wait"),
    ],
)
@pytest.mark.parametrize("daily_budget", [1, 5, 20])
def test_a_day_read_in_part_shows_what_all_that_is_open_would(
    ana, few_are_read, people, of, daily_budget
):
    many_open(ana, random.Random(people), people=people, **of)
    ana.daily_budget = daily_budget
    page = selectors.today_page(ana, DAY)

    everything = selectors.open_items(ana)
    chosen = agenda.choose(everything, today=DAY, at_most=daily_budget)
    shown = [item.contact_ref for item in chosen.shown]
    others = dict.fromkeys(item.contact_ref for item in chosen.possible)
    also = [ref for ref in others if ref not in shown]
    assert [str(step.contact_id) for step in page.today.cards] == shown
    assert [str(step.contact_id) for step in page.today.also] == also[:20]
    assert page.today.also_count == len(also)
    later = [item.window.opens_on for item in everything if item.window.opens_on > DAY]
    assert (page.today.next and page.today.next.shows_on) == min(later, default=None)

    windows = [item.window for item in everything]
    assert page.kept.of == sum(DAY.replace(day=1) <= one.fades_on < DAY for one in windows)
    ahead = {one.day: len(one.steps) for one in selectors.upcoming(ana, DAY, days=7)}
    for day in page.week:
        assert day.people == (0 if day.is_past else ahead.get(day.day, 0))


def test_the_database_ranks_every_purpose_as_the_engine_does(ana, monkeypatch):
    monkeypatch.setattr(reading, "READ_AT_MOST", 2_000)
    monkeypatch.setattr(reading, "_LISTS", Together(reading._lists))
    many_open(ana, random.Random(3), people=40, others=list(Purpose), share=1.0)
    found = reading.read(ana, DAY).items

    shown = [item for item in found if agenda.may_show(item, today=DAY)]
    assert [*shown, *found[len(shown) :]] == [*found]
    assert {item.purpose for item in shown} == set(Purpose)
    ranks = [
        (agenda.tier_of(item, today=DAY), -item.priority, item.window.fades_on, item.ref)
        for item in shown
    ]
    assert ranks == sorted(ranks)
    assert {tier for tier, *_ in ranks} == set(Tier)


def test_a_long_list_is_read_in_part(ana, few_are_read):
    many_open(ana, random.Random(1), people=800)
    found = reading.read(ana, DAY)
    assert not found.whole
    assert len(found.items) == reading.READ_AT_MOST
