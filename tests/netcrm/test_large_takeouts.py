"""A large export is put together by a worker; its link is its owner's, for seven days."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from contacts import services as people
from contacts.models import Contact, Ring
from netcrm.accounts.services import ask_to_leave, remove_leavers
from netcrm.delivery.models import Delivery
from netcrm.takeout import emails, everything, services, tasks
from netcrm.takeout.links import key_in, token_of
from netcrm.takeout.models import Takeout, TakeoutPart
from tests import make
from tests.netcrm.test_takeout import full, said

__all__ = ["full"]


@pytest.fixture
def large(ana, monkeypatch):
    """An account of three people, where two are a lot."""
    monkeypatch.setattr(services, "AT_ONCE", 2)
    for name in ("Ann Lee", "Bo Hale", "Cy Dale"):
        make.contact(ana, name)
    return ana


@pytest.fixture
def ready(large, now):
    with time_machine.travel(now, tick=False):
        row = services.ask_for(large)
        assert services.make(row.pk, at=now)
        row.refresh_from_db()
        yield row


def fetch(client, takeout):
    return client.get(reverse("accounts:data_file", args=[token_of(takeout)]))


def test_a_large_list_is_owed_and_a_small_one_answered(client, large, ben):
    client.force_login(large)
    answer = client.post(reverse("accounts:data_download"))
    assert answer.url == reverse("accounts:data")
    client.post(reverse("accounts:data_download"))
    assert Takeout.objects.count() == 1, "asking twice owes one"
    assert "being put together" in client.get(answer.url).text
    part = client.get(answer.url, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    client.force_login(ben)
    file = client.post(reverse("accounts:data_download"))
    assert file.headers["Content-Type"].endswith("zip")
    file.close()


def test_the_link_gives_the_whole_file(client, large, ready, monkeypatch):
    client.force_login(large)
    answer = fetch(client, ready)
    body = b"".join(answer.streaming_content)
    assert int(answer.headers["Content-Length"]) == len(body) == ready.size_bytes
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        told = json.loads(archive.read("netcrm.json"))
    assert len(told["rows"]["contacts.Contact"]) == 4
    page = client.get(reverse("accounts:data")).text
    assert token_of(ready) in page


def test_the_parts_of_a_file_come_in_order(large, now, monkeypatch):
    monkeypatch.setattr(services, "PART_BYTES", 50)
    row = services.ask_for(large)
    services.make(row.pk, at=now)
    assert TakeoutPart.objects.count() > 20
    body = b"".join(services.content_of(row))
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None


def test_the_link_is_of_use_to_its_owner_alone(client, large, ben, ready):
    assert fetch(client, ready).status_code == 302
    client.force_login(ben)
    assert fetch(client, ready).status_code == 404
    client.force_login(large)
    where = reverse("accounts:data_file", args=[token_of(ready)[:-1] + "x"])
    assert client.get(where).status_code == 404


def test_the_link_dies_after_seven_days_and_the_file_with_it(client, large, ready, now):
    client.force_login(large)
    token = token_of(ready)
    with time_machine.travel(now + timedelta(days=7, minutes=-1), tick=False):
        client.force_login(large)
        assert client.get(reverse("accounts:data_file", args=[token])).status_code == 200
        assert services.delete_old(at=now + timedelta(days=7, minutes=-1)) == 0
    with time_machine.travel(now + timedelta(days=7, minutes=1), tick=False):
        client.force_login(large)
        assert key_in(token) is None
        assert client.get(reverse("accounts:data_file", args=[token])).status_code == 404
        tasks.look_after_takeouts()
    assert not TakeoutPart.objects.exists()


def test_two_workers_make_one_file_and_a_dead_one_is_taken_over(large, now):
    row = services.ask_for(large)
    Takeout.objects.filter(pk=row.pk).update(lease_until=now + timedelta(minutes=5))
    TakeoutPart.objects.create(takeout=row, place=0, content=b"half of it")
    assert services.owed(at=now) == []
    assert services.make(row.pk, at=now) is False
    later = now + timedelta(minutes=6)
    assert services.owed(at=later) == [row.pk]
    assert services.make(row.pk, at=later) is True
    assert services.make(row.pk, at=later) is False
    assert b"half of it" not in b"".join(services.content_of(row))


def test_a_mail_brings_the_link_until_it_has_run_out(large, ready, now):
    owed = Delivery.objects.get(letter="takeout")
    assert owed.owner == large
    letter = emails.takeout(owed, at=now)
    assert letter is not None
    assert token_of(ready) in letter.text
    assert "24 November" in letter.text
    assert emails.takeout(owed, at=now + timedelta(days=8)) is None


def test_whoever_leaves_takes_their_exports_along(large, ready, now):
    ask_to_leave(large, at=now)
    remove_leavers(at=now + timedelta(days=15))
    assert not TakeoutPart.objects.exists()


def test_how_far_it_is_is_told(large, now, monkeypatch):
    monkeypatch.setattr(services, "ROWS_TOLD", 1)
    row = services.ask_for(large)
    assert row.rows_total >= 4
    services.make(row.pk, at=now)
    row.refresh_from_db()
    assert row.rows_done >= 4


# The calendar in it


def events(owner, at):
    with everything.archive_of(owner) as file, zipfile.ZipFile(file) as archive:
        text = archive.read("days.ics")
    assert b"\r\n" in text
    found = Calendar.from_ical(text).walk("VEVENT")
    return {str(one["summary"]): one for one in found}


def test_the_days_to_come_are_in_the_calendar_and_keep_their_names(full, now):
    with time_machine.travel(now, tick=False):
        people.set_ring(by=full, at=now, contact=Contact.objects.get(name="Ann Lee"), ring=Ring.A)
        promise = people.add_promise(
            by=full, at=now, contact=Contact.objects.get(name="Bill Moss"), text="Call; twice, ok",
            due_on=date(2026, 12, 1), by_me=True,
        )  # fmt: skip
        first = events(full, now)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        second = events(full, now)
    promised = first["Promised to Bill Moss: Call; twice, ok"]
    assert promised["dtstart"].dt == date(2026, 12, 1)
    assert str(promised["uid"]) == f"{promise.pk}@netcrm"
    birthday = first["Birthday of Ann Lee"]
    assert birthday["rrule"]["FREQ"] == ["YEARLY"]
    assert birthday["dtstart"].dt == date(2000, 2, 29)
    assert {name: str(one["uid"]) for name, one in first.items()} == {
        name: str(one["uid"]) for name, one in second.items()
    }
    assert len({str(one["uid"]) for one in first.values()}) == len(first) >= 4


def test_settings_come_back_too(full, ben):
    full.target_line, full.single_keys, full.daily_budget = "Cook", False, 7
    full.save()
    everything.take_in(ben, said(full))
    ben.refresh_from_db()
    assert (ben.target_line, ben.single_keys, ben.daily_budget) == ("Cook", False, 7)
    assert ben.email == "ben@example.test"


@pytest.mark.parametrize(
    "settings",
    [{"daily_budget": 999}, {"time_zone": "Mars/Base"}, {"send_at": "noon"}, "none", {"theme": 1}],
    ids=["out of range", "no such zone", "no time", "no settings", "no theme"],
)
def test_settings_that_are_none_take_nothing_in(full, ben, settings):
    told = said(full)
    told["user"] = settings
    with pytest.raises(everything.NotOurs):
        everything.take_in(ben, told)
    assert not Contact.objects.filter(owner=ben, is_self=False).exists()
