"""What works: shared by leaders, copied by members into rows of their own."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from contacts import services as people
from contacts.models import Tag
from followups.models import FollowUp, Rhythm
from introductions import asks
from netcrm.groups import services
from netcrm.groups.models import Playbook, PlaybookCopy
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def group(lea, ana):
    with time_machine.travel(NOW, tick=False):
        made = make.group(lea)
        make.member(made, ana)
        yield made


@pytest.fixture
def share(group, lea, client):
    """A leader shares something, by the form."""

    def share_(**values) -> Playbook:
        client.force_login(lea)
        address = reverse("groups:new_playbook", args=[group.pk])
        answer = client.post(address, {"title": "T", "text": "Dear…", **values})
        assert answer.status_code == 302, answer.content.decode()
        return Playbook.objects.get()

    return share_


@pytest.fixture
def rhythm(share):
    return share(kind="rhythm", tag="Insiders", every_days=10, title="Every ten days")


def copy(client, user, playbook, **body):
    client.force_login(user)
    return client.post(reverse("groups:copy_playbook", args=[playbook.pk]), body)


def test_a_copied_rhythm_is_the_rhythm_of_a_tag_of_ones_own(rhythm, ana, client):
    assert copy(client, ana, rhythm).status_code == 302
    tag = Tag.objects.visible_to(ana).get()
    assert (tag.name, tag.rhythm.best_days, tag.rhythm.owner) == ("Insiders", 10, ana)


def test_whom_a_copied_rhythm_moves_is_shown_before_it_is_taken(rhythm, ana, client):
    shirley = people.add_person(by=ana, at=NOW, name="Shirley Okoro", ring="C")
    people.log_interaction(by=ana, at=NOW, people=[shirley], kind="talk")
    people.set_tags(by=ana, at=NOW, contact=shirley, names=["insiders"])
    before = FollowUp.objects.open().filter(contact=shirley).values_list("best_on").get()
    page = copy(client, ana, rhythm).content.decode()
    assert "This moves one person." in page
    assert "Shirley Okoro" in page
    assert not PlaybookCopy.objects.exists()
    assert not Rhythm.objects.exists()
    copy(client, ana, rhythm, seen="1")
    assert Tag.objects.get().rhythm.best_days == 10
    assert FollowUp.objects.open().filter(contact=shirley).values_list("best_on").get() < before


def test_later_edits_of_the_leader_reach_no_copy(rhythm, ana, lea, client):
    copy(client, ana, rhythm)
    client.force_login(lea)
    client.post(
        reverse("groups:edit_playbook", args=[rhythm.pk]),
        {"kind": "rhythm", "title": "New", "text": "New", "tag": "Others", "every_days": 99},
    )
    rhythm.refresh_from_db()
    assert rhythm.every_days == 99
    row = PlaybookCopy.objects.get()
    assert (row.title, row.text, row.tag, row.every_days) == (
        "Every ten days",
        "Dear…",
        "Insiders",
        10,
    )
    assert Rhythm.objects.get().best_days == 10
    copy(client, ana, rhythm)
    copy(client, ana, rhythm)
    assert PlaybookCopy.objects.count() == 1
    assert Rhythm.objects.get().best_days == 10


def test_what_is_withdrawn_stays_with_those_who_copied_it(rhythm, ana, lea, client):
    copy(client, ana, rhythm)
    client.force_login(lea)
    client.post(reverse("groups:withdraw_playbook", args=[rhythm.pk]))
    client.force_login(ana)
    assert "Every ten days" in client.get(reverse("groups:copies")).content.decode()
    assert Rhythm.objects.get().owner == ana


def test_a_copied_note_is_offered_where_a_note_is_written(share, ana, client):
    copy(client, ana, share(kind="note", title="Short and kind", text="Dear Dana, we met at…"))
    ann, bill = make.contact(ana, "Ann Lee"), make.contact(ana, "Bill Moss")
    row = make.introduction(ann, bill, state="asked", made_at=None)
    for address in (
        reverse("introductions:detail", args=[row.pk]),
        reverse("introductions:ask", args=[ann.pk]),
    ):
        page = client.get(address).content.decode()
        assert "Short and kind" in page
        assert "we met at" not in page
        started = client.get(address, {"from": PlaybookCopy.objects.get().pk})
        assert "Dear Dana, we met at…" in started.content.decode()


def test_a_note_of_somebody_else_starts_nothing(share, ana, ben, client):
    copy(client, ana, share(kind="note", title="Short", text="Only mine"))
    ann = make.contact(ben, "Ann Lee")
    client.force_login(ben)
    for key in (PlaybookCopy.objects.get().pk, "none", ""):
        answer = client.get(reverse("introductions:ask", args=[ann.pk]), {"from": key})
        assert answer.status_code == 200
        assert "Only mine" not in answer.content.decode()


def test_a_copied_idea_is_one_of_the_ideas_to_give(share, ana, client):
    copy(client, ana, share(kind="give", title="Bread", text="Bake them a loaf."))
    ann = make.contact(ana, "Ann Lee")
    assert next(iter(asks.ideas_for(ana, ann))).idea.text == "Bake them a loaf."
    page = client.get(reverse("introductions:ask", args=[ann.pk])).content.decode()
    assert "Bake them a loaf." in page


def test_a_member_adds_edits_and_drops_their_own(ana, client):
    client.force_login(ana)
    new = reverse("groups:new_copy")
    assert client.post(new, {"kind": "rhythm", "title": "T", "text": "x"}).status_code == 422
    client.post(new, {"kind": "give", "title": "Soup", "text": "Bring soup."})
    row = PlaybookCopy.objects.get()
    client.post(reverse("groups:edit_copy", args=[row.pk]), {"title": "Soup", "text": "Hot soup."})
    row.refresh_from_db()
    assert (row.kind, row.text, row.copied_from) == ("give", "Hot soup.", None)
    client.post(reverse("groups:drop_copy", args=[row.pk]))
    assert not PlaybookCopy.objects.exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"tag": "", "every_days": "7"}, "Say for whose people the rhythm is."),
        ({"tag": "Insiders", "every_days": ""}, "Say every how many days."),
    ],
    ids=["no tag", "no days"],
)
def test_a_rhythm_says_for_whom_and_how_often(group, lea, client, values, says):
    client.force_login(lea)
    address = reverse("groups:new_playbook", args=[group.pk])
    answer = client.post(address, {"kind": "rhythm", "title": "T", "text": "x", **values})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_days_belong_to_rhythms_only(group, share):
    note = share(kind="note", tag="Insiders", every_days=7)
    assert (note.tag, note.every_days) == ("", None)
    for values in ({"every_days": 7}, {"tag": "x"}, {"tag": "x", "every_days": 7}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Playbook.objects.filter(pk=note.pk).update(**values)
    services.withdraw_playbook(playbook=note)
