"""Which of the people a user has do a few typed words mean?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from contacts.engine.names import edits, fold, latin, name_words, short_forms

_MATCHES = 8  # candidates kept for one mention


class How(IntEnum):
    """How a mention fits a person, best first."""

    WHOLE_NAME = 1
    NICKNAME = 2  # what the user calls them
    GIVEN_NAME = 3
    PART = 4  # another word of the name
    SHORT_FORM = 5  # Bob for Robert
    BEGINNING = 6  # Shir
    MISSPELT = 7  # Shirely


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody the user has already, as much as is needed to recognise them."""

    id: str
    name: str
    nickname: str = ""
    last_contact_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    person: Known
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleIndex:
    """Everybody the user has, prepared so that one line is read in milliseconds."""

    people: tuple[Known, ...]
    names: tuple[tuple[str, ...], ...]  # the words of each name
    whole: dict[str, tuple[int, ...]]  # whole name, in both orders → people
    nicknames: dict[str, tuple[int, ...]]
    words: dict[str, tuple[int, ...]]  # one word of a name → people
    sorted_words: tuple[str, ...]
    shortened: dict[str, tuple[str, ...]]  # a word with one letter left out → such words


_NO_PEOPLE = ()


def prepare(people: Iterable[Known]) -> PeopleIndex:
    """Build the index.  About 15 µs a person; keep the value as long as the people."""
    everybody = tuple(people)
    names: list[tuple[str, ...]] = []
    whole: dict[str, list[int]] = {}
    nicknames: dict[str, list[int]] = {}
    words: dict[str, list[int]] = {}
    for number, person in enumerate(everybody):
        own = name_words(person.name)
        names.append(own)
        spellings = [own]
        romanised = tuple(latin(word) for word in own)
        if romanised != own:
            spellings.append(romanised)
        for spelling in spellings:
            whole.setdefault(" ".join(spelling), []).append(number)
            if len(spelling) > 1:
                whole.setdefault(" ".join(spelling[1:] + spelling[:1]), []).append(number)
                if not spelling[0].isascii():
                    whole.setdefault("".join(spelling), []).append(number)
            for word in set(spelling):
                words.setdefault(word, []).append(number)
        if person.nickname:
            nicknames.setdefault(fold(person.nickname), []).append(number)
    shortened: dict[str, set[str]] = {}
    for word in words:
        if 4 <= len(word) <= 30:
            for form in _one_letter_less(word):
                shortened.setdefault(form, set()).add(word)
    return PeopleIndex(
        people=everybody,
        names=tuple(names),
        whole={key: tuple(value) for key, value in whole.items()},
        nicknames={key: tuple(value) for key, value in nicknames.items()},
        words={key: tuple(value) for key, value in words.items()},
        sorted_words=tuple(sorted(words)),
        shortened={key: tuple(value) for key, value in shortened.items()},
    )


def _one_letter_less(word: str) -> set[str]:
    forms = {word[:i] + word[i + 1 :] for i in range(len(word))}
    forms.add(word)
    return forms


def find(index: PeopleIndex, text: str, *, loosely: bool = True) -> tuple[Match, ...]:
    """Return who a few words may mean, best first; the most recently spoken to before others.

    Every word must fit the same person.  ``loosely`` also takes beginnings (three letters) and
    misspellings (one letter in four to seven, two in eight and more).
    """
    folded = fold(text)
    wanted = folded.split()
    if not wanted or len(wanted) > 6:
        return ()
    found: dict[int, How] = {}
    for key in {folded, latin(folded)}:
        for number in index.whole.get(key, _NO_PEOPLE):
            found[number] = How.WHOLE_NAME
        for number in index.nicknames.get(key, _NO_PEOPLE):
            found.setdefault(number, How.NICKNAME)
    if not found or len(wanted) == 1:
        by_word = [_fitting(index, word, loosely) for word in wanted]
        fewest = min(by_word, key=len)
        for number in fewest:
            hows = [fits.get(number) for fits in by_word]
            if None in hows:
                continue
            how = max(how for how in hows if how is not None)
            if number not in found or how < found[number]:
                found[number] = how
    matches = [Match(person=index.people[number], how=how) for number, how in found.items()]
    matches.sort(key=_best_first)
    return tuple(matches[:_MATCHES])


def _best_first(match: Match) -> tuple[int, int, str, str]:
    on = match.person.last_contact_on
    return match.how, -on.toordinal() if on else 0, match.person.name, match.person.id


def _fitting(index: PeopleIndex, word: str, loosely: bool) -> dict[int, How]:
    fits: dict[int, How] = {}

    def take(spelling: str, how: How) -> None:
        for number in index.words.get(spelling, _NO_PEOPLE):
            better = how
            if how is How.PART and latin(index.names[number][0]) == latin(spelling):
                better = How.GIVEN_NAME
            if number not in fits or better < fits[number]:
                fits[number] = better

    for spelling in {word, latin(word)}:
        take(spelling, How.PART)
    for other in short_forms(word):
        if other != word:
            for number in index.words.get(other, _NO_PEOPLE):
                if index.names[number][0] == other:
                    fits.setdefault(number, How.SHORT_FORM)
    if not loosely:
        return fits
    if not fits and len(word) >= 3:
        start = bisect_left(index.sorted_words, word)
        for spelling in index.sorted_words[start : start + 40]:
            if not spelling.startswith(word):
                break
            take(spelling, How.BEGINNING)
    if not fits and 4 <= len(word) <= 30:
        limit = 1 if len(word) < 8 else 2
        near = {
            spelling
            for form in _one_letter_less(word)
            for spelling in index.shortened.get(form, ())
        }
        for spelling in sorted(near):
            if edits(word, spelling, limit) <= limit:
                take(spelling, How.MISSPELT)
    return fits
