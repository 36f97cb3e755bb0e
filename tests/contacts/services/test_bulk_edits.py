"""One change to thousands: in chunks, counted, taken up where it stopped, and taken back."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from contacts import search, services, tasks
from contacts.models import BulkEdit, BulkEditRow, Contact, Tag
from contacts.services import bulk_edits
from followups.models import FollowUp
from tests import make
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=5)


def crowd(owner, count, **fields):
    return Contact.objects.bulk_create(
        Contact(owner=owner, name=f"Person {number:04}", **{"ring": "D", **fields})
        for number in range(count)
    )


def everybody(owner):
    return Contact.objects.visible_to(owner).people()


def changed(owner, act, people=None, **how):
    edit = bulk_edits.start(
        by=owner, at=NOW, act=act, people=everybody(owner) if people is None else people, **how
    )
    assert bulk_edits.work_on(edit.pk, at=NOW)
    edit.refresh_from_db()
    return edit


def taken_back(owner, edit, at=LATER):
    bulk_edits.undo(by=owner, at=at, edit=edit)
    assert bulk_edits.work_on(edit.pk, at=at)
    edit.refresh_from_db()
    return edit


def state(owner):
    columns = ("name", "ring", "archived_at", "do_not_contact", "trashed_at")
    people = Contact.objects.filter(owner=owner, is_self=False).order_by("name", "pk")
    return [(*row, tuple(Contact.objects.get(pk=row[-1]).tags.order_by("name")))
            for row in people.values_list(*columns, "pk")]  # fmt: skip


@pytest.mark.parametrize("act", BulkEdit.Act.values)
def test_every_act_does_what_it_says_and_taking_it_back_leaves_all_as_it_was(ana, act):
    choir = Tag.objects.create(owner=ana, name="Choir")
    for number in range(6):
        one = make.contact(ana, f"Person {number}", ring="ABCD"[number % 4])
        if number % 2:
            one.tags.add(choir)
            services.archive(by=ana, at=NOW - timedelta(days=number), contact=one)
            services.do_not_contact(by=ana, at=NOW, contact=one)
    before = state(ana)
    edit = changed(ana, act, tag="choir")
    assert (edit.state, edit.total, edit.done) == ("done", 6, 6)
    people = Contact.objects.filter(owner=ana, is_self=False)
    expected = {
        "tag": people.filter(tags=choir).count() == 6,
        "untag": not people.filter(tags=choir).exists(),
        "archive": not people.filter(archived_at=None).exists(),
        "unarchive": not people.exclude(archived_at=None).exists(),
        "do-not-contact": not people.filter(do_not_contact=False).exists(),
        "contact-again": not people.filter(do_not_contact=True).exists(),
        "trash": not people.filter(trashed_at=None).exists(),
        "park": not people.exclude(ring="D").exists(),
    }
    if act.startswith("ring"):
        assert not people.exclude(ring=act[-1].upper()).exists()
    else:
        assert expected[act]
    assert 0 < edit.changed <= 6
    taken_back(ana, edit)
    assert (edit.state, edit.restored) == ("undone", edit.changed)
    assert state(ana) == before


def test_two_thousand_people_are_changed_in_the_worker_and_counted(ana):
    crowd(ana, 2_100)
    crowd(ana, 100, ring="C")
    edit = bulk_edits.start(by=ana, at=NOW, act="tag", people=everybody(ana), tag="Old")
    start = time.process_time()
    tasks.work_on_bulk_edit(str(edit.pk))
    seconds = time.process_time() - start
    edit.refresh_from_db()
    assert (edit.done, edit.changed, edit.state) == (2_200, 2_200, "done")
    assert Tag.objects.get().contacts.count() == 2_200
    assert len(search.find(ana, "old", most=5).people) == 5
    assert seconds < 30


def test_archived_people_have_nothing_planned_and_coming_back_they_do_again(ana):
    ann = services.add_person(by=ana, at=NOW, name="Ann", ring="A")
    edit = changed(ana, "archive")
    assert not FollowUp.objects.open().filter(contact=ann).exists()
    taken_back(ana, edit)
    assert FollowUp.objects.open().filter(contact=ann).exists()


def test_a_change_whose_worker_was_killed_goes_on_where_it_stopped(ana, monkeypatch):
    monkeypatch.setattr(bulk_edits, "CHUNK", 10)
    crowd(ana, 35)
    edit = bulk_edits.start(by=ana, at=NOW, act="ring-c", people=everybody(ana))
    really = bulk_edits._do
    left = [2]

    def killed(*how):
        left[0] -= 1
        if left[0] < 0:
            raise SystemExit
        return really(*how)

    monkeypatch.setattr(bulk_edits, "_do", killed)
    with pytest.raises(SystemExit):
        bulk_edits.work_on(edit.pk, at=NOW)
    edit.refresh_from_db()
    assert (edit.state, edit.done, edit.changed) == ("working", 20, 20)
    monkeypatch.setattr(bulk_edits, "_do", really)
    BulkEdit.objects.update(lease_until=NOW + bulk_edits.LEASE)  # died without a word
    assert not bulk_edits.work_on(edit.pk, at=NOW)
    assert bulk_edits.owed_edits(at=NOW + timedelta(minutes=3)) == [edit.pk]
    assert bulk_edits.work_on(edit.pk, at=NOW + timedelta(minutes=3))
    assert not bulk_edits.work_on(edit.pk, at=NOW + timedelta(minutes=3))
    edit.refresh_from_db()
    assert (edit.state, edit.done, edit.changed) == ("done", 35, 35)
    assert everybody(ana).filter(ring="C").count() == 35


def test_what_is_more_than_one_run_does_is_owed_again(ana, monkeypatch):
    monkeypatch.setattr(bulk_edits, "CHUNK", 5)
    monkeypatch.setattr(bulk_edits, "CHUNKS", 2)
    crowd(ana, 13)
    edit = bulk_edits.start(by=ana, at=NOW, act="ring-c", people=everybody(ana))
    assert [bulk_edits.work_on(edit.pk, at=NOW) for _ in range(3)] == [True, True, False]
    edit.refresh_from_db()
    assert (edit.state, edit.done) == ("done", 13)
    bulk_edits.undo(by=ana, at=LATER, edit=edit)
    assert [bulk_edits.work_on(edit.pk, at=LATER) for _ in range(3)] == [True, True, False]
    edit.refresh_from_db()
    assert (edit.state, edit.restored) == ("undone", 13)


def test_whom_it_is_about_is_settled_when_it_is_asked_for(ana):
    crowd(ana, 3)
    edit = bulk_edits.start(by=ana, at=NOW, act="archive", people=everybody(ana).filter(ring="D"))
    new = make.contact(ana, "Newcomer", ring="D")
    gone = everybody(ana).first()
    services.trash(by=ana, at=NOW, contact=gone)
    bulk_edits.work_on(edit.pk, at=NOW)
    new.refresh_from_db()
    edit.refresh_from_db()
    assert new.archived_at is None
    assert (edit.total, edit.done, edit.changed) == (3, 3, 2)


def test_taking_back_leaves_alone_what_was_changed_since(ana):
    ann, bill = make.contact(ana, "Ann", ring="A"), make.contact(ana, "Bill", ring="B")
    edit = changed(ana, "park")
    services.set_ring(by=ana, at=LATER, contact=Contact.objects.get(pk=ann.pk), ring="C")
    taken_back(ana, edit)
    assert (edit.changed, edit.restored) == (2, 1)
    for one, ring in ((ann, "C"), (bill, "B")):
        one.refresh_from_db()
        assert one.ring == ring


def test_taking_back_leaves_whoever_was_joined_into_another_away(ana):
    ann, anne = make.contact(ana, "Ann", ring="A"), make.contact(ana, "Anne", ring="B")
    edit = changed(ana, "trash")
    services.restore(by=ana, at=NOW, contact=Contact.objects.get(pk=ann.pk))
    services.restore(by=ana, at=NOW, contact=Contact.objects.get(pk=anne.pk))
    services.merge_people(by=ana, at=NOW, kept=ann, others=[anne])
    taken_back(ana, edit)
    assert list(everybody(ana)) == [ann]


def test_a_change_is_taken_back_once_and_within_thirty_days(ana):
    crowd(ana, 2)
    edit = changed(ana, "archive")
    with pytest.raises(bulk_edits.NotNow):
        bulk_edits.undo(by=ana, at=NOW + timedelta(days=31), edit=edit)
    taken_back(ana, edit)
    with pytest.raises(bulk_edits.NotNow):
        bulk_edits.undo(by=ana, at=LATER, edit=edit)


def test_the_trash_keeps_them_for_thirty_days_and_then_they_are_gone(ana):
    crowd(ana, 3)
    changed(ana, "trash")
    assert Contact.objects.in_trash_of(ana).count() == 3
    assert services.empty_old_trash(at=NOW + timedelta(days=30)) == 0
    assert services.empty_old_trash(at=NOW + timedelta(days=30, seconds=1)) == 3
    assert not BulkEditRow.objects.exists()
    assert not everybody(ana).exists()


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"act": "shout"}, "act"),
        ({"act": "tag", "tag": " "}, "tag"),
        ({"act": "untag", "tag": "Nobody has this"}, "tag"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(ana, how, field):
    crowd(ana, 1)
    with pytest.raises(ValidationError) as refused:
        bulk_edits.start(by=ana, at=NOW, people=everybody(ana), **how)
    assert set(refused.value.message_dict) == {field}
    assert not BulkEdit.objects.exists()


def test_neither_the_owner_nor_anothers_people_are_ever_among_them(ana, ben):
    crowd(ben, 2)
    with pytest.raises(ValidationError, match="at least one"):
        bulk_edits.start(by=ana, at=NOW, act="archive", people=Contact.objects.all())
    ann = make.contact(ana, "Ann")
    edit = changed(ana, "archive", Contact.objects.all())
    assert [row.contact for row in edit.rows.all()] == [ann]


def test_a_tag_deleted_meanwhile_changes_nobody(ana):
    crowd(ana, 2)
    edit = bulk_edits.start(by=ana, at=NOW, act="tag", people=everybody(ana), tag="Old")
    services.delete_tag(by=ana, at=NOW, tag=Tag.objects.get())
    bulk_edits.work_on(edit.pk, at=NOW)
    edit.refresh_from_db()
    assert (edit.state, edit.changed) == ("done", 0)
