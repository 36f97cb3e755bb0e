"""Rows of groups, tried by those who may open some of them and not these; see test_cast too."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.urls import reverse

from netcrm.groups import services
from netcrm.groups.models import (
    Comment,
    Commitment,
    Figures,
    Grain,
    Invitation,
    LeaderNote,
    Membership,
    NoteShare,
    PersonShare,
    Playbook,
    PlaybookCopy,
    Question,
    RoomMatch,
    SupportGroup,
    Turn,
    ViewLog,
)
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Cast:
    group: SupportGroup
    keys: dict[str, UUID]
    lea: Any
    ana: Any


@pytest.fixture
def cast(lea, ana) -> Cast:
    """Lea leads; Ana is a member who shares names; every kind of row is there."""
    group = make.group(lea, at=NOW, covenant="Come.")
    hers = make.member(group, ana, at=NOW, grain=Grain.NAMES, in_the_room=True)
    ann = make.contact(ana, "Ann Lee")
    meeting = services.start_meeting(group=group, at=NOW)
    question = Question.objects.create(asked_by=hers, company="Acme", asked_at=NOW)
    playbook = Playbook.objects.create(group=group, kind="note", title="T", text="Dear")
    rows = [
        group,
        hers,
        ann,
        meeting,
        question,
        playbook,
        Turn.objects.get(meeting=meeting),
        Commitment.objects.create(membership=hers, text="Write to Ann"),
        Comment.objects.create(membership=hers, author=lea, text="Well done"),
        LeaderNote.objects.create(membership=hers, author=lea, text="Call"),
        PersonShare.objects.create(membership=hers, contact=ann, grain=1),
        NoteShare.objects.create(membership=hers, contact=ann, text="Kind"),
        RoomMatch.objects.create(question=question, membership=hers, contact=ann),
        PlaybookCopy.objects.create(owner=ana, kind="note", title="T", text="Dear"),
        Invitation.objects.create(
            group=group,
            email="d@example.test",
            invited_by=lea,
            nonce=uuid4(),
            expires_at=NOW + dt.timedelta(days=3),
        ),
    ]
    return Cast(group=group, keys={row._meta.label: row.pk for row in rows}, lea=lea, ana=ana)


def snapshot() -> list[Any]:
    """Every row of groups, but what a look leaves: its line in the log, and the counts."""
    return [
        list(model.objects.order_by("pk").values())
        for model in apps.get_app_config("groups").get_models()
        if model not in (Figures, ViewLog)
    ]


def test_a_leader_cannot_open_what_is_the_members_own(client, cast):
    client.force_login(cast.lea)
    keys = cast.keys
    own = [
        ("groups:share", keys["groups.Membership"]),
        ("groups:share_person", keys["groups.Membership"]),
        ("groups:find_note", keys["groups.Membership"]),
        ("groups:preview", keys["groups.Membership"]),
        ("groups:unshare_person", keys["groups.PersonShare"]),
        ("groups:unshare_note", keys["groups.NoteShare"]),
        ("groups:commitment", keys["groups.Commitment"]),
        ("groups:answer", keys["groups.RoomMatch"]),
        ("groups:drop_copy", keys["groups.PlaybookCopy"]),
        ("contacts:detail", keys["contacts.Contact"]),
    ]
    before = snapshot()
    for name, key in own:
        for method in ("get", "post"):
            answer = getattr(client, method)(reverse(name, args=[key]), {"says": "yes"})
            assert answer.status_code in {404, 405}, name
    assert snapshot() == before


def test_ids_of_others_in_a_body_change_nothing(client, cast, ben):
    """A leader of two groups cannot carry rows of one into the other."""
    other = make.group(cast.lea, name="Thursday group")
    far = make.member(other, ben, grain=Grain.NAMES)
    meeting = services.start_meeting(group=other, at=NOW)
    turn = Turn.objects.get(meeting=meeting)
    note = make.interaction(make.contact(ben, "Bill"), note="Not yours")
    here = cast.keys
    client.force_login(cast.lea)
    before = snapshot()
    tried = [
        ("groups:arrive", here["groups.Meeting"], {"member": far.pk}),
        ("groups:next_turn", here["groups.Meeting"], {"turn": turn.pk}),
        ("groups:read_for", here["groups.Turn"], {"reader": far.pk}),
        ("groups:pair", here["groups.Membership"], {"buddy": far.pk}),
        ("groups:comment", here["groups.Membership"], {"text": "Hm", "about": uuid4()}),
        ("groups:appoint", here["groups.Membership"], {"role": "owner"}),
    ]
    for name, key, body in tried:
        client.post(reverse(name, args=[key]), body)
    client.force_login(cast.ana)
    mine = [here["groups.Membership"], here["contacts.Contact"]]
    client.post(reverse("groups:share_note", args=mine), {"note": note.pk})
    client.post(reverse("groups:share_person", args=mine[:1]), {"person": "Bill", "grain": 3})
    foreign = reverse("groups:share_note", args=[mine[0], note.participations.get().contact_id])
    assert client.get(foreign).status_code == 404
    assert snapshot() == before


def test_rights_are_asked_for_each_time(client, cast, ben):
    """An open page of somebody whose role has just ended opens nothing on the next click."""
    co = make.member(cast.group, ben, role="co_leader")
    client.force_login(ben)
    address = reverse("groups:review", args=[cast.keys["groups.Membership"]])
    assert client.get(address).status_code == 200
    services.appoint(membership=co, role="member")
    assert client.get(address).status_code == 404


def test_keys_cannot_be_counted(cast):
    keys = [make.member(cast.group, make.user(f"n{n}@example.test")).pk for n in range(20)]
    assert len({key.int >> 62 for key in keys} | {key.int for key in keys}) > 20
    assert all(key.version == 7 for key in keys)
    assert Membership.objects.filter(pk__in=keys).count() == 20
