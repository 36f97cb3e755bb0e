"""Eight weeks in numbers, none of them a judgement."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from introductions import services, weeks
from tests import make

SCOLDING = ("missed", "failed", "behind", "only", "should", "streak", "goal not")


@pytest.fixture
def ann(ana):
    return make.contact(ana, "Ann Lee")


def test_an_exchange_is_new_then_keeping_up_and_an_ask_is_asking(ana, ann, now):
    for days in (28, 27, 2, 1):
        make.interaction(ann, at=now - timedelta(days=days))
    make.interaction(ann, at=now, kind="message", direction="out", is_ask=True)
    found = weeks.weeks(ana, today=ana.day(now))
    assert len(found) == weeks.WEEKS
    assert [(w.building, w.maintaining, w.using) for w in found if w.marks] == [
        (2, 0, 0),
        (0, 1, 0),
        (0, 1, 1),
    ]


def test_what_was_before_the_eight_weeks_still_counts_as_known(ana, ann, now):
    for days in (200, 190, 1):
        make.interaction(ann, at=now - timedelta(days=days))
    (last,) = [w for w in weeks.weeks(ana, today=ana.day(now)) if w.marks]
    assert (last.building, last.maintaining) == (0, 1)


def test_an_exchange_with_several_people_counts_once(ana, ann, now):
    for days in (9, 8):
        make.interaction(ann, at=now - timedelta(days=days))
    make.interaction(ann, make.contact(ana, "Ben Oh"), at=now, kind="meeting")
    last = weeks.weeks(ana, today=ana.day(now))[-1]
    assert (last.building, last.maintaining, last.meetings) == (1, 0, 1)


def test_gives_and_introductions_are_counted_in_their_week(ana, ann, now):
    services.record_give(contact=ann, kind="time", given_on=ana.day(now), at=now)
    make.interaction(ann, at=now, kind="gave", direction="out", is_give=True)
    make.introduction(ann, make.contact(ana, "Ben Oh"), at=now - timedelta(days=7))
    found = weeks.weeks(ana, today=ana.day(now))
    assert found[-1].gives == 2
    assert [w.introductions for w in found[-2:]] == [1, 0]


def test_nothing_is_drawn_before_there_is_anything_to_draw(client, ana):
    client.force_login(ana)
    assert 'id="weeks"' not in client.get(reverse("introductions:plan")).text


def test_an_empty_week_is_told_without_a_word_of_blame(client, ana):
    make.interaction(make.contact(ana), at=timezone.now())
    client.force_login(ana)
    shown = client.get(reverse("introductions:plan")).text
    part = shown[shown.index('id="weeks"') : shown.index('id="opportunities"')]
    assert part.count("<tr>") == weeks.WEEKS + 1
    assert [word for word in SCOLDING if word in part.casefold()] == []
