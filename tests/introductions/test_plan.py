"""Targets with people inside, and what came of opportunities by source."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts import services as people
from contacts.models import Organization
from introductions import services, targets
from introductions.models import Opportunity
from tests import make


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


def add(owner, name, **details):
    return people.add_person(by=owner, at=timezone.now(), name=name, **details)


def test_a_target_shows_who_is_inside_and_the_way_there(page, ana):
    ann = add(ana, "Ann Lee")
    bill = add(ana, "Bill Moss", organization="Acme")
    make.introduction(ann, bill, at=timezone.now())
    page.post(reverse("introductions:add_target"), {"name": "ACME", "interest": "Small depots"})
    (target,) = targets.targets(ana)
    assert [one.person for one in target.inside] == [bill]
    assert target.nearest.hops == 1
    shown = page.get(reverse("introductions:plan")).text
    assert "1 introduction away" in shown
    assert "Small depots" in shown


def test_who_asked_not_to_be_contacted_is_no_way_in(ana):
    person = add(ana, "Bill Moss", organization="Acme")
    people.do_not_contact(by=ana, at=timezone.now(), contact=person)
    services.add_target(by=ana, name="Acme")
    (target,) = targets.targets(ana)
    assert target.inside == ()


def test_taking_a_target_off_keeps_its_people(page, ana):
    person = add(ana, "Bill Moss", organization="Acme")
    acme = services.add_target(by=ana, name="Acme")
    page.post(reverse("introductions:drop_target", args=[acme.pk]))
    assert targets.targets(ana) == []
    assert person.positions.get().organization == Organization.objects.get()


def test_opportunities_are_compared_by_their_source(page, ana):
    ann = add(ana, "Ann Lee")
    url = reverse("introductions:add_opportunity")
    page.post(url, {"role": "Lead", "organization": "Acme", "through": "Ann Lee"})
    page.post(url, {"role": "Planner", "organization": "Northbank"})
    lead = Opportunity.objects.get(role="Lead")
    assert lead.through == ann
    page.post(reverse("introductions:stage", args=[lead.pk]), {"stage": "interview"})
    rows = list(Opportunity.objects.visible_to(ana))
    assert [
        (one.through_somebody, one.count, one.replied, one.interviewed, one.offered)
        for one in targets.by_source(rows)
    ] == [(True, 1, 1, 1, 0), (False, 1, 0, 0, 0)]


def test_a_milestone_keeps_its_first_day(ana):
    acme = make.organization(ana)
    now = timezone.now()
    row = services.add_opportunity(by=ana, at=now, role="Lead", organization=acme)
    services.move_opportunity(row, stage="interview", at=now)
    services.move_opportunity(row, stage="interview", at=now + timedelta(days=9))
    assert row.interviewed_on == ana.day(now)


def test_a_source_nobody_knows_is_said_in_words(page, ana):
    answer = page.post(
        reverse("introductions:add_opportunity"),
        {"role": "Lead", "organization": "Acme", "through": "Nobody Known"},
    )
    assert answer.status_code == 422
    assert "add them first" in answer.text
    assert 'value="Acme"' in answer.text


def test_conversations_count_those_who_could_hire(ana):
    boss = add(ana, "Dana Wood", role_kind="hires")
    friend = add(ana, "Ann Lee")
    make.interaction(boss, friend, at=timezone.now())
    make.interaction(boss, at=timezone.now(), kind="message", direction="out")
    make.interaction(friend, at=timezone.now())
    assert targets.conversations(ana) == 1


@pytest.fixture
def three(ana, now):
    ann = add(ana, "Ann Lee")
    rows = []
    for n, (role, where) in enumerate([("Lead", "Zebra"), ("Clerk", "Acme"), ("Head", "Mill")]):
        rows.append(
            services.add_opportunity(
                by=ana,
                at=now + timedelta(days=n),
                role=role,
                organization=people.get_or_make_organization(ana, where),
                through=ann if n == 0 else None,
                next_action="Write",
                next_action_on=ana.day(now) + timedelta(days=9 - n) if n else None,
            )
        )
    return rows


def test_board_and_list_show_the_same_rows(page, three):
    board = page.get(reverse("introductions:plan"))
    shown = page.get(reverse("introductions:plan"), {"as": "list"})
    on_board = {row.pk for column in board.context["columns"] for row in column.rows}
    assert on_board == {row.pk for row in three}
    assert {row.pk for row in shown.context["opportunities"]} == on_board
    for row in three:
        for answer in (board, shown):
            assert reverse("introductions:opportunity", args=[row.pk]) in answer.text


@pytest.mark.parametrize(
    ("sort", "roles"),
    [
        ("role", ["Clerk", "Head", "Lead"]),
        ("where", ["Clerk", "Head", "Lead"]),
        ("through", ["Lead"]),
        ("since", ["Head", "Clerk", "Lead"]),
        ("next", ["Head", "Clerk", "Lead"]),
        ("nonsense", ["Head", "Clerk", "Lead"]),
    ],
)
def test_the_list_is_sorted_by_what_is_asked(page, three, sort, roles):
    rows = page.get(reverse("introductions:plan"), {"sort": sort}).context["opportunities"]
    found = [row.role for row in rows]
    assert (
        [role for role in found if role in roles] == roles if sort != "through" else "Lead" in found
    )


def test_a_card_is_moved_by_its_buttons(page, ana, three):
    lead = three[0]
    shown = page.get(reverse("introductions:plan")).text
    assert 'Applied<span class="visually-hidden"> Lead</span>' in shown
    page.post(reverse("introductions:stage", args=[lead.pk]), {"stage": "applied"})
    lead.refresh_from_db()
    assert lead.stage == "applied"
    assert (
        page.post(reverse("introductions:stage", args=[lead.pk]), {"stage": "accepted"}).url
        == f"{reverse('introductions:landed')}?opportunity={lead.pk}"
    )


def test_everything_about_an_opportunity_is_kept_and_put_right(page, ana, three):
    lead = three[0]
    url = reverse("introductions:opportunity", args=[lead.pk])
    said = {
        "role": "Team lead",
        "organization": "Mill",
        "through": "",
        "link": "https://example.test/job",
        "next_action": "Send the plan",
        "next_action_on": "2027-01-04",
        "people": "Ann Lee",
        "notes": "Two rounds\nthen a talk",
        "replied_on": "2026-11-01",
        "interviewed_on": "",
        "offered_on": "",
    }
    assert page.post(url, {**said, "people": "Nobody Known"}).status_code == 422
    assert page.post(url, said).status_code == 302
    lead.refresh_from_db()
    assert (lead.role, lead.organization.name, lead.through) == ("Team lead", "Mill", None)
    assert [one.name for one in lead.people.all()] == ["Ann Lee"]
    again = page.get(url).context["form"]
    assert {name: str(again[name].value() or "") for name in said} == said
    page.post(reverse("introductions:drop_opportunity", args=[lead.pk]))
    assert Opportunity.objects.filter(role="Team lead").count() == 0


def test_an_interview_is_news_for_whoever_it_came_through(page, ana, three):
    lead = three[0]
    page.post(reverse("introductions:stage", args=[lead.pk]), {"stage": "interview"})
    assert lead.through.follow_ups.filter(purpose="outcome", closed_at=None).exists()


def test_the_map_shows_who_is_known_where_and_where_nobody_is(page, ana):
    ann = add(ana, "Ann Lee", organization="Acme")
    parked = add(ana, "Parked Pat", ring="D")
    services.add_target(by=ana, name="Acme")
    services.add_target(by=ana, name="Northbank")
    shown = page.get(reverse("introductions:who_where")).text
    assert "Nobody yet in: Northbank, Elsewhere." in shown
    assert ann.get_absolute_url() in shown
    assert parked.name not in shown


def test_the_map_takes_as_many_queries_for_forty_as_for_two(page, ana):
    def queries():
        with CaptureQueriesContext(connection) as found:
            page.get(reverse("introductions:who_where"))
        return len(found)

    for n in range(2):
        make.contact(ana, f"Person {n}")
    few = queries()
    for n in range(40):
        make.contact(ana, f"Friend {n}")
    assert queries() == few
