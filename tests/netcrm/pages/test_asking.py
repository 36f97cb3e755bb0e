"""Asking when it is time, and what was given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts import services as people
from contacts.models import Interaction
from introductions import services
from introductions.models import Ask, Referral

Kind = Interaction.Kind


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


def log(person, days_ago, kind, **said):
    return people.log_interaction(
        by=person.owner,
        at=timezone.now() - timedelta(days=days_ago),
        people=[person],
        kind=kind,
        **said,
    )


@pytest.fixture
def shirley(ana):
    """Met twice, knows what Ana looks for, has seen her work; in the good window now."""
    person = people.add_person(by=ana, at=timezone.now(), name="Shirley Okoro")
    log(person, 40, Kind.MEETING, told_target=True, showed_work=True)
    log(person, 20, Kind.MEETING)
    return person


def ask_page(person, rung):
    return f"{reverse('introductions:ask', args=[person.pk])}?rung={rung}"


def test_a_stranger_is_not_asked_for_a_referral(page, ana):
    lee = people.add_person(by=ana, at=timezone.now(), name="Lee Park")
    answer = page.get(ask_page(lee, 5))
    assert "Not yet" in answer.text
    assert "asking for advice is welcome" in answer.text
    assert Ask.objects.count() == 0


def test_somebody_who_knows_your_work_is_ready(page, shirley):
    answer = page.get(ask_page(shirley, 4))
    assert answer.context["state"] == "ready"
    assert "I’ll ask anyway" not in answer.text


def test_the_window_that_opens_later_is_the_one_thing_first(page, shirley):
    log(shirley, 0, Kind.MEETING)
    answer = page.get(ask_page(shirley, 4))
    assert answer.context["state"] == "nearly"
    assert "when the good window opens" in answer.text


def test_asking_early_takes_one_tick_and_is_remembered(page, shirley):
    log(shirley, 0, Kind.MEETING)
    url = reverse("introductions:ask", args=[shirley.pk])
    refused = page.post(url, {"rung": "4", "wording": "Could you introduce me to Bob?"})
    assert refused.status_code == 422
    assert "Could you introduce me to Bob?" in refused.text
    page.post(url, {"rung": "4", "wording": "To Bob?", "anyway": "on"})
    ask = Ask.objects.get()
    assert (ask.readiness, ask.overridden, ask.interaction.is_ask) == ("nearly", True, True)


def test_after_an_ask_something_goes_back_first(page, ana, shirley):
    services.record_ask(
        contact=shirley,
        rung=1,
        asked_on=ana.day(timezone.now()) - timedelta(days=5),
        at=timezone.now(),
    )
    assert page.get(ask_page(shirley, 4)).context["state"] == "nearly"
    log(shirley, 3, Kind.GAVE)
    checks = page.get(ask_page(shirley, 4)).context["checks"]
    assert checks[3][0] is True


def test_an_answer_says_when_to_ask_again(page, ana, shirley):
    ask = services.record_ask(
        contact=shirley, rung=1, asked_on=ana.day(timezone.now()), at=timezone.now()
    )
    page.post(reverse("introductions:ask_answer", args=[ask.pk]), {"answer": "no"})
    ask.refresh_from_db()
    assert (ask.answer, ask.not_before > ask.asked_on) == ("no", True)


def test_what_was_given_keeps_the_step_of_that_day(page, ana, shirley):
    page.post(
        reverse("introductions:given", args=[shirley.pk]),
        {"substance": "4", "to_name": "Bob Hale"},
    )
    row = Referral.objects.get()
    assert (row.substance, row.giver_step, row.to_name) == (4, 3, "Bob Hale")
    shirley.trust_state.refresh_from_db()
    assert shirley.trust_state.level == 4


def test_a_name_noted_earlier_is_graded_with_one_press(page, ana, shirley):
    row = services.record_referral(
        giver=shirley, at=timezone.now(), given_on=ana.day(timezone.now()), to_name="Bob"
    )
    assert "Shirley Okoro named Bob" in page.get(reverse("introductions:give_ask")).text
    page.post(reverse("introductions:grade", args=[row.pk]), {"substance": "0"})
    row.refresh_from_db()
    assert row.substance == 0


def test_the_page_sorts_people_by_readiness(page, ana, shirley):
    people.add_person(by=ana, at=timezone.now(), name="Lee Park")
    groups = dict(page.get(reverse("introductions:give_ask")).context["groups"])
    found = {str(word): [row.person.name for row in rows] for word, rows in groups.items() if rows}
    assert found == {"Ready": ["Shirley Okoro"], "Not yet": ["Lee Park"]}


def test_two_people_who_could_help_each_other_are_named(page, ana):
    raj = people.add_person(by=ana, at=timezone.now(), name="Raj Patel")
    ken = people.add_person(by=ana, at=timezone.now(), name="Ken Ito")
    log(raj, 20, Kind.TALK, note="Asked me what payroll tools people like")
    log(ken, 20, Kind.TALK, note="Ran a payroll tool for two years")
    assert (
        "Raj Patel may need what Ken Ito knows: payroll"
        in page.get(reverse("introductions:give_ask")).text
    )
