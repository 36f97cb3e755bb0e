"""Lea leads a group; Dev is in it, and everything in Dev's list can be told from anything else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from urllib.parse import quote, unquote

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.test import Client
from django.urls import reverse

from contacts import services as people
from contacts.models import Contact, Interaction, Tag
from contacts.services import Word
from followups.feed import token_of
from followups.services import calendar
from introductions import services as introductions
from introductions.engine.note import Lines
from introductions.models import Introduction
from netcrm.accounts.models import User
from netcrm.delivery import letters
from netcrm.delivery.models import Delivery
from netcrm.groups import services
from netcrm.groups.models import Grain, Membership, SupportGroup
from tests import make
from tests.architecture.routes import every_route

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)

# What stands in Dev's list, and the grains at which a leader reads it.
SECRETS: dict[str, tuple[str, set[Grain]]] = {
    "name": ("Zephyrine", {Grain.NAMES}),
    "initials": ("ZÝ", {Grain.SHAPE}),
    "organization": ("Quokkaworks", {Grain.SHAPE, Grain.NAMES}),
    "role": ("Chief Wrangler", {Grain.SHAPE, Grain.NAMES}),
    "nickname": ("Zephyzeph", set()),
    "notes": ("walks three whippets", set()),
    "how met": ("on the night ferry", set()),
    "e-mail": ("zx@quokka.test", set()),
    "phone": ("7700900461", set()),
    "exchange": ("whispered about a merger", set()),
    "promise": ("send the zinc ledger", set()),
    "ask": ("borrow your letterhead", set()),
    "give": ("a jar of medlar jelly", set()),
    "referral": ("Ottoline", set()),
    "tag": ("choirfriend", set()),
    "override": ("because of the regatta", set()),
    "reason": ("untangled the abacus", set()),
    "forwardable note": ("please meet this gem", set()),
    "its subject": ("in a low voice", set()),
    "other organization": ("Vantablack Ltd", set()),
}


@dataclass(frozen=True, kw_only=True)
class World:
    group: SupportGroup
    lea: User
    dev: User
    membership: Membership
    zephyrine: Contact
    bystander: Contact

    def share(self, grain: Grain) -> None:
        services.change_sharing(membership=self.membership, grain=grain, in_the_room=False)

    def pages(self) -> list[str]:
        """Every address under /groups/ with every key a leader may know, and where else to look.

        Made from the URL resolver, so a new page is looked at on the day it is written.
        """
        meeting = services.start_meeting(group=self.group, at=NOW)
        services.next_turn(meeting=meeting, at=NOW)
        known = [
            self.group.pk,
            self.membership.pk,
            meeting.pk,
            meeting.turns.get(membership=self.membership).pk,
            self.zephyrine.pk,
        ]
        found = []
        for route in every_route():
            kinds = {kind for _name, kind in route.converters}
            if route.name.startswith("groups:") and kinds <= {"UUIDConverter"}:
                names = [name for name, _kind in route.converters]
                choices = product(known, repeat=len(names))
                found += [
                    reverse(route.name, kwargs=dict(zip(names, keys, strict=True)))
                    for keys in choices
                ]
        feed = calendar.choose(by=self.lea, names=True, notes=True, interviews=True)
        words = ["Zephyrine", "Quokkaworks", "whippets", "choirfriend"]
        return [
            *found,
            reverse("groups:still_shared", args=[self.membership.pk]) + "?seen=0",
            *(f"{reverse('contacts:list')}?q={quote(word)}" for word in words),
            *(f"{reverse('contacts:search')}?q={quote(word)}" for word in words),
            reverse("contacts:detail", args=[self.zephyrine.pk]),
            reverse("followups:today"),
            reverse("followups:upcoming"),
            reverse("introductions:list"),
            reverse("followups:calendar_feed", args=[token_of(feed)]),
        ]

    def forms(self) -> list[tuple[str, dict[str, str]]]:
        """Every form of a leader's, sent with a mistake so that its page comes back."""
        turn = self.group.meetings.get().turns.get(membership=self.membership)
        review, comment = self.membership.pk, {"text": "", "about": str(self.zephyrine.pk)}
        return [
            (reverse("groups:comment", args=[review]), comment),
            (reverse("groups:note", args=[review]), {"text": "x" * 5_001}),
            (reverse("groups:capture", args=[turn.pk]), {"win": "x", "due_on": "soon"}),
            (reverse("groups:invitations", args=[self.group.pk]), {"email": "nobody"}),
        ]

    def mails(self) -> list[str]:
        """What would be written to the leader, and to whoever the leader invites."""
        services.invite(
            by=self.lea, group=self.group, email="n@example.test", role="member", at=NOW
        )
        row = Delivery.objects.filter(letter="invitation").last()
        digest = Delivery(
            owner=self.lea, kind="digest", local_on=NOW.date(), owed_at=NOW, due_at=NOW
        )
        digest.save()
        written = [letters.write(one, at=NOW) for one in (row, digest)]
        digest.delete()
        return [f"{one.subject} {one.text} {one.html}" for one in written if one]


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(clock, lea: User) -> World:
    group = make.group(lea, covenant="What is said here stays here.")
    dev = make.user("dev@example.test", name="Dev Rao", target_line="Buyer in Leeds")
    membership = make.member(group, dev)
    zephyrine = people.add_person(
        by=dev,
        at=NOW - dt.timedelta(days=60),
        name="Zephyrine Ýrsdóttir",
        nickname="Zephyzeph",
        organization="Quokkaworks",
        title="Chief Wrangler",
        how_met="on the night ferry",
        notes="walks three whippets",
    )
    people.add_point(by=dev, at=NOW, contact=zephyrine, kind="email", value="zx@quokka.test")
    people.add_point(by=dev, at=NOW, contact=zephyrine, kind="phone", value="+447700900461")
    zephyrine.tags.add(Tag.objects.create(owner=dev, name="choirfriend"))
    people.log_interaction(
        by=dev,
        at=NOW - dt.timedelta(days=30),
        people=[zephyrine],
        kind=Interaction.Kind.MEETING,
        note="whispered about a merger",
        promises=[Word(text="send the zinc ledger", due_on=NOW.date())],
    )
    at = NOW - dt.timedelta(days=20)
    introductions.record_ask(
        contact=zephyrine, rung=4, asked_on=at.date(), at=at, wording="borrow your letterhead"
    )
    introductions.record_give(
        contact=zephyrine, kind="other", given_on=at.date(), at=at, note="a jar of medlar jelly"
    )
    introductions.record_referral(
        giver=zephyrine, given_on=at.date(), at=at, to_name="Ottoline", substance=2
    )
    introductions.override_trust(zephyrine, step=2, reason="because of the regatta", at=at)
    bystander = people.add_person(
        by=dev, at=at, name="Perpetua Yonge", organization="Vantablack Ltd"
    )
    made = introductions.record_introduction(
        owner=dev,
        introducer=zephyrine,
        introducee=make.me(dev),
        introduced=bystander,
        state=Introduction.State.MADE,
        at=at,
        reason="untangled the abacus",
    )
    lines = Lines(why_them="please meet this gem")
    introductions.save_note(made, subject="in a low voice", lines=lines, at=at)
    return World(
        group=group,
        lea=lea,
        dev=dev,
        membership=membership,
        zephyrine=zephyrine,
        bystander=bystander,
    )


@pytest.fixture
def read(
    world: World,
    client: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], str]:
    """Everything Lea can be shown now, log lines and headers too, as one text."""

    def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponseNotFound()  # hundreds of them; the page itself says nothing of anybody

    monkeypatch.setattr("netcrm.urls.handler404", not_found, raising=False)

    def everything() -> str:
        client.force_login(world.lea)
        found = []
        with caplog.at_level("DEBUG"):
            for address in world.pages():
                answer = client.get(address)
                assert answer.status_code in {200, 204, 302, 404, 405}, address
                # A search repeats what was looked for, and would find it in whatever it says.
                asked = unquote(address.partition("?q=")[2])
                found += [
                    answer.content.decode().replace(asked, "") if asked else answer.content.decode()
                ]
                found += [str(answer.headers)]
            for address, body in world.forms():
                answer = client.post(address, body)
                assert answer.status_code in {404, 422}, address
                found += [answer.content.decode()]
            found += world.mails()
        return "\n".join([*found, caplog.text])

    return everything
