"""The overview: praise first, A to Z, and as many queries for twenty members as for three."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from followups.models import FollowUp
from followups.services import pause
from netcrm.groups import selectors, services
from netcrm.groups.models import Grain
from netcrm.leader import briefs, counting
from tests import make
from tests.netcrm.leader.conftest import NOW


@pytest.fixture
def many(world):
    """More members, each with somebody in their list."""

    def join(count: int, first: int) -> None:
        for n in range(first, first + count):
            user = make.user(f"m{n}@example.test", name=f"Member {n:02}")
            make.contact(user, f"Person {n}")
            make.member(world.group, user, grain=Grain.SHAPE)
        counting.recount(at=timezone.now())

    return join


def test_twenty_members_take_as_many_queries_as_three(
    world, many, client, django_assert_max_num_queries
):
    client.force_login(world.lea)
    address = reverse("groups:overview", args=[world.group.pk])
    many(2, 0)
    client.get(address)
    with django_assert_max_num_queries(15) as few:
        client.get(address)
    many(20, 2)
    with django_assert_max_num_queries(len(few)):
        page = client.get(address).context["page"]
    names = [brief.name for brief in page.briefs]
    assert len(names) == 23
    assert names == sorted(names)


def test_kept_follow_ups_stand_in_their_week_and_a_pause_is_away(world, client):
    world.share(Grain.NUMBERS)
    FollowUp.objects.filter(contact=world.zephyrine).delete()
    on = NOW.date()
    for place, days in enumerate((0, 7, 8)):
        make.follow_up(
            world.zephyrine,
            opens_on=on,
            purpose=f"p{place}",
            outcome="done",
            closed_at=NOW - dt.timedelta(days=days),
        )
    client.force_login(world.lea)
    address = reverse("groups:review", args=[world.membership.pk])
    assert client.get(address).context["page"].figures.kept == [0, 0, 0, 0, 0, 0, 2, 1]
    FollowUp.objects.filter(purpose="p0").delete()
    pause(by=world.dev, at=NOW, weeks=1)
    assert client.get(address).context["page"].figures.kept == [0, 0, 0, 0, 0, 0, 2, None]


def test_two_members_of_one_name_are_told_apart(world, client):
    world.share(Grain.NUMBERS)
    make.member(world.group, make.user("twin@example.test", name="Dev Rao"), grain=Grain.NUMBERS)
    counting.recount(at=NOW)
    client.force_login(world.lea)
    page = client.get(reverse("groups:overview", args=[world.group.pk])).context["page"]
    assert [row.name for row in page.heat] == ["Dev Rao (1)", "Dev Rao (2)"]


def test_praise_is_true_of_somebody_with_nothing_but_zeros(world):
    user = make.user("joy@example.test", name="Joy Adeyemi")
    joy = make.member(world.group, user, grain=Grain.NUMBERS)
    figures = counting.count(joy, selectors.consent(joy), at=NOW)
    assert briefs.praise("Joy", figures) == (
        "Joy chose to show how it stands, and that takes courage."
    )
    assert briefs.specific("Joy", figures) == ""
    assert not [remark for remark in briefs.remarks(figures) if remark.gentle]


def test_what_is_asked_of_the_room_stands_there_while_it_is_shared(world, client):
    services.send_report(
        membership=world.membership, on=NOW.date(), at=NOW, values={"ask": "Who knows Acme?"}
    )
    services.ask_room(
        by=make.member(world.group, make.user("a@example.test"), in_the_room=True),
        company="Acme",
        matches={world.membership.pk: world.zephyrine.pk},
        at=NOW,
    )
    client.force_login(world.lea)
    address = reverse("groups:overview", args=[world.group.pk])
    assert "Who knows Acme?" not in client.get(address).content.decode()
    world.share(Grain.NUMBERS)
    text = client.get(address).content.decode()
    assert "Who knows Acme?" in text
    assert client.get(address).context["page"].matches == 0  # nobody let their people be counted
    assert client.get(address).context["page"].loops_open == 1


def test_matches_are_counted_and_nobody_is_named(world, client):
    for n in range(2):
        make.member(world.group, make.user(f"r{n}@example.test"), in_the_room=True)
    asker = make.member(world.group, make.user("a@example.test"), in_the_room=True)
    services.change_sharing(membership=world.membership, grain=Grain.NUMBERS, in_the_room=True)
    services.ask_room(
        by=asker, company="Acme", matches={world.membership.pk: world.zephyrine.pk}, at=NOW
    )
    client.force_login(world.lea)
    text = client.get(reverse("groups:overview", args=[world.group.pk])).content.decode()
    assert "1 possible match this week." in text
    assert "Acme" not in text
