"""One connection to the mail server, talked to step by step.

Django's backend says only that a mail failed.  Here an error says how far the talk had
come, because that decides whether the mail may have been taken (engine/retry.py).
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from netcrm.delivery.engine.retry import Answer, Phase

ONE_ADDRESS = re.compile(r"[^\s<>,;\x00-\x20\x7f]+@[^\s<>,;@\x00-\x20\x7f]+", re.ASCII)
ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
MAILS_A_CONNECTION = 500  # then a fresh one; many servers set a limit of their own


class Trouble(Exception):
    """The server did not do as asked; ``answer`` says when and how."""

    def __init__(self, answer: Answer, words: str) -> None:
        super().__init__(f"{answer.phase.value}: {words}"[:500])
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mail goes; from settings."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    ssl: bool
    seconds: float  # how long to wait for any answer but the last
    dot_seconds: float  # how long to wait for the answer to the final dot

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


def configured() -> Server:
    return Server(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        tls=settings.EMAIL_USE_TLS,
        ssl=settings.EMAIL_USE_SSL,
        seconds=settings.EMAIL_TIMEOUT,
        dot_seconds=settings.EMAIL_DOT_TIMEOUT,
    )


class Post:
    """A connection that opens when first needed and is kept for the whole batch."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None
        self._mails = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open(self) -> None:
        """Connect, agree on TLS and log in, unless that is done.

        Raises:
            Trouble: in phase CONNECT or LOGIN.
        """
        if self._smtp is not None and self._mails < MAILS_A_CONNECTION:
            return
        self.close()
        server = self.server
        try:
            if server.ssl:
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    server.host,
                    server.port,
                    local_hostname=DNS_NAME.get_fqdn(),
                    timeout=server.seconds,
                    context=ssl.create_default_context(),
                )
            else:
                smtp = smtplib.SMTP(
                    server.host,
                    server.port,
                    local_hostname=DNS_NAME.get_fqdn(),
                    timeout=server.seconds,
                )
        except (OSError, ValueError) as error:  # smtplib's own errors are OSErrors
            raise _trouble(Phase.CONNECT, error) from error
        self._smtp, self._mails = smtp, 0
        try:
            _socket(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if server.tls and not server.ssl:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
        except (OSError, ValueError) as error:
            self._drop()
            raise _trouble(Phase.CONNECT, error) from error
        if server.user and server.password:
            try:
                smtp.login(server.user, server.password)
            except (OSError, ValueError) as error:
                self._drop()
                raise _trouble(Phase.LOGIN, error) from error

    def offer(self, *, sender: str, recipient: str) -> None:
        """Say who the mail is from and for.  The server has taken nothing yet.

        Raises:
            Trouble: in phase MAIL or RCPT.
            ValueError: an address is not one plain address; nothing was said.
        """
        for address in (sender, recipient):
            if not ONE_ADDRESS.fullmatch(address):
                raise ValueError("expected one plain address")
        lines = (Phase.MAIL, f"MAIL FROM:<{sender}>"), (Phase.RCPT, f"RCPT TO:<{recipient}>")
        pipelined = self._talking().has_extn("pipelining")  # RFC 2920: one round trip for both
        if pipelined:
            self._say(Phase.MAIL, "\r\n".join(line for _, line in lines))
        refused: Trouble | None = None
        for phase, line in lines:
            if not pipelined:
                self._say(phase, line)
            code, words = self._hear(phase)
            if code not in (250, 251):
                refused = refused or _said(phase, code, words)
            if refused and (not pipelined or code == 421):
                break
        if refused:
            self._after_refusal(refused.answer.code or 0)
            raise refused

    def hand_over(self, message: bytes) -> None:
        """Send the mail itself.  On return the server has taken it.

        Raises:
            Trouble: in phase DATA (it has not) or DOT (nobody knows, unless it said so).
        """
        smtp = self._talking()
        self._say(Phase.DATA, "DATA")
        code, words = self._hear(Phase.DATA)
        if code != 354:
            self._after_refusal(code)
            raise _said(Phase.DATA, code, words)
        try:
            _socket(smtp).sendall(dotted(message))
        except (OSError, ValueError) as error:
            self._drop()
            raise _trouble(Phase.DATA, error) from error
        try:
            _socket(smtp).settimeout(self.server.dot_seconds)
            _socket(smtp).sendall(b".\r\n")
            code, words = smtp.getreply()
            _socket(smtp).settimeout(self.server.seconds)
        except (OSError, ValueError) as error:
            self._drop()
            raise _trouble(Phase.DOT, error) from error
        self._mails += 1
        if not 200 <= code < 300:
            self._after_refusal(code)
            raise _said(Phase.DOT, code, words)

    def reset(self) -> None:
        """Take back an offer, so that the next mail can use the connection."""
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except (OSError, ValueError):
                self._drop()

    def close(self) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, ValueError):
                self._drop()
            self._smtp = None

    def _say(self, phase: Phase, line: str) -> None:
        smtp = self._talking()
        try:
            smtp.send(f"{line}\r\n".encode("ascii"))
        except (OSError, ValueError) as error:
            self._drop()
            raise _trouble(phase, error) from error

    def _hear(self, phase: Phase) -> tuple[int, bytes]:
        smtp = self._talking()
        try:
            return smtp.getreply()
        except (OSError, ValueError) as error:
            self._drop()
            raise _trouble(phase, error) from error

    def _after_refusal(self, code: int) -> None:
        if code == 421 or not 200 <= code <= 599:
            self._drop()
        else:
            self.reset()

    def _talking(self) -> smtplib.SMTP:
        if self._smtp is None:
            raise Trouble(Answer(phase=Phase.CONNECT), "the connection is not open")
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def dotted(message: bytes) -> bytes:
    """The mail with its leading dots doubled and a line end at its end (RFC 5321, 4.5.2)."""
    quoted = re.sub(rb"(?m)^\.", b"..", message)
    return quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n"


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("the server hung up")
    return smtp.sock


def _trouble(phase: Phase, error: Exception) -> Trouble:
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return _said(phase, error.smtp_code, error.smtp_error)
    words = str(error) or type(error).__name__
    return Trouble(Answer(phase=phase), words)


def _said(phase: Phase, code: int, words: bytes | str) -> Trouble:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    found = ENHANCED.match(text)
    answer = Answer(phase=phase, code=code, enhanced=found[1] if found else "")
    return Trouble(answer, f"{code} {text}")
