"""From raw values to a draft: the one place where every format's values are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

from contacts.engine import limits, points
from contacts.engine.drafts import (
    Birthday,
    Code,
    Counts,
    Draft,
    Format,
    Job,
    Point,
    Problem,
    Reminder,
    Severity,
)
from contacts.engine.names import clean_line, clean_text

Labelled = Sequence[tuple[str, str]]  # (value, label)


class Log:
    """The problems of one file, bounded: a hostile file has no end of them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.more = 0
        self.skipped = 0

    def add(self, line: int, code: Code, severity: Severity, **facts: str | int) -> None:
        if severity is Severity.SKIPPED:
            self.skipped += 1
        if len(self.problems) >= limits.PROBLEMS_KEPT and severity is not Severity.REFUSED:
            self.more += 1
            return
        self.problems.append(Problem(line=line, code=code, severity=severity, facts=facts))

    def note(self, line: int, code: Code, **facts: str | int) -> None:
        self.add(line, code, Severity.NOTE, **facts)

    def warn(self, line: int, code: Code, **facts: str | int) -> None:
        self.add(line, code, Severity.WARNING, **facts)

    def skip(self, line: int, code: Code, **facts: str | int) -> None:
        self.add(line, code, Severity.SKIPPED, **facts)

    def refuse(self, code: Code, line: int = 0, **facts: str | int) -> None:
        self.add(line, code, Severity.REFUSED, **facts)

    def counts(self, drafts: int) -> Counts:
        """Every row or card became a draft or one ``SKIPPED`` problem."""
        return Counts(rows=drafts + self.skipped, drafts=drafts, skipped=self.skipped)

    def finished(self) -> tuple[Problem, ...]:
        if self.more:
            self.problems.append(
                Problem(
                    line=0,
                    code=Code.MORE_PROBLEMS,
                    severity=Severity.NOTE,
                    facts={"count": self.more},
                )
            )
            self.more = 0
        return tuple(self.problems)


class Raw:
    """What one row or card says, before it is checked.  Values are as the file has them."""

    __slots__ = (
        "archived",
        "birthday",
        "connected_on",
        "emails",
        "every_days",
        "extras",
        "family",
        "full_name",
        "given",
        "line",
        "links",
        "met_through",
        "met_through_uid",
        "middle",
        "nickname",
        "notes",
        "organization",
        "phones",
        "positions",
        "prefix",
        "reminders",
        "suffix",
        "tags",
        "title",
        "uid",
    )

    def __init__(self, line: int) -> None:
        self.line = line
        self.full_name = self.prefix = self.given = self.middle = self.family = self.suffix = ""
        self.nickname = self.organization = self.title = self.notes = self.uid = ""
        self.met_through = self.met_through_uid = ""
        self.emails: Labelled = ()
        self.phones: Labelled = ()
        self.links: Labelled = ()
        self.extras: Labelled = ()
        self.tags: Sequence[str] = ()
        self.positions: tuple[Job, ...] = ()
        self.reminders: tuple[Reminder, ...] = ()
        self.birthday: Birthday | None = None
        self.connected_on: date | None = None
        self.every_days: int | None = None
        self.archived = False


def finish(raw: Raw, log: Log, *, format: Format = Format.UNKNOWN) -> Draft | None:
    """Check and tidy one person.  None, with the reason in the log, when nobody is there."""
    given, family = raw.given and clean_line(raw.given), raw.family and clean_line(raw.family)
    if raw.full_name:
        full_name = clean_line(raw.full_name)
    elif raw.prefix or raw.middle or raw.suffix:
        parts = (clean_line(raw.prefix), given, clean_line(raw.middle), family)
        full_name = ", ".join(filter(None, (" ".join(filter(None, parts)), clean_line(raw.suffix))))
    else:
        full_name = f"{given} {family}" if given and family else given or family
    if "<" in full_name and (found := _NAME_AND_EMAIL.fullmatch(full_name)):
        full_name = found[1].strip(" \"'")
        raw.emails = [*raw.emails, (found[2], "")]
    organization = raw.organization and _line(
        raw, clean_line(raw.organization), "organization", log
    )
    title = raw.title and _line(raw, clean_line(raw.title), "title", log)
    emails = _emails(raw, log) if raw.emails else ()
    phones = _phones(raw, log) if raw.phones else ()
    links = _links(raw, log) if raw.links else ()
    nickname = raw.nickname and clean_line(raw.nickname)[: limits.NICKNAME_CHARS].rstrip()
    if not (full_name[:1].isalnum() or _is_name(full_name)):
        stand_in = nickname or _stand_in(emails, phones, links, organization, raw.line, format, log)
        if not stand_in and "?" in full_name:
            stand_in = full_name  # "????": what programs write that cannot write the name
        if not stand_in:
            log.skip(raw.line, Code.BLANK_PERSON)
            return None
        full_name = stand_in
    if len(full_name) > limits.NAME_CHARS:
        log.skip(raw.line, Code.NAME_TOO_LONG, chars=len(full_name), limit=limits.NAME_CHARS)
        return None
    return Draft(
        full_name=full_name,
        given=given[: limits.NAME_CHARS].rstrip(),
        family=family[: limits.NAME_CHARS].rstrip(),
        nickname=nickname,
        emails=emails,
        phones=phones,
        links=links,
        organization=organization,
        title=title,
        positions=raw.positions,
        tags=_tags(raw, log) if raw.tags else (),
        notes=raw.notes and _notes(raw, log),
        birthday=raw.birthday,
        connected_on=raw.connected_on,
        met_through=raw.met_through and clean_line(raw.met_through)[: limits.NAME_CHARS].rstrip(),
        met_through_uid=raw.met_through_uid,
        every_days=raw.every_days,
        archived=raw.archived,
        reminders=raw.reminders,
        extras=_extras(raw, log) if raw.extras else (),
        uid=raw.uid and clean_line(raw.uid)[: limits.UID_CHARS].rstrip(),
        line=raw.line,
    )


def _is_name(name: str) -> bool:
    """True for a name with a letter or digit, and for one of emoji alone, which some go by."""
    return any(map(str.isalnum, name)) or any(ord(mark) > 0x2190 for mark in name)


def _stand_in(
    emails: tuple[Point, ...],
    phones: tuple[Point, ...],
    links: tuple[Point, ...],
    organization: str,
    line: int,
    format: Format,
    log: Log,
) -> str:
    """What to call somebody without a name, or "".  LinkedIn's nameless rows are nobody."""
    if not emails and organization and (phones or (links and format is not Format.LINKEDIN)):
        log.note(line, Code.NAME_FROM_ORGANIZATION, name=organization)
        return organization[: limits.NAME_CHARS]
    profile = points.linkedin_key(links[0].value) if links else None
    if emails:
        name = emails[0].value
    elif profile:
        name = profile.split("/")[1]
    elif phones:
        name = phones[0].value
    else:
        return ""
    log.note(line, Code.NAME_FROM_EMAIL, name=name)
    return name


def _notes(raw: Raw, log: Log) -> str:
    notes = clean_text(raw.notes)
    if len(notes) > limits.NOTE_CHARS:
        log.warn(raw.line, Code.TEXT_SHORTENED, field="notes", limit=limits.NOTE_CHARS)
        notes = notes[: limits.NOTE_CHARS].rstrip()
    return notes


@lru_cache(maxsize=4096)
def _tidy(text: str) -> str:
    """A label or a tag: there are few, and they come again and again."""
    return clean_line(text[:1_000])[: limits.LABEL_CHARS].rstrip()


_NAME_AND_EMAIL = re.compile(r"([^<>]*)<([^<>@\s]+@[^<>@\s]+)>")


def _line(raw: Raw, text: str, field: str, log: Log) -> str:
    """Shorten a line too long for its place; it is kept whole among the extras."""
    if len(text) > limits.LINE_CHARS:
        log.warn(raw.line, Code.TEXT_SHORTENED, field=field, limit=limits.LINE_CHARS)
        raw.extras = [(text, field), *raw.extras]
        text = text[: limits.LINE_CHARS].rstrip()
    return text


def _emails(raw: Raw, log: Log) -> tuple[Point, ...]:
    if len(raw.emails) == 1:
        cell, label = raw.emails[0]
        if points.is_usual_email(cell):
            return (Point(value=cell, label=label and _tidy(label)),)
    found: list[tuple[str, str]] = []
    for cell, label in raw.emails:
        if len(found) > limits.VALUES:
            found.extend((value, label) for value, label in raw.emails[len(found) :])
            break
        good, bad = points.emails(cell)
        found.extend((value, label) for value in good)
        for text in bad[:3]:
            log.warn(raw.line, Code.EMAIL_INVALID, text=text[:80])
    return _distinct(found, points.email_key, "e-mail", raw.line, log)


def _phones(raw: Raw, log: Log) -> tuple[Point, ...]:
    if len(raw.phones) == 1:
        cell, label = raw.phones[0]
        value = points.phone(cell)
        if value:
            return (Point(value=value, label=label and _tidy(label)),)
    found: list[tuple[str, str]] = []
    for cell, label in raw.phones[: limits.VALUES * 2]:
        value = points.phone(cell)
        if value:
            found.append((value, label))
        else:
            log.warn(raw.line, Code.PHONE_INVALID, text=clean_line(cell)[:80])
    return _distinct(found, points.phone_key, "phone", raw.line, log, len(raw.phones))


def _links(raw: Raw, log: Log) -> tuple[Point, ...]:
    if len(raw.links) == 1:
        cell, label = raw.links[0]
        value = points.link(cell)
        if value:
            return (Point(value=value, label=label and _tidy(label)),)
    found: list[tuple[str, str]] = []
    for cell, label in raw.links[: limits.VALUES * 2]:
        value = points.link(cell)
        if value:
            found.append((value, label))
        elif cell.strip():
            log.warn(raw.line, Code.LINK_INVALID, text=clean_line(cell)[:80])
    return _distinct(found, points.link_key, "link", raw.line, log, len(raw.links))


def _distinct(
    found: Sequence[tuple[str, str]],
    key: Callable[[str], str],
    field: str,
    line: int,
    log: Log,
    total: int = 0,
) -> tuple[Point, ...]:
    kept: dict[str, Point] = {}
    for value, label in found[: limits.VALUES]:
        kept.setdefault(key(value), Point(value=value, label=_tidy(label)))
    if max(total, len(found)) > limits.VALUES:
        log.warn(
            line,
            Code.TOO_MANY_VALUES,
            field=field,
            count=max(total, len(found)),
            limit=limits.VALUES,
        )
    return tuple(kept.values())


def _tags(raw: Raw, log: Log) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for text in raw.tags:
        tag = _tidy(text)
        if tag and len(kept) < limits.VALUES:
            kept.setdefault(tag.casefold(), tag)
    if len(raw.tags) > limits.VALUES:
        log.warn(
            raw.line,
            Code.TOO_MANY_VALUES,
            field="tag",
            count=len(raw.tags),
            limit=limits.VALUES,
        )
    return tuple(kept.values())


def _extras(raw: Raw, log: Log) -> tuple[tuple[str, str], ...]:
    kept: list[tuple[str, str]] = []
    for value, label in raw.extras[: limits.VALUES]:
        text = clean_text(value)[: limits.LINE_CHARS * 4]
        if text:
            kept.append((_tidy(label), text))
    if len(raw.extras) > limits.VALUES:
        log.warn(
            raw.line,
            Code.TOO_MANY_VALUES,
            field="extra",
            count=len(raw.extras),
            limit=limits.VALUES,
        )
    return tuple(kept)
