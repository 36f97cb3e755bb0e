"""The list answers a few questions, shows nobody set aside, and costs the same however long."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from contacts import services
from contacts.models import Contact, Position
from tests import make
from tests.netcrm.pages.queries import own_queries

URL = "/people/"


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


def names(answer):
    return [line.person.name for line in answer.context["lines"]]


def due(person, day, *, opens=0, fades=7, **fields):
    return make.follow_up(
        person,
        opens_on=day + timedelta(days=opens),
        **{
            "best_on": day + timedelta(days=max(opens, fades - 1)),
            "fades_on": day + timedelta(days=fades),
            "quiet_on": day + timedelta(days=fades + 7),
            **fields,
        },
    )


def test_an_empty_list_says_what_will_be_here(signed_in):
    page = signed_in.get(URL).content.decode()
    assert "Nobody here yet" in page
    assert reverse("contacts:add") in page


def test_people_stand_by_name_with_work_trust_and_next_step(signed_in, ana, now):
    services.add_person(by=ana, at=now, name="Zoe")
    services.add_person(by=ana, at=now, name="Émile Roux", organization="Acme", title="Clerk")
    answer = signed_in.get(URL)
    assert names(answer) == ["Émile Roux", "Zoe"]
    page = answer.content.decode()
    assert "Clerk, Acme" in page
    assert "Name only" in page
    assert "Say hello to Zoe" in page


def test_another_owners_people_are_not_there(signed_in, ben):
    make.contact(ben, "Ben’s friend")
    assert "friend" not in signed_in.get(URL).content.decode()


@pytest.mark.parametrize(
    "set_aside",
    [services.archive, services.do_not_contact, services.trash],
    ids=lambda f: f.__name__,
)
def test_whoever_is_set_aside_is_in_no_view_but_their_own(signed_in, ana, now, set_aside):
    acme = make.organization(ana, is_target=True)
    person = make.contact(ana, "Hidden Harry", last_contact_at=now)
    Position.objects.create(contact=person, organization=acme)
    due(person, now.date())
    set_aside(by=ana, at=now, contact=person)
    for view in ("", "needs", "window", "quiet", "targets", "parked"):
        answer = signed_in.get(URL, {"view": view, "q": "Harry"})
        assert answer.context["lines"] == [], view
    own = {"archive": "archived", "do_not_contact": "do-not-contact"}.get(set_aside.__name__)
    for view in ("archived", "do-not-contact"):
        assert names(signed_in.get(URL, {"view": view})) == (
            ["Hidden Harry"] if view == own else []
        )


def test_each_view_answers_its_question(signed_in, ana, now):
    day = now.date()
    acme = make.organization(ana, is_target=True)
    people = {
        name: make.contact(ana, name, last_contact_at=now - timedelta(days=60))
        for name in ("Good", "Soon", "Faded", "Later", "Inside", "Past insider")
    }
    make.contact(ana, "Parked", ring="D")
    due(people["Good"], day)
    due(people["Soon"], day, opens=3)
    due(people["Faded"], day, opens=-20, fades=-1)
    due(
        people["Later"],
        day,
        deferred_until=day + timedelta(days=1),
        deferred_for="date",
        deferred_at=now,
    )
    Position.objects.create(contact=people["Inside"], organization=acme)
    Position.objects.create(contact=people["Past insider"], organization=acme, is_current=False)

    def shown(view):
        return names(signed_in.get(URL, {"view": view}))

    assert shown("needs") == ["Faded", "Good"]
    assert shown("window") == ["Good"]
    assert shown("quiet") == ["Faded"]
    assert shown("targets") == ["Inside"]
    assert shown("parked") == ["Parked"]
    assert len(shown("")) == 7


def test_filters_combine_and_stay_in_the_address(signed_in, ana, now):
    services.add_person(by=ana, at=now, name="José Núñez", ring="A", tags=["choir"])
    services.add_person(by=ana, at=now, name="José Ortiz", ring="B", tags=["choir"])
    services.add_person(by=ana, at=now, name="Ann Lee", ring="A", organization="Núñez & Co")
    tag = ana.tags.get()
    assert names(signed_in.get(URL, {"q": "nunez"})) == ["Ann Lee", "José Núñez"]
    answer = signed_in.get(URL, {"q": "jose", "ring": "A", "tag": str(tag.pk)})
    assert names(answer) == ["José Núñez"]
    assert answer.context["filters"].query(view="parked") == (
        f"?view=parked&ring=A&tag={tag.pk}&q=jose"
    )


@pytest.mark.parametrize(
    "query", [{"view": "x"}, {"ring": "Z"}, {"tag": "no"}, {"after": "%%%"}, {"order": "size"}]
)
def test_an_address_that_makes_no_sense_shows_everyone(signed_in, ana, query):
    make.contact(ana, "Cleo")
    assert names(signed_in.get(URL, query)) == ["Cleo"]


def test_another_owners_tag_finds_nobody(signed_in, ana, ben, now):
    make.contact(ana, "Cleo")
    services.add_person(by=ben, at=now, name="Dora", tags=["x"])
    assert names(signed_in.get(URL, {"tag": str(ben.tags.get().pk)})) == []


def test_fifty_people_make_a_page_and_the_rest_follows(signed_in, ana):
    Contact.objects.bulk_create(
        [Contact(owner=ana, name=f"Person {number:03}", ring="D") for number in range(120)]
    )
    seen, url = [], URL
    while url:
        answer = signed_in.get(url)
        seen += names(answer)
        url = answer.context["next_url"] and URL + answer.context["next_url"]
    assert seen == [f"Person {number:03}" for number in range(120)]
    back = signed_in.get(URL + answer.context["previous_url"])
    assert names(back) == [f"Person {number:03}" for number in range(50, 100)]


def test_last_in_touch_orders_newest_first_and_strangers_last(signed_in, ana, now):
    make.contact(ana, "Ann", last_contact_at=now - timedelta(days=9))
    make.contact(ana, "Bill")
    make.contact(ana, "Cleo", last_contact_at=now)
    answer = signed_in.get(URL, {"order": "last"})
    assert names(answer) == ["Cleo", "Ann", "Bill"]
    assert "today" in answer.content.decode()


def test_the_query_budget_is_flat_from_3_to_23_rows(signed_in, ana, now):
    def filled(count):
        for number in range(count):
            person = services.add_person(
                by=ana,
                at=now,
                name=f"Person {number}",
                organization=f"Place {number}",
                title="Clerk",
                tags=["choir"],
            )
            services.log_interaction(by=ana, at=now, people=[person], kind="talk")
        return own_queries(signed_in, URL)

    few = filled(3)
    assert filled(20) == few
    assert few <= 6, f"{few} queries, and two for the session and its user"
