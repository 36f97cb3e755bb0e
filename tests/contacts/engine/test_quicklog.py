import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.engine.names import fold, word_set
from contacts.engine.quicklog import Direction, Kind, Missing, Says, parse
from contacts.engine.recognition import How, Known, find, prepare

TODAY = date(2026, 11, 23)  # a Monday
PEOPLE = prepare(
    [
        Known(id="shirley", name="Shirley Okoro", last_contact_on=date(2026, 11, 9)),
        Known(id="lee", name="Ann Lee", last_contact_on=date(2026, 1, 5)),
        Known(id="fox", name="Ann Marie Fox", last_contact_on=date(2026, 6, 1)),
        Known(id="smith", name="Robert Smith"),
        Known(id="nunez", name="José Núñez"),
        Known(id="ivan", name="Иван Щербаков"),
        Known(id="wang", name="王 小明"),
        Known(id="will", name="Will Park"),
        Known(id="lum", name="Columba O’Brien-Smith, MBA", nickname="Lum"),
    ]
)


def read(text):
    return parse(text, people=PEOPLE, today=TODAY)


def ids(log):
    return [mention.person.id if mention.person else None for mention in log.who]


def test_the_line_of_the_design_gives_everything_it_says():
    log = read("coffee Shirley she suggested Bob at Acme >2w +gave survey")
    assert (log.kind, log.direction) == (Kind.MET, Direction.BOTH)
    assert ids(log) == ["shirley"]
    assert log.happened_on == TODAY
    assert log.their_on == date(2026, 12, 7)
    assert log.gives == ("survey",)
    assert [(o.who.text, o.organization) for o in log.offered] == [("Bob", "Acme")]
    assert log.note == "she suggested Bob at Acme"
    assert [chip.says for chip in log.chips] == [
        Says.WHAT,
        Says.WHO,
        Says.OFFERED,
        Says.THEIR_DATE,
        Says.GAVE,
    ]
    assert log.missing == ()


@pytest.mark.parametrize(
    ("text", "kind", "direction", "who", "note"),
    [
        ("emailed Ann Lee", Kind.WROTE, "out", ["lee"], ""),
        ("Wrote to ann lee about the role", Kind.WROTE, "out", ["lee"], "about the role"),
        ("heard back from ann lee on friday", Kind.HEARD_BACK, "in", ["lee"], ""),
        ("Shirley wrote she got the job", Kind.HEARD_BACK, "in", ["shirley"], "she got the job"),
        ("Shirley asked for my CV", Kind.ASKED, "in", ["shirley"], "my CV"),
        ("asked Shirley for coffee", Kind.ASKED, "out", ["shirley"], "for coffee"),
        ("gave bob smith a lead", Kind.GAVE, "out", ["smith"], "a lead"),
        ("called Will, busy week", Kind.SPOKE, "both", ["will"], "busy week"),
        ("Will called", Kind.SPOKE, "both", ["will"], ""),
        ("lunch with JOSE and ivan", Kind.MET, "both", ["nunez", "ivan"], ""),
        ("met Shirley, Will & José", Kind.MET, "both", ["shirley", "will", "nunez"], ""),
        ("王小明 coffee", Kind.MET, "both", ["wang"], ""),
        ("lunch Lum", Kind.MET, "both", ["lum"], ""),
        ("spoke to o'brien smith", Kind.SPOKE, "both", ["lum"], ""),
        (
            "had a really nice chat with Shirley about jobs",
            Kind.SPOKE,
            "both",
            ["shirley"],
            "had a really nice chat with Shirley about jobs",
        ),
    ],
)
def test_what_and_who_are_read_in_any_order(text, kind, direction, who, note):
    log = read(text)
    assert (log.kind, log.direction, ids(log), log.note) == (kind, direction, who, note)


@pytest.mark.parametrize(
    ("said", "on"),
    [
        ("2w", date(2026, 12, 7)),
        ("3d", date(2026, 11, 26)),
        ("1m", date(2026, 12, 23)),
        ("fri", date(2026, 11, 27)),
        ("mon", date(2026, 11, 30)),
        ("tomorrow", date(2026, 11, 24)),
        ("next week", date(2026, 11, 30)),
        ("10 Jan", date(2027, 1, 10)),
        ("Jan 10", date(2027, 1, 10)),
        ("10 Jan 2028", date(2028, 1, 10)),
        ("24 Nov", date(2026, 11, 24)),
        ("29 feb", date(2028, 2, 29)),
        ("2027-01-10", date(2027, 1, 10)),
        ("march", date(2027, 3, 1)),
        (" 2 weeks", date(2026, 12, 7)),
    ],
)
def test_their_date_is_read_from_the_words_behind_the_mark(said, on):
    log = read(f"coffee Shirley >{said} nice talk")
    assert (log.their_on, log.note) == (on, "nice talk")


@pytest.mark.parametrize("said", ["2020-01-01", "31 Feb", "soon", "999y", "2027-13-40"])
def test_a_date_that_cannot_be_is_said_to_be_unclear_and_stays_in_the_note(said):
    log = read(f"coffee Shirley >{said}")
    assert log.their_on is None
    assert Says.UNCLEAR in [chip.says for chip in log.chips]
    assert log.note == f">{said}"


@pytest.mark.parametrize(
    ("said", "on"),
    [
        ("", TODAY),
        ("yesterday", date(2026, 11, 22)),
        ("on monday", TODAY),
        ("last monday", date(2026, 11, 16)),
        ("on friday", date(2026, 11, 20)),
        ("2 days ago", date(2026, 11, 21)),
        ("a week ago", date(2026, 11, 16)),
        ("last night", date(2026, 11, 22)),
        ("on 2 Nov", date(2026, 11, 2)),
        ("on 24 Nov", date(2025, 11, 24)),
        ("2026-11-02", date(2026, 11, 2)),
    ],
)
@pytest.mark.parametrize(
    "text", ["{} coffee Shirley", "coffee Shirley {}", "coffee {} with Shirley"]
)
def test_the_day_it_happened_is_today_unless_said(text, said, on):
    log = read(text.format(said))
    assert (ids(log), log.kind, log.happened_on) == (["shirley"], Kind.MET, on)


def test_an_unknown_name_is_offered_for_adding():
    for text, name in [
        ("coffee Zelda Fitz about maps", "Zelda Fitz"),
        ("emailed zelda", "zelda"),
        ("met Shirley Brown", "Shirley Brown"),
        ("call with Ludwig van Beethoven", "Ludwig van Beethoven"),
    ]:
        [mention] = read(text).who
        assert (mention.text, mention.matches) == (name, ())


def test_words_that_are_no_names_are_not_taken_for_one():
    for text in ("coffee was nice", "call about the job", "", ">2w", "+gave", "...", "met"):
        assert read(text).who == ()


def test_two_people_of_one_name_are_both_shown_the_recent_one_first():
    [mention] = read("coffee Ann").who
    assert mention.person is None
    assert [match.person.id for match in mention.matches] == ["fox", "lee"]


@pytest.mark.parametrize(
    ("typed", "how"),
    [
        ("Shirley Okoro", How.WHOLE_NAME),
        ("Okoro, Shirley", How.WHOLE_NAME),
        ("shirley", How.GIVEN_NAME),
        ("OKORO", How.PART),
        ("shirl", How.SHORT_FORM),
        ("oko", How.BEGINNING),
        ("Shirely", How.MISSPELT),
        ("Shirley Okoru", How.MISSPELT),
    ],
)
def test_a_person_is_recognised_and_it_is_said_how(typed, how):
    [match] = find(PEOPLE, typed)
    assert (match.person.id, match.how) == ("shirley", how)


def test_a_misspelling_of_a_short_word_is_not_guessed():
    assert find(PEOPLE, "Lei") == ()
    assert find(PEOPLE, "Shurlay") == ()


def test_several_offered_names_keep_their_organizations():
    log = read("met Shirley; she introduced me to Carol Danvers from Kree Corp. and Dan at X")
    assert [(o.who.text, o.organization) for o in log.offered] == [
        ("Carol Danvers", "Kree Corp"),
        ("Dan", "X"),
    ]


def test_gives_and_asks_end_where_the_next_mark_begins():
    log = read("+asked for an intro to Tom +gave a book +gave feedback >2w Shirley")
    assert (log.asks, log.gives) == (("for an intro to Tom",), ("a book", "feedback"))
    assert (log.kind, log.their_on) == (Kind.GAVE, date(2026, 12, 7))


def test_what_is_missing_is_said():
    assert read("Shirley").missing == (Missing.WHAT,)
    assert read("coffee").missing == (Missing.WHO,)
    assert read("").missing == (Missing.WHO, Missing.WHAT)


WORDS = st.sampled_from(
    sorted(
        word_set(
            "coffee Shirley she suggested Bob at Acme >2w +gave survey > + >10 Jan , and & on "
            "friday yesterday Ann met to last 2 days ago introduced me Zelda from zelda +asked"
        )
    )
)
ANY_LINE = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=20).map(" ".join))


@given(ANY_LINE)
def test_any_text_gives_an_answer_whose_chips_lie_in_it(text):
    log = read(text)
    assert log.text == text
    for chip in log.chips:
        assert 0 <= chip.start < chip.end <= len(text)
        assert text[chip.start : chip.end] == chip.text
    for mention in log.who:
        assert text[mention.start : mention.end] == mention.text


@given(ANY_LINE)
def test_nothing_typed_is_lost(text):
    """Every word is in the note, or under a chip, or one of the small words of the head."""
    log = read(text)
    kept = set(log.note.split())
    for chip in log.chips:
        kept |= set(chip.text.split())
    small = word_set(
        "with to from and the a an had have has i we just also again by via over on my got "
        "quick short long nice good great brief first second another both some time today "
        "finally y et e und plus"
    )
    for word in text.split():
        bare = word.strip("\"'“”‘’«»()[]{}<>¿¡*_-–—.,;:!?…&+")
        if any(map(str.isalnum, bare)) and fold(bare) not in small:
            assert any(bare in piece for piece in kept), (bare, log)


@given(ANY_LINE)
def test_reading_the_note_again_adds_no_marks(text):
    again = read(read(text).note)
    assert again.gives == again.asks == ()


def test_thirty_thousand_people_are_searched_in_milliseconds():
    given_names = [f"{a}{b}{c}" for a in "BDKLMNRS" for b in "aeiou" for c in ("na", "ri", "los")]
    people = prepare(
        Known(id=str(n), name=f"{given_names[n % 120].title()} {given_names[n // 120 % 120]}{n}")
        for n in range(30_000)
    )
    best = min(
        _timed(people, line) for line in ["coffee Banna she suggested Karlos at Acme >2w"] * 5
    )
    assert best < 0.05


def _timed(people, line):
    start = time.perf_counter()
    parse(line, people=people, today=TODAY)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    ("text", "who", "introduced"),
    [
        ("Shirley introduced me to Bob Hale", "Bob Hale", True),
        ("coffee Shirley, she put me in touch with Dana", "Dana", True),
        ("coffee Shirley, she suggested Bob", "Bob", False),
        ("asked Shirley for advice, she mentioned Bob", "Bob", False),
    ],
)
def test_an_introduction_made_is_told_from_a_name_given(text, who, introduced):
    (offered,) = read(text).offered
    assert (offered.who.text, offered.introduced) == (who, introduced)


def test_what_is_asked_for_is_not_yet_given():
    assert read("asked Shirley for an intro to Dana").offered == ()


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("Shirley said after 10 January", date(2027, 1, 10)),
        ("called Will, he is away until March", date(2027, 3, 1)),
        ("Shirley wrote back, busy until next month", date(2026, 12, 1)),
        ("coffee Shirley, after 10 January we talked of skis", None),
        ("coffee Shirley she said after 10 January >2w", date(2026, 12, 7)),
    ],
)
def test_a_day_they_named_is_read_behind_a_cue_and_a_marker_wins(text, on):
    assert read(text).their_on == on


@pytest.mark.parametrize(
    ("text", "besides"),
    [
        ("thanked Shirley for the coffee", {"thanked"}),
        ("wrote Shirley, told her how it went with Lee", {"reported"}),
        ("told Shirley what came of the survey", {"reported"}),
        ("met Shirley, told her what I'm looking for", {"told_target"}),
        ("gave Shirley the survey I made", {"showed_work"}),
        ("coffee Shirley", set()),
    ],
)
def test_what_it_was_besides_is_read_from_the_words(text, besides):
    assert read(text).besides == besides
