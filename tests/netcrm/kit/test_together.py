"""Lists asked for together are what each queryset gives alone, in one query."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from django.db.models import F

from contacts.models import Contact, ContactPoint, Interaction, Position, Tag
from followups.models import FollowUp
from introductions.models import Introduction
from netcrm.kit.together import FEW, Together
from tests import make

QUERIES = {
    "people": lambda ask: Contact.objects.filter(pk__in=ask.people).by_name(),
    "points": lambda ask: ContactPoint.objects.filter(contact=ask.person),
    "tags": lambda ask: Tag.objects.filter(contacts=ask.person),
    "jobs": lambda ask: Position.objects.filter(contact=ask.person).select_related("organization"),
    "introductions": lambda ask: Introduction.objects.filter(introduced=ask.person).select_related(
        "introducer__trust_state", "introducee", "introduced"
    ),
    "exchanges": lambda ask: Interaction.objects.filter(people__in=ask.people).values_list(
        "pk", "at", "people", "is_give"
    ),
    "steps": lambda ask: FollowUp.objects.filter(contact=ask.person).with_people(),
    "marked": lambda ask: Contact.objects.filter(pk=ask.person).annotate(on=F("connected_on")),
}


@pytest.fixture
def person(ana):
    person = make.contact(
        ana,
        "Zoë “Z” O'Neil %s",
        extra={"a": [1, "ä"]},
        connected_on=date(2020, 2, 29),
        birthday_month=2,
        birthday_day=29,
    )
    ContactPoint.objects.create(contact=person, kind="email", value="z@x.test", key="z@x.test")
    Position.objects.create(contact=person, organization=make.organization(ana), title="Clerk")
    Position.objects.create(contact=person, title="Carver", started_on=date(1999, 1, 1))
    person.tags.add(Tag.objects.create(owner=ana, name="Choir"))
    make.introduction(make.contact(ana, "Ann Ames"), person)
    make.interaction(person, at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC), note="x\ny")
    make.interaction(person, at=datetime(2026, 1, 2, tzinfo=UTC), is_give=True)
    make.follow_up(
        person,
        opens_on=date(2026, 3, 1),
        priority=0.1 + 0.2,
        facts={"day": "2026-03-01"},
        more=[{"code": "x"}],
    )
    return person


def whole(row):
    """A row with everything it was loaded with."""
    if not hasattr(row, "_meta"):
        return row
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    cached = {name: one and whole(one) for name, one in row._state.fields_cache.items()}
    return (type(row), values, cached, row._state.db, row._state.adding)


@pytest.mark.parametrize("name", QUERIES)
def test_a_list_is_what_the_queryset_gives(person, name, django_assert_num_queries):
    together = Together(lambda ask: {other: query(ask) for other, query in QUERIES.items()})

    class Ask:
        people = [person.pk]

    Ask.person = person.pk
    with django_assert_num_queries(1):
        found = together.lists(person=person.pk, people=[person.pk])
    assert [whole(row) for row in found[name]] == [whole(row) for row in QUERIES[name](Ask)]
    assert found[name]


def test_the_same_statement_answers_for_other_keys(ana, person):
    other = make.contact(ana, "Bo")
    together = Together(
        lambda ask: {
            "people": Contact.objects.filter(pk__in=ask.people).by_name(),
            "points": ContactPoint.objects.filter(contact=ask.person),
        }
    )
    assert together.lists(person=person.pk, people=[other.pk])["people"] == [other]
    found = together.lists(person=other.pk, people=[person.pk])
    assert (found["people"], found["points"]) == ([person], [])
    found = together.lists(person=other.pk, people=[person.pk, other.pk])
    assert found["people"] == [other, person]


def test_more_keys_than_a_few_and_everybody_are_asked_for_one_by_one(
    ana, person, django_assert_num_queries
):
    together = Together(
        lambda ask: {
            "people": Contact.objects.filter(owner=ask.owner)
            if ask.people is None
            else Contact.objects.filter(pk__in=ask.people),
            "points": ContactPoint.objects.filter(contact__owner=ask.owner),
        }
    )
    everybody = set(Contact.objects.filter(owner=ana))
    for people in (None, [one.pk for one in everybody] + [uuid4() for _ in range(FEW)]):
        with django_assert_num_queries(2):
            found = together.lists(owner=ana.pk, people=people)
        assert set(found["people"]) == everybody
        assert len(found["points"]) == 1


def test_among_no_keys_nothing_is_found(ana, person):
    together = Together(
        lambda ask: {
            "points": ContactPoint.objects.filter(contact__in=ask.people),
            "people": Contact.objects.filter(owner=ask.owner, is_self=False).by_name(),
        }
    )
    found = together.lists(owner=ana.pk, people=[])
    assert (found["points"], len(found["people"])) == ([], 2)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 64])
def test_a_row_stands_once_however_many_keys_are_asked_for(ana, person, count):
    together = Together(lambda ask: {"people": Contact.objects.filter(pk__in=ask.people)})
    people = [person.pk, *[uuid4() for _ in range(count - 1)]]
    assert together.lists(people=people)["people"] == [person]


def test_days_and_moments_are_keys_too(ana, person):
    together = Together(
        lambda ask: {
            "steps": FollowUp.objects.filter(opens_on__lte=ask.day).values_list("opens_on"),
            "since": Interaction.objects.filter(at__gte=ask.at).values_list("at"),
        }
    )
    day, at = date(2026, 3, 1), datetime(2026, 1, 2, 1, tzinfo=UTC)
    found = together.lists(day=day, at=at)
    assert found["steps"] == [(day,)]
    assert found["since"] == [(datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),)]
    found = together.lists(day=date(2026, 2, 28), at=datetime(2026, 1, 1, tzinfo=UTC))
    assert (found["steps"], len(found["since"])) == ([], 2)
