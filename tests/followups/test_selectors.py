"""Every surface reads the same steps."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from contacts.models import Ring
from followups import selectors
from followups.engine.cadence import State
from followups.models import FollowUp
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


@pytest.mark.parametrize("seed", range(6))
def test_the_page_of_a_day_sees_what_everything_open_would_show(ana, seed):
    """It reads only what can show by the end of the week, and counts the rest."""
    chance = random.Random(seed)
    purposes = ["nurture", "give", "promise", "reply", "outcome", "first_contact"]
    for n in range(60):
        person = make.contact(ana, f"Person {n}", ring=chance.choice("ABC"))
        for purpose in chance.sample(purposes, chance.choice([1, 1, 2])):
            opens_on = DAY + timedelta(days=chance.randint(-60, 40))
            best_on, fades_on, quiet_on = (
                opens_on + timedelta(days=days)
                for days in sorted(chance.randint(0, 40) for _ in range(3))
            )
            put_off = {}
            if chance.random() < 0.2:
                until = opens_on + timedelta(days=chance.randint(0, 60))
                put_off = {
                    "deferred_until": until,
                    "deferred_at": make.LONG_AGO,
                    "deferred_for": FollowUp.Later.DATE,
                }
            make.follow_up(
                person,
                opens_on=opens_on,
                best_on=best_on,
                fades_on=fades_on,
                quiet_on=quiet_on,
                purpose=purpose,
                priority=chance.random(),
                **put_off,
            )
    page = selectors.today_page(ana, DAY)
    assert page.today == selectors.today_cards(ana, DAY)
    windows = [item.window for item in selectors.open_items(ana)]
    assert page.kept.of == sum(DAY.replace(day=1) <= one.fades_on < DAY for one in windows)
    ahead = {one.day: len(one.steps) for one in selectors.upcoming(ana, DAY, days=7)}
    for day in page.week:
        assert day.people == (0 if day.is_past else ahead.get(day.day, 0))
