"""Days said as people say them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from netcrm.kit.days import ago, day_name

TODAY = date(2026, 11, 17)  # a Tuesday


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (2, "two days ago"),
        (13, "13 days ago"),
        (14, "two weeks ago"),
        (60, "eight weeks ago"),
        (61, "two months ago"),
        (729, "23 months ago"),
        (731, "two years ago"),
        (-3, "Friday"),
    ],
)
def test_how_long_ago(days, words):
    assert ago(TODAY - timedelta(days=days), today=TODAY) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 17), "today"),
        (date(2026, 11, 18), "tomorrow"),
        (date(2026, 11, 16), "yesterday"),
        (date(2026, 11, 23), "Monday"),
        (date(2026, 11, 24), "24 November"),
        (date(2027, 1, 10), "10 January"),
        (date(2027, 11, 24), "24 November 2027"),
        (date(9999, 12, 31), "31 December 9999"),
    ],
)
def test_a_day_by_name(day, words):
    assert day_name(day, today=TODAY) == words
