"""Reminders in words: Today's people, every link in both parts, nothing that tracks."""

from __future__ import annotations

import datetime as dt
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from typing import Any

import pytest

from contacts.models import Contact, Interaction
from followups import emails, selectors, services
from netcrm.accounts.models import User
from netcrm.delivery import letters
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe
from netcrm.groups.models import Comment
from netcrm.kit.mail import Letter, header_words
from tests import make

Kind = Delivery.Kind
NOW = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)


def due_people(owner: User, *names: str) -> list[Contact]:
    """People whose window is open on the day of NOW."""
    people = []
    for number, name in enumerate(names):
        person = make.contact(owner, name)
        at = NOW - dt.timedelta(days=40, hours=number)
        make.interaction(person, at=at)
        Contact.objects.filter(pk=person.pk).update(last_contact_at=at)
        people.append(person)
    services.plan(owner, at=NOW)
    return people


def row(owner: User, kind: Delivery.Kind = Kind.DIGEST, at: datetime = NOW) -> Delivery:
    return owe(owner=owner, kind=kind, at=at)


def letter(owner: User, **fields: Any) -> Letter:
    written = emails.digest(row(owner, **fields), at=NOW)
    assert written is not None
    return written


def parsed(owner: User, written: Letter, recipient: str = "ana@example.test") -> EmailMessage:
    message = message_from_bytes(
        letters.envelope(row(owner), written, recipient=recipient), policy=default
    )
    assert isinstance(message, EmailMessage)
    return message


def test_the_mail_has_exactly_todays_people(ana: User) -> None:
    due_people(ana, *(f"Person {chr(65 + n)}" for n in range(8)))
    today = selectors.today_cards(ana, ana.day(NOW))
    text = letter(ana).text
    named = [name for name in (f"Person {chr(65 + n)}" for n in range(8)) if name in text]
    assert set(named) == {step.name for step in (*today.cards, *today.also)}
    assert len(today.cards) == 5
    assert text.count("Done: http") == 5
    for step in today.cards:
        assert step.why in text
        assert step.do in text


def test_many_people_due_are_one_mail_that_names_whoever_today_names(ana: User) -> None:
    ana.daily_budget = 20
    ana.save()
    due_people(ana, *(f"Friend {n:02}" for n in range(40)))
    today = selectors.today_cards(ana, ana.day(NOW))
    shown = [step.name for step in (*today.cards, *today.also)]
    written = letter(ana)
    assert len(today.cards) == 20
    assert all(name in written.text and name in written.html for name in shown)
    assert len(written.html.encode()) < 100_000


LONGEST = 300 * "&"  # as long as a name may be, and each letter five bytes of HTML


@pytest.mark.parametrize("kind", ["digest", "weekly"])
def test_the_longest_mail_there_can_be_is_sent_shortened_and_says_so(ana: User, kind: str) -> None:
    ana.name, ana.daily_budget = LONGEST, 20
    ana.save()
    leader = make.user("lea@example.test", name=LONGEST)
    group = make.group(leader, name=120 * "&")
    membership = make.member(group, ana)
    names = [f"{n:02}{LONGEST[2:]}" for n in range(40)]
    for person in due_people(ana, *names):
        make.interaction(person, at=NOW - dt.timedelta(days=45), note=1_000 * "&")
    for _ in range(8):
        Comment.objects.create(membership=membership, author=leader, text=1_000 * "&")
    services.plan(ana, at=NOW)
    fields = {"kind": Kind.WEEKLY} if kind == "weekly" else {}
    written = getattr(emails, kind)(row(ana, **fields), at=NOW)
    assert len(written.html.encode()) < 100_000
    assert written.text.count("Done: http") == 3
    links = {unescape(link) for link in re.findall(r'href="([^"]+)"', written.html)}
    assert [link for link in links if link not in written.text] == []
    for part in (written.text, written.html):
        assert "There is more than fits into a mail; all of it stands on Today." in part
        assert LONGEST[2:] in unescape(part)


def test_twenty_people_with_long_notes_are_all_in_the_mail(ana: User) -> None:
    ana.daily_budget = 20
    ana.save()
    for person in due_people(ana, *(f"Maximiliane Oberhuber {n:02}" for n in range(40))):
        make.interaction(person, at=NOW - dt.timedelta(days=45), note="Her daughter's school. " * 9)
    services.plan(ana, at=NOW)
    written = letter(ana)
    assert written.text.count("Done: http") == 20
    assert len(set(re.findall(r"Oberhuber \d\d", written.text))) == 40, "R14: all 40 are named"
    assert "more than fits" not in written.text
    assert len(written.html.encode()) < 100_000


def test_with_nobody_due_there_is_no_mail(ana: User) -> None:
    make.contact(ana, "Cleo Marsh", ring="D")
    services.plan(ana, at=NOW)
    for write in (emails.digest, emails.weekly, emails.summary, emails.thanks):
        assert write(row(ana), at=NOW) is None


def test_every_link_of_the_html_stands_in_the_text(ana: User) -> None:
    due_people(ana, "Cleo Marsh", "Dora Field")
    written = letter(ana)
    links = set(re.findall(r'href="([^"]+)"', written.html))
    assert len(links) == 2 * 4 + 4
    assert [link for link in links if link.replace("&amp;", "&") not in written.text] == []


def test_the_html_loads_nothing_and_tracks_nothing(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    html = letter(ana).html
    assert not re.search(r"<(img|link|script|iframe|video|object)\b", html)
    assert "url(" not in html
    assert "@import" not in html
    assert not re.search(r'\b(src|background)="', html)
    assert 'name="color-scheme" content="light dark"' in html
    assert "prefers-color-scheme: dark" in html
    assert "We don't track opens" in html.replace("&#x27;", "'")


def test_the_html_carries_its_styles_inline(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    assert re.search(
        r'<a class="button" href="[^"]+" style="[^"]*background-color', letter(ana).html
    )


@pytest.mark.parametrize(
    ("count", "discreet", "subject"),
    [
        (1, False, "{0} today"),
        (2, False, "{0} and {1} today"),
        (4, False, "{0} and 3 more today"),
        (1, True, "One small thing today"),
        (3, True, "3 small things today"),
    ],
)
def test_the_subject_says_who_or_only_how_many(
    ana: User, count: int, discreet: bool, subject: str
) -> None:
    due_people(ana, *(f"Name{n} Last" for n in range(count)))
    ana.discreet_subjects = discreet
    ana.save()
    cards = selectors.today_cards(ana, ana.day(NOW)).cards
    assert letter(ana).subject == subject.format(*(card.short_name for card in cards))


def test_initials_only_names_nobody_in_any_part(ana: User) -> None:
    ana.initials_only = True
    ana.save()
    due_people(ana, "Cleo Marsh", "Dora Field")
    written = letter(ana)
    for word in ("Cleo", "Marsh", "Dora", "Field"):
        assert word not in written.subject + written.text + written.html
    assert "CM" in written.text


def test_the_last_note_stands_by_the_person_in_one_short_line_and_never_in_the_subject(
    ana: User,
) -> None:
    (cleo,) = due_people(ana, "Cleo Marsh")
    long = "Her daughter\nstarts school. " + "x" * 300
    make.interaction(cleo, at=NOW - dt.timedelta(days=41), note="An older note")
    make.interaction(cleo, at=NOW - dt.timedelta(days=40), note=long)
    services.plan(ana, at=NOW)
    written = letter(ana)
    for part in (written.text, written.html):
        assert "Last note: Her daughter starts school. xxx" in part
        assert "x" * 200 not in part
        assert "An older note" not in part
    assert "school" not in written.subject
    ana.initials_only = True
    ana.save()
    assert "school" not in letter(ana).text + letter(ana).html


def test_a_discreet_mail_names_nobody_beside_its_subject_either(ana: User) -> None:
    due_people(ana, "Cleo Marsh")

    def shown_in_a_list() -> str:
        (preheader,) = re.findall(r'<div class="hidden"[^>]*>(.*?)</div>', letter(ana).html)
        return unescape(preheader)

    assert "Cleo" in shown_in_a_list()
    ana.discreet_subjects = True
    ana.save()
    assert "Cleo" not in shown_in_a_list()
    assert len(shown_in_a_list()) > 200, "so long that no line of the letter follows it"


def test_a_late_mail_says_when_it_was_due(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    late = owe(owner=ana, kind=Kind.DIGEST, at=NOW - dt.timedelta(hours=6))
    written = emails.digest(late, at=NOW)
    assert written is not None
    assert "This was due at 02:00 on Tuesday 17 November." in written.text


def test_a_mail_that_replaces_others_says_how_many(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    summary = row(ana, Kind.SUMMARY)
    for day in (1, 2, 3):
        old = owe(owner=ana, kind=Kind.DIGEST, at=NOW - dt.timedelta(days=day))
        Delivery.objects.filter(pk=old.pk).update(state=Delivery.State.FOLDED, folded_into=summary)
    written = emails.summary(summary, at=NOW)
    assert written is not None
    assert "3 earlier reminders did not go out. This mail takes their place." in written.text


def test_closing_only_writes_of_windows_about_to_end(ana: User) -> None:
    ana.reminder_speed = User.Speed.CLOSING
    ana.save()
    due_people(ana, "Cleo Marsh")
    (card,) = selectors.today_cards(ana, ana.day(NOW)).cards
    fades = datetime.combine(card.window.fades_on, dt.time(8), tzinfo=UTC)
    days_before = {
        days: emails.digest(row(ana), at=fades - dt.timedelta(days=days)) is not None
        for days in (3, 2, 0, -1)
    }
    assert days_before == {3: False, 2: True, 0: True, -1: False}


def test_the_weekly_mail_also_names_who_comes_up_this_week(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    days = [ana.day(NOW) + dt.timedelta(days=n) for n in range(-40, 1)]
    first = next(day for day in days if selectors.today_cards(ana, day).cards)
    before = datetime.combine(first, dt.time(8), tzinfo=UTC) - dt.timedelta(days=3)
    weekly = emails.weekly(row(ana, Kind.WEEKLY), at=before)
    assert weekly is not None
    assert "Later this week:" in weekly.text
    assert f"- Cleo Marsh, {first:%A}:" in weekly.text
    assert emails.digest(row(ana), at=before) is None


def test_the_evening_mail_is_about_people_met_today(ana: User) -> None:
    due_people(ana, "Dora Field")
    met = make.contact(ana, "Cleo Marsh")
    make.interaction(met, at=NOW, kind=Interaction.Kind.MEETING)
    Contact.objects.filter(pk=met.pk).update(last_contact_at=NOW)
    services.plan(ana, at=NOW)
    evening = emails.thanks(row(ana, Kind.THANKS), at=NOW + dt.timedelta(hours=11))
    assert evening is not None
    assert "Cleo" in evening.text
    assert "Dora" not in evening.text
    assert "Good evening, Ana," in evening.text


def test_headers_let_a_mail_program_unsubscribe_and_say_it_is_automatic(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    message = parsed(ana, letter(ana))
    assert re.fullmatch(r"<https?://\S+/mail/unsubscribe/\S+/>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == '"Ana Ruiz" <ana@example.test>' or "Ana Ruiz" in message["To"]
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_the_unsubscribe_header_stands_on_one_line_whatever_the_signer_does(ana: User) -> None:
    due_people(ana, "Cleo Marsh")
    raw = letters.envelope(row(ana), letter(ana), recipient=ana.email).decode()
    (line,) = [ln for ln in raw.split("\r\n") if ln.startswith("List-Unsubscribe:")]
    assert line.endswith("/>")


def test_a_mail_keeps_its_message_id_and_no_two_share_one(ana: User, settings: Any) -> None:
    first, second = row(ana), row(ana, Kind.SUMMARY)
    assert letters.message_id(first) == letters.message_id(first)
    assert letters.message_id(first) != letters.message_id(second)
    assert re.fullmatch(r"<[a-z2-7]{32}@netcrm\.invalid>", letters.message_id(first))
    theirs = letters.message_id(first)
    settings.SECRET_KEY = "another"
    assert letters.message_id(first) != theirs


def test_a_provider_that_knows_repeats_gets_the_same_key_each_time(
    ana: User, settings: Any
) -> None:
    settings.MAIL_IDEMPOTENCY_HEADER = "Resend-Idempotency-Key"
    due_people(ana, "Cleo Marsh")
    keys = {parsed(ana, letter(ana))["Resend-Idempotency-Key"] for _ in range(3)}
    assert keys == {str(row(ana).pk)}


HOSTILE = [
    "Cleo\r\nBcc: eve@example.test",
    "Cleo\nSubject: other",
    "Cleo\x0bBcc: eve@example.test",
    "Cleo\x0cX-Evil: 1",
    "Cleo\x1cBcc: eve@example.test",
    "Cleo\x1dBcc: eve@example.test",
    "Cleo\x1eBcc: eve@example.test",
    "Cleo\x85Bcc: eve@example.test",
    "Cleo\u2028Bcc: eve@example.test",
    "Cleo\u2029Bcc: eve@example.test",
    "Cleo\x00Null",
    "Cleo\u202eoelC",
    'Cleo" <eve@example.test>, "',
    "=?utf-8?q?Cleo=0ABcc:_eve@example.test?=",
    "Ω" * 300,
]


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(name)[:40] for name in HOSTILE])
def test_a_hostile_name_adds_no_header_and_no_recipient(ana: User, name: str) -> None:
    usual = set(parsed(ana, Letter(subject="x", text="x", html="x")).keys())
    ana.name = name
    written = Letter(subject=header_words(name), text="Hello", html="<p>Hello</p>")
    delivery = row(ana)
    delivery.owner = ana
    raw = letters.envelope(delivery, written, recipient="ana@example.test")
    message = message_from_bytes(raw, policy=default)
    assert set(message.keys()) == usual
    assert [a.addr_spec for a in message["To"].addresses] == ["ana@example.test"]
    head = raw.partition(b"\r\n\r\n")[0].decode()
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x85\u2028\u2029\u202e]", head)
    assert not re.search(r"(?im)^(bcc|x-evil):", head)


def test_names_in_a_mail_cannot_write_html(ana: User) -> None:
    due_people(ana, '<script>alert("x")</script> Marsh')
    html = letter(ana).html
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
