"""The first chain in four minutes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from contacts.models import Contact
from introductions.models import Introduction
from tests import make


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


def step(name):
    return reverse("first_steps", args=[name])


def names(owner):
    return sorted(Contact.objects.visible_to(owner).people().values_list("name", flat=True))


def test_whoever_is_new_begins_here(client, ana):
    answer = client.post(reverse("account_login"), {"login": ana.email, "password": make.PASSWORD})
    assert answer.url == reverse("first_steps")


def test_the_story_of_george(page, ana):
    page.post(step("target"), {"target_line": "Operations lead, food, Leeds"})
    page.post(step("names"), {"one": "Ann", "two": "Bill", "three": "Marco"})
    answer = page.post(step("chain"), {"introducer": "Ann", "introduced": "Bill", "again": "1"})
    assert answer.url == step("chain")
    drawn = page.get(step("chain")).text
    assert "<svg" in drawn
    page.post(step("chain"), {"introducer": "Bill", "introduced": "Shirley"})
    answer = page.post(
        step("when"),
        {"send_at": "07:30", "send_weekdays": ["0", "2"], "time_zone": "Europe/London"},
    )
    assert answer.url == reverse("followups:today")
    ana.refresh_from_db()
    assert ana.target_line == "Operations lead, food, Leeds"
    assert ana.send_weekdays == 0b101
    assert ana.first_steps_done_at is not None
    assert names(ana) == ["Ann", "Bill", "Marco", "Shirley"]
    assert Introduction.objects.count() == 2


def test_the_same_name_twice_is_one_person(page, ana):
    page.post(step("names"), {"one": "Ann", "two": "ann"})
    assert names(ana) == ["Ann"]


def test_every_step_can_be_skipped(page, ana):
    answer = page.post(reverse("first_steps_skip", args=["target"]))
    assert answer.url == step("names")
    page.post(reverse("first_steps_skip", args=["all"]))
    ana.refresh_from_db()
    assert ana.first_steps_done_at is not None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("target", {"target_line": ""}),
        ("names", {"one": "   "}),
        ("chain", {"introducer": "Ann", "introduced": "ANN"}),
        ("when", {"send_at": "25:00", "send_weekdays": [], "time_zone": "Europe/London"}),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_saved(page, ana, name, data):
    answer = page.post(step(name), data)
    assert answer.status_code == 422
    assert "Something needs another look" in answer.text
    assert names(ana) == []


def test_an_unknown_step_is_404(page):
    assert page.get(step("nowhere")).status_code == 404
