"""What happened is written once, moves last contact only forward, and can be taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import services
from contacts.models import Contact, Interaction, Promise, TheirDate
from tests import make
from tests.contacts.services.test_people import listener

__all__ = ["listener"]

TODAY = date(2026, 11, 17)


@pytest.fixture
def cleo(ana):
    return make.contact(ana, "Cleo Marsh")


@pytest.fixture
def dora(ana):
    return make.contact(ana, "Dora Fell")


def log(owner, now, *people, **said):
    said = {"kind": "talk", **said}
    return services.log_interaction(by=owner, at=now, people=list(people), **said)


def open_date(person):
    found = TheirDate.objects.filter(contact=person, closed_at=None).first()
    return found and found.on


def state(owner):
    """Everything that a log may touch."""
    return (
        set(Contact.objects.filter(owner=owner).values_list("pk", "last_contact_at")),
        set(Interaction.objects.filter(owner=owner).values_list("pk", "at", "note", "kind")),
        set(
            TheirDate.objects.filter(contact__owner=owner).values_list(
                "pk", "on", "said_at", "closed_at"
            )
        ),
        set(
            Promise.objects.filter(contact__owner=owner).values_list(
                "pk", "text", "closed_at", "kept", "closed_in"
            )
        ),
    )


# Logging


def test_who_and_what_are_enough(ana, cleo, now):
    row = log(ana, now, cleo)
    assert (row.kind, row.direction, row.at, row.note) == ("talk", "both", now, "")
    cleo.refresh_from_db()
    assert cleo.last_contact_at == now


@pytest.mark.parametrize(
    ("kind", "direction"),
    [("message", "out"), ("talk", "both"), ("meeting", "both"), ("gave", "out"), ("note", "out")],
)
def test_each_kind_has_its_usual_direction(ana, cleo, now, kind, direction):
    assert log(ana, now, cleo, kind=kind).direction == direction


def test_heard_back_is_a_message_from_them(ana, cleo, now):
    assert log(ana, now, cleo, kind="message", direction="in").direction == "in"


def test_gave_is_a_give(ana, cleo, now):
    assert log(ana, now, cleo, kind="gave").is_give
    assert not log(ana, now, cleo, kind="talk").is_give
    assert not log(ana, now, cleo, kind="gave", direction="in").is_give


@pytest.mark.parametrize("kind", ["note", "invitation"])
def test_a_note_or_a_calendar_invitation_alone_is_no_contact(ana, cleo, now, kind):
    log(ana, now, cleo, kind=kind)
    cleo.refresh_from_db()
    assert cleo.last_contact_at is None


def test_a_meeting_of_three_moves_all_three(ana, now):
    people = [make.contact(ana, name) for name in ("Ann", "Bill", "Cleo")]
    log(ana, now, *people, kind="meeting")
    assert set(ana.contacts.people().values_list("last_contact_at", flat=True)) == {now}


def test_an_earlier_day_is_stored_at_noon_where_the_owner_lives(ana, cleo, now):
    ana.time_zone = "Pacific/Auckland"
    row = log(ana, now, cleo, on=date(2026, 11, 10))
    assert row.at == datetime(2026, 11, 9, 23, tzinfo=UTC)


def test_today_is_the_day_where_the_owner_lives(ana, cleo):
    ana.time_zone = "Pacific/Auckland"
    late = datetime(2026, 11, 17, 20, tzinfo=UTC)  # the 18th in Auckland
    assert log(ana, late, cleo, on=date(2026, 11, 18)).at == late


def test_an_older_exchange_never_moves_last_contact_back(ana, cleo, now):
    log(ana, now, cleo)
    log(ana, now, cleo, on=date(2026, 3, 1))
    cleo.refresh_from_db()
    assert cleo.last_contact_at == now


def test_deleting_the_newest_brings_the_one_before_back(ana, cleo, now):
    older = log(ana, now, cleo, on=date(2026, 3, 1))
    newest = log(ana, now, cleo)
    services.delete_interaction(by=ana, at=now, interaction=newest)
    cleo.refresh_from_db()
    assert cleo.last_contact_at == older.at


def test_the_same_act_pressed_five_times_is_one_exchange(ana, cleo, now, listener):
    rows = {log(ana, now, cleo, log_key="talked:cleo").pk for _ in range(5)}
    assert len(rows) == 1
    assert Interaction.objects.count() == 1
    assert listener == [frozenset({cleo.pk})]


class Meanwhile(list[Contact]):
    """People, while whose names are looked at another process logs the same act."""

    def __init__(self, *people, act):
        super().__init__(people)
        self.act = act

    def __len__(self):
        if act := self.__dict__.pop("act", None):
            act()
        return super().__len__()


def test_of_two_processes_logging_one_act_the_first_wins_and_the_second_agrees(ana, cleo, now):
    first = []
    people = Meanwhile(cleo, act=lambda: first.append(log(ana, now, cleo, log_key="k")))
    second = services.log_interaction(by=ana, at=now, people=people, kind="talk", log_key="k")
    assert [second] == first
    assert Interaction.objects.count() == 1


def test_the_key_of_another_owner_is_another_act(ana, ben, now):
    one = log(ana, now, make.contact(ana), log_key="k")
    other = log(ben, now, make.contact(ben), log_key="k")
    assert one.pk != other.pk


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "danced"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"direction": "up"}, "direction"),
        ({"on": date(2026, 11, 18)}, "on"),
        ({"on": date(1899, 12, 31)}, "on"),
        ({"note": "x" * 20_001}, "note"),
        ({"their_date": date(2026, 11, 16)}, "their_date"),
        ({"their_date": date(2036, 11, 17)}, "their_date"),
        ({"promises": [services.Word(text=" ")]}, "promise"),
        ({"promises": [services.Word(text="x" * 501)]}, "promise"),
    ],
)
def test_bad_input_is_refused_by_field_and_nothing_is_saved(ana, cleo, now, said, field):
    with pytest.raises(ValidationError) as refused:
        log(ana, now, cleo, **said)
    assert set(refused.value.message_dict) == {field}
    assert state(ana)[1] == set()


def test_an_exchange_needs_somebody_else(ana, cleo, now):
    for people in ([], [make.me(ana)], [cleo, cleo]):
        with pytest.raises(ValidationError) as refused:
            log(ana, now, *people)
        assert set(refused.value.message_dict) == {"people"}


def test_a_note_keeps_its_lines_and_loses_what_cannot_be_seen(ana, cleo, now):
    assert log(ana, now, cleo, note=" One\r\ntwo\x00\u202e ").note == "One\ntwo"


# Dates they gave


def test_a_day_they_named_replaces_the_one_before(ana, cleo, now):
    log(ana, now - timedelta(days=3), cleo, their_date=date(2026, 12, 1))
    log(ana, now, cleo, their_date=date(2027, 1, 10))
    assert open_date(cleo) == date(2027, 1, 10)
    assert TheirDate.objects.filter(closed_at=now).count() == 1


def test_a_day_they_named_stands_until_an_exchange_on_or_after_it(ana, cleo, now):
    log(ana, now, cleo, their_date=date(2026, 12, 1))
    log(ana, now + timedelta(days=13), cleo)
    assert open_date(cleo) == date(2026, 12, 1)
    log(ana, now + timedelta(days=14), cleo)
    assert open_date(cleo) is None


def test_the_exchange_in_which_they_named_a_day_does_not_use_it(ana, cleo, now):
    log(ana, now, cleo, their_date=TODAY)
    assert open_date(cleo) == TODAY


def test_a_day_named_in_an_older_exchange_does_not_outrank_a_newer_one(ana, cleo, now):
    log(ana, now, cleo, their_date=date(2027, 1, 10))
    log(ana, now, cleo, on=date(2026, 11, 1), their_date=date(2026, 11, 30))
    assert open_date(cleo) == date(2027, 1, 10)


def test_a_day_counts_for_everybody_who_was_there(ana, cleo, dora, now):
    log(ana, now, cleo, dora, their_date=date(2027, 1, 10))
    assert open_date(cleo) == open_date(dora) == date(2027, 1, 10)


def test_a_day_set_by_hand_replaces_and_can_be_dropped(ana, cleo, now):
    log(ana, now, cleo, their_date=date(2026, 12, 1))
    row = services.set_their_date(by=ana, at=now, contact=cleo, on=date(2026, 12, 24))
    assert open_date(cleo) == date(2026, 12, 24)
    services.drop_their_date(by=ana, at=now, their_date=row)
    assert open_date(cleo) is None
    log(ana, now, cleo)
    assert open_date(cleo) is None


def test_a_day_that_is_past_is_refused(ana, cleo, now):
    with pytest.raises(ValidationError, match="past"):
        services.set_their_date(by=ana, at=now, contact=cleo, on=date(2026, 11, 16))


# Promises


def test_a_promise_is_made_to_everybody_who_was_there(ana, cleo, dora, now):
    word = services.Word(text="Send the survey", due_on=date(2026, 11, 20))
    log(ana, now, cleo, dora, promises=[word])
    made = Promise.objects.values_list("contact", "text", "due_on", "by_me")
    assert set(made) == {
        (person.pk, "Send the survey", date(2026, 11, 20), True) for person in (cleo, dora)
    }


def test_keeping_a_promise_settles_it_and_taking_that_back_opens_it(ana, cleo, now):
    promise = services.add_promise(by=ana, at=now, contact=cleo, text="Send the survey")
    row = log(ana, now, cleo, kind="gave", kept=[promise])
    promise.refresh_from_db()
    assert (promise.kept, promise.closed_at, promise.closed_in) == (True, now, row)
    services.delete_interaction(by=ana, at=now, interaction=row)
    promise.refresh_from_db()
    assert (promise.kept, promise.closed_at, promise.closed_in) == (None, None, None)


def test_anothers_promise_is_not_settled(ana, ben, cleo, now):
    theirs = services.add_promise(by=ben, at=now, contact=make.contact(ben), text="Call")
    log(ana, now, cleo, kept=[theirs])
    theirs.refresh_from_db()
    assert theirs.closed_at is None


def test_a_promise_is_let_go_once_and_can_be_opened_again(ana, cleo, now):
    promise = services.add_promise(by=ana, at=now, contact=cleo, text="Call")
    services.close_promise(by=ana, at=now, promise=promise, kept=False)
    services.close_promise(by=ana, at=now + timedelta(days=1), promise=promise, kept=True)
    assert (promise.kept, promise.closed_at) == (False, now)
    services.reopen_promise(by=ana, at=now, promise=promise)
    assert promise.closed_at is None


# Changing and taking back


def test_a_corrected_exchange_settles_whoever_left_and_whoever_came(ana, cleo, dora, now):
    row = log(ana, now, cleo, note="x", their_date=date(2026, 12, 1))
    services.edit_interaction(
        by=ana,
        at=now,
        interaction=row,
        people=[dora],
        kind="meeting",
        direction="both",
        on=date(2026, 11, 16),
        note="y",
        told_target=True,
    )
    cleo.refresh_from_db()
    dora.refresh_from_db()
    row.refresh_from_db()
    assert cleo.last_contact_at is None
    assert dora.last_contact_at == row.at == datetime(2026, 11, 16, 12, tzinfo=UTC)
    assert (row.kind, row.note, row.told_target) == ("meeting", "y", True)
    assert open_date(cleo) is open_date(dora) is None


def test_a_corrected_note_keeps_the_moment_and_the_date_they_gave(ana, cleo, now):
    row = log(ana, now, cleo, their_date=date(2026, 12, 1))
    before = TheirDate.objects.get()
    services.edit_interaction(
        by=ana,
        at=now + timedelta(hours=2),
        interaction=row,
        people=[cleo],
        kind="talk",
        direction="both",
        on=TODAY,
        note="better words",
        their_date=date(2026, 12, 1),
    )
    assert Interaction.objects.get().at == now
    assert TheirDate.objects.get() == before


def test_taking_back_twice_is_harmless(ana, cleo, now):
    row = log(ana, now, cleo)
    services.delete_interaction(by=ana, at=now, interaction=row)
    services.delete_interaction(by=ana, at=now, interaction=row)
    assert state(ana)[1] == set()


# Laws

DAYS = st.integers(min_value=0, max_value=40).map(lambda back: TODAY - timedelta(days=back))
LOGS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["message", "talk", "meeting", "gave", "note", "invitation"]),
        "on": DAYS,
        "ahead": st.none() | st.integers(min_value=0, max_value=30),
        "who": st.sets(st.integers(min_value=0, max_value=2), min_size=1),
    }
)
ACTS = st.lists(
    st.tuples(st.just("log"), LOGS)
    | st.tuples(st.just("delete"), st.integers(min_value=0, max_value=9))
    | st.tuples(st.just("move"), st.tuples(st.integers(min_value=0, max_value=9), DAYS)),
    max_size=12,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_last_contact_is_the_newest_exchange_whatever_the_order_of_events(ana, acts):
    now = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
    with transaction.atomic():
        people = [make.contact(ana, name) for name in ("Ann", "Bill", "Cleo")]
        rows: list[Interaction] = []
        for step, (act, what) in enumerate(acts):
            at = now + timedelta(minutes=step)
            before = {
                person.pk: Contact.objects.get(pk=person.pk).last_contact_at for person in people
            }
            if act == "log":
                rows.append(_log(ana, at, people, what))
                check_never_back(before)
            elif act == "delete" and rows:
                services.delete_interaction(by=ana, at=at, interaction=rows.pop(what % len(rows)))
            elif act == "move" and rows:
                row = rows[what[0] % len(rows)]
                services.edit_interaction(
                    by=ana,
                    at=at,
                    interaction=row,
                    people=list(row.people.all()),
                    kind=row.kind,
                    direction=row.direction,
                    on=what[1],
                    note="",
                )
            check_last_contact(people)
            check_dates(ana, people)
        transaction.set_rollback(True)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(earlier=st.lists(LOGS, max_size=6), last=LOGS)
def test_taking_a_log_back_restores_exactly_what_was(ana, earlier, last):
    now = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
    with transaction.atomic():
        people = [make.contact(ana, name) for name in ("Ann", "Bill", "Cleo")]
        promise = services.add_promise(by=ana, at=now, contact=people[0], text="Call")
        for step, what in enumerate(earlier):
            _log(ana, now + timedelta(minutes=step), people, what)
        before = state(ana)
        at = now + timedelta(hours=1)
        row = _log(ana, at, people, last, promises=[services.Word(text="Write")], kept=[promise])
        assert state(ana) != before
        services.delete_interaction(by=ana, at=at, interaction=row)
        assert state(ana) == before
        transaction.set_rollback(True)


def _log(owner, at, people, what, **more):
    return services.log_interaction(
        by=owner,
        at=at,
        people=[people[index] for index in what["who"]],
        kind=what["kind"],
        on=what["on"],
        their_date=None if what["ahead"] is None else what["on"] + timedelta(days=what["ahead"]),
        **more,
    )


def check_never_back(before):
    for pk, was in before.items():
        now_is = Contact.objects.get(pk=pk).last_contact_at
        assert was is None or (now_is is not None and now_is >= was)


def check_last_contact(people):
    for person in people:
        counting = [
            row.at
            for row in Interaction.objects.filter(people=person)
            if row.kind in ("message", "talk", "meeting", "gave")
        ]
        assert Contact.objects.get(pk=person.pk).last_contact_at == max(counting, default=None)


def check_dates(owner, people):
    """At most the newest date is open, and only while no later exchange used it."""
    for person in people:
        dates = list(TheirDate.objects.filter(contact=person).order_by("said_at", "id"))
        assert all(row.closed_at for row in dates[:-1])
        if dates:
            newest = dates[-1]
            used = any(
                row.pk != newest.interaction_id
                and row.at >= newest.said_at
                and owner.day(row.at) >= newest.on
                for row in Interaction.objects.counting().filter(people=person)
            )
            assert (newest.closed_at is None) is not used
