"""From bytes to lines of text, whatever wrote them."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from contacts.engine.drafts import Code
from contacts.engine.readers.building import Log

GuessEncoding = Callable[[bytes], str | None]  # a sample of the file → a codec's name, or None

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20


def encoding_of(data: bytes, log: Log, guess: GuessEncoding | None = None) -> str:
    """Return the codec to read data with; it never fails with ``errors="replace"``.

    A byte order mark decides; then NUL bytes at every other place, or at two or three of four
    (UTF-16 and UTF-32 without a mark); then UTF-8 if the bytes are UTF-8, or nearly; then
    Windows-1252 when the high bytes sit singly between plain letters, as in western European
    text; then ``guess``.  Whatever is not certain leaves a problem in the log.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    head = data[:4096]
    if len(head) >= 4 and head.count(0) * 3 > len(head):
        wide = [head[place::4].count(0) * 10 for place in range(4)]
        most = 9 * (len(head) // 4)
        if min(wide[2:]) > most > wide[0]:
            return "utf-32-le"
        if min(wide[:2]) > most > wide[3]:
            return "utf-32-be"
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > 3 * even:
            return "utf-16-le"
        if even > 3 * odd:
            return "utf-16-be"
    broken, spans = _utf8_faults(data)
    if not broken:
        return "utf-8"
    if spans > 10 * broken:
        log.warn(0, Code.BYTES_UNREADABLE, count=broken)
        return "utf-8"
    name = "cp1252"
    if not _looks_western(data):
        name = known_codec(guess(data[: _CHUNK // 4]) if guess else None) or "cp1252"
    log.note(0, Code.ENCODING_GUESSED, encoding=name)
    return name


def _utf8_faults(data: bytes) -> tuple[int, int]:
    """Count bytes that are not UTF-8 and, when there are any, characters of several bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        text = data[: 4 * _CHUNK].decode("utf-8", "replace")
        faults = text.count("\ufffd")
        return faults or 1, len(re.findall("[^\x00-\x7f\ufffd]", text))
    return 0, 0


_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


def _looks_western(data: bytes) -> bool:
    runs = [len(run) for run in _HIGH_RUN.findall(data[: _CHUNK // 4])]
    return not runs or sum(length <= 2 for length in runs) >= 0.9 * len(runs)


_ANY_BYTES = bytes(range(256))


@lru_cache(maxsize=256)
def known_codec(name: str | None) -> str | None:
    """Return Python's name for a text encoding that takes any bytes, or None.

    Files may name whatever Python has: codecs that decode escapes are none of theirs, UTF-7
    yields halves of characters, and some raise whatever the handler of errors says (punycode,
    idna, UTF-16 without a mark).
    """
    try:
        info = codecs.lookup(name) if name else None
        if info is None or not info._is_text_encoding:
            return None
        if info.name == "utf-7" or "escape" in info.name:
            return None
        codecs.getincrementaldecoder(info.name)("replace").decode(_ANY_BYTES, final=True)
        _ANY_BYTES.decode(info.name, "replace")
    except (LookupError, ValueError):
        return None
    return info.name


codecs.register_error(
    "netcrm_latin1",
    lambda error: (
        (error.object[error.start : error.end].decode("latin-1"), error.end)
        if isinstance(error, UnicodeDecodeError)
        else ("\ufffd", error.end)  # type: ignore[attr-defined]
    ),
)


def lines(data: bytes, encoding: str) -> Iterator[str]:
    """Yield physical lines without their ends.

    LF and CRLF end a line.  CR alone does only in a file without any LF, as old Macintosh
    programs wrote; elsewhere it is part of a value.
    """
    old_mac = encoding in ("utf-8", "utf-8-sig", "cp1252") and b"\n" not in data
    if encoding.startswith(("utf-16", "utf-32")):
        old_mac = "\n" not in data.decode(encoding, "replace")
    errors = "netcrm_latin1" if encoding == "cp1252" else "replace"
    text = io.TextIOWrapper(
        io.BytesIO(data), encoding, errors, newline="\r" if old_mac else "\n"
    )  # fmt: skip
    end = "\r" if old_mac else "\r\n"
    for line in text:
        yield line.rstrip(end) if line[-1:] in end else line
