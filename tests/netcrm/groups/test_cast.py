"""The whole cast at every door: ids of others in path, body and query open and change nothing.

Routes come from the URL resolver and names of parameters from the forms and views themselves, so
that a new door, or a new name, fails here until it is classified.
"""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import re
from collections import defaultdict
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from django import forms
from django.apps import apps
from django.db import models
from django.http import HttpResponseNotFound, QueryDict
from django.urls import resolve, reverse

from contacts.models import Contact
from netcrm.groups import services
from netcrm.groups.models import (
    Comment,
    Commitment,
    Figures,
    Grain,
    Invitation,
    LeaderNote,
    Meeting,
    Membership,
    News,
    NoteShare,
    PersonShare,
    Playbook,
    PlaybookCopy,
    Question,
    RoomMatch,
    SupportGroup,
    Turn,
    ViewLog,
    WeeklyReport,
)
from tests import make
from tests.architecture.routes import Route, every_route

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
DOORS = [route for route in every_route() if route.name.startswith("groups:")]

# Addresses only a leader may open, of a group one belongs to as a member.
LEADERS = {
    "groups:appoint",
    "groups:arrive",
    "groups:capture",
    "groups:comment",
    "groups:edit",
    "groups:edit_playbook",
    "groups:end_meeting",
    "groups:export",
    "groups:invitations",
    "groups:meeting",
    "groups:meetings",
    "groups:members",
    "groups:new_playbook",
    "groups:next_turn",
    "groups:note",
    "groups:offer_role",
    "groups:overview",
    "groups:pair",
    "groups:projector",
    "groups:read_for",
    "groups:remove",
    "groups:review",
    "groups:start_meeting",
    "groups:withdraw",
    "groups:withdraw_playbook",
}
# What says "not shared any more" to an open page of somebody who led, and nothing else.
SAYS_IT_IS_OVER = {"groups:still_shared", "groups:still_so"}

# Doors of a group for whoever belongs to it, and doors of what is one's own.
MEMBERS = {
    "groups:agree",
    "groups:copy_playbook",
    "groups:group",
    "groups:landed",
    "groups:leave",
    "groups:nothing",
    "groups:room",
    "groups:week",
}
OWN = {
    "groups:answer",
    "groups:commitment",
    "groups:commitment_again",
    "groups:commitment_later",
    "groups:drop_copy",
    "groups:edit_copy",
    "groups:find_note",
    "groups:preview",
    "groups:share",
    "groups:share_note",
    "groups:share_person",
    "groups:unshare_note",
    "groups:unshare_person",
}
# Doors whose address names no row.
NAMELESS = {
    "groups:comments_read",
    "groups:copies",
    "groups:home",
    "groups:join",
    "groups:new",
    "groups:new_copy",
    "groups:sharing",
}

# Parameters that name a row, and what is sent for all others so that a form is otherwise right.
IDS = {"about", "buddy", "from", "member", "note", "person", "reader", "turn"}
VALID = {
    "agenda": "Welcome",
    "agreed": "on",
    "ask": "Who?",
    "asked": "1",
    "commitment": "I will",
    "company": "Acme",
    "covenant": "Come.",
    "days": "1",
    "deciders": "1",
    "due_on": "2026-12-01",
    "email": "new@example.test",
    "every_days": "7",
    "gives": "1",
    "goodbye": "",
    "grain": "3",
    "here": "yes",
    "hours": "1",
    "in_the_room": "on",
    "insiders": "1",
    "kept": "yes",
    "kind": "note",
    "looped": "1",
    "meets": "Tuesdays",
    "minutes_each": "4",
    "name": "Thursday group",
    "new_targets": "1",
    "on": "2026-12-01",
    "others": "1",
    "read_for_me": "on",
    "received": "1",
    "role": "member",
    "says": "yes",
    "seen": "1",
    "tag": "Insiders",
    "text": "Words",
    "title": "Words",
    "win": "Words",
}
NEEDLES = (
    "Zephyrine",
    "whispered",
    "the leader's own",
    "said to Ana",
    "her report",
    "hers to keep",
)


def modules() -> set[str]:
    """Where the views of these doors live."""
    found = set()
    for route in DOORS:
        values = {name: uuid4() for name, _kind in route.converters}
        found.add(resolve(reverse(route.name, kwargs=values)).func.__module__)
    return found


def parameters() -> set[str]:
    """Every name a view of these doors, or a form of theirs, reads from a body or a query."""
    names: set[str] = set()
    for module in modules():
        source = inspect.getsource(importlib.import_module(module))
        names |= set(re.findall(r'(?:POST|GET|sent)\.get(?:list)?\(\s*"(\w+)"', source))
        names |= set(re.findall(r'"(\w+)" (?:not )?in request\.(?:POST|GET)', source))
    holders = ("netcrm.groups.forms", "netcrm.leader.forms", *modules())
    for module in holders:
        for form in vars(importlib.import_module(module)).values():
            if inspect.isclass(form) and issubclass(form, forms.BaseForm):
                names |= getattr(form, "base_fields", {}).keys()
    return names


def test_every_door_and_every_parameter_is_classified():
    assert {route.name for route in DOORS} == LEADERS | MEMBERS | OWN | NAMELESS | SAYS_IT_IS_OVER
    assert {route.name for route in DOORS if not route.converters} == NAMELESS - {"groups:join"}
    assert parameters() | {"buddy", "note", "person"} == IDS | VALID.keys()


def world(
    leader: Any, member: Any, *, contact: str, word: str, at: dt.datetime = NOW
) -> list[models.Model]:
    """A group with a row of every kind in it; all that is typed there is ``word``."""
    group = make.group(leader, at=at, covenant="Come.")
    hers = make.member(group, member, at=at, grain=Grain.NAMES, in_the_room=True)
    person = make.contact(member, contact)
    note = make.interaction(person, note=word)
    meeting = services.start_meeting(group=group, at=at)
    question = Question.objects.create(asked_by=hers, company="Acme", asked_at=at)
    playbook = Playbook.objects.create(group=group, kind="note", title="T", text="Dear")
    invitation = Invitation.objects.create(
        group=group,
        email="d@example.test",
        invited_by=leader,
        nonce=uuid4(),
        expires_at=at + dt.timedelta(days=3),
    )
    return [
        group,
        hers,
        group.memberships.get(user=leader),
        person,
        note,
        meeting,
        question,
        playbook,
        invitation,
        Turn.objects.get(meeting=meeting),
        Commitment.objects.create(membership=hers, text=word),
        Comment.objects.create(membership=hers, author=leader, text=word),
        LeaderNote.objects.create(membership=hers, author=leader, text=word),
        PersonShare.objects.create(membership=hers, contact=person, grain=1),
        NoteShare.objects.create(membership=hers, contact=person, text=word),
        RoomMatch.objects.create(question=question, membership=hers, contact=person),
        PlaybookCopy.objects.create(owner=member, kind="note", title="T", text=word),
        WeeklyReport.objects.create(membership=hers, week_on=at.date(), sent_at=at, win=word),
        News.objects.create(group=group, author=member, kind="goodbye", text="Bye", at=at),
    ]


@pytest.fixture(autouse=True)
def a_plain_404(monkeypatch):
    """Thousands of doors stay shut here, and the page that says so is tested elsewhere."""
    monkeypatch.setattr(
        "netcrm.urls.handler404", lambda request, exception: HttpResponseNotFound(), raising=False
    )


@pytest.fixture
def hers(lea, ana) -> list[models.Model]:
    """The Tuesday group: Lea leads, Ana is a member who shares names."""
    return world(lea, ana, contact="Zephyrine Lee", word="amber")


# Rows that no address of a group names (NEVER_ADDRESSED of the doors' own test, and these).
NOT_ADDRESSED = (Comment, LeaderNote, News, Question, WeeklyReport)


def keys(rows: list[models.Model]) -> list[UUID]:
    return [row.pk for row in rows]


def addressed(rows: list[models.Model]) -> list[UUID]:
    return [row.pk for row in rows if not isinstance(row, NOT_ADDRESSED)]


def key(rows: list[models.Model], model: type[models.Model]) -> UUID:
    """Of the member's row where there are two."""
    return next(row.pk for row in rows if isinstance(row, model))


def left_alone(rows: list[models.Model]) -> list[Any]:
    """These rows, and every row that names one of them, as they stand."""
    named = set(keys(rows))
    found: list[Any] = []
    for model in apps.get_models():
        if model._meta.app_label not in {"groups", "contacts"} or model in (Figures, ViewLog):
            continue
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if field.primary_key or isinstance(field, models.ForeignKey)
        ]
        for values in model._base_manager.order_by("pk").values():
            if any(values[column] in named for column in columns):
                values.pop("facts_version", None)
                found.append((model._meta.label, values))
    return found


def addresses(route: Route, pks: list[UUID]) -> list[str]:
    return [
        reverse(route.name, kwargs={name: pk for name, _kind in route.converters}) for pk in pks
    ]


def ex_member(ben: Any, group: SupportGroup) -> None:
    services.leave(membership=make.member(group, ben, at=NOW), at=NOW)


def ex_leader(ben: Any, group: SupportGroup) -> None:
    make.group(ben, name="Thursday group")
    services.leave(membership=make.member(group, ben, at=NOW, role="leader"), at=NOW)


@pytest.mark.parametrize("before", [ex_member, ex_leader])
def test_who_belongs_no_more_finds_no_door(client, hers, ben, before):
    """Strangers try all doors, with rows of every kind, in tests/architecture/test_doors.py."""
    before(ben, hers[0])
    client.force_login(ben)
    was = left_alone(hers)
    for route in DOORS:
        if route.name in NAMELESS | SAYS_IT_IS_OVER:
            continue
        for address in addresses(route, addressed(hers)):
            for answer in (client.get(address), client.post(address, VALID)):
                assert answer.status_code in {404, 405}, address
    assert left_alone(hers) == was


def test_a_leader_elsewhere_who_is_a_member_here_finds_the_members_doors_only(client, hers, ben):
    make.group(ben, name="Thursday group")
    make.member(hers[0], ben, at=NOW)
    client.force_login(ben)
    was = left_alone(hers)
    for route in DOORS:
        if route.name in LEADERS | OWN:
            for address in addresses(route, addressed(hers)):
                for answer in (client.get(address), client.post(address, VALID)):
                    assert answer.status_code in {404, 405}, address
    assert left_alone(hers) == was
    for route in DOORS:
        if route.name in MEMBERS:
            for address in addresses(route, addressed(hers)):
                seen = client.get(address).content.decode()
                assert not [word for word in NEEDLES if word in seen], address


def test_an_open_page_of_somebody_who_led_says_that_it_is_over_and_nothing_else(client, hers, ben):
    ex_leader(ben, hers[0])
    client.force_login(ben)
    for name, row in (("groups:still_shared", hers[1]), ("groups:still_so", hers[0])):
        over = client.get(reverse(name, args=[row.pk]))
        assert "Not shared" in over.content.decode()
        assert "Ana" not in over.content.decode()


def test_a_leader_cannot_open_what_is_the_members_own(client, hers, lea):
    client.force_login(lea)
    own = [
        ("groups:share", Membership),
        ("groups:share_person", Membership),
        ("groups:find_note", Membership),
        ("groups:preview", Membership),
        ("groups:unshare_person", PersonShare),
        ("groups:unshare_note", NoteShare),
        ("groups:commitment", Commitment),
        ("groups:answer", RoomMatch),
        ("groups:drop_copy", PlaybookCopy),
        ("contacts:detail", Contact),
    ]
    was = left_alone(hers)
    for name, model in own:
        address = reverse(name, args=[key(hers, model)])
        for answer in (client.get(address), client.post(address, {"says": "yes"})):
            assert answer.status_code in {404, 405}, name
    assert left_alone(hers) == was


def test_rights_are_asked_for_each_time(client, hers, ben):
    """An open page of somebody whose role has just ended opens nothing on the next click."""
    co = make.member(hers[0], ben, role="co_leader")
    client.force_login(ben)
    address = reverse("groups:review", args=[key(hers, Membership)])
    assert client.get(address).status_code == 200
    services.appoint(membership=co, role="member")
    assert client.get(address).status_code == 404


def test_keys_cannot_be_counted(hers):
    made = [make.member(hers[0], make.user(f"n{n}@example.test")).pk for n in range(20)]
    assert len({one.int >> 62 for one in made} | {one.int for one in made}) > 20
    assert all(one.version == 7 for one in made)
    assert Membership.objects.filter(pk__in=made).count() == 20


# Doors that take no id besides the address and would close others, and doors that answer an id
# of another group as one there is not.
CLOSE_AFTER_THEM = {
    "groups:drop_copy",
    "groups:end_meeting",
    "groups:join",
    "groups:leave",
    "groups:remove",
}
REFUSE_BY_404 = {"groups:arrive", "groups:read_for"}


@pytest.fixture
def read_names(monkeypatch) -> set[str]:
    """The names of ``IDS`` that the view of the last request has read."""
    found: set[str] = set()

    def noting(method: Any) -> Any:
        def read(self: QueryDict, name: str, *rest: Any) -> Any:
            found.update({name} & IDS)
            return method(self, name, *rest)

        return read

    for method in ("__getitem__", "getlist"):
        monkeypatch.setattr(QueryDict, method, noting(getattr(QueryDict, method)))
    return found


@pytest.mark.timeout(400)
def test_ids_of_another_group_in_body_and_query_do_nothing_at_ones_own_doors(
    client, hers, ben, read_names
):
    """Ben leads a group of his own, is a member of Lea's, and knows every id of hers.

    A view that reads no name of an id is asked once: whatever the name holds is lost on it.
    """
    own = world(
        ben, make.user("cy@example.test", name="Cy Dale"), contact="Bill Moss", word="beryl"
    )
    mine = world(make.user("di@example.test"), ben, contact="Dora Park", word="beryl")
    make.member(hers[0], ben, at=NOW)
    client.force_login(ben)
    was = left_alone(hers)
    opened = set()
    read_by: defaultdict[str, set[str]] = defaultdict(set)
    for route in DOORS:
        if route.name in CLOSE_AFTER_THEM:
            continue
        for address in of_his_own(route, own + mine):
            for pk in addressed(hers):
                named = {name: str(pk) for name in IDS}
                asked = f"{address}?{urlencode(named)}"
                read_names.clear()
                answer = client.post(asked, VALID | named)
                if answer.status_code == 405:
                    answer = client.get(asked)
                if answer.status_code == 404 and route.name not in REFUSE_BY_404:
                    break  # an address of the wrong kind
                opened.add(route.name)
                said = answer.content.decode()
                assert not [word for word in NEEDLES if word in said], f"{address} {pk}"
                if not read_names:
                    break
                read_by[route.name] |= read_names
    assert opened >= (LEADERS | MEMBERS | OWN) - CLOSE_AFTER_THEM - REFUSE_BY_404
    assert left_alone(hers) == was
    assert read_by["groups:next_turn"] == {"turn"}
    assert read_by["groups:pair"] == {"buddy"}
    assert read_by["groups:share_person"] == {"person"}


def test_a_leader_of_two_groups_carries_no_row_of_one_into_the_other(client, hers, lea, ana, ben):
    other = make.group(lea, name="Thursday group")
    far = make.member(other, ben, grain=Grain.NAMES)
    turn = Turn.objects.get(meeting=services.start_meeting(group=other, at=NOW))
    note = make.interaction(make.contact(ben, "Bill"), note="Not yours")
    membership, person = key(hers, Membership), key(hers, Contact)
    client.force_login(lea)
    client.get(reverse("groups:overview", args=[hers[0].pk]))
    was = left_alone([*hers, other, far, turn])
    tried = [
        ("groups:arrive", key(hers, Meeting), {"member": far.pk}),
        ("groups:next_turn", key(hers, Meeting), {"turn": turn.pk}),
        ("groups:read_for", key(hers, Turn), {"reader": far.pk}),
        ("groups:pair", membership, {"buddy": far.pk}),
        ("groups:comment", membership, {"text": "Hm", "about": uuid4()}),
        ("groups:comment", membership, {"text": "Hm", "about": person}),
        ("groups:appoint", membership, {"role": "owner"}),
    ]
    for name, pk, body in tried:
        client.post(reverse(name, args=[pk]), body)
    client.force_login(ana)
    client.post(reverse("groups:share_note", args=[membership, person]), {"note": note.pk})
    share = reverse("groups:share_person", args=[membership])
    client.post(share, {"person": "Bill", "grain": 3})
    foreign = reverse("groups:share_note", args=[membership, note.participations.get().contact_id])
    assert client.get(foreign).status_code == 404
    assert left_alone([*hers, other, far, turn]) == was


def of_his_own(route: Route, rows: list[models.Model]) -> list[str]:
    """The addresses of a route with keys of Ben's."""
    if route.name != "groups:share_note":
        return addresses(route, addressed(rows)) if route.converters else [reverse(route.name)]
    contacts = [row.pk for row in rows if row._meta.label == "contacts.Contact"]
    members = [row.pk for row in rows if isinstance(row, Membership)]
    return [reverse(route.name, args=[m, c]) for m in members for c in contacts]


def test_the_meeting_of_another_group_is_no_way_in(client, hers, ben):
    own = world(ben, make.user("cy@example.test"), contact="Bill Moss", word="beryl")
    client.force_login(ben)
    theirs = Meeting.objects.get(group=hers[0])
    assert client.get(reverse("groups:meeting", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("groups:meeting", args=[own[5].pk])).status_code == 200
