"""Pages that change one person say what they did, keep what was typed, and can be taken back."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.urls import reverse

from contacts import services
from contacts.models import Contact, Promise, Tag, TheirDate
from introductions.models import Introduction
from tests import make
from tests.netcrm.pages.queries import own_queries


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def cleo(ana, now):
    return services.add_person(
        by=ana,
        at=now,
        name="Cleo Marsh",
        emails=["cleo@x.test"],
        organization="Acme",
        tags=["choir"],
        birthday={"year": 1980, "month": 3, "day": 24},
        extra={"Dog": "Biscuit"},
    )


def url(name, *args):
    return reverse(f"contacts:{name}", args=args)


def as_typed(answer):
    """What the form on a page would send if nothing were changed."""
    form = answer.context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


# Adding


def test_a_name_is_enough(signed_in, ana):
    answer = signed_in.post(
        url("add"), {"name": "Shirley Okoro", "ring": "B", "role_kind": "other"}
    )
    person = ana.contacts.people().get()
    assert answer.url == person.get_absolute_url()


def test_who_introduced_them_is_written_down_as_an_introduction(signed_in, ana):
    signed_in.post(
        url("add"),
        {"name": "Bill", "ring": "B", "role_kind": "other", "introduced_by": "Ann Ames"},
    )
    introduction = Introduction.objects.get()
    assert (introduction.introducer.name, introduction.introduced.name) == ("Ann Ames", "Bill")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "  "}, "Write a name: what you call this person will do."),
        ({"name": "x" * 5000}, "This has 5,000 characters, and there is room for 300."),
        ({"emails": "cleo@x.test, dora@x.test"}, "is not one e-mail address"),
        ({"birthday": "4/5/1980"}, "Day and month could be swapped"),
        ({"birthday": "soon"}, "We cannot read this day"),
        ({"extra": "no colon here"}, "has no name before a colon"),
        ({"links": "javascript:alert(1)"}, "is not a link we can keep"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_nothing_typed_is_lost(
    signed_in, ana, typed, sentence
):
    sent = {"name": "Cleo", "ring": "A", "role_kind": "other", "notes": "A long story", **typed}
    answer = signed_in.post(url("add"), sent)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in shown
    assert "Error:" in shown
    assert "A long story" in shown
    assert not ana.contacts.people().exists()
    for value in typed.values():
        assert value.strip() in shown


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "Somebody Else", "emails": "CLEO@x.test"},
        {"name": "cleo marsh", "organization": "Acme"},
        {"name": "Cléo Marsh"},
    ],
    ids=["same address", "same name and employer", "same name"],
)
def test_somebody_alike_is_shown_and_never_in_the_way(signed_in, ana, cleo, sent):
    sent = {"ring": "B", "role_kind": "other", **sent}
    warned = signed_in.post(url("add"), sent)
    assert warned.status_code == 200
    assert "You may have this person already" in warned.content.decode()
    assert ana.contacts.people().count() == 1
    signed_in.post(url("add"), {**sent, "anyway": "1"})
    assert ana.contacts.people().count() == 2


def test_the_hint_while_typing_names_nobody_of_another_owner(signed_in, ben, now):
    services.add_person(by=ben, at=now, name="Cleo Marsh", emails=["cleo@x.test"])
    answer = signed_in.post(url("similar"), {"name": "Cleo Marsh", "emails": "cleo@x.test"})
    assert "Cleo" not in answer.content.decode()


# Editing


def test_saving_what_is_there_changes_nothing(signed_in, cleo):
    before = as_typed(signed_in.get(url("edit", cleo.pk)))
    assert signed_in.post(url("edit", cleo.pk), before).status_code == 302
    after = as_typed(signed_in.get(url("edit", cleo.pk)))
    assert after.pop("version") == before.pop("version") + 1
    assert after == before


def test_the_second_tab_sees_both_values_and_may_choose(signed_in, cleo):
    typed = as_typed(signed_in.get(url("edit", cleo.pk)))
    signed_in.post(url("edit", cleo.pk), {**typed, "notes": "from the first tab"})
    second = signed_in.post(url("edit", cleo.pk), {**typed, "notes": "from the second tab"})
    shown = second.content.decode()
    assert second.status_code == 409
    assert "Somebody saved this person first" in shown
    assert "from the first tab" in shown
    assert "from the second tab" in shown
    cleo.refresh_from_db()
    assert cleo.notes == "from the first tab"
    version = re.search(r'name="version" value="(\d+)"', shown)[1]
    signed_in.post(
        url("edit", cleo.pk), {**typed, "notes": "from the second tab", "version": version}
    )
    cleo.refresh_from_db()
    assert cleo.notes == "from the second tab"


def test_every_description_that_a_field_names_is_on_the_page(signed_in, cleo):
    for page in (
        signed_in.get(url("add")),
        signed_in.post(url("add"), {"name": "", "emails": "x"}),
        signed_in.get(url("edit", cleo.pk)),
        signed_in.get(url("jobs", cleo.pk)),
        signed_in.get(url("promise", cleo.pk)),
        signed_in.get(url("their_date", cleo.pk)),
        signed_in.get(url("log")),
    ):
        shown = page.content.decode()
        ids = set(re.findall(r'\bid="([^"]+)"', shown))
        named = {
            word
            for group in re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', shown)
            for word in group.split()
        }
        assert named <= ids | {"sheet-title"}, named - ids


# Setting aside


@pytest.mark.parametrize(
    ("act", "gone"),
    [("archive", True), ("do-not-contact", True), ("trash", True), ("park", False)],
)
def test_setting_aside_can_be_undone_from_its_notice(signed_in, ana, cleo, act, gone):
    answer = signed_in.post(url("act", cleo.pk, act), follow=True)
    assert (cleo in ana.contacts.reachable()) is not gone
    (message,) = answer.context["messages"]
    signed_in.post(message.extra_tags.removeprefix("undo:"))
    cleo.refresh_from_db()
    assert cleo in ana.contacts.reachable()
    assert cleo.ring == "B"


def test_reading_an_act_does_nothing(signed_in, ana, cleo):
    assert signed_in.get(url("act", cleo.pk, "trash")).status_code == 405
    assert signed_in.post(url("act", cleo.pk, "explode")).status_code == 404
    assert cleo in ana.contacts.reachable()


@pytest.mark.parametrize(
    "act", ["archive", "unarchive", "do-not-contact", "trash", "restore", "park", "ring-a"]
)
def test_nobody_acts_on_anothers_person(client, ben, cleo, act):
    client.force_login(ben)
    assert client.post(url("act", cleo.pk, act)).status_code == 404


def test_nobody_throws_themselves_away(signed_in, ana):
    assert signed_in.post(url("act", make.me(ana).pk, "trash")).status_code == 404


def test_the_trash_lists_whoever_is_in_it_and_brings_them_back(signed_in, ana, cleo, now):
    services.trash(by=ana, at=now, contact=cleo)
    assert "Cleo Marsh" in signed_in.get(url("trash")).content.decode()
    assert signed_in.get(cleo.get_absolute_url()).status_code == 404
    answer = signed_in.post(url("act", cleo.pk, "restore"))
    assert answer.url == cleo.get_absolute_url()
    assert "Cleo Marsh" not in signed_in.get(url("trash")).context["people"]


# Jobs, promises, days, tags


def test_jobs_are_added_changed_and_removed(signed_in, cleo):
    signed_in.post(
        url("jobs", cleo.pk),
        {
            "organization": "Northbank",
            "title": "Clerk",
            "started_on": "2019-01-01",
            "ended_on": "2020-01-01",
        },
    )
    old = cleo.positions.get(organization__name="Northbank")
    assert not old.is_current
    wrong = signed_in.post(
        url("job", old.pk),
        {"organization": "Northbank", "started_on": "2020-01-02", "ended_on": "2020-01-01"},
    )
    assert "It ends before it starts" in wrong.content.decode()
    signed_in.post(url("job", old.pk), {"organization": "Southbank", "ended_on": "2020-01-01"})
    old.refresh_from_db()
    assert str(old.organization) == "Southbank"
    signed_in.post(url("remove_job", old.pk))
    assert [str(job) for job in cleo.positions.all()] == ["Acme"]


def test_a_promise_is_written_down_kept_and_opened_again(signed_in, cleo):
    signed_in.post(
        url("promise", cleo.pk), {"text": "Call", "by_me": "them", "due_on": "2026-11-20"}
    )
    promise = Promise.objects.get()
    assert (promise.by_me, promise.due_on) == (False, date(2026, 11, 20))
    signed_in.post(url("settle_promise", promise.pk, "let-go"))
    promise.refresh_from_db()
    assert promise.kept is False
    signed_in.post(url("settle_promise", promise.pk, "reopen"))
    promise.refresh_from_db()
    assert promise.kept is None
    assert signed_in.post(url("settle_promise", promise.pk, "broken")).status_code == 404


def test_a_day_they_named_is_set_and_emptied(signed_in, cleo):
    past = signed_in.post(url("their_date", cleo.pk), {"on": "2026-11-16"})
    assert "That day is past" in past.content.decode()
    signed_in.post(url("their_date", cleo.pk), {"on": "2027-01-10"})
    assert TheirDate.objects.get(closed_at=None).on == date(2027, 1, 10)
    signed_in.post(url("their_date", cleo.pk), {"on": ""})
    assert not TheirDate.objects.filter(closed_at=None).exists()


def test_tags_are_counted_renamed_and_deleted(signed_in, ana, cleo):
    tag = ana.tags.get()
    assert "1 person" in signed_in.get(url("tags")).content.decode()
    signed_in.post(url("tag", tag.pk), {"name": "Chorus"})
    assert [str(one) for one in cleo.tags.all()] == ["Chorus"]
    assert "Delete the tag “Chorus”?" in signed_in.get(url("delete_tag", tag.pk)).content.decode()
    signed_in.post(url("delete_tag", tag.pk))
    assert not Tag.objects.exists()
    assert Contact.objects.filter(pk=cleo.pk).exists()


def test_people_set_aside_are_not_counted_among_a_tags_people(signed_in, ana, cleo, now):
    services.archive(by=ana, at=now, contact=cleo)
    assert "0 people" in signed_in.get(url("tags")).content.decode()


def test_an_exchange_is_corrected_and_deleted(signed_in, ana, cleo, now):
    row = services.log_interaction(by=ana, at=now, people=[cleo], kind="talk", note="x")
    page = url("exchange", row.pk)
    typed = as_typed(signed_in.get(page))
    signed_in.post(
        page,
        {
            **typed,
            "kind": "meeting",
            "on": "2026-11-10",
            "note": "y",
            "also_with": "Dora Fell",
            "flags": ["thanked"],
        },
    )
    row.refresh_from_db()
    assert (row.kind, row.note, row.thanked, row.people.count()) == ("meeting", "y", True, 2)
    future = signed_in.post(page, {**typed, "on": "2026-11-18"})
    assert "is still to come" in future.content.decode()
    assert signed_in.post(url("delete_exchange", row.pk)).url == cleo.get_absolute_url()
    cleo.refresh_from_db()
    assert cleo.last_contact_at is None


@pytest.mark.parametrize("page", ["trash", "tags", "jobs"])
def test_the_query_budget_is_flat_from_3_to_23_rows(signed_in, ana, cleo, now, page):
    def filled(count):
        for number in range(count):
            person = services.add_person(
                by=ana, at=now, name=f"P{number}", tags=[f"{page} {number} of {count}"]
            )
            services.save_position(
                by=ana, at=now, contact=cleo, organization=f"Place {number} of {count}"
            )
            services.trash(by=ana, at=now, contact=person)
        return own_queries(signed_in, url(page, *([cleo.pk] if page == "jobs" else [])))

    few = filled(3)
    assert filled(20) == few
    assert few <= 3


# Joined into another


def test_the_old_address_of_somebody_joined_into_another_leads_to_them(signed_in, ana, cleo, now):
    other = services.add_person(by=ana, at=now, name="Cleo Marshal")
    services.merge_people(by=ana, at=now, kept=cleo, others=[other])
    assert signed_in.get(other.get_absolute_url()).url == cleo.get_absolute_url()
    assert signed_in.get(url("edit", other.pk)).url == url("edit", cleo.pk)
    assert signed_in.get(url("trash")).context["people"] == []


def test_what_was_typed_about_somebody_who_is_another_by_now_is_not_lost(signed_in, ana, cleo, now):
    other = services.add_person(by=ana, at=now, name="Cleo Marshal")
    typed = as_typed(signed_in.get(url("edit", other.pk))) | {"how_met": "At the choir"}
    services.merge_people(by=ana, at=now, kept=cleo, others=[other])
    answer = signed_in.post(url("edit", other.pk), typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "At the choir" in page
    assert f'action="{url("edit", cleo.pk)}"' in page
    saved = signed_in.post(url("edit", cleo.pk), as_typed(answer))
    assert saved.url == cleo.get_absolute_url()
    cleo.refresh_from_db()
    assert cleo.how_met == "At the choir"


def test_saving_while_another_joins_the_person_is_a_conflict(ana, cleo, now):
    other = services.add_person(by=ana, at=now, name="Cleo Marshal")
    services.merge_people(by=ana, at=now, kept=cleo, others=[other])
    with pytest.raises(services.Conflict) as refused:
        services.edit_person(by=ana, at=now, contact=other, version=1, name="Cleo M.")
    assert refused.value.now == cleo
