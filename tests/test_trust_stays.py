"""Trust never leaves the account by itself (T5): one test for each way out.

Ana's own view of Zephyrine and its reason stand in the database, on her pages and in her search
for ways; the words below would be found anywhere they got to.
"""

from __future__ import annotations

import json
import logging
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlparse

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from contacts import search
from contacts import services as people
from contacts.engine.writers import csv_lines, vcards
from contacts.exports import drafts_of
from contacts.models import Contact
from followups import emails, feed
from followups.action_links import Act, action_url
from followups.models import CalendarFeed, FollowUp
from followups.services import plan_nightly
from introductions import opt_in, reach, room, services, words
from introductions.emails import letter_of
from introductions.links import seal_question
from introductions.models import TrustState
from netcrm.accounts.models import User
from netcrm.delivery.links import unsubscribe_url
from netcrm.delivery.models import Delivery
from netcrm.groups import services as groups
from netcrm.groups.models import Grain, Membership
from netcrm.takeout import everything
from tests import make

REASON = "because of the quillfeather"
STEP = 5
# What a page would say of the step; the word alone is the name of a step at grain Shape.
SAID = (REASON, str(words.STEP_SENTENCES[STEP]), "trust-stairs", 'data-step="', "truststate")


@dataclass(frozen=True, kw_only=True)
class World:
    ana: User
    zephyrine: Contact
    membership: Membership
    leader: User


@pytest.fixture
def world(ana, lea, now):
    then = now - timedelta(days=60)
    bill = people.add_person(by=ana, at=then, name="Bill Moss")
    zephyrine = people.add_person(
        by=ana, at=then, name="Zephyrine Okoro", organization="Quokkaworks", ring="A"
    )
    make.introduction(bill, zephyrine, at=then)
    people.log_interaction(by=ana, at=then, people=[zephyrine], kind="talk", note="A long talk")
    services.override_trust(zephyrine, step=STEP, reason=REASON, at=now)
    services.add_target(by=ana, name="Quokkaworks")
    reach.draw(ana, at=now)
    plan_nightly(ana, at=now)
    group = make.group(lea, at=then)
    membership = make.member(group, ana, at=then)
    return World(ana=ana, zephyrine=zephyrine, membership=membership, leader=lea)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def assert_silent(text: str, *also: str) -> None:
    found = [word for word in (*SAID, *also) if word in text]
    assert found == [], text[:300]


def test_the_words_would_be_found_where_they_are(world, now):
    assert TrustState.objects.get(contact=world.zephyrine).level == STEP
    shown = signed_in(world.ana).get(reverse("introductions:trust", args=[world.zephyrine.pk])).text
    assert REASON in shown
    assert str(words.STEP_SENTENCES[STEP]) in shown
    assert 'data-step="5"' in shown


@pytest.mark.parametrize("grain", list(Grain), ids=lambda grain: grain.name.lower())
def test_a_group_at_any_grain(world, now, grain):
    """The chosen shape names the step's word; no grain tells the reason, and none the sentence."""
    groups.change_sharing(membership=world.membership, grain=grain, in_the_room=True)
    leader = signed_in(world.leader)
    group, mine = world.membership.group_id, world.membership.pk
    for name, key in (
        ("groups:overview", group),
        ("groups:review", mine),
        ("groups:export", group),
        ("groups:group", group),
        ("groups:members", group),
    ):
        answer = leader.get(reverse(name, args=[key]))
        text = b"".join(answer).decode(errors="replace")
        assert REASON not in text
        assert str(words.STEP_SENTENCES[STEP]) not in text
        if grain in (Grain.NOTHING, Grain.NUMBERS):
            assert "Zephyrine" not in text
            assert 'data-step="5"' not in text


@pytest.mark.parametrize("letter", [emails.digest, emails.weekly, emails.summary, emails.thanks])
def test_mail_in_every_part(world, now, letter):
    found = []
    for days in range(0, 40, 5):
        at = now + timedelta(days=days)
        with time_machine.travel(at, tick=False):
            row = Delivery(
                owner=world.ana,
                kind=letter.__name__,
                local_on=world.ana.day(at),
                due_at=at,
                owed_at=at,
            )
            written = letter(row, at=at)
        if written is not None:
            found.append(written)
    for one in found:
        assert_silent(repr(one), str(words.STEP_WORDS[STEP]))
    if letter is emails.digest:
        assert found, "a mail was written, or this asks nothing"


WORD = str(words.STEP_WORDS[STEP])


@pytest.fixture
def question(world, now):
    """Zephyrine and another of Ana's people are asked whether they would like to meet."""
    row = services.record_introduction(
        owner=world.ana,
        introducer=make.me(world.ana),
        introducee=make.contact(world.ana, "Raj Iyer"),
        introduced=world.zephyrine,
        state="wanted",
        at=now,
    )
    asked = {
        side: opt_in.Words(address=f"{side}@x.test", about_other="Somebody who runs a warehouse.")
        for side in ("introducee", "introduced")
    }
    return opt_in.ask_both(introduction=row, words=asked, at=now)


def test_what_a_third_person_gets_and_opens(world, question, now):
    """The only mail to people without an account, and the pages behind its links (N10)."""
    visitor = Client()
    for row in question:
        assert_silent(repr(letter_of(row, until=row.expires_at)), WORD)
        token = seal_question(row)
        answer, report = (
            reverse(f"introductions:{name}", args=[token]) for name in ("answer", "report")
        )
        assert_silent(visitor.get(answer).text, WORD)
        assert_silent(visitor.get(report).text, WORD)
        assert_silent(visitor.post(answer, {"answer": "yes"}, follow=True).text, WORD)
    assert "Raj" in visitor.get(answer).text, "both said yes, so the page has names to tell"


@pytest.mark.parametrize("act", list(Act), ids=lambda act: act.name.lower())
def test_a_page_opened_from_a_mail_without_signing_in(world, act):
    step = FollowUp.objects.filter(contact=world.zephyrine).first()
    assert step is not None
    about = None if act is Act.PAUSE else step.pk
    page = Client().get(urlparse(action_url(act, owner=world.ana, about=about)).path)
    assert page.status_code == 200
    assert_silent(page.text, WORD, "Zephyrine")


def test_the_page_that_ends_one_kind_of_mail(world):
    page = Client().get(urlparse(unsubscribe_url(stream="digest", owner_id=world.ana.pk)).path)
    assert page.status_code == 200
    assert_silent(page.text, WORD, "Zephyrine")


@pytest.mark.parametrize("path", ["/healthz", "/healthz/reminders", "/readyz", "/metrics"])
def test_what_monitoring_reads(world, path):
    assert_silent(Client().get(path).text, WORD, "Zephyrine", "vouch")


def test_the_operators_pages(world, ben, question):
    """An operator sees that mail is stuck, not what somebody thinks of somebody."""
    User.objects.filter(pk=ben.pk).update(is_operator=True)
    operator = signed_in(User.objects.get(pk=ben.pk))
    page = operator.get(reverse("operator_mail"))
    assert page.status_code == 200
    assert_silent(page.text, WORD, "Zephyrine")
    for url in (
        world.zephyrine.get_absolute_url(),
        reverse("introductions:trust", args=[world.zephyrine.pk]),
        reverse("introductions:routes_person", args=[world.zephyrine.pk]),
    ):
        assert operator.get(url).status_code == 404


def test_the_plan_that_is_printed_and_handed_out(world):
    page = signed_in(world.ana).get(reverse("introductions:plan")).text
    assert "Quokkaworks" in page
    assert_silent(page, WORD)


@pytest.mark.parametrize("whole", [False, True], ids=["initials", "names"])
def test_the_calendar_feed(world, now, whole):
    row = CalendarFeed.objects.create(owner=world.ana, names=whole, notes=whole, interviews=True)
    entries = feed.entries_of(row, today=world.ana.day(now))
    assert entries
    assert_silent(repr(entries), str(words.STEP_WORDS[STEP]))


def test_vcard_and_csv(world):
    text = "".join(vcards(drafts_of(world.ana))) + "".join(csv_lines(drafts_of(world.ana)))
    assert "Zephyrine" in text
    assert_silent(text, str(words.STEP_WORDS[STEP]))


def test_the_whole_export_goes_to_the_owner_alone(world):
    with everything.archive_of(world.ana) as file, zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    whole = next(text for name, text in texts.items() if name.endswith(".json"))
    assert REASON in whole, "her own data is hers"
    assert json.loads(whole)["user"]["email"] == world.ana.email
    for name, text in texts.items():
        if not name.endswith(".json"):
            assert_silent(text, str(words.STEP_WORDS[STEP]))


def test_the_log(world, now, caplog):
    with caplog.at_level(logging.DEBUG):
        services.override_trust(world.zephyrine, step=2, reason=REASON, at=now)
        services.lift_override(world.zephyrine, at=now)
        services.override_trust(world.zephyrine, step=STEP, reason=REASON, at=now)
        client = signed_in(world.ana)
        client.get(reverse("introductions:trust", args=[world.zephyrine.pk]))
        client.get(reverse("introductions:routes_person", args=[world.zephyrine.pk]))
        reach.draw(world.ana, at=now)
        plan_nightly(world.ana, at=now)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    assert_silent(ours, "Zephyrine")


def test_another_members_search_and_counts(world, ben, now):
    theirs = search.find(ben, "quillfeather", most=30, set_aside=True)
    assert (theirs.people, theirs.exchanges, theirs.organizations) == ([], [], [])
    page = signed_in(ben).get(reverse("contacts:search"), {"q": "quillfeather"}).text
    assert_silent(page.replace("quillfeather", ""))
    assert search.find(world.ana, "quillfeather", most=30).people == []


def test_the_room_answers_a_count_that_no_step_can_be_read_from(world, now):
    groups.change_sharing(membership=world.membership, grain=Grain.NAMES, in_the_room=True)
    asker = make.member(world.membership.group, make.user("cy@example.test"), in_the_room=True)
    room.draw_all()
    found = room.who_may_know(asker, "Quokkaworks")
    assert list(found) == [world.membership.pk]
    services.override_trust(world.zephyrine, step=1, reason=REASON, at=now)
    room.draw_all()
    assert room.who_may_know(asker, "Quokkaworks") == found
