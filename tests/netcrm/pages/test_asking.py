"""Asking when it is time, and what was given."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts import services as people
from contacts.models import Interaction
from introductions import selectors, services
from introductions.models import Ask, Give, Introduction, Referral

Kind = Interaction.Kind


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


def log(person, days_ago, kind, **said):
    return people.log_interaction(
        by=person.owner,
        at=timezone.now() - timedelta(days=days_ago),
        people=[person],
        kind=kind,
        **said,
    )


@pytest.fixture
def shirley(ana):
    """Met twice, knows what Ana looks for, has seen her work; in the good window now."""
    person = people.add_person(by=ana, at=timezone.now(), name="Shirley Okoro")
    log(person, 40, Kind.MEETING, told_target=True, showed_work=True)
    log(person, 20, Kind.MEETING)
    return person


def ask_page(person, rung):
    return f"{reverse('introductions:ask', args=[person.pk])}?rung={rung}"


def test_a_stranger_is_not_asked_for_a_referral(page, ana):
    lee = people.add_person(by=ana, at=timezone.now(), name="Lee Park")
    answer = page.get(ask_page(lee, 5))
    assert "Not yet" in answer.text
    assert "asking for advice is welcome" in answer.text
    assert Ask.objects.count() == 0


def test_a_long_list_shows_five_and_folds_the_rest(page, ana):
    for n in range(7):
        people.add_person(by=ana, at=timezone.now(), name=f"Person {n}")
    shown = page.get(reverse("introductions:give_ask")).text
    assert "And 2 more" in shown
    assert shown.count("asking for advice is welcome") == 7


def test_somebody_who_knows_your_work_is_ready(page, shirley):
    answer = page.get(ask_page(shirley, 4))
    assert answer.context["state"] == "ready"
    assert "I’ll ask anyway" not in answer.text


def test_the_window_that_opens_later_is_the_one_thing_first(page, shirley):
    log(shirley, 0, Kind.MEETING)
    answer = page.get(ask_page(shirley, 4))
    assert answer.context["state"] == "nearly"
    assert "when the good window opens" in answer.text


def test_too_soon_an_ask_shows_the_day_and_the_last_contact_whatever_else_is_missing(page, ana):
    lee = people.add_person(by=ana, at=timezone.now(), name="Lee Park")
    assert "It is early" not in page.get(ask_page(lee, 4)).text
    log(lee, 1, Kind.MESSAGE, direction="out")
    answer = page.get(ask_page(lee, 4))
    assert answer.context["state"] == "not_yet"
    assert "It is early: the good window opens" in answer.text
    last_on = ana.day(timezone.now() - timedelta(days=1))
    assert f"Last contact, over all channels: {last_on:%-d %B %Y}." in answer.text


def test_asking_early_takes_one_tick_and_is_remembered(page, shirley):
    log(shirley, 0, Kind.MEETING)
    url = reverse("introductions:ask", args=[shirley.pk])
    wish = {"rung": "4", "about": "Bob Hale", "wording": "Could you introduce me to Bob?"}
    refused = page.post(url, wish)
    assert refused.status_code == 422
    assert "Could you introduce me to Bob?" in refused.text
    page.post(url, {**wish, "anyway": "on"})
    ask = Ask.objects.get()
    assert (ask.introduction.state, ask.about.name) == ("asked", "Bob Hale")
    assert (ask.readiness, ask.overridden, ask.interaction.is_ask) == ("nearly", True, True)


def test_after_an_ask_something_goes_back_first(page, ana, shirley):
    services.record_ask(
        contact=shirley,
        rung=1,
        asked_on=ana.day(timezone.now()) - timedelta(days=5),
        at=timezone.now(),
    )
    assert page.get(ask_page(shirley, 4)).context["state"] == "nearly"
    log(shirley, 3, Kind.GAVE)
    checks = page.get(ask_page(shirley, 4)).context["checks"]
    assert checks[3][0] is True


def test_an_answer_says_when_to_ask_again(page, ana, shirley):
    ask = services.record_ask(
        contact=shirley, rung=1, asked_on=ana.day(timezone.now()), at=timezone.now()
    )
    page.post(reverse("introductions:ask_answer", args=[ask.pk]), {"answer": "no"})
    ask.refresh_from_db()
    assert (ask.answer, ask.not_before > ask.asked_on) == ("no", True)


def test_what_was_given_keeps_the_step_of_that_day(page, ana, shirley):
    page.post(
        reverse("introductions:given", args=[shirley.pk]),
        {"substance": "4", "to_name": "Bob Hale"},
    )
    row = Referral.objects.get()
    assert (row.substance, row.giver_step, row.to_name) == (4, 3, "Bob Hale")
    shirley.trust_state.refresh_from_db()
    assert shirley.trust_state.level == 4


def test_a_name_noted_earlier_is_graded_with_one_press(page, ana, shirley):
    row = services.record_referral(
        giver=shirley, at=timezone.now(), given_on=ana.day(timezone.now()), to_name="Bob"
    )
    assert "Shirley Okoro named Bob" in page.get(reverse("introductions:give_ask")).text
    page.post(reverse("introductions:grade", args=[row.pk]), {"substance": "0"})
    row.refresh_from_db()
    assert row.substance == 0


def test_the_page_sorts_people_by_readiness(page, ana, shirley):
    people.add_person(by=ana, at=timezone.now(), name="Lee Park")
    groups = dict(page.get(reverse("introductions:give_ask")).context["groups"])
    found = {str(word): [row.person.name for row in rows] for word, rows in groups.items() if rows}
    assert found == {"Ready": ["Shirley Okoro"], "Not yet": ["Lee Park"]}


def test_two_people_who_could_help_each_other_are_named(page, ana):
    raj = people.add_person(by=ana, at=timezone.now(), name="Raj Patel")
    ken = people.add_person(by=ana, at=timezone.now(), name="Ken Ito")
    log(raj, 20, Kind.TALK, note="Asked me what payroll tools people like")
    log(ken, 20, Kind.TALK, note="Ran a payroll tool for two years")
    assert (
        "Raj Patel may need what Ken Ito knows: payroll"
        in page.get(reverse("introductions:give_ask")).text
    )


def test_a_name_they_offered_themselves_is_within_reach_at_any_step(page, ana):
    lee = people.add_person(by=ana, at=timezone.now(), name="Lee Park")
    services.record_referral(
        giver=lee, at=timezone.now(), given_on=ana.day(timezone.now()), to_name="Bob Hale"
    )
    assert page.get(ask_page(lee, 4)).context["checks"][4][0] is False
    assert page.get(f"{ask_page(lee, 4)}&about=bob+hale").context["checks"][4][0] is True


def test_a_note_can_be_prepared_before_the_time_and_is_asked_for_after_one_tick(page, shirley):
    log(shirley, 0, Kind.MEETING)
    url = reverse("introductions:ask", args=[shirley.pk])
    page.post(url, {"rung": "4", "about": "Bob Hale", "act": "note"})
    row = Introduction.objects.get()
    assert (row.state, Ask.objects.count()) == ("wanted", 0)
    sent = page.post(reverse("introductions:asked", args=[row.pk]))
    assert sent.url.startswith(url)
    asked = page.post(sent.url, {"rung": "4", "about": "Bob Hale", "act": "asked", "anyway": "on"})
    assert asked.url == row.get_absolute_url()
    row.refresh_from_db()
    assert (row.state, row.ask.readiness, row.ask.overridden) == ("asked", "nearly", True)
    assert Introduction.objects.count() == 1


def test_when_it_is_time_sending_the_note_is_one_press(page, shirley):
    url = reverse("introductions:ask", args=[shirley.pk])
    page.post(url, {"rung": "4", "about": "Bob Hale", "act": "note"})
    row = Introduction.objects.get()
    page.post(
        reverse("introductions:note", args=[row.pk]),
        {"subject": "Pay", "who_i_am": "I am Ana.", "why_them": "Bob ran weekly pay."},
    )
    assert page.post(reverse("introductions:asked", args=[row.pk])).url == row.get_absolute_url()
    ask = Ask.objects.get()
    assert (ask.introduction, ask.readiness, ask.wording) == (
        row,
        "ready",
        "I am Ana. Bob ran weekly pay.",
    )
    assert ask.interaction.is_ask


@pytest.mark.parametrize(
    ("to", "answer"),
    [("agreed", "yes"), ("made", "yes"), ("declined", "no"), ("no_answer", "none")],
)
def test_what_the_introducer_does_answers_the_ask(ana, shirley, to, answer):
    bob = people.add_person(by=ana, at=timezone.now(), name="Bob Hale")
    row = services.record_introduction(
        owner=ana,
        introducer=shirley,
        introducee=people.ensure_self(by=ana),
        introduced=bob,
        state="asked",
        at=timezone.now() - timedelta(days=3),
    )
    assert row.ask.answer == ""
    services.move(row, to=to, at=timezone.now())
    row.ask.refresh_from_db()
    assert (row.ask.answer, row.ask.answered_on) == (answer, ana.day(timezone.now()))
    assert row.ask.not_before > row.ask.asked_on


def asked_of(shirley, name):
    return services.record_introduction(
        owner=shirley.owner,
        introducer=shirley,
        introducee=people.ensure_self(by=shirley.owner),
        introduced=people.add_person(by=shirley.owner, at=timezone.now(), name=name),
        state="asked",
        at=timezone.now() - timedelta(days=20),
    )


def test_a_further_request_shows_what_is_being_asked_of_them(page, shirley):
    asked_of(shirley, "Bob Hale")
    answer = page.get(ask_page(shirley, 4))
    assert "One introduction asked of Shirley is open" in answer.text
    assert "for one in the last 90 days" in answer.text
    assert "Why one more is right" not in answer.text


def test_above_the_owners_limit_a_request_says_why_and_keeps_it(page, ana, shirley):
    ana.introducer_limit = 1
    ana.save()
    asked_of(shirley, "Bob Hale")
    url = reverse("introductions:ask", args=[shirley.pk])
    wish = {"rung": "4", "about": "Priya Nair", "act": "asked", "anyway": "on"}
    refused = page.post(url, wish)
    assert refused.status_code == 422
    assert "You set 1 as enough" in refused.text
    page.post(url, {**wish, "load_reason": "She offered it herself"})
    row = Introduction.objects.get(introduced__name="Priya Nair")
    assert (row.state, row.load_reason) == ("asked", "She offered it herself")
    assert "She offered it herself" in page.get(row.get_absolute_url()).text


def test_what_came_unasked_is_no_load(ana, shirley):
    for name in ("Bob Hale", "Priya Nair"):
        bob = people.add_person(by=ana, at=timezone.now(), name=name)
        services.record_introduction(
            owner=ana,
            introducer=shirley,
            introducee=people.ensure_self(by=ana),
            introduced=bob,
            state="made",
            at=timezone.now(),
        )
    load = selectors.load_of(ana, shirley, today=ana.day(timezone.now()))
    assert (load.open, load.recent, load.over) == (0, 0, False)


def test_give_ideas_come_first_where_much_was_received(page, ana, shirley):
    before = page.get(ask_page(shirley, 4)).text
    assert before.index("I have asked") < before.index("Something you could give")
    for day in range(3):
        services.record_give(
            contact=shirley,
            kind="time",
            given_on=ana.day(timezone.now()) - timedelta(days=day),
            at=timezone.now(),
            by_me=False,
        )
    after = page.get(ask_page(shirley, 4)).text
    assert after.index("First, something you could give") < after.index("I have asked")


def test_the_ledger_is_said_in_words(page, ana, shirley):
    services.record_give(
        contact=shirley,
        kind="information",
        given_on=ana.day(timezone.now()) - timedelta(days=40),
        at=timezone.now(),
    )
    assert "Given 1, received 0. Last give: 40 days ago." in page.get(ask_page(shirley, 1)).text


def test_a_late_promise_stands_before_any_ask(page, ana, shirley):
    shirley.promises.create(text="Send the survey", due_on=ana.day(timezone.now()))
    shirley.promises.create(text="Hers", by_me=False)
    text = page.get(ask_page(shirley, 1)).text
    assert text.index("Send the survey") < text.index("I have asked")
    assert "Hers" not in text


def test_looking_back_sets_asks_beside_what_they_brought(page, ana, shirley):
    url = reverse("introductions:ask", args=[shirley.pk])
    log(shirley, 0, Kind.MEETING)
    page.post(url, {"rung": "5", "wording": "Would you put your name to it?", "anyway": "on"})
    ask = Ask.objects.get()
    yes = page.post(reverse("introductions:ask_answer", args=[ask.pk]), {"answer": "yes"})
    assert yes.url == reverse("introductions:given", args=[shirley.pk])
    page.post(yes.url, {"substance": "0", "to_name": "Acme Personnel"})
    (one,) = page.get(reverse("introductions:give_ask")).context["looked_back"]
    assert (one["ask"], one["given"].to_name, one["substance"]) == (
        ask,
        "Acme Personnel",
        "Anyone could say it",
    )
    assert "asked anyway" in page.get(reverse("introductions:give_ask")).text


def test_two_who_could_use_each_other_are_one_press_from_being_introduced(page, ana):
    raj = people.add_person(by=ana, at=timezone.now(), name="Raj Iyer")
    ken = people.add_person(by=ana, at=timezone.now(), name="Ken Ito")
    log(raj, 3, Kind.TALK, note="Raj asked about payroll software")
    log(ken, 9, Kind.TALK, note="Ken ran payroll software for years")
    url = f"{reverse('introductions:between')}?introducee=Raj%20Iyer&amp;introduced=Ken%20Ito"
    assert url in page.get(reverse("introductions:give_ask")).text
    page.post(
        reverse("introductions:between"),
        {"introducee": "Raj Iyer", "introduced": "Ken Ito", "state": "made"},
    )
    assert {(g.contact, g.by_me) for g in Give.objects.all()} == {(raj, True), (ken, True)}
    assert "Who could use whom" not in page.get(reverse("introductions:give_ask")).text
