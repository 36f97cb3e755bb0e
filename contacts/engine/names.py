"""Names, addresses and links: cleaned for keeping, folded for comparing."""

from __future__ import annotations

import re
import unicodedata

_NEWLINES = re.compile("\r\n|[\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
# Removed everywhere: control characters, lone surrogates, noncharacters, and the invisible
# ones that only serve to reorder or smuggle text.  Kept: the joiners U+200C and U+200D, which
# Persian, Indic scripts and emoji need.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_INNER_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{4,}")
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARK_RUN = re.compile(f"({_MARK}{{4}}){_MARK}+")


def clean_line(text: str) -> str:
    """Return text fit for one line: NFC, no control or bidi characters, single spaces.

    Line breaks and tabs become spaces.  More than four combining marks in a row are cut to
    four: no language needs them, and they climb over the neighbouring lines.
    """
    if text.isascii() and text.isprintable():
        text = text.strip()
        return _SPACES.sub(" ", text) if "  " in text else text
    text = _NEWLINES.sub(" ", text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    return _SPACES.sub(" ", _MARK_RUN.sub(r"\1", text)).strip()


def clean_text(text: str) -> str:
    """Like :func:`clean_line` for text of several lines, which keeps its line breaks."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _NEWLINES.sub("\n", text)
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", text))
    text = _INNER_SPACES.sub(" ", _MARK_RUN.sub(r"\1", text))
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", lines).strip()


# Accents of the scripts in which they can be left out.  Indic vowel signs and the Japanese
# voicing marks carry the word and stay.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h",
        "ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ə": "e", "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي",
    }
)  # fmt: skip
_DROPPED = re.compile("['’‘ʼ`´ʹ·״׳]")
_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return text for comparing: no case, no accents, no punctuation, words by one space.

    >>> fold("O’Brien-Smith, José")
    'obrien smith jose'
    """
    if text.isascii():
        lowered = text.lower()
        if lowered.isalnum():
            return lowered
    else:
        lowered = unicodedata.normalize("NFKD", text.casefold())
        lowered = _ACCENTS.sub("", lowered).translate(_LETTERS)
        lowered = unicodedata.normalize("NFC", lowered)
    return _NOT_WORD.sub(" ", _DROPPED.sub("", lowered)).strip()
