"""The one door: bytes of any file in, a :class:`Reading` out.  It never raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from contacts.engine import limits
from contacts.engine.drafts import Code, Counts, Format, Reading
from contacts.engine.names import fold
from contacts.engine.points import email
from contacts.engine.readers import decoding, google, linkedin, outlook
from contacts.engine.readers.building import Log
from contacts.engine.readers.columns import fields_of
from contacts.engine.readers.decoding import GuessEncoding
from contacts.engine.readers.generic import guess_mapping
from contacts.engine.readers.table import DELIMITERS, Records, RowReader, split_line

_HEAD_LINES = 1_000  # how far down a header may stand, below notes of whoever made the file


def read_file(
    data: bytes,
    *,
    name: str = "",
    mapping: Sequence[str] | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    guess_encoding: GuessEncoding | None = None,
) -> Reading:
    """Read people out of any file a user brings.

    Args:
        data: the bytes of the upload.
        name: its name, only ever used in messages.
        mapping: for a table, the field of each column (``columns.CHOICES``), once the user
            has chosen; otherwise it is guessed and returned in ``Reading.mapping``.
        day_first: what the user says about days like 03/06/2025.
        encoding: what the user says about the encoding.
        guess_encoding: asked only about bytes we cannot place.

    Every outcome is a Reading; ``Reading.refused`` tells when the file was not taken in.
    """
    log = Log()
    if len(data) > limits.FILE_BYTES:
        log.refuse(Code.TOO_MANY_BYTES, count=len(data), limit=limits.FILE_BYTES)
        return Reading(problems=log.finished())
    return read_table(
        data,
        log,
        mapping=mapping,
        day_first=day_first,
        encoding=encoding or decoding.encoding_of(data, log, guess_encoding),
    )


def read_table(
    data: bytes,
    log: Log,
    *,
    mapping: Sequence[str] | None,
    day_first: bool | None,
    encoding: str,
) -> Reading:
    """Read a table of people whose bytes are text in ``encoding``."""
    lines = enumerate(decoding.lines(data, encoding), 1)
    head = list(islice(lines, _HEAD_LINES))
    if not any(line.strip() for _, line in head) and not any(
        line.strip() for line in decoding.lines(data, encoding)
    ):
        log.refuse(Code.EMPTY)
        return Reading(problems=log.finished(), encoding=encoding)
    found = find_header(head)
    if found is None:
        log.refuse(Code.NO_HEADER)
        return Reading(problems=log.finished(), encoding=encoding)
    start, delimiter, header = found
    body = chain(head[start:], lines)
    if len(header) > limits.COLUMNS:
        log.refuse(Code.TOO_MANY_COLUMNS, count=len(header), limit=limits.COLUMNS)
        return Reading(problems=log.finished(), encoding=encoding)
    records = iter(Records(body, delimiter, len(header), log))
    sample = list(islice(records, 50))
    format, fields = recognise(header)
    if mapping is not None:
        fields = tuple(mapping)[: len(header)]
    elif format is Format.CSV:
        fields = guess_mapping(header, [cells for _, cells in sample])
    reader = RowReader(header=header, fields=fields, format=format, log=log, day_first=day_first)
    heading = [fold(cell) for cell in header]
    rows = 0
    for number, cells in chain(sample, records):
        rows += 1
        if rows > limits.ROWS:
            log.refuse(Code.TOO_MANY_ROWS, line=number, limit=limits.ROWS)
            return Reading(problems=log.finished(), format=format, encoding=encoding)
        if len(cells) > limits.COLUMNS:
            log.refuse(Code.TOO_MANY_COLUMNS, line=number, count=len(cells), limit=limits.COLUMNS)
            return Reading(problems=log.finished(), format=format, encoding=encoding)
        if cells[0] == header[0] and [fold(cell) for cell in cells] == heading:
            rows -= 1
            log.note(number, Code.HEADER_AGAIN)
            continue
        reader.add(number, cells)
    reader.settle()
    if not rows:
        log.refuse(Code.NO_ROWS)
    return Reading(
        drafts=tuple(reader.drafts),
        problems=log.finished(),
        format=format,
        counts=Counts(rows=rows, drafts=len(reader.drafts), skipped=rows - len(reader.drafts)),
        encoding=encoding,
        header=tuple(header),
        mapping=fields,
    )


def recognise(header: Sequence[str]) -> tuple[Format, tuple[str, ...]]:
    """Return which program wrote a table with this header, and the field of each column."""
    headings = frozenset(map(fold, header))
    fields = fields_of(tuple(header))
    format = (
        linkedin.recognises(fields)
        or google.recognises(headings)
        or outlook.recognises(headings, fields)
    )
    return format or Format.CSV, fields


def find_header(head: Sequence[tuple[int, str]]) -> tuple[int, str, list[str]] | None:
    """Return where the rows start in ``head``, the delimiter and the headings.

    The header is the first line with at least two headings we know, one of them a name or an
    e-mail address; failing that, the first line of at least two cells.  A first line that
    already holds an address is data: the headings are then made up.
    """
    for index, (_, line) in enumerate(head):
        best: tuple[int, str, list[str]] = (0, "", [])
        for delimiter, cells in _splits(line):
            fields = fields_of(tuple(cells))
            known = len(set(filter(None, fields)))
            named = any(
                field in ("given", "family", "full_name") or field.startswith("email")
                for field in fields
            )
            if named and known >= 2 and known > best[0]:
                best = (known, delimiter, cells)
        if best[0]:
            return index + 1, best[1], best[2]
    for index, (_, line) in enumerate(head):
        widest = max(_splits(line), key=lambda split: len(split[1]), default=None)
        if widest is None:
            continue
        delimiter, cells = widest
        if any(email(cell) for cell in cells):
            return index, delimiter, [f"Column {n}" for n in range(1, len(cells) + 1)]
        return index + 1, delimiter, cells
    return None


def _splits(line: str) -> Iterator[tuple[str, list[str]]]:
    for delimiter in DELIMITERS:
        if delimiter in line and len(line) <= limits.CELL_BYTES:
            cells = split_line(line, delimiter)
            if cells and len(cells) > 1:
                yield delimiter, cells
