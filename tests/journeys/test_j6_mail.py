"""J6: one click from a mail and one press on its page; scanners change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlparse

import pytest
import time_machine
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact, Interaction, Ring
from followups import services as followups
from followups.models import FollowUp
from netcrm.accounts.models import User
from netcrm.delivery import services as post
from netcrm.delivery.models import Delivery
from tests import make
from tests.browser import barriers
from tests.faults.sink import Mail, Sink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FRIDAY = datetime(2027, 3, 26, 8, 0, tzinfo=UTC)  # 08:00 in London, winter time
MONDAY = datetime(2027, 3, 29, 7, 0, tzinfo=UTC)  # 08:00 in London, summer time

Browse = Callable[..., Page]


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with Sink() as sink:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield sink


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(FRIDAY, tick=True) as traveller:
        yield traveller


@pytest.fixture
def george(transactional_db: None) -> User:
    return make.user("george@example.test", name="George Hill")


def somebody_due(owner: User, name: str) -> Contact:
    person = make.contact(owner, name)
    at = FRIDAY - timedelta(days=40)
    make.interaction(person, at=at)
    Contact.objects.filter(pk=person.pk).update(last_contact_at=at)
    return person


def morning(at: datetime) -> None:
    """What beat and a worker do at that moment."""
    post.sweep(at=at)
    post.drain(at=at)


def links(mail: Mail) -> dict[str, str]:
    """The links of the text part by their word, of the first person named."""
    part = mail.parsed().get_body(("plain",))
    assert part is not None
    found: dict[str, str] = {}
    for word, url in re.findall(r"^\s*([A-Z][\w ]+): (http\S+)\r?$", part.get_content(), re.M):
        found.setdefault(word, urlparse(url).path)
    return found


def state() -> list[Any]:
    return [
        list(FollowUp.objects.order_by("pk").values()),
        list(Interaction.objects.order_by("pk").values("pk", "note")),
        list(Contact.objects.order_by("pk").values("pk", "ring", "paused_until")),
        list(User.objects.order_by("pk").values("reminder_speed", "paused_until")),
    ]


def test_one_click_from_a_mail(
    browse: Browse, live_server: LiveServer, settings: Any, sink: Sink, clock: Any, george: User
) -> None:
    settings.SITE_URL = live_server.url
    shirley = somebody_due(george, "Shirley Okoro")
    bill = somebody_due(george, "Bill Moss")
    followups.plan(george, at=FRIDAY)

    # The digest leaves at 08:00 by George's clock, before and after the clocks change.
    morning(FRIDAY - timedelta(hours=2))
    morning(FRIDAY - timedelta(seconds=1))
    assert sink.mails == []
    morning(FRIDAY)
    (mail,) = sink.mails
    assert "Unsubscribe" in links(mail)

    # A scanner opens every link, three times, one of them with a browser that runs scripts.
    before = state()
    scanner = Client()
    paths = [path for word, path in links(mail).items() if word not in ("Write", "Today")]
    for path in paths:
        for _ in range(3):
            scanner.get(path)
            scanner.head(path)
        page = browse(path)
        page.wait_for_load_state("networkidle")
        assert barriers(page) == []
    assert state() == before

    # George presses Done on his phone, not signed in, and adds a line.
    page = browse(links(mail)["Done"], width=390)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("mark as done?")
    assert "Shirley" not in page.content()
    page.get_by_label("What happened?").fill("Told her about the survey")
    page.get_by_role("button", name="Yes, done").click()
    expect(heading).to_contain_text("done")
    assert barriers(page) == []
    note = Interaction.objects.get(source=Interaction.Source.MAIL)
    assert note.note == "Told her about the survey"
    done = FollowUp.objects.get(outcome=FollowUp.Outcome.DONE)

    # Undo works, and so does the press after it; a second press is harmless.
    page.get_by_role("button", name="Undo").click()
    expect(heading).to_have_text("Taken back")
    done.refresh_from_db()
    assert done.closed_at is None
    for _ in range(2):
        page = browse(links(mail)["Done"])
        if page.get_by_role("button", name="Yes, done").count():
            page.get_by_role("button", name="Yes, done").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("settled already")
    assert Interaction.objects.filter(source=Interaction.Source.MAIL).count() == 1

    # “Stop for this person” is about one person.
    page = browse(links(mail)["Stop for this person"])
    page.get_by_role("button", name="Yes, stop").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("no more reminders")
    rings = {person.name: person.ring for person in Contact.objects.filter(is_self=False)}
    assert sorted(rings.values()) == [Ring.B, Ring.D]
    assert {shirley.name, bill.name} == set(rings)

    # The next mail is Monday's, at 08:00 in summer time; the weekend had none.
    for hours in range(1, 72):
        morning(FRIDAY + timedelta(hours=hours))
    days = Delivery.objects.exclude(kind=Delivery.Kind.SUMMARY).order_by("local_on")
    assert [(row.local_on.day, row.owed_at) for row in days][-1] == (29, MONDAY)

    # An old link explains itself.
    clock.move_to(FRIDAY + timedelta(days=22))
    page = Client().get(links(mail)["Later"])
    assert page.status_code == 410
    assert "has expired" in page.content.decode()

    # A mail program ends this stream, and only this one, without a cookie.
    george.thanks_nudge = True
    george.save()
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(links(mail)["Unsubscribe"], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    george.refresh_from_db()
    assert (george.reminder_speed, george.thanks_nudge) == (User.Speed.OFF, True)
