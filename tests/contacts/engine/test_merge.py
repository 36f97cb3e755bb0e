from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contacts.engine.drafts import Birthday, Job, Point
from contacts.engine.merge import Conflict, Fields, merge_fields


def merged(survivor, other):
    return merge_fields(survivor, other).fields


ANN = Fields(name="Ann Lee", emails=(Point(value="ann@x.test", label="work"),), ring="C")


def test_a_blank_is_filled_and_a_value_stays():
    other = Fields(name="ANN LEE", nickname="Annie", how_met="Choir", ring="B")
    result = merge_fields(ANN, other)
    assert (result.fields.name, result.fields.nickname) == ("Ann Lee", "Annie")
    assert result.fields.how_met == "Choir"
    assert result.conflicts == ()


def test_what_differs_is_set_aside_and_reported():
    other = Fields(name="Ann Fox", birthday=Birthday(month=2, day=3))
    survivor = Fields(name="Ann Lee", birthday=Birthday(month=1, day=3))
    result = merge_fields(survivor, other)
    assert result.conflicts == (
        Conflict(field="name", kept="Ann Lee", set_aside="Ann Fox"),
        Conflict(field="birthday", kept="--01-03", set_aside="--02-03"),
    )
    assert result.fields.extras == (("other name", "Ann Fox"), ("other birthday", "--02-03"))


def test_lists_are_united_without_doubles_the_survivors_first():
    other = Fields(
        name="Ann Lee",
        emails=(Point(value="ANN@X.test"), Point(value="ann@home.test")),
        phones=(Point(value="+1 555-0100"),),
        positions=(Job(organization="Acme"),),
        tags=("choir",),
    )
    survivor = Fields(
        name="Ann Lee",
        emails=ANN.emails,
        phones=(Point(value="+15550100"),),
        positions=(Job(organization="Acme"), Job(organization="Zenith")),
        tags=("Choir", "Work"),
    )
    fields = merged(survivor, other)
    assert [point.value for point in fields.emails] == ["ann@x.test", "ann@home.test"]
    assert [point.value for point in fields.phones] == ["+15550100"]
    assert [job.organization for job in fields.positions] == ["Acme", "Zenith"]
    assert fields.tags == ("Choir", "Work")


def test_where_care_has_a_side_that_side_wins():
    one = Fields(
        name="A", ring="D", do_not_contact=True, archived=True, connected_on=date(2024, 5, 1)
    )
    other = Fields(name="A", ring="B", connected_on=date(2020, 5, 1), paused_until=date(2027, 1, 1))
    for fields in (merged(one, other), merged(other, one)):
        assert fields.ring == "B"
        assert fields.do_not_contact
        assert fields.archived
        assert fields.connected_on == date(2020, 5, 1)
        assert fields.paused_until == date(2027, 1, 1)


def test_a_birthday_gains_its_year():
    with_year = Fields(name="A", birthday=Birthday(month=5, day=6, year=1970))
    without = Fields(name="A", birthday=Birthday(month=5, day=6))
    for result in (merge_fields(with_year, without), merge_fields(without, with_year)):
        assert result.fields.birthday == Birthday(month=5, day=6, year=1970)
        assert result.conflicts == ()


def test_notes_are_joined_once():
    one, other = Fields(name="A", notes="Likes tea"), Fields(name="A", notes="Has a dog")
    both = merged(one, other)
    assert both.notes == "Likes tea\n\nHas a dog"
    assert merged(both, other).notes == both.notes


TEXT = st.sampled_from(["", "a", "b", "A", "a b"])
POINTS = st.lists(st.sampled_from(["a@x.test", "A@x.test", "b@x.test"]), max_size=3).map(
    lambda values: tuple(Point(value=value) for value in values)
)
ANYBODY = st.builds(
    Fields,
    name=st.sampled_from(["a", "b", "A"]),
    nickname=TEXT,
    ring=st.sampled_from("ABCD"),
    how_met=TEXT,
    notes=TEXT,
    emails=POINTS,
    tags=st.lists(st.sampled_from(["x", "X", "y"]), max_size=3).map(tuple),
    birthday=st.sampled_from([None, Birthday(month=1, day=2), Birthday(month=1, day=2, year=1990)]),
    archived=st.booleans(),
)


@given(ANYBODY, ANYBODY)
def test_merging_again_changes_nothing_and_nothing_is_lost(survivor, other):
    fields = merged(survivor, other)
    assert merged(fields, other) == fields
    everything = str(fields)
    for text in (other.name, other.nickname, other.notes, other.how_met):
        assert text.casefold() in everything.casefold()
    assert {point.value.casefold() for point in (*survivor.emails, *other.emails)} == {
        point.value.casefold() for point in fields.emails
    }
    assert {t.casefold() for t in (*survivor.tags, *other.tags)} == {
        t.casefold() for t in fields.tags
    }
