"""Whoever is set aside appears nowhere but where those set aside stand (C6).

One test per surface, for each way of setting somebody aside.  Every surface shows the person
first, so that none of them passes by being empty; and what is planned of them stays in the
table, so that none relies on its being closed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contacts import services
from contacts.models import Contact, Organization, Promise
from followups import emails, feed
from followups.engine.values import Purpose
from followups.models import FollowUp
from followups.services import calendar
from introductions import reach
from introductions.models import Introduction
from introductions.services import override_trust, record_introduction
from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe
from netcrm.groups import services as groups
from netcrm.groups.models import Grain
from netcrm.kit.mail import Letter
from tests import make
from tests.conftest import NOW

NAME = "Hildegard"
Surface = Callable[[Client, User], str]


@pytest.fixture(autouse=True)
def frozen(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def hildegard(ana: User, lea: User) -> Contact:
    """Somebody whom every surface has a reason to name, and another entry of hers."""
    person = services.add_person(
        by=ana, at=NOW - timedelta(days=90), name=f"{NAME} Quist", organization="Quistworks",
        title="Head of operations", tags=["choir"], ring="A", emails=["hq@quist.test"],
        birthday={"year": 1980, "month": NOW.month, "day": NOW.day},
    )  # fmt: skip
    Organization.objects.update(is_target=True)
    for days in (60, 40):
        services.log_interaction(
            by=ana, at=NOW, people=[person], kind="meeting",
            on=NOW.date() - timedelta(days=days), note="About the zanzibar plan",
        )  # fmt: skip
    override_trust(person, step=4, reason="She said so", at=NOW)
    bill = services.add_person(by=ana, at=NOW, name="Bill Moss", organization="Quistworks")
    record_introduction(
        owner=ana, introducer=person, introducee=make.me(ana), introduced=bill,
        state="made", at=NOW - timedelta(days=9),
    )  # fmt: skip
    group = make.group(lea)
    member = make.member(group, ana)
    groups.change_sharing(membership=member, grain=Grain.NAMES, in_the_room=True)
    return person


# The surfaces


def _page(address: str) -> Surface:
    def show(client: Client, owner: User) -> str:
        client.force_login(owner)
        answer = client.get(address, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    return show


def _the_review(client: Client, owner: User) -> str:
    """What a leader reads of a member who shows names; the overview has none at all."""
    member = owner.memberships.get()
    leader = member.group.memberships.get(role="leader").user
    return _page(reverse("groups:review", args=[member.pk]))(client, leader)


def _letter(kind: str, write: Callable[..., Letter | None]) -> Surface:
    def show(client: Client, owner: User) -> str:
        row = owe(owner=owner, kind=Delivery.Kind(kind), at=NOW)
        letter = write(row, at=NOW)
        return f"{letter.subject}\n{letter.text}\n{letter.html}" if letter else ""

    return show


def _feed(client: Client, owner: User) -> str:
    token = feed.token_of(calendar.choose(by=owner, names=True))
    return client.get(reverse("followups:calendar_feed", args=[token])).content.decode()


def _typed(client: Client, owner: User) -> str:
    client.force_login(owner)
    found = client.get("/people/search/?q=hildegard", headers={"HX-Request": "true"})
    return found.content.decode().replace("goes by “hildegard”", "")


def _line(client: Client, owner: User) -> str:
    client.force_login(owner)
    return client.get("/people/log/").content.decode()


def _routes(client: Client, owner: User) -> str:
    reach.draw(owner, at=NOW)
    organization = Organization.objects.get()
    address = reverse("introductions:routes_organization", args=[organization.pk])
    return _page(address)(client, owner)


SURFACES: dict[str, Surface] = {
    "Today": _page("/today/"),
    "upcoming": _page("/upcoming/"),
    "the day's mail": _letter("digest", emails.digest),
    "the week's mail": _letter("weekly", emails.weekly),
    "the calendar feed": _feed,
    "the list": _page("/people/"),
    "everybody a view needs": _page("/people/?view=needs"),
    "a tag": _page("/people/?q=hildegard"),
    "search while one types": _typed,
    "the faces of the log": _line,
    "give and ask": _page("/introductions/give-and-ask/"),
    "a route": _routes,
    "the leader's review": _the_review,
}


# The ways


def _joined(*, by: User, at: object, contact: Contact) -> None:
    other = services.add_person(by=by, at=NOW, name="Somebody Else")
    services.merge_people(by=by, at=NOW, kept=other, others=[contact])


WAYS: dict[str, Callable[..., None]] = {
    "archived": services.archive,
    "not to be contacted": services.do_not_contact,
    "thrown away": services.trash,
    "joined into another": _joined,
}


def still_planned(person: Contact) -> None:
    """Leave in the tables what a slip of the planner would leave there."""
    day = NOW.date()
    FollowUp.objects.filter(contact=person).delete()
    for purpose in (Purpose.PROMISE, Purpose.NURTURE, Purpose.BIRTHDAY):
        make.follow_up(person, opens_on=day, purpose=purpose, facts={"date": day.isoformat()})
    Promise.objects.create(contact=person, text="Send it", due_on=day)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES.keys())
def test_somebody_in_use_is_there(client, ana, hildegard, surface):
    assert NAME in surface(client, ana)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES.keys())
def test_somebody_set_aside_is_not(client, ana, hildegard, surface, way):
    way(by=ana, at=NOW, contact=hildegard)
    still_planned(hildegard)
    shown = surface(client, ana)
    if way is not _joined:  # whose own words the person kept may hold
        assert NAME not in shown
    assert f"{NAME} Quist" not in shown
    assert str(hildegard.pk) not in shown


@pytest.mark.parametrize("way", [services.archive, services.do_not_contact])
def test_nothing_is_planned_for_somebody_set_aside(ana, hildegard, way):
    assert FollowUp.objects.open().filter(contact=hildegard).exists()
    way(by=ana, at=NOW, contact=hildegard)
    assert not FollowUp.objects.open().filter(contact=hildegard).exists()
    assert Introduction.objects.filter(introducer=hildegard).exists()
