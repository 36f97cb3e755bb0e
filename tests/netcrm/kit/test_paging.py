"""Every row of a long list is on exactly one page, forwards and backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import Contact
from netcrm.kit.paging import page_of
from tests import make

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def people(ana):
    for number in range(23):
        make.contact(
            ana,
            f"Person {number % 7}",
            last_contact_at=None if number % 3 == 0 else START + timedelta(days=number % 5),
        )
    return Contact.objects.visible_to(ana).people()


@pytest.mark.parametrize(
    ("by", "descending"),
    [
        ("name_key", False),
        ("name_key", True),
        ("last_contact_at", False),
        ("last_contact_at", True),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 22, 23, 24])
def test_walking_there_and_back_meets_everybody_once(people, by, descending, size):
    def page(**where):
        return page_of(people, by=by, descending=descending, size=size, **where)

    pages = [page()]
    while pages[-1].next:
        pages.append(page(after=pages[-1].next))
    seen = [row.pk for one in pages for row in one.rows]
    assert len(seen) == len(set(seen)) == 23
    values = [getattr(row, by) for one in pages for row in one.rows if getattr(row, by)]
    assert values == sorted(values, reverse=descending)
    back = [pages[-1]]
    while back[-1].previous:
        back.append(page(before=back[-1].previous))
    assert [one.rows for one in reversed(back)] == [one.rows for one in pages]


def test_rows_without_a_value_come_last(people):
    rows = page_of(people, by="last_contact_at", descending=True).rows
    assert [row.last_contact_at is None for row in rows] == [False] * 15 + [True] * 8


@pytest.mark.parametrize("mark", ["nonsense", "W10", "WyJhIiwgIm5vIGtleSJd", "ééé", "e30"])
def test_a_mark_that_says_nothing_means_the_first_page(people, mark):
    first = page_of(people, by="name_key", size=5)
    assert page_of(people, by="name_key", size=5, after=mark) == first


def test_one_page_costs_one_query(people, django_assert_num_queries):
    first = page_of(people, by="name_key", size=5)
    with django_assert_num_queries(1):
        page_of(people, by="name_key", size=5, after=first.next)


def test_no_rows_make_an_empty_page(ana):
    page = page_of(Contact.objects.none(), by="name_key")
    assert (page.rows, page.next, page.previous) == ([], "", "")
