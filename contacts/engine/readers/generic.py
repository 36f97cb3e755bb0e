"""Any table of people: guess which column is what, for the user to correct."""

from __future__ import annotations

from collections.abc import Sequence

from contacts.engine import points
from contacts.engine.days import read_day
from contacts.engine.readers.columns import fields_of

_SAMPLE = 50


def guess_mapping(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return a field for every column, "" where we have no idea.

    Headings decide first; then what the first fifty rows hold: addresses, links, numbers,
    dates; then the leftmost column of words becomes the name, if nothing else is one.

    Args:
        header: the headings; made-up ones when the table has none.
        rows: some of the rows.
    """
    fields = list(fields_of(tuple(header)))
    for index in range(len(header)):
        if fields[index]:
            continue
        cells = [row[index].strip() for row in rows[:_SAMPLE] if index < len(row)]
        fields[index] = _by_content([cell for cell in cells if cell])
    if not {"full_name", "given", "family"} & set(fields):
        for index in range(len(header)):
            if fields[index]:
                continue
            words = [
                row[index] for row in rows[:_SAMPLE] if index < len(row) and row[index].strip()
            ]
            if words and sum(_wordy(cell) for cell in words) >= 0.8 * len(words):
                fields[index] = "full_name"
                break
    for index, field in enumerate(fields):
        if not field and header[index].strip():
            fields[index] = "extra"
    return tuple(fields)


def _by_content(cells: list[str]) -> str:
    if not cells:
        return ""
    most = 0.8 * len(cells)
    if sum("@" in cell and points.email(cell) is not None for cell in cells) >= most:
        return "email"
    if sum("linkedin.com/" in cell.lower() for cell in cells) >= most:
        return "link:linkedin"
    if sum(cell.lower().startswith(("http://", "https://", "www.")) for cell in cells) >= most:
        return "link"
    dates = sum(read_day(cell) is not None for cell in cells)
    if dates >= most:
        return "extra"
    if sum(_is_number(cell) for cell in cells) >= most:
        return "phone"
    return ""


def _is_number(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= 7 and not any(map(str.isalpha, cell.replace("ext", "")))


def _wordy(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and len(cell) <= 100
