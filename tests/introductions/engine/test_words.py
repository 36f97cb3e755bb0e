import pytest

from introductions.engine.words import fold, singular, topics


def test_accents_and_case_make_no_difference():
    assert fold("ZOË’s Café") == "zoe's cafe"


def test_topics_leave_out_what_everybody_says():
    assert topics("She would like to know about the new payroll tools") == {"payroll", "tool"}


def test_short_words_are_no_topic():
    assert topics("an HR ad") == frozenset()


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("surveys", "survey"),
        ("companies", "company"),
        ("boxes", "box"),
        ("classes", "class"),
        ("business", "business"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("bus", "bus"),
    ],
)
def test_a_rough_singular(word, one):
    assert singular(word) == one


def test_a_text_in_another_script_has_topics_too():
    assert topics("Логистика и склад") == {"логистика", "склад"}
