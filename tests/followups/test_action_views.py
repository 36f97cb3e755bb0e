"""Links in a mail: looking changes nothing, one press acts once, and it can be taken back."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from contacts.models import Contact, Interaction, Ring
from followups import selectors, services
from followups.action_links import Act, action_url
from followups.models import FollowUp
from netcrm.accounts.models import User
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cleo(clock: Any, ana: User) -> Contact:
    """Somebody whose window is open today."""
    person = make.contact(ana, "Cleo Marsh")
    make.interaction(person, at=NOW - dt.timedelta(days=40))
    Contact.objects.filter(pk=person.pk).update(last_contact_at=NOW - dt.timedelta(days=40))
    services.plan(ana, at=NOW)
    return person


@pytest.fixture
def step(cleo: Contact, ana: User) -> selectors.Step:
    (card,) = selectors.today_cards(ana, ana.day(NOW)).cards
    return card


def path(act: Act, owner: User, about: Any = None) -> str:
    return urlparse(action_url(act, owner=owner, about=about)).path


def everything() -> list[Any]:
    """What a link could change."""
    return [
        list(FollowUp.objects.order_by("pk").values()),
        list(Interaction.objects.order_by("pk").values()),
        list(Contact.objects.order_by("pk").values("pk", "ring", "paused_until")),
        list(User.objects.order_by("pk").values("pk", "paused_until", "reminder_speed")),
    ]


@pytest.mark.parametrize("act", list(Act))
def test_looking_changes_nothing_however_often(
    client: Client, ana: User, step: selectors.Step, act: Act
) -> None:
    before = everything()
    where = path(act, ana, None if act is Act.PAUSE else step.id)
    for _ in range(3):
        page = client.get(where)
        assert page.status_code == client.head(where).status_code == 200
    assert everything() == before
    words = page.content.decode()
    assert words.count("<button") - words.count("data-sheet-close") == 1
    assert "Cleo" not in words
    assert "Marsh" not in words
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "no-store"


def test_done_is_noted_once_with_what_happened(
    client: Client, ana: User, step: selectors.Step
) -> None:
    where = path(Act.DONE, ana, step.id)
    page = client.post(where, {"note": "She liked the article"}).content.decode()
    assert "CM: done" in page
    again = client.post(where, {"note": "Twice"}).content.decode()
    assert "already done" in again
    logged = Interaction.objects.filter(source=Interaction.Source.MAIL)
    assert [row.note for row in logged] == ["She liked the article"]
    assert FollowUp.objects.get(pk=step.id).outcome == FollowUp.Outcome.DONE
    assert "settled already" in client.get(where).content.decode()


def undo_path(page: str) -> str:
    return page.split('action="', 1)[1].split('"', 1)[0]


@pytest.mark.parametrize("act", list(Act))
def test_every_act_can_be_taken_back_for_a_day(
    client: Client, clock: Any, ana: User, step: selectors.Step, act: Act
) -> None:
    before = selectors.today_cards(ana, ana.day(NOW))
    where = path(act, ana, None if act is Act.PAUSE else step.id)
    back = undo_path(client.post(where).content.decode())
    ana.refresh_from_db()
    assert selectors.today_cards(ana, ana.day(NOW)).cards == ()

    assert client.get(back).status_code == 200
    ana.refresh_from_db()
    assert selectors.today_cards(ana, ana.day(NOW)).cards == ()
    for _ in range(2):
        assert client.post(back).status_code == 200
    ana.refresh_from_db()
    assert [c.contact_id for c in selectors.today_cards(ana, ana.day(NOW)).cards] == [
        c.contact_id for c in before.cards
    ]

    clock.shift(dt.timedelta(hours=25))
    assert client.post(back).status_code == 410


def test_stopping_is_for_one_person_only(
    client: Client, ana: User, cleo: Contact, step: selectors.Step
) -> None:
    other = make.contact(ana, "Dora Field")
    client.post(path(Act.STOP, ana, step.id))
    cleo.refresh_from_db()
    other.refresh_from_db()
    assert cleo.ring == Ring.D
    assert other.ring == Ring.B


def test_a_pause_pressed_twice_is_not_longer(client: Client, clock: Any, ana: User) -> None:
    where = path(Act.PAUSE, ana)
    client.post(where)
    client.post(where)
    ana.refresh_from_db()
    assert ana.paused_until == dt.date(2026, 11, 24)


def test_what_waits_after_a_pause_is_spread_and_comes_back_with_its_undo(
    client: Client, clock: Any, ana: User
) -> None:
    ana.daily_budget = 2
    ana.save()
    for n in range(6):
        person = make.contact(ana, f"Friend {n}")
        make.interaction(person, at=NOW - dt.timedelta(days=40))
        Contact.objects.filter(pk=person.pk).update(last_contact_at=NOW - dt.timedelta(days=40))
    services.plan(ana, at=NOW)
    page = client.post(path(Act.PAUSE, ana)).content.decode()
    days = list(
        FollowUp.objects.order_by("deferred_until").values_list("deferred_until", flat=True)
    )
    assert days[0] >= dt.date(2026, 11, 24)
    assert max(days.count(day) for day in days) <= 2

    client.post(undo_path(page))
    assert set(FollowUp.objects.values_list("deferred_until", flat=True)) == {None}
    ana.refresh_from_db()
    assert ana.paused_until is None


def test_undoing_a_pause_leaves_a_later_one_alone(client: Client, clock: Any, ana: User) -> None:
    page = client.post(path(Act.PAUSE, ana)).content.decode()
    until = services.pause(by=User.objects.get(pk=ana.pk), at=NOW, weeks=3)
    client.post(undo_path(page))
    ana.refresh_from_db()
    assert ana.paused_until == until


def test_undoing_a_longer_pause_gives_the_shorter_one_back(
    client: Client, clock: Any, ana: User, step: selectors.Step
) -> None:
    User.objects.filter(pk=ana.pk).update(paused_until=dt.date(2026, 11, 20))
    page = client.post(path(Act.PAUSE, ana)).content.decode()
    client.post(undo_path(page))
    ana.refresh_from_db()
    assert ana.paused_until == dt.date(2026, 11, 20)
    assert FollowUp.objects.get(pk=step.id).deferred_until >= dt.date(2026, 11, 20)


def test_an_old_link_explains_itself(
    client: Client, clock: Any, ana: User, step: selectors.Step
) -> None:
    where = path(Act.DONE, ana, step.id)
    clock.shift(dt.timedelta(days=20))
    assert client.get(where).status_code == 200
    clock.shift(dt.timedelta(days=2))
    page = client.post(where)
    assert page.status_code == 410
    assert "has expired" in page.content.decode()
    assert FollowUp.objects.get(pk=step.id).closed_at is None


def test_links_about_somebody_elses_people_or_nothing_are_404(
    client: Client, ana: User, ben: User, step: selectors.Step
) -> None:
    for where in (
        path(Act.DONE, ben, step.id),
        path(Act.DONE, ana, uuid4()),
        path(Act.LATER, ana, step.id).replace("/later/", "/done/"),
        path(Act.DONE, ana, step.id)[:-2] + "/",
        "/act/done/rubbish/",
        "/act/dance/rubbish/",
        "/act/undo/rubbish/",
    ):
        assert client.post(where).status_code == 404


def test_a_note_that_is_too_long_is_kept_and_said(
    client: Client, ana: User, step: selectors.Step
) -> None:
    page = client.post(path(Act.DONE, ana, step.id), {"note": "x" * 30_000})
    assert page.status_code == 422
    assert "x" * 30_000 in page.content.decode()
    assert FollowUp.objects.get(pk=step.id).closed_at is None


def test_a_closed_accounts_links_do_nothing(
    client: Client, ana: User, step: selectors.Step
) -> None:
    User.objects.update(is_active=False)
    assert client.post(path(Act.DONE, ana, step.id)).status_code == 404


def test_a_mail_programs_press_needs_no_cookie(ana: User, step: selectors.Step) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path(Act.DONE, ana, step.id)).status_code == 200
