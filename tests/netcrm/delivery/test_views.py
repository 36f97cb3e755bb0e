"""Pages about mail: the member's, the operator's, and those opened from a mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from netcrm.accounts.models import User
from netcrm.delivery import bounces, links, services
from netcrm.delivery.models import Delivery, MailEvent, Suppression
from tests.faults.sink import Sink

Kind, State = Delivery.Kind, Delivery.State
TUESDAY = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)


@pytest.fixture
def as_ana(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def row(owner: User, state: Delivery.State, **fields: Any) -> Delivery:
    made = services.owe(owner=owner, **{"kind": Kind.DIGEST, "at": TUESDAY, **fields})
    sent_at = TUESDAY if state == State.SENT else None
    Delivery.objects.filter(pk=made.pk).update(state=state, sent_at=sent_at)
    made.refresh_from_db()
    return made


# The member's page


def test_the_page_shows_the_promise_before_there_is_any_mail(as_ana: Client) -> None:
    page = as_ana.get("/delivery/").content.decode()
    assert "A reminder is never lost and never early." in page
    assert "Nothing yet" in page


def test_the_page_shows_the_next_the_last_and_the_last_trouble(as_ana: Client, ana: User) -> None:
    services.sweep(at=TUESDAY)
    row(ana, State.SENT, slot="sent")
    refused = row(ana, State.FAILED, slot="refused")
    Delivery.objects.filter(pk=refused.pk).update(last_error="rcpt: 550 5.1.1 no such person")
    page = as_ana.get("/delivery/").content.decode()
    assert "Wednesday 18 November, 08:00" in page
    assert "Tuesday 17 November, 08:00, Daily reminder" in page
    assert "550 5.1.1 no such person" in page


def test_a_mail_that_need_not_go_is_no_trouble_and_says_why(as_ana: Client, ana: User) -> None:
    skipped = row(ana, State.SKIPPED)
    Delivery.objects.filter(pk=skipped.pk).update(last_error="Reminders are paused.")
    overview = as_ana.get("/delivery/").context["overview"]
    assert overview.last_error is None
    assert "Reminders are paused." in as_ana.get("/delivery/").content.decode()


def test_a_test_mail_takes_the_real_path(as_ana: Client, ana: User, sink: Sink) -> None:
    as_ana.post("/delivery/test/")
    as_ana.post("/delivery/test/")
    assert Delivery.objects.get().kind == Kind.TEST
    services.drain()
    (mail,) = sink.mails
    assert mail.recipient == ana.email
    text = mail.parsed().get_body(("plain",))
    assert text is not None
    assert "It took the same way as every reminder" in text.get_content()


def test_redis_away_costs_a_test_mail_nothing_but_time(
    as_ana: Client, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    started = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_ana.post("/delivery/test/")
    assert answer.status_code == 302
    assert timezone.now() - started < timedelta(seconds=2)
    assert Delivery.objects.get().state == State.DUE


def test_a_held_mail_can_be_sent_again_noted_or_let_go(as_ana: Client, ana: User) -> None:
    for choice, state in [("send", State.DUE), ("arrived", State.SENT), ("drop", State.SKIPPED)]:
        held = row(ana, State.HELD, slot=choice)
        as_ana.post(f"/delivery/{held.pk}/", {"choice": choice})
        held.refresh_from_db()
        assert held.state == state


def test_another_members_mail_is_not_there(as_ana: Client, ben: User) -> None:
    held = row(ben, State.HELD)
    assert as_ana.post(f"/delivery/{held.pk}/", {"choice": "send"}).status_code == 404


def test_a_stopped_address_is_said_on_the_page_and_can_be_tried_again(
    as_ana: Client, ana: User
) -> None:
    services.suppress(ana.email, reason=Suppression.Reason.BOUNCED)
    assert "Mail to ana@example.test is stopped" in as_ana.get("/delivery/").content.decode()
    as_ana.post("/delivery/address/")
    assert "is stopped" not in as_ana.get("/delivery/").content.decode()
    assert Delivery.objects.get().kind == Kind.TEST


# Unsubscribing


def unsubscribe_path(**values: Any) -> str:
    return links.unsubscribe_url(**values).removeprefix("http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("speed", "stream", "after"),
    [
        ("daily", "reminders", "off"),
        ("closing", "reminders", "off"),
        ("weekly", "weekly", "off"),
        ("daily", "weekly", "daily"),
        ("weekly", "reminders", "weekly"),
        ("daily", "thanks", "daily"),
    ],
)
def test_a_mail_program_ends_one_stream_without_cookies(
    ana: User, speed: str, stream: str, after: str
) -> None:
    User.objects.update(reminder_speed=speed, thanks_nudge=True)
    path = unsubscribe_path(stream=stream, owner_id=ana.pk)
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    ana.refresh_from_db()
    assert ana.reminder_speed == after
    assert ana.thanks_nudge is (stream != "thanks")


def test_looking_at_the_unsubscribe_page_changes_nothing(client: Client, ana: User) -> None:
    path = unsubscribe_path(stream="reminders", owner_id=ana.pk)
    for _ in range(3):
        assert client.get(path).status_code == client.head(path).status_code == 200
    page = client.get(path)
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Cache-Control"] == "no-store"
    assert page.content.decode().count('type="submit"') == 1
    ana.refresh_from_db()
    assert ana.reminder_speed == "daily"


def test_somebody_whose_account_is_gone_may_still_unsubscribe(client: Client, ana: User) -> None:
    path = unsubscribe_path(stream="reminders", owner_id=ana.pk)
    ana.delete()
    assert client.post(path).status_code == 200


def test_somebody_without_an_account_ends_one_stream(client: Client, db: None) -> None:
    path = unsubscribe_path(stream="invitation", address="Zoe@Example.test")
    assert client.post(path).status_code == 200
    standing = Suppression.objects.standing
    assert standing("zoe@example.test", stream="invitation").exists()
    assert not standing("zoe@example.test", stream="reminders").exists()


def test_a_thousand_changed_tokens_open_nothing(client: Client, ana: User) -> None:
    token = unsubscribe_path(stream="reminders", owner_id=ana.pk).split("/")[-2]
    tried = 0
    for index, char in enumerate(token * 20):
        place = index % len(token)
        changed = token[:place] + chr((ord(char) - 45 + 1 + index // len(token)) % 78 + 45)
        changed += token[place + 1 :]
        if changed == token or "/" in changed:
            continue
        tried += 1
        with pytest.raises(links.Bad):
            links.unseal("unsubscribe", changed)
        if tried == 1_000:
            break
    assert tried == 1_000
    assert client.post(reverse("unsubscribe", args=[token[:-1]])).status_code == 404


def test_a_token_opens_its_own_purpose_only(ana: User) -> None:
    token = links.seal("act.done", {"u": str(ana.pk)})
    with pytest.raises(links.Bad):
        links.unseal("unsubscribe", token)


def test_links_survive_a_change_of_the_key(ana: User, settings: Any) -> None:
    token = links.seal("unsubscribe", {"u": "1"})
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key"
    assert links.unseal("unsubscribe", token) == {"u": "1"}


# Reports of bounced mail


@pytest.fixture
def tell(client: Client, settings: Any, db: None) -> Callable[..., int]:
    """Post a report, signed unless told otherwise; return the status."""
    settings.BOUNCE_SECRET = "between us"

    def post(signed: str | None = None, ago: timedelta = timedelta(0), **values: str) -> int:
        body = json.dumps(values).encode()
        timestamp = str(int((timezone.now() - ago).timestamp()))
        headers = {
            "X-Mail-Timestamp": timestamp,
            "X-Mail-Signature": bounces.signature(body, timestamp) if signed is None else signed,
        }
        return client.post(
            "/mail/events/", body, content_type="application/json", headers=headers
        ).status_code

    return post


def test_a_genuine_hard_bounce_stops_mail_to_the_address(tell: Callable[..., int]) -> None:
    assert tell(kind="hard", address="Ana@example.test", status="5.1.1") == 200
    assert Suppression.objects.get().address == "ana@example.test"


def test_a_soft_bounce_is_only_noted(tell: Callable[..., int]) -> None:
    tell(kind="soft", address="ana@example.test", status="4.2.2")
    assert MailEvent.objects.count() == 1
    assert not Suppression.objects.exists()


def test_a_status_for_now_is_no_hard_bounce_whatever_it_is_called(tell: Callable[..., int]) -> None:
    tell(kind="hard", address="ana@example.test", status="4.4.7")
    assert MailEvent.objects.get().kind == MailEvent.Kind.SOFT
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("how", "values"),
    [
        ({"signed": "0" * 64}, {"kind": "hard", "address": "ana@example.test"}),
        ({"signed": "é"}, {"kind": "hard", "address": "ana@example.test"}),
        ({"ago": timedelta(hours=49)}, {"kind": "hard", "address": "ana@example.test"}),
        ({"ago": timedelta(hours=-1)}, {"kind": "hard", "address": "ana@example.test"}),
        ({}, {"kind": "hard", "address": "not an address"}),
        ({}, {"kind": "surprise", "address": "ana@example.test"}),
        ({}, {}),
    ],
    ids=["forged", "no digest", "old", "early", "no address", "unknown kind", "empty"],
)
def test_what_is_not_genuine_is_ignored_with_200(
    tell: Callable[..., int], how: dict[str, Any], values: dict[str, str]
) -> None:
    assert tell(**how, **values) == 200
    assert not MailEvent.objects.exists()
    assert not Suppression.objects.exists()


def test_a_replayed_report_does_nothing_more(tell: Callable[..., int]) -> None:
    tell(kind="hard", address="ana@example.test")
    Suppression.objects.update(lifted_at=timezone.now())
    tell(kind="hard", address="ana@example.test")
    assert MailEvent.objects.count() == 1
    assert Suppression.objects.get().lifted_at is not None


def test_without_a_secret_nobody_is_believed(tell: Callable[..., int], settings: Any) -> None:
    settings.BOUNCE_SECRET = ""
    assert tell(kind="hard", address="ana@example.test") == 200
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("state", [State.UNKNOWN, State.HELD, State.DUE])
def test_a_report_settles_what_nobody_knew(
    tell: Callable[..., int], ana: User, state: Delivery.State
) -> None:
    doubtful = row(ana, state)
    Delivery.objects.update(message_id="<a@b>", recipient=ana.email, unknown_count=1)
    tell(kind="delivered", address=ana.email, message_id="<a@b>")
    doubtful.refresh_from_db()
    assert doubtful.state == State.SENT


# The operator's page


def test_the_operators_page_is_not_there_for_members(as_ana: Client, ana: User) -> None:
    dead = row(ana, State.DEAD)
    assert as_ana.get("/operator/mail/").status_code == 404
    assert as_ana.post(f"/operator/mail/{dead.pk}/", {"choice": "send"}).status_code == 404
    assert as_ana.post("/operator/mail/held/", {"choice": "hold"}).status_code == 404


def test_an_operator_sees_dead_mail_and_has_it_tried_again(
    as_ana: Client, ana: User, ben: User
) -> None:
    User.objects.filter(pk=ana.pk).update(is_operator=True)
    dead = row(ben, State.DEAD)
    assert str(dead.pk) in as_ana.get("/operator/mail/").content.decode()
    as_ana.post(f"/operator/mail/{dead.pk}/", {"choice": "send"})
    dead.refresh_from_db()
    assert (dead.state, dead.retries) == (State.DUE, 0)


def test_an_operator_sends_no_doubtful_mail_to_others_again(as_ana: Client, ben: User) -> None:
    User.objects.update(is_operator=True)
    held = row(ben, State.HELD, kind=Kind.THIRD_PARTY, recipient="zoe@example.test")
    page = as_ana.get("/operator/mail/").content.decode()
    assert "Try again" not in page
    assert "Whoever had it sent decides whether it goes again." in page
    path = f"/operator/mail/{held.pk}/"
    as_ana.post(path, {"choice": "send"})
    held.refresh_from_db()
    assert held.state == State.HELD
    as_ana.post(path, {"choice": "drop"})
    held.refresh_from_db()
    assert held.state == State.SKIPPED


def test_an_operator_holds_all_mail_and_lets_it_go(as_ana: Client, ana: User, sink: Sink) -> None:
    User.objects.update(is_operator=True)
    row(ana, State.DUE)
    as_ana.post("/operator/mail/held/", {"choice": "hold"})
    services.drain()
    assert sink.mails == []
    assert "All mail is held" in as_ana.get("/operator/mail/").content.decode()
    as_ana.post("/operator/mail/held/", {"choice": "send"})
    services.drain(at=TUESDAY)
    assert len(sink.mails) == 1


@pytest.mark.parametrize("path", ["/delivery/", "/operator/mail/"])
def test_pages_ask_no_more_of_the_database_as_mail_piles_up(
    as_ana: Client, ana: User, path: str
) -> None:
    User.objects.update(is_operator=True)
    asked = []
    for count in (3, 3, 23):
        for n in range(count):
            row(ana, State.DEAD, slot=f"dead{n}")
            row(ana, State.HELD, slot=f"held{n}")
        with CaptureQueriesContext(connection) as queries:
            as_ana.get(path)
        asked.append(len(queries))
    assert asked[1] == asked[2]
