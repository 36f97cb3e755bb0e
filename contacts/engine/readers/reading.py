"""The one door: bytes of any file in, a :class:`Reading` out.  It never raises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, dropwhile, islice

from contacts.engine import limits
from contacts.engine.drafts import Code, Format, Problem, Reading, Severity
from contacts.engine.formats import unguarded
from contacts.engine.names import clean_line, fold
from contacts.engine.readers import decoding, sniffing
from contacts.engine.readers.archive import open_archive
from contacts.engine.readers.building import Log
from contacts.engine.readers.decoding import GuessEncoding
from contacts.engine.readers.generic import guess_mapping
from contacts.engine.readers.header import HEAD_LINES, find_header, recognise
from contacts.engine.readers.monica import read_monica
from contacts.engine.readers.table import Records, RowReader
from contacts.engine.readers.vcard import read_vcards

_IDENTIFYING = ("full_name", "given", "family", "nickname", "email", "phone", "organization")
_REMARK = re.compile(r"\s*\"?(?:notes?|notizen|remarques?|notas?|примечания)\s*:?\s*\"?\s*", re.I)


def read_file(
    data: bytes,
    *,
    mapping: Sequence[str] | None = None,
    day_first: bool | None = None,
    encoding: str | None = None,
    guess_encoding: GuessEncoding | None = None,
) -> Reading:
    """Read people out of any file a user brings.

    Args:
        data: the bytes of the upload.
        mapping: for a table, the field of each column (``columns.CHOICES``), once the user
            has chosen; otherwise it is guessed and returned in ``Reading.mapping``.
        day_first: what the user says about days like 03/06/2025.
        encoding: what the user says about the encoding.
        guess_encoding: asked only about bytes we cannot place.

    Every outcome is a Reading; ``Reading.refused`` tells when the file was not taken in.
    """
    reading = _read(data, mapping, day_first, encoding, guess_encoding)
    return _with_fewer_tags(reading)


def _with_fewer_tags(reading: Reading) -> Reading:
    """The same people with the first ``limits.TAGS`` tags of the file and a note of the rest."""
    tags = dict.fromkeys(tag.casefold() for draft in reading.drafts for tag in draft.tags)
    if len(tags) <= limits.TAGS:
        return reading
    kept = set(islice(tags, limits.TAGS))
    return replace(
        reading,
        drafts=tuple(
            replace(draft, tags=tuple(tag for tag in draft.tags if tag.casefold() in kept))
            for draft in reading.drafts
        ),
        problems=(
            Problem(
                line=0,
                code=Code.TOO_MANY_TAGS,
                severity=Severity.WARNING,
                facts={"count": len(tags), "limit": limits.TAGS},
            ),
            *reading.problems,
        ),
    )


def _read(
    data: bytes,
    mapping: Sequence[str] | None,
    day_first: bool | None,
    encoding: str | None,
    guess_encoding: GuessEncoding | None,
) -> Reading:
    log = Log()
    if len(data) > limits.FILE_BYTES:
        log.refuse(Code.TOO_MANY_BYTES, count=len(data), limit=limits.FILE_BYTES)
        return Reading(problems=log.finished())
    if sniffing.is_zip(data):
        member = open_archive(data, log)
        if member is None:
            return Reading(problems=log.finished())
        data = member
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        log.refuse(Code.EMPTY)
        return Reading(problems=log.finished())
    foreign = Code.IS_ARCHIVE if sniffing.is_zip(data) else sniffing.foreign(data)
    if foreign is not None:
        log.refuse(foreign)
        return Reading(problems=log.finished())
    if sniffing.has_cards(data):
        return read_vcards(data, log, guess_encoding=guess_encoding)
    if sniffing.is_json(data):
        return read_monica(data, log)
    return read_table(
        data,
        log,
        mapping=mapping,
        day_first=day_first,
        encoding=decoding.known_codec(encoding) or decoding.encoding_of(data, log, guess_encoding),
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
    if data.count(b"\n") + data.count(b"\r") > limits.LINES:
        log.refuse(Code.TOO_MANY_ROWS, limit=limits.ROWS)
        return Reading(problems=log.finished(), encoding=encoding)
    lines = dropwhile(_is_blank, enumerate(decoding.lines(data, encoding), 1))
    head = list(islice(lines, HEAD_LINES))
    found = find_header(head)
    if found is None:
        log.refuse(Code.NO_HEADER)
        return Reading(problems=log.finished(), encoding=encoding)
    start, delimiter, header = found.rows_from, found.delimiter, found.cells
    body = chain(head[start:], lines)
    if len(header) > limits.COLUMNS:
        log.refuse(Code.TOO_MANY_COLUMNS, count=len(header), limit=limits.COLUMNS)
        return Reading(problems=log.finished(), encoding=encoding)
    if _has_too_many_rows(data, encoding, start, delimiter, len(header)):
        log.refuse(Code.TOO_MANY_ROWS, limit=limits.ROWS)
        return Reading(problems=log.finished(), encoding=encoding)
    records = iter(Records(body, delimiter, len(header), log))
    sample = list(islice(records, 50))
    format, fields = recognise(header, [cells for _, cells in sample])
    if mapping is not None:
        fields = tuple(mapping)[: len(header)]
    elif format is Format.CSV:
        fields = guess_mapping(header, [cells for _, cells in sample])
    if not any(field.partition(":")[0].partition("#")[0] in _IDENTIFYING for field in fields):
        log.refuse(Code.MAPPING_WANTED)
        return Reading(
            problems=log.finished(),
            encoding=encoding,
            header=tuple(header),
            mapping=fields,
            sample=tuple(map(tuple, (cells for _, cells in sample))),
        )
    _note_doubled_columns(header, fields, log)
    reader = RowReader(header=header, fields=fields, format=format, log=log, day_first=day_first)
    heading = [fold(cell) for cell in header]
    rows = 0
    among_remarks = False
    for number, cells in chain(sample, records):
        rows += 1
        if len(cells) > limits.COLUMNS:
            log.skip(number, Code.TOO_MANY_COLUMNS, count=len(cells), limit=limits.COLUMNS)
        elif cells[0] == header[0] and [fold(cell) for cell in cells] == heading:
            rows -= 1
            log.note(number, Code.HEADER_AGAIN)
        elif len(cells) == 1 and len(header) > 3 and (among_remarks or _is_remark(cells[0])):
            rows -= 1
            among_remarks = True
            log.note(number, Code.NOT_A_ROW)
        else:
            among_remarks = False
            if format is Format.NETCRM:
                cells = [unguarded(cell) for cell in cells]
            reader.add(number, cells)
    reader.settle()
    if not rows:
        log.refuse(Code.NO_ROWS)
    return Reading(
        drafts=tuple(reader.drafts),
        problems=log.finished(),
        format=format,
        counts=log.counts(len(reader.drafts)),
        encoding=encoding,
        header=tuple(header),
        mapping=fields,
        sample=tuple(map(tuple, (cells for _, cells in sample))),
    )


def _has_too_many_rows(data: bytes, encoding: str, start: int, delimiter: str, width: int) -> bool:
    """Count the rows before any is read, when the file has lines enough to be over the limit."""
    if data.count(b"\n") + data.count(b"\r") <= limits.ROWS:
        return False
    lines = islice(dropwhile(_is_blank, enumerate(decoding.lines(data, encoding), 1)), start, None)
    records = Records(lines, delimiter, width, Log())
    return next(islice(records, limits.ROWS, None), None) is not None


def _is_blank(pair: tuple[int, str]) -> bool:
    return not pair[1] or pair[1].isspace()


def _is_remark(cell: str) -> bool:
    """True for LinkedIn's notes, which stand again where two exports were put together."""
    return len(cell) > limits.LINE_CHARS or _REMARK.fullmatch(cell) is not None


def _note_doubled_columns(header: Sequence[str], fields: Sequence[str], log: Log) -> None:
    seen: set[str] = set()
    for column, field in zip(header, fields, strict=False):
        name = fold(column)
        if field and name in seen:
            log.note(0, Code.COLUMN_TWICE, name=clean_line(column)[:80])
        seen.add(name)
