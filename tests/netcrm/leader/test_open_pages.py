"""A page that stands open tells within seconds that what it shows is not shared any more."""

from __future__ import annotations

import pytest
from django.urls import reverse

from netcrm.groups import services
from netcrm.groups.models import Grain
from tests import make
from tests.netcrm.leader.conftest import NOW


@pytest.fixture
def asks(world, client):
    """What an open page of Lea's asks every few seconds."""
    world.share(Grain.NAMES)
    client.force_login(world.lea)

    def address(name: str, seen: object) -> str:
        row = world.membership if name == "groups:still_shared" else world.group
        return f"{reverse(name, args=[row.pk])}?seen={seen}"

    return address


CHANGES = {
    "grain": lambda w: w.share(Grain.NUMBERS),
    "person": lambda w: services.share_person(
        membership=w.membership, contact_id=w.zephyrine.pk, grain=Grain.NOTHING
    ),
    "note": lambda w: services.take_note_back(share=w.membership.note_shares.get()),
    "gone": lambda w: services.leave(membership=w.membership, at=NOW),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_open_review_says_so(world, asks, client, change):
    services.share_note(membership=world.membership, contact_id=world.zephyrine.pk, text="Kind")
    page = client.get(reverse("groups:review", args=[world.membership.pk])).context["page"]
    still = asks("groups:still_shared", page.version)
    assert client.get(still).status_code == 204
    change(world)
    answer = client.get(still)
    assert answer.status_code == 200
    assert "Not shared" in answer.text


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_an_open_overview_is_read_anew(world, asks, client, change):
    services.share_note(membership=world.membership, contact_id=world.zephyrine.pk, text="Kind")
    page = client.get(reverse("groups:overview", args=[world.group.pk])).context["page"]
    still = asks("groups:still_so", page.mark)
    answer = client.get(still)
    assert (answer.status_code, answer.headers.get("HX-Refresh")) == (204, None)
    change(world)
    assert client.get(still).headers["HX-Refresh"] == "true"


def test_an_open_overview_of_somebody_who_led_ends(world, asks, client, ben):
    co = make.member(world.group, ben, role="co_leader")
    client.force_login(ben)
    page = client.get(reverse("groups:overview", args=[world.group.pk])).context["page"]
    still = asks("groups:still_so", page.mark)
    client.force_login(ben)
    assert client.get(still).status_code == 204
    services.appoint(membership=co, role="member")
    answer = client.get(still)
    assert "Not shared" in answer.text
    assert "Dev" not in answer.text
    services.leave(membership=co, at=NOW)
    assert "Not shared" in client.get(still).text


def test_a_stranger_hears_nothing_of_it(world, asks, client, ben):
    client.force_login(ben)
    assert client.get(asks("groups:still_so", "x")).status_code == 404
    assert client.get(asks("groups:still_shared", "1")).status_code == 404


@pytest.mark.parametrize("seen", ["²", "٣", "9" * 5_000, "-1", "", "1 or 1"])
def test_whatever_is_said_to_have_been_seen_is_only_compared(asks, client, seen):
    for name in ("groups:still_shared", "groups:still_so"):
        assert client.get(asks(name, seen)).status_code in {200, 204}


def test_a_note_may_be_kept_of_somebody_who_shares_nothing(world, client):
    client.force_login(world.lea)
    overview = client.get(reverse("groups:overview", args=[world.group.pk])).text
    address = reverse("groups:note", args=[world.membership.pk])
    assert address in overview
    assert "nothing about health, money, faith or family" in client.get(address).text
    long = client.post(address, {"text": "x" * 5_001})
    assert long.status_code == 422
    assert "x" * 5_001 in long.text
    client.post(address, {"text": "Ask how the course goes"})
    assert "Ask how the course goes" in client.get(address).text
    services.leave(membership=world.membership, at=NOW)
    assert client.get(address).status_code == 404
