"""What kind of file is this?  Looked at by its bytes; its name proves nothing."""

from __future__ import annotations

import re

from contacts.engine.drafts import Code

HEAD = 1 << 16

_SIGNATURES: tuple[tuple[bytes, Code], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Code.IS_SPREADSHEET),  # OLE: .xls, .msg, .pst index
    (b"%PDF-", Code.IS_PDF),
    (b"\x1f\x8b", Code.IS_ARCHIVE),  # gzip
    (b"BZh", Code.IS_ARCHIVE),
    (b"\xfd7zXZ\x00", Code.IS_ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Code.IS_ARCHIVE),
    (b"Rar!\x1a\x07", Code.IS_ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Code.IS_ARCHIVE),  # zstandard
    (b"\x89PNG\r\n\x1a\n", Code.IS_IMAGE),
    (b"\xff\xd8\xff", Code.IS_IMAGE),
    (b"GIF8", Code.IS_IMAGE),
    (b"RIFF", Code.NOT_TEXT),
    (b"SQLite format 3\x00", Code.NOT_TEXT),
    (b"!BDN", Code.NOT_TEXT),  # Outlook .pst
    (b"bplist00", Code.NOT_TEXT),
    (b"{\\rtf", Code.NOT_TEXT),
    (b"dn:", Code.NOT_TEXT),  # LDIF
    (b"version: 1\n", Code.NOT_TEXT),
    (b"\x7fELF", Code.NOT_TEXT),
    (b"MZ\x90", Code.NOT_TEXT),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body|table|meta|script)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*<\?xml\b", re.IGNORECASE)
_CALENDAR = re.compile(rb"\s*BEGIN\s*:\s*VCALENDAR", re.IGNORECASE)
_MAIL = re.compile(
    rb"From [^\r\n]{3,200}\d{4}\r?\n"
    rb"|(?:Return-Path|Received|Delivered-To|MIME-Version|Message-ID):",
    re.IGNORECASE,
)
_CARD = re.compile(rb"(?:\A|[\r\n])[ \t]*BEGIN[ \t]*:[ \t]*VCARD", re.IGNORECASE)
_JSON = re.compile(rb"\s*[\[{]\s*(?:[\]}]|[\[{\"]|-?\d|null|true|false)")
_TABLE_WITHOUT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def is_zip(data: bytes) -> bool:
    """True for a ZIP archive, also one with something in front (a self-extractor)."""
    return data.startswith(_ZIP) or (
        b"PK\x05\x06" in data[-66_000:] and b"PK\x01\x02" in data and _is_binary(data)
    )


def plain(data: bytes) -> bytes:
    """The first stretch of a file as plain bytes, UTF-16 and marks taken off, to look at."""
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf")
    for codec, marks in (
        ("utf-32", (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")),
        ("utf-16", (b"\xff\xfe", b"\xfe\xff")),
    ):
        if head.startswith(marks):
            text = head[: len(head) // 4 * 4].decode(codec, "replace")
            return text.lstrip("\ufeff").encode("utf-8", "replace")
    if head.count(0) * 3 > len(head):
        return head.replace(b"\x00", b"")
    return head


def foreign(data: bytes) -> Code | None:
    """Return why a file is none of ours, or None when it may be read as text."""
    for signature, code in _SIGNATURES:
        if data.startswith(signature):
            return code
    head = plain(data)
    if _HTML.match(head):
        return Code.IS_HTML
    if _XML.match(head):
        return Code.NOT_TEXT
    if _CALENDAR.match(head):
        return Code.IS_CALENDAR
    if _MAIL.match(head):
        return Code.IS_MAIL
    if _is_binary(data):
        return Code.NOT_TEXT
    return None


def has_cards(data: bytes) -> bool:
    return _CARD.search(plain(data)) is not None


def is_json(data: bytes) -> bool:
    return _JSON.match(plain(data)) is not None


def _is_binary(data: bytes) -> bool:
    """More control characters than any text has; UTF-16 with or without a mark is text."""
    head = plain(data)
    return len(_TABLE_WITHOUT_TEXT.findall(head)) * 10 > len(head)
