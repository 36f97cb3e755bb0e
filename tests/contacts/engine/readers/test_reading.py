"""Every format against the people it was written from, and every broken file's fate."""

import json
from datetime import date
from pathlib import Path

import pytest

from contacts.engine.drafts import Birthday, Code, Format
from contacts.engine.names import clean_line, clean_text, fold
from contacts.engine.points import email_key, linkedin_key, phone_key
from contacts.engine.readers.reading import read_file

FIXTURES = Path(__file__).parents[2] / "fixtures"
MALFORMED = FIXTURES / "malformed"
TRUTH = (FIXTURES / "people_20.jsonl").read_text("utf-8")
PEOPLE = [json.loads(line) for line in TRUTH.splitlines()]

FORMATS = {
    "linkedin_20.csv": Format.LINKEDIN,
    "google_20.csv": Format.GOOGLE,
    "google_old_20.csv": Format.GOOGLE_OLD,
    "outlook_20.csv": Format.OUTLOOK,
    "outlook_com_20.csv": Format.OUTLOOK_COM,
    "outlook_via_google_20.csv": Format.OUTLOOK_VIA_GOOGLE,
    "vcard21_android_20.vcf": Format.VCARD,
    "vcard30_apple_20.vcf": Format.VCARD,
    "vcard40_20.vcf": Format.VCARD,
}
LOSSY = "outlook_20.csv"  # Outlook itself wrote "?" for what Windows-1252 lacks
WITHOUT_PHONES = {"linkedin_20.csv"}
WITH_LINKEDIN = {"linkedin_20.csv", "vcard30_apple_20.vcf", "vcard40_20.vcf"}


def read(name):
    return read_file((FIXTURES / name).read_bytes())


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_recognised_and_everybody_is_read(name):
    reading = read(name)
    assert reading.format is FORMATS[name]
    assert (reading.counts.rows, reading.counts.drafts, reading.counts.skipped) == (20, 20, 0)
    assert reading.refused is None


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {LOSSY}))
def test_what_a_format_carries_comes_through_unchanged(format):
    for person, draft in zip(PEOPLE, read(format).drafts, strict=True):
        name = clean_line(f"{person['first']} {person['last']}")
        assert fold(draft.full_name) in (fold(name), fold(f"{name} {person['suffix']}"))
        assert draft.organization == clean_line(person["org"])
        assert draft.title == clean_line(person["title"])[:200].rstrip()
        emails = {email_key(value) for _, value in person["emails"]}
        if format in WITHOUT_PHONES:
            assert {email_key(point.value) for point in draft.emails} <= emails
        else:
            assert {email_key(point.value) for point in draft.emails} == emails
            phones = {phone_key(value) for _, value in person["phones"]}
            assert {phone_key(point.value) for point in draft.phones} == phones
            assert draft.notes == clean_text(person["notes"])
            year, month, day = person["bday"] or (None, None, None)
            if month and (year or not format.startswith("outlook")):  # it writes 0/0/00
                assert draft.birthday == Birthday(year=year, month=month, day=day)
            else:
                assert draft.birthday is None
        if format in WITH_LINKEDIN:
            assert linkedin_key(draft.links[0].value) == f"in/{person['slug']}"
        if format == "linkedin_20.csv":
            assert draft.connected_on == date.fromisoformat(person["connected"])


def test_what_outlook_lost_is_not_made_worse():
    drafts = read(LOSSY).drafts
    assert drafts[1].full_name == "José Núñez y Soler"
    assert drafts[3].full_name == "wang@example.com"  # its name is "? ??" in the file
    assert drafts[4].full_name == "???? ?????"


EXPECTED = {
    "g_new_columns_reordered.csv": (20, set()),
    "g_new_utf16le.csv": (20, set()),
    "li_bom_only.csv": (0, {Code.EMPTY}),
    "li_cr_only_old_mac.csv": (20, set()),
    "li_dates_mixed.csv": (20, {Code.DATE_UNREADABLE, Code.DATE_AMBIGUOUS}),
    "li_empty.csv": (0, {Code.EMPTY}),
    "li_formula_cells.csv": (10, set()),
    "li_header_only.csv": (0, {Code.NO_ROWS}),
    "li_html_in_names.csv": (6, {Code.LINK_INVALID}),
    "li_legacy_no_url_2018.csv": (20, set()),
    "li_mixed_eol.csv": (20, set()),
    "li_no_preamble.csv": (20, set()),
    "li_preamble_5_lines.csv": (20, set()),
    "li_preamble_quoted_notes.csv": (20, set()),
    "li_semicolon_excel_eu.csv": (20, set()),
    "li_truncated_mid_quote.csv": (1, {Code.QUOTE_NEVER_CLOSED}),
    "li_unbalanced_quote_row3.csv": (21, {Code.QUOTE_NEVER_CLOSED}),
    "li_utf16le_bom.csv": (20, set()),
    "li_xlsx_renamed.csv": (0, {Code.IS_SPREADSHEET}),
    "o_desktop_de_header.csv": (20, {Code.ENCODING_GUESSED, Code.NAME_FROM_EMAIL}),
    "vc_apple_dquote_param.vcf": (1, set()),
    "vc_begin_inside.vcf": (2, {Code.CARD_NOT_CLOSED}),
    "vc_cr_only.vcf": (1, set()),
    "vc_empty_fn.vcf": (1, {Code.NAME_FROM_EMAIL}),
    "vc_group_card_40.vcf": (1, {Code.CARD_IS_GROUP}),
    "vc_html_names.vcf": (1, {Code.LINK_INVALID}),
    "vc_lf_only.vcf": (1, set()),
    "vc_mixed_versions.vcf": (3, set()),
    "vc_no_version.vcf": (1, set()),
    "vc_photo_remote_and_file.vcf": (1, set()),
    "vc_qp_bare_param.vcf": (1, set()),
    "vc_qp_split_utf8.vcf": (1, set()),
    "zip_slip.zip": (0, {Code.UNSAFE_ZIP}),
}


def test_the_table_names_every_broken_file():
    assert {path.name for path in MALFORMED.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_broken_file_has_the_fate_written_down_for_it(name):
    reading = read_file((MALFORMED / name).read_bytes())
    count, codes = EXPECTED[name]
    assert len(reading.drafts) == count
    found = {problem.code for problem in reading.problems}
    assert found - {Code.TEXT_SHORTENED} == codes


def test_a_bad_day_is_left_blank_and_the_others_are_kept():
    drafts = read_file((MALFORMED / "li_dates_mixed.csv").read_bytes()).drafts
    june = date(2025, 6, 3)
    got = [draft.connected_on for draft in drafts[:10]]
    assert got == [june, june, june, june, None, None, june, None, None, june]


def test_a_javascript_link_never_becomes_a_link():
    for name in ("li_html_in_names.csv", "vc_html_names.vcf"):
        for draft in read_file((MALFORMED / name).read_bytes()).drafts:
            assert draft.links == ()


def test_a_long_title_is_shortened_and_kept_whole_among_the_extras():
    draft = read("linkedin_20.csv").drafts[15]
    assert len(draft.title) == 200
    assert dict(draft.extras)["title"] == PEOPLE[15]["title"]
