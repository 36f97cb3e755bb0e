"""Tables of people: records out of lines, the header, and a row made a draft."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from contacts.engine import limits
from contacts.engine.days import Day, read_birthday, read_day
from contacts.engine.drafts import Code, Draft, Format
from contacts.engine.formats import BETWEEN, split_list, split_pairs
from contacts.engine.names import clean_line
from contacts.engine.readers.building import Log, Raw, finish

# Control-Z, which DOS wrote behind the last line; and half a letter, where a file was cut.
_END_OF_FILE = ("\x1a", "\ufffd")
DELIMITERS = (",", ";", "\t", "|")
Record = tuple[int, list[str]]  # (line it starts on, counting from 1; its cells)


def split_line(line: str, delimiter: str) -> list[str] | None:
    """Return the cells of a record that must be whole, or None when its quotes do not close."""
    try:
        return next(csv.reader((line,), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _split_backslashed(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line that writes a quote inside quotes as ``\\"``, as MySQL does."""
    try:
        reader = csv.reader(
            (line,), delimiter=delimiter, strict=True, escapechar="\\", doublequote=False
        )
        return next(reader, [])
    except csv.Error:
        return None


def split_loosely(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line, taking every quote in it literally."""
    return [cell.strip().strip('"') for cell in line.split(delimiter)]


def _above_limit(cell: str) -> bool:
    """Count a cell's bytes, as UTF-8, when it has letters enough to matter."""
    if len(cell) * 4 <= limits.CELL_BYTES:
        return False
    return len(cell.encode("utf-8", "replace")) > limits.CELL_BYTES


class Records:
    """The records of a table, one by one, in time linear in its length.

    A quoted cell may run over several lines.  When the record it makes does not fit the
    table, or no quote ever closes it, the quote was a stray one: the line is read by itself
    with its quotes taken literally, and the lines behind it are read again.  A line is read
    at most twice, because the search for a closing quote ends at the next line with an odd
    number of quotes.
    """

    def __init__(
        self, lines: Iterable[tuple[int, str]], delimiter: str, width: int, log: Log
    ) -> None:  # fmt: skip
        self._lines = iter(lines)
        self._delimiter = delimiter
        self._width = width
        self._log = log
        self._again: list[tuple[int, str]] = []  # lines to read again, last first

    def __iter__(self) -> Iterator[Record]:
        delimiter = self._delimiter
        while True:
            if self._again:
                number, line = self._again.pop()
            else:
                pair = next(self._lines, None)
                if pair is None:
                    return
                number, line = pair
            if not line or line.isspace() or line in _END_OF_FILE:
                continue
            if '"' not in line:
                if len(line) > limits.CELL_BYTES and "\r" not in line:
                    count = line.count(delimiter) + 1
                    if count > limits.COLUMNS:
                        # Before they are taken apart: millions of cells fill the memory.
                        self._log.skip(
                            number, Code.TOO_MANY_COLUMNS, count=count, limit=limits.COLUMNS
                        )
                        continue
                if "\r" in line and line.count(delimiter) >= self._width:
                    yield from self._at_carriage_returns(number, line)
                    continue
                cells: list[str] | None = self._unquoted(line)
            elif line.count('"') % 2 == 0:
                cells = self._whole(line)
            else:
                cells = self._open(number, line)
            if cells is None or (
                len(line) > limits.CELL_BYTES // 4 and any(map(_above_limit, cells))
            ):
                self._log.skip(number, Code.CELL_TOO_LARGE, limit=limits.CELL_BYTES)
            elif any(cells):
                yield number, cells

    def _whole(self, line: str) -> list[str] | None:
        """Read a record of one line; None when a cell is larger than the csv module takes."""
        if "\r" in line:
            line = line.replace("\r", " ")
        cells = split_line(line, self._delimiter)
        if cells is None and '\\"' in line:
            cells = _split_backslashed(line, self._delimiter)
        if cells is None:
            try:
                cells = next(csv.reader((line,), delimiter=self._delimiter), [])
            except csv.Error:
                return None
        return cells

    def _open(self, number: int, line: str) -> list[str] | None:
        """Read a record whose first line leaves a quote open."""
        alone = split_line(line.replace("\r", " "), self._delimiter)
        if alone is not None:  # as in: 5" pipe, plumbing
            return alone
        if '\\"' in line and (alone := _split_backslashed(line, self._delimiter)) is not None:
            return alone
        gathered = [(number, line)]
        size = len(line)
        closed = False
        while size <= 4 * limits.CELL_BYTES:
            pair = self._again.pop() if self._again else next(self._lines, None)
            if pair is None:
                break
            gathered.append(pair)
            size += len(pair[1])
            if pair[1].count('"') % 2:
                closed = True
                break
        if closed:
            text = "\n".join(text for _, text in gathered).replace("\r", "\n")
            cells = split_line(text, self._delimiter)
            if cells is not None and self._fits(cells):
                return None if any(map(_above_limit, cells)) else cells
        self._again.extend(reversed(gathered[1:]))
        self._log.warn(number, Code.QUOTE_NEVER_CLOSED)
        return split_loosely(line, self._delimiter)

    def _fits(self, cells: Sequence[str]) -> bool:
        """Not wider than the table, but for empty cells at the end."""
        return len(cells) <= self._width or not any(cells[self._width :])

    def _unquoted(self, line: str) -> list[str]:
        """The cells of a line, also when another mark than the header's surely parts them."""
        cells = line.split(self._delimiter)
        if len(cells) > 1 or self._width == 1:
            return cells
        for delimiter in DELIMITERS:
            if line.count(delimiter) == self._width - 1:
                others = line.split(delimiter)
                if self._width > 2 or any("@" in cell for cell in others):
                    return others
        return cells

    def _at_carriage_returns(self, number: int, line: str) -> Iterator[Record]:
        """Rows a Macintosh ended, in a file that someone else went on with."""
        delimiter, marks = self._delimiter, self._width - 1
        count = line.count("\r") + 1
        if count > limits.ROWS:
            self._log.skip(number, Code.TOO_MANY_ROWS, limit=limits.ROWS)
            return
        parts = line.split("\r")
        if all(part.count(delimiter) == marks for part in parts):
            for part in parts:
                yield number, part.split(delimiter)
        elif line.count(delimiter) > limits.COLUMNS:
            columns = line.count(delimiter) + 1
            self._log.skip(number, Code.TOO_MANY_COLUMNS, count=columns, limit=limits.COLUMNS)
        else:
            yield number, line.split(delimiter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which cells of a row go where.  Numbers are column positions."""

    single: tuple[tuple[str, int], ...]  # (field, column); the first filled one wins
    dates: tuple[tuple[str, int], ...]
    many: tuple[tuple[str, str, int, int], ...]  # (field, label, value column, label column or -1)


_SINGLE = {
    "full_name", "prefix", "given", "middle", "family", "suffix", "nickname", "organization",
    "title", "uid", "met_through",
}  # fmt: skip
_DATES = {"birthday", "connected_on"}
_SEVERAL = {"email", "phone", "link", "extra", "others", "tags", "notes"}
_MANY = {"email": "emails", "phone": "phones", "link": "links", "extra": "extras"}


def plan_of(header: Sequence[str], fields: Sequence[str]) -> Plan:
    """Settle once what :func:`row_to_raw` then does a hundred thousand times."""
    labels = {
        field.replace("_label#", "#"): index
        for index, field in enumerate(fields)
        if "_label#" in field
    }
    single: list[tuple[str, int]] = []
    dates: list[tuple[str, int]] = []
    many: list[tuple[str, str, int, int]] = []
    for index, field in enumerate(fields):
        base = field.partition(":")[0].partition("#")[0]
        label = field.partition(":")[2]
        if base in _SINGLE:
            single.append((base, index))
        elif base in _DATES:
            dates.append((base, index))
        elif base in _SEVERAL:
            if base == "extra" and not label:
                label = header[index]
            many.append((base, label, index, labels.get(field, -1)))
    return Plan(single=tuple(single), dates=tuple(dates), many=tuple(many))


class RowReader:
    """Turns the rows of one table into drafts."""

    def __init__(
        self,
        *,
        header: Sequence[str],
        fields: Sequence[str],
        format: Format,
        log: Log,
        day_first: bool | None = None,
    ) -> None:
        self.plan = plan_of(header, fields)
        self.header = tuple(header)
        self.format = format
        self._own = format is Format.NETCRM
        self.log = log
        self.day_first = day_first
        self.unsettled: list[tuple[int, str, str]] = []  # (draft number, field, text)
        self.slashed = {True: 0, False: 0}  # dates surely day first, surely month first
        self.drafts: list[Draft] = []
        self._days: dict[str, Day | None] = {}

    def add(self, line: int, row: list[str]) -> None:
        """Read one row and keep its draft, if it holds a person."""
        raw = Raw(line)
        width = len(row)
        if width > len(self.header) and any(map(str.strip, row[len(self.header) :])):
            self.log.warn(line, Code.TOO_MANY_CELLS, count=width, limit=len(self.header))
        for field, index in self.plan.single:
            if index < width and row[index] and not getattr(raw, field):
                setattr(raw, field, row[index].strip())
        unsettled: list[tuple[str, str]] = []
        for field, index in self.plan.dates:
            text = row[index].strip() if index < width else ""
            if text and getattr(raw, field) is None:
                if field == "connected_on":
                    self._connected_on(raw, text, unsettled)
                else:
                    self._birthday(raw, text, unsettled)
        if self.plan.many:
            self._many(raw, row, width)
        draft = finish(raw, self.log, format=self.format)
        if draft is None:
            return
        if unsettled:
            self.unsettled.extend((len(self.drafts), field, text) for field, text in unsettled)
        self.drafts.append(draft)

    def _many(self, raw: Raw, row: list[str], width: int) -> None:
        values: dict[str, list[tuple[str, str]]] = {}
        tags: list[str] = []
        notes: list[str] = []
        for field, label, index, label_index in self.plan.many:
            text = row[index] if index < width else ""
            if not text or text.isspace():
                continue
            if field == "notes":
                notes.append(text)
            elif field == "tags":
                tags.extend(split_list(text) if self._own else _tags(text))
            elif field == "others":
                values.setdefault("extra", []).extend(
                    (told, label) for label, told in split_pairs(text)
                )
            elif BETWEEN in text or self._own:
                values.setdefault(field, []).extend(
                    self._several(text, row[label_index] if 0 <= label_index < width else label)
                )
            else:
                if 0 <= label_index < width:
                    label = _label(row[label_index]) or label
                values.setdefault(field, []).append((text, label))
        for field, found in values.items():
            joined = field == "extra" and not self._own
            setattr(raw, _MANY[field], _joined(found) if joined else found)
        raw.tags = tags
        if notes:
            raw.notes = "\n".join(notes)

    def _several(self, text: str, label: str) -> Iterator[tuple[str, str]]:
        """Values joined in one cell, with their labels joined alike or one for all."""
        labels = [_label(part) for part in self._split(label)]
        for number, part in enumerate(self._split(text)):
            yield part, labels[min(number, len(labels) - 1)]

    def _split(self, cell: str) -> list[str]:
        return split_list(cell) if self._own else cell.split(BETWEEN)

    def settle(self) -> None:
        """Decide on days like 03/06/2025 by the rest of their column, or leave them blank.

        When every date that has one reading only puts the day first (or the month), the
        others are read alike and a note says so; otherwise each gets a warning.
        """
        agreed = bool(self.slashed[True]) != bool(self.slashed[False])
        day_first = self.slashed[True] > 0
        if agreed and self.unsettled:
            self.log.note(
                0,
                Code.DAY_FIRST_INFERRED,
                count=len(self.unsettled),
                first="day" if day_first else "month",
            )
        for number, field, text in self.unsettled:
            draft = self.drafts[number]
            if not agreed:
                self.log.warn(draft.line, Code.DATE_AMBIGUOUS, text=clean_line(text)[:80])
            elif field == "birthday":
                birthday, _ = read_birthday(text, day_first=day_first)
                self.drafts[number] = replace(draft, birthday=birthday)
            elif day := read_day(text, day_first=day_first):
                self.drafts[number] = replace(draft, connected_on=day.value)
        self.unsettled = []

    def _connected_on(self, raw: Raw, text: str, unsettled: list[tuple[str, str]]) -> None:
        if text in self._days:
            day = self._days[text]
        else:
            day = self._days[text] = read_day(text, day_first=self.day_first)
        if day is None:
            if not any(map(str.isdigit, text)) or any(mark in "123456789" for mark in text):
                self.log.warn(raw.line, Code.DATE_UNREADABLE, text=clean_line(text)[:80])
            return
        if day.slashed is not None:
            self.slashed[day.slashed] += 1
        if day.other:
            unsettled.append(("connected_on", text))
        else:
            raw.connected_on = day.value

    def _birthday(self, raw: Raw, text: str, unsettled: list[tuple[str, str]]) -> None:
        raw.birthday, ambiguous = read_birthday(text, day_first=self.day_first)
        if ambiguous:
            unsettled.append(("birthday", text))
        elif raw.birthday is None:
            if any(mark in "123456789" for mark in text):
                self.log.warn(raw.line, Code.DATE_UNREADABLE, text=clean_line(text)[:80])
        else:
            day = read_day(text)
            if day and day.slashed is not None:
                self.slashed[day.slashed] += 1


def _tags(cell: str) -> Iterator[str]:
    for part in cell.replace(":::", ";").replace("\n", ";").split(";"):
        tag = part.strip().removeprefix("*").strip()
        if tag and tag.casefold() not in ("mycontacts", "my contacts"):
            yield tag


def _label(cell: str) -> str:
    return cell.strip().removeprefix("*").strip().lower()


def _joined(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One extra a label: an address kept in six columns becomes one line."""
    joined: dict[str, list[str]] = {}
    for text, label in found:
        joined.setdefault(label, []).append(text.strip())
    return [(", ".join(texts), label) for label, texts in joined.items()]
