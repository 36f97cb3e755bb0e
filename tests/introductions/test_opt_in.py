"""Asking both: nobody is named before both said yes; mail to others stays rare (N10, E03-E08)."""

from __future__ import annotations

import datetime as dt
import re
from itertools import count

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from followups.models import FollowUp
from introductions import opt_in, services
from introductions.links import PURPOSE, Bad, seal_question
from introductions.models import Introduction, OptIn
from introductions.opt_in import Gone, Refused, Words
from netcrm.delivery import letters, links, policies
from netcrm.delivery import services as delivery
from netcrm.delivery.models import Delivery, Objection
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
WORDS = {
    "introducee": Words(
        address="Raj@x.test", about_other="Somebody who ran payroll for three hospitals."
    ),
    "introduced": Words(
        address="ken@x.test", about_other="A planner who looks for a payroll system."
    ),
}
FORM = {
    f"{side}_{field}": value
    for side, said in WORDS.items()
    for field, value in (("address", said.address), ("about", said.about_other))
}


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def owner(db, clock):
    return make.user("ana@example.test", name="Ana Bell")


@pytest.fixture
def pair(owner):
    """Two of the owner's people whom they would like to introduce."""
    return services.record_introduction(
        owner=owner,
        introducer=make.me(owner),
        introducee=make.contact(owner, "Raj Iyer"),
        introduced=make.contact(owner, "Ken Ito"),
        state="wanted",
        at=NOW,
    )


@pytest.fixture
def raj(pair):
    return opt_in.ask_both(introduction=pair, words=WORDS, at=NOW)[0]


@pytest.fixture
def ken(raj):
    return OptIn.objects.standing().get(introduction=raj.introduction, side="introduced")


def link(row, name="answer"):
    return reverse(f"introductions:{name}", args=[seal_question(row)])


def press(row, answer, **more):
    return Client().post(link(row), {"answer": answer, **more})


def state_of(pair):
    return Introduction.objects.get(pk=pair.pk).state


# What both answer


def test_both_are_asked_once_each_and_neither_is_named_to_the_other(raj, ken):
    assert raj.introduction.state == "checking"
    owed = Delivery.objects.filter(kind="third_party").order_by("recipient")
    assert [row.recipient for row in owed] == ["ken@x.test", "raj@x.test"]
    for row, own, other in ((owed[0], "Ken", "Raj Iyer"), (owed[1], "Raj", "Ken Ito")):
        letter = letters.write(row, at=NOW)
        assert letter is not None
        for part in (letter.subject, letter.text, letter.html):
            assert not any(name in part for name in other.split())
        assert f"Hello {own}" in letter.text
        assert "Ana Bell (ana@example.test)" in letter.text


def test_both_yes_and_the_owner_has_promised_to_introduce_them(pair, raj, ken):
    assert press(raj, "yes").status_code == 200
    assert state_of(pair) == "checking"
    press(ken, "yes")
    pair.refresh_from_db()
    assert pair.state == "agreed"
    assert pair.promise.due_on == dt.date(2026, 11, 19)
    assert FollowUp.objects.open().filter(contact=pair.introducee, purpose="promise").exists()
    services.move(pair, to="made", at=NOW)
    pair.promise.refresh_from_db()
    assert pair.promise.kept
    assert not FollowUp.objects.open().filter(purpose="promise").exists()
    assert pair.gives.count() == 2


def test_names_are_told_only_once_both_said_yes(raj, ken):
    page = press(raj, "yes").content.decode()
    assert "Ken" not in page
    assert "Ken" not in Client().get(link(raj)).content.decode()
    last = press(ken, "yes").content.decode()
    assert "It is Raj Iyer." in last
    assert "It is Ken Ito." in Client().get(link(raj)).content.decode()


def test_one_no_ends_it_kindly_and_tells_the_other_nothing(pair, raj, ken):
    press(raj, "yes")
    page = press(ken, "no", word="Too much on")
    assert "That is fine." in page.content.decode()
    assert state_of(pair) == "declined"
    for row in (raj, ken):
        text = Client().get(link(row)).content.decode()
        assert "Ken" not in text if row == raj else "Raj" not in text
    assert pair.promise is None
    assert not FollowUp.objects.filter(purpose="promise").exists()


def test_a_no_before_the_other_has_answered_closes_the_others_link(pair, raj, ken):
    press(raj, "no")
    gone = Client().get(link(ken))
    assert gone.status_code == 410
    assert "not going ahead" in gone.content.decode()
    assert press(ken, "yes").status_code == 410
    assert state_of(pair) == "declined"


def test_later_can_become_yes_until_the_link_runs_out(pair, raj, ken, clock):
    press(raj, "later", word="After January")
    raj.refresh_from_db()
    assert (raj.answer, raj.word) == ("later", "After January")
    press(ken, "yes")
    assert state_of(pair) == "checking"
    clock.move_to(NOW + dt.timedelta(days=13))
    press(raj, "yes")
    assert state_of(pair) == "agreed"


def test_yes_stands_and_a_second_press_changes_nothing(pair, raj, ken):
    press(raj, "yes")
    assert "Thank you: yes" in press(raj, "no").content.decode()
    raj.refresh_from_db()
    assert raj.answer == "yes"
    with pytest.raises(Gone):
        opt_in.answer(raj, answer="no", at=NOW)


def test_what_the_owner_moved_elsewhere_meanwhile_is_left_alone(pair, raj, ken):
    pair.refresh_from_db()
    services.move(pair, to="made", at=NOW)
    press(raj, "yes")
    press(ken, "yes")
    assert state_of(pair) == "made"


# The links (E03, E04, E05)


def test_looking_changes_nothing_however_often_and_the_page_has_one_button(raj, ken):
    before = list(OptIn.objects.values())
    for _ in range(3):
        for method in ("get", "head"):
            for name in ("answer", "report"):
                answer = getattr(Client(), method)(link(raj, name))
                assert answer.status_code == 200
                assert answer["Referrer-Policy"] == "no-referrer"
                assert answer["Cache-Control"] == "no-store"
                assert "noindex" in answer["X-Robots-Tag"]
    assert list(OptIn.objects.values()) == before
    assert not Objection.objects.exists()
    for name in ("answer", "report"):
        main = Client().get(link(raj, name)).content.decode().split("<main")[1].split("</main>")[0]
        assert len(re.findall(r"<button", main)) == 1
        assert "<script" not in main


def test_nothing_chosen_is_asked_again(raj):
    answer = Client().post(link(raj), {"word": "Hm"})
    assert answer.status_code == 422
    assert "Choose yes, later or no." in answer.content.decode()
    assert 'value="Hm"' in answer.content.decode()


def test_a_link_ends_with_its_fortnight_and_an_answer_given_stays_readable(raj, ken, clock):
    press(ken, "yes")
    clock.move_to(NOW + dt.timedelta(days=14))
    assert Client().get(link(raj)).status_code == 410
    assert press(raj, "yes").status_code == 410
    assert Client().get(link(ken)).status_code == 200


def test_asking_again_ends_the_older_link_and_keeps_a_yes(pair, raj, ken):
    press(ken, "yes")
    pair.refresh_from_db()
    (again,) = opt_in.ask_both(introduction=pair, words=WORDS, at=NOW)
    assert again.side == "introducee"
    assert Client().get(link(raj)).status_code == 410
    press(again, "yes")
    assert state_of(pair) == "agreed"


def test_questions_taken_back_are_closed(client, owner, pair, raj, ken):
    client.force_login(owner)
    client.post(reverse("introductions:take_back", args=[pair.pk]))
    assert Client().get(link(raj)).status_code == 410
    assert letters.write(Delivery.objects.get(about=raj.pk), at=NOW) is None


def test_a_thousand_changed_tokens_open_nothing(raj):
    token = seal_question(raj)
    tried = 0
    for n in count():
        place, replacement = n % len(token), "ab0-_:"[n // len(token) % 6]
        if token[place] == replacement:
            continue
        with pytest.raises(Bad):
            opt_in.question(token[:place] + replacement + token[place + 1 :], at=NOW)
        tried += 1
        if tried == 1000:
            return


@pytest.mark.parametrize("purpose", ["invitation", "unsubscribe", "act.done"])
def test_a_link_of_another_purpose_opens_nothing(raj, purpose):
    token = links.seal(purpose, {"q": str(raj.pk), "n": str(raj.nonce)})
    assert purpose != PURPOSE
    assert Client().get(reverse("introductions:answer", args=[token])).status_code == 404


# Whom mail goes to (E06, E07, E08)


@pytest.mark.parametrize(
    "address",
    [
        "a@x.test, b@y.test",
        "a@x.test\nBcc:b@y.test",
        "a@x.test;b@y.test",
        "nobody",
        "",
        "a b@x.test",
    ],
)
def test_an_address_is_one_address(client, owner, pair, address):
    client.force_login(owner)
    url = reverse("introductions:ask_both", args=[pair.pk])
    answer = client.post(url, {**FORM, "introducee_address": address, "act": "send"})
    assert answer.status_code == 422
    assert WORDS["introduced"].about_other in answer.content.decode()
    with pytest.raises(Refused):
        opt_in.ask_both(
            introduction=pair,
            words={**WORDS, "introducee": Words(address=address, about_other="A planner.")},
            at=NOW,
        )
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["Ken ran payroll", "Mr ITO", "Write to k@x.test", "See https://ken.test", "07700 900123"],
)
def test_a_text_that_gives_the_other_away_is_refused_in_words(client, owner, pair, text):
    client.force_login(owner)
    url = reverse("introductions:ask_both", args=[pair.pk])
    answer = client.post(url, {**FORM, "introducee_about": text, "act": "send"})
    assert answer.status_code == 422
    assert "gives the other away" in answer.content.decode()
    assert not OptIn.objects.exists()


def test_one_address_cannot_answer_for_both(pair):
    same = {
        side: Words(address="Me@x.test", about_other=w.about_other) for side, w in WORDS.items()
    }
    with pytest.raises(Refused, match="same address"):
        opt_in.ask_both(introduction=pair, words=same, at=NOW)


@pytest.mark.parametrize("mark", ["\r\nBcc: b@y.test", "\x0b", "\x1c", "\u2028", "\u202e", "\x85"])
def test_a_name_with_control_characters_makes_no_header(owner, raj, mark):
    owner.name = f"Ana{mark}Bell"
    owner.save()
    row = Delivery.objects.get(about=raj.pk)
    letter = letters.write(row, at=NOW)
    assert letter is not None
    head = letters.envelope(row, letter, recipient=row.recipient).split(b"\r\n\r\n")[0].decode()
    assert [line for line in head.split("\r\n") if line.startswith("To:")] == ["To: raj@x.test"]
    assert not re.search(r"^(bcc|cc):", head, re.IGNORECASE | re.MULTILINE)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head


def pairs_of(owner, how_many):
    return [
        services.record_introduction(
            owner=owner,
            introducer=make.me(owner),
            introducee=make.contact(owner, f"One {n}"),
            introduced=make.contact(owner, f"Two {n}"),
            state="wanted",
            at=NOW,
        )
        for n in range(how_many)
    ]


def asked_in_a_row(owner, pairs, *, at):
    sent = 0
    for n, pair in enumerate(pairs):
        words = {
            side: Words(address=f"{side}{n}@x.test", about_other="A planner.") for side in WORDS
        }
        try:
            sent += len(opt_in.ask_both(introduction=pair, words=words, at=at))
        except Refused:
            continue
    return sent


def test_a_new_account_writes_to_twenty_people_a_day_and_an_old_one_to_a_hundred(owner):
    assert asked_in_a_row(owner, pairs_of(owner, 25), at=NOW) == 20
    assert Delivery.objects.count() == 20
    later = NOW + dt.timedelta(days=31)
    assert asked_in_a_row(owner, pairs_of(owner, 52), at=later) == 100


def test_what_was_refused_for_today_can_be_sent_tomorrow(client, owner, pair):
    asked_in_a_row(owner, pairs_of(owner, 10), at=NOW)
    client.force_login(owner)
    url = reverse("introductions:ask_both", args=[pair.pk])
    refused = client.post(url, {**FORM, "act": "send"})
    assert refused.status_code == 422
    assert "enough for one day" in refused.content.decode()
    assert state_of(pair) == "wanted"
    opt_in.ask_both(introduction=pair, words=WORDS, at=NOW + dt.timedelta(days=1, seconds=1))


def test_a_doubtful_mail_is_held_and_never_sent_again_alone(raj):
    row = Delivery.objects.get(about=raj.pk)
    Delivery.objects.filter(pk=row.pk).update(
        state="unknown", due_at=NOW - dt.timedelta(hours=1), unknown_count=1
    )
    delivery.sweep(at=NOW)
    row.refresh_from_db()
    assert row.state == "held"
    delivery.sweep(at=NOW + dt.timedelta(days=2))
    row.refresh_from_db()
    assert row.state == "held"


# No more of it


def test_a_report_stops_all_mail_of_that_owner_to_that_address_and_tells_the_operator(
    client, owner, pair, raj, ken
):
    answer = Client().post(link(raj, "report"), {"detail": "I do not know her"})
    assert "It has ended" in answer.content.decode()
    Client().post(link(raj, "report"))
    objection = Objection.objects.get()
    assert (objection.owner, objection.address, objection.detail) == (
        owner,
        "raj@x.test",
        "I do not know her",
    )
    row = Delivery.objects.get(about=raj.pk)
    why = policies.why_not(
        row, owner, recipient=row.recipient, stopped=delivery.objected_to(row), at=NOW
    )
    assert "unwanted" in why
    assert not delivery.objected_to(Delivery.objects.get(about=ken.pk))
    assert Client().get(link(raj)).status_code == 410
    pair.refresh_from_db()
    with pytest.raises(Refused, match="no more such mail from you"):
        opt_in.ask_both(introduction=pair, words=WORDS, at=NOW)
    boss = make.user("op@example.test", is_operator=True)
    client.force_login(boss)
    page = client.get(reverse("operator_mail")).content.decode()
    assert "raj@x.test about ana@example.test" in page
    assert "I do not know her" in page
    client.post(reverse("operator_mail_saw", args=[objection.pk]))
    assert "raj@x.test" not in client.get(reverse("operator_mail")).content.decode()


def test_mail_from_somebody_else_still_reaches_whoever_objected(owner, raj):
    opt_in.report(raj, detail="", at=NOW)
    ben = make.user("ben@example.test")
    (other,) = pairs_of(ben, 1)
    rows = opt_in.ask_both(introduction=other, words=WORDS, at=NOW)
    assert not delivery.objected_to(Delivery.objects.get(about=rows[0].pk))


def test_a_report_is_possible_long_after_the_question_has_lapsed(raj, clock):
    clock.move_to(NOW + dt.timedelta(days=400))
    assert Client().post(link(raj, "report")).status_code == 200
    assert Objection.objects.count() == 1


# The owner's pages


def test_both_letters_are_read_once_more_before_they_are_sent(client, owner, pair):
    client.force_login(owner)
    url = reverse("introductions:ask_both", args=[pair.pk])
    page = client.post(url, {**FORM, "act": "check"}).content.decode()
    assert "Check before you send" in page
    assert WORDS["introducee"].about_other in page
    assert not OptIn.objects.exists()
    assert "Read it once more" in client.post(url, {**FORM, "act": "change"}).content.decode()
    sent = client.post(url, {**FORM, "act": "send"})
    assert sent.url == pair.get_absolute_url()
    assert "The mail is on its way." in client.get(sent.url).content.decode()


def test_the_page_shows_each_answer_and_then_one_mail_to_both(client, owner, pair, raj, ken):
    client.force_login(owner)
    press(raj, "later", word="After January")
    page = client.get(pair.get_absolute_url()).content.decode()
    assert "Later" in page
    assert "After January" in page
    press(raj, "yes")
    press(ken, "yes")
    pair.introducee.points.create(kind="email", value="raj@x.test", key="raj@x.test")
    pair.introduced.points.create(kind="email", value="ken@x.test", key="ken@x.test")
    page = client.get(pair.get_absolute_url()).content.decode()
    assert "Both said yes." in page
    assert "mailto:raj@x.test,ken@x.test?subject=Raj%2C%20meet%20Ken" in page


def test_only_whom_the_owner_introduces_can_be_asked(client, owner):
    row = make.introduction(
        make.contact(owner, "Ann"), make.contact(owner, "Bill"), state="wanted", made_at=None
    )
    client.force_login(owner)
    assert client.get(reverse("introductions:ask_both", args=[row.pk])).status_code == 302
    with pytest.raises(Refused):
        opt_in.ask_both(introduction=row, words=WORDS, at=NOW)
