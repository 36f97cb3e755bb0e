"""Everything of an owner goes out, comes back equal, and can be gone for good."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.urls import reverse

from contacts import search, services
from contacts.engine.readers.reading import read_file
from contacts.models import Contact, Interaction, Organization, Promise, Tag, TheirDate
from followups.feed import feed_of, token_of
from followups.models import CalendarFeed, FollowUp, Rhythm
from introductions.models import Ask, Give, Opportunity, Referral, TrustOverride
from netcrm.accounts.models import User
from netcrm.accounts.services import ask_to_leave, remove_leavers, stay
from netcrm.accounts.tasks import remove_leavers as remove_leavers_task
from netcrm.delivery.models import Schedule
from netcrm.groups.models import Membership, SupportGroup
from netcrm.takeout import everything
from tests import make


@pytest.fixture
def full(ana, now):
    """An account with a row in most tables."""
    day = ana.day(now)
    ann = services.add_person(
        by=ana, at=now, name="Ann Lee", nickname="Annie", emails=["ann@example.org"],
        organization="=Acme", title="Clerk", tags=["Choir"], notes="Naïve\nnotes",
        birthday={"year": None, "month": 2, "day": 29}, extra={"Dog": "Rex"},
    )  # fmt: skip
    bill = services.add_person(by=ana, at=now, name="Bill Moss")
    talk = services.log_interaction(
        by=ana, at=now, people=[ann, bill], kind="talk", note="Zanzibar", their_date=day,
        promises=[services.Word(text="Send it")],
    )  # fmt: skip
    make.introduction(ann, bill)
    Referral.objects.create(giver=ann, giver_step=1, given_on=day, to_contact=bill)
    Ask.objects.create(contact=ann, rung=1, asked_on=day, interaction=talk)
    Give.objects.create(contact=ann, given_on=day)
    TrustOverride.objects.create(contact=ann, step=4, reason="So I say", at=now)
    acme = Organization.objects.get(owner=ana)
    offer = Opportunity.objects.create(owner=ana, organization=acme, role="Lead", stage_on=day)
    offer.people.add(ann, bill)
    Rhythm.objects.create(
        owner=ana, contact=bill, opens_days=1, best_days=2, fades_days=3, quiet_days=4
    )
    return ana


def said(owner):
    with everything.archive_of(owner) as file, zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("netcrm.json"))


def shape(said):
    """What an export says, with every key replaced by the order in which it first stands."""
    named: dict[str, str] = {}

    def plain(value):
        if isinstance(value, list):
            return sorted(map(plain, value))
        try:
            UUID(value)
        except (ValueError, TypeError, AttributeError):
            return value
        return "key"

    return {
        label: sorted(
            json.dumps({k: plain(v) for k, v in row.items()}, sort_keys=True) for row in rows
        )
        for label, rows in said["rows"].items()
        if rows and label.split(".")[0] in {"contacts", "introductions", "followups"}
    } | named


def test_every_model_with_an_owner_is_exported_or_says_why_not():
    ours = {model._meta.label for model in everything.models_with_an_owner()}
    assert everything.LEFT_OUT.keys() <= ours
    exported = {model._meta.label for model in everything.exported_models()}
    assert exported | everything.LEFT_OUT.keys() == ours
    assert {"contacts.Contact", "followups.FollowUp", "introductions.Give"} <= exported


def test_an_export_taken_into_an_empty_account_is_equal(full, ben):
    before = said(full)
    count = everything.take_in(ben, before)
    after = said(ben)
    assert shape(after) == shape(before)
    assert count == sum(
        len(rows) for label, rows in before["rows"].items()
        if label.split(".")[0] in {"contacts", "introductions", "followups"}
    )  # fmt: skip
    assert [one.name for one in search.find(ben, "naive lee", most=5).people] == ["Ann Lee"]
    assert search.find(ben, "zanzibar", most=5).exchanges[0].owner == ben


def test_links_hold_between_the_same_rows_as_before(full, ben):
    everything.take_in(ben, said(full))
    ann = Contact.objects.get(owner=ben, name="Ann Lee")
    assert [tag.name for tag in ann.tags.all()] == ["Choir"]
    talk = Interaction.objects.get(owner=ben)
    assert sorted(talk.people.values_list("name", flat=True)) == ["Ann Lee", "Bill Moss"]
    assert Promise.objects.filter(interaction=talk).count() == 2
    assert TheirDate.objects.get(contact=ann).interaction == talk
    assert Opportunity.objects.get(owner=ben).people.count() == 2
    assert FollowUp.objects.filter(contact__owner=ben).count() == (
        FollowUp.objects.filter(contact__owner=full).count()
    )
    assert not Tag.objects.filter(owner=ben, contacts__owner=full).exists()


def test_a_calendar_made_before_gives_way_and_its_old_address_opens_nothing(full, ben, client):
    CalendarFeed.objects.create(owner=full, names=True)
    old = CalendarFeed.objects.create(owner=ben)
    before = token_of(old)
    everything.take_in(ben, said(full))
    row = CalendarFeed.objects.get(owner=ben)
    assert row.names is True
    assert feed_of(before) is None
    assert feed_of(token_of(row)).owner == ben
    assert token_of(row) != token_of(CalendarFeed.objects.get(owner=full))


def test_an_account_with_people_takes_nothing_in(full, ben):
    make.contact(ben, "Somebody")
    with pytest.raises(everything.NotEmpty):
        everything.take_in(ben, said(full))
    assert Contact.objects.filter(owner=ben, is_self=False).count() == 1


def test_the_csv_and_the_cards_are_read_back_by_our_own_readers(full):
    with everything.archive_of(full) as file, zipfile.ZipFile(file) as archive:
        cells = archive.read("people.csv")
        for name in ("people.csv", "people.vcf"):
            drafts = read_file(archive.read(name)).drafts
            assert [draft.full_name for draft in drafts] == ["Ann Lee", "Bill Moss"]
            assert drafts[0].organization == "=Acme"
            assert drafts[0].emails[0].value == "ann@example.org"
            assert drafts[0].notes == "Naïve\nnotes"
    assert b",=" not in cells


def test_a_file_with_our_mark_and_other_rows_changes_nothing(full, ben):
    broken = said(full)
    broken["rows"]["contacts.ContactPoint"][0].pop("value")
    with pytest.raises(everything.NotOurs):
        everything.take_in(ben, broken)
    assert not Contact.objects.filter(owner=ben, is_self=False).exists()


def test_nobody_elses_rows_are_in_an_export(full, ben, now):
    services.add_person(by=ben, at=now, name="Secret Twin")
    assert "Secret Twin" not in json.dumps(said(full))
    assert "Ann Lee" not in json.dumps(said(ben))


def test_the_page_gives_the_file_and_takes_it_back(client, full, ben):
    client.force_login(full)
    answer = client.post(reverse("accounts:data_download"))
    content = b"".join(answer.streaming_content)
    assert 'filename="netcrm-' in answer["Content-Disposition"]
    client.force_login(ben)
    file = io.BytesIO(content)
    file.name = "netcrm.zip"
    answer = client.post(reverse("accounts:data_take_in"), {"file": file})
    assert answer.status_code == 302
    assert Contact.objects.filter(owner=ben, name="Ann Lee").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", b"{}"])
def test_a_file_that_is_none_of_ours_is_refused_in_words(client, ana, content):
    client.force_login(ana)
    file = io.BytesIO(content)
    file.name = "a.zip"
    answer = client.post(reverse("accounts:data_take_in"), {"file": file})
    assert answer.status_code == 422


def test_after_the_days_of_grace_nothing_is_left(full, ben, now):
    group = SupportGroup.objects.create(name="Tuesdays")
    Membership.objects.create(group=group, user=full, joined_at=now)
    services.add_person(by=ben, at=now, name="Stays")
    ask_to_leave(full, at=now)
    assert remove_leavers(at=now + timedelta(days=13, hours=23)) == 0
    assert remove_leavers(at=now + timedelta(days=14)) == 1
    assert not User.objects.filter(pk=full.pk).exists()
    left = {
        model._meta.label: model._base_manager.exclude(**{path: ben}).count()
        for model, path in everything.models_with_an_owner().items()
    }
    assert {label: count for label, count in left.items() if count} == {}
    tables = apps.get_models(include_auto_created=True)
    through = [model for model in tables if model._meta.auto_created]
    assert sum(model._base_manager.count() for model in through) == 0
    assert Contact.objects.filter(owner=ben, name="Stays").exists()


def test_whoever_changes_their_mind_keeps_everything(client, full, now):
    client.force_login(full)
    answer = client.post(reverse("accounts:data_leave"), {"sure": ""})
    assert answer.status_code == 422
    client.post(reverse("accounts:data_leave"), {"sure": "yes"})
    full.refresh_from_db()
    assert full.leaves_at is not None
    assert "Stay" in client.get(reverse("accounts:data")).content.decode()
    client.post(reverse("accounts:data_stay"))
    full.refresh_from_db()
    assert full.leaves_at is None
    assert remove_leavers_task() == 0


def test_no_mail_is_owed_to_somebody_who_leaves(full, now):
    from netcrm.delivery.services import reconcile

    reconcile(now=now)
    assert Schedule.objects.filter(owner=full).exists()
    ask_to_leave(full, at=now)
    reconcile(now=now)
    assert not Schedule.objects.filter(owner=full).exists()
    stay(full)
    reconcile(now=now)
    assert Schedule.objects.filter(owner=full).exists()


def test_whoever_asks_can_be_shown_what_is_kept_about_them(client, full, ben):
    ann = Contact.objects.get(owner=full, name="Ann Lee")
    where = reverse("contacts:kept", args=[ann.pk])
    client.force_login(full)
    answer = client.get(where)
    assert "attachment" in answer.headers["Content-Disposition"]
    kept = answer.json()
    assert kept["contacts.Contact"][0]["notes"] == "Naïve\nnotes"
    assert [row["note"] for row in kept["contacts.Interaction"]] == ["Zanzibar"]
    assert [row["name"] for row in kept["contacts.Tag"]] == ["Choir"]
    linked = {
        "contacts.ContactPoint", "contacts.Position", "contacts.Promise", "introductions.Ask",
        "introductions.Give", "introductions.Introduction", "introductions.Referral",
    }  # fmt: skip
    assert linked <= kept.keys()
    assert "Bill Moss" not in answer.text
    client.force_login(ben)
    assert client.get(where).status_code == 404
