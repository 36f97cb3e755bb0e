"""Every reason of the engine is one short, kind sentence that names only what was recorded."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import translation

from followups import why
from followups.engine.cadence import Purpose, Rule
from netcrm.settings.base import BASE_DIR

TODAY = date(2026, 11, 17)
EVERYBODY = why.People(name="Shirley", introducer="Bill", other="Bob", promise="send the paper")
ENGINE = BASE_DIR / "followups" / "engine"
# ux.md 5: words that make friends into customers, and days into debts.
FORBIDDEN = (
    "crm|leads?|prospects?|pipelines?|funnels?|leverage|scores?|overdue|streaks?|failed|ghosted"
    "|owes?|cold|ai|target"
)


def strings_of(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    nodes = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return [value for value in nodes if isinstance(value, str)]


def every_code() -> list[str]:
    found = {
        text
        for path in ENGINE.glob("*.py")
        for text in strings_of(path)
        if re.fullmatch(r"date\.[a-z_]+", text)
    }
    return sorted(found)


def every_setting() -> set[str]:
    text = " ".join(path.read_text() for path in ENGINE.glob("*.py"))
    return set(re.findall(r'setting="([a-z_]+)"', text))


# Everything any reason tells, by its name in the engine.
FACTS = {
    name: (TODAY - timedelta(days=15)).isoformat()
    for name in ("last_on", "added_on", "wrote_on", "heard_on", "made_on", "met_on", "since_on")
} | {
    "given_on": TODAY.isoformat(),
    "on": (TODAY - timedelta(days=2)).isoformat(),
    "date": (TODAY + timedelta(days=9)).isoformat(),
    "unanswered": 2,
    "tag": "mentors",
    "days": 30,
}


def test_a_first_word_says_how_the_person_came_to_be_known():
    added, connected = (
        why.sentence("date.first_contact", {fact: "2023-11-17"}, people=EVERYBODY, today=TODAY)
        for fact in ("added_on", "connected_on")
    )
    assert added.startswith("You added Shirley three years ago and have not been in touch yet;")
    assert connected.startswith("You connected with Shirley three years ago and nothing is written")


def test_the_engine_has_codes_to_say():
    assert len(every_code()) > 25


@pytest.mark.parametrize("code", every_code())
def test_every_code_has_a_sentence_of_its_own(code):
    told = why.sentence(code, FACTS, people=EVERYBODY, today=TODAY)
    assert told != why.sentence("no.such.code", FACTS, people=EVERYBODY, today=TODAY)


def every_sentence() -> list[str]:
    later = TODAY + timedelta(days=30)
    codes = [*every_code(), *why.SENTENCES, "date.spread"]
    said = {why.sentence(c, FACTS, people=EVERYBODY, today=TODAY) for c in codes}
    said |= {
        why.sentence(c, FACTS, people=EVERYBODY, today=TODAY, opens_on=later) for c in why.EARLY
    }
    come = FACTS | {"date": (TODAY - timedelta(days=1)).isoformat()}
    said |= {why.sentence(c, come, people=EVERYBODY, today=TODAY) for c in why.COME}
    return sorted(said)


@pytest.mark.parametrize("told", every_sentence())
def test_a_sentence_is_short_whole_and_names_everything(told):
    assert len(told.split()) <= why.WORDS_AT_MOST
    assert told.endswith(".")
    assert told.count(".") == 1
    assert "%(" not in told
    assert "!" not in told


@pytest.mark.parametrize("purpose", list(Purpose))
def test_every_purpose_says_what_to_do(purpose):
    told = why.do_line(purpose.value, FACTS, people=EVERYBODY, today=TODAY)
    assert told != why.do_line("unknown", FACTS, people=EVERYBODY, today=TODAY)
    assert "%(" not in told
    assert not told.endswith(".")


@pytest.mark.parametrize("rule", [r for r in Rule if r is not Rule.NO_CONTACT])
def test_every_rule_says_what_it_does(rule):
    assert rule.name.lower() in why.RULES


def test_every_setting_says_what_it_would_change():
    assert every_setting() - why.SETTINGS.keys() == set()


def test_a_row_of_another_version_still_speaks():
    told = why.sentence("date.window_best", {}, people=why.People(name="Lee"), today=TODAY)
    assert told == "A word to Lee is usually welcome about now."


def test_numbers_and_days_are_said_as_people_say_them():
    told = why.sentence("date.resting", FACTS, people=EVERYBODY, today=TODAY)
    assert told.startswith("The last two notes had no answer, so Shirley rests until 26 November")


def told_of_a_day(code, *, days):
    day = (TODAY + timedelta(days=days)).isoformat()
    return why.sentence(code, FACTS | {"date": day}, people=EVERYBODY, today=TODAY)


@pytest.mark.parametrize("code", ["date.too_soon", "date.resting", "date.theirs"])
def test_no_sentence_waits_for_a_day_that_has_come(code):
    waits = re.compile("until|before then")
    assert waits.search(told_of_a_day(code, days=1))
    assert not waits.search(told_of_a_day(code, days=0))


def test_the_last_good_day_is_not_over_before_it_ends():
    assert told_of_a_day("date.window_closing", days=0).startswith("After today")
    assert told_of_a_day("date.window_closing", days=-1).startswith("Since yesterday")


def test_a_name_with_a_percent_sign_breaks_nothing():
    odd = why.People(name="100%(name)s", introducer="%s", other="%%")
    assert "100%(name)s" in why.sentence("date.thanks", FACTS, people=odd, today=TODAY)


def words_of_templates() -> list[tuple[str, str]]:
    found = []
    for path in (BASE_DIR / "templates" / "followups").glob("*.html"):
        text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)
        tagged = re.findall(r'{% translate ["\'](.*?)["\']', text)
        blocks = re.findall(r"{% blocktranslate.*?%}(.*?){% endblocktranslate", text, flags=re.S)
        found += [(path.name, words) for words in tagged + blocks]
    return found


GETTEXT = {"_", "gettext_lazy", "ngettext", "pgettext", "ngettext_lazy"}


def words_of_code() -> list[tuple[str, str]]:
    names = (
        "why.py",
        "forms.py",
        "views.py",
        "models.py",
        "selectors/steps.py",
        "services/acts.py",
    )
    return [
        (name, part.value)
        for name in names
        for node in ast.walk(ast.parse((BASE_DIR / "followups" / name).read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in GETTEXT
        for part in node.args
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


@pytest.mark.parametrize(("place", "words"), words_of_templates() + words_of_code())
def test_no_word_scolds_or_sells(place, words):
    assert not re.search(rf"\b({FORBIDDEN})\b", words, flags=re.IGNORECASE), place


def test_sentences_can_be_translated_whole():
    with translation.override("en"):
        assert "%(name)s" in str(why.SENTENCES["date.thanks"])
