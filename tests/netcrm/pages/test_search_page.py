"""One list of people, pages and things to do; a plain page, and the box in the top bar."""

from __future__ import annotations

import pytest

from contacts import services
from tests.netcrm.pages.queries import own_queries

URL = "/people/search/"


@pytest.fixture
def signed_in(client, ana, now):
    services.add_person(by=ana, at=now, name="Shirley Okoro", organization="Acme", title="Clerk")
    client.force_login(ana)
    return client


def titles(answer):
    return [str(group.title) for group in answer.context["groups"]]


def test_the_page_works_without_script(signed_in):
    page = signed_in.get(URL, {"q": "okoro"}).content.decode()
    assert "Shirley Okoro" in page
    assert "Clerk, Acme" in page


def test_the_box_gets_the_list_alone(signed_in):
    answer = signed_in.get(URL, {"q": "okoro"}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert page.count("<ul") == 2  # the person, and the ways to them
    assert '<div id="palette-list">' in page
    assert "<html" not in page


def test_pages_and_things_to_do_answer_to_their_words(signed_in):
    answer = signed_in.get(URL, {"q": "import"})
    assert titles(answer) == ["Things to do"]
    assert "Bring people in" in answer.content.decode()
    assert "Pages" in titles(signed_in.get(URL, {"q": "upcom"}))


def test_organizations_are_found_with_their_people(signed_in):
    answer = signed_in.get(URL, {"q": "acme"})
    assert titles(answer) == ["People", "Organizations", "How do I reach…"]
    assert "/people/?q=Acme" in answer.content.decode()


def test_nothing_typed_shows_where_one_can_go(signed_in):
    assert titles(signed_in.get(URL)) == ["Things to do", "Pages"]


def test_nothing_found_says_so_and_shows_what_was_typed(signed_in):
    page = signed_in.get(URL, {"q": "<b>xyzzy"}).content.decode()
    assert "Nothing here goes by “&lt;b&gt;xyzzy”." in page


def test_a_search_is_a_few_queries(signed_in):
    assert own_queries(signed_in, f"{URL}?q=okoro") <= 7
