"""The pages of introductions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from introductions.engine import workflow
from introductions.models import Introduction
from tests import make


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


@pytest.fixture
def bill_introduced_shirley(ana):
    return make.introduction(
        make.contact(ana, "Bill Moss"), make.contact(ana, "Shirley Okoro"), at=timezone.now()
    )


def test_an_introduction_adds_people_nobody_had(page, ana):
    answer = page.post(
        reverse("introductions:record"),
        {"introducer": "Bill Moss", "introduced": "Shirley Okoro", "state": "made"},
    )
    row = Introduction.objects.get()
    assert answer.url == row.get_absolute_url()
    assert (row.introducer.name, row.introduced.name) == ("Bill Moss", "Shirley Okoro")
    assert row.introducee == make.me(ana)


def test_a_first_name_is_enough_for_somebody_there_is(page, ana):
    bill = make.contact(ana, "Bill Moss")
    page.post(
        reverse("introductions:record"),
        {"introducer": "bill", "introduced": "Shirley", "state": "made"},
    )
    assert Introduction.objects.get().introducer == bill


def test_two_of_one_name_are_asked_apart(page, ana):
    make.contact(ana, "Bill Moss")
    make.contact(ana, "Bill Hunt")
    answer = page.post(
        reverse("introductions:record"),
        {"introducer": "Bill", "introduced": "Shirley", "state": "made"},
    )
    assert answer.status_code == 422
    assert "more than one “Bill”" in answer.text
    assert 'value="Shirley"' in answer.text
    assert Contact.objects.people().count() == 2


@pytest.mark.parametrize(
    "data",
    [
        {"introducer": "Bill", "introduced": "bill"},
        {"introducer": "", "introduced": "Shirley"},
        {"introducer": "Bill", "introduced": "S" * 5000},
        {"introducer": "Bill", "introduced": "Shirley", "on": "2999-01-01"},
        {"introducer": "Bill", "introduced": "Shirley", "on": "31/31/2026"},
    ],
    ids=["the same twice", "nobody", "5,000 characters", "a day to come", "no day"],
)
def test_what_cannot_be_is_said_in_words_and_nothing_is_saved(page, data):
    answer = page.post(reverse("introductions:record"), {"state": "made", **data})
    assert answer.status_code == 422
    assert "Something needs another look" in answer.text
    assert not Introduction.objects.exists()
    assert not Contact.objects.people().exists()


def test_the_list_shows_the_chain_and_who_waits(page, ana):
    ann, bill = make.contact(ana, "Ann Lee"), make.contact(ana, "Bill Moss")
    now = timezone.now()
    make.introduction(ann, bill, at=now - timedelta(days=20))
    make.interaction(bill, at=now - timedelta(days=9), kind="meeting")
    answer = page.get(reverse("introductions:list"))
    assert "Ann hasn’t heard how it went with Bill." in answer.text
    assert "<svg" in answer.text


def test_a_move_is_made_by_its_button(page, bill_introduced_shirley):
    url = reverse("introductions:move", args=[bill_introduced_shirley.pk])
    page.post(url, {"to": "met"})
    bill_introduced_shirley.refresh_from_db()
    assert bill_introduced_shirley.state == workflow.State.MET


def test_a_move_out_of_turn_is_refused_in_words(page, bill_introduced_shirley):
    url = reverse("introductions:move", args=[bill_introduced_shirley.pk])
    answer = page.post(url, {"to": "asked"}, follow=True)
    assert "cannot become" in answer.text


def test_every_page_of_another_owner_is_404(client, ben, bill_introduced_shirley):
    client.force_login(ben)
    for name in ("detail", "move", "note", "nudged"):
        url = reverse(f"introductions:{name}", args=[bill_introduced_shirley.pk])
        answer = client.get(url) if name == "detail" else client.post(url, {"to": "met"})
        assert answer.status_code == 404


def test_the_list_costs_the_same_for_few_and_many(page, ana):
    ann = make.contact(ana, "Ann Lee")

    def queries():
        with CaptureQueriesContext(connection) as asked:
            page.get(reverse("introductions:list"))
        return len(asked)

    def add(count):
        for n in range(count):
            make.introduction(ann, make.contact(ana, f"Person {n}"), at=timezone.now())

    queries()  # the first visit of a day writes it down
    add(3)
    few = queries()
    add(20)
    assert queries() == few <= 8
