"""The ledger from owed to sent, against a mail server that misbehaves on request."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from netcrm.accounts.models import User
from netcrm.delivery import breaker, services
from netcrm.delivery.ledger import Ledger
from netcrm.delivery.models import Delivery, MailHost, Schedule, Suppression, Tally
from netcrm.delivery.post import Post
from tests import make
from tests.faults.sink import Act, Sink, Slow, Stage, Talk

Kind, State = Delivery.Kind, Delivery.State
TUESDAY = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)  # 08:00 in London
Serve = Callable[..., Sink]


def owe(owner: User, *, at: datetime = TUESDAY, **fields: Any) -> Delivery:
    return services.owe(owner=owner, **{"kind": Kind.DIGEST, "at": at, **fields})


def answers(*said: Any, stage: Stage = Stage.RCPT) -> Callable[[Stage, Talk], Any]:
    """A script that says each of these once at a stage, then behaves."""
    queue = list(said)
    return lambda at, talk: queue.pop(0) if at is stage and queue else None


def fresh(row: Delivery) -> Delivery:
    row.refresh_from_db()
    return row


def test_a_due_mail_is_sent_and_says_when(ana: User, sink: Sink) -> None:
    row = owe(ana)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SENT
    assert row.sent_at == TUESDAY
    assert row.recipient == "ana@example.test"
    assert [mail.message_id for mail in sink.mails] == [row.message_id]


def test_nothing_is_sent_before_it_is_due(ana: User, sink: Sink) -> None:
    row = owe(ana)
    services.drain(at=TUESDAY - timedelta(seconds=1))
    assert fresh(row).state == State.DUE
    assert sink.mails == []


def test_the_same_mail_is_owed_once_however_often_it_is_asked_for(ana: User) -> None:
    assert owe(ana) == owe(ana)
    assert Delivery.objects.count() == 1


def test_nothing_to_say_is_an_outcome(ana: User, sink: Sink) -> None:
    row = owe(ana, kind=Kind.THANKS)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SKIPPED
    assert sink.mails == []


def test_a_server_that_says_later_is_asked_again_after_one_two_and_five_minutes(
    ana: User, serve: Serve
) -> None:
    sink = serve(answers("451 4.7.1 later", "451 4.7.1 later", "451 4.7.1 later"))
    row = owe(ana)
    at, ids = TUESDAY, set()
    for minutes in (1, 2, 5):
        services.drain(at=at)
        assert fresh(row).state == State.DUE
        wait = row.due_at - at
        assert timedelta(minutes=minutes) * 0.8 <= wait <= timedelta(minutes=minutes) * 1.2
        ids.add(row.message_id)
        services.drain(at=row.due_at - timedelta(seconds=1))
        at = row.due_at
    services.drain(at=at)
    assert fresh(row).state == State.SENT
    assert len(sink.mails) == 1
    assert sink.mails[0].message_id == row.message_id


def test_every_try_of_a_mail_carries_the_same_message_id(ana: User, serve: Serve) -> None:
    offered: list[bytes] = []

    def later_thrice(stage: Stage, talk: Talk) -> str | None:
        if stage is not Stage.DOT:
            return None
        offered.extend(line for line in talk.data.split(b"\r\n") if b"Message-ID:" in line)
        return "451 4.3.0 later" if len(offered) <= 3 else None

    sink = serve(later_thrice)
    row = owe(ana)
    for minutes in (0, 2, 6, 13):
        services.drain(at=TUESDAY + timedelta(minutes=minutes))
    assert fresh(row).state == State.SENT
    assert (row.retries, row.unknown_count) == (3, 0)
    assert offered == [f"Message-ID: {sink.mails[0].message_id}".encode()] * 4


def test_greylisting_for_five_minutes_costs_a_thousand_people_three_tries_and_ten_minutes(
    ana: User, serve: Serve
) -> None:
    clock = [TUESDAY]
    first_seen: dict[str, datetime] = {}

    def greylist(stage: Stage, talk: Talk) -> str | None:
        if stage is not Stage.RCPT:
            return None
        since = first_seen.setdefault(talk.recipient, clock[0])
        return None if clock[0] - since >= timedelta(minutes=5) else "451 4.7.1 greylisted"

    sink = serve(greylist)
    owners = User.objects.bulk_create(
        User(email=f"user{n}@example.test", password="!") for n in range(1_000)
    )
    Delivery.objects.bulk_create(
        Delivery(
            owner=o, kind=Kind.DIGEST, local_on=TUESDAY.date(), owed_at=TUESDAY, due_at=TUESDAY
        )
        for o in owners
    )
    while clock[0] <= TUESDAY + timedelta(minutes=15) and len(sink.mails) < 1_000:
        services.drain(at=clock[0])
        clock[0] += timedelta(seconds=30)
    assert clock[0] <= TUESDAY + timedelta(minutes=15)
    rows = Delivery.objects.values_list("state", "retries")
    assert {state for state, _ in rows} == {State.SENT}
    assert max(retries + 1 for _, retries in rows) <= 4
    assert len(sink.mails) == len(set(sink.message_ids)) == 1_000


def test_a_refused_address_is_not_tried_again_and_the_second_time_mail_to_it_stops(
    ana: User, serve: Serve
) -> None:
    serve(lambda stage, talk: "550 5.1.1 no such person" if stage is Stage.RCPT else None)
    first = owe(ana)
    services.drain(at=TUESDAY)
    assert fresh(first).state == State.FAILED
    assert "5.1.1" in first.last_error
    assert not Suppression.objects.exists()

    second = owe(ana, at=TUESDAY + timedelta(days=1))
    services.drain(at=TUESDAY + timedelta(days=1))
    assert fresh(second).state == State.FAILED
    assert Suppression.objects.get().address == "ana@example.test"

    third = owe(ana, at=TUESDAY + timedelta(days=2))
    services.drain(at=TUESDAY + timedelta(days=2))
    assert fresh(third).state == State.SKIPPED


def test_two_refusals_more_than_thirty_days_apart_stop_nothing(ana: User, serve: Serve) -> None:
    serve(lambda stage, talk: "550 5.1.1 no such person" if stage is Stage.RCPT else None)
    for at in (TUESDAY, TUESDAY + timedelta(days=31)):
        owe(ana, at=at)
        services.drain(at=at)
    assert not Suppression.objects.exists()


def test_a_server_that_never_greets_costs_one_timeout_and_no_retry(
    ana: User, ben: User, serve: Serve
) -> None:
    sink = serve(lambda stage, talk: Act.HANG)
    rows = [owe(ana), owe(ben)]
    for drains in (1, 2, 3):
        services.drain(at=TUESDAY)
        assert sink.connections == drains, "a worker that waited once is free again"
    services.drain(at=TUESDAY)
    assert sink.connections == 3, "the circuit is open"
    assert [(fresh(row).state, row.retries) for row in rows] == [(State.DUE, 0)] * 2
    assert MailHost.objects.get().closed_until is not None


def test_a_server_that_hangs_up_between_mails_costs_no_mail_anything(
    ana: User, serve: Serve
) -> None:
    """Many servers end a connection with 421 after so many mails."""
    taken = Counter[int]()

    def two_a_connection(stage: Stage, talk: Talk) -> str | None:
        taken[talk.connection] += stage is Stage.DOT
        return "421 4.7.0 enough" if stage is Stage.MAIL and taken[talk.connection] == 2 else None

    sink = serve(two_a_connection)
    rows = [owe(ana, slot=str(n)) for n in range(9)]
    services.drain(at=TUESDAY)
    assert {(fresh(row).state, row.retries) for row in rows} == {(State.SENT, 0)}
    assert len(sink.mails) == 9
    assert sink.connections == 5


def test_a_slow_answer_to_the_dot_is_waited_for(ana: User, serve: Serve) -> None:
    sink = serve(answers(Slow(1.2), stage=Stage.DOT))
    row = owe(ana)
    services.drain(at=TUESDAY)
    assert (fresh(row).state, row.unknown_count) == (State.SENT, 0)
    assert len(sink.mails) == 1


def test_a_wrong_password_stops_sending_until_it_is_right_and_fails_nobody(
    ana: User, serve: Serve, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "wrong"
    right = []
    sink = serve(
        lambda stage, talk: "535 5.7.8 no" if stage is Stage.AUTH and not right else None,
        wants_login=True,
    )
    rows = [owe(ana, slot=str(n)) for n in range(200)]
    for minutes in range(3):
        services.drain(at=TUESDAY + timedelta(minutes=minutes))
    assert {fresh(row).state for row in rows} == {State.DUE}
    assert {row.retries for row in rows} == {0}
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == [
        "mail server in trouble at login; sending pauses"
    ]

    right.append(True)
    services.drain(at=TUESDAY + timedelta(minutes=4))
    assert {fresh(row).state for row in rows} == {State.SENT}
    assert len(sink.mails) == 200
    assert MailHost.objects.get().closed_until is None


def test_while_the_circuit_is_open_one_worker_tries_and_the_others_wait(db: None) -> None:
    MailHost.objects.create(pk="mail:25", failures=3, closed_until=TUESDAY)
    ledger = Ledger(at=TUESDAY)
    assert breaker.permit("mail:25", ledger) is breaker.Permit.TO_TRY
    assert breaker.permit("mail:25", ledger) is breaker.Permit.NO
    after = Ledger(at=TUESDAY + breaker.PAUSE)
    assert breaker.permit("mail:25", after) is breaker.Permit.TO_TRY


def test_one_letter_that_cannot_be_written_does_not_stop_the_others(ana: User, sink: Sink) -> None:
    bad = owe(ana, letter="broken", slot="bad")
    good = [owe(ana, slot=str(n)) for n in range(49)]
    services.drain(at=TUESDAY)
    assert {fresh(row).state for row in good} == {State.SENT}
    assert fresh(bad).state == State.DUE

    at = TUESDAY
    while fresh(bad).state == State.DUE:
        at = max(at, bad.due_at)
        services.drain(at=at)
    assert bad.state == State.DEAD
    assert bad.retries == 8
    assert timedelta(hours=17) < at - TUESDAY < timedelta(hours=27)
    assert "ZeroDivisionError" in bad.last_error
    assert len(sink.mails) == 49


@pytest.mark.parametrize(
    "wish",
    [Act.TAKE_AND_DROP, Act.TAKE_AND_HALF, Act.DROP, Act.HANG, "354 go on"],
    ids=["taken, then reset", "half an answer", "reset at the dot", "no answer", "no sense"],
)
def test_a_reminder_that_may_have_been_sent_is_sent_once_more_and_says_so(
    ana: User, serve: Serve, wish: Act | str
) -> None:
    sink = serve(answers(wish, stage=Stage.DOT))
    row = owe(ana)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.UNKNOWN
    first_id = row.message_id

    services.sweep(at=TUESDAY + timedelta(minutes=9))
    services.drain(at=TUESDAY + timedelta(minutes=9))
    assert fresh(row).state == State.UNKNOWN

    services.sweep(at=TUESDAY + timedelta(minutes=11))
    services.drain(at=TUESDAY + timedelta(minutes=11))
    assert fresh(row).state == State.SENT
    assert row.unknown_count == 1
    assert row.message_id == first_id
    assert len(sink.mails) == (1 if wish in (Act.DROP, "354 go on") else 2)


def test_a_reminder_that_twice_may_have_been_sent_is_held(ana: User, serve: Serve) -> None:
    serve(answers(Act.TAKE_AND_DROP, Act.TAKE_AND_DROP, stage=Stage.DOT))
    row = owe(ana)
    for minutes in (0, 11, 22, 33):
        services.sweep(at=TUESDAY + timedelta(minutes=minutes))
        services.drain(at=TUESDAY + timedelta(minutes=minutes))
    assert fresh(row).state == State.HELD


def test_mail_to_somebody_else_that_may_have_been_sent_is_held_at_once(
    ana: User, serve: Serve
) -> None:
    sink = serve(answers(Act.TAKE_AND_DROP, stage=Stage.DOT))
    row = owe(ana, kind=Kind.THIRD_PARTY, letter="invitation", recipient="zoe@example.test")
    services.drain(at=TUESDAY)
    for minutes in (1, 11, 120):
        services.sweep(at=TUESDAY + timedelta(minutes=minutes))
        services.drain(at=TUESDAY + timedelta(minutes=minutes))
    assert fresh(row).state == State.HELD
    assert [mail.recipient for mail in sink.mails] == ["zoe@example.test"]


def test_a_sweep_that_freezes_half_way_sends_no_doubtful_mail_to_others_again(
    ana: User, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row gets in doubt just after the sweep has held the others, and then it sleeps."""
    row = owe(ana, kind=Kind.THIRD_PARTY, letter="invitation", recipient="zoe@example.test")
    ledger = Ledger(at=TUESDAY)
    (claimed,) = ledger.claim(limit=1)
    assert ledger.mark_sending(claimed, message_id="<x@y>", recipient=row.recipient)
    held = QuerySet.update

    def then_a_doubt(rows: Any, **values: Any) -> int:
        count = held(rows, **values)
        if values == {"state": State.HELD}:
            assert ledger.mark_unknown(claimed, wait=timedelta(0), error="lost at the dot")
        return count

    monkeypatch.setattr(QuerySet, "update", then_a_doubt)
    assert Ledger(at=TUESDAY + timedelta(hours=1)).settle_unknown() == (0, 0)
    monkeypatch.undo()
    assert fresh(row).state == State.UNKNOWN
    assert Ledger(at=TUESDAY + timedelta(hours=1)).settle_unknown() == (0, 1)


def test_mail_to_somebody_else_that_is_a_day_late_waits_for_its_sender(
    ana: User, sink: Sink
) -> None:
    row = owe(ana, kind=Kind.THIRD_PARTY, letter="invitation", recipient="zoe@example.test")
    services.drain(at=TUESDAY + timedelta(hours=25))
    assert fresh(row).state == State.HELD
    assert sink.mails == []


def test_a_dead_workers_mail_is_due_again_when_its_lease_is_over(ana: User, sink: Sink) -> None:
    row = owe(ana)
    assert Ledger(at=TUESDAY).claim(limit=10) == [row]
    services.sweep(at=TUESDAY + timedelta(seconds=119))
    services.drain(at=TUESDAY + timedelta(seconds=119))
    assert fresh(row).state == State.CLAIMED

    services.sweep(at=TUESDAY + timedelta(seconds=121))
    services.drain(at=TUESDAY + timedelta(seconds=121))
    assert fresh(row).state == State.SENT
    assert row.unknown_count == 0


def test_a_worker_that_slept_past_its_lease_may_not_send(ana: User, sink: Sink) -> None:
    owe(ana)
    (row,) = Ledger(at=TUESDAY).claim(limit=10)
    late = Ledger(at=TUESDAY + timedelta(seconds=121))
    assert late.mark_sending(row, message_id="<x@y>", recipient="ana@example.test") is False


def test_two_claims_never_share_a_row(ana: User) -> None:
    rows = {owe(ana, slot=str(n)).pk for n in range(7)}
    ledger = Ledger(at=TUESDAY)
    first, second = ledger.claim(limit=4), ledger.claim(limit=4)
    assert {row.pk for row in first} | {row.pk for row in second} == rows
    assert (len(first), len(second)) == (4, 3)


def test_a_worker_that_hears_250_after_its_lease_settles_the_row(ana: User) -> None:
    owe(ana)
    ledger = Ledger(at=TUESDAY)
    (row,) = ledger.claim(limit=1)
    assert ledger.mark_sending(row, message_id="<x@y>", recipient="ana@example.test")
    later = Ledger(at=TUESDAY + timedelta(minutes=5))
    assert later.take_back() == (0, 1)
    assert later.mark_sent(row) is True
    assert fresh(row).state == State.SENT
    assert row.unknown_count == 1


def test_a_row_that_takes_every_worker_down_is_given_up_and_its_neighbours_are_not(
    ana: User, sink: Sink
) -> None:
    deadly = owe(ana)
    others = [owe(ana, slot=str(n), at=TUESDAY + timedelta(seconds=1)) for n in range(3)]
    at = TUESDAY + timedelta(seconds=1)
    for _ in range(20):
        ledger = Ledger(at=at)
        rows = ledger.claim(limit=50) or ledger.claim(limit=1, suspect=True)
        for row in rows:
            if row == deadly:
                break  # the worker dies here, holding the rest
            assert ledger.mark_sending(row, message_id="<x@y>", recipient=ana.email)
            assert ledger.mark_sent(row)
        at += timedelta(minutes=3)
        services.sweep(at=at)
    assert fresh(deadly).state == State.DEAD
    assert {fresh(row).state for row in others} == {State.SENT}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_active": False}, "closed"),
        ({"paused_until": dt.date(2026, 11, 18)}, "paused"),
        ({"reminder_speed": User.Speed.OFF}, "switched off"),
        ({"reminder_speed": User.Speed.WEEKLY}, "switched off"),
    ],
    ids=["account closed", "paused", "switched off", "another speed"],
)
def test_what_changed_since_the_row_was_made_is_seen_before_data(
    ana: User, sink: Sink, fields: dict[str, Any], why: str
) -> None:
    row = owe(ana)
    User.objects.filter(pk=ana.pk).update(**fields)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SKIPPED
    assert why in row.last_error
    assert sink.stages[Stage.DATA] == 0


@pytest.fixture
def once_offered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something happen once, after the server took the recipient and before the fence."""

    def later(happens: Callable[[], object]) -> None:
        waits, offer = [happens], Post.offer

        def offer_then(post: Post, **addresses: str) -> None:
            offer(post, **addresses)
            if waits:
                waits.pop()()

        monkeypatch.setattr(Post, "offer", offer_then)

    return later


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_active": False}, "closed"),
        ({"leaves_at": TUESDAY}, "closed"),
        ({"paused_until": dt.date(2026, 11, 18)}, "paused"),
        ({"reminder_speed": User.Speed.OFF}, "switched off"),
    ],
    ids=["account closed", "leaving", "paused", "switched off"],
)
def test_what_changed_while_the_mail_was_prepared_stops_it_at_the_fence(
    ana: User, sink: Sink, once_offered: Any, fields: dict[str, Any], why: str
) -> None:
    row, other = owe(ana), owe(ana, kind=Kind.TEST, at=TUESDAY + timedelta(seconds=1))
    once_offered(lambda: User.objects.filter(pk=ana.pk).update(**fields))
    services.drain(at=TUESDAY + timedelta(seconds=1))
    assert (fresh(row).state, fresh(other).retries) == (State.SKIPPED, 0)
    assert why in row.last_error
    assert all(mail.message_id == other.message_id for mail in sink.mails)


def test_an_address_stopped_while_the_mail_was_prepared_gets_nothing(
    ana: User, sink: Sink, once_offered: Any
) -> None:
    row = owe(ana)
    once_offered(
        lambda: services.suppress(
            ana.email, reason=Suppression.Reason.UNSUBSCRIBED, stream="reminders"
        )
    )
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SKIPPED
    assert sink.stages[Stage.DATA] == 0


def test_an_objection_made_while_the_mail_was_prepared_stops_it(
    ana: User, sink: Sink, once_offered: Any
) -> None:
    row = owe(ana, kind=Kind.THIRD_PARTY, letter="invitation", recipient="Zoe@example.test")
    once_offered(
        lambda: services.object_to(owner=ana, address=row.recipient, detail="", at=TUESDAY)
    )
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SKIPPED
    assert sink.stages[Stage.DATA] == 0


def test_a_change_that_stops_nothing_has_the_mail_prepared_afresh(
    ana: User, sink: Sink, once_offered: Any
) -> None:
    row = owe(ana)
    once_offered(lambda: User.objects.update(email="new@example.test"))
    services.drain(at=TUESDAY)
    assert (fresh(row).state, row.retries, row.taken_back) == (State.SENT, 0, 0)
    assert [mail.recipient for mail in sink.mails] == ["new@example.test"]
    assert sink.connections == 1


def test_a_stop_of_another_kind_of_mail_is_no_stop(
    ana: User, sink: Sink, once_offered: Any
) -> None:
    row = owe(ana)
    reason = Suppression.Reason.UNSUBSCRIBED
    once_offered(lambda: services.suppress(ana.email, reason=reason, stream="invitation"))
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SENT
    assert sink.connections == sink.stages[Stage.RCPT] == 1


def test_a_mail_costs_two_statements_beside_its_letter(ana: User, sink: Sink) -> None:
    """The fence and "sent"; the claim and the look at who is stopped are for a whole batch."""
    services.drain(at=TUESDAY)
    asked = []
    for count in (5, 10):
        for n in range(count):
            owe(ana, slot=f"{count} {n}")
        with CaptureQueriesContext(connection) as queries:
            services.drain(at=TUESDAY)
        asked.append(len(queries))
    assert asked[1] - asked[0] == 2 * 5
    assert len(sink.mails) == 15


def test_a_worker_asked_to_stop_finishes_the_mail_in_hand_and_returns_the_rest(
    ana: User, sink: Sink
) -> None:
    rows = [owe(ana, slot=str(n)) for n in range(20)]
    services.drain(at=TUESDAY, stop=lambda: len(sink.mails) >= 3)
    states = [fresh(row).state for row in rows]
    assert states.count(State.SENT) == 3
    assert states.count(State.DUE) == 17
    assert {row.taken_back for row in rows} == {0}


def test_mail_that_is_held_stays(ana: User, sink: Sink) -> None:
    row = owe(ana)
    services.hold(because="restored from a backup", at=TUESDAY)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.DUE
    services.release(at=TUESDAY)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.SENT


def test_mail_held_while_a_worker_sends_stops_with_the_batch_in_hand(
    ana: User, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    for n in range(6):
        owe(ana, slot=str(n))

    def held_after_the_third() -> bool:
        if len(sink.mails) == 3:
            services.hold(because="wrong words", at=TUESDAY)
        return False

    services.drain(at=TUESDAY, stop=held_after_the_third)
    assert len(sink.mails) == 4


@pytest.mark.parametrize(
    ("how", "sent", "states"),
    [
        ("send", 3, {State.SENT: 3}),
        ("digest", 1, {State.SENT: 1, State.FOLDED: 3}),
        ("skip", 0, {State.SKIPPED: 3}),
    ],
)
def test_after_a_restore_nothing_goes_until_somebody_says_how(
    ana: User, sink: Sink, how: str, sent: int, states: dict[str, int]
) -> None:
    """A snapshot of eight o'clock is started at eleven: what it owes had been sent (B03)."""
    plan(TUESDAY - timedelta(hours=1))
    owe(ana, slot="sent after the snapshot")
    owe(ana, kind=Kind.SUMMARY, slot="sent after the snapshot")
    call_command("mail", "hold", because="restored", stdout=StringIO())
    back = TUESDAY + timedelta(hours=3)
    plan(back)
    services.drain(at=back)
    assert sink.mails == []
    assert list(Delivery.objects.values_list("state", flat=True)) == [State.DUE] * 3

    with time_machine.travel(back, tick=False):
        call_command("mail", how, stdout=StringIO())
    services.drain(at=back)
    services.drain(at=back)
    assert len(sink.mails) == sent
    assert Counter(Delivery.objects.values_list("state", flat=True)) == states


def test_forty_mails_share_one_connection(ana: User, sink: Sink) -> None:
    for n in range(40):
        owe(ana, slot=str(n))
    services.drain(at=TUESDAY)
    assert len(sink.mails) == 40
    assert sink.connections == 1


@pytest.mark.parametrize(
    "address",
    [
        "a@x.test, b@y.test",
        "a@x.test\nBcc:b@y.test",
        "a@x.test>\r\nRCPT TO:<b@y.test",
        "a@x.test b@y.test",
        "nobody",
    ],
    ids=["two", "a header", "a command", "a space", "no domain"],
)
def test_an_address_that_is_not_one_address_is_written_to_nobody(
    ana: User, sink: Sink, address: str
) -> None:
    row = owe(ana, kind=Kind.THIRD_PARTY, letter="invitation", recipient=address)
    other = owe(ana)
    services.drain(at=TUESDAY)
    assert fresh(row).state == State.FAILED
    assert fresh(other).state == State.SENT
    assert [mail.recipient for mail in sink.mails] == ["ana@example.test"]


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
def test_one_refused_mail_leaves_the_connection_fit_for_the_next(
    ana: User, ben: User, serve: Serve, pipelining: bool, stage: Stage
) -> None:
    sink = serve(answers("451 4.3.0 later", stage=stage), pipelining=pipelining)
    first, second = owe(ana), owe(ben, at=TUESDAY + timedelta(seconds=1))
    services.drain(at=TUESDAY + timedelta(seconds=1))
    assert (fresh(first).state, fresh(second).state) == (State.DUE, State.SENT)
    assert [mail.recipient for mail in sink.mails] == ["ben@example.test"]
    assert sink.connections == 1


# Planning


def plan(at: datetime) -> list[tuple[str, dt.date]]:
    services.sweep(at=at)
    return list(Delivery.objects.order_by("local_on").values_list("state", "local_on"))


def test_somebody_new_gets_the_first_mail_at_the_next_chosen_hour(ana: User) -> None:
    assert plan(TUESDAY + timedelta(hours=1)) == []
    assert plan(TUESDAY + timedelta(hours=23, minutes=59)) == []
    assert plan(TUESDAY + timedelta(hours=24)) == [(State.DUE, dt.date(2026, 11, 18))]


def test_a_day_has_one_mail_however_often_the_sweep_runs(ana: User) -> None:
    plan(TUESDAY - timedelta(hours=1))
    for seconds in range(0, 300, 30):
        plan(TUESDAY + timedelta(seconds=seconds))
    assert Delivery.objects.count() == 1


def test_weekends_are_left_out(ana: User) -> None:
    plan(TUESDAY - timedelta(hours=1))
    for day in range(8):
        plan(TUESDAY + timedelta(days=day))
        Delivery.objects.filter(state=State.DUE).update(state=State.SKIPPED)
    days = [local_on for _, local_on in plan(TUESDAY + timedelta(days=7))]
    assert [day.day for day in days] == [17, 18, 19, 20, 23, 24]


def test_a_move_to_new_york_after_todays_mail_brings_no_second_mail_today(ana: User) -> None:
    User.objects.update(time_zone="Europe/Berlin", send_at=dt.time(9))
    plan(TUESDAY - timedelta(hours=1))
    assert len(plan(TUESDAY)) == 1
    Delivery.objects.update(state=State.SKIPPED)
    User.objects.update(time_zone="America/New_York")
    assert len(plan(TUESDAY + timedelta(hours=6))) == 1
    schedule = Schedule.objects.get()
    assert schedule.next_on == dt.date(2026, 11, 18)
    assert schedule.next_at == datetime(2026, 11, 18, 14, tzinfo=UTC)


def test_an_earlier_hour_chosen_after_it_passed_does_not_drop_the_day(ana: User) -> None:
    User.objects.update(send_at=dt.time(18))
    plan(TUESDAY)
    User.objects.update(send_at=dt.time(7))
    assert plan(TUESDAY + timedelta(hours=1)) == [(State.DUE, dt.date(2026, 11, 17))]


def test_new_zone_data_moves_what_is_owed(ana: User) -> None:
    plan(TUESDAY - timedelta(hours=1))
    Schedule.objects.update(next_at=TUESDAY + timedelta(hours=1), zone_data="2020a")
    services.sweep(at=TUESDAY - timedelta(minutes=30))
    assert Schedule.objects.get().next_at == TUESDAY
    assert plan(TUESDAY) == [(State.DUE, TUESDAY.date())]


def test_an_hour_put_off_as_it_comes_neither_drops_the_day_nor_sends_early(ana: User) -> None:
    """By the owner or by new zone data, and no sweep had worked the schedule out again."""
    plan(TUESDAY - timedelta(hours=1))
    User.objects.update(send_at=dt.time(18))
    Schedule.objects.update(zone_data="2020a")
    services.materialise(Ledger(at=TUESDAY), now=TUESDAY)
    assert not Delivery.objects.exists()
    schedule = Schedule.objects.get()
    assert (schedule.next_on, schedule.next_at) == (TUESDAY.date(), TUESDAY.replace(hour=18))
    assert services.reconcile(now=TUESDAY) == 0, "nothing is left to work out"
    assert plan(TUESDAY.replace(hour=18)) == [(State.DUE, TUESDAY.date())]


def test_new_zone_data_with_the_release_that_ends_an_outage_drops_no_missed_day(
    ana: User, sink: Sink
) -> None:
    plan(TUESDAY - timedelta(hours=1))
    Schedule.objects.update(zone_data="2020a")
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    services.sweep(at=sunday)
    services.drain(at=sunday)
    assert len(sink.mails) == 1
    assert Delivery.objects.get(state=State.SENT).folded.count() == 4


def test_more_missed_mail_than_one_sweep_folds_is_one_mail_a_person_all_the_same(
    sink: Sink, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "CHUNK", 3)
    for n in range(8):
        make.user(f"user{n}@example.test")
    for _ in range(3):
        services.reconcile(now=TUESDAY - timedelta(hours=1))
    for day in (1, 4):  # on Wednesday the worker is down; then beat too, until Saturday
        services.sweep(at=TUESDAY + timedelta(days=day))
    drained = services.drain(at=TUESDAY + timedelta(days=4))
    assert drained.counts["folded"] > 0, "the sweep had not seen them all"
    assert Counter(mail.recipient for mail in sink.mails) == {
        f"user{n}@example.test": 1 for n in range(8)
    }
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert states == {State.SENT: 8, State.FOLDED: 24}
    assert not Delivery.objects.filter(state=State.FOLDED, folded_into=None).exists()


def test_switching_off_ends_the_schedule(ana: User) -> None:
    plan(TUESDAY - timedelta(hours=1))
    User.objects.update(reminder_speed=User.Speed.OFF)
    assert plan(TUESDAY) == []
    assert not Schedule.objects.exists()


def test_six_hours_down_sends_late_and_four_days_down_sends_one_mail_for_all(
    ana: User, sink: Sink
) -> None:
    plan(TUESDAY - timedelta(hours=1))
    services.sweep(at=TUESDAY + timedelta(hours=6))
    services.drain(at=TUESDAY + timedelta(hours=6))
    assert len(sink.mails) == 1

    back = datetime(2026, 11, 20, 12, tzinfo=UTC)  # Friday; Wednesday and Thursday were missed
    services.sweep(at=back)
    services.drain(at=back)
    assert len(sink.mails) == 2
    rows = list(Delivery.objects.order_by("local_on").values_list("state", "local_on__day"))
    assert rows == [
        (State.SENT, 17),
        (State.FOLDED, 18),
        (State.FOLDED, 19),
        (State.SENT, 20),
    ]
    assert set(
        Delivery.objects.filter(state=State.FOLDED).values_list("folded_into__local_on__day")
    ) == {(20,)}


def test_back_on_a_weekend_the_missed_week_is_one_summary(ana: User, sink: Sink) -> None:
    plan(TUESDAY - timedelta(hours=1))
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    services.sweep(at=sunday)
    services.drain(at=sunday)
    assert len(sink.mails) == 1
    sent = Delivery.objects.get(state=State.SENT)
    assert sent.kind == Kind.SUMMARY
    assert sent.folded.count() == 4


def test_a_pause_owes_nothing_for_its_days(ana: User) -> None:
    plan(TUESDAY - timedelta(hours=1))
    User.objects.update(paused_until=dt.date(2026, 11, 19))
    assert plan(TUESDAY + timedelta(days=1)) == []
    assert plan(TUESDAY + timedelta(days=2)) == [(State.DUE, dt.date(2026, 11, 19))]


def test_public_holidays_are_left_out(db: None) -> None:
    make.user("dag@example.test", time_zone="Europe/Berlin", country="DE")
    plan(datetime(2026, 12, 24, 0, tzinfo=UTC))
    rows = plan(datetime(2026, 12, 28, 12, tzinfo=UTC))
    assert [day.day for _, day in rows if day.day == 25] == []


# Putting away


def test_old_mail_is_put_away_and_its_counts_are_kept(ana: User) -> None:
    long_ago = TUESDAY - services.KEPT - timedelta(hours=1)
    doubted = owe(ana, at=long_ago, slot="doubted")
    Delivery.objects.filter(pk=doubted.pk).update(unknown_count=1)
    ends = [State.SENT, State.SENT, State.SKIPPED, State.HELD, State.DEAD, State.FAILED, State.DUE]
    rows = [doubted, *(owe(ana, at=long_ago, slot=str(n)) for n in range(len(ends) - 1))]
    for row, state in zip(rows, ends, strict=True):
        sent_at = long_ago if state == State.SENT else None
        Delivery.objects.filter(pk=row.pk).update(state=state, sent_at=sent_at)
    young = owe(ana, at=TUESDAY - services.KEPT + timedelta(hours=1), slot="young")
    Delivery.objects.filter(pk=young.pk).update(state=State.SKIPPED)

    assert services.put_away(at=TUESDAY) == 3
    left = set(Delivery.objects.values_list("state", flat=True))
    assert left == {State.HELD, State.DEAD, State.FAILED, State.DUE, State.SKIPPED}
    counted = set(Tally.objects.values_list("month_on", "state", "count", "doubtful"))
    month = long_ago.date().replace(day=1)
    assert counted == {(month, State.SENT, 2, 1), (month, State.SKIPPED, 1, 0)}


def test_counts_of_later_rows_are_added_and_none_is_counted_twice(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "CHUNK", 2)
    long_ago = TUESDAY - services.KEPT - timedelta(days=1)
    for round_ in ("a", "b"):
        for n in range(5):
            owe(ana, at=long_ago, slot=f"{round_}{n}")
        Delivery.objects.update(state=State.SKIPPED)
        assert services.put_away(at=TUESDAY) == 5
        assert services.put_away(at=TUESDAY) == 0
    assert Tally.objects.get().count == 10
