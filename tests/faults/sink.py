"""A mail server that does what it is told: take mail, refuse it, stall, or hang up half-way.

It speaks SMTP itself, so that a test can cut a conversation at any byte.  It runs in a
thread of the test; workers in other processes reach it over loopback.
"""

from __future__ import annotations

import asyncio
import contextlib
import email
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from typing import Self


class Stage(Enum):
    CONNECT = "connect"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"


class Act(Enum):
    """What the server may do instead of answering."""

    HANG = "hang"  # say nothing until the client gives up
    DROP = "drop"  # reset the connection; at the dot: the mail is not taken
    TAKE_AND_DROP = "take_and_drop"  # at the dot: take the mail, then reset without a word
    TAKE_AND_HALF = "take_and_half"  # at the dot: take it, say "2", and reset


@dataclass(frozen=True, slots=True)
class Slow:
    """Answer as usual, but only after a while."""

    seconds: float


@dataclass(slots=True)
class Talk:
    """What a script may look at: the conversation so far."""

    connection: int
    recipient: str = ""
    data: bytes = b""


Script = Callable[[Stage, Talk], "str | Act | Slow | None"]


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail the server took."""

    recipient: str
    message_id: str
    at: float  # seconds since the epoch
    data: bytes = field(repr=False)

    def parsed(self) -> EmailMessage:
        message = email.message_from_bytes(self.data, policy=default)
        assert isinstance(message, EmailMessage)
        return message


def take_everything(stage: Stage, talk: Talk) -> None:
    return None


class Sink:
    """``with Sink() as sink:`` listens on ``sink.port`` until the block ends.

    Args:
        script: what to do at each stage; None means the usual answer.
        keep_data: whether to keep the mails' text; off for runs of many thousand mails.
        wants_login: advertise AUTH; the script is asked at Stage.AUTH.
        pipelining: advertise that several commands may come at once (RFC 2920).
    """

    def __init__(
        self,
        script: Script = take_everything,
        *,
        keep_data: bool = True,
        wants_login: bool = False,
        pipelining: bool = True,
        port: int = 0,
    ) -> None:
        self.script = script
        self.keep_data = keep_data
        self.wants_login = wants_login
        self.pipelining = pipelining
        self.port = port
        self.mails: list[Mail] = []
        self.connections = 0
        self.stages: Counter[Stage] = Counter()
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the sink did not start"
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def message_ids(self) -> Counter[str]:
        """How many copies of each mail arrived."""
        return Counter(mail.message_id for mail in self.mails)

    def wait_for(self, count: int, *, seconds: float = 20) -> list[Mail]:
        """Wait until ``count`` mails have arrived; fail in words if they do not."""
        ends_at = time.monotonic() + seconds
        while len(self.mails) < count:
            assert time.monotonic() < ends_at, (
                f"{len(self.mails)} of {count} mails after {seconds} s"
            )
            time.sleep(0.02)
        return self.mails

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**21)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._hang_up(server))
            self._loop.close()

    async def _hang_up(self, server: asyncio.Server) -> None:
        server.close()
        for writer in self._open:
            writer.transport.abort()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close their sockets

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        talk = Talk(connection=self.connections)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, _HungUp):
            await self._answer(Stage.CONNECT, talk, writer, "220 sink ready")
            while line := (await reader.readline()).decode("utf-8", "replace").strip():
                await self._command(line, talk, reader, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()
        self._open.discard(writer)

    async def _command(
        self,
        line: str,
        talk: Talk,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        verb = line.split(" ", 1)[0].upper()
        if verb in ("EHLO", "HELO"):
            offers = b"250-AUTH PLAIN LOGIN\r\n" if self.wants_login else b""
            offers += b"250-PIPELINING\r\n" if self.pipelining else b""
            writer.write(b"250-sink\r\n" + offers + b"250 8BITMIME\r\n")
        elif verb == "AUTH":
            await self._answer(Stage.AUTH, talk, writer, "235 2.7.0 welcome")
        elif verb == "MAIL":
            await self._answer(Stage.MAIL, talk, writer, "250 2.1.0 ok")
        elif verb == "RCPT":
            talk.recipient = line.partition("<")[2].partition(">")[0]
            await self._answer(Stage.RCPT, talk, writer, "250 2.1.5 ok")
        elif verb == "DATA":
            if await self._answer(Stage.DATA, talk, writer, "354 go on"):
                data = await reader.readuntil(b"\r\n.\r\n")
                talk.data = data[:-3].replace(b"\r\n..", b"\r\n.")
                await self._dot(talk, writer)
        elif verb in ("RSET", "NOOP"):
            writer.write(b"250 2.0.0 ok\r\n")
        elif verb == "QUIT":
            writer.write(b"221 2.0.0 bye\r\n")
            raise _HungUp
        else:
            writer.write(b"500 5.5.1 what?\r\n")

    async def _answer(
        self, stage: Stage, talk: Talk, writer: asyncio.StreamWriter, usual: str
    ) -> bool:
        """Answer a stage; True when the answer was the usual one."""
        self.stages[stage] += 1
        wish = self.script(stage, talk)
        if wish is Act.HANG:
            await asyncio.sleep(3600)
        if isinstance(wish, Act):
            writer.transport.abort()
            raise _HungUp
        if isinstance(wish, Slow):
            await asyncio.sleep(wish.seconds)
            wish = None
        writer.write(f"{wish or usual}\r\n".encode())
        return wish is None

    async def _dot(self, talk: Talk, writer: asyncio.StreamWriter) -> None:
        self.stages[Stage.DOT] += 1
        wish = self.script(Stage.DOT, talk)
        if isinstance(wish, str):
            writer.write(f"{wish}\r\n".encode())
            return
        if wish is Act.DROP:
            writer.transport.abort()
            raise _HungUp
        self._take(talk)
        if wish is Act.TAKE_AND_DROP:
            writer.transport.abort()
            raise _HungUp
        if wish is Act.TAKE_AND_HALF:
            writer.write(b"2")
            await writer.drain()
            raise _HungUp
        if wish is Act.HANG:
            await asyncio.sleep(3600)
        if isinstance(wish, Slow):
            await asyncio.sleep(wish.seconds)
        writer.write(b"250 2.0.0 taken\r\n")

    def _take(self, talk: Talk) -> None:
        head = talk.data.partition(b"\r\n\r\n")[0]
        found = [ln for ln in head.split(b"\r\n") if ln.lower().startswith(b"message-id:")]
        message_id = found[0].partition(b":")[2].strip().decode() if found else ""
        data = talk.data if self.keep_data else b""
        self.mails.append(Mail(talk.recipient, message_id, time.time(), data))


class _HungUp(Exception):
    """The conversation is over."""
