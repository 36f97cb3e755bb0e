"""Filters combine under an address that holds; views have names; many are changed at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from contacts import services, tasks
from contacts.models import BulkEdit, Contact, ImportBatch, Organization, SavedView
from followups.engine.values import Purpose
from introductions.models import TrustState
from netcrm.pages.people import STAGE_PURPOSES, Filters, Order
from tests import make
from tests.netcrm.pages.queries import own_queries

URL = "/people/"


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


def names(answer):
    return [line.person.name for line in answer.context["lines"]]


def shown(client, **query):
    return names(client.get(URL, query))


def trusting(person, level):
    TrustState.objects.update_or_create(
        contact=person,
        defaults={"level": level, "earned": level, "reason": "x", "next_code": "x"},
    )


@pytest.fixture
def people(ana, now):
    """Five people, each different in one respect."""
    made = {}
    ago = {"Ann": 2, "Bill": 45, "Cleo": 100, "Dora": 200, "Emil": 400}
    for number, (name, days) in enumerate(ago.items()):
        made[name] = make.contact(ana, name, ring="D", last_contact_at=now - timedelta(days=days))
        trusting(made[name], number)
    fred = make.contact(ana, "Fred", ring="D")
    Contact.objects.filter(pk=fred.pk).update(created_at=now + timedelta(minutes=1))
    return made


# Filters


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({"last": "recent"}, ["Ann"]),
        ({"last": "30"}, ["Bill", "Cleo", "Dora", "Emil"]),
        ({"last": "90"}, ["Cleo", "Dora", "Emil"]),
        ({"last": "180"}, ["Dora", "Emil"]),
        ({"last": "365"}, ["Emil"]),
        ({"last": "never"}, ["Fred"]),
        ({"trust": "2"}, ["Cleo", "Dora", "Emil"]),
        ({"trust": "3", "last": "365"}, ["Emil"]),
        ({"last": "180", "trust": "2", "ring": "D", "q": "dor"}, ["Dora"]),
    ],
    ids=str,
)
def test_last_contact_and_trust_narrow_and_combine(signed_in, people, query, who):
    assert shown(signed_in, **query) == who


@pytest.mark.parametrize(
    ("order", "first"),
    [("quiet", "Emil"), ("last", "Ann"), ("trust", "Emil"), ("added", "Fred"), ("", "Ann")],
)
def test_every_order_pages_without_a_gap_or_a_double(signed_in, ana, now, people, order, first):
    assert shown(signed_in, order=order)[0] == first
    for number in range(110):
        last_at = now - timedelta(days=number % 7) if number % 3 else None
        one = make.contact(ana, f"Person {number:03}", ring="D", last_contact_at=last_at)
        if number % 2:
            trusting(one, number % 6)
    seen, url = [], f"?order={order}"
    while url:
        answer = signed_in.get(URL + url)
        seen += names(answer)
        url = answer.context["next_url"]
    assert len(seen) == len(set(seen)) == 116
    back = signed_in.get(URL + answer.context["previous_url"])
    assert names(back) == seen[50:100]


def test_organization_and_file_narrow_to_those_of_ones_own(signed_in, ana, ben, people, now):
    services.save_position(by=ana, at=now, contact=people["Ann"], organization="Acme", title="",
                           started_on=None, ended_on=None, is_current=True)  # fmt: skip
    acme = Organization.objects.get()
    batch = ImportBatch.objects.create(owner=ana, file_name="a.csv", created=1)
    Contact.objects.filter(name="Bill").update(batch=batch)
    assert shown(signed_in, org=str(acme.pk)) == ["Ann"]
    assert shown(signed_in, batch=str(batch.pk)) == ["Bill"]
    page = signed_in.get(URL, {"org": str(acme.pk), "batch": str(batch.pk)})
    assert [label for label, _url in page.context["further"]] == ["Acme", "a.csv"]
    his = ImportBatch.objects.create(owner=ben, file_name="secret.csv", created=1)
    assert "secret" not in signed_in.get(URL, {"batch": str(his.pk)}).content.decode()


def test_every_stage_of_a_plan_belongs_to_one_filter():
    purposes = [purpose for some in STAGE_PURPOSES.values() for purpose in some]
    assert sorted(purposes) == sorted(Purpose)


def test_stage_and_next_step_narrow(signed_in, ana, now):
    day = now.date()
    for name, purpose, days in (("Ann", "nurture", 0), ("Bill", "reply", 5), ("Cleo", "met", 20)):
        make.follow_up(make.contact(ana, name), opens_on=day + timedelta(days=days),
                       purpose=purpose)  # fmt: skip
    make.contact(ana, "Dora")
    assert shown(signed_in, stage="keeping") == ["Ann"]
    assert shown(signed_in, stage="introduced") == ["Bill"]
    assert shown(signed_in, due="today") == ["Ann"]
    assert shown(signed_in, due="week") == ["Ann", "Bill"]
    assert shown(signed_in, due="month") == ["Ann", "Bill", "Cleo"]
    assert shown(signed_in, due="none") == ["Dora"]
    assert shown(signed_in, due="month", stage="meeting") == ["Cleo"]


@pytest.mark.parametrize(
    "query", [{"trust": "9"}, {"trust": "x"}, {"last": "7"}, {"due": "x"}, {"stage": "x"},
              {"org": "no"}, {"batch": "1"}, {"q": "a\0b", "trust": "-1"}],
)  # fmt: skip
def test_what_makes_no_sense_in_an_address_is_left_out(signed_in, people, query):
    assert signed_in.get(URL, query).status_code == 200


def test_an_address_says_all_it_asks_and_reads_back_the_same(rf, ana):
    asked = {"view": "needs", "ring": "B", "tag": "0190b0a0-0000-7000-8000-000000000001",
             "trust": "2", "stage": "keeping", "last": "180", "due": "week", "q": "ann",
             "order": "trust"}  # fmt: skip
    filters = Filters.read(rf.get(URL, asked).GET)
    again = Filters.read(rf.get(URL + filters.query()).GET)
    assert again == filters
    assert again.values() == asked | {"org": "", "batch": ""}


def test_the_page_of_filters_keeps_what_is_asked_already(signed_in, ana, people):
    page = signed_in.get("/people/filters/", {"last": "180", "q": "x"}).content.decode()
    assert '<option value="180" selected>' in page
    assert 'value="x"' in page


@pytest.mark.parametrize("order", list(Order))
def test_the_query_budget_holds_with_every_filter_and_order(signed_in, ana, now, order):
    query = f"?last=30&trust=1&due=none&order={order}"

    def filled(count):
        for number in range(count):
            one = make.contact(ana, f"P {number}", ring="D", last_contact_at=now - timedelta(50))
            trusting(one, 2)
        SavedView.objects.create(owner=ana, name=f"View {count}", query=f"last=30&q={count}")
        return own_queries(signed_in, URL + query)

    few = filled(3)
    assert len(names(signed_in.get(URL + query))) == 3
    assert filled(20) == few
    assert few <= 6, f"{few} queries, and two for the session and its user"


# Views


def save(client, name, query):
    return client.post(reverse("contacts:save_view"), {"name": name, "query": query})


def test_a_view_is_saved_shown_and_found_under_an_address_of_its_own(signed_in, ana, people):
    answer = save(signed_in, "  Quiet  and trusted ", "last=180&trust=2&nonsense=1")
    assert answer.url == "/people/?trust=2&last=180"
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Quiet and trusted", "trust=2&last=180")
    page = signed_in.get(answer.url)
    assert page.context["saved_here"] == view
    assert names(page) == ["Dora", "Emil"]
    assert "Quiet and trusted" in signed_in.get(URL).content.decode()
    assert signed_in.get(view.get_absolute_url()).url == answer.url


def test_saving_under_a_name_in_use_replaces_it_and_forgetting_takes_only_the_name(
    signed_in, ana, people
):
    save(signed_in, "Mine", "ring=A")
    save(signed_in, "mine", "ring=D")
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("mine", "ring=D")
    signed_in.post(reverse("contacts:forget_view", args=[view.pk]))
    assert not SavedView.objects.exists()
    assert len(shown(signed_in)) == 6


@pytest.mark.parametrize(("name", "said"), [(" ", "Give the view a name"), ("x" * 90, "90")])
def test_a_view_without_a_usable_name_is_refused_in_words(signed_in, ana, people, name, said):
    page = signed_in.get(save(signed_in, name, "ring=D").url)
    assert said in page.content.decode()
    assert not SavedView.objects.exists()


def test_a_view_of_anothers_is_nobodys(signed_in, ana, ben):
    view = SavedView.objects.create(owner=ben, name="Ben’s own", query="ring=A")
    assert signed_in.get(view.get_absolute_url()).status_code == 404
    assert "Ben’s own" not in signed_in.get(URL).content.decode()


# Many


def change(client, **said):
    return client.post(reverse("contacts:change"), {"scope": "ticked", **said})


def test_those_ticked_are_changed_and_the_page_tells_how_many(signed_in, ana, people):
    page = signed_in.get(URL, {"choose": "1"}).content.decode()
    assert page.count('name="who"') == 6
    assert 'name="who"' not in signed_in.get(URL).content.decode()
    who = [str(people[name].pk) for name in ("Ann", "Bill")]
    answer = change(signed_in, who=[*who, "no key"], act="ring-b", query="")
    edit = BulkEdit.objects.get()
    assert answer.url == edit.get_absolute_url()
    assert "hx-trigger" in signed_in.get(answer.url).content.decode()
    tasks.work_on_bulk_edit(str(edit.pk))
    done = signed_in.get(answer.url).content.decode()
    assert "Done: 2 people were changed." in done
    signed_in.post(reverse("contacts:undo_bulk_edit", args=[edit.pk]))
    tasks.work_on_bulk_edit(str(edit.pk))
    assert "2 people are as before" in signed_in.get(answer.url).content.decode()


def test_everybody_in_a_view_is_asked_for_once_more_with_the_count(signed_in, ana, people):
    said = {"scope": "all", "act": "archive", "query": "last=180"}
    sure = signed_in.post(reverse("contacts:change"), said)
    assert "This is about 2 people." in sure.content.decode()
    assert not BulkEdit.objects.exists()
    signed_in.post(reverse("contacts:change"), said | {"sure": "1"})
    tasks.work_on_bulk_edit(str(BulkEdit.objects.get().pk))
    assert shown(signed_in) == ["Ann", "Bill", "Cleo", "Fred"]
    assert shown(signed_in, view="archived") == ["Dora", "Emil"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"act": "archive"}, "Choose at least one person"),
        ({"act": "tag", "who": "x"}, "Write a word or two for a tag"),
        ({"act": "explode"}, "Choose what is to be done"),
    ],
)
def test_a_change_that_cannot_be_done_says_so_and_goes_back(signed_in, ana, people, said, words):
    answer = change(signed_in, query="ring=D", **said)
    assert answer.url == "/people/?ring=D&choose=1"
    assert words in signed_in.get(answer.url).content.decode()


def test_anothers_people_cannot_be_ticked(signed_in, ana, ben):
    his = make.contact(ben, "Friend")
    change(signed_in, who=[str(his.pk)], act="archive", query="")
    assert not BulkEdit.objects.exists()
    edit = BulkEdit.objects.create(owner=ben, act="archive", at=his.created_at)
    assert signed_in.get(edit.get_absolute_url()).status_code == 404


def test_a_page_of_fifty_people_is_light(signed_in, ana):
    Contact.objects.bulk_create(
        Contact(owner=ana, name=f"Person {number:03}", ring="D") for number in range(60)
    )
    assert len(signed_in.get(URL).content) <= 60_000
