import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.engine.drafts import Birthday, Draft, Format, Point
from contacts.engine.formats import (
    guarded,
    joined_list,
    joined_pairs,
    split_list,
    split_pairs,
    unguarded,
)
from contacts.engine.names import clean_line, clean_text
from contacts.engine.readers.reading import read_file
from contacts.engine.writers import csv_lines, vcards

MALFORMED = Path(__file__).parents[1] / "fixtures" / "malformed"

ANN = Draft(
    full_name="Ann Lee",
    nickname="Annie",
    emails=(
        Point(value="ann@x.test", label="work"),
        Point(value="ann@home.test", label="home"),
        Point(value="a@y.test", label="the old one"),
        Point(value="b@y.test"),
    ),
    phones=(Point(value="+44 20 7946 0000 ext. 12", label="mobile"),),
    links=(Point(value="https://www.linkedin.com/in/ann"),),
    organization="Acme; Sons, Ltd\\Co",
    title='"Head", of things',
    tags=("Friends", "a ::: b", "c, d"),
    notes="one\ntwo; three, four\\five",
    birthday=Birthday(month=12, day=25),
    connected_on=date(2025, 6, 3),
    met_through="Bob Ray",
    extras=(("shoe size: EU", "42: or so"), ("", "no label"), ("address", "1 Road\nLondon")),
    uid="1234",
)


def through_csv(*people):
    return read_file("".join(csv_lines(people)).encode("utf-8"))


def through_vcard(*people, **options):
    return read_file("".join(vcards(people, **options)).encode("utf-8"))


def bare(draft):
    """What both ways carry: not the line, nor the parts of a name that was never divided."""
    given = "" if draft.given == draft.full_name and not draft.family else draft.given
    return replace(draft, line=0, given=given)


def test_a_person_comes_back_from_csv_unchanged():
    reading = through_csv(ANN)
    assert reading.format is Format.NETCRM
    assert reading.problems == ()
    assert bare(reading.drafts[0]) == ANN


def test_a_person_comes_back_from_vcard_unchanged():
    reading = through_vcard(ANN)
    assert reading.problems == ()
    assert bare(reading.drafts[0]) == ANN


def test_notes_stay_at_home_when_asked():
    text = "".join(vcards([ANN], notes=False))
    assert "NOTE" not in text
    assert through_vcard(ANN, notes=False).drafts[0].notes == ""


RISKY = ["=1+1", "+1+1", "-1+1", "@SUM(1,1)", "＝1+1", "＋1", "－1", "＠x", "=cmd|'/C calc'!A0",
         "'=1+1", "''+x"]  # fmt: skip


@pytest.mark.parametrize("text", RISKY)
def test_no_cell_can_start_a_formula_and_the_original_comes_back(text):
    person = Draft(full_name=text, organization=text, title=text, notes=text, tags=(text,),
                   nickname=text, extras=(("x", text),), uid="1")  # fmt: skip
    written = "".join(csv_lines([person]))
    for cell in list(csv.reader(io.StringIO(written)))[1]:
        assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert bare(through_csv(person).drafts[0]) == person


def test_the_formulas_of_the_fixture_come_back_as_they_were():
    drafts = read_file((MALFORMED / "li_formula_cells.csv").read_bytes()).drafts
    again = through_csv(*drafts).drafts
    assert [replace(draft, line=0) for draft in again] == [replace(d, line=0) for d in drafts]


@given(st.text(alphabet="'=+-@ab\t\r\n＝", max_size=8))
def test_guarding_is_undone(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(tuple("=+-@\t\r\n＝＋－＠"))


LISTED = st.text(alphabet="ab: \\", max_size=8)


@given(st.lists(LISTED, min_size=1, max_size=4), st.lists(st.tuples(LISTED, LISTED), min_size=1))
def test_lists_in_a_cell_are_undone(values, pairs):
    assert split_list(joined_list(values)) == values
    assert split_pairs(joined_pairs(pairs)) == pairs


def test_lines_are_folded_at_75_octets_and_no_character_is_cut():
    person = Draft(full_name="王小明" * 50, notes="é" * 300 + "👩🏽‍💻" * 40)
    for line in "".join(vcards([person])).encode("utf-8").split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")
    assert bare(through_vcard(person).drafts[0]) == person


def test_no_value_can_add_a_property():
    person = Draft(
        full_name="Ann\nTEL:1",
        emails=(Point(value="a@x.test", label="x\nTEL:1"),),
        notes="a\r\nEND:VCARD\nBEGIN:VCARD",
    )
    text = "".join(vcards([person]))
    lines = text.split("\r\n")
    assert lines.count("BEGIN:VCARD") == lines.count("END:VCARD") == 1
    assert "\r\nTEL" not in text


LINES = st.text(max_size=30).map(clean_line)
LABELS = st.sampled_from(["", "work", "home", "mobile", "fax", "my: own", "a, b"])
EMAILS = st.sampled_from(["a@x.test", "b+c@y.test", "ü@münchen.example", "o'b@x.test"])
PHONES = st.sampled_from(["+44 20 7946 0000", "(202) 555-0114", "-020 7946", "+1 555 0100 x12"])
LINKS = st.sampled_from(["https://x.test/a?b=c,d;e", "http://y.test", "https://z.test/%C3%BC"])


def listed(values):
    return st.lists(st.tuples(values, LABELS), max_size=4, unique_by=lambda pair: pair[0]).map(
        lambda pairs: tuple(Point(value=value, label=label) for value, label in pairs)
    )


PEOPLE = st.builds(
    Draft,
    full_name=LINES.filter(lambda name: any(map(str.isalnum, name))),
    nickname=LINES,
    emails=listed(EMAILS),
    phones=listed(PHONES),
    links=listed(LINKS),
    organization=LINES,
    title=LINES,
    tags=st.lists(LINES.filter(bool), max_size=3, unique_by=str.casefold).map(tuple),
    notes=st.text(max_size=80).map(clean_text),
    birthday=st.none()
    | st.builds(Birthday, month=st.integers(1, 12), day=st.integers(1, 28),
                year=st.none() | st.integers(1900, 2020)),
    connected_on=st.none() | st.dates(date(2003, 5, 5), date(2030, 1, 1)),
    met_through=LINES,
    extras=st.lists(st.tuples(LINES, st.text(max_size=40).map(clean_text).filter(bool)), max_size=3)
    .map(tuple),
    uid=st.sampled_from(["", "1234", "urn:x"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PEOPLE, min_size=1, max_size=3))
def test_anybody_comes_back_from_csv(people):
    assert [bare(draft) for draft in through_csv(*people).drafts] == people


@settings(max_examples=200, deadline=None)
@given(st.lists(PEOPLE, min_size=1, max_size=3))
def test_anybody_comes_back_from_vcard(people):
    assert [bare(draft) for draft in through_vcard(*people).drafts] == people
