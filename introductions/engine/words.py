"""The words of a short text, folded so that small differences of writing do not matter."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

# Too common to be a topic.  English; a word missing here only makes a match a little weaker.
_COMMON = """about after all also and any are around because been being both but can could did does
doing done for from get gets getting give goes going good got had has have having help her here
him his how into its just know knows like look looking made make many may more most much need
needs new next not now off one only other our out over own people really she should some
someone something soon such take than that the their them then there these they thing things
this those time very want wants was way well were what when where which while who whom whose why
will with work working works would year years you your"""
COMMON = frozenset(_COMMON.split())
LEAST_LETTERS = 3


def fold(text: str) -> str:
    """Lower case without accents: ``"Zoë"`` and ``"zoe"`` are the same word."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'")


def words(text: str) -> list[str]:
    """The words as written, in order."""
    return _WORD.findall(text)


def topics(text: str) -> frozenset[str]:
    """The words that say what a text is about, folded and without a plural *s*."""
    found = set()
    for word in words(fold(text)):
        word = word.removesuffix("'s")
        if len(word) < LEAST_LETTERS or word in COMMON:
            continue
        found.add(singular(word))
    return frozenset(found)


def singular(word: str) -> str:
    """A rough singular: enough to match *surveys* with *survey* and *boxes* with *box*."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
