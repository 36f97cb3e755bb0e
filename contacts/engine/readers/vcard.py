"""vCard 2.1, 3.0 and 4.0, as phones and address books really write them.

RFC 2425/2426 (3.0), RFC 6350 (4.0) and versit's vCard 2.1 say what a card should be; this
reader takes what they say and what is sent instead: bare ``quoted-printable`` parameters, soft
line breaks through a character, base64 without folding, commas nobody escaped, cards never
closed, cards inside cards.  Pictures, sounds and keys are passed over unread and no address is
ever fetched.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from contacts.engine import limits
from contacts.engine.days import names_no_day, read_birthday, read_day
from contacts.engine.drafts import Code, Draft, Format, Reading
from contacts.engine.names import clean_line
from contacts.engine.readers.building import Log, Raw, finish
from contacts.engine.readers.decoding import GuessEncoding, encoding_of, known_codec

_CACHED = 1_000  # parsed heads kept at most
_CARD_CHARS = 4_000_000  # of one card, pictures not counted
_LINE_CHARS = 20  # what keeping a line costs besides its characters
_PASSED_OVER = ("PHOTO", "LOGO", "SOUND", "KEY")
_TELLING = frozenset("ABEKLPSabeklps")  # first letters of lines to look at twice
_STARTS = frozenset(
    ("BEGIN", "END:V", "END :", "END: ", "AGENT", "PHOTO", "LOGO:", "LOGO;", "SOUND", "KEY:",
     "KEY;", "END\t:")
)  # fmt: skip
_BEGIN = re.compile(rb"B\x00{0,3}E\x00{0,3}G\x00{0,3}I\x00{0,3}N\s*\x00{0,3}:", re.IGNORECASE)
_MARK = re.compile(r"\s*(BEGIN|END)\s*:\s*VCARD\s*$", re.IGNORECASE)
_BASE64_LINE = re.compile(r"[A-Za-z0-9+/]+={0,2}$")


@dataclass(frozen=True, slots=True)
class _Card:
    line: int  # where BEGIN stands
    text: str  # its lines, still folded
    was_cut: bool


def read_vcards(data: bytes, log: Log, *, guess_encoding: GuessEncoding | None = None) -> Reading:
    """Read every card; one bad card never stops the others."""
    found = Log()
    encoding = encoding_of(data, found)
    wide = encoding.startswith(("utf-16", "utf-32"))
    clean = wide or (encoding == "utf-8" and not found.finished())
    if len(_BEGIN.findall(data)) > limits.ROWS:
        log.refuse(Code.TOO_MANY_ROWS, limit=limits.ROWS)
        return Reading(problems=log.finished(), format=Format.VCARD, encoding=encoding)
    reader = _Reader(
        log,
        fallback="" if clean else encoding_of(data, log, guess_encoding),
    )
    # Only bytes that are not UTF-8 can be read again as what the card says of them.
    text = io.TextIOWrapper(
        io.BytesIO(data),
        encoding if wide or encoding == "utf-8-sig" else "utf-8",
        "replace" if wide else "surrogateescape",
        newline=None,
    )
    for card in _cards(text, log):
        reader.read(card)
    if not reader.cards:
        log.refuse(Code.NO_ROWS)
    drafts = reader.labelled()
    return Reading(
        drafts=drafts,
        problems=log.finished(),
        format=Format.VCARD,
        counts=log.counts(len(drafts)),
        encoding=encoding,
    )


def _cards(lines: Iterator[str], log: Log) -> Iterator[_Card]:
    """Cut the file into cards.

    A card inside another is passed over when it is the value of an ``AGENT``; otherwise the
    outer card was never closed, and both are read.
    """
    kept: list[str] = []
    room = _CARD_CHARS  # for more of this card
    was_cut = False
    start = depth = outside = first_outside = 0
    inside = passing = agent = plain = False
    for number, line in enumerate(lines, 1):
        if plain and (line[0] not in _TELLING or line[:5].upper() not in _STARTS):
            cost = len(line) + _LINE_CHARS
            if cost <= room:
                kept.append(line)
                room -= cost
            else:
                was_cut = True
            continue
        if passing:
            if line[0] in " \t" or _BASE64_LINE.match(line):
                continue
            passing = False
            plain = inside and not depth
        mark = _MARK.match(line) if len(line) < 100 else None
        if mark:
            begins = mark[1].upper() == "BEGIN"
            if begins and inside and agent:
                depth += 1
            elif begins:
                if inside:
                    log.warn(start, Code.CARD_NOT_CLOSED)
                    yield _Card(start, "".join(kept), was_cut)
                kept, room, was_cut = [], _CARD_CHARS, False
                start, depth, inside = number, 0, True
            elif depth:
                depth -= 1
            elif inside:
                yield _Card(start, "".join(kept), was_cut)
                kept, inside = [], False
            agent = False
            plain = inside and not depth
        elif not inside:
            if not line.isspace():
                outside += 1
                first_outside = first_outside or number
        elif line[:5].upper() == "AGENT":
            agent, plain = True, False
        elif depth:
            agent = agent and line.isspace()
        elif line[:5].upper().startswith(_PASSED_OVER):
            passing, plain = True, False
        else:
            agent = agent and line.isspace()
            plain = not agent
            if len(line) <= room:
                kept.append(line)
                room -= len(line)
            else:
                was_cut = True
    if inside:
        log.warn(start, Code.CARD_NOT_CLOSED)
        yield _Card(start, "".join(kept), was_cut)
    if outside:
        log.note(first_outside, Code.LINE_IGNORED, count=outside)


@dataclass(frozen=True, slots=True)
class _Parameters:
    encoding: str = ""  # "q", "b" or ""
    charset: str = ""
    label: str = ""
    types: tuple[str, ...] = ()
    preferred: bool = False
    omit_year: str = ""


_PLAIN = _Parameters()
_LABELS = {
    "work": "work", "home": "home", "cell": "mobile", "mobile": "mobile", "iphone": "mobile",
    "other": "other", "main": "main", "fax": "fax", "pager": "pager", "car": "car",
    "school": "school", "linkedin": "linkedin", "twitter": "twitter", "facebook": "facebook",
    "github": "github",
}  # fmt: skip
_PARAMETER = re.compile(r';((?:"[^"]*"|[^;"])*)')


def _parameters(text: str) -> _Parameters:
    encoding = charset = omit = ""
    types: list[str] = []
    preferred = False
    parts = _PARAMETER.findall(";" + text) if '"' in text else text.split(";")
    for part in parts[:40]:
        name, equals, value = part.partition("=")
        name, value = name.strip().upper(), value.strip().strip('"')
        if not equals:
            name, value = "TYPE", name  # vCard 2.1: ;WORK;QUOTED-PRINTABLE
        if name == "ENCODING" or (name == "TYPE" and value.upper() in _ENCODINGS):
            encoding = _ENCODINGS.get(value.upper(), "")
        elif name == "CHARSET":
            charset = value
        elif name == "TYPE":
            types.extend(kind.strip().lower() for kind in value.split(","))
        elif name == "PREF":
            preferred = value == "1"
        elif name == "X-APPLE-OMIT-YEAR":
            omit = value
    return _Parameters(
        encoding=encoding,
        charset=charset,
        label=next((_LABELS[kind] for kind in types if kind in _LABELS), ""),
        types=tuple(types),
        preferred=preferred or "pref" in types,
        omit_year=omit,
    )


_ENCODINGS = {"QUOTED-PRINTABLE": "q", "Q": "q", "BASE64": "b", "B": "b"}

_ESCAPED = re.compile(r"\\([nN,;:\\])")  # anything else behind a backslash keeps it
_LOOSE_SEMICOLON = re.compile(r"(?<!\\); ")
_FOLD = re.compile(r"\n[ \t]")
_AB_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_UNPAIRED = re.compile("[\udc80-\udcff]")


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _split(value: str, mark: str) -> list[str]:
    """Split at a mark nobody escaped, then take the escapes away."""
    if "\\" not in value:
        return value.split(mark)
    # Escaped backslashes and marks step aside as control characters while we split.
    aside = value.replace("\\\\", "\x01").replace("\\" + mark, "\x02")
    return [
        _unescaped(part).replace("\x01", "\\").replace("\x02", mark) for part in aside.split(mark)
    ]


_READ = frozenset(
    (
        "FN", "N", "NICKNAME", "EMAIL", "TEL", "URL", "ORG", "TITLE", "ROLE", "NOTE", "BDAY",
        "CATEGORIES", "UID", "ADR", "KIND", "MEMBER", "X-ADDRESSBOOKSERVER-KIND",
        "X-ADDRESSBOOKSERVER-MEMBER", "X-SOCIALPROFILE", "X-ABLABEL", "X-ANDROID-CUSTOM",
        "ANNIVERSARY", "X-ABRELATEDNAMES", "X-ABDATE", "IMPP", "RELATED", "X-NICKNAME",
        "SOCIALPROFILE", "X-LINKEDIN", "X-ANNIVERSARY", "X-SPOUSE", "X-MANAGER", "X-ASSISTANT",
        "X-CONNECTED-ON", "X-INTRODUCED-BY", "X-FIELD",
    )
)  # fmt: skip


class _Reader:
    """Turns cards into drafts, and group cards into labels."""

    def __init__(self, log: Log, *, fallback: str) -> None:
        self.log = log
        self.fallback = fallback
        self.cards = 0
        self.drafts: list[Draft] = []
        self.groups: list[tuple[str, frozenset[str]]] = []
        self._unread: set[str] = set()  # names of properties to pass over, as written
        self._heads: dict[str, tuple[str, str, _Parameters]] = {}

    def read(self, card: _Card) -> None:
        self.cards += 1
        text = card.text
        if card.was_cut:
            self.log.warn(card.line, Code.CARD_TOO_LARGE, limit=_CARD_CHARS)
        if "=\n" in text and "QUOTED-PRINTABLE" in text.upper():
            text = _without_soft_breaks(text)
        if "\n " in text or "\n\t" in text:
            text = _FOLD.sub("", text)
        entry = _Entry(card.line)
        ignored = 0
        heads, add, fallback = self._heads, entry.add, self.fallback
        large = len(text) > limits.CELL_BYTES
        for line in text.split("\n"):
            if not line:
                continue
            head, colon, value = line.partition(":")
            known = heads.get(head)
            if known is None:
                full = head.partition(";")[0]
                if full in self._unread:
                    continue
                head, told, user = head.partition(";x-user=")  # Apple's, on every card another
                known = heads.get(head)
                if told and "/" not in value:
                    value = user.partition(";")[0] or value
            if known is None:
                if '"' in head and head.count('"') % 2:
                    head, colon, value = _quoted_head(line)
                if not colon or len(head) > 500:
                    ignored += not line.isspace()
                    continue
                known = self._head(head)
            name, group, parameters = known
            if not name or not value:
                continue
            if large and len(value) > limits.CELL_BYTES:
                self.log.warn(card.line, Code.CELL_TOO_LARGE, limit=limits.CELL_BYTES)
                continue
            if fallback and not value.isascii():
                value = self._redecoded(value, parameters.charset)
            if parameters.encoding:
                entry.add_encoded(name, group, value, parameters, self)
            else:
                add(name, group, value, parameters)
        if ignored:
            self.log.note(card.line, Code.LINE_IGNORED, count=ignored)
        self._keep(entry)

    def _head(self, head: str) -> tuple[str, str, _Parameters]:
        full, _, rest = head.partition(";")
        group, dot, name = full.strip().rpartition(".")
        name = (name if dot else full).strip().upper()
        if name not in _READ and len(self._unread) < _CACHED:
            self._unread.add(full)
        known = (
            name if name in _READ else "",
            group.lower(),
            _parameters(rest) if rest else _PLAIN,
        )
        if len(self._heads) < _CACHED:
            self._heads[head] = known
        return known

    def _redecoded(self, value: str, charset: str) -> str:
        """Text whose bytes were not UTF-8, read again as what the card or the file says."""
        if not _UNPAIRED.search(value):
            return value
        raw = value.encode("utf-8", "surrogateescape")
        return raw.decode(known_codec(charset) or self.fallback, "replace")

    def decoded(self, value: str, parameters: _Parameters) -> str:
        if parameters.encoding == "q":
            raw = binascii.a2b_qp(value.encode("utf-8", "surrogateescape"))
        else:
            try:
                raw = base64.b64decode("".join(value.split()), validate=False)
            except (binascii.Error, ValueError):
                return ""
        charset = known_codec(parameters.charset)
        try:
            return raw.decode(charset or "utf-8")
        except (UnicodeDecodeError, LookupError):
            return raw.decode("cp1252", "replace")

    def _keep(self, entry: _Entry) -> None:
        raw = entry.raw
        if entry.kind == "group":
            name = clean_line(_unescaped(raw.full_name))
            self.groups.append((name, frozenset(map(_bare_uid, entry.members))))
            self.log.skip(raw.line, Code.CARD_IS_GROUP, name=name[:80])
            return
        if entry.kind in ("location", "application", "device"):
            self.log.skip(raw.line, Code.CARD_IS_GROUP, name=clean_line(raw.full_name)[:80])
            return
        if entry.kind in ("org", "organization"):
            self.log.note(raw.line, Code.CARD_IS_ORGANIZATION, name=clean_line(raw.full_name)[:80])
        entry.settle(self.log)
        draft = finish(raw, self.log)
        if draft is not None:
            self.drafts.append(draft)

    def labelled(self) -> tuple[Draft, ...]:
        """The people, each with the names of the groups it is a member of as tags."""
        tags: dict[str, list[str]] = {}
        for name, members in self.groups:
            if name:
                for uid in members:
                    tags.setdefault(uid, []).append(name[: limits.LINE_CHARS])
        if not tags:
            return tuple(self.drafts)
        return tuple(
            replace(draft, tags=tuple(dict.fromkeys([*draft.tags, *tags[draft.uid]])))
            if draft.uid in tags
            else draft
            for draft in self.drafts
        )


def _bare_uid(text: str) -> str:
    return text.strip().removeprefix("urn:uuid:").removeprefix("uuid:")


def _quoted_head(line: str) -> tuple[str, str, str]:
    """Split at the first colon that stands outside double quotes."""
    quoted = False
    for at, mark in enumerate(line[:2_000]):
        if mark == '"':
            quoted = not quoted
        elif mark == ":" and not quoted:
            return line[:at], ":", line[at + 1 :]
    return line.partition(":")


def _without_soft_breaks(text: str) -> str:
    """Join quoted-printable values broken with ``=`` at the end of a line (RFC 2045 6.7).

    Only inside a quoted-printable property: elsewhere a line may well end in ``=``.
    """
    joined: list[str] = []
    pieces: list[str] = []  # of the value being joined
    for line in text.split("\n"):
        if pieces:
            # Some programs fold as well: the blank in front is theirs, never the text's,
            # because quoted-printable would have written it =20.
            line = line.lstrip(" \t")
        elif not (line.endswith("=") and _is_quoted_printable(line)):
            joined.append(line)
            continue
        pieces.append(line.removesuffix("="))
        if not line.endswith("="):
            joined.append("".join(pieces))
            pieces = []
    if pieces:
        joined.append("".join(pieces))
    return "\n".join(joined)


def _is_quoted_printable(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line[:200].partition(":")[0].upper()


class _Entry:
    """One card while it is being read."""

    __slots__ = (
        "ab_labels", "bdays", "emails", "extras", "grouped", "kind", "links", "members", "notes",
        "phones", "raw", "tags",
    )  # fmt: skip

    def __init__(self, line: int) -> None:
        self.raw = Raw(line)
        self.kind = ""
        self.members: list[str] = []
        self.emails: list[tuple[str, str]] = []  # value, label
        self.phones: list[tuple[str, str]] = []
        self.links: list[tuple[str, str]] = []
        self.extras: list[tuple[str, str]] = []
        self.grouped: list[tuple[list[tuple[str, str]], int, str]] = []  # list, place, group
        self.ab_labels: dict[str, str] = {}
        self.tags: list[str] = []
        self.notes: list[str] = []
        self.bdays: list[tuple[str, str]] = []

    def add_encoded(
        self, name: str, group: str, value: str, parameters: _Parameters, reader: _Reader
    ) -> None:
        """Take an encoded value; in a structured one, each part is decoded by itself."""
        if name in ("N", "ORG", "ADR") and parameters.encoding == "q":
            parts = [reader.decoded(part, parameters) for part in value.split(";")]
            value = ";".join(part.replace(";", "\\;") for part in parts)
        else:
            value = reader.decoded(value, parameters)
        self.add(name, group, value, parameters)

    def add(self, name: str, group: str, value: str, parameters: _Parameters) -> None:
        raw = self.raw
        if name == "EMAIL":
            self._gather(self.emails, _unescaped(value), parameters.label, group)
        elif name == "TEL":
            self._gather(self.phones, _unescaped(value), parameters.label, group)
        elif name == "FN":
            if not raw.full_name or parameters.preferred:
                raw.full_name = _unescaped(value)
        elif name == "N":
            if not (raw.family or raw.given):
                parts = [*_split(value, ";"), "", "", "", "", ""][:5]
                raw.family, raw.given, raw.middle, raw.prefix, raw.suffix = parts
        elif name == "ORG":
            if not raw.organization:
                # A semicolon with a blank behind it is text nobody escaped, not a department.
                raw.organization, *units = _split(_LOOSE_SEMICOLON.sub(r"\\; ", value), ";")
                unit = ", ".join(filter(str.strip, units))
                if unit:
                    self.extras.append((unit, "department"))
        elif name == "TITLE":
            raw.title = raw.title or _unescaped(value)
        elif name == "UID":
            raw.uid = raw.uid or _bare_uid(value)
        elif name == "NOTE":
            self.notes.append(_unescaped(value))
        elif name == "CATEGORIES":
            self.tags.extend(_split(value, ","))
        elif name == "BDAY":
            self.bdays.append((value, parameters.omit_year))
        elif name in ("NICKNAME", "X-NICKNAME"):
            raw.nickname = raw.nickname or _split(value, ",")[0]
        elif name in ("X-SOCIALPROFILE", "SOCIALPROFILE", "X-LINKEDIN"):
            self._profile(name, value, parameters, group)
        elif name == "URL":
            self._gather(self.links, _unescaped(value), parameters.label, group)
        elif name == "ADR":
            parts = [part.replace("\n", ", ").strip() for part in _split(value, ";")]
            label = f"{parameters.label} address".strip()
            self._gather(self.extras, ", ".join(filter(None, parts)), label, group)
        elif name == "X-ABLABEL":
            found = _AB_LABEL.fullmatch(value.strip())
            self.ab_labels[group] = clean_line(found[1].lower() if found else _unescaped(value))
        elif name in ("KIND", "X-ADDRESSBOOKSERVER-KIND"):
            self.kind = value.strip().lower()
        elif name in ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"):
            self.members.append(value)
        elif name == "X-ANDROID-CUSTOM":
            self._android(value)
        elif name == "X-CONNECTED-ON":
            day = read_day(value)
            raw.connected_on = day.value if day else None
        elif name == "X-INTRODUCED-BY":
            raw.met_through = _unescaped(value)
        elif name == "X-FIELD":
            self._gather(self.extras, _unescaped(value), "", group)
        elif name == "ROLE":
            self.extras.append((_unescaped(value), "role"))
        else:
            label = name.removeprefix("X-").removeprefix("AB").lower()
            self._gather(self.extras, _unescaped(value), label, group)

    def _gather(self, into: list[tuple[str, str]], value: str, label: str, group: str) -> None:
        if group:
            self.grouped.append((into, len(into), group))
        into.append((value, label))

    def _profile(self, name: str, value: str, parameters: _Parameters, group: str) -> None:
        value = _unescaped(value).strip()
        service = "linkedin" if name == "X-LINKEDIN" else parameters.label
        if service == "linkedin" and "/" not in value:
            value = f"https://www.linkedin.com/in/{value.removeprefix('x-apple:')}"
        if "/" in value:
            self._gather(self.links, value, service, group)
        else:
            user = value.removeprefix("x-apple:")
            self._gather(self.extras, user, service or "profile", group)

    def _android(self, value: str) -> None:
        kind, _, rest = value.partition(";")
        text = rest.partition(";")[0]
        if kind.endswith("/nickname"):
            self.raw.nickname = self.raw.nickname or _unescaped(text)
        elif text.strip():
            self.extras.append((_unescaped(text), kind.rpartition("/")[2]))

    def settle(self, log: Log) -> None:
        """Move what was gathered into the raw person, groups' labels applied."""
        raw = self.raw
        for values, place, group in self.grouped:
            label = self.ab_labels.get(group)
            if label:
                values[place] = (values[place][0], label)
        raw.emails, raw.phones, raw.links = self.emails, self.phones, self.links
        raw.extras = self.extras
        raw.tags = self.tags
        raw.notes = "\n".join(self.notes)
        for value, omit_year in self.bdays:
            birthday, ambiguous = read_birthday(value)
            if birthday is None:
                code = Code.DATE_AMBIGUOUS if ambiguous else Code.DATE_UNREADABLE
                if not names_no_day(value):
                    log.warn(raw.line, code, text=clean_line(value)[:80])
            elif raw.birthday is None:
                if omit_year and str(birthday.year) == omit_year:
                    birthday = replace(birthday, year=None)
                raw.birthday = birthday
