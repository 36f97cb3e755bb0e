"""Where a table begins, what separates its cells, and which program wrote it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from contacts.engine import limits
from contacts.engine.days import read_day
from contacts.engine.drafts import Format
from contacts.engine.formats import CSV_MARK
from contacts.engine.names import clean_line, fold
from contacts.engine.points import email
from contacts.engine.readers import google, linkedin, outlook
from contacts.engine.readers.columns import field_of, fields_of
from contacts.engine.readers.table import DELIMITERS, split_line

HEAD_LINES = 1_000  # how far down a header may stand, below notes of whoever made the file
_HEADER_LINES = 5  # a heading may itself run over some lines
_LOOKED_AT = 100  # lines whose width is compared

_SEPARATOR = re.compile(r"\s*\"?sep=.\"?[\s,;]*", re.IGNORECASE)  # Excel's own first line


@dataclass(frozen=True, slots=True)
class Header:
    rows_from: int  # index of the first row in the lines looked at
    delimiter: str
    cells: list[str]


def find_header(head: Sequence[tuple[int, str]]) -> Header | None:
    """Find the header among the first lines of a file.

    It is the first line with two headings we know, one of them a name or an e-mail address;
    failing that, the first line as wide as most.  A line that already holds an address, a
    link or a date is a row: the headings are then made up.
    """
    return _by_words(head) or _by_width(head) or _single_column(head)


def _by_words(head: Sequence[tuple[int, str]]) -> Header | None:
    for index, (_, line) in enumerate(head):
        used = 1
        if line.count('"') % 2:
            line, used = _joined(head, index)
        best, header = 1, None
        for delimiter, cells in _splits(line):
            fields = fields_of(tuple(cells))
            known = len(set(filter(None, fields)))
            if known > best and any(map(_names, fields)):
                best, header = known, Header(index + used, delimiter, cells)
        if header:
            return header
    return None


def _joined(head: Sequence[tuple[int, str]], index: int) -> tuple[str, int]:
    """A line with an open quote and those behind it, up to where it is closed."""
    text = head[index][1]
    for used in range(2, _HEADER_LINES + 1):
        if index + used > len(head):
            break
        text += "\n" + head[index + used - 1][1]
        if text.count('"') % 2 == 0:
            return text, used
    return head[index][1], 1


def _names(field: str) -> bool:
    return field in ("given", "family", "full_name") or field.startswith("email")


def _by_width(head: Sequence[tuple[int, str]]) -> Header | None:
    lines = [
        (index, line)
        for index, (_, line) in enumerate(head[:_LOOKED_AT])
        if line.strip() and not _SEPARATOR.fullmatch(line)
    ]
    best: tuple[int, int, str] = (0, 0, "")  # lines as wide as most, the width, the delimiter
    for delimiter in DELIMITERS:
        widths = Counter(len(cells) for _, line in lines for cells in _cells(line, delimiter))
        if widths:
            width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
            best = max(best, (count, width, delimiter))
    _, width, delimiter = best
    for index, line in lines:
        for cells in _cells(line, delimiter) if delimiter else ():
            if len(cells) != width:
                continue
            if any(map(_is_value, cells)):
                made_up = [f"Column {number}" for number in range(1, width + 1)]
                return Header(index, delimiter, made_up)
            return Header(index + 1, delimiter, cells)
    return None


def _single_column(head: Sequence[tuple[int, str]]) -> Header | None:
    for index, (_, line) in enumerate(head):
        only = clean_line(line[: limits.LINE_CHARS])
        if not only:
            continue
        if email(only):
            return Header(index, DELIMITERS[0], ["Column 1"])
        if _names(field_of(only)):
            return Header(index + 1, DELIMITERS[0], [only])
        return None
    return None


def _cells(line: str, delimiter: str) -> Iterator[list[str]]:
    """The cells of a line, if it has several."""
    if delimiter in line and len(line) <= limits.CELL_BYTES:
        cells = split_line(line, delimiter)
        if cells and len(cells) > 1:
            yield cells


def _splits(line: str) -> Iterator[tuple[str, list[str]]]:
    for delimiter in DELIMITERS:
        for cells in _cells(line, delimiter):
            yield delimiter, cells


def _is_value(cell: str) -> bool:
    """True for what no heading is: an address, a link, a date."""
    return (
        email(cell) is not None
        or cell.strip().lower().startswith(("http://", "https://"))
        or (any(map(str.isdigit, cell)) and read_day(cell) is not None)
    )


def recognise(
    header: Sequence[str], rows: Sequence[Sequence[str]]
) -> tuple[Format, tuple[str, ...]]:
    """Return which program wrote a table, and the field of each column as far as known.

    Args:
        header: the headings.
        rows: some rows, for tables whose headings are in a language we do not know.
    """
    headings = frozenset(map(fold, header))
    fields = fields_of(tuple(header))
    if fold(CSV_MARK) in headings:
        own = tuple(
            "others" if name == "Other" else field
            for name, field in zip(header, fields, strict=True)
        )
        return Format.NETCRM, own
    format = (
        linkedin.recognises(fields)
        or google.recognises(headings)
        or outlook.recognises(headings, fields)
    )
    if format:
        return format, fields
    shaped = linkedin.by_shape(fields, rows)
    if shaped:
        return Format.LINKEDIN, shaped
    return Format.CSV, fields
