"""Laws that hold after any history of acts: nothing left to plan, every surface agrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts import services as people
from contacts.models import Contact, Interaction, Ring
from followups import selectors, services
from followups.models import FollowUp
from followups.services import AlreadyClosed, Counts, Undo, What
from introductions.models import Introduction
from introductions.services import IllegalMove, move, record_introduction, record_referral
from netcrm.accounts.models import User
from tests import make

START = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
PEOPLE = 4


@dataclass
class World:
    """An owner with a few people, on a day of their story."""

    owner: User
    people: list[Contact]
    at: dt.datetime = START
    undos: list[Undo] = field(default_factory=list)

    @property
    def day(self) -> dt.date:
        return self.owner.day(self.at)

    def person(self, n: int) -> Contact:
        return Contact.objects.get(pk=self.people[n % PEOPLE].pk)

    def rows(self) -> list[FollowUp]:
        return list(FollowUp.objects.open().order_by("contact__name", "purpose"))


Act = Callable[[World], object]


def log(n: int, kind: str, direction: str, days: int) -> Act:
    def act(w: World) -> None:
        on = w.day - dt.timedelta(days=days)
        people.log_interaction(
            by=w.owner, at=w.at, people=[w.person(n)], kind=kind, direction=direction, on=on
        )

    return act


def take_back_newest(n: int) -> Act:
    def act(w: World) -> None:
        row = Interaction.objects.filter(people=w.person(n)).order_by("-at", "-pk").first()
        if row:
            people.delete_interaction(by=w.owner, at=w.at, interaction=row)

    return act


def introduce(n: int, m: int, state: str) -> Act:
    def act(w: World) -> None:
        if n % PEOPLE != m % PEOPLE:
            record_introduction(
                owner=w.owner,
                introducer=w.person(n),
                introducee=make.me(w.owner),
                introduced=w.person(m),
                state=state,
                at=w.at,
            )

    return act


def close_introduction(outcome: str) -> Act:
    def act(w: World) -> None:
        row = Introduction.objects.filter(owner=w.owner).exclude(state="closed").first()
        if row:
            move(row, to="closed", at=w.at, outcome=outcome)

    return act


def promise(n: int, days: int, by_me: bool) -> Act:
    def act(w: World) -> None:
        due_on = w.day + dt.timedelta(days=days)
        people.add_promise(
            by=w.owner, at=w.at, contact=w.person(n), text="send it", due_on=due_on, by_me=by_me
        )

    return act


def offer(n: int) -> Act:
    return lambda w: record_referral(
        giver=w.person(n), at=w.at, given_on=w.day, to_name="Bob", substance=1
    )


def their_date(n: int, days: int) -> Act:
    return lambda w: people.set_their_date(
        by=w.owner, at=w.at, contact=w.person(n), on=w.day + dt.timedelta(days=days)
    )


def ring(n: int, letter: str) -> Act:
    return lambda w: people.set_ring(by=w.owner, at=w.at, contact=w.person(n), ring=Ring(letter))


def on_an_open_row(n: int, what: Callable[[World, FollowUp], object]) -> Act:
    def act(w: World) -> None:
        rows = w.rows()
        if rows:
            what(w, rows[n % len(rows)])

    return act


def done(n: int, what: What) -> Act:
    def press(w: World, row: FollowUp) -> None:
        acted = services.done(by=w.owner, at=w.at, follow_up=row, what=what)
        if acted.undo:
            w.undos.append(acted.undo)

    return on_an_open_row(n, press)


def later(n: int, meaning: str, days: int) -> Act:
    def press(w: World, row: FollowUp) -> None:
        on = w.day + dt.timedelta(days=days)
        acted = services.later(by=w.owner, at=w.at, follow_up=row, meaning=meaning, on=on)
        if acted.undo:
            w.undos.append(acted.undo)

    return on_an_open_row(n, press)


def undo_last() -> Act:
    def act(w: World) -> None:
        if w.undos:
            services.take_back(by=w.owner, at=w.at, undo=w.undos.pop())

    return act


def wait(days: int) -> Act:
    def act(w: World) -> None:
        w.at += dt.timedelta(days=days)

    return act


def pause(weeks: int) -> Act:
    return lambda w: services.pause(by=w.owner, at=w.at, weeks=weeks)


def resume() -> Act:
    return lambda w: services.resume(by=w.owner, at=w.at)


def fresh_start() -> Act:
    def act(w: World) -> None:
        w.undos.append(services.fresh_start(by=w.owner, at=w.at))

    return act


who = st.integers(0, PEOPLE - 1)
kinds = st.sampled_from([("message", "out"), ("message", "in"), ("talk", "both"), ("note", "out")])
acts = st.one_of(
    st.builds(
        lambda n, k, days: log(n, *k, days), who, kinds, st.one_of(st.just(0), st.integers(0, 90))
    ),
    st.builds(take_back_newest, who),
    st.builds(introduce, who, who, st.sampled_from(["wanted", "asked", "made"])),
    st.builds(close_introduction, st.sampled_from(["offer", "nothing", "dropped"])),
    st.builds(promise, who, st.integers(-5, 20), st.booleans()),
    st.builds(offer, who),
    st.builds(their_date, who, st.integers(0, 40)),
    st.builds(ring, who, st.sampled_from("ABCD")),
    st.builds(done, st.integers(0, 9), st.sampled_from(What)),
    st.builds(
        later,
        st.integers(0, 9),
        st.sampled_from(["tomorrow", "best", "date", "answer"]),
        st.integers(1, 30),
    ),
    st.builds(undo_last),
    st.builds(wait, st.integers(1, 25)),
    st.builds(pause, st.integers(1, 4)),
    st.builds(resume),
    st.builds(fresh_start),
)
slow = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def do(world: World, act: Act) -> None:
    try:
        with transaction.atomic():
            act(world)
    except (ValidationError, AlreadyClosed, IllegalMove):
        pass  # refused in words, which is an answer too


def story(owner: User, history: list[Act]) -> World:
    owner.refresh_from_db()
    names = [f"Person {n}" for n in range(PEOPLE)]
    persons = [people.add_person(by=owner, at=START, name=name) for name in names]
    world = World(owner=owner, people=persons)
    for act in history:
        do(world, act)
        world.at += dt.timedelta(minutes=1)  # nobody presses two buttons in the same instant
    return world


def told(owner: User, history: list[Act], law: Callable[[World], None]) -> None:
    """Tell a story, hold it to a law, and leave nothing of it behind."""
    with transaction.atomic():
        law(story(owner, history))
        transaction.set_rollback(True)


@slow
@given(history=st.lists(acts, max_size=6), last=acts)
def test_an_act_plans_everybody_it_concerns(ana, history, last):
    def law(w: World) -> None:
        services.plan(w.owner, at=w.at)
        assert services.plan(w.owner, at=w.at) == Counts()
        now = w.at
        do(w, last)
        if w.at == now:
            assert services.plan(w.owner, at=w.at) == Counts()

    told(ana, history, law)


@slow
@given(history=st.lists(acts, max_size=8))
def test_every_surface_shows_the_same_and_no_more_than_it_may(ana, history):
    def law(w: World) -> None:
        services.plan(w.owner, at=w.at)
        today = selectors.today_cards(w.owner, w.day)
        names = [step.contact_id for step in today.cards]
        assert len(names) == len(set(names))
        assert len(names) + today.done_today <= max(w.owner.daily_budget, today.done_today)
        for step in (*today.cards, *today.also):
            row = FollowUp.objects.get(pk=step.id)
            assert row.closed_at is None
            assert row.contact.ring != Ring.D
            assert row.deferred_until is None or row.deferred_until <= w.day
            assert step.window.opens_on <= w.day
            assert step.why
            assert step.rule
        # A window in the table holds what was put off: lists are chosen by its days alone.
        assert all(
            row.deferred_until is None or row.deferred_until <= row.opens_on for row in w.rows()
        )
        ahead = {one.day: one.steps for one in selectors.upcoming(w.owner, w.day)}
        assert ahead.get(w.day, ()) == today.cards
        following = selectors.next_by_contact(w.owner, [p.pk for p in w.people], day=w.day)
        for step in today.cards:
            assert following[step.contact_id].window.opens_on <= w.day

    told(ana, history, law)


@slow
@given(history=st.lists(acts, max_size=5), n=st.integers(0, 9), what=st.sampled_from(What))
@example(history=[introduce(2, 0, "made"), fresh_start()], n=3, what=What.WROTE)
@example(history=[promise(1, 0, False), wait(1)], n=7, what=What.WROTE)
def test_undo_puts_everything_open_back(ana, history, n, what):
    def law(w: World) -> None:
        services.plan(w.owner, at=w.at)
        rows = w.rows()
        if not rows or rows[n % len(rows)].purpose == "intro_wanted":
            return  # an introduction asked for cannot be unasked
        before = [(row.pk, row.opens_on, row.deferred_until) for row in rows]
        for act in (done(n, what), later(n, "tomorrow", 1)):
            act(w)
            undo_last()(w)
            assert [(row.pk, row.opens_on, row.deferred_until) for row in w.rows()] == before

    told(ana, history, law)
