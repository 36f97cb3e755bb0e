import pytest

from introductions.engine.note import (
    MOST_WORDS,
    About,
    Check,
    Lines,
    filled,
    makes_no_easy,
    review,
    review_lines,
    says_what_i_want,
    says_what_they_get,
    says_who_i_am,
    says_why_them,
    split,
)

ABOUT = About(
    me="George Hill",
    target_line="Payroll lead in a mid-sized firm near Leeds",
    person="Bob Hale",
    organization="Acme Personnel",
)
WHO = "I'm George Hill; I ran payroll for a firm of 300 near Leeds."
WHY = "Bob Hale moved Acme Personnel to weekly pay, which is the change I want to make."
WANT = "Could I ask him two questions in a call of twenty minutes?"
GET = "I can send him the survey of shift planners I made in March."
NO = "If now isn't the time, that is no problem at all."
PARTS = dict(zip(Check, (WHO, WHY, WANT, GET, NO), strict=True))
WHOLE = " ".join(PARTS.values())


def passed(found):
    return {t.check for t in found.ticks if t.passed}


def test_a_whole_note_passes_every_check_and_says_where():
    found = review(WHOLE, about=ABOUT, subject="Two questions about weekly pay")
    assert found.ready
    assert {t.check: t.sentence for t in found.ticks} == PARTS


@pytest.mark.parametrize("left_out", list(Check))
def test_what_is_left_out_is_the_one_check_that_does_not_tick(left_out):
    text = "\n".join(part for check, part in PARTS.items() if check is not left_out)
    assert passed(review(text, about=ABOUT)) == set(Check) - {left_out}


def test_a_blank_of_its_own_ticks_in_any_language():
    found = review("Ich heiße Georg.", about=About(), said=list(Check), subject="Lohn")
    assert found.ready


def test_a_note_without_a_subject_is_not_ready():
    assert not review(WHOLE, about=ABOUT, subject="  ").ready


def test_one_hundred_and_twenty_words_and_not_one_more():
    text = " ".join(["word"] * MOST_WORDS)
    assert not review(text, about=ABOUT).too_long
    found = review(f"{text} more", about=ABOUT)
    assert found.too_long
    assert found.words == 121


def test_an_empty_note_ticks_nothing():
    found = review("", about=ABOUT)
    assert (found.words, passed(found)) == (0, set())


def test_a_life_story_in_one_sentence_does_not_say_who_i_am_in_one_line():
    assert not says_who_i_am("I am George and " + "then I did more and " * 10, ABOUT)
    assert says_who_i_am("George Hill, payroll lead near Leeds.", ABOUT)
    assert says_who_i_am("A payroll person from Leeds is looking around.", ABOUT)


def test_the_one_person_is_named_with_a_reason():
    assert not says_why_them("I would love to meet people in your network.", ABOUT)
    assert not says_why_them("Could you introduce me to Bob?", ABOUT)
    assert says_why_them("I read what Bob wrote on weekly pay.", ABOUT)
    assert says_why_them("Bob Hale is at Acme Personnel.", ABOUT)
    assert says_why_them("I heard José speak.", About(person="Jose Pérez"))


@pytest.mark.parametrize(
    ("sentence", "exact"),
    [
        ("Might he have fifteen minutes?", True),
        ("I have two questions about rotas.", True),
        ("A short call would do.", True),
        ("I'd love to pick his brain.", False),
        ("I want a job.", False),
    ],
)
def test_what_i_want_has_a_size(sentence, exact):
    assert says_what_i_want(sentence) is exact


@pytest.mark.parametrize(
    ("sentence", "gives"),
    [
        ("I’d gladly share my notes.", True),
        ("Happy to test the new form in return.", True),
        ("It might be useful to her team.", True),
        ("I need this badly.", False),
    ],
)
def test_what_they_get(sentence, gives):
    assert says_what_they_get(sentence) is gives


@pytest.mark.parametrize(
    ("sentence", "easy"),
    [
        ("No worries if it doesn't suit.", True),
        ("Feel free to say no.", True),
        ("I understand completely if he is busy.", True),
        ("Please answer by Friday.", False),
    ],
)
def test_a_no_is_made_easy(sentence, easy):
    assert makes_no_easy(sentence) is easy


def test_sentences_and_lines_are_told_apart():
    assert split("Hello Ann,\n\nI'm George. Two questions?  Thanks") == (
        "Hello Ann,",
        "I'm George.",
        "Two questions?",
        "Thanks",
    )


LINES = Lines(**{check.value: part for check, part in PARTS.items()})


def test_the_text_is_the_lines_in_order_and_leaves_empty_ones_out():
    assert LINES.text == f"{WHO} {WHY}\n\n{WANT} {GET}\n\n{NO}"
    assert Lines(what_i_want=f" {WANT} ").text == WANT
    assert Lines().text == ""


def test_lines_in_any_language_tick_once_they_say_something():
    german = Lines(
        who_i_am="Ich heiße Georg und plane Schichten.",
        why_them="Dana Weiß hat Nordwerk umgestellt.",
        what_i_want="Zwanzig Minuten am Telefon?",
        what_they_get="Meine Umfrage schicke ich gern.",
        easy_no="Ein Nein ist völlig in Ordnung.",
    )
    assert review_lines(german, about=About(person="Dana Weiß"), subject="Schichten").ready


@pytest.mark.parametrize(
    ("line", "text", "check"),
    [
        ("what_i_want", "Hello there", Check.WHAT_I_WANT),
        ("why_them", "Somebody at Acme does such good work.", Check.WHY_THEM),
        ("who_i_am", "word " * 31, Check.WHO_I_AM),
    ],
    ids=["two words", "nobody named", "thirty-one words about myself"],
)
def test_a_line_that_does_not_do_its_work_is_not_filled(line, text, check):
    assert check not in filled(Lines(**{line: text}), ABOUT)
    assert check in filled(LINES, ABOUT)
