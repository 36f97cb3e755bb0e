"""One page answers: when next, what for, and why; and it shows everything that happened."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.urls import reverse

from contacts import services
from contacts.models import Interaction
from introductions.services import record_introduction, record_referral
from tests import make
from tests.netcrm.pages.queries import own_queries


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def shirley(ana, now):
    """Ann introduced Bill, Bill introduced Shirley."""
    long_ago = now - timedelta(days=40)
    people = {
        name: services.add_person(by=ana, at=long_ago, name=name)
        for name in ("Ann Ames", "Bill Brown", "Shirley Okoro")
    }
    chain = list(people.values())
    for introducer, introduced in pairwise(chain):
        record_introduction(
            owner=ana,
            introducer=introducer,
            introducee=make.me(ana),
            introduced=introduced,
            state="made",
            at=now - timedelta(days=35),
        )
    return people["Shirley Okoro"]


def page(client, person, **query):
    answer = client.get(person.get_absolute_url(), query)
    assert answer.status_code == 200
    return answer


def log(owner, now, person, days_ago, **said):
    return services.log_interaction(
        by=owner,
        at=now,
        people=[person],
        on=now.date() - timedelta(days=days_ago),
        **{"kind": "talk", **said},
    )


def test_next_why_and_the_band_stand_on_top(signed_in, ana, shirley, now):
    log(ana, now, shirley, 20)
    answer = page(signed_in, shirley)
    shown = answer.content.decode()
    step = answer.context["page"].step
    assert step.do in shown
    assert step.why in shown
    assert answer.context["page"].band.title == "When to write to Shirley"


def test_the_chain_is_shown_in_order_and_trust_starts_again(signed_in, shirley):
    answer = page(signed_in, shirley)
    (chain,) = answer.context["page"].chains
    assert [one.name for one in chain.people] == ["Ann Ames", "Bill Brown", "Shirley Okoro"]
    assert answer.context["page"].trust.word == "Introduced"


def test_a_person_nobody_spoke_to_has_a_friendly_empty_timeline(signed_in, ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo")
    assert "You haven’t spoken yet" in page(signed_in, person).content.decode()


def test_the_timeline_has_everything_by_month_newest_first(signed_in, ana, shirley, now):
    log(ana, now, shirley, 1, note="About skis")
    log(ana, now, shirley, 30, kind="gave", note="an article")
    record_referral(
        giver=shirley, at=now, given_on=now.date(), to_name="Bob", substance=4, note="a friend"
    )
    months = page(signed_in, shirley).context["page"].timeline.months
    assert [month.label for month in months] == ["November 2026", "October 2026"]
    texts = [event.text for month in months for event in month.events]
    assert texts[0] == "Shirley gave you Bob"
    assert texts.index("You spoke") < texts.index("You gave something")
    assert "You gave something" in texts
    assert "Bill introduced you to Shirley" in texts
    assert "Step: Introduced" in texts


@pytest.mark.parametrize(
    ("show", "texts"),
    [
        ("talks", ["You spoke"]),
        ("gives", ["You gave something"]),
        ("referrals", ["Shirley gave you Bob"]),
    ],
)
def test_the_timeline_can_be_narrowed(signed_in, ana, shirley, now, show, texts):
    log(ana, now, shirley, 1)
    log(ana, now, shirley, 2, kind="gave")
    log(ana, now, shirley, 3, kind="message")
    record_referral(giver=shirley, at=now, given_on=now.date(), to_name="Bob")
    months = page(signed_in, shirley, show=show).context["page"].timeline.months
    assert [event.text for month in months for event in month.events] == texts


def test_a_long_story_has_pages_and_each_event_stands_once(signed_in, ana, shirley, now):
    for number in range(90):
        log(ana, now, shirley, number, note=f"talk {number}")
    url, seen = shirley.get_absolute_url(), []
    while url:
        answer = signed_in.get(url)
        months = answer.context["page"].timeline.months
        seen += [event for month in months for event in month.events]
        url = answer.context["earlier_url"]
    assert [event.note for event in seen if event.note] == [f"talk {n}" for n in range(90)]
    assert sum(event.text == "Bill introduced you to Shirley" for event in seen) == 1


def test_whoever_else_was_there_is_named_and_nobody_from_the_trash(signed_in, ana, shirley, now):
    bob, gone = make.contact(ana, "Bob Hale"), make.contact(ana, "Gone Girl")
    services.log_interaction(by=ana, at=now, people=[shirley, bob, gone], kind="meeting")
    services.trash(by=ana, at=now, contact=gone)
    shown = page(signed_in, shirley).content.decode()
    assert "Bob" in shown
    assert "Gone" not in shown


@pytest.mark.parametrize("act", [services.archive, services.do_not_contact])
def test_whoever_is_set_aside_says_so_and_has_no_next_step(signed_in, ana, shirley, now, act):
    act(by=ana, at=now, contact=shirley)
    answer = page(signed_in, shirley)
    assert answer.context["page"].step is None
    assert "while this person is set aside" in answer.content.decode()


def test_promises_and_named_days_are_there_to_settle(signed_in, ana, shirley, now):
    promise = services.add_promise(
        by=ana, at=now, contact=shirley, text="Send the survey", due_on=date(2026, 11, 20)
    )
    services.set_their_date(by=ana, at=now, contact=shirley, on=date(2027, 1, 10))
    shown = page(signed_in, shirley).content.decode()
    assert "You: Send the survey" in shown
    assert "10 January" in shown
    signed_in.post(reverse("contacts:settle_promise", args=[promise.pk, "kept"]))
    assert "Send the survey" not in signed_in.get(
        reverse("contacts:prepare", args=[shirley.pk])
    ).content.decode().replace("Kept: Send the survey", "")


def test_the_page_to_prepare_from_has_talks_promises_and_shared_people(
    signed_in, ana, shirley, now
):
    for days in (1, 5, 9, 13):
        log(ana, now, shirley, days, note=f"{days} days ago")
    services.add_promise(by=ana, at=now, contact=shirley, text="Send the survey")
    shown = signed_in.get(reverse("contacts:prepare", args=[shirley.pk])).content.decode()
    assert "To give" in shown
    for words in ("1 days ago", "5 days ago", "9 days ago", "Send the survey", "Bill Brown"):
        assert words in shown
    assert "13 days ago" not in shown


def test_what_people_typed_is_text_and_never_markup(signed_in, ana, now):
    nasty = '"><script>alert(1)</script>'
    person = services.add_person(
        by=ana,
        at=now,
        name=nasty,
        nickname=nasty,
        how_met=nasty,
        notes=nasty,
        extra={nasty: nasty},
        organization=nasty,
        title=nasty,
        tags=[nasty],
        emails=["o'neil+<x>@y.test".replace("<x>", "x")],
        links=["https://example.org/?q='\"><b>"],
    )
    services.log_interaction(
        by=ana,
        at=now,
        people=[person],
        kind="talk",
        note=nasty,
        promises=[services.Word(text=nasty)],
    )
    for name in ("contacts:detail", "contacts:edit", "contacts:prepare", "contacts:jobs"):
        shown = signed_in.get(reverse(name, args=[person.pk])).content.decode()
        assert "<script>alert" not in shown
    assert "<script>alert" not in signed_in.get("/people/").content.decode()


def test_another_owners_person_is_not_found(client, ben, shirley):
    client.force_login(ben)
    for name in ("detail", "edit", "jobs", "promise", "their_date", "prepare"):
        assert client.get(reverse(f"contacts:{name}", args=[shirley.pk])).status_code == 404


def test_oneself_has_no_such_page(signed_in, ana):
    assert signed_in.get(make.me(ana).get_absolute_url()).status_code == 404


def test_the_query_budget_is_flat_from_3_to_23_exchanges(signed_in, ana, shirley, now):
    def filled(count):
        for number in range(count):
            friend = services.add_person(by=ana, at=now, name=f"Friend {number}")
            services.log_interaction(by=ana, at=now, people=[shirley, friend], kind="talk")
            services.add_promise(by=ana, at=now, contact=shirley, text=f"Send {number}")
            record_referral(giver=shirley, at=now, given_on=now.date(), to_name=f"Bob {number}")
        return own_queries(signed_in, shirley.get_absolute_url())

    few = filled(3)
    assert Interaction.objects.count() == 3
    assert filled(20) == few
    assert few <= 18, f"{few} queries, and two for the session and its user"


def test_many_tags_show_eight_and_fold_the_rest(client, ana, now):
    ann = services.add_person(by=ana, at=now, name="Ann Lee")
    services.set_tags(by=ana, at=now, contact=ann, names=[f"Tag {n:02}" for n in range(10)])
    client.force_login(ana)
    shown = client.get(ann.get_absolute_url()).text
    assert shown.count('class="chip"') == 10
    assert shown.index("Tag 07") < shown.index("2 more tags") < shown.index("Tag 08")
