"""What a reader hands over: people as drafts, and what was wrong with the file.

A draft is what the file says, cleaned but not yet compared with anybody we know.  Whoever
saves it decides whether it is new, known or a duplicate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Facts = Mapping[str, str | int]


class Format(StrEnum):
    """The kinds of file we can name."""

    LINKEDIN = "linkedin"
    GOOGLE = "google"
    GOOGLE_OLD = "google_old"
    OUTLOOK = "outlook"
    OUTLOOK_COM = "outlook_com"
    OUTLOOK_VIA_GOOGLE = "outlook_via_google"
    VCARD = "vcard"
    CSV = "csv"
    MONICA = "monica"
    NETCRM = "netcrm"  # our own CSV
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much a problem cost."""

    NOTE = "note"  # nothing is lost; worth knowing
    WARNING = "warning"  # the person was read, some of it was left out
    SKIPPED = "skipped"  # this row or card became no person
    REFUSED = "refused"  # the file, or the rest of it, was not read


class Code(StrEnum):
    """What a problem is.  ``contacts.engine.problems`` has the sentence for each."""

    # The file as a whole
    EMPTY = "empty"
    NO_ROWS = "no_rows"
    NO_HEADER = "no_header"
    NOT_TEXT = "not_text"
    IS_ARCHIVE = "is_archive"
    IS_SPREADSHEET = "is_spreadsheet"
    IS_PDF = "is_pdf"
    IS_IMAGE = "is_image"
    IS_HTML = "is_html"
    IS_CALENDAR = "is_calendar"
    IS_MAIL = "is_mail"
    IS_OTHER_JSON = "is_other_json"
    BROKEN_JSON = "broken_json"
    NO_CONNECTIONS_IN_ZIP = "no_connections_in_zip"
    BROKEN_ZIP = "broken_zip"
    ENCRYPTED_ZIP = "encrypted_zip"
    UNSAFE_ZIP = "unsafe_zip"
    TOO_MANY_BYTES = "too_many_bytes"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_MANY_MEMBERS = "too_many_members"
    TOO_MANY_UNPACKED = "too_many_unpacked"
    ENCODING_GUESSED = "encoding_guessed"
    BYTES_UNREADABLE = "bytes_unreadable"
    TOO_MANY_TAGS = "too_many_tags"
    COLUMN_TWICE = "column_twice"
    MAPPING_WANTED = "mapping_wanted"
    DAY_FIRST_INFERRED = "day_first_inferred"
    MORE_PROBLEMS = "more_problems"
    # One row or card
    BLANK_PERSON = "blank_person"
    NOT_A_ROW = "not_a_row"
    HEADER_AGAIN = "header_again"
    QUOTE_NEVER_CLOSED = "quote_never_closed"
    TOO_MANY_CELLS = "too_many_cells"
    CELL_TOO_LARGE = "cell_too_large"
    NAME_FROM_EMAIL = "name_from_email"
    NAME_FROM_ORGANIZATION = "name_from_organization"
    NAME_TOO_LONG = "name_too_long"
    TEXT_SHORTENED = "text_shortened"
    EMAIL_INVALID = "email_invalid"
    LINK_INVALID = "link_invalid"
    PHONE_INVALID = "phone_invalid"
    DATE_UNREADABLE = "date_unreadable"
    DATE_AMBIGUOUS = "date_ambiguous"
    TOO_MANY_VALUES = "too_many_values"
    CARD_NOT_CLOSED = "card_not_closed"
    CARD_TOO_LARGE = "card_too_large"
    CARD_IS_GROUP = "card_is_group"
    CARD_IS_ORGANIZATION = "card_is_organization"
    LINE_IGNORED = "line_ignored"
    PERSON_PARTIAL = "person_partial"
    PERSON_MALFORMED = "person_malformed"
    ASKED_TO_BE_ERASED = "asked_to_be_erased"  # said by whoever saves, not by a reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing about the file the user should know.

    ``line`` counts from 1 in the file as an editor shows it; 0 means the whole file.
    ``facts`` are the named values its sentence needs.
    """

    line: int
    code: Code
    severity: Severity
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An e-mail address, a telephone number or a link, with what the file calls it."""

    value: str
    label: str = ""  # "work", "home", "mobile", or the file's own word


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A day of the year; many people keep the year to themselves."""

    month: int
    day: int
    year: int | None = None

    def __str__(self) -> str:
        """RFC 6350 form: ``1992-02-29`` or ``--12-25``."""
        year = f"{self.year:04d}" if self.year is not None else "-"
        return f"{year}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A position somewhere; ``None`` days are unknown."""

    organization: str = ""
    title: str = ""
    started_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A day the file's own reminders named.  ``every_months`` 0 means once."""

    title: str
    on: date
    every_months: int = 0
    every_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One person as a file describes them.

    ``full_name`` is never empty.  ``given`` and ``family`` are filled only where the format
    keeps them apart, and nothing of ours needs them.  ``extras`` holds what has no place of
    its own (addresses, fields the user made), as pairs of label and text.
    """

    full_name: str
    given: str = ""
    family: str = ""
    nickname: str = ""
    emails: tuple[Point, ...] = ()
    phones: tuple[Point, ...] = ()
    links: tuple[Point, ...] = ()
    organization: str = ""
    title: str = ""
    positions: tuple[Job, ...] = ()  # earlier or further jobs, not the one above
    tags: tuple[str, ...] = ()
    notes: str = ""
    birthday: Birthday | None = None
    connected_on: date | None = None
    met_through: str = ""  # the introducer's name, as the file writes it
    met_through_uid: str = ""  # the introducer's ``uid``, where the file links people
    every_days: int | None = None  # stay-in-touch rhythm the file asks for
    archived: bool = False  # put away by the user, or dead: never to be suggested
    reminders: tuple[Reminder, ...] = ()
    extras: tuple[tuple[str, str], ...] = ()
    uid: str = ""  # what the source calls this person, stable between exports
    line: int = 0  # where in the file, counting from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many rows or cards the file holds and what became of them.

    ``rows == drafts + skipped``; blank lines, headers and the preamble are in none of them.
    """

    rows: int = 0
    drafts: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything a reader found in one file."""

    drafts: tuple[Draft, ...] = ()
    problems: tuple[Problem, ...] = ()
    format: Format = Format.UNKNOWN
    counts: Counts = field(default_factory=Counts)
    encoding: str = ""
    header: tuple[str, ...] = ()  # of a table, as the file writes it
    mapping: tuple[str, ...] = ()  # of a table: the field each column went to, "" for none
    sample: tuple[tuple[str, ...], ...] = ()  # of a table: its first rows as they are

    @property
    def refused(self) -> Problem | None:
        """The problem that stopped the file, when one did."""
        for problem in self.problems:
            if problem.severity is Severity.REFUSED:
                return problem
        return None
