"""The page of one person's trust: why, how it grew, and the owner's own view."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from contacts import services as people
from introductions import trust_words
from introductions.engine import trust
from introductions.models import TrustOverride, TrustState
from tests import make


@pytest.fixture
def shirley(ana, now):
    """Introduced by Bill; answered the same day, met, thanked within a day."""
    then = now - timedelta(days=30)
    bill = people.add_person(by=ana, at=then, name="Bill Moss")
    shirley = people.add_person(by=ana, at=then, name="Shirley Okoro")
    make.introduction(bill, shirley, at=then)
    people.log_interaction(by=ana, at=then, people=[shirley], kind="talk")
    people.log_interaction(
        by=ana, at=then + timedelta(days=1), people=[shirley], kind="message", thanked=True
    )
    return shirley


def test_every_code_and_kind_has_its_words():
    reached = {code for code in trust.CODES if not code.startswith("trust.next.")}
    assert trust_words.RISES.keys() == reached - {"trust.hop"}
    assert trust_words.EVENTS.keys() == set(trust.Kind)


def test_each_change_names_the_events_that_made_it(client, ana, shirley):
    client.force_login(ana)
    shown = client.get(reverse("introductions:trust", args=[shirley.pk])).text
    assert "Acquainted" in shown
    assert "You thanked them within a day" in shown or "You answered within a day" in shown
    talk = shirley.participations.order_by("interaction__at").first().interaction
    assert reverse("contacts:exchange", args=[talk.pk]) in shown
    assert "<svg" in shown
    assert "Somebody new starts at Introduced, whoever introduced you" in shown


def test_somebody_newly_introduced_starts_at_introduced_and_the_page_says_why(client, ana, now):
    client.force_login(ana)
    ann = people.add_person(by=ana, at=now, name="Ann Lee", worked_together=True)
    bill = people.add_person(by=ana, at=now, name="Bill Moss")
    make.introduction(ann, bill, at=now)
    shown = client.get(reverse("introductions:trust", args=[bill.pk])).text
    assert 'data-step="1"' in shown
    assert "Ann’s trust in you doesn’t pass to Bill" in shown


def test_ones_own_view_needs_a_reason_is_shown_as_such_and_taken_back(client, ana, shirley):
    client.force_login(ana)
    url = reverse("introductions:trust", args=[shirley.pk])
    assert client.post(url, {"step": 5, "reason": "  "}).status_code == 422
    assert client.post(url, {"step": 6, "reason": "Because"}).status_code == 422
    assert not TrustOverride.objects.exists()
    client.post(url, {"step": 4, "reason": "She said so on the phone"})
    shown = client.get(url).text
    assert "Your own view" in shown
    assert "She said so on the phone" in shown
    assert "What happened says: Acquainted." in shown
    assert TrustState.objects.get(contact=shirley).level == 4
    assert "Your own view" in client.get(shirley.get_absolute_url()).text
    client.post(reverse("introductions:trust_lift", args=[shirley.pk]))
    state = TrustState.objects.get(contact=shirley)
    assert (state.level, state.overridden) == (2, False)


def test_a_long_silence_is_told_softly(client, ana, now):
    client.force_login(ana)
    then = now - timedelta(days=430)
    ann = people.add_person(by=ana, at=then, name="Ann Lee")
    for days in (0, 1):
        people.log_interaction(
            by=ana, at=then + timedelta(days=days), people=[ann], kind="talk", thanked=True
        )
    shown = client.get(reverse("introductions:trust", args=[ann.pk])).text
    assert "we’ve become less sure; one good conversation restores it" in shown
    assert 'data-step="1"' in shown


def test_a_stranger_to_the_record_has_no_stairs(client, ana):
    client.force_login(ana)
    dana = make.contact(ana, "Dana Wood")
    shown = client.get(reverse("introductions:trust", args=[dana.pk])).text
    assert "Name only" in shown
    assert "How it grew" not in shown
