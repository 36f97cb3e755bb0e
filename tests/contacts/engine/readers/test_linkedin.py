from datetime import date
from pathlib import Path

import pytest

from contacts.engine.drafts import Code, Format, Severity
from contacts.engine.readers.reading import read_file

FIXTURES = Path(__file__).parents[2] / "fixtures"
HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
ANN = "Ann,Lee,https://www.linkedin.com/in/ann,ann@x.test,Acme,CEO,03 Jun 2025\n"


def linkedin(text: str):
    return read_file(text.encode())


def test_the_export_is_read_with_its_names_links_and_days():
    reading = read_file((FIXTURES / "linkedin_20.csv").read_bytes())
    assert reading.format is Format.LINKEDIN
    assert reading.counts.drafts == 20
    second = reading.drafts[1]
    assert second.full_name == "José Núñez y Soler"
    assert second.organization == "Ibáñez, Peña & Cía."
    assert second.title == 'Socio, "Litigios"'
    assert second.links[0].value == "https://www.linkedin.com/in/curated-example-01"
    assert second.connected_on == date(2025, 4, 27)


@pytest.mark.parametrize(
    "preamble",
    ["", "Notes:\n", 'Notes:\n"a, First Name, Last Name"\n\n\n', '"Notes:"\n' + "x\n" * 40],
    ids=["none", "one line", "headings inside a note", "forty lines"],
)
def test_the_header_is_found_below_any_preamble(preamble):
    reading = linkedin(preamble + HEADER + ANN)
    assert [draft.full_name for draft in reading.drafts] == ["Ann Lee"]


def test_a_row_without_a_person_is_skipped_with_its_line():
    reading = linkedin(HEADER + ",,,,Acme,CEO,03 Jun 2025\n" + ANN)
    assert [(p.line, p.code, p.severity) for p in reading.problems] == [
        (2, Code.BLANK_PERSON, Severity.SKIPPED)
    ]
    assert (reading.counts.rows, reading.counts.drafts, reading.counts.skipped) == (2, 1, 1)


def test_a_quote_never_closed_costs_no_other_row():
    reading = linkedin(HEADER + 'Bad,"Quote,,,Acme,CEO,03 Jun 2025\n' + ANN * 3)
    assert [draft.full_name for draft in reading.drafts] == ["Bad Quote"] + ["Ann Lee"] * 3
    assert [(p.line, p.code) for p in reading.problems] == [(2, Code.QUOTE_NEVER_CLOSED)]


def test_a_day_with_two_readings_is_left_blank_and_said():
    reading = linkedin(HEADER + "Ann,Lee,,,,,03/06/2025\n")
    assert reading.drafts[0].connected_on is None
    assert [p.code for p in reading.problems] == [Code.DATE_AMBIGUOUS]


def test_days_with_two_readings_follow_the_rest_of_their_column():
    reading = linkedin(HEADER + "Ann,Lee,,,,,03/06/2025\nBob,Ray,,,,,31/12/2024\n")
    assert reading.drafts[0].connected_on == date(2025, 6, 3)
    assert [p.code for p in reading.problems] == [Code.DAY_FIRST_INFERRED]
