"""The one-line log: what happened, with whom, and what they said about the next time.

``coffee Shirley she suggested Bob at Acme >2w +gave survey`` becomes a kind, people, a date
they gave, things given and asked, names they offered, and the note that is left.  Nothing here
is certain: every reading carries the place in the text it came from, to be shown before saving.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from contacts.engine.days import MONTHS
from contacts.engine.names import fold, word_set
from contacts.engine.recognition import How, Known, Match, PeopleIndex, find
from contacts.engine.typed_days import WEEKDAYS, day_gone_by, day_to_come

LINE_CHARS = 2_000  # what is parsed; the rest of a longer text goes into the note as it is


class Kind(StrEnum):
    """What happened, from the user's side."""

    WROTE = "wrote"
    SPOKE = "spoke"
    MET = "met"
    HEARD_BACK = "heard_back"
    GAVE = "gave"
    ASKED = "asked"


class Direction(StrEnum):
    OUT = "out"
    IN = "in"
    BOTH = "both"


class Missing(StrEnum):
    WHO = "who"
    WHAT = "what"


class Besides(StrEnum):
    """What an exchange was besides, as its words say."""

    TOLD_TARGET = "told_target"  # they heard what the user looks for
    SHOWED_WORK = "showed_work"  # they saw a piece of the user's work
    REPORTED = "reported"  # they heard what came of it
    THANKED = "thanked"


class Says(StrEnum):
    """What a chip stands for."""

    WHO = "who"
    WHAT = "what"
    HAPPENED_ON = "happened_on"
    THEIR_DATE = "their_date"
    GAVE = "gave"
    ASKED = "asked"
    OFFERED = "offered"
    INTRODUCED = "introduced"
    BESIDES = "besides"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Words that name somebody.  No ``matches``: an unknown name, to offer for adding."""

    text: str
    start: int
    end: int
    matches: tuple[Match, ...] = ()  # best first, then the most recently spoken to

    @property
    def person(self) -> Known | None:
        """The one person meant, or None when nobody or several fit equally well."""
        if not self.matches or (self.matches[0].how is How.MISSPELT and len(self.matches) > 1):
            return None
        best = [match for match in self.matches if match.how is self.matches[0].how]
        return best[0].person if len(best) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A name they gave the user, perhaps with where that person works.

    ``introduced`` when they put the two in touch already, not only named somebody.
    """

    who: Mention
    organization: str = ""
    introduced: bool = False
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing read out of the text, to be shown before saving.

    ``value`` is the person's id, the kind, an ISO day, or the words themselves.
    """

    says: Says
    text: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedLog:
    """Everything read out of one line.  Positions count characters of ``text``."""

    text: str
    kind: Kind | None
    direction: Direction | None
    who: tuple[Mention, ...]
    happened_on: date
    their_on: date | None
    gives: tuple[str, ...]
    asks: tuple[str, ...]
    offered: tuple[Offered, ...]
    besides: frozenset[Besides]
    note: str
    chips: tuple[Chip, ...]

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What still has to be said before this can be saved."""
        lacks = []
        if not self.who:
            lacks.append(Missing.WHO)
        if self.kind is None:
            lacks.append(Missing.WHAT)
        return tuple(lacks)


_KINDS: dict[Kind, str] = {
    Kind.WROTE: (
        "wrote|write|written|emailed|email|e mailed|e mail|mailed|mail|messaged|message|texted|"
        "text|sms|dm|dmed|pinged|sent|dropped a line|whatsapp|whatsapped|thanked|thank you note|"
        "thank you card|followed up|follow up|nudged|nudge|letter|card|left a message|voicemail|"
        "left voicemail|left a voicemail|posted|inmail|replied to|answered to|wrote to|"
        "emailed to|forwarded"
    ),
    Kind.SPOKE: (
        "spoke|spoken|speak|talked|talk|called|call|phoned|phone|rang|ring|phone call|"
        "zoom|zoomed|zoom call|skype|skyped|facetime|video|video call|chat|chatted|caught up|"
        "catch up|catchup|catch up call|teams call|conversation|informational interview"
    ),
    Kind.MET: (
        "met|meet|met up|meeting|coffee|lunch|dinner|breakfast|brunch|drinks|drink|beer|tea|"
        "visit|visited|saw|seen|interview|interviewed|walk|ran into|bumped into|"
        "had coffee|had lunch|had dinner|met for coffee|met for lunch|coffee chat|sat down"
    ),
    Kind.HEARD_BACK: (
        "heard|heard back|heard from|heard back from|replied|reply|reply from|answered|answer|"
        "answer from|wrote back|got back|got back to me|came back|responded|response|"
        "response from|got a reply|got a reply from|got reply|got an answer|email from|"
        "message from|called back|wrote me|emailed me|texted me|messaged me|written back|"
        "got an email from|got a message from|text from|letter from|said|says"
    ),
    Kind.GAVE: "gave|give|given|helped|shared|volunteered",
    Kind.ASKED: "asked|ask|requested|asked for|begged",
}
_KIND_OF = {
    tuple(fold(phrase).split()): kind for kind, row in _KINDS.items() for phrase in row.split("|")
}
_LONGEST_KIND = max(map(len, _KIND_OF))
_DIRECTIONS = {
    Kind.WROTE: Direction.OUT,
    Kind.SPOKE: Direction.BOTH,
    Kind.MET: Direction.BOTH,
    Kind.HEARD_BACK: Direction.IN,
    Kind.GAVE: Direction.OUT,
    Kind.ASKED: Direction.OUT,
}
# Verbs that, behind a name, say what that person did: "Ann wrote" was not the user.
_THEY_WROTE = word_set("wrote emailed texted messaged pinged mailed dmed whatsapped")
_THEY_DID = {Kind.GAVE: frozenset({"gave"}), Kind.ASKED: frozenset({"asked"})}

_FILLERS = word_set(
    "with to from and the a an had have has i ive we just also again by via over on my got "
    "quick short long nice good great brief first second another both some time today finally"
)
_CONNECTORS = word_set("and und y et e with plus")
# Words that never are somebody's name when written small.
_COMMON = word_set(
    "a about above after again against all am an and any are as at be because been before being "
    "below between both but by can could did do does doing done down during each few for "
    "further get gets getting go goes going gone good got had has have having he her here hers "
    "him his how i if im in into is it its ive just let like lot lots made make many me more "
    "most much my need needs new next no nor not nothing now of off on once one only or other "
    "our ours out over own re same she shes should so some soon still such than that thats the "
    "their theirs them then there these they theyre this those through till to too under until "
    "up us very via want wants was we week weeks well went were what when where which while who "
    "whom why will with would yes yet you your yours job jobs work role team company people "
    "person someone somebody everyone everybody nobody friend friends email phone zoom coffee "
    "lunch dinner call meeting today tomorrow yesterday morning afternoon evening tonight day "
    "days month months year years later early late back really great nice long short quick "
    "interesting helpful useful feedback advice help info details offer interview resume cv "
    "maybe perhaps also around online downtown home office park via per asap etc ok okay thanks "
    "thank said says say told tell asked ask gave give suggested mentioned recommended"
)
_PARTICLES = word_set(
    "de da di del della der den van von zu la le du dos das bin ibn al el ben ter st mac mc o y e i"
)


@dataclass(frozen=True, slots=True)
class _Word:
    raw: str
    folded: str  # may be empty: punctuation
    start: int
    end: int
    ends_phrase: bool  # punctuation stands behind it

    @property
    def capital(self) -> bool:
        """Written like a name: a capital in front, or a script that knows no capitals."""
        first = next((mark for mark in self.raw if mark.isalpha()), "")
        return bool(first) and (first.isupper() or first.istitle() or not first.islower())


_TOKEN = re.compile(r"\S+")
_LEADING = "\"'“”‘’«»([{¿¡*_-–—.,;:!?"
_TRAILING = "\"'“”‘’«»)]}*_-–—.,;:!?…"


def _words(text: str, start: int, end: int) -> list[_Word]:
    words = []
    for token in _TOKEN.finditer(text, start, end):
        raw = token[0]
        core = raw.lstrip(_LEADING)
        begin = token.start() + len(raw) - len(core)
        stripped = core.rstrip(_TRAILING)
        if len(stripped) >= 2 and stripped[-2:].lower() in ("'s", "’s"):
            stripped = stripped[:-2]
        if not stripped:
            stripped, begin = raw, token.start()
        words.append(
            _Word(
                raw=stripped,
                folded=fold(stripped),
                start=begin,
                end=begin + len(stripped),
                ends_phrase=core[len(stripped) :][:1] in tuple(",.;:!?)…–—-") and core != stripped,
            )
        )
    return words


_MARKER = re.compile(r"(?<!\S)(?:>|\+)(?=\S)|(?<!\S)>(?=\s+\S)")
_PLUS = re.compile(r"\+(gave|give|given|asked|ask|asking)\b[:,]?\s*", re.IGNORECASE)

_OFFER_WORDS = (
    "suggested|suggests|suggest|recommended|recommends|mentioned|mentions|offered|named|"
    "referred|introduced me to|introduce me to|introducing me to|intro to|an intro to|"
    "introduction to|introd me to|connected me with|connected me to|connect me with|"
    "connect me to|put me in touch with|referred me to|refer me to|pointed me to|"
    "told me about|talk to|speak to|speak with|talk with|gave me the name of|should meet|"
    "reach out to|get in touch with"
)
_INTRODUCED_WORDS = (
    "introduced me to|introd me to|connected me with|connected me to|put me in touch with"
)
# What somebody is asked for is not yet given: "asked Ann for an intro to Dana".
_ASKED_FOR_WORDS = (
    "introduce me to|intro to|an intro to|introduction to|connect me with|connect me to|"
    "refer me to|talk to|speak to|speak with|talk with|reach out to|get in touch with"
)
_INTRODUCTIONS = frozenset(tuple(phrase.split()) for phrase in _INTRODUCED_WORDS.split("|"))
_ASKED_FOR = frozenset(tuple(phrase.split()) for phrase in _ASKED_FOR_WORDS.split("|"))
_OFFERS = frozenset(tuple(phrase.split()) for phrase in _OFFER_WORDS.split("|"))
_LONGEST_OFFER = max(map(len, _OFFERS))
_AFTER_OFFER = word_set(
    "i we me that to a an the my meeting talking calling with contacting writing speaking reach "
    "out contact write talk speak call meet seeing her his their friend colleague boss manager "
    "cousin brother sister name of introduce introducing intro introduction and about should "
    "could might try former old"
)
_DAY_OPENERS = word_set("after from until till before in on")
_DAY_CUES = word_set(
    "said says wants wanted asked told suggested busy away back free available off not holiday"
)
_BESIDES = {
    Besides.THANKED: re.compile(r"\bthank(?:s|ed|ing|[ -]you)?\b", re.IGNORECASE),
    Besides.REPORTED: re.compile(
        r"\breported(?: back)?\b|\bclosed the loop\b|\bwhat (?:came|became) of\b"
        r"|\b(?:told|tell|wrote|know|update[sd]?)\b[^.;!?]{0,25}\bhow (?:it|things|the \w+) went\b",
        re.IGNORECASE,
    ),
    Besides.TOLD_TARGET: re.compile(
        r"\bwhat I(?:['’]?m| am) looking for\b|\bmy (?:target|search|target line)\b",
        re.IGNORECASE,
    ),
    Besides.SHOWED_WORK: re.compile(
        r"\bmy (?:own )?(?:work|portfolio|survey|report|project|design|article|draft|demo)\b"
        r"|\bthe \w+ I (?:made|wrote|built|drew|designed|did)\b",
        re.IGNORECASE,
    ),
}
_ORG_WORDS = word_set("at from of @")
_ORG_STOPS = word_set(
    "and to for who because about re on but she he they so then when which in by as with i we "
    "they've theyre is was will would said says also next if"
)


class _Line:
    """One line while it is being read."""

    def __init__(self, text: str, index: PeopleIndex, today: date) -> None:
        self.text = text
        self.index = index
        self.today = today
        self.chips: list[Chip] = []
        self.kind: Kind | None = None
        self.direction: Direction | None = None
        self.who: list[Mention] = []
        self.happened_on: date | None = None
        self.their_on: date | None = None
        self.gives: list[str] = []
        self.asks: list[str] = []
        self.offered: list[Offered] = []
        self.marked: list[tuple[int, int]] = []  # stretches that markers took
        self.unread: list[tuple[int, int]] = []  # markers not understood: they stay in the note

    def chip(self, says: Says, value: str, start: int, end: int) -> None:
        self.chips.append(
            Chip(says=says, text=self.text[start:end], value=value, start=start, end=end)
        )

    # Markers: >date, +gave, +asked

    def markers(self) -> None:
        starts = [found.start() for found in _MARKER.finditer(self.text)]
        for start, end in pairwise([*starts, len(self.text)]):
            if self.text[start] == ">":
                self._their_date(start, end)
            else:
                self._plus(start, end)

    def _their_date(self, start: int, end: int) -> None:
        words = _words(self.text, start + 1, end)
        found = day_to_come([word.raw for word in words], self.today)
        if found is None:
            if words:
                self.unread.append((start, words[0].end))
                self.chip(Says.UNCLEAR, words[0].raw, start, words[0].end)
            return
        on, taken = found
        last = words[taken - 1].end
        self.marked.append((start, last))
        self.their_on = on
        self.chip(Says.THEIR_DATE, on.isoformat(), start, last)

    def _plus(self, start: int, end: int) -> None:
        found = _PLUS.match(self.text, start, end)
        if not found:
            return
        stop = start + len(self.text[start:end].rstrip())
        said = self.text[found.end() : stop].strip()
        gave = found[1].lower().startswith("g")
        (self.gives if gave else self.asks).append(said)
        self.marked.append((start, max(stop, found.end())))
        self.chip(Says.GAVE if gave else Says.ASKED, said, start, max(stop, found.end()))

    def free_words(self) -> list[_Word]:
        """The words no marker took."""
        words: list[_Word] = []
        at = 0
        for start, end in [*sorted(self.marked + self.unread), (len(self.text), len(self.text))]:
            words.extend(_words(self.text, at, start))
            at = max(at, end)
        return words

    # The head: what, who and when, in any order, before the note

    def head(self, words: list[_Word]) -> int:
        """Read the words up to the note.  Return how many belong to the head."""
        at = after = 0
        joined = True  # a person may follow: nobody yet, or "and" was said
        while at < len(words):
            taken = self._day(words, at) or self._kind(words, at)
            if taken:
                at += taken
                after = at
                continue
            if joined:
                taken = self._person(words, at)
                if taken:
                    at += taken
                    after = at
                    joined = words[at - 1].ends_phrase and self._names_next(words, at)
                    continue
            word = words[at]
            if self.who and (word.folded in _CONNECTORS or word.raw in ("&", "+")):
                if not self._names_next(words, at + 1):
                    break
                joined = True
                at += 1
            elif (
                word.folded in _FILLERS or not word.folded
            ) and not (self.who and self.kind):  # fmt: skip
                at += 1
            else:
                break
        return after

    def _day(self, words: list[_Word], at: int) -> int:
        if self.happened_on is not None:
            return 0
        found = day_gone_by([word.raw for word in words[at : at + 4]], self.today)
        if found is None:
            return 0
        on, taken = found
        self.happened_on = on
        self.chip(Says.HAPPENED_ON, on.isoformat(), words[at].start, words[at + taken - 1].end)
        return taken

    def _kind(self, words: list[_Word], at: int) -> int:
        if self.kind is not None:
            return 0
        found = _kind_at(words, at)
        if found is None:
            return 0
        kind, taken = found
        said = words[at].folded
        direction = _DIRECTIONS[kind]
        if self.who and said in _THEY_WROTE:
            kind, direction = Kind.HEARD_BACK, Direction.IN
        elif self.who and said in _THEY_DID.get(kind, ()):
            direction = Direction.IN
        self.kind, self.direction = kind, direction
        self.chip(Says.WHAT, kind.value, words[at].start, words[at + taken - 1].end)
        return taken

    def _names_next(self, words: list[_Word], at: int) -> bool:
        """Whether the words here name somebody; asked before "and" is taken as joining."""
        if at >= len(words):
            return False
        word = words[at]
        if word.folded in _COMMON and not word.capital:
            return False
        return word.capital or bool(find(self.index, word.raw, loosely=False))

    def _person(self, words: list[_Word], at: int) -> int:
        mention, taken = self._mention(words, at, expected=self.kind is not None)
        if mention is None:
            return 0
        if any(
            mention.person and other.person and mention.person.id == other.person.id
            for other in self.who
        ):
            return taken
        self.who.append(mention)
        person = mention.person
        self.chip(Says.WHO, person.id if person else "", mention.start, mention.end)
        return taken

    def _mention(
        self, words: list[_Word], at: int, *, expected: bool
    ) -> tuple[Mention | None, int]:
        """Read a name here: the most words that fit one person, else an unknown name."""
        word = words[at]
        if not word.folded or (word.folded in _COMMON and not word.capital):
            return None, 0
        if word.folded in _COMMON | _FILLERS and not find(self.index, word.raw, loosely=False):
            return None, 0
        most = 1
        while most < 4 and at + most < len(words) and not words[at + most - 1].ends_phrase:
            most += 1
        for taken in range(most, 0, -1):
            last = words[at + taken - 1]
            if taken > 1 and (not last.folded or (last.folded in _COMMON and not last.capital)):
                continue
            text = self.text[word.start : last.end]
            loosely = taken == 1 and (expected or word.capital)
            matches = find(self.index, text, loosely=loosely)
            if not matches and taken > 1 and all(w.capital for w in words[at : at + taken]):
                matches = find(self.index, text)
            if matches:
                # "Shirley Smith" when only Shirley Okoro is known is somebody new.
                if taken == 1 and self._surname_follows(words, at + 1, most):
                    break
                return self._as_mention(words, at, taken, matches), taken
        if word.capital:
            taken = 1
            while (
                taken < most
                and (words[at + taken].capital or words[at + taken].folded in _PARTICLES)
                and words[at + taken].folded not in _COMMON
                and _kind_at(words, at + taken) is None
            ):
                taken += 1
            while taken > 1 and not words[at + taken - 1].capital:
                taken -= 1
            if expected or taken > 1 or at > 0 or len(words) == 1 or _kind_at(words, at + 1):
                return self._as_mention(words, at, taken, ()), taken
            return None, 0
        if expected and not self.who and word.folded.isalpha() and len(word.folded) > 1:
            return self._as_mention(words, at, 1, ()), 1
        return None, 0

    def _surname_follows(self, words: list[_Word], at: int, most: int) -> bool:
        if most < 2 or at >= len(words):
            return False
        word = words[at]
        cased = any(mark.isupper() for mark in word.raw[:1])
        return cased and word.folded not in _COMMON and _kind_at(words, at) is None and (
            word.folded not in WEEKDAYS and word.folded not in MONTHS
        )  # fmt: skip

    def _as_mention(
        self, words: list[_Word], at: int, taken: int, matches: tuple[Match, ...]
    ) -> Mention:
        start, end = words[at].start, words[at + taken - 1].end
        return Mention(text=self.text[start:end], start=start, end=end, matches=matches)

    # A sentence instead of a head

    def sentence(self, words: list[_Word]) -> None:
        """Find what and who anywhere, when the line is written as a sentence."""
        for at in range(len(words)):
            if self.kind is None and at < 12:
                self._kind(words, at)
            self._day(words, at)
        if self.who:
            return
        for at, word in enumerate(words):
            if at and words[at - 1].folded in ("with", "to", "from", "met", "saw", "called"):
                mention, taken = self._mention(words, at, expected=False)
            elif word.capital and word.folded not in _COMMON:
                matches = find(self.index, word.raw, loosely=False)
                mention, taken = self._mention(words, at, expected=False) if matches else (None, 0)
            else:
                continue
            if mention is not None and taken:
                self.who.append(mention)
                person = mention.person
                self.chip(Says.WHO, person.id if person else "", mention.start, mention.end)
                return

    # Days they named and what else it was, in the words of the note

    def day_named(self, words: list[_Word]) -> None:
        """Read "said after 10 January", "away until March": a cue, and a day close behind it."""
        if self.their_on is not None:
            return
        for at, word in enumerate(words):
            if word.folded not in _DAY_OPENERS:
                continue
            if not any(before.folded in _DAY_CUES for before in words[max(at - 5, 0) : at]):
                continue
            found = day_to_come([later.raw for later in words[at + 1 :][:4]], self.today)
            if found:
                self.their_on = found[0]
                end = words[at + found[1]].end
                self.chip(Says.THEIR_DATE, found[0].isoformat(), word.start, end)
                return

    def also(self) -> frozenset[Besides]:
        found = set()
        for besides, pattern in _BESIDES.items():
            match = pattern.search(self.text)
            if match:
                found.add(besides)
                self.chip(Says.BESIDES, besides.value, *match.span())
        return frozenset(found)

    # Names they offered

    def offers(self, words: list[_Word]) -> None:
        at = 0
        while at < len(words):
            length = next(
                (
                    length
                    for length in range(_LONGEST_OFFER, 0, -1)
                    if tuple(word.folded for word in words[at : at + length]) in _OFFERS
                ),
                0,
            )
            phrase = tuple(word.folded for word in words[at : at + length])
            asked_for = self.kind is Kind.ASKED and self.direction is Direction.OUT
            if not length or (asked_for and phrase in _ASKED_FOR):
                at += length or 1
                continue
            at += length
            skipped = 0
            while (
                skipped < 6
                and at < len(words)
                and (words[at].folded in _AFTER_OFFER)
                and not (words[at].capital and words[at].folded != "i")
            ):
                at += 1
                skipped += 1
            at = self._offered(words, at, introduced=phrase in _INTRODUCTIONS)

    def _offered(self, words: list[_Word], at: int, *, introduced: bool) -> int:
        while at < len(words) and len(self.offered) < 10:
            mention, taken = self._offered_name(words, at)
            if mention is None:
                return at
            last = at + taken - 1
            at += taken
            organization, used = ("", 0)
            if not words[last].ends_phrase:
                organization, used = self._organization(words, at)
            end = words[at + used - 1].end if used else mention.end
            at += used
            self.offered.append(
                Offered(
                    who=mention,
                    organization=organization,
                    introduced=introduced,
                    start=mention.start,
                    end=end,
                )
            )
            says = Says.INTRODUCED if introduced else Says.OFFERED
            self.chip(says, mention.text, mention.start, end)
            if at < len(words) and (words[at].folded in _CONNECTORS or words[at].raw == "&"):
                if not self._names_next(words, at + 1):
                    return at
                at += 1
            elif not (words[at - 1].ends_phrase and self._names_next(words, at)):
                return at
        return at

    def _offered_name(self, words: list[_Word], at: int) -> tuple[Mention | None, int]:
        word = words[at]
        if not word.folded or not word.folded[0].isalpha():
            return None, 0
        if word.capital:
            return self._mention(words, at, expected=True)
        if word.folded in _COMMON or word.folded in _FILLERS or _kind_at(words, at):
            return None, 0
        for taken in (2, 1):
            if at + taken > len(words) or any(
                w.folded in _COMMON or w.folded in _ORG_WORDS for w in words[at : at + taken]
            ):
                continue
            matches = find(
                self.index, self.text[word.start : words[at + taken - 1].end], loosely=False
            )
            followed = at + taken < len(words) and words[at + taken].folded in ("at", "from")
            ends = at + taken == len(words) or words[at + taken - 1].ends_phrase
            if matches or followed or (taken == 1 and ends):
                return self._as_mention(words, at, taken, matches), taken
        return None, 0

    def _organization(self, words: list[_Word], at: int) -> tuple[str, int]:
        if at + 1 >= len(words):
            return "", 0
        if words[at].folded not in _ORG_WORDS and words[at].raw != "@":
            return "", 0
        used = 1
        while (
            at + used < len(words)
            and used <= 4
            and words[at + used].folded not in _ORG_STOPS
            and (used == 1 or not words[at + used - 1].ends_phrase)
            and (used == 1 or words[at + used].capital == words[at + 1].capital)
        ):
            used += 1
        if used == 1:
            return "", 0
        return self.text[words[at + 1].start : words[at + used - 1].end], used


def _kind_at(words: Sequence[_Word], at: int) -> tuple[Kind, int] | None:
    for taken in range(min(_LONGEST_KIND, len(words) - at), 0, -1):
        kind = _KIND_OF.get(tuple(word.folded for word in words[at : at + taken]))
        if kind is not None:
            return kind, taken
    return None


def parse(text: str, *, people: PeopleIndex, today: date) -> ParsedLog:
    """Read one line.  Total: any text gives an answer, at worst all of it a note.

    Args:
        text: what the user typed.
        people: everybody who may be meant, from :func:`contacts.engine.recognition.prepare`.
        today: the user's day.
    """
    line = _Line(text[:LINE_CHARS], people, today)
    line.markers()
    words = line.free_words()
    after = line.head(words)
    whole = False
    if not line.who or line.kind is None:
        whole = not line.who
        line.sentence(words if whole else words[after:])
    line.offers(words[after:] if not whole else words)
    line.day_named(words)
    besides = line.also()
    if line.kind is None:
        if line.gives:
            line.kind, line.direction = Kind.GAVE, Direction.OUT
        elif line.asks:
            line.kind, line.direction = Kind.ASKED, Direction.OUT
    whole = whole and not (after and after == len(words))  # "coffee yesterday": nothing to note
    begin = 0 if whole or not after else words[after - 1].end
    return ParsedLog(
        text=text,
        kind=line.kind,
        direction=line.direction,
        who=tuple(line.who),
        happened_on=line.happened_on or today,
        their_on=line.their_on,
        gives=tuple(line.gives),
        asks=tuple(line.asks),
        offered=tuple(line.offered),
        besides=besides,
        note=_note(text, begin, line.marked),
        chips=tuple(sorted(line.chips, key=lambda chip: (chip.start, chip.end))),
    )


def _note(text: str, begin: int, marked: Sequence[tuple[int, int]]) -> str:
    kept = []
    at = begin
    for start, end in sorted(marked):
        if start >= at:
            kept.append(text[at:start])
        at = max(at, end)
    kept.append(text[at:])
    return " ".join(" ".join(kept).split()).lstrip(",.;:)!? ")
