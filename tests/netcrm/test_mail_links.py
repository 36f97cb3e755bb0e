"""Scanners open every link of every mail, several times: that changes nothing (E03)."""

from __future__ import annotations

import datetime as dt
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.test import Client

from contacts.models import Contact, Interaction
from followups import services
from introductions import opt_in
from introductions.opt_in import Words
from introductions.services import record_introduction
from netcrm.accounts.models import User
from netcrm.delivery import letters
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe, owe_test_mail
from netcrm.groups.services import invite
from netcrm.takeout import services as takeout
from netcrm.takeout.models import Erasure
from tests import make

NOW = datetime(2026, 11, 17, 19, 30, tzinfo=UTC)
Kind = Delivery.Kind


def all_rows() -> dict[str, list[Any]]:
    """Every row of every table; sessions are what a visit leaves, signed in or not."""
    models = [m for m in apps.get_models() if m._meta.app_label != "sessions"]
    return {m._meta.label: list(m._base_manager.order_by("pk").values()) for m in models}


def mails(ana: User, lea: User) -> list[tuple[str, bytes]]:
    """One mail of every kind there is, with a person to act on in each that has people."""
    old, met = make.contact(ana, "Cleo Marsh"), make.contact(ana, "Dora Field")
    for person, at, kind in (
        (old, NOW - dt.timedelta(days=40), Interaction.Kind.TALK),
        (met, NOW - dt.timedelta(hours=3), Interaction.Kind.MEETING),
    ):
        make.interaction(person, at=at, kind=kind)
        Contact.objects.filter(pk=person.pk).update(last_contact_at=at)
    services.plan(ana, at=NOW)
    for kind in (Kind.DIGEST, Kind.WEEKLY, Kind.SUMMARY, Kind.THANKS):
        owe(owner=ana, kind=kind, at=NOW)
    owe_test_mail(ana, at=NOW)
    invite(by=lea, group=make.group(lea), email="zoe@example.test", role="member", at=NOW)
    pair = record_introduction(
        owner=ana,
        introducer=make.me(ana),
        introducee=make.contact(ana, "Raj Iyer"),
        introduced=make.contact(ana, "Ken Ito"),
        state="wanted",
        at=NOW,
    )
    said = {
        "introducee": Words(address="raj@x.test", about_other="Somebody who ran payroll."),
        "introduced": Words(address="ken@x.test", about_other="A planner with a question."),
    }
    opt_in.ask_both(introduction=pair, words=said, at=NOW)
    takeout.make(takeout.ask_for(ana).pk, at=NOW)
    erasure = Erasure.objects.create(owner=ana, initials="Z.L.")
    owe(owner=ana, kind=Kind.NOTICE, at=NOW, slot="erased", letter="erased", about=erasure.pk)
    written = []
    for row in Delivery.objects.select_related("owner"):
        letter = letters.write(row, at=NOW)
        assert letter is not None, row.kind
        recipient = row.recipient or row.owner.email
        headers = letters.envelope(row, letter, recipient=recipient).partition(b"\r\n\r\n")[0]
        written.append((row.letter or row.kind, headers + (letter.text + letter.html).encode()))
    return written


def links_of(mail: bytes) -> set[str]:
    found = re.findall(re.escape(settings.SITE_URL) + r"[^\s\"<>]*", unescape(mail.decode()))
    return {link.removeprefix(settings.SITE_URL) for link in found}


@pytest.mark.parametrize("signed_in", [False, True], ids=["by a scanner", "by its reader"])
def test_opening_every_link_of_every_mail_three_times_changes_nothing(
    ana: User, lea: User, signed_in: bool
) -> None:
    with time_machine.travel(NOW, tick=False):
        written = mails(ana, lea)
        assert {name for name, _ in written} == set(settings.DELIVERY_LETTERS)
        client = Client()
        if signed_in:
            client.force_login(ana)
        opened = 0
        before = all_rows()
        for name, mail in written:
            links = links_of(mail)
            assert links or name == "erased"
            for link in links:
                for _ in range(3):
                    page = client.get(link)
                    assert page.status_code in (200, 302, 403), link
                    assert client.head(link).status_code in (page.status_code, 405), link
                opened += 1
                if "/act/" in link or "/unsubscribe/" in link:
                    assert b"<script" not in page.content.partition(b"<main")[2]
                    assert b"submit()" not in page.content
        assert all_rows() == before
    assert opened > 15
