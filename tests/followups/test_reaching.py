"""After a way to reach somebody was opened, the next visit asks once how that went (I5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from contacts import services as people
from contacts.models import Interaction
from followups.models import FollowUp
from followups.selectors import next_step
from tests import make

TODAY = reverse("followups:today")
QUESTION = "Did you reach Shirley?"


@pytest.fixture(autouse=True)
def clock(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shirley(ana, now):
    """Introduced to nobody, met three weeks ago; a word is welcome about now."""
    person = people.add_person(by=ana, at=now - timedelta(days=60), name="Shirley Okoro", ring="B")
    people.log_interaction(
        by=ana, at=now - timedelta(days=22), people=[person], kind=Interaction.Kind.MEETING
    )
    return person


@pytest.fixture
def page(client, ana, shirley):
    client.force_login(ana)
    return client


def open_the_ways_to(page, person):
    assert page.get(reverse("followups:write", args=[person.pk])).status_code == 200


def test_the_next_visit_asks_and_the_one_after_does_not(page, shirley):
    assert QUESTION not in page.get(TODAY).text
    open_the_ways_to(page, shirley)
    assert QUESTION in page.get(TODAY).text
    assert QUESTION not in page.get(TODAY).text


def test_yes_does_the_step_that_was_open_and_can_be_undone(page, ana, shirley, now):
    open_the_ways_to(page, shirley)
    page.get(TODAY)
    step = next_step(shirley, ana.day(now))
    assert step is not None
    before = FollowUp.objects.get(pk=step.id)
    page.post(reverse("followups:reached", args=[shirley.pk]), {"answer": "yes"})
    before.refresh_from_db()
    assert before.closed_at is not None
    assert Interaction.objects.filter(people=shirley, kind="message", direction="out").count() == 1
    assert "Undo" in page.get(TODAY).text


def test_not_yet_leaves_everything_as_it_was(page, shirley):
    open_the_ways_to(page, shirley)
    page.post(reverse("followups:reached", args=[shirley.pk]), {"answer": "no"})
    assert Interaction.objects.filter(people=shirley).count() == 1
    assert FollowUp.objects.open().filter(contact=shirley).exists()


def test_what_was_written_down_meanwhile_answers_it(page, ana, shirley, now):
    open_the_ways_to(page, shirley)
    people.log_interaction(by=ana, at=now, people=[shirley], kind="message")
    assert QUESTION not in page.get(TODAY).text


def test_after_a_fortnight_nobody_asks_any_more(page, shirley, clock, now):
    open_the_ways_to(page, shirley)
    clock.move_to(now + timedelta(days=15))
    assert QUESTION not in page.get(TODAY).text


def test_nobody_is_asked_about_somebody_set_aside(page, shirley):
    open_the_ways_to(page, shirley)
    shirley.do_not_contact = True
    shirley.save()
    assert QUESTION not in page.get(TODAY).text


def test_opening_the_page_too_soon_shows_a_date_and_asks_nothing(page, ana, now):
    lee = people.add_person(by=ana, at=now, name="Lee Park", ring="B")
    people.log_interaction(by=ana, at=now, people=[lee], kind="message")
    open_the_ways_to(page, lee)
    assert "Did you reach Lee?" not in page.get(TODAY).text


def test_another_owners_person_is_404(page, ben):
    other = make.contact(ben)
    url = reverse("followups:reached", args=[other.pk])
    assert page.post(url, {"answer": "yes"}).status_code == 404
