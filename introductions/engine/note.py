"""The note an introducer can forward: at most 120 words, and five checks that tick as one types.

A tick is advice and blocks nothing.  Each check looks for what people usually write; for other
words or languages the builder has a blank of its own for each check, and a filled blank ticks too.
Source: docs/decisions/0025-forwardable-note.md.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from introductions.engine.words import fold, topics, words

MOST_WORDS = 120
MOST_WORDS_ABOUT_ME = 30


class Check(StrEnum):
    WHO_I_AM = "who_i_am"  # in one line
    WHY_THEM = "why_them"  # names the one person, and why them
    WHAT_I_WANT = "what_i_want"  # small and exact: twenty minutes, two questions
    WHAT_THEY_GET = "what_they_get"
    EASY_NO = "easy_no"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Who the note is from and to whom it should go; empty when unknown."""

    me: str = ""
    target_line: str = ""
    person: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """``sentence`` is the one that passed the check, or empty."""

    check: Check
    passed: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    ticks: tuple[Tick, ...]
    words: int
    has_subject: bool

    @property
    def too_long(self) -> bool:
        return self.words > MOST_WORDS

    @property
    def ready(self) -> bool:
        return self.has_subject and not self.too_long and all(t.passed for t in self.ticks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The note's lines, one for each check, as they were filled in; empty ones are left out."""

    who_i_am: str = ""
    why_them: str = ""
    what_i_want: str = ""
    what_they_get: str = ""
    easy_no: str = ""

    @property
    def text(self) -> str:
        """The note itself: who and why, then what is asked and offered, then the easy way out."""
        parts = (
            f"{self.who_i_am.strip()} {self.why_them.strip()}",
            f"{self.what_i_want.strip()} {self.what_they_get.strip()}",
            self.easy_no,
        )
        return "\n\n".join(part.strip() for part in parts if part.strip())


LEAST_WORDS = 3  # a line of fewer says nothing yet


def filled(lines: Lines, about: About) -> frozenset[Check]:
    """The checks whose own line says enough, in any language.

    A line counts from three words on; who I am fits into thirty, and why them names the person.
    """
    found = {check for check in Check if count(getattr(lines, check)) >= LEAST_WORDS}
    if count(lines.who_i_am) > MOST_WORDS_ABOUT_ME:
        found.discard(Check.WHO_I_AM)
    if about.person and not _names(fold(lines.why_them), about.person):
        found.discard(Check.WHY_THEM)
    return frozenset(found)


def review_lines(lines: Lines, *, about: About, subject: str = "") -> Review:
    return review(lines.text, about=about, subject=subject, said=filled(lines, about))


def review(text: str, *, about: About, subject: str = "", said: Collection[Check] = ()) -> Review:
    """Check one note.  ``said`` names the checks whose own blank was filled in."""
    sentences = split(text)
    by = {
        Check.WHO_I_AM: lambda s: says_who_i_am(s, about),
        Check.WHY_THEM: lambda s: says_why_them(s, about),
        Check.WHAT_I_WANT: says_what_i_want,
        Check.WHAT_THEY_GET: says_what_they_get,
        Check.EASY_NO: makes_no_easy,
    }
    ticks = []
    for check, passes in by.items():
        sentence = next((s for s in sentences if passes(s)), "")
        ticks.append(Tick(check=check, passed=bool(sentence) or check in said, sentence=sentence))
    return Review(ticks=tuple(ticks), words=count(text), has_subject=bool(subject.strip()))


def count(text: str) -> int:
    return len(words(text))


def split(text: str) -> tuple[str, ...]:
    """The sentences and lines of a note, empty ones left out."""
    parts = re.split(r"(?<=[.!?…])\s+|\n+", text)
    return tuple(part.strip() for part in parts if part.strip())


_I_AM = re.compile(
    r"\b(?:i am|i'm|im|my name is|i(?:'ve| have) (?:been|spent|worked|run|led)"
    r"|i (?:work|worked|run|ran|lead|led|manage|managed|build|built|teach|taught"
    r"|design|designed))\b"
)
_REASON = re.compile(
    r"\b(?:because|since|as (?:she|he|they|you)|who (?:has|have|is|ran|runs|leads|led|built|knows)"
    r"|(?:his|her|their|your) (?:work|talk|team|article|book|post|project|move|view|path|time at)"
    r"|built|wrote|led|leads|ran|runs|spoke|moved|made the"
    r"|knows|known for|read|saw|heard|noticed|admire\w*|experience|the same)\b"
)
_SIZE = re.compile(
    r"\b(?:\d+|one|two|three|ten|fifteen|twenty|thirty|a few|a short|a quick|a brief|half an)\b"
    r"[\w\s-]{0,20}\b(?:minutes?|mins?|hour|questions?|call|talk|chat|coffee|lines?|reply|look)\b"
)
_GAIN = re.compile(
    r"\b(?:in return|in exchange|happy to (?:share|send|help|show|return|test|read|introduce)"
    r"|glad to (?:share|send|help|show|return|test|read|introduce)"
    r"|i(?: can| could| would| will|'ll|'d) (?:\w+ )?"
    r"(?:share|send|offer|show|bring|give|test|introduce)"
    r"|(?:might|may|could|would) (?:\w+ )?(?:help|interest|be (?:useful|of use|of interest|handy))"
    r"|useful (?:to|for) (?:you|her|him|them))\b"
)
_NO = re.compile(
    r"\b(?:no (?:problem|worries|pressure|hurry|rush|need|offence|hard feelings|trouble)"
    r"|if (?:not|it(?:'s| is)(?: not|n't)|this (?:isn't|is not)|now (?:isn't|is not)"
    r"|you(?:'d)? rather"
    r"|the time|that doesn't|it doesn't|you'd prefer)"
    r"|only if|feel free|understand (?:if|completely|entirely)|either way|please (?:just )?say so"
    r"|(?:easy|fine|okay|ok|all right) to (?:say no|decline|pass)|say no|not the right time"
    r"|(?:completely|perfectly|totally|quite) (?:fine|okay|ok))\b"
)


def says_who_i_am(sentence: str, about: About) -> bool:
    """One line of at most thirty words: who I am, or my name with something of my target."""
    if count(sentence) > MOST_WORDS_ABOUT_ME:
        return False
    plain = fold(sentence)
    named = bool(about.me) and _names(plain, about.me)
    on_target = len(topics(sentence) & topics(about.target_line)) >= 2
    return bool(_I_AM.search(plain)) or (named and count(sentence) > 3) or on_target


def says_why_them(sentence: str, about: About) -> bool:
    """Names the one person, with a reason or their organization in the same sentence."""
    plain = fold(sentence)
    if not about.person or not _names(plain, about.person):
        return False
    at = bool(about.organization) and fold(about.organization) in plain
    return at or bool(_REASON.search(plain))


def says_what_i_want(sentence: str) -> bool:
    """Something of a stated size: twenty minutes, two questions, a short call."""
    return bool(_SIZE.search(fold(sentence)))


def says_what_they_get(sentence: str) -> bool:
    return bool(_GAIN.search(fold(sentence)))


def makes_no_easy(sentence: str) -> bool:
    return bool(_NO.search(fold(sentence)))


def _names(plain: str, person: str) -> bool:
    """Whether the folded sentence holds any part of the name longer than an initial."""
    said = set(words(plain))
    return any(len(part) > 1 and part in said for part in words(fold(person)))
