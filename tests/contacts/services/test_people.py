"""People are kept as they were typed, changed by one tab at a time, and thrown away slowly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError

from contacts import services
from contacts.models import Contact, Interaction, Organization, Ring
from contacts.tasks import empty_old_trash
from tests import make

heard: list[frozenset[UUID] | None] = []


def listen(owner, *, contacts, at):
    heard.append(contacts)


@pytest.fixture
def listener(settings):
    heard.clear()
    settings.FACTS_LISTENER = "tests.contacts.services.test_people.listen"
    return heard


def points(person):
    return [(point.kind, point.value, point.is_primary) for point in person.points.all()]


def messages(refused):
    return {field: problem for field, [problem, *_] in refused.value.message_dict.items()}


# Adding


def test_a_name_alone_will_do(ana, now):
    person = services.add_person(by=ana, at=now, name="Shirley Okoro")
    assert (person.name, person.ring, person.version) == ("Shirley Okoro", Ring.B, 1)


def test_everything_said_about_a_person_comes_back_unchanged(ana, now):
    person = services.add_person(
        by=ana,
        at=now,
        name="Shirley Okoro",
        nickname="Shirl",
        ring="A",
        role_kind="hires",
        how_met="At the bus stop, in the rain",
        worked_together=True,
        notes="Two lines\nof notes",
        birthday={"year": None, "month": 2, "day": 29},
        extra={"Dog": "Biscuit"},
        organization="Acme",
        title="Head of operations",
        emails=["shirley@acme.test", "s.okoro@home.test"],
        phones=["020 7946 0018"],
        links=["https://www.linkedin.com/in/shirley-okoro"],
        tags=["Logistics", "church"],
    )
    person = Contact.objects.get(pk=person.pk)
    assert (person.nickname, person.ring, person.role_kind) == ("Shirl", "A", "hires")
    assert person.how_met == "At the bus stop, in the rain"
    assert person.worked_together
    assert person.notes == "Two lines\nof notes"
    assert (person.birthday_year, person.birthday_month, person.birthday_day) == (None, 2, 29)
    assert person.extra == {"Dog": "Biscuit"}
    assert str(person.positions.get()) == "Head of operations, Acme"
    assert points(person) == [
        ("email", "shirley@acme.test", True),
        ("email", "s.okoro@home.test", False),
        ("link", "https://www.linkedin.com/in/shirley-okoro", True),
        ("phone", "020 7946 0018", True),
    ]
    assert [tag.name for tag in person.tags.all()] == ["Logistics", "church"]


@pytest.mark.parametrize(
    "name",
    [
        "José Ângelo Núñez-O’Brien",
        "Nguyễn Thị Minh Khai",
        "王小明",
        "محمد بن سلمان",
        "Þóra Æsa Ǿ",
        "Björk",
        "Dr. Martin Luther King, Jr.",
        "DJ 🎧 Kay",
        "श्रीमती इंदिरा",
    ],
)
def test_a_full_name_of_any_script_stays_whole(ana, now, name):
    person = services.add_person(by=ana, at=now, name=f"  {name} ")
    assert Contact.objects.get(pk=person.pk).name == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ann\x00 Lee", "Ann Lee"),
        ("Ann\r\nBcc: x", "Ann Bcc: x"),
        ("\u202eeeL nnA\u202c", "eeL nnA"),
        ("Ann\u200b\u2066 Lee\ufeff", "Ann Lee"),
        ("Ann\t\t  Lee", "Ann Lee"),
        ("X" + "\u0301" * 40, "X" + "\u0301" * 4),
    ],
    ids=[
        "null",
        "line break",
        "right-to-left override",
        "invisible",
        "white space",
        "heap of accents",
    ],
)
def test_what_cannot_be_seen_is_no_part_of_a_name(ana, now, typed, kept):
    assert services.add_person(by=ana, at=now, name=typed).name == kept


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u202e", "\n\t"])
def test_a_name_of_nothing_is_refused_in_words(ana, now, name):
    with pytest.raises(ValidationError) as refused:
        services.add_person(by=ana, at=now, name=name)
    assert messages(refused) == {"name": "Write a name: what you call this person will do."}
    assert not ana.contacts.people().exists()


def test_a_name_of_5000_characters_is_refused_with_both_numbers(ana, now):
    with pytest.raises(ValidationError) as refused:
        services.add_person(by=ana, at=now, name="x" * 5000)
    assert messages(refused) == {
        "name": "This has 5,000 characters, and there is room for 300. "
        "Shorten it, or keep the rest in the notes."
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nickname", "x" * 101),
        ("how_met", "x" * 501),
        ("notes", "x" * 64_001),
        ("organization", "x" * 201),
        ("title", "x" * 201),
        ("tags", ["x" * 81]),
        ("tags", [f"tag {number}" for number in range(51)]),
        ("emails", ["a@b.test, c@d.test"]),
        ("emails", ["no address"]),
        ("emails", [f"a{number}@b.test" for number in range(51)]),
        ("phones", ["call me"]),
        ("links", ["javascript:alert(1)"]),
        ("links", ["https://example.org/" + "x" * 500]),
        ("extra", {"Dog": "x" * 501}),
        ("extra", {"x" * 81: "Dog"}),
        ("extra", {"": "Dog"}),
        ("extra", {str(number): "x" for number in range(51)}),
        ("birthday", {"year": 2023, "month": 2, "day": 29}),
        ("birthday", {"year": None, "month": 13, "day": 1}),
        ("ring", "Z"),
        ("role_kind", "boss"),
    ],
)
def test_every_field_has_a_bound_and_says_so(ana, now, field, value):
    with pytest.raises(ValidationError) as refused:
        services.add_person(by=ana, at=now, name="Cleo", **{field: value})
    assert set(refused.value.message_dict) == {field}
    assert not ana.contacts.people().exists()


def test_all_mistakes_are_named_at_once(ana, now):
    with pytest.raises(ValidationError) as refused:
        services.add_person(by=ana, at=now, name=" ", emails=["x", "y@z.test"], phones=["-"])
    assert set(refused.value.message_dict) == {"name", "emails", "phones"}


def test_a_field_nobody_knows_is_a_mistake_of_the_programmer(ana, now):
    with pytest.raises(TypeError, match="shoe_size"):
        services.add_person(by=ana, at=now, name="Cleo", shoe_size="38")


def test_tags_are_one_whatever_their_case(ana, now):
    first = services.add_person(by=ana, at=now, name="Cleo", tags=["Church", "church "])
    second = services.add_person(by=ana, at=now, name="Dora", tags=["CHURCH"])
    assert [tag.name for tag in first.tags.all()] == ["Church"]
    assert first.tags.get() == second.tags.get()


def test_organizations_are_one_however_they_are_spelt(ana, now):
    services.add_person(by=ana, at=now, name="Cleo", organization="Café Zürich")
    services.add_person(by=ana, at=now, name="Dora", organization="cafe zurich")
    assert Organization.objects.get().name == "Café Zürich"


def test_the_planner_hears_of_a_new_person_once(ana, now, listener):
    person = services.add_person(
        by=ana, at=now, name="Cleo", emails=["c@x.test"], tags=["a"], organization="Acme"
    )
    assert listener == [frozenset({person.pk})]


# Oneself


def test_everybody_has_one_row_of_their_own(ana, now):
    before = ana.contacts.get(is_self=True)
    assert services.ensure_self(by=ana) == before
    ana.contacts.all().delete()
    me = services.ensure_self(by=ana)
    assert (me.name, me.is_self) == ("Ana Ruiz", True)
    assert services.ensure_self(by=ana) == me


@pytest.mark.parametrize(
    "act", [services.archive, services.do_not_contact, services.trash, services.park]
)
def test_nobody_can_set_themselves_aside(ana, now, act):
    with pytest.raises(ValueError, match="own row"):
        act(by=ana, at=now, contact=make.me(ana))


# Changing


def test_only_what_is_said_changes(ana, now):
    person = services.add_person(
        by=ana, at=now, name="Cleo", notes="kind", emails=["c@x.test"], tags=["a"]
    )
    services.edit_person(by=ana, at=now, contact=person, version=1, name="Cleo Marsh")
    person = Contact.objects.get(pk=person.pk)
    assert (person.name, person.notes, person.version) == ("Cleo Marsh", "kind", 2)
    assert points(person) == [("email", "c@x.test", True)]
    assert [tag.name for tag in person.tags.all()] == ["a"]


def test_a_renamed_person_is_found_by_the_new_name(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo", nickname="Cle")
    services.edit_person(by=ana, at=now, contact=person, version=1, name="Zoë Ångström")
    assert Contact.objects.get(pk=person.pk).name_key == "zoe angstrom/cle"


def test_the_second_tab_is_told_and_nothing_is_overwritten(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo", notes="first")
    other_tab = Contact.objects.get(pk=person.pk)
    services.edit_person(by=ana, at=now, contact=person, version=1, notes="from tab one")
    with pytest.raises(services.Conflict) as conflict:
        services.edit_person(
            by=ana, at=now, contact=other_tab, version=1, notes="from tab two", tags=["x"]
        )
    assert conflict.value.now.notes == "from tab one"
    assert conflict.value.now.version == 2
    assert not person.tags.exists()


def test_an_address_that_stays_keeps_its_row_and_label(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo")
    kept = services.add_point(
        by=ana, at=now, contact=person, kind="email", value="c@x.test", label="work"
    )
    services.edit_person(
        by=ana, at=now, contact=person, version=1, emails=["new@x.test", "C@X.test"]
    )
    assert points(person) == [("email", "new@x.test", True), ("email", "C@X.test", False)]
    kept.refresh_from_db()
    assert kept.label == "work"


def test_changing_employer_keeps_the_old_one(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo", organization="Acme", title="Clerk")
    services.edit_person(by=ana, at=now, contact=person, version=1, organization="Northbank")
    assert [(str(job), job.is_current) for job in person.positions.all()] == [
        ("Clerk, Northbank", True),
        ("Clerk, Acme", False),
    ]


def test_another_title_at_the_same_place_corrects_the_job(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo", organization="Acme", title="Clerk")
    services.edit_person(
        by=ana, at=now, contact=person, version=1, organization="ACME", title="Head"
    )
    assert [str(job) for job in person.positions.all()] == ["Head, Acme"]


def test_no_organization_and_no_title_means_they_left(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo", organization="Acme", title="Clerk")
    services.edit_person(by=ana, at=now, contact=person, version=1, organization="", title="")
    assert [(str(job), job.is_current) for job in person.positions.all()] == [
        ("Clerk, Acme", False)
    ]


def test_a_job_that_ends_before_it_starts_is_refused(ana, now):
    person = make.contact(ana)
    with pytest.raises(ValidationError) as refused:
        services.save_position(
            by=ana,
            at=now,
            contact=person,
            organization="Acme",
            started_on=now.date(),
            ended_on=now.date() - timedelta(days=1),
        )
    assert set(refused.value.message_dict) == {"ended_on"}


# Setting aside


@pytest.mark.parametrize(
    ("act", "back"),
    [
        (services.archive, services.unarchive),
        (services.do_not_contact, services.may_contact_again),
        (services.trash, services.restore),
    ],
)
def test_whoever_is_set_aside_is_not_reachable_until_brought_back(ana, now, act, back):
    person = make.contact(ana)
    act(by=ana, at=now, contact=person)
    assert person not in ana.contacts.reachable()
    back(by=ana, at=now, contact=person)
    assert person in ana.contacts.reachable()


def test_parking_is_a_ring(ana, now, listener):
    person = make.contact(ana)
    services.park(by=ana, at=now, contact=person)
    assert person.ring == Ring.D
    assert listener == [frozenset({person.pk})]
    services.park(by=ana, at=now, contact=person)
    assert len(listener) == 1


def test_nobody_changes_anothers_person(ana, ben, now):
    with pytest.raises(ValueError, match="not in the list"):
        services.archive(by=ben, at=now, contact=make.contact(ana))


def test_what_was_thrown_away_comes_back_with_everything(ana, now):
    person = services.add_person(by=ana, at=now, name="Cleo", emails=["c@x.test"], tags=["a"])
    talk = services.log_interaction(by=ana, at=now, people=[person], kind="talk")
    services.trash(by=ana, at=now, contact=person)
    assert not Contact.objects.visible_to(ana).people().exists()
    services.restore(by=ana, at=now + timedelta(days=29), contact=person)
    assert points(person) == [("email", "c@x.test", True)]
    assert list(person.interactions.all()) == [talk]


def test_trash_is_emptied_after_thirty_days_and_not_before(ana, now):
    cleo, dora = make.contact(ana, "Cleo"), make.contact(ana, "Dora")
    alone = make.interaction(cleo)
    shared = make.interaction(cleo, dora)
    services.trash(by=ana, at=now, contact=cleo)
    assert services.empty_old_trash(at=now + timedelta(days=30)) == 0
    assert services.empty_old_trash(at=now + timedelta(days=30, seconds=1)) == 1
    assert list(ana.contacts.people()) == [dora]
    assert not Interaction.objects.filter(pk=alone.pk).exists()
    assert list(shared.people.all()) == [dora]


def test_the_nightly_run_erases_and_may_run_twice(ana, now):
    services.trash(by=ana, at=now, contact=make.contact(ana, "Cleo"))
    with time_machine.travel(now + timedelta(days=31), tick=False):
        assert [empty_old_trash(), empty_old_trash()] == [1, 0]
    assert not ana.contacts.people().exists()


def test_nobody_is_erased_who_is_not_in_the_trash(ana, now):
    with pytest.raises(ValueError, match="not in the trash"):
        services.erase(by=ana, at=now, contact=make.contact(ana))


def test_names_made_in_bulk_are_found_as_well(ana):
    Contact.objects.bulk_create([Contact(owner=ana, name="Éva Nagy")])
    assert ana.contacts.get(name="Éva Nagy").name_key == "eva nagy"


def test_people_stand_in_the_order_of_their_names_whatever_the_accents(ana):
    for name in ["Émile", "Zoe", "eva", "Ábel", "Dan"]:
        make.contact(ana, name)
    assert [person.name for person in ana.contacts.people().by_name()] == [
        "Ábel",
        "Dan",
        "Émile",
        "eva",
        "Zoe",
    ]


def test_tags_that_get_one_name_become_one(ana, now):
    cleo = services.add_person(by=ana, at=now, name="Cleo", tags=["church"])
    services.add_person(by=ana, at=now, name="Dora", tags=["parish"])
    church, parish = ana.tags.order_by("name")
    kept = services.rename_tag(by=ana, at=now, tag=church, name="Parish")
    assert kept == parish
    assert [tag.name for tag in cleo.tags.all()] == ["parish"]
    assert ana.tags.count() == 1


def test_a_deleted_tag_leaves_its_people(ana, now, listener):
    cleo = services.add_person(by=ana, at=now, name="Cleo", tags=["church"])
    services.delete_tag(by=ana, at=now, tag=ana.tags.get())
    assert list(ana.contacts.people()) == [cleo]
    assert listener[-1] == frozenset({cleo.pk})


def test_the_moment_is_told_not_read(ana):
    at = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
    person = make.contact(ana)
    services.archive(by=ana, at=at, contact=person)
    assert person.archived_at == at
