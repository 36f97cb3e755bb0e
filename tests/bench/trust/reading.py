"""Read a trust network from whatever somebody has: source, target, weight, one tie a line.

Read as a stream into arrays, so that millions of ties fit.  What cannot be understood is refused
with its line and what to do about it.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.trust.networks import Ties, scale

COMMENTS = ("#", "%", "//")
MARKS = ",;\t|"
LOOKED_AT = 200  # lines from which the form is guessed
BAD_AT_MOST = 0.01  # share of rows that may be unreadable
ASKED_FOR = "expected source, target, weight"

# Names of columns; a heading of several words, as *rater_id*, is known by any but *user*.
HEADS = (
    "src source from rater trustor truster giver follower voter u a i id1 user user_id userid",
    "dst target to ratee trustee taker followee votee item v b j id2",
    "weight rating trust value level score w sign strength stars label vote",
)
VAGUE = {"u", "a", "i", "v", "b", "j", "w", "user"}  # within a longer name they say nothing
NEVER = {"", "id", "index", "no", "row", "time", "timestamp", "ts", "date", "unnamed: 0"}
OPENERS = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
# Words people use for levels, each set from the lowest up; Advogato's first.
LEVELS = (
    ("observer", "apprentice", "journeyer", "master"),
    ("distrust", "neutral", "trust"),
    ("negative", "neutral", "positive"),
    ("very low", "low", "medium", "high", "very high"),
    ("no", "yes"),
    ("false", "true"),
    ("-", "+"),
)
WORDS_OF = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
DOT_EDGE = re.compile(r'^\s*"?([^"\s]+)"?\s*->\s*"?([^"\s\[;]+)"?\s*\[.*?=\s*"?([^"\]]+?)"?\s*\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the lines of a file are to be read."""

    mark: str  # between columns; " " for blanks
    columns: tuple[int, int, int]
    header: tuple[str, ...]  # empty: none
    levels: dict[str, float]


def read_csv(path: Path, *, levels: Sequence[str] = ()) -> Ties:
    """The ties of a file of source, target and weight.

    Columns stand apart by comma, semicolon, tab, bar or blanks; further columns are ignored.
    Packed with gzip, bzip2, xz or not, UTF-8 or UTF-16, with a heading or without, quoted or not;
    lines that begin with # or % are comments; GraphViz edges are read too.  Weights are numbers on
    any scale, or words: Advogato's, yes and no, or ``levels`` from the lowest up.  The last of
    several weights of one tie counts; ties of somebody with themselves do not.

    Raises:
        ValueError: the file cannot be understood, or holds no tie.
    """
    with _lines(path) as lines:
        first = [line for line, _ in zip(_useful(lines), range(LOOKED_AT), strict=False)]
    if not first:
        raise ValueError(f"{path} holds no tie: {ASKED_FOR} on each line")
    form = _form(path, first, levels)
    place: dict[str, int] = {}
    src, dst, weight = array("q"), array("q"), array("d")
    bad: list[str] = []
    rows = 0
    with _lines(path) as lines:
        found = enumerate(_rows(_useful(lines), form), start=1)
        if form.header:
            next(found)
        for number, row in found:
            rows += 1
            tie = _tie(row, form)
            if tie is None:
                bad.append(f"row {number}: {ASKED_FOR}, found {row}")
                if len(bad) > max(20, 2 * BAD_AT_MOST * rows):
                    break
                continue
            a, b, w = tie
            if a != b:
                src.append(place.setdefault(a, len(place)))
                dst.append(place.setdefault(b, len(place)))
                weight.append(w)
    if len(bad) > BAD_AT_MOST * rows:
        raise ValueError(f"{path}, {bad[0]} (and {len(bad) - 1} more such)")
    named = " → ".join(form.header[n] for n in form.columns) if form.header else ""
    return _ties(
        f"{path.name}, {named}" if named else path.name,
        path,
        src,
        dst,
        weight,
        list(place),
        rows=rows,
        left_out=len(bad),
    )


def _ties(
    called: str,
    path: Path,
    src: array[int],
    dst: array[int],
    weight: array[float],
    names: list[str],
    *,
    rows: int,
    left_out: int,
) -> Ties:
    ends = np.stack([np.array(src, dtype=np.int64), np.array(dst, dtype=np.int64)])
    value = np.array(weight)
    key = ends[0] * max(1, len(names)) + ends[1]
    _, last = np.unique(key[::-1], return_index=True)
    kept = np.sort(len(key) - 1 - last)
    if not len(kept):
        raise ValueError(f"{path} holds no tie between two people")
    value = value[kept]
    said = f"{called} (weights {value.min():g} to {value.max():g})"
    counted = {
        "unreadable": left_out,
        "of somebody with themselves": rows - left_out - len(key),
        "repeated, the last counts": len(key) - len(kept),
    }
    told = [f"{count:,} {what}" for what, count in counted.items() if count]
    if told:
        said += f"; rows left out: {'; '.join(told)}"
    return Ties(
        name=said,
        src=ends[0][kept],
        dst=ends[1][kept],
        weight=scale(value),
        people=len(names),
        names=tuple(names),
    )


def _lines(path: Path) -> io.TextIOWrapper:
    with path.open("rb") as file:
        start = file.read(2)
    if start == b"PK":
        raise ValueError(f"{path} is a ZIP archive: unpack it first")
    opened = OPENERS.get(start, open)
    with opened(path, "rb") as file:  # type: ignore[operator]
        start = file.read(4000)
    wide = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    if b"\0" in start and not wide:
        raise ValueError(f"{path} is not text: {ASKED_FOR} on each line")
    encoding = "utf-16" if wide else "utf-8-sig"
    binary = opened(path, "rb")  # type: ignore[operator]  # closed with the text read from it
    # Bytes that are not UTF-8 stay apart, so that two people never become one.
    return io.TextIOWrapper(binary, encoding=encoding, errors="backslashreplace")


def _useful(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        text = line.strip().replace("\0", "")
        if text and not text.startswith(COMMENTS):
            edge = DOT_EDGE.match(text)
            if edge:
                yield "\t".join(edge.groups())
            elif not text.startswith(("digraph", "graph ", "}", "{")):
                yield text


def _form(path: Path, first: list[str], levels: Sequence[str]) -> Form:
    mark = max(MARKS, key=lambda m: _fitting(first, m))
    if _fitting(first, mark) < max(1, _fitting(first, " ")):
        mark = " "
    rows = list(_split(first, mark))
    width = max(map(len, rows))
    if width < 3:
        raise ValueError(f"{path} has fewer than three columns: {ASKED_FOR}")
    heads = [cell.strip() for cell in rows[0]]
    named = _named(heads)
    asked = {word.strip().casefold(): float(n) for n, word in enumerate(levels)}
    header = named[2] is not None and not _is_number(rows[0][named[2]], mark)
    body = rows[1:] if header else rows
    columns = (0, 1, 2)
    if header:
        columns = _columns(path, heads, named)
    seen = {row[columns[2]].strip().casefold() for row in body if len(row) > columns[2]}
    known = asked or _known_levels(seen)
    if not known and not header and len(rows[0]) > 2 and not _is_number(rows[0][2], mark):
        below = {row[2].strip().casefold() for row in rows[1:] if len(row) > 2}
        known = _known_levels(below)
        header = bool(known) or (bool(below) and all(_is_number(one, mark) for one in below))
    if not known and not any(_is_number(cell, mark) for cell in seen):
        some = ", ".join(sorted(repr(word[:20])[1:-1] for word in seen)[:6])
        raise ValueError(
            f"{path}: the weights are words ({some}); say their order with "
            "--levels LOWEST,…,HIGHEST"
        )
    return Form(mark=mark, columns=columns, header=tuple(heads) if header else (), levels=known)


def _named(heads: list[str]) -> list[int | None]:
    """Which columns the heading names as source, target and weight, as far as it does."""
    whole = [head.casefold() for head in heads]
    parts = [set(WORDS_OF.findall(head)) for head in heads]
    parts = [{part.casefold() for part in one} - VAGUE for one in parts]
    found: list[int | None] = []
    for words in HEADS:
        known = set(words.split())
        free = [n for n in range(len(heads)) if n not in found]
        exact = [n for n in free if whole[n] in known]
        found.append(next(iter(exact + [n for n in free if parts[n] & known]), None))
    return found


def _columns(path: Path, heads: list[str], named: list[int | None]) -> tuple[int, int, int]:
    """The named columns, and for what is not named the next that may be meant, from the left."""
    free = [n for n, head in enumerate(heads) if n not in named and head.casefold() not in NEVER]
    whole = [free.pop(0) if n is None and free else n for n in named]
    if None in whole:
        raise ValueError(f"{path}: the heading names {heads}; {ASKED_FOR}")
    return tuple(whole)  # type: ignore[return-value]


def _fitting(lines: list[str], mark: str) -> int:
    """How many lines have three columns or more with this mark between them."""
    return sum(len(row) >= 3 for row in _split(lines, mark))


def _split(lines: Iterable[str], mark: str) -> Iterator[list[str]]:
    if mark == " ":
        lines = (line.replace("\t", " ") for line in lines)
        return csv.reader(lines, delimiter=" ", skipinitialspace=True)
    return csv.reader(lines, delimiter=mark, skipinitialspace=True)


def _rows(lines: Iterable[str], form: Form) -> Iterator[list[str]]:
    return _split(lines, form.mark)


def _known_levels(seen: set[str]) -> dict[str, float]:
    words = {word for word in seen if word and not _is_number(word)}
    for levels in LEVELS:
        if words and words <= set(levels):
            return {word: float(n) for n, word in enumerate(levels)}
    return {}


def _tie(row: list[str], form: Form) -> tuple[str, str, float] | None:
    a, b, w = form.columns
    if len(row) <= max(form.columns):
        return None
    weight = _number(row[w], form)
    ends = row[a].strip(), row[b].strip()
    return (*ends, weight) if weight is not None and all(ends) else None


def _number(text: str, form: Form) -> float | None:
    text = text.strip()
    if form.levels:
        found = form.levels.get(text.casefold())
        if found is not None:
            return found
    if form.mark != ",":
        text = text.replace(",", ".")
    return float(text.rstrip("%")) if _is_number(text.rstrip("%")) else None


def _is_number(text: str, mark: str = ",") -> bool:
    text = text.strip().rstrip("%")
    try:
        return bool(np.isfinite(float(text if mark == "," else text.replace(",", "."))))
    except ValueError:
        return False
