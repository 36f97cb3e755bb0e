"""What holds for any bytes at all: a clear outcome, tidy values, linear time."""

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.engine import limits, points
from contacts.engine.drafts import Code, Severity
from contacts.engine.names import clean_line, clean_text
from contacts.engine.problems import SENTENCES, sentence
from contacts.engine.readers.reading import read_file

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = [path.read_bytes() for path in sorted(FIXTURES.rglob("*.[cvz]*")) if path.is_file()]
SNIPPETS = [
    b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"=",
    b"=\r\n", b":", b"\\", b"\\,", b"\xe2\x80\xae", b"\xed\xa0\x80", b"BEGIN:VCARD\r\n",
    b"END:VCARD\r\n", b"AGENT:\r\n", b"FN:x\r\n", b"EMAIL;TYPE=:a@b.test\r\n", b"PHOTO:\r\n ",
    b";ENCODING=QUOTED-PRINTABLE", b";ENCODING=b:", b"sep=;\n", b"Notes:\n", b"31/12/2024",
    b"03/06/2025", b"0/0/00", b"--12-25", b"45811", b"First Name,Last Name,Connected On\n",
    b"Name;E-mail\n", b'{"account":{"data":[{"type":"contact","values":[', b"PK\x03\x04",
]  # fmt: skip


@st.composite
def mutated(draw):
    """A fixture with stretches cut out, doubled, turned round or replaced."""
    data = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 400)))
        piece = data[start:end]
        by = draw(
            st.one_of(
                st.sampled_from(SNIPPETS),
                st.binary(max_size=12),
                st.just(b""),
                st.just(piece * 3),
                st.just(piece[::-1]),
            )
        )
        data = data[:start] + by + data[end:]
    return data


ANY_FILE = st.one_of(
    st.binary(max_size=600),
    st.lists(st.one_of(st.sampled_from(SNIPPETS), st.binary(max_size=8)), max_size=60).map(
        b"".join
    ),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    mutated(),
)
LAWS = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@LAWS
@given(ANY_FILE)
def test_any_bytes_give_people_or_a_reason(data):
    reading = read_file(data)
    counts = reading.counts
    if reading.refused is not None:
        assert reading.drafts == ()
    else:
        assert counts.rows == counts.drafts + counts.skipped
        assert counts.drafts == len(reading.drafts)
        assert reading.drafts or reading.problems
    for problem in reading.problems:
        assert sentence(problem)
        assert 0 <= problem.line <= data.count(b"\n") + data.count(b"\r") + 1


@LAWS
@given(ANY_FILE)
def test_every_value_of_every_person_is_tidy(data):
    for draft in read_file(data).drafts:
        assert 0 < len(draft.full_name) <= limits.NAME_CHARS
        assert len(draft.notes) <= limits.NOTE_CHARS
        assert clean_text(draft.notes) == draft.notes
        lines = [draft.full_name, draft.given, draft.family, draft.nickname, draft.organization,
                 draft.title, draft.uid, draft.met_through, *draft.tags]  # fmt: skip
        for group in (draft.emails, draft.phones, draft.links):
            assert len(group) <= limits.VALUES
            lines.extend(point.value for point in group)
            lines.extend(point.label for point in group)
        for line in lines:
            assert clean_line(line) == line
            line.encode("utf-8")
        for point in draft.emails:
            assert points.email(point.value) == point.value
        for point in draft.links:
            assert point.value.lower().startswith(("http://", "https://"))
            assert points.link(point.value) == point.value
        keys = [points.email_key(point.value) for point in draft.emails]
        assert len(keys) == len(set(keys))


@LAWS
@given(ANY_FILE)
def test_reading_twice_gives_the_same(data):
    assert read_file(data) == read_file(data)


LONG = {
    "blank lines": b"\n" * 1_000_000,
    "one line of quotes": b"Name,E-mail\n" + b'"' * 2_000_000,
    "a stray quote on every line": b"Name,E-mail\n" + b'a,"b\n' * 40_000,
    "quotes in pairs of lines": b"Name,E-mail\n" + b'a,"b\nc\n' * 20_000,
    "one open quote, then lines": b'Name,E-mail\n"' + b"a,b\n" * 40_000,
    "carriage returns in a line": b"Name,E-mail\n" + b"a,b\r" * 200_000 + b"\n",
    "preamble without a header": b"x\n" * 1_000_000,
    "wide": b"Name,E-mail\n" + b"," * 2_000_000,
    "semicolons only": b";" * 2_000_000,
    "an address without end": b"Name,E-mail\nA," + b"a@" * 30_000,
    "an address of dots": b"Name,E-mail\nA," + b"a." * 30_000 + b"@x.test",
    "a link of dots": b"Name,URL\nA," + b"a." * 30_000,
    "combining marks": ("Name,E-mail\nA" + "\u0301" * 60_000 + ",a@x.test\n").encode(),
    "a card of backslashes": b"BEGIN:VCARD\nN:" + b"\\" * 60_000 + b"\nEND:VCARD\n",
    "a card of semicolons": b"BEGIN:VCARD\nN:" + b";" * 60_000 + b"\nEND:VCARD\n",
    "parameters without end": b"BEGIN:VCARD\nFN" + b";X=Y" * 300_000 + b":A\nEND:VCARD\n",
    "quoted parameters": b"BEGIN:VCARD\nFN" + b';X="' * 300_000 + b":A\nEND:VCARD\n",
    "folded lines": b"BEGIN:VCARD\nFN:A\nNOTE:" + b"x\n " * 200_000 + b"\nEND:VCARD\n",
    "soft breaks": b"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:" + b"x=\n" * 200_000 + b"\nEND:VCARD\n",
    "cards in cards": b"BEGIN:VCARD\nFN:A\nAGENT:\n" * 80_000,
    "cards never closed": b"BEGIN:VCARD\nFN:A\n" * 60_000,
    "a picture": b"BEGIN:VCARD\nPHOTO;BASE64:\n" + b"QUJD" * 20 * 20_000 + b"\nFN:A\nEND:VCARD\n",
    "names of properties": b"BEGIN:VCARD\n" + b"".join(b"X-%d:a\n" % n for n in range(150_000)),
    "brackets": b"[" * 200_000,
    "begin": b"BEGIN:VCARD" * 150_000,
    "local headers": b"PK\x03\x04" * 200_000,
    "directory entries": b"PK\x01\x02" * 200_000 + b"PK\x05\x06" + b"\x00" * 18,
}


@pytest.mark.parametrize("name", LONG)
def test_time_is_linear_in_the_length(name):
    """A minute would be quadratic; the bound leaves room for a loaded machine."""
    start = time.process_time()
    read_file(LONG[name])
    assert time.process_time() - start < 4


def test_every_problem_has_a_sentence_whose_facts_are_named():
    assert set(SENTENCES) == set(Code)
    seen = set()
    for data in FILES:
        for problem in read_file(data).problems:
            assert "%(" not in sentence(problem)
            seen.add(problem.severity)
    assert seen == set(Severity)
