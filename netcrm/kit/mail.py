"""What a mail is before it is sent: words, links and headers, made safe."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.policy import Compat32
from functools import cache
from io import BytesIO
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from netcrm.kit.text import one_line

HTML_LIMIT = 100_000  # bytes; Gmail cuts a mail off a little above
SUBJECT_LIMIT = 200  # characters
# What fills the line that a list of mails shows beside the subject, where the letter's own first
# words would follow the preheader: a joiner, a non-joiner and a space, none of them seen.
UNSEEN = "\u034f\u200c\u00a0" * 90
LONGEST_LINE = 998  # characters, RFC 5322; some signers of mail stumble over a folded header


class TooLong(ValueError):
    """The HTML part would be cut off by mail programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail in words; who it is from and to is the sender's business."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


def write(name: str, context: Mapping[str, Any], *, headers: Mapping[str, str] = {}) -> Letter:
    """Write a letter from ``templates/emails/``: ``name_subject.txt``, ``name.txt``, ``name.html``.

    Raises:
        TooLong: the HTML is over ``HTML_LIMIT``.
    """
    values = {"site_url": settings.SITE_URL, "unseen": UNSEEN, **context}
    html = _inliner().inline(render_to_string(f"emails/{name}.html", values))
    if len(html.encode()) > HTML_LIMIT:
        raise TooLong(f"emails/{name}.html is {len(html.encode())} bytes, expected {HTML_LIMIT}")
    return Letter(
        subject=header_words(render_to_string(f"emails/{name}_subject.txt", values))[
            :SUBJECT_LIMIT
        ],
        text=render_to_string(f"emails/{name}.txt", values).strip() + "\n",
        html=html,
        headers=headers,
    )


def header_words(text: str) -> str:
    """``text`` fit for a header: one line, and no encoded word (RFC 2047) for others to decode."""
    return one_line(text).replace("=?", "= ?")


def to_bytes(
    letter: Letter,
    *,
    to: str,
    to_name: str = "",
    headers: Mapping[str, str] = {},
) -> bytes:
    """The mail as it goes over the wire, CRLF line ends, both parts in it.

    ``headers`` are ours; they win over the letter's own.  What comes from people goes
    through ``header_words``: the e-mail package breaks lines at more than CR and LF.
    """
    name = header_words(to_name).replace('"', "'").replace("\\", "/")
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[f'"{name}" <{to}>' if name else to],
        headers={
            "Auto-Submitted": "auto-generated",
            **{key: header_words(value) for key, value in letter.headers.items()},
            **headers,
        },
    )
    message.attach_alternative(letter.html, "text/html")
    parts = message.message()
    # Random, so it is in no text; the e-mail package would look for its own with a new pattern.
    parts.set_boundary(f"=_{secrets.token_hex(16)}")
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, policy=OneLineEach(linesep="\r\n")).flatten(parts)
    return written.getvalue()


class OneLineEach(Compat32):
    """Writes each header on one line, as far as a line may go.

    The e-mail package takes a header apart to fold it and puts it together unfolded: half of
    what it costs to write a mail.
    """

    max_line_length = LONGEST_LINE

    def fold_binary(self, name: str, value: Any) -> bytes:
        line = f"{name}: {value}"
        plain = isinstance(value, str) and line.isascii() and line.isprintable()
        if plain and len(line) <= LONGEST_LINE and value == value.strip():
            return f"{line}{self.linesep}".encode()
        return super().fold_binary(name, value)


@cache
def _inliner() -> css_inline.CSSInliner:
    """Keeps the style element, whose media queries cannot be inlined; loads nothing."""
    return css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
