"""E-mail addresses, telephone numbers and links: taken apart, checked, made comparable."""

from __future__ import annotations

import contextlib
import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from contacts.engine import limits
from contacts.engine.names import clean_line

# One plain address: no quoted local part, no comment, no second address.  Wider than what
# any provider hands out, narrower than RFC 5322 on purpose: what is kept here goes into
# headers and envelopes one day.
_EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\\\"\x00-\x20\x7f]{1,64}@"
    r"(?=[^@]{1,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?"
)
_USUAL_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]{1,64}(?:\.[A-Za-z0-9_+-]+){0,3}@"
    r"(?:[A-Za-z0-9]{1,63}(?:-[A-Za-z0-9]{1,30}){0,3}\.){1,6}[A-Za-z]{2,63}",
    re.ASCII,
)
_ANGLED = re.compile(r"<([^<>]*)>")
_BETWEEN_EMAILS = re.compile(r"\s*(?:[,;|\n\r\t]|:::|\s)\s*")
_OPENING = re.compile(r"^(?:mailto|e-?mail|smtp|sip)\s*:\s*", re.IGNORECASE)


def is_usual_email(text: str) -> bool:
    """True for an address of plain letters, as most are; false says nothing."""
    return len(text) <= limits.EMAIL_CHARS and _USUAL_EMAIL.fullmatch(text) is not None


def email(text: str) -> str | None:
    """Return the one address in text, as written, or None.

    ``Ann Lee <ann@x.test>`` and ``mailto:ann@x.test`` give the bare address.  Two addresses,
    a line break or anything a mail header could trip over give None.
    """
    if len(text) > 2 * limits.EMAIL_CHARS:
        return None
    if is_usual_email(text):
        return text
    if _EMAIL.fullmatch(text) and len(text) <= limits.EMAIL_CHARS:
        return None if _doubtful(text) else text
    if any(mark in text.strip() for mark in "\r\n\x0b\x0c\x85\u2028\u2029\x00"):
        return None
    text = clean_line(text)
    angled = _ANGLED.findall(text)
    if len(angled) > 1:
        return None
    if angled:
        if "@" in _ANGLED.sub("", text).replace(angled[0], ""):
            return None
        text = angled[0].strip()
    text = _OPENING.sub("", text).partition("?")[0].strip().strip("'\"").rstrip(".")
    if len(text) > limits.EMAIL_CHARS or not _EMAIL.fullmatch(text) or _doubtful(text):
        return None
    return text


def _doubtful(address: str) -> bool:
    local = address.partition("@")[0]
    return local[0] == "." or local[-1] == "." or ".." in address


def emails(cell: str) -> tuple[list[str], list[str]]:
    """Split a cell that may hold several addresses: those that are, and what is left over."""
    cell = cell.strip()
    if not cell:
        return [], []
    whole = email(cell)
    if whole:
        return [whole], []
    good: list[str] = []
    bad: list[str] = []
    for part in re.split(r"[,;|\n\r]|:::", cell):
        if not part.strip():
            continue
        found = email(part)
        if found:
            good.append(found)
            continue
        pieces = [email(piece) for piece in _BETWEEN_EMAILS.split(part) if "@" in piece]
        if pieces and all(pieces):
            good.extend(piece for piece in pieces if piece)
        else:
            bad.append(clean_line(part))
    return good, bad


def email_key(address: str) -> str:
    """What two spellings of one address share: no case, the domain in its ASCII form."""
    local, _, domain = address.strip().casefold().rpartition("@")
    return f"{local}@{domain if domain.isascii() else _ascii_domain(domain)}"


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    with contextlib.suppress(UnicodeError):
        return domain.encode("idna").decode("ascii")
    return domain


_EXTENSION = re.compile(
    r"\s*(?:;\s*ext=|[,;]|\(?(?<![^\W\d_])"
    r"(?:extension|ext|x|durchwahl|poste|доб)\.?:?|#)\s*\d",
    re.IGNORECASE,
)
_USUAL_PHONE = re.compile(r"\+?[0-9](?:[ .-]?[0-9]){4,20}", re.ASCII)
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")  # 4.42079E+11: the digits are gone
_NOT_DIGIT = re.compile(r"\D+")


def phone(text: str) -> str | None:
    """Return a telephone number as written, tidied, or None when it holds no number.

    What a spreadsheet put around it (``'+44…``, ``="+44…"``) is taken off; a number it has
    rounded to ``4.42E+11`` is lost.
    """
    if _USUAL_PHONE.fullmatch(text):
        return text
    text = clean_line(text)
    text = text.removeprefix("'").removeprefix('="').removesuffix('"')  # a spreadsheet's
    if text[:4].lower() == "tel:":
        text = text[4:].strip()
    if _ROUNDED.fullmatch(text):
        return None
    if len(text) > limits.PHONE_CHARS or not 3 <= len(_NOT_DIGIT.sub("", text)) <= 40:
        return None
    return text


def phone_key(text: str) -> str:
    """Digits of a number without its extension, ``+`` in front when it is international.

    ``00`` in front counts as ``+``; a bracketed ``(0)`` after a country code is left out.
    """
    if text.isascii() and text.replace(" ", "").isdigit() and not text.lstrip().startswith("00"):
        return text.replace(" ", "")
    cut = _EXTENSION.search(text)
    if cut and sum(map(str.isdigit, text[: cut.start()])) >= 3:
        text = text[: cut.start()]
    text = text.replace("(0)", "") if text.lstrip().startswith(("+", "00")) else text
    digits = _NOT_DIGIT.sub("", text)
    if not digits.isascii():
        digits = "".join(str(int(mark)) for mark in digits)
    if text.lstrip().startswith(("+", "＋")):
        return "+" + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return digits


_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_HOST = re.compile(
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])?\.?(?::\d{1,5})?"
)
_BARE = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}(?:[/?#:].*)?", re.DOTALL)
_FAST_LINKEDIN = re.compile(r"https?://www\.linkedin\.com/in/[A-Za-z0-9_%-]{1,200}/?")


def link(text: str) -> str | None:
    """Return an ``http`` or ``https`` address safe to show as a link, or None.

    A bare ``example.org/page`` gets ``https://``.  Every other scheme (``javascript:``,
    ``data:``, ``file:`` …), a user or password in the address, and white space inside give
    None.
    """
    if _FAST_LINKEDIN.fullmatch(text):
        return text
    text = clean_line(text).strip("<>\"'")
    if not text or len(text) > limits.LINK_CHARS or " " in text or "\\" in text:
        return None
    if text.startswith("//"):
        text = "https:" + text
    elif not text.lower().startswith(("http://", "https://")):
        if not _BARE.fullmatch(text):
            return None
        text = "https://" + text
    try:
        parts = urlsplit(text)
        host = parts.netloc
        _ = parts.port
    except ValueError:
        return None
    if "@" in host or not _HOST.fullmatch(host):
        return None
    return re.sub("[\"'<>`]", lambda mark: f"%{ord(mark[0]):02X}", text)


_LINKEDIN = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.){0,3}linkedin\.com(?::\d+)?/(?:mwlite/|comm/|m/)?"
    r"(in|pub)/([^/?#\s]+)((?:/[^?#]*)?)",
    re.IGNORECASE,
)


def linkedin_key(url: str) -> str | None:
    """Return ``in/slug`` for a LinkedIn profile in any of its spellings, else None.

    Country hosts, ``m.``, language suffixes, queries, percent-encoding and case do not
    matter; a slug may be in any script.  Old ``/pub/name/a/b/c`` addresses keep their tail,
    which is what tells two of them apart.
    """
    found = _LINKEDIN.match(url.strip())
    if not found:
        return None
    kind, slug, tail = found.groups()
    slug = clean_line(unquote(slug)).casefold().strip(" .")
    if not slug:
        return None
    if kind.lower() == "pub" and tail.strip("/"):
        return f"pub/{slug}/{tail.strip('/').casefold()}"
    return f"in/{slug}"


def link_key(url: str) -> str:
    """What two spellings of one address share."""
    profile = linkedin_key(url)
    if profile:
        return "linkedin.com/" + profile
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip().casefold()
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{unquote(parts.path).rstrip('/')}{query}"
