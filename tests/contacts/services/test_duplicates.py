"""People who stand twice are found in the background, and what is said of them is remembered."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts import services, tasks
from contacts.models import (
    Contact,
    ContactPoint,
    DuplicatePair,
    DuplicateSearch,
    Merge,
    Organization,
    Position,
)
from contacts.selectors import similar_people
from contacts.services import duplicates, imports
from contacts.services.matching import organization_key
from contacts.services.points import normalised
from netcrm.kit import bulk
from netcrm.kit.ids import new_id
from tests import make
from tests.conftest import NOW
from tests.contacts.engine.doubles import with_doubles
from tests.netcrm.pages.queries import own_queries

PAGE = "/people/duplicates/"


def person(owner, name="Ann Lee", **details):
    return services.add_person(by=owner, at=NOW, name=name, **details)


def searched(owner):
    asked = duplicates.ask_for_search(by=owner)
    assert tasks.work_on_duplicates(str(asked.pk))
    return found(owner)


def found(owner):
    pairs = DuplicatePair.objects.visible_to(owner).open()
    return [{pair.first.name, pair.second.name} for pair in pairs]


def saved(owner, records):
    """Write engine records as people of ``owner``; the key of each, by the record's id."""
    keys = {record.id: UUID(int=int(record.id) + 1) for record in records}
    Contact.objects.bulk_create(
        Contact(id=keys[one.id], owner=owner, name=one.name, ring="D") for one in records
    )
    employers = {
        organization_key(one.organization): one.organization for one in records if one.organization
    }
    made = {
        row.key: row.pk
        for row in Organization.objects.bulk_create(
            Organization(owner=owner, key=key, name=name) for key, name in employers.items()
        )
    }
    bulk.insert(
        Position,
        ["id", "contact_id", "organization_id", "title"],
        (
            (new_id(), keys[one.id], made[organization_key(one.organization)], one.title)
            for one in records
            if one.organization
        ),
        created_at=NOW,
    )
    bulk.insert(
        ContactPoint,
        ["id", "contact_id", "kind", "value", "key"],
        (
            (new_id(), keys[one.id], kind, *normalised(kind, value, country=""))
            for one in records
            for kind, values in (("email", one.emails), ("phone", one.phones), ("link", one.links))
            for value in values
        ),
        created_at=NOW,
    )
    return keys


def test_of_five_thousand_people_the_planted_doubles_are_found_and_little_else(ana):
    """C3, the whole way through the worker: rows in, pairs written."""
    records, planted = with_doubles(5_000, 200, seed=7)
    keys = saved(ana, records)
    wanted = {frozenset((keys[one], keys[other])) for one, other in planted}
    asked = duplicates.ask_for_search(by=ana)
    start = time.process_time()
    tasks.work_on_duplicates(str(asked.pk))
    seconds = time.process_time() - start
    shown = {
        frozenset(pair)
        for pair in DuplicatePair.objects.filter(owner=ana).values_list("first_id", "second_id")
    }
    assert len(shown & wanted) >= 0.95 * len(wanted)
    assert len(shown - wanted) <= 0.05 * len(shown)
    assert seconds < 10


# The worker


def test_a_search_is_done_once_and_can_be_asked_for_again(ana):
    person(ana, emails=["ann@x.test"])
    person(ana, "Anne Lee", emails=["ANN@x.test"])
    asked = duplicates.ask_for_search(by=ana)
    assert tasks.work_on_duplicates(str(asked.pk)) is True
    assert tasks.work_on_duplicates(str(asked.pk)) is False
    asked.refresh_from_db()
    assert (asked.state, asked.total, asked.done) == ("done", 2, 2)
    assert found(ana) == [{"Ann Lee", "Anne Lee"}]
    assert searched(ana) == [{"Ann Lee", "Anne Lee"}]
    assert DuplicatePair.objects.count() == 1


def test_a_search_whose_worker_died_is_taken_up_by_the_next(ana):
    now = timezone.now()
    asked = duplicates.ask_for_search(by=ana)
    DuplicateSearch.objects.update(state="searching", lease_until=now + timedelta(seconds=30))
    assert duplicates.owed_searches(at=now) == []
    assert not duplicates.work_on(asked.pk, at=now)
    later = now + timedelta(minutes=3)
    assert duplicates.owed_searches(at=later) == [asked.pk]
    assert duplicates.work_on(asked.pk, at=later)
    assert duplicates.owed_searches(at=later) == []


def test_a_file_brought_in_is_followed_by_a_search(ana):
    person(ana, "Ann Lee", emails=["ann@x.test"])
    batch = imports.start_import(
        by=ana, at=NOW, file_name="a.csv",
        content=b"First Name,Last Name,Phone\nBill,Moss,+44 20 7946 0018\nB.,Moss,+44 20 7946 0018",
    )  # fmt: skip
    tasks.work_on_import(str(batch.pk))
    assert not DuplicateSearch.objects.exists()
    batch.refresh_from_db()
    imports.confirm(batch, at=NOW)
    tasks.work_on_import(str(batch.pk))
    assert DuplicateSearch.objects.get(owner=ana).state == "waiting"


def test_another_owners_people_are_in_no_pair(ana, ben):
    person(ana, emails=["ann@x.test"])
    person(ben, emails=["ann@x.test"])
    assert searched(ana) == []


# What is said of a pair


def pair_of(owner):
    return DuplicatePair.objects.visible_to(owner).open().get()


def say(client, pair, said):
    return client.post(reverse("contacts:duplicate", args=[pair.pk, said]))


def test_two_people_told_apart_never_come_up_again(signed_in, ana):
    ann = person(ana, emails=["ann@x.test"])
    person(ana, "Anne Lee", emails=["ann@x.test"])
    searched(ana)
    pair = pair_of(ana)
    say(signed_in, pair, "different")
    assert found(ana) == []
    assert searched(ana) == []
    assert similar_people(ana, name="Ann Lee", emails=["ann@x.test"], leave_out=ann.pk) == []
    say(signed_in, pair, "again")
    assert found(ana) == [{"Ann Lee", "Anne Lee"}]


def test_not_now_means_until_the_next_look(signed_in, ana):
    person(ana, emails=["ann@x.test"])
    person(ana, "Anne Lee", emails=["ann@x.test"])
    searched(ana)
    say(signed_in, pair_of(ana), "later")
    assert found(ana) == []
    assert searched(ana) == [{"Ann Lee", "Anne Lee"}]


def test_joining_a_pair_keeps_who_is_known_better(signed_in, ana):
    stranger = person(ana, "Ann Lee", emails=["ann@x.test"], ring="D")
    friend = person(ana, "Anne Lee", emails=["ann@x.test"], ring="A")
    searched(ana)
    answer = say(signed_in, pair_of(ana), "same")
    assert answer.url == PAGE
    assert list(Contact.objects.visible_to(ana).people()) == [friend]
    assert Merge.objects.get().gone.get().key == stranger.pk
    assert found(ana) == []


def test_what_was_told_apart_stays_apart_when_one_of_them_is_joined(ana):
    ann, anne, other = person(ana), person(ana, "Anne Lee"), person(ana, "Ann Lee")
    DuplicatePair.objects.create(owner=ana, first=anne, second=other, answer="apart")
    DuplicatePair.objects.create(owner=ana, first=ann, second=anne)
    services.merge_people(by=ana, at=NOW, kept=ann, others=[anne])
    pair = DuplicatePair.objects.get()
    assert (pair.first, pair.second, pair.answer) == (ann, other, "apart")
    assert searched(ana) == []


def test_all_sure_pairs_are_joined_in_the_background(signed_in, ana):
    for name in ("Ann Lee", "Anne Lee", "A. Lee"):
        person(ana, name, emails=["ann@x.test"])
    person(ana, "Bill Moss", emails=["bill@x.test"])
    bill = person(ana, "Bill Moss", emails=["bill@x.test"])
    services.archive(by=ana, at=NOW, contact=bill)  # set aside, its double is not: asked
    searched(ana)
    signed_in.post(reverse("contacts:join_certain"))
    search = DuplicateSearch.objects.get()
    assert search.state == "joining"
    tasks.work_on_duplicates(str(search.pk))
    search.refresh_from_db()
    assert search.state == "done"
    names = sorted(Contact.objects.visible_to(ana).people().values_list("name", flat=True))
    assert len([name for name in names if "Lee" in name]) == 1
    assert names.count("Bill Moss") == 2
    assert found(ana) == [{"Bill Moss"}]


def test_joining_stopped_half_way_goes_on_where_it_was(ana, monkeypatch):
    for number in range(4):
        for name in ("Ann", "Anne"):
            person(ana, f"{name} Number{number}", emails=[f"a{number}@x.test"])
    searched(ana)
    duplicates.join_all_certain(by=ana)
    search = DuplicateSearch.objects.get()
    really = duplicates.merge_people
    left = [2]

    def killed(**how):
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit
        return really(**how)

    monkeypatch.setattr(duplicates, "merge_people", killed)
    with pytest.raises(SystemExit):
        duplicates.work_on(search.pk, at=NOW)
    assert Merge.objects.count() == 2
    monkeypatch.undo()
    duplicates.work_on(search.pk, at=NOW + timedelta(minutes=3))
    search.refresh_from_db()
    assert (Merge.objects.count(), search.done, search.state) == (4, 4, "done")


# The pages


def test_the_page_shows_pairs_with_their_reasons_and_costs_the_same_however_many(signed_in, ana):
    def filled(count):
        for number in range(count):
            for name in ("Ann", "Anne"):
                person(ana, f"{name} Number{Contact.objects.count()}",
                       emails=[f"{number}-{count}@x.test"], organization="Acme")  # fmt: skip
        searched(ana)
        return own_queries(signed_in, PAGE)

    few = filled(2)
    page = signed_in.get(PAGE).content.decode()
    assert "the same e-mail address" in page
    assert filled(12) == few
    assert few <= 10


def test_an_empty_page_offers_to_look(signed_in, ana):
    page = signed_in.get(PAGE).content.decode()
    assert "Look through my people" in page
    signed_in.post(reverse("contacts:look_for_duplicates"))
    waiting = signed_in.get(PAGE).content.decode()
    assert "hx-trigger" in waiting
    assert "The search begins in a moment" in waiting


def test_two_entries_are_compared_and_joined_as_chosen_and_parted(signed_in, ana):
    ann = person(ana, "Ann Lee", organization="Acme", emails=["ann@x.test"])
    anne = person(ana, "Anne Lee", organization="Zenith")
    chosen = signed_in.get(reverse("contacts:join_choose", args=[ann.pk]), {"q": "Anne"})
    url = reverse("contacts:join", args=[ann.pk, anne.pk])
    assert url in chosen.content.decode()
    page = signed_in.get(url).content.decode()
    assert "Acme" in page
    assert "Zenith" in page
    assert signed_in.post(url).status_code == 422
    answer = signed_in.post(url, {"keep": str(anne.pk)}, follow=True)
    assert answer.redirect_chain[-1][0] == anne.get_absolute_url()
    part = reverse("contacts:part", args=[Merge.objects.get().pk])
    assert part in answer.content.decode()
    said = signed_in.post(part, follow=True).content.decode()
    assert "everything as it was before" in said
    assert set(Contact.objects.visible_to(ana).people()) == {ann, anne}
    assert "parted already" in signed_in.post(part, follow=True).content.decode()


# The warning before saving


def warned(owner, name, **typed):
    return [(one.person.name, one.why) for one in similar_people(owner, name=name, **typed)]


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("Somebody Else", {"emails": ["OLENA@x.test"]}, "the same e-mail address"),
        ("O. K.", {"phones": ["020 7946 0018"]}, "the same telephone number"),
        ("O. K.", {"links": ["http://de.linkedin.com/in/OLENA/"]}, "the same profile page"),
        ("олена коваль", {"organization": "Acme"}, "the same name, the same organization"),
        ("Коваль Олена", {"organization": "ACME"}, "the same name, the same organization"),
        ("О. Коваль", {"organization": "acme"}, "a short form of the same name"),
    ],
)
def test_a_known_address_or_a_name_with_its_employer_is_brought_up(ana, name, typed, why):
    person(ana, "Олена Коваль", emails=["olena@x.test"], phones=["+44 20 7946 0018"],
           links=["https://www.linkedin.com/in/olena"], organization="Acme")  # fmt: skip
    person(ana, "Bill Moss", organization="Acme")
    ((who, said),) = warned(ana, name, **typed)
    assert who == "Олена Коваль"
    assert said.startswith(why)


def test_nobody_is_brought_up_without_a_reason_nor_anybody_of_another_owner(ana, ben):
    person(ana, "Bill Moss", organization="Acme", emails=["bill@x.test"])
    person(ben, "Ann Lee", emails=["ann@x.test"])
    assert warned(ana, "Ann Lee", emails=["ann@x.test"], organization="Acme") == []
    assert warned(ana, "") == []


def test_somebody_set_aside_is_brought_up_too(ana):
    ann = person(ana, emails=["ann@x.test"])
    services.do_not_contact(by=ana, at=NOW, contact=ann)
    assert warned(ana, "Ann", emails=["ann@x.test"])


def test_adding_somebody_known_by_number_asks_once_and_never_blocks(signed_in, ana):
    person(ana, phones=["+44 20 7946 0018"])
    typed = {"name": "A. L.", "ring": "B", "role_kind": "other", "phones": "+442079460018"}
    page = signed_in.post(reverse("contacts:add"), typed)
    assert page.status_code == 200
    assert "You may have this person already" in page.content.decode()
    assert signed_in.post(reverse("contacts:add"), typed | {"anyway": "1"}).status_code == 302
    assert Contact.objects.visible_to(ana).people().count() == 2


def test_editing_warns_of_what_is_newly_alike_only(signed_in, ana):
    person(ana, "Ann Lee", emails=["ann@x.test"])
    namesake = person(ana, "Ann Lee")
    url = reverse("contacts:edit", args=[namesake.pk])

    def typed(**changed):
        form = signed_in.get(url).context["form"]
        said = {bound.html_name: bound.value() for bound in form}
        return {k: v for k, v in said.items() if v not in (None, False)} | changed

    assert signed_in.post(url, typed(organization="Zenith")).status_code == 302
    page = signed_in.post(url, typed(emails="ann@x.test"))
    assert page.status_code == 200
    assert "This may be somebody else in your list" in page.content.decode()
    assert not namesake.points.exists()
    again = typed(emails="ann@x.test", anyway="1")
    assert signed_in.post(url, again).status_code == 302
    assert namesake.points.get().value == "ann@x.test"


def test_a_pair_of_anothers_is_nobodys(signed_in, ana, ben):
    pair = DuplicatePair.objects.create(
        owner=ben, first=make.contact(ben, "A"), second=make.contact(ben, "B")
    )
    assert say(signed_in, pair, "same").status_code == 404
    assert Contact.objects.visible_to(ben).people().count() == 2
