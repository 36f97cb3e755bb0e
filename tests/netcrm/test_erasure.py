"""Somebody asks to be erased: every copy goes, owners are told, and coming back is asked about."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from contacts import services
from contacts.models import Contact, Erased, ImportBatch, ImportRow, Interaction
from contacts.services import imports
from followups.models import FollowUp
from introductions import opt_in
from introductions.models import Introduction, OptIn
from introductions.services import move, record_introduction, record_referral
from netcrm.delivery.models import Delivery
from netcrm.takeout import emails, erasure
from netcrm.takeout.models import Erasure
from tests import make
from tests.contacts.test_imports import bring_in, linkedin, people, read

BOB = "bob.hale@acme.test"
ROW = f"Bobby,Hálenstein,https://www.linkedin.com/in/bobby,{BOB},Acme,Cook,03 Jun 2025"
NAME = "Bobby Hálenstein"


@pytest.fixture(autouse=True)
def erased_list(settings, tmp_path):
    settings.ERASED_LIST = tmp_path / "erased.list"
    return settings.ERASED_LIST


@pytest.fixture
def bobs(ana, ben, now):
    """Bob in two lists: deep in Ana's, brought in from a file in Ben's."""
    bob = services.add_person(
        by=ana,
        at=now,
        name=NAME,
        nickname="Bobby",
        emails=[BOB, "other@bob.test"],
        phones=["+44 20 7946 0018"],
        notes=f"{NAME} likes tea",
        organization="Acme",
        tags=["choir"],
    )
    ann = services.add_person(by=ana, at=now, name="Ann Lee", notes=f"Sister of {NAME}")
    cy = services.add_person(by=ana, at=now, name="Cy Dale")
    for introducer, introduced in ((ann, bob), (bob, cy)):
        record_introduction(
            owner=ana,
            introducer=introducer,
            introducee=make.me(ana),
            introduced=introduced,
            state="made",
            at=now - timedelta(days=3),
        )
    services.log_interaction(
        by=ana, at=now, people=[bob], kind="talk", on=now.date(), note="Secret of Bob",
        promises=[services.Word(text="Send it")],
    )  # fmt: skip
    services.log_interaction(by=ana, at=now, people=[bob, cy], kind="meeting", on=now.date())
    record_referral(giver=cy, at=now, given_on=now.date(), to_name=NAME)
    bring_in(ben, now, linkedin(ROW))
    read(ben, now, linkedin(ROW.replace("Cook", "Chef")))
    return bob


def rows_with(text):
    """Every cell of every table in which ``text`` stands, as table.column."""
    found = set()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                table, column = model._meta.db_table, field.column
                cursor.execute(
                    f'SELECT COUNT(*) FROM "{table}" WHERE CAST("{column}" AS TEXT) LIKE %s',  # noqa: S608
                    [f"%{text}%"],
                )
                if cursor.fetchone()[0]:
                    found.add(f"{table}.{column}")
    return found


def test_nothing_of_them_is_left_in_any_table(bobs, now):
    assert rows_with(BOB)
    assert erasure.erase(erasure.key_of(BOB.upper()), at=now) == 2
    for text in (BOB, "other@bob.test", "7946", "likes tea", "Secret of Bob", "in/bobby"):
        assert rows_with(text) == set(), text
    # What an owner wrote about somebody else is theirs to change; they are told.
    assert rows_with("lenstein") == {"contacts_contact.notes", "contacts_searchtext.text"}
    assert Contact.objects.get(name="Ann Lee").notes == f"Sister of {NAME}"


def test_a_chain_keeps_a_nameless_step_that_nothing_brings_up(ana, bobs, now):
    erasure.erase(erasure.key_of(BOB), at=now)
    assert Introduction.objects.count() == 2
    step = Contact.objects.get(owner=ana, name="Somebody")
    assert [str(row.introduced) for row in step.introductions_made.all()] == ["Cy Dale"]
    assert [str(row.introducer) for row in step.introductions_to.all()] == ["Ann Lee"]
    assert not Contact.objects.reachable().filter(pk=step.pk).exists()
    assert not FollowUp.objects.open().filter(contact=step).exists()
    assert Interaction.objects.get(kind="meeting").people.get().name == "Cy Dale"


def test_each_owner_is_told_once_in_a_mail_without_the_name(ana, ben, bobs, now):
    for _time in range(2):
        erasure.erase(erasure.key_of(BOB), at=now)
    rows = Delivery.objects.filter(letter="erased")
    assert sorted(rows.values_list("owner__email", flat=True)) == [ana.email, ben.email]
    letter = emails.erased(rows.get(owner=ana), at=now)
    assert letter is not None
    assert "(B.H.)" in letter.text
    assert "1 note of yours" in letter.text
    assert "Somebody" in letter.text
    assert "lenstein" not in letter.text + letter.html
    his = emails.erased(rows.get(owner=ben), at=now)
    assert his is not None
    assert "note of yours" not in his.text
    assert Erasure.objects.count() == 2


def test_bringing_them_in_again_asks(client, ben, bobs, now):
    erasure.erase(erasure.key_of(BOB), at=now)
    batch = read(ben, now, linkedin(ROW, "Eve,Moss,,,,,", ROW))
    held = batch.rows.filter(was_held=True)
    assert set(held.values_list("action", "problem_code")) == {("duplicate", "asked_to_be_erased")}
    client.force_login(ben)
    page = client.get(batch.get_absolute_url()).text
    assert "asked that nothing about them be kept" in page
    assert imports.decide(batch, answers={held[0].pk: "same"}) == 0
    imports.confirm(batch, at=now)
    imports.work_on(batch.pk, at=now)
    assert [person.name for person in people(ben)] == ["Eve Moss"]
    again = read(ben, now, linkedin(ROW))
    imports.decide(again, answers={again.rows.get().pk: "new"})
    imports.confirm(again, at=now)
    imports.work_on(again.pk, at=now)
    assert people(ben).filter(name=NAME).exists()


def test_adding_them_by_hand_asks(client, ana, bobs, now):
    erasure.erase(erasure.key_of(BOB), at=now)
    client.force_login(ana)
    typed = {"name": "Bob", "ring": "B", "role_kind": "other", "emails": BOB.upper()}
    answer = client.post(reverse("contacts:add"), typed)
    assert "asked not to be kept here" in answer.text
    assert not people(ana).filter(name="Bob").exists()
    client.post(reverse("contacts:add"), {**typed, "anyway": "1"})
    assert people(ana).filter(name="Bob").exists()


def test_what_is_remembered_is_a_keyed_hash(settings, bobs, now, erased_list):
    erasure.erase(erasure.key_of(BOB), at=now)
    kept = set(Erased.objects.values_list("digest", flat=True))
    assert len(kept) == 3, "both addresses and the number, and no link"
    assert set(erased_list.read_text().split()) == kept
    assert services.has_asked(emails=[BOB], phones=[], country="")
    settings.ERASURE_KEY = "another"
    assert not services.has_asked(emails=[BOB], phones=[], country="")


def test_a_restored_backup_is_erased_again_from_the_list(ana, bobs, now):
    erasure.erase(erasure.key_of(BOB), at=now)
    Erased.objects.all().delete()
    services.add_person(by=ana, at=now, name="Back Again", emails=[BOB])
    said = StringIO()
    call_command("erase_person", again=True, stdout=said)
    assert "Erased again: 1" in said.getvalue()
    assert not people(ana).filter(name="Back Again").exists()


def test_the_command_lists_without_names_and_erases_only_when_told(bobs, now):
    said = StringIO()
    call_command("erase_person", BOB, stdout=said)
    assert "Copies found: 2" in said.getvalue()
    assert "contacts.ContactPoint 3" in said.getvalue()
    assert "lenstein" not in said.getvalue()
    assert Contact.objects.filter(points__key=BOB).count() == 2
    call_command("erase_person", BOB, yes=True, stdout=said)
    assert not Contact.objects.filter(points__key=BOB).exists()


def test_a_shared_number_is_narrowed_by_name(ana, bobs, now):
    wife = services.add_person(by=ana, at=now, name="Joan Hale", phones=["+44 20 7946 0018"])
    number = erasure.key_of("+442079460018")
    assert erasure.erase(number, at=now, named="bobby") == 1
    assert people(ana).filter(pk=wife.pk).exists()


@pytest.mark.parametrize("address", ["nobody", "a@b@c", ""])
def test_what_is_no_address_is_said(db, address):
    with pytest.raises(CommandError):
        call_command("erase_person", address)


def test_a_file_waiting_to_be_read_with_them_in_it_is_let_go(ben, bobs, now):
    waiting = ImportBatch.objects.get(state="preview")
    erasure.erase(erasure.key_of(BOB), at=now)
    assert not ImportRow.objects.filter(batch=waiting).exists()
    assert not hasattr(ImportBatch.objects.get(pk=waiting.pk), "file")


def test_somebody_who_completes_no_row_any_more_stops_no_import(ana, now):
    """A person deleted between looking and adding: their row completes nobody."""
    bob = services.add_person(by=ana, at=now, name="Bob Hale", emails=["b@x.test"])
    batch = read(ana, now, linkedin("Bob,Hale,,b@x.test,Acme,Cook,", "Eve,Moss,,,,,"))
    imports.confirm(batch, at=now)
    services.trash(by=ana, at=now, contact=bob)
    services.erase(by=ana, at=now, contact=bob)
    assert imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    assert batch.state == "done"
    assert [person.name for person in people(ana)] == ["Eve Moss"]


def test_an_introduction_of_theirs_keeps_no_question_mail_promise_or_word(ana, bobs, now):
    raj = services.add_person(by=ana, at=now, name="Raj Iyer")
    row = record_introduction(
        owner=ana,
        introducer=make.me(ana),
        introducee=raj,
        introduced=bobs,
        state="wanted",
        at=now,
    )
    words = {
        "introducee": opt_in.Words(address="raj@x.test", about_other="A cook."),
        "introduced": opt_in.Words(address=BOB, about_other="A planner."),
    }
    for question in opt_in.ask_both(introduction=row, words=words, at=now):
        opt_in.answer(question, answer="yes", at=now)
    row.refresh_from_db()
    move(row, to="made", at=now)
    erasure.erase(erasure.key_of(BOB), at=now)
    assert not OptIn.objects.exists()
    assert not Delivery.objects.filter(recipient__iexact=BOB).exists()
    assert not raj.promises.exists()
    assert [give.note for give in raj.gives.all()] == [""]
    row.refresh_from_db()
    assert (row.introduced.name, row.state, row.promise) == ("Somebody", "made", None)
