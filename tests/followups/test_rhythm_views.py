"""How often, as the owner wants it: shown before it is saved, refused in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from contacts.models import Contact, Promise
from followups.models import FollowUp, Rhythm
from followups.services import plan
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
RING_B = {"opens_days": 20, "best_days": 30, "fades_days": 40, "quiet_days": 50}


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


@pytest.fixture
def person(ana) -> Contact:
    made = make.contact(ana, name="Shirley Okoro")
    make.interaction(made, at=NOW - timedelta(days=5))
    plan(ana, at=NOW)
    return made


def url(name: str, *args: object) -> str:
    return reverse(f"followups:{name}", args=args)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def best(person: Contact):
    return FollowUp.objects.open().get(contact=person).best_on


def ring_form(**days: int) -> dict[str, int]:
    return {f"B-{name}": value for name, value in (RING_B | days).items()}


def test_a_ring_changed_is_shown_first_and_saved_when_seen(page, ana, person):
    before = best(person)
    shown = page.post(url("rhythm_ring", "B"), ring_form())
    assert "This moves one person." in text(shown)
    assert "Shirley Okoro" in text(shown)
    assert best(person) == before
    assert not Rhythm.objects.exists()
    page.post(url("rhythm_ring", "B"), ring_form() | {"seen": "1"})
    assert best(person) > before
    assert Rhythm.objects.get().quiet_days == 50


def test_the_shipped_days_take_the_owners_away(page, ana, person):
    before = best(person)
    page.post(url("rhythm_ring", "B"), ring_form() | {"seen": "1"})
    shipped = ring_form(opens_days=12, best_days=20, fades_days=32, quiet_days=45)
    page.post(url("rhythm_ring", "B"), shipped | {"seen": "1"})
    assert not Rhythm.objects.exists()
    assert best(person) == before


@pytest.mark.parametrize(
    "days",
    [{"best_days": 10}, {"opens_days": 0}, {"quiet_days": 5000}, {"fades_days": ""}],
    ids=["out of order", "nothing", "too many", "left out"],
)
def test_days_that_cannot_be_are_refused_and_kept_as_typed(page, person, days):
    answer = page.post(url("rhythm_ring", "B"), ring_form(**days) | {"seen": "1"})
    assert answer.status_code == 422
    assert 'value="40"' in text(answer) or "fades_days" in days
    assert not Rhythm.objects.exists()


def test_no_ring_d_and_no_ring_nobody_knows(page):
    for ring in ("D", "Z"):
        assert page.post(url("rhythm_ring", ring), ring_form()).status_code == 404
        assert page.get(url("rhythm_band", ring)).status_code == 404


def test_the_band_follows_what_is_typed_and_changes_nothing(page):
    body = text(page.get(url("rhythm_band", "B"), ring_form()))
    assert "best 17 December" in body
    assert "have to follow one another" in text(
        page.get(url("rhythm_band", "B"), ring_form(best_days=1))
    )
    assert not Rhythm.objects.exists()


def test_a_tag_has_a_rhythm_and_loses_it_again(page, ana, person):
    tag = ana.tags.create(name="mentors")
    person.tags.add(tag)
    before = best(person)
    shown = page.post(url("rhythm_tag", tag.pk), {"every": 7, "unit": "days"})
    assert "This moves one person." in text(shown)
    page.post(url("rhythm_tag", tag.pk), {"every": 7, "unit": "days", "seen": "1"})
    assert best(person) == TODAY + timedelta(days=2)
    assert "every 7 days" in text(page.get(url("rhythms")))
    shown = page.post(url("rhythm_tag", tag.pk), {"remove": "1"})
    assert "This moves one person." in text(shown)
    assert Rhythm.objects.exists()
    page.post(url("rhythm_tag", tag.pk), {"remove": "1", "seen": "1"})
    assert not Rhythm.objects.exists()
    assert best(person) == before


def test_whoever_has_something_sooner_is_counted_all_the_same(page, ana, person):
    Promise.objects.create(contact=person, text="the survey", due_on=TODAY)
    plan(ana, at=NOW)
    shown = page.post(url("rhythm_ring", "B"), ring_form())
    assert "This moves one person." in text(shown)


def test_a_window_that_only_opens_sooner_is_a_move_too(page, ana, person):
    only_opens = ring_form(opens_days=5, best_days=20, fades_days=32, quiet_days=45)
    shown = page.post(url("rhythm_ring", "B"), only_opens)
    assert "This moves one person." in text(shown)
    assert "good from" in text(shown)
    assert not Rhythm.objects.exists()


def test_a_person_can_come_up_on_a_day_of_the_month(page, person):
    values = {"every": 1, "unit": "months", "on_day": 31, "seen": "1"}
    answer = page.post(url("rhythm_person", person.pk), values)
    assert answer.url == person.get_absolute_url()
    assert best(person).isoformat() == "2026-11-30"
    assert "every month on day 31" in text(page.get(url("rhythms")))


@pytest.mark.parametrize(
    "values",
    [
        {"every": "", "unit": "days"},
        {"every": 0, "unit": "days"},
        {"every": 61, "unit": "months"},
        {"every": 1, "unit": "months", "on_day": 32},
        {"every": 1, "unit": "years"},
    ],
)
def test_a_rhythm_that_cannot_be_is_refused(page, person, values):
    answer = page.post(url("rhythm_person", person.pk), values | {"seen": "1"})
    assert answer.status_code == 422
    assert not Rhythm.objects.exists()


def test_the_week_widens_everybodys_spacing_only_when_it_is_full(page, ana):
    for n in range(12):
        person = make.contact(ana, name=f"Person {n:02}")
        make.interaction(person, at=NOW - timedelta(days=5))
    plan(ana, at=NOW)
    before = best(person)
    roomy = {"daily_budget": 5, "touches_per_week": 100}
    page.post(url("rhythm_week"), roomy)
    assert best(person) == before
    shown = page.post(url("rhythm_week"), {"daily_budget": 5, "touches_per_week": 1})
    assert "This moves 12 people." in text(shown)
    assert "And others likewise." in text(shown)
    ana.refresh_from_db()
    assert ana.touches_per_week == 100
    page.post(url("rhythm_week"), {"daily_budget": 5, "touches_per_week": 1, "seen": "1"})
    assert best(person) > before


def test_a_day_of_no_people_is_refused(page, ana):
    answer = page.post(url("rhythm_week"), {"daily_budget": 0, "touches_per_week": 10})
    assert answer.status_code == 422
    assert "Error:" in text(answer)


def test_the_page_costs_the_same_for_few_and_for_many(
    page, ana, settings, django_assert_max_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False

    def add(n: int) -> None:
        tag = ana.tags.create(name=f"tag {n}")
        ana.tags.create(name=f"bare {n}")
        Rhythm.objects.create(owner=ana, tag=tag, best_days=9)
        Rhythm.objects.create(owner=ana, contact=make.contact(ana, name=f"P {n}"), best_days=9)

    for n in range(3):
        add(n)
    page.get(url("rhythms"))
    with django_assert_max_num_queries(8) as few:
        page.get(url("rhythms"))
    for n in range(3, 23):
        add(n)
    with django_assert_max_num_queries(len(few)):
        page.get(url("rhythms"))


def notes(owner, *, gap: int, answered: int, of: int) -> None:
    """So many people, each written to once after ``gap`` days; some of them answered."""
    for n in range(of):
        person = make.contact(owner, name=f"Gap {gap} number {n}")
        make.interaction(person, at=NOW - timedelta(days=60 + gap))
        make.interaction(person, at=NOW - timedelta(days=60), kind="message", direction="out")
        if n < answered:
            make.interaction(person, at=NOW - timedelta(days=59), kind="message", direction="in")


def test_what_ones_notes_say_waits_for_enough_of_them(page, ana):
    notes(ana, gap=20, answered=5, of=49)
    assert "So far there are 49." in text(page.get(url("outcomes")))


def test_a_clear_difference_is_offered_with_its_week_and_never_made_alone(page, ana):
    notes(ana, gap=20, answered=8, of=40)
    notes(ana, gap=45, answered=28, of=30)
    plan(ana, at=NOW)
    shown = text(page.get(url("outcomes")))
    assert "after two to four weeks" in shown
    assert "Waiting a little longer may suit you" in shown
    assert not Rhythm.objects.exists()
    moves = text(page.post(url("outcomes")))
    assert "This moves" in moves
    assert not Rhythm.objects.exists()
    page.post(url("outcomes"), {"seen": "1"})
    assert Rhythm.objects.get(ring="B").best_days > 20


def test_no_clear_difference_offers_nothing(page, ana):
    notes(ana, gap=20, answered=15, of=30)
    notes(ana, gap=45, answered=16, of=30)
    shown = text(page.get(url("outcomes")))
    assert "No gap stands out clearly enough" in shown
    assert page.post(url("outcomes"), {"seen": "1"}).status_code == 200
    assert not Rhythm.objects.exists()
