"""Text as people paste it: what may stay, what goes, and what is refused in words."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms

# Marks that turn the direction of the text after them (Unicode TR9): they hide what is there.
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = frozenset("\u2028\u2029\x85")


def one_line(text: str) -> str:
    """``text`` in NFC on one line, without control and direction marks, spaces folded."""
    kept = (
        " " if char.isspace() or char in _BREAKS else char
        for char in unicodedata.normalize("NFC", text)
        if char.isspace()
        or char in _BREAKS
        or (unicodedata.category(char) not in {"Cc", "Cs"} and char not in _DIRECTION)
    )
    return " ".join("".join(kept).split())


def many_lines(text: str) -> str:
    """``text`` in NFC with its lines, without other control and direction marks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = (
        "".join(
            char
            for char in unicodedata.normalize("NFC", line)
            if char == "\t"
            or (unicodedata.category(char) not in {"Cc", "Cs"} and char not in _DIRECTION)
        ).rstrip()
        for line in lines
    )
    return "\n".join(kept).strip("\n")


class OneLineField(forms.CharField):
    """A field whose text stands on one line, whatever was pasted."""

    def to_python(self, value: Any) -> str:
        return one_line(super().to_python(value) or "")


class ManyLinesField(forms.CharField):
    """A field of several lines, without marks that nobody can see."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return many_lines(super().to_python(value) or "")
