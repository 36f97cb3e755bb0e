"""People as CSV and vCard text that other programs, and our own readers, take back.

Two wishes meet in a CSV cell.  A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``,
``@``, a tab or a line break, also in their full-width forms (OWASP ASVS 5.0, 1.2.10), so such a
cell gets an apostrophe in front.  And what is written must be read back unchanged: so a cell
that begins with apostrophes before such a sign gets one more, and from every cell of a file
that carries our mark the reader takes one away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from contacts.engine.drafts import Birthday, Draft, Point
from contacts.engine.formats import (
    OWN_COLUMNS,
    guarded,
    joined_list,
    joined_pairs,
)

_PAIRS = 3  # columns for each of e-mails, phones and links; the last takes the rest


def csv_lines(people: Iterable[Draft]) -> Iterator[str]:
    """Yield the lines of a CSV file, header first, each with its CRLF (RFC 4180).

    The headings are Google Contacts', which takes the file as it is; what Google has no place
    for stands in columns of its own.  Positions but the present one, reminders and rhythms
    are left to the JSON export.
    """
    yield _csv_line(OWN_COLUMNS)
    for person in people:
        cells = [
            person.full_name,
            person.given,
            person.family,
            person.nickname,
            person.organization,
            person.title,
            str(person.birthday) if person.birthday else "",
            person.notes,
            joined_list(person.tags),
            *_pairs(person.emails),
            *_pairs(person.phones),
            *_pairs(person.links),
            person.connected_on.isoformat() if person.connected_on else "",
            person.met_through,
            joined_pairs(person.extras),
            person.uid,
            "1",
        ]
        yield _csv_line([guarded(cell) for cell in cells])


def _pairs(points: Sequence[Point]) -> Iterator[str]:
    for number in range(_PAIRS):
        chosen = points[number:] if number == _PAIRS - 1 else points[number : number + 1]
        yield joined_list([point.label for point in chosen]) if chosen else ""
        yield joined_list([point.value for point in chosen]) if chosen else ""


def _csv_line(cells: Sequence[str]) -> str:
    return ",".join(map(_quoted, cells)) + "\r\n"


def _quoted(cell: str) -> str:
    if any(mark in cell for mark in '",\r\n\t;'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


_OCTETS = 75  # RFC 2426 2.6: lines longer than this are folded
_UNSAFE = re.compile(r"[\\;,]|\r\n?|\n")
_LABEL_TYPES = {
    "work": "WORK", "home": "HOME", "mobile": "CELL", "fax": "FAX", "pager": "PAGER",
}  # fmt: skip


def vcards(people: Iterable[Draft], *, notes: bool = True) -> Iterator[str]:
    """Yield one vCard 3.0 (RFC 2426) after the other, CRLF, folded at 75 octets.

    Args:
        people: whom to write.
        notes: False leaves the notes out, for a card that is handed to somebody else.

    What vCard has no property for travels in ``X-`` properties that other programs pass over.
    """
    for person in people:
        yield "".join(map(_folded, _card(person, notes)))


def _card(person: Draft, notes: bool) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:3.0"
    yield f"FN:{_escaped(person.full_name)}"
    # N is required and iOS shows nothing else; an undivided name stands as the given one.
    given = person.given or ("" if person.family else person.full_name)
    yield f"N:{_escaped(person.family)};{_escaped(given)};;;"
    if person.nickname:
        yield f"NICKNAME:{_escaped(person.nickname)}"
    if person.organization:
        yield f"ORG:{_escaped(person.organization)}"
    if person.title:
        yield f"TITLE:{_escaped(person.title)}"
    item = 0
    for name, points in (
        ("EMAIL;TYPE=INTERNET", person.emails),
        ("TEL", person.phones),
        ("URL", person.links),
    ):
        for point in points:
            kind = _LABEL_TYPES.get(point.label)
            if kind:
                separator = "," if "TYPE=" in name else ";TYPE="
                yield f"{name}{separator}{kind}:{_escaped(point.value)}"
            elif point.label:
                item += 1
                yield f"item{item}.{name}:{_escaped(point.value)}"
                yield f"item{item}.X-ABLabel:{_escaped(point.label)}"
            else:
                yield f"{name}:{_escaped(point.value)}"
    if person.birthday:
        yield _bday(person.birthday)
    if person.tags:
        yield "CATEGORIES:" + ",".join(map(_escaped, person.tags))
    if person.connected_on:
        yield f"X-CONNECTED-ON:{person.connected_on.isoformat()}"
    if person.met_through:
        yield f"X-INTRODUCED-BY:{_escaped(person.met_through)}"
    for label, text in person.extras:
        item += 1
        yield f"item{item}.X-FIELD:{_escaped(text)}"
        yield f"item{item}.X-ABLabel:{_escaped(label)}"
    if notes and person.notes:
        yield f"NOTE:{_escaped(person.notes)}"
    if person.uid:
        yield f"UID:{_escaped(person.uid)}"
    yield "END:VCARD"


def _bday(birthday: Birthday) -> str:
    """3.0 knows no birthday without a year; Apple's way of saying so is widely read."""
    if birthday.year is None:
        return f"BDAY;X-APPLE-OMIT-YEAR=1604:1604-{birthday.month:02d}-{birthday.day:02d}"
    return f"BDAY:{birthday}"


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda mark: "\\n" if mark[0][0] in "\r\n" else f"\\{mark[0]}", text)


def _folded(line: str) -> str:
    """Break a line so that none has more than 75 octets and no character is cut."""
    if len(line) * 4 <= _OCTETS or len(line.encode()) <= _OCTETS:
        return line + "\r\n"
    pieces: list[str] = []
    start = size = 0
    for at, mark in enumerate(line):
        octets = 1 if mark < "\x80" else len(mark.encode())
        if size + octets > _OCTETS - bool(pieces):
            pieces.append(line[start:at])
            start, size = at, 0
        size += octets
    pieces.append(line[start:])
    return "\r\n ".join(pieces) + "\r\n"
