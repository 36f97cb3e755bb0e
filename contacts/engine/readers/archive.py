"""A ZIP archive, as LinkedIn and Google Takeout hand out: which member is ours.

Nothing is ever written to disk, no member's name is used as a path, and no size an archive
declares is believed: members are counted, and bytes are counted while they are unpacked.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from contacts.engine import limits
from contacts.engine.drafts import Code
from contacts.engine.names import clean_line
from contacts.engine.readers.building import Log

_ENCRYPTED = 0x1
_READABLE = (".csv", ".vcf", ".vcard", ".json", ".txt", ".tsv")
_DIRECTORY_ENTRY = b"PK\x01\x02"


# What zipfile and zlib say about bytes that are no archive, besides BadZipFile.
_MALFORMED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError,
    OverflowError, LookupError,
)  # fmt: skip


def open_archive(data: bytes, log: Log) -> bytes | None:
    """Return the member to read, or None with the reason in the log.

    ``Connections.csv`` comes first, then files named after contacts, then any table or card
    file; the largest of its kind.  Where every file holds one card, all of them are read.  No
    archive worth opening lies inside another, so that one is not opened.
    """
    entries = data.count(_DIRECTORY_ENTRY)
    if entries > 50 * limits.ZIP_MEMBERS:
        # Before the directory is built: a hundred thousand entries cost seconds.
        log.refuse(Code.TOO_MANY_MEMBERS, limit=limits.ZIP_MEMBERS)
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _chosen(archive, data, log)
    except NotImplementedError:
        log.refuse(Code.IS_ARCHIVE)
    except _MALFORMED:
        log.refuse(_broken(data))
    return None


def _broken(data: bytes) -> Code:
    """A spreadsheet cut short is still best called a spreadsheet."""
    head = data[:4096]
    whole_is_excel = b"[Content_Types].xml" in data or b"xl/" in head or b"\x14\x00\x06\x00" in head
    return Code.IS_SPREADSHEET if whole_is_excel else Code.BROKEN_ZIP


def _chosen(archive: zipfile.ZipFile, data: bytes, log: Log) -> bytes | None:
    members = archive.infolist()
    if len(members) > limits.ZIP_MEMBERS:
        log.refuse(Code.TOO_MANY_MEMBERS, count=len(members), limit=limits.ZIP_MEMBERS)
        return None
    names = [member.filename for member in members]
    if any(
        name == "[Content_Types].xml" or name.startswith(("xl/", "word/", "ppt/")) for name in names
    ):
        log.refuse(Code.IS_SPREADSHEET)
        return None
    if any(name == "mimetype" or name == "content.xml" for name in names):
        log.refuse(Code.IS_SPREADSHEET)
        return None
    for name in names:
        if _leaves_folder(name):
            log.refuse(Code.UNSAFE_ZIP, name=clean_line(name)[:80])
            return None
    wanted = [
        member
        for member in members
        if member.filename.lower().endswith(_READABLE)
        and not member.is_dir()
        and not member.filename.startswith("__MACOSX/")
        and not member.filename.rpartition("/")[2].startswith("._")
    ]
    if not wanted:
        log.refuse(Code.NO_CONNECTIONS_IN_ZIP)
        return None
    wanted.sort(key=lambda member: (_rank(member.filename), -member.file_size, member.filename))
    chosen = _unpacked(data, wanted[0], log)
    if chosen is None or chosen.count(b"BEGIN:VCARD") != 1:
        return chosen
    # One card a file, as some phones write: all of them are wanted.
    cards = [chosen]
    for member in wanted[1:]:
        if member.filename.lower().endswith((".vcf", ".vcard")):
            card = _unpacked(data, member, log, already=sum(map(len, cards)))
            if card is None:
                return None
            cards.append(card)
    return b"\r\n".join(cards)


def _rank(name: str) -> int:
    base = name.rpartition("/")[2].lower()
    if "connections" in base:
        return 0
    return 1 if "contact" in base or "kontakt" in base or base.endswith(".vcf") else 2


def _leaves_folder(name: str) -> bool:
    name = name.replace("\\", "/")
    return name.startswith("/") or ".." in name.split("/") or ":" in name[:3] or "\x00" in name


def _unpacked(
    data: bytes, member: zipfile.ZipInfo, log: Log, already: int = 0
) -> bytes | None:  # fmt: skip
    """Unpack one member, counting what comes out.

    zipfile's own reader stops at the declared size and, for some methods, unpacks a whole
    block at once; so the stored or deflated bytes are taken from the file here.
    """
    if member.flag_bits & _ENCRYPTED:
        log.refuse(Code.ENCRYPTED_ZIP)
        return None
    header = data[member.header_offset : member.header_offset + 30]
    name_length, extra_length = struct.unpack("<26xHH", header)
    start = member.header_offset + 30 + name_length + extra_length
    packed = memoryview(data)[start : start + member.compress_size]
    most = max(0, min(limits.ZIP_UNPACKED_BYTES, limits.FILE_BYTES) - already)
    if member.compress_type == zipfile.ZIP_STORED:
        kept = bytes(packed[: most + 1])
    elif member.compress_type == zipfile.ZIP_DEFLATED:
        kept = zlib.decompressobj(-15).decompress(packed, most + 1)
    else:
        raise NotImplementedError(f"method {member.compress_type}")
    if len(kept) > most:
        log.refuse(Code.TOO_MANY_UNPACKED, limit=most + already)
        return None
    if len(kept) != member.file_size or zlib.crc32(kept) != member.CRC:
        log.refuse(Code.BROKEN_ZIP)
        return None
    return kept
