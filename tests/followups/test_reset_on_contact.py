"""R1: whoever logs a contact, and by whatever path, the open follow-up closes with it.

Others have forgotten a path, and their reminders went stale (Monica #1814).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Interaction
from contacts.services import edit_interaction, log_interaction
from followups import services
from followups.action_links import Act, action_url
from followups.models import FollowUp
from followups.selectors import today_cards
from netcrm.accounts.models import User
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
Path = Callable[[User, Contact, FollowUp, Client], object]


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def due(ana) -> FollowUp:
    """Somebody who is on Today."""
    person = make.contact(ana, name="Shirley Okoro")
    on = TODAY - timedelta(days=25)
    log_interaction(by=ana, at=NOW, people=[person], kind="talk", on=on)
    assert [step.name for step in today_cards(ana, TODAY).cards] == ["Shirley Okoro"]
    return FollowUp.objects.open().get(contact=person)


def by_service(kind: str, direction: str) -> Path:
    def path(owner: User, person: Contact, row: FollowUp, client: Client) -> None:
        log_interaction(by=owner, at=NOW, people=[person], kind=kind, direction=direction)

    return path


def by_correction(owner: User, person: Contact, row: FollowUp, client: Client) -> None:
    old = Interaction.objects.get(people=person)
    edit_interaction(
        by=owner,
        at=NOW,
        interaction=old,
        people=[person],
        kind="talk",
        direction="both",
        on=TODAY,
        note="it was today",
    )


def by_done(owner: User, person: Contact, row: FollowUp, client: Client) -> None:
    client.post(reverse("followups:done", args=[row.pk]))


def by_mail(owner: User, person: Contact, row: FollowUp, client: Client) -> None:
    Client().post(action_url(Act.DONE, owner=owner, about=row.pk))


def by_talked_today(owner: User, person: Contact, row: FollowUp, client: Client) -> None:
    client.post(reverse("contacts:talked_today", args=[person.pk]))


PATHS = {
    "wrote": by_service("message", "out"),
    "heard from them": by_service("message", "in"),
    "spoke": by_service("talk", "both"),
    "met": by_service("meeting", "both"),
    "gave": by_service("gave", "out"),
    "corrected an exchange": by_correction,
    "Done on Today": by_done,
    "Done from the mail": by_mail,
    "talked today": by_talked_today,
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_contact_by_any_path_closes_what_was_open(ana, client, due, path):
    client.force_login(ana)
    path(ana, due.contact, due, client)
    due.refresh_from_db()
    if path is not by_correction:  # it moved the last contact itself, so nothing was kept
        assert due.closed_at == NOW
        assert due.outcome == "done"
    for row in FollowUp.objects.open().filter(contact=due.contact, purpose=due.purpose):
        assert row.opens_on > TODAY
    assert services.plan(ana, at=NOW) == services.Counts()


def test_the_closing_stands_or_falls_with_the_contact(ana, due):
    class Thunder(Exception):
        pass

    def log_and_fail() -> None:
        with transaction.atomic():
            log_interaction(by=ana, at=NOW, people=[due.contact], kind="talk")
            assert not FollowUp.objects.open().filter(pk=due.pk).exists()
            raise Thunder

    with pytest.raises(Thunder):
        log_and_fail()
    due.refresh_from_db()
    assert due.closed_at is None


@pytest.mark.parametrize("kind", ["note", "invitation"])
def test_what_is_no_contact_closes_nothing(ana, due, kind):
    log_interaction(by=ana, at=NOW, people=[due.contact], kind=kind)
    due.refresh_from_db()
    assert due.closed_at is None


def test_a_meeting_with_three_people_closes_all_three(ana, due):
    others = [make.contact(ana, name=name) for name in ("Ken Ito", "Lee Park")]
    on = TODAY - timedelta(days=25)
    for person in others:
        log_interaction(by=ana, at=NOW, people=[person], kind="talk", on=on)
    log_interaction(by=ana, at=NOW, people=[due.contact, *others], kind="meeting")
    assert not FollowUp.objects.open().filter(purpose="nurture", opens_on__lte=TODAY).exists()
