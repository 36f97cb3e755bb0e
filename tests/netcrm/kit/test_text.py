"""Text as people paste it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcrm.kit.text import many_lines, one_line


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("  Ana   Ruiz\t", "Ana Ruiz"),
        ("Ana\r\nBcc: x@y.test", "Ana Bcc: x@y.test"),
        ("A\u202ena", "Ana"),
        ("A\x00n\x0ba", "An a"),
        ("Jose\u0301", "José"),
        ("علی\u200cرضا", "علی\u200cرضا"),
    ],
    ids=["spaces", "line break", "direction mark", "control marks", "composed", "joiner stays"],
)
def test_one_line_keeps_what_is_said(pasted, kept):
    assert one_line(pasted) == kept


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text):
    assert one_line(one_line(text)) == one_line(text)
    assert many_lines(many_lines(text)) == many_lines(text)


def test_lines_stay_lines():
    assert many_lines("one\r\ntwo\rthree\x00  \n") == "one\ntwo\nthree"
