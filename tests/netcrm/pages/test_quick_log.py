"""One line or three taps become what happened; nothing guessed is saved unseen; undo is exact."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from contacts import services
from contacts.models import Contact, Interaction, Promise, TheirDate
from followups.models import FollowUp
from introductions.models import Ask, Give, Introduction, Referral
from tests import make

URL = "/people/log/"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/today/"}


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def shirley(ana, now):
    return services.add_person(by=ana, at=now - timedelta(days=30), name="Shirley Okoro")


def send(client, *, script=True, **said):
    return client.post(URL, said, headers=HTMX if script else {})


def notices(answer):
    return [str(message) for message in answer.context["messages"]]


def undo_url(answer):
    (message,) = answer.context["messages"]
    return message.extra_tags.removeprefix("undo:")


def state(owner):
    """Everything a log can touch, without the keys of rows that are made anew."""
    return {
        "people": list(
            Contact.objects.filter(owner=owner).values_list("pk", "last_contact_at").order_by("pk")
        ),
        "exchanges": list(Interaction.objects.filter(owner=owner).values_list("pk", "at", "note")),
        "dates": list(
            TheirDate.objects.filter(contact__owner=owner).values_list("pk", "on", "closed_at")
        ),
        "promises": list(Promise.objects.filter(contact__owner=owner).values_list("pk", "kept")),
        "referrals": list(Referral.objects.visible_to(owner).values_list("pk", flat=True)),
        "introductions": list(Introduction.objects.visible_to(owner).values_list("pk", flat=True)),
        "gives": list(Give.objects.visible_to(owner).values_list("pk", flat=True)),
        "asks": list(Ask.objects.visible_to(owner).values_list("pk", flat=True)),
        "steps": sorted(
            FollowUp.objects.visible_to(owner)
            .open()
            .values_list(
                "contact", "purpose", "opens_on", "best_on", "fades_on", "quiet_on", "reason"
            )
        ),
    }


# Saving a line


def test_a_clear_line_is_saved_at_once_with_its_next_step_and_why(signed_in, ana, shirley):
    answer = send(signed_in, line="coffee shirley she suggested Bob >2w")
    assert answer.status_code == 200
    row = Interaction.objects.get()
    assert (row.kind, row.direction, row.note) == ("meeting", "both", "she suggested Bob")
    assert list(row.people.all()) == [shirley]
    assert TheirDate.objects.get().on == date(2026, 12, 1)
    referral = Referral.objects.get()
    assert (referral.giver, referral.to_name, referral.interaction) == (shirley, "Bob", row)
    (said,) = notices(answer)
    assert said.startswith("Logged with Shirley. Next")
    step = FollowUp.objects.visible_to(ana).open().order_by("opens_on").first()
    assert step is not None


def test_in_a_sheet_the_answer_closes_it_and_tells_the_page(signed_in, shirley):
    answer = send(signed_in, line="coffee shirley")
    assert json.loads(answer["HX-Trigger"]) == {"logged": True, "closeSheet": True}
    assert answer["HX-Reswap"] == "none"
    assert 'hx-swap-oob="beforeend"' in answer.content.decode()


def test_on_the_log_page_itself_the_answer_leads_to_the_person(signed_in, shirley):
    answer = signed_in.post(
        URL,
        {"line": "coffee shirley"},
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{URL}"},
    )
    assert answer["HX-Redirect"] == shirley.get_absolute_url()


def test_without_script_the_reading_is_shown_before_it_is_saved(signed_in, shirley):
    line = "coffee shirley she suggested Bob >2w"
    looked_at = send(signed_in, script=False, line=line)
    assert looked_at.status_code == 200
    assert not Interaction.objects.exists()
    page = looked_at.content.decode()
    assert "Shirley Okoro" in page
    assert f'name="seen" value="{line.replace(">", "&gt;")}"' in page
    saved = send(signed_in, script=False, line=line, seen=line)
    assert saved.status_code == 302
    assert saved.url == shirley.get_absolute_url()
    assert Referral.objects.get().to_name == "Bob"


def test_a_changed_line_is_looked_at_again(signed_in, shirley):
    send(signed_in, script=False, line="lunch shirley", seen="coffee shirley")
    assert not Interaction.objects.exists()


def test_three_taps_need_no_line_and_no_second_look(signed_in, shirley):
    answer = send(signed_in, script=False, who=[str(shirley.pk)], what="wrote")
    assert answer.status_code == 302
    assert Interaction.objects.get().kind == "message"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Say who it was with."),
        ({"line": "coffee"}, "Say who it was with."),
        ({"line": "Shirley"}, "Say what happened."),
        ({"what": "met"}, "Say who it was with."),
    ],
)
def test_who_and_what_are_asked_for_and_nothing_typed_is_lost(signed_in, shirley, said, sentence):
    answer = send(signed_in, **said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    for typed in said.values():
        assert f'value="{typed}"' in page
    assert not Interaction.objects.exists()


def test_a_tap_outweighs_the_line(signed_in, shirley):
    send(signed_in, line="coffee shirley", what="spoke")
    assert Interaction.objects.get().kind == "talk"


def test_several_people_are_one_exchange(signed_in, ana, shirley):
    bill = make.contact(ana, "Bill Brown")
    answer = send(signed_in, line="lunch with Shirley and Bill yesterday, about skis")
    row = Interaction.objects.get()
    assert set(row.people.all()) == {shirley, bill}
    assert ana.day(row.at) == date(2026, 11, 16)
    assert row.note == "about skis"
    assert notices(answer)[0].startswith("Logged with Shirley, Bill.")


def test_an_unknown_person_is_asked_about_and_then_added(signed_in, ana, shirley):
    line = "lunch with Dana Fox"
    asked = send(signed_in, line=line)
    assert not Interaction.objects.exists()
    page = asked.content.decode()
    assert "Who is “Dana Fox”?" in page
    assert "Add “Dana Fox” as somebody new" in page
    send(signed_in, line=line, seen=line)
    assert list(Interaction.objects.get().people.all()) == [ana.contacts.get(name="Dana Fox")]


def test_an_unknown_person_can_be_left_in_the_note(signed_in, ana, shirley):
    line = "lunch with Shirley and Dana"
    send(signed_in, line=line, seen=line, **{"who-dana": "none"})
    assert list(Interaction.objects.get().people.all()) == [shirley]
    assert not ana.contacts.filter(name="Dana").exists()


def test_of_two_people_of_one_name_the_user_chooses(signed_in, ana):
    lee, fox = make.contact(ana, "Ann Lee"), make.contact(ana, "Ann Fox")
    asked = send(signed_in, line="coffee ann")
    page = asked.content.decode()
    assert "Ann Lee" in page
    assert "Ann Fox" in page
    assert not Interaction.objects.exists()
    send(signed_in, line="coffee ann", seen="coffee ann", **{"who-ann": str(fox.pk)})
    assert list(Interaction.objects.get().people.all()) == [fox]
    assert lee.interactions.count() == 0


def test_a_day_that_cannot_be_read_is_said_and_stays_in_the_note(signed_in, shirley):
    line = "coffee shirley >someday"
    asked = send(signed_in, line=line)
    assert "We could not read the day in “&gt;someday”" in asked.content.decode()
    send(signed_in, line=line, seen=line)
    assert ">someday" in Interaction.objects.get().note


def test_nobody_else_can_be_named(signed_in, ben):
    theirs = make.contact(ben, "Shirley Okoro")
    answer = send(signed_in, who=[str(theirs.pk)], what="met")
    assert answer.status_code == 422
    assert "Choose people from your own list." in answer.content.decode()
    asked = send(signed_in, line="coffee shirley")
    assert str(theirs.pk) not in asked.content.decode()


def test_pressing_save_twice_logs_once(signed_in, ana, shirley):
    for _ in range(2):
        send(signed_in, line="lunch shirley, she suggested Bob", log_key="k1")
    assert Interaction.objects.count() == 1
    assert Referral.objects.count() == 1


@pytest.mark.parametrize(
    "line",
    ["x" * 30_000, "\x00\x01 coffee shirley", "coffee \u202eshirley", "<script>coffee shirley"],
)
def test_no_line_breaks_the_page(signed_in, shirley, line):
    assert send(signed_in, line=line).status_code in {200, 422}


def test_a_note_that_is_too_long_is_refused_and_kept(signed_in, shirley):
    answer = send(signed_in, who=[str(shirley.pk)], what="met", note="y" * 20_001)
    assert answer.status_code == 422
    assert "20,001" in answer.content.decode()
    assert "y" * 20_001 in answer.content.decode()


# What the words mean


def test_an_introduction_is_written_down_with_its_courtesies(signed_in, ana, now):
    bill = services.add_person(by=ana, at=now - timedelta(days=9), name="Bill Brown")
    answer = send(signed_in, line="Bill introduced me to Shirley Okoro")
    introduction = Introduction.objects.get()
    assert introduction.introducer == bill
    assert introduction.introduced.name == "Shirley Okoro"
    assert introduction.state == "made"
    assert notices(answer)[0].startswith("Logged with Bill.")
    purposes = set(
        FollowUp.objects.open()
        .filter(contact=introduction.introduced)
        .values_list("purpose", flat=True)
    )
    assert "introduced" in purposes


def test_what_somebody_gave_is_a_name_with_its_substance(signed_in, shirley):
    line = "Shirley gave Acme Personnel"
    shown = signed_in.post("/people/log/read/", {"line": line}).content.decode()
    assert "Anyone could say it" in shown
    send(signed_in, line=line, seen=line, substance="0")
    referral = Referral.objects.get()
    assert (referral.giver, referral.to_name, referral.substance) == (shirley, "Acme Personnel", 0)
    assert not Interaction.objects.get().is_give


def test_help_that_is_no_name_is_something_given(signed_in, shirley):
    send(signed_in, line="Shirley gave me a book about shift planning")
    give = Give.objects.get()
    assert (give.contact, give.by_me) == (shirley, False)
    assert not Referral.objects.exists()


def test_gives_and_asks_are_kept_with_their_words(signed_in, shirley):
    send(signed_in, line="coffee shirley +gave the survey +asked for an intro to Dana")
    row = Interaction.objects.get()
    assert (row.is_give, row.is_ask) == (True, True)
    assert (Give.objects.get().note, Give.objects.get().by_me) == ("the survey", True)
    ask = Ask.objects.get()
    assert (ask.rung, ask.contact) == (Ask.Rung.INTRODUCTION, shirley)
    assert "an intro to Dana" in row.note


def test_thanks_and_reports_are_read_from_the_words(signed_in, shirley):
    send(signed_in, line="thanked Shirley, told her how it went with Bob")
    row = Interaction.objects.get()
    assert (row.thanked, row.reported) == (True, True)


# Next


def test_the_next_day_is_shown_before_saving_and_is_the_one_that_comes(signed_in, ana, shirley):
    shown = (
        signed_in.post("/people/log/read/", {"who": [str(shirley.pk)], "what": "spoke"})
        .context["foreseen"]
        .ordinary
    )
    assert not Interaction.objects.exists()
    send(signed_in, who=[str(shirley.pk)], what="spoke")
    saved = FollowUp.objects.visible_to(ana).open().get(contact=shirley, purpose="nurture")
    assert (shown.purpose, shown.window.opens_on) == ("nurture", saved.opens_on)


def test_not_for_two_weeks_is_never_earlier_than_the_rule(signed_in, ana, shirley, now):
    shown = signed_in.post("/people/log/read/", {"who": [str(shirley.pk)], "what": "spoke"})
    foreseen = shown.context["foreseen"]
    assert foreseen.in_weeks >= foreseen.ordinary.window.opens_on
    send(signed_in, who=[str(shirley.pk)], what="spoke", next_by="weeks")
    showing = FollowUp.objects.visible_to(ana).showing_by(now.date() + timedelta(days=13))
    assert not showing.filter(purpose="nurture").exists()


# Taking back


@pytest.mark.parametrize(
    "line",
    [
        "coffee shirley she suggested Bob at Acme >2w +gave survey",
        "lunch with Shirley and Dana Fox",
        "Shirley introduced me to Bob Hale",
        "Shirley gave Acme Personnel",
        "asked shirley for advice",
    ],
)
def test_undo_restores_exactly_what_was(signed_in, ana, shirley, now, line):
    services.log_interaction(
        by=ana, at=now - timedelta(days=20), people=[shirley], kind="talk", their_date=now.date()
    )
    before = state(ana)
    answer = send(signed_in, line=line, seen=line)
    assert state(ana) != before
    undone = signed_in.post(undo_url(answer), headers={"Referer": "http://testserver/today/"})
    assert undone.url == "http://testserver/today/"
    assert state(ana) == before


def test_undo_twice_is_harmless(signed_in, ana, shirley):
    answer = send(signed_in, line="coffee shirley")
    url = undo_url(answer)
    signed_in.post(url)
    before = state(ana)
    assert signed_in.post(url).status_code == 302
    assert state(ana) == before


def test_undo_keeps_a_new_person_with_whom_more_has_happened(signed_in, ana, now):
    answer = send(signed_in, line="lunch with Dana Fox", seen="lunch with Dana Fox")
    dana = ana.contacts.get(name="Dana Fox")
    services.log_interaction(by=ana, at=now, people=[dana], kind="talk")
    signed_in.post(undo_url(answer))
    assert ana.contacts.filter(name="Dana Fox").exists()
    assert Interaction.objects.count() == 1


def test_undo_of_another_owner_or_of_nothing_is_not_found(client, ana, ben, shirley):
    client.force_login(ana)
    url = undo_url(send(client, line="coffee shirley"))
    client.force_login(ben)
    assert client.post(url).status_code == 404
    assert client.post(reverse("contacts:undo_log", args=["forged"])).status_code == 404
    assert Interaction.objects.count() == 1


def test_undo_leads_nowhere_outside(signed_in, shirley):
    url = undo_url(send(signed_in, line="coffee shirley"))
    answer = signed_in.post(url, headers={"Referer": "https://evil.test/"})
    assert answer.url == "/people/"


# One tap


def test_talked_today_is_one_tap_and_one_talk_a_day(signed_in, ana, shirley, frozen, now):
    url = reverse("contacts:talked_today", args=[shirley.pk])
    for _ in range(5):
        assert signed_in.post(url).status_code == 302
    assert Interaction.objects.count() == 1
    shirley.refresh_from_db()
    assert shirley.last_contact_at == now
    frozen.shift(timedelta(days=1))
    signed_in.post(url)
    assert Interaction.objects.count() == 2


def test_a_line_being_typed_changes_nothing(signed_in, ana, shirley):
    before = state(ana)
    answer = signed_in.post("/people/log/read/", {"line": "coffee shirley she suggested Bob >2w"})
    page = answer.content.decode()
    for word in ("Met", "Shirley Okoro", "Bob", "Tue 1 Dec"):
        assert word in page
    assert state(ana) == before


def test_the_faces_are_those_last_in_touch_and_nobody_set_aside(signed_in, ana, now):
    for number in range(10):
        make.contact(ana, f"Person {number}", last_contact_at=now - timedelta(days=number))
    aside = make.contact(ana, "Aside", last_contact_at=now)
    services.archive(by=ana, at=now, contact=aside)
    page = signed_in.get(URL).content.decode()
    assert "Person 7" in page
    assert "Person 8" not in page
    assert "Aside" not in page


def test_the_log_opens_with_the_person_it_was_opened_for(signed_in, ana, shirley):
    page = signed_in.get(URL, {"with": str(shirley.pk)}).content.decode()
    assert f'id="face-{shirley.pk}" checked' in page
    assert signed_in.get(URL, {"with": "nonsense"}).status_code == 200
