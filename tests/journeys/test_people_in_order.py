"""Doubles joined and parted, many changed at once, a view saved, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Route, expect

from contacts import services
from contacts.models import BulkEdit, Contact, DuplicateSearch
from contacts.services import bulk_edits, duplicates
from introductions.models import TrustState
from netcrm.accounts.models import User
from tests import make
from tests.browser import barriers
from tests.journeys.conftest import Browse
from tests.journeys.test_people_pages import NASTY, look_at

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def twice(transactional_db, ana: User, now) -> list[Contact]:
    """Ann stands here twice, surely; Bob perhaps; and there are strangers."""
    ann = services.add_person(
        by=ana, at=now, name="Ann Lee", emails=["ann@x.test"], organization=NASTY, ring="A"
    )
    services.log_interaction(by=ana, at=now, people=[ann], kind="talk", note="About the choir")
    anne = services.add_person(
        by=ana, at=now, name="Anne Lee", emails=["ann@x.test"], tags=["choir"], notes="Likes tea"
    )
    services.add_person(by=ana, at=now, name="Robert Hall", organization="Northbank")
    services.add_person(by=ana, at=now, name="Bob Hall", organization="Northbank")
    for name in ("Cleo Marsh", "Dora Finch"):
        services.add_person(by=ana, at=now, name=name)
    return [ann, anne]


def searched(owner, now):
    asked = duplicates.ask_for_search(by=owner)
    duplicates.work_on(asked.pk, at=now)


def test_a_pair_is_joined_and_parted_again(browse: Browse, ana, twice, now):
    page = browse("/people/duplicates/", user=ana)
    page.get_by_role("button", name="Look through my people").click()
    expect(page.get_by_role("status").filter(has_text="begins in a moment")).to_be_visible()
    duplicates.work_on(DuplicateSearch.objects.get().pk, at=now)  # the worker's part
    sure = page.get_by_role("listitem").filter(has_text="Surely one person")
    expect(sure).to_contain_text("the same e-mail address")
    assert barriers(page) == []
    sure.get_by_role("button", name="Same person: join them").click()
    toast = page.locator("[data-toast]")
    expect(toast).to_contain_text("Ann Lee and Anne Lee are one person now")
    page.goto(twice[1].get_absolute_url())
    assert page.url.endswith(twice[0].get_absolute_url())
    expect(page.get_by_text("Likes tea")).to_be_visible()
    page.goto("/people/duplicates/")
    page.get_by_role("button", name="Part again Ann Lee").click()
    expect(toast).to_contain_text("everything as it was before")
    page.goto(twice[1].get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Anne Lee")
    assert barriers(page) == []


def test_telling_two_apart_is_taken_back_by_its_undo(browse: Browse, ana, twice, now):
    searched(ana, now)
    page = browse("/people/duplicates/", user=ana)
    pairs = page.locator(".pairs > li")
    expect(pairs).to_have_count(2)
    pairs.first.get_by_role("button", name="Different people").click()
    expect(pairs).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(pairs).to_have_count(2)


def test_two_entries_are_found_and_joined_from_the_person_without_script(
    browse: Browse, ana, twice
):
    page = browse(twice[0].get_absolute_url() + "join/", user=ana, java_script_enabled=False)
    page.get_by_label("Name or organization").fill("Anne")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Anne Lee").click()
    page.get_by_role("radio", name="Anne Lee").check()
    page.get_by_role("button", name="Join them").click()
    assert page.url.endswith(twice[1].get_absolute_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Anne Lee")


def test_adding_somebody_known_warns_while_one_types(browse: Browse, ana, twice):
    page = browse("/people/add/", user=ana)
    page.get_by_label("Name", exact=True).fill("A. L.")
    page.get_by_text("More about them").click()
    page.get_by_label("E-mail addresses").fill("ANN@x.test")
    page.get_by_label("Telephone numbers").focus()
    hint = page.locator("#similar-hint")
    expect(hint).to_contain_text("You may have this person already")
    expect(hint).to_contain_text("the same e-mail address")
    assert barriers(page) == []
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save as somebody new").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A. L.")


def test_several_people_are_ticked_changed_and_changed_back(browse: Browse, ana, twice, now):
    page = browse("/people/", user=ana)
    page.get_by_role("link", name="Change several").click()
    for name in ("Cleo Marsh", "Dora Finch"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_label("What should happen?").select_option("archive")
    assert barriers(page) == []
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("Changing people: 0 of 2")).to_be_visible()
    assert barriers(page) == []
    bulk_edits.work_on(BulkEdit.objects.get().pk, at=now)  # the worker's part
    expect(page.get_by_text("Done: 2 people were changed.")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    bulk_edits.work_on(BulkEdit.objects.get().pk, at=now)
    expect(page.get_by_text("Taken back: 2 people are as before.")).to_be_visible()
    assert not Contact.objects.exclude(archived_at=None).exists()


def test_everybody_in_a_view_is_changed_without_script(browse: Browse, ana, twice):
    page = browse("/people/?q=hall&choose=1", user=ana, java_script_enabled=False)
    page.get_by_role("radio", name="Everybody in this view").check()
    page.get_by_label("What should happen?").select_option("trash")
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("This is about 2 people.")).to_be_visible()
    page.get_by_role("button", name="Yes, change 2 people").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Move to trash")


def test_filters_combine_into_a_view_that_is_saved_and_found_again(browse: Browse, ana, twice, now):
    dora = Contact.objects.get(name="Dora Finch")
    Contact.objects.filter(pk=dora.pk).update(last_contact_at=now - timedelta(days=250))
    TrustState.objects.update_or_create(
        contact=dora, defaults={"level": 3, "earned": 3, "reason": "x", "next_code": "x"}
    )
    page = browse("/people/", user=ana)
    page.get_by_role("link", name="More filters").click()
    page.get_by_label("Last in touch").select_option("180")
    page.get_by_label("What they could say, at least").select_option("2")
    assert barriers(page) == []
    page.get_by_role("button", name="Show them").click()
    rows = page.locator(".person-row")
    expect(rows).to_have_count(1)
    page.get_by_text("Save this view").click()
    page.get_by_label("A name for it").fill("Quiet and trusted")
    page.get_by_role("button", name="Save view").click()
    assert barriers(page) == []
    page.goto("/people/")
    expect(rows).to_have_count(6)
    page.get_by_role("link", name="Quiet and trusted").click()
    expect(rows).to_have_count(1)
    page.get_by_label("Name or organization").press_sequentially("nobody")
    expect(rows).to_have_count(0)
    assert "last=180" in page.url
    page.get_by_label("Name or organization").fill("")
    expect(rows).to_have_count(1)


def test_what_is_typed_before_the_scripts_come_is_searched(browse: Browse, ana, twice):
    page = browse("/people/", user=ana)
    rows = page.locator(".person-row")
    scripts: list[Route] = []
    page.route("**/*.js", lambda route: scripts.append(route))
    page.goto("/people/", wait_until="commit")
    page.get_by_label("Name or organization").fill("nobody")
    expect(rows).to_have_count(6)
    for script in scripts:
        script.continue_()
    expect(rows).to_have_count(0)


PAGES = {
    "duplicates": "/people/duplicates/",
    "choosing": "/people/?choose=1&q=l",
    "a view": "/people/?last=never&trust=1&due=none",
    "filters": "/people/filters/?last=180",
    "changes": "/people/changes/",
}


@pytest.mark.parametrize("url", PAGES.values(), ids=PAGES.keys())
def test_no_barrier_and_nothing_sideways(browse: Browse, ana, twice, now, url):
    searched(ana, now)
    everybody = Contact.objects.filter(owner=ana)
    bulk_edits.start(by=ana, at=now, act="tag", people=everybody, tag="A" * 80)
    look_at(browse, ana, url)


def test_two_entries_side_by_side_have_no_barrier(browse: Browse, ana, twice, now):
    services.archive(by=ana, at=now, contact=twice[1])
    look_at(browse, ana, f"{twice[0].get_absolute_url()}join/{twice[1].pk}/")
    look_at(browse, ana, f"{twice[0].get_absolute_url()}join/")


def test_a_change_at_work_and_its_question_have_no_barrier(browse: Browse, ana, twice, now):
    edit = bulk_edits.start(by=ana, at=now, act="archive", people=Contact.objects.filter(owner=ana))
    bulk_edits.work_on(edit.pk, at=now)
    look_at(browse, ana, edit.get_absolute_url())
    assert make.me(ana).archived_at is None
