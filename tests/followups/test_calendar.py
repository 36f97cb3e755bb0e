"""The calendar feed: who may open it, what stands in it, and how its entries count changes."""

from __future__ import annotations

import base64
import datetime as dt
import io
import logging.config

import pytest
import time_machine
from django.urls import reverse
from icalendar import Calendar

from contacts import services as people
from contacts.models import Interaction
from followups import feed as feeds
from followups import selectors
from followups.models import CalendarFeed, FollowUp
from followups.services import calendar
from introductions import services as introductions
from introductions.models import Opportunity
from netcrm.accounts.services import change_settings
from netcrm.groups import services as groups
from netcrm.kit import logs
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)  # a Tuesday
TODAY = NOW.date()


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shirley(clock, ana):
    """Somebody whose window is open, with everything about her that a calendar must not say."""
    person = people.add_person(
        by=ana,
        at=NOW - dt.timedelta(days=60),
        name="Shirley Okoro",
        organization="Northbank",
        notes="walks three whippets",
    )
    people.add_point(by=ana, at=NOW, contact=person, kind="email", value="so@northbank.test")
    people.log_interaction(
        by=ana,
        at=NOW - dt.timedelta(days=24),
        people=[person],
        kind=Interaction.Kind.MEETING,
        note="whispered about a merger",
    )
    return person


@pytest.fixture
def feed(ana, shirley):
    return calendar.choose(by=ana)


def address(feed: CalendarFeed) -> str:
    return reverse("followups:calendar_feed", args=[feeds.token_of(feed)])


def read(client, feed: CalendarFeed) -> dict[str, dict]:
    """The events of the feed by UID, as a calendar program reads them."""
    answer = client.get(address(feed))
    assert answer.status_code == 200
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    return {str(event["UID"]): event for event in events}


def test_whoever_has_the_address_reads_it_without_signing_in(client, feed):
    answer = client.get(address(feed))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    head = client.head(address(feed))
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(address(feed)).status_code == 405


def test_the_secret_is_long_and_no_row_holds_it(feed):
    token = feeds.token_of(feed)
    assert feeds.MAC_BYTES * 8 >= 128
    assert len(base64.urlsafe_b64decode(token)) == feeds.KEY_BYTES + feeds.MAC_BYTES
    kept = "".join(str(value) for value in CalendarFeed.objects.values().get().values())
    assert token not in kept
    assert feeds.feed_of(token) == feed


def test_another_address_opens_nothing(client, feed, ben):
    token = feeds.token_of(feed)
    other = calendar.choose(by=ben)
    forged = base64.urlsafe_b64encode(
        other.pk.bytes + base64.urlsafe_b64decode(token)[feeds.KEY_BYTES :]
    ).decode()
    wrong = [token[:-1], token + "A", token.lower(), "é" + token[1:], "x", forged, str(feed.pk)]
    wrong += [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(0, 53)]
    for one in wrong:
        assert client.get(reverse("followups:calendar_feed", args=[one])).status_code == 404, one


def test_a_new_address_and_a_stop_end_the_old_one_at_once(client, ana, feed):
    old = address(feed)
    client.force_login(ana)
    client.post(reverse("followups:calendar_renew"))
    assert client.get(old).status_code == 404
    feed.refresh_from_db()
    assert client.get(address(feed)).status_code == 200
    client.post(reverse("followups:calendar_stop"))
    assert client.get(address(feed)).status_code == 404


def test_an_address_outlives_a_change_of_keys_and_not_a_closed_account(client, ana, feed, settings):
    old = address(feed)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert client.get(old).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get(old).status_code == 404
    settings.SECRET_KEY_FALLBACKS = ["another"]
    ana.is_active = False
    ana.save()
    assert client.get(address(feed)).status_code == 404


def test_the_address_is_in_no_log(client, feed):
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    config = logs.configuration(level="DEBUG")
    formatter = logging.config.DictConfigurator(config).configure_formatter(
        config["formatters"]["json"]
    )
    handler.setFormatter(formatter)
    root.addHandler(handler)
    try:
        client.get(address(feed))
        client.get(address(feed).replace(".ics", "A.ics"))
    finally:
        root.removeHandler(handler)
    assert feeds.token_of(feed) not in said.getvalue()
    assert "[token]" in said.getvalue()


def test_the_days_are_those_of_upcoming(client, ana, feed):
    for n in range(12):
        person = make.contact(ana, f"Person {n:02}")
        make.follow_up(
            person,
            opens_on=TODAY + dt.timedelta(days=n // 4),
            fades_on=TODAY + dt.timedelta(days=60),
            quiet_on=TODAY + dt.timedelta(days=60),
        )
    ahead = selectors.upcoming(ana, TODAY)
    expected = {str(step.id): one.day for one in ahead for step in one.steps}
    assert len(expected) == 13
    found = read(client, feed)
    assert {uid: event["DTSTART"].dt for uid, event in found.items()} == expected


def test_every_entry_is_a_whole_free_day_without_an_alarm(client, feed):
    (event,) = read(client, feed).values()
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(days=1)
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["CLASS"] == "PRIVATE"
    assert not event.walk("VALARM")
    text = client.get(address(feed)).content
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in text
    assert b"\r\nX-PUBLISHED-TTL:PT6H\r\n" in text
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [("Pacific/Auckland", 12, 18), ("Pacific/Honolulu", 5, 16)],
    ids=["ahead", "behind"],
)
def test_the_day_is_the_owners_own(client, ana, feed, clock, zone, hour, day):
    clock.move_to(dt.datetime(2026, 11, 17, hour, tzinfo=dt.UTC))
    FollowUp.objects.all().delete()
    ana.time_zone = zone
    ana.send_weekdays = 127
    ana.save()
    far = dt.date(2026, 12, 24)
    make.follow_up(
        make.contact(ana, "Lee Park"), opens_on=dt.date(2026, 11, 1), fades_on=far, quiet_on=far
    )
    (event,) = read(client, feed).values()
    assert event["DTSTART"].dt == dt.date(2026, 11, day)


def test_two_fetches_are_the_same_to_the_letter(client, feed, clock):
    first = client.get(address(feed)).content
    clock.shift(dt.timedelta(minutes=90))
    assert client.get(address(feed)).content == first


def test_a_change_raises_the_sequence_and_keeps_the_uid(client, ana, feed, shirley, clock):
    (before,) = read(client, feed).values()
    assert before["SEQUENCE"] == 0
    clock.shift(dt.timedelta(days=1))
    (moved,) = read(client, feed).values()
    assert moved["UID"] == before["UID"]
    assert moved["DTSTART"].dt == before["DTSTART"].dt + dt.timedelta(days=1)
    assert moved["SEQUENCE"] == 1
    assert moved["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    calendar.choose(by=ana, names=True)
    (named,) = read(client, feed).values()
    assert named["SEQUENCE"] == 2


def test_what_comes_back_goes_on_counting(client, ana, feed, clock):
    read(client, feed)
    calendar.choose(by=ana, people=False)
    assert read(client, feed) == {}
    calendar.choose(by=ana, people=True)
    (event,) = read(client, feed).values()
    assert event["SEQUENCE"] == 1
    calendar.choose(by=ana, people=False)
    read(client, feed)
    clock.shift(calendar.REMEMBERED + dt.timedelta(days=1))
    read(client, feed)
    feed.refresh_from_db()
    assert feed.published == {}


def test_nobody_is_named_and_nothing_typed_is_quoted_unless_chosen(client, ana, feed, shirley):
    hidden = ["Shirley", "Okoro", "Northbank", "whippets", "merger", "so@northbank.test"]
    text = client.get(address(feed)).content.decode()
    assert "SO" in text
    assert [word for word in hidden if word in text] == []
    calendar.choose(by=ana, names=True)
    text = client.get(address(feed)).content.decode()
    assert [word for word in hidden if word in text] == ["Shirley", "Okoro"]
    calendar.choose(by=ana, names=True, notes=True)
    text = client.get(address(feed)).content.decode()
    assert [word for word in hidden if word in text] == ["Shirley", "Okoro", "merger"]


def test_the_choice_of_initials_for_mail_and_calendar_comes_first(client, ana, feed):
    calendar.choose(by=ana, names=True)
    change_settings(ana, at=NOW, initials_only=True)
    assert "Shirley" not in client.get(address(feed)).content.decode()


def test_trust_is_in_no_feed(client, ana, feed, shirley):
    calendar.choose(by=ana, people=True, promised=True, interviews=True, names=True, notes=True)
    before = client.get(address(feed)).content
    introductions.override_trust(shirley, step=5, reason="because of the regatta", at=NOW)
    after = client.get(address(feed)).content.decode()
    for word in ("vouch", "Knows my work", "Introduced", "Acquainted", "regatta", "trust"):
        assert word not in after
    assert len(Calendar.from_ical(before).walk("VEVENT")) == 1


def test_what_was_promised_in_a_group_stands_on_its_day(client, ana, feed, lea):
    mine = make.member(make.group(lea), ana)
    day = TODAY + dt.timedelta(days=3)
    said = groups.commit(membership=mine, text="Report to Dana", due_on=day)
    groups.commit(membership=mine, text="No day")
    groups.commit(membership=mine, text="Gone by", due_on=TODAY - dt.timedelta(days=1))
    event = read(client, feed)[str(said.pk)]
    assert (event["DTSTART"].dt, str(event["SUMMARY"])) == (day, "Promised in Tuesday group")
    assert len(read(client, feed)) == 2
    calendar.choose(by=ana, names=True)
    assert str(read(client, feed)[str(said.pk)]["SUMMARY"]) == "Promised: Report to Dana"
    groups.put_off_commitment(commitment=said, until=day + dt.timedelta(days=2))
    assert read(client, feed)[str(said.pk)]["DTSTART"].dt == day + dt.timedelta(days=2)
    calendar.choose(by=ana, promised=False)
    assert str(said.pk) not in read(client, feed)


def test_a_group_that_one_has_left_is_in_the_calendar_no_more(client, ana, feed, lea):
    mine = make.member(make.group(lea), ana)
    said = groups.commit(membership=mine, text="Report", due_on=TODAY + dt.timedelta(days=3))
    assert str(said.pk) in read(client, feed)
    groups.leave(membership=mine, at=NOW)
    assert "Tuesday group" not in client.get(address(feed)).content.decode()


def test_interviews_stand_there_by_choice(client, ana, feed):
    acme = make.organization(ana, "Acme")
    rows = [
        Opportunity.objects.create(
            owner=ana, organization=acme, role="Lead buyer", stage=stage, stage_on=TODAY, **rest
        )
        for stage, rest in (
            ("interview", {"next_action": "Second talk", "next_action_on": TODAY}),
            ("applied", {"next_action": "Ask how far they are", "next_action_on": TODAY}),
            ("closed", {"next_action": "Nothing", "next_action_on": TODAY}),
        )
    ]
    keys = [str(row.pk) for row in rows]
    assert not read(client, feed).keys() & set(keys)
    calendar.choose(by=ana, interviews=True)
    found = read(client, feed)
    assert [str(found[key]["SUMMARY"]) for key in keys[:2]] == [
        "Interview",
        "Next step of an application",
    ]
    assert keys[2] not in found
    calendar.choose(by=ana, names=True)
    found = read(client, feed)
    assert [str(found[key]["SUMMARY"]) for key in keys[:2]] == [
        "Interview: Lead buyer, Acme",
        "Acme: Ask how far they are",
    ]


def test_words_that_look_like_calendar_lines_stay_words(client, ana, feed):
    people.add_person(by=ana, at=NOW, name="Bell; END:VEVENT, \\n Ýrsa 🦊")
    FollowUp.objects.exclude(contact__name__startswith="Bell").delete()
    calendar.choose(by=ana, names=True)
    (event,) = read(client, feed).values()
    assert "END:VEVENT" in str(event["SUMMARY"])
    assert client.get(address(feed)).content.count(b"\r\nEND:VEVENT\r\n") == 1


def test_nobody_is_there_while_one_is_paused(client, ana, feed):
    change_settings(ana, at=NOW, paused_until=TODAY + dt.timedelta(days=9))
    (event,) = read(client, feed).values()
    assert event["DTSTART"].dt >= TODAY + dt.timedelta(days=9)


def test_the_page_makes_changes_renews_and_stops(client, ana, clock):
    client.force_login(ana)
    page = reverse("followups:calendar")
    assert "Make my calendar address" in client.get(page).content.decode()
    client.post(page, {"people": "on", "names": "on"})
    row = CalendarFeed.objects.get(owner=ana)
    assert (row.people, row.promised, row.interviews, row.names, row.notes) == (
        True,
        False,
        False,
        True,
        False,
    )
    text = client.get(page).content.decode()
    assert feeds.token_of(row) in text
    assert "webcal:" in text
