import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.engine.names import (
    clean_line,
    clean_text,
    edits,
    fold,
    initials,
    latin,
    name_words,
    short_forms,
)

ODD = (
    "a \u0301\u0308\u0323\u0344\u200b\u200d\x00\n\t\u2028\u00ad\u0958\ufb1d\u202e\ud800\u00a0é.,'ﬁ𝗔"
)
TEXT = st.lists(st.sampled_from(ODD) | st.characters(), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Ann \t Lee \r\n", "Ann Lee"),
        ("Ann\x00\x07 Lee", "Ann Lee"),
        ("Ann\u202e eeL\u202c\u200f", "Ann eeL"),
        ("Jose\u0301", "José"),
        ("\ud83dAnn", "Ann"),
        ("Ann\u2028Lee\x0bX", "Ann Lee X"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩🏽‍💻", "👩🏽‍💻"),
        ("\u200d\u3164\u2800", ""),
        ("Z" + "\u0335" * 40, "Z" + "\u0335" * 4),
        ("सुनीता कुमार", "सुनीता कुमार"),
    ],
)
def test_a_line_is_cleaned_of_what_cannot_be_seen(text, clean):
    assert clean_line(text) == clean


def test_a_text_keeps_its_lines():
    assert clean_text(" a \r\nb\rc\x0b\n\n\n\n\n\nd ") == "a\nb\nc\n\n\nd"


@given(TEXT)
def test_cleaning_again_changes_nothing(text):
    for clean in (clean_line, clean_text):
        once = clean(text)
        assert clean(once) == once
        once.encode("utf-8")
    assert "\n" not in clean_line(text)


@given(TEXT)
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Núñez", "JOSE NUNEZ"),
        ("O’Brien-Smith", "o'brien smith"),
        ("İbrahim Işık", "ibrahim isik"),
        ("Søren Ærø", "soren aero"),
        ("Straße", "STRASSE"),
        ("Łukasz", "lukasz"),
        ("ＡＮＮ", "ann"),
        ("مُحَمَّد", "محمد"),
        ("الإسكندرية", "الاسكندريه"),
        ("Ёжиков", "ежиков"),
    ],
)
def test_spellings_of_one_word_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_what_makes_another_word_is_kept():
    assert fold("が") != fold("か")
    assert fold("कुमार") != fold("कमर")


def test_cyrillic_and_greek_compare_with_latin():
    assert latin(fold("Иван Щербаков")) == "ivan shcherbakov"
    assert latin(fold("Νίκος")) == "nikos"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Okoro, Shirley", ("shirley", "okoro")),
        ("Dr. Okoro, Shirley, MBA", ("shirley", "okoro")),
        ("Mary-Jane O’Brien-Smith, PhD, MBA", ("mary", "jane", "obrien", "smith")),
        ("JOHN DOE, CPA", ("john", "doe")),
        ("Prof. Dr. Anna Weiß", ("anna", "weiss")),
        ("Martin Luther King Jr.", ("martin", "luther", "king")),
        ("Dr", ("dr",)),
        ("PhD", ("phd",)),
        ("王 小明", ("王", "小明")),
        ("", ()),
        (",", ()),
    ],
)
def test_the_words_of_a_name_stand_as_spoken_without_titles(name, words):
    assert name_words(name) == words


def test_short_forms_belong_to_their_names():
    assert "robert" in short_forms("bob")
    assert "elizabeth" in short_forms("liz")
    assert short_forms("shirlene") == {"shirlene"}


@pytest.mark.parametrize(
    ("name", "marks"),
    [
        ("Shirley Okoro", "SO"),
        ("shirley", "S"),
        ("Dr. Mary-Jane O’Brien-Smith, PhD", "MO"),
        ("Ana Maria de la Cruz", "AC"),
        ("José", "J"),
        ("Élodie Ödegaard", "ÉÖ"),
        ("王 小明", "王"),
        ("Иван Щербаков", "ИЩ"),
        ("Sam 👩🏽‍💻 Chen 🇸🇬", "SC"),
        ("👩🏽‍💻", "👩🏽‍💻"),
        ("🇸🇬 🇩🇪", "🇸🇬"),
        ("सुनीता कुमार", "सुकु"),
        ("ann@x.test", "A"),
        ("<b>", "B"),
        ("", "?"),
        ("\u200d", "?"),
    ],
)
def test_initials_are_whole_written_characters(name, marks):
    assert initials(name) == marks


@given(TEXT)
def test_initials_are_short_for_any_name(name):
    marks = initials(name)
    assert marks
    assert len(marks) <= 40
    assert clean_line(marks) == marks or marks == "?"


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("shirley", "shirley", 0), ("shirley", "shirely", 1), ("lee", "leigh", 3), ("a", "", 1)],
)
def test_edits_count_swapped_neighbours_as_one(one, other, count):
    assert edits(one, other, 3) == edits(other, one, 3) == count
    assert edits(one, other, 0) == min(count, 1)


WORDS = st.text(alphabet="abc", max_size=7)


@given(WORDS, WORDS, st.integers(0, 3))
def test_a_bounded_count_agrees_with_the_whole_one(one, other, limit):
    assert edits(one, other, limit) == min(edits(one, other, 9), limit + 1)
