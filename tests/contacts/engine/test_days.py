from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.engine.days import read_birthday, read_day
from contacts.engine.drafts import Birthday

JUNE = date(2025, 6, 3)


@pytest.mark.parametrize(
    "text",
    [
        "03 Jun 2025", "3-Jun-25", "2025-06-03", "2025/06/03", "2025.06.03", "20250603",
        "Jun 3, 2025", "June 3rd, 2025", "Tue, 3 June 2025", "Tuesday, June 3, 2025",
        "03 juin 2025", "3 de junio de 2025", "3. Juni 2025", "3 giugno 2025", "3 июня 2025",
        "3 czerwca 2025", "3 Haziran 2025", "2025年6月3日", "2025년 6월 3일", "06/03/25, 4:05 PM",
        "6/3/2025 4:05 PM", "2025-06-03T11:16:44Z", "2025-06-03 11:16:44", "45811", "3 juni 2025",
        "3. Červen 2025", "03-JUN-2025", "2025-06-03T11:16:44.123+02:00", "٠٣ Jun ٢٠٢٥",
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text):
    day = read_day(text)
    assert day is not None
    assert (day.value, day.other) == (JUNE, None)


@pytest.mark.parametrize("text", ["03/06/2025", "3.6.2025", "03-06-25", "3/6/2025 16:05"])
def test_a_day_with_two_readings_has_both(text):
    day = read_day(text)
    assert (day.value, day.other) == (JUNE, date(2025, 3, 6))
    assert read_day(text, day_first=True).value == JUNE
    assert read_day(text, day_first=False).value == date(2025, 3, 6)


def test_a_day_that_can_only_be_one_says_which_comes_first():
    assert read_day("31/12/2024").slashed is True
    assert read_day("12/31/24").slashed is False
    assert read_day("06/06/2025").slashed is None


@pytest.mark.parametrize(
    "text",
    ["31 Feb 2024", "99 Xxx 9999", "2025-13-01", "0/0/00", "", "soon", "12345", "1/2", "x" * 200,
     "99999999", "29/02/2023", "13/13/2024"],
)  # fmt: skip
def test_what_is_no_day_is_none(text):
    assert read_day(text) is None


@pytest.mark.parametrize(
    ("text", "birthday"),
    [
        ("--12-25", Birthday(month=12, day=25)),
        ("--1225", Birthday(month=12, day=25)),
        ("1604-12-25", Birthday(month=12, day=25)),
        ("25 December", Birthday(month=12, day=25)),
        ("Dec 25", Birthday(month=12, day=25)),
        ("1992-02-29", Birthday(month=2, day=29, year=1992)),
        ("19920229T000000Z", Birthday(month=2, day=29, year=1992)),
        ("--02-29", Birthday(month=2, day=29)),
        ("0/0/00", None),
        ("0.0.00", None),
        ("--13-40", None),
        ("", None),
    ],
)
def test_a_birthday_may_keep_its_year_to_itself(text, birthday):
    assert read_birthday(text) == (birthday, False)


def test_a_birthday_with_two_readings_is_not_guessed():
    assert read_birthday("3/6/1990") == (None, True)
    assert read_birthday("3/6/1990", day_first=True)[0] == Birthday(month=6, day=3, year=1990)


def test_a_birthday_writes_itself_as_it_is_read():
    for birthday in (Birthday(month=2, day=9), Birthday(month=2, day=9, year=1990)):
        assert read_birthday(str(birthday)) == (birthday, False)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_is_read_back_from_its_forms(day):
    for form in ("%Y-%m-%d", "%d %b %Y", "%B %d, %Y", "%Y%m%d"):
        assert read_day(day.strftime(form)).value == day


@given(st.text(max_size=40) | st.text("0123456789/-. TJanZ:APM,", max_size=24))
def test_any_text_is_a_day_or_none(text):
    read_day(text)
    read_birthday(text)
