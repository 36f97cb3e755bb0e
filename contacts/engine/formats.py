"""Our own CSV: what the writer and the reader of it must agree on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

CSV_MARK = "NetCRM"  # the heading of the last column: a file with it is our own

OWN_COLUMNS = (
    "Name",
    "First Name",
    "Last Name",
    "Nickname",
    "Organization Name",
    "Organization Title",
    "Birthday",
    "Notes",
    "Labels",
    "E-mail 1 - Label",
    "E-mail 1 - Value",
    "E-mail 2 - Label",
    "E-mail 2 - Value",
    "E-mail 3 - Label",
    "E-mail 3 - Value",
    "Phone 1 - Label",
    "Phone 1 - Value",
    "Phone 2 - Label",
    "Phone 2 - Value",
    "Phone 3 - Label",
    "Phone 3 - Value",
    "Website 1 - Label",
    "Website 1 - Value",
    "Website 2 - Label",
    "Website 2 - Value",
    "Website 3 - Label",
    "Website 3 - Value",
    "Connected On",
    "Introduced By",
    "Other",
    "UID",
    CSV_MARK,
)

BETWEEN = " ::: "  # between several values in one cell, as Google Contacts has it

_RISKY = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_ESCAPE = re.compile(r"\\|(?<=:)[: ]")  # so that neither " ::: " nor ": " is left
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)


def guarded(cell: str) -> str:
    """Return a cell no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("O'Brien")
    ("'=1+1", "''=1+1", "O'Brien")
    """
    return f"'{cell}" if _RISKY.match(cell) else cell


def unguarded(cell: str) -> str:
    """Undo :func:`guarded`.  For every text, ``unguarded(guarded(text)) == text``."""
    return cell[1:] if _GUARDED.match(cell) else cell


def joined_list(values: Iterable[str]) -> str:
    """Several values in one cell; ``split_list`` gives them back."""
    return BETWEEN.join(map(_escaped, values))


def split_list(cell: str) -> list[str]:
    return [_unescaped(part) for part in cell.split(BETWEEN)]


def joined_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Labels and texts in one cell; ``split_pairs`` gives them back."""
    return BETWEEN.join(f"{_escaped(label)}: {_escaped(text)}" for label, text in pairs)


def split_pairs(cell: str) -> Sequence[tuple[str, str]]:
    pairs = []
    for part in cell.split(BETWEEN):
        label, colon, text = part.partition(": ")
        pairs.append((_unescaped(label), _unescaped(text)) if colon else ("", _unescaped(part)))
    return pairs


def _escaped(text: str) -> str:
    return _ESCAPE.sub(lambda mark: f"\\{mark[0]}", text)


def _unescaped(text: str) -> str:
    return _UNESCAPE.sub(r"\1", text)
