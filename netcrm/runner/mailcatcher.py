"""Takes every mail the embedded run sends, keeps it in a folder, and shows it on a page.

So each mail has had a real SMTP conversation and none has left the machine.  Loopback only; HTML
is shown in a frame without scripts, forms or the page's origin, and remote pictures stay away.

Started by path, not as a module: it needs neither Django nor Celery, and is up sooner without.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import html
import itertools
import json
import re
import signal
import socket
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

KEEP = 1_000  # mails; the oldest make room
LARGEST = 10 * 1024 * 1024  # bytes of one mail
SHOWN = 200  # mails on the list page
LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}
NAME = re.compile(r"\d{20}-\d{6}")


# Keeping


@dataclass(frozen=True, kw_only=True)
class Caught:
    """One mail as it came over the wire, with the envelope it came in."""

    name: str
    mail_from: str
    rcpt_to: list[str]
    at: datetime
    source: bytes

    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.source, policy=email.policy.default)


class Box:
    """A folder of mails: NAME.eml as received, NAME.json for the envelope."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._count = itertools.count()

    def add(self, *, mail_from: str, rcpt_to: list[str], source: bytes) -> str:
        index = next(self._count)
        name = f"{time.time_ns():020d}-{index % 1_000_000:06d}"
        envelope = {"mail_from": mail_from, "rcpt_to": rcpt_to}
        (self.folder / f"{name}.json").write_text(json.dumps(envelope))
        # The mail is there once its .eml is; a reader never sees half of one.
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(source)
        unfinished.rename(self.folder / f"{name}.eml")
        if index % 50 == 0:  # looking at the whole folder costs more than a mail
            self._make_room()
        return name

    def names(self) -> list[str]:
        """Newest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def read(self, name: str) -> Caught | None:
        if not NAME.fullmatch(name):
            return None
        try:
            source = (self.folder / f"{name}.eml").read_bytes()
            envelope = json.loads((self.folder / f"{name}.json").read_text())
        except (OSError, ValueError):
            return None
        at = datetime.fromtimestamp(int(name.split("-")[0]) / 1e9, tz=UTC)
        return Caught(name=name, at=at, source=source, **envelope)

    def _make_room(self) -> None:
        for name in self.names()[KEEP:]:
            (self.folder / f"{name}.eml").unlink(missing_ok=True)
            (self.folder / f"{name}.json").unlink(missing_ok=True)


class Handler:
    """The SMTP side: take everything."""

    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        source = content.encode() if isinstance(content, str) else content
        self.box.add(
            mail_from=envelope.mail_from or "", rcpt_to=list(envelope.rcpt_tos), source=source
        )
        return "250 OK"


# Showing


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; }}
body {{ padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; }}
th, td {{ border-bottom: 1px solid #8884; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8884; padding: 1rem; }}
iframe {{ width: 100%; height: 34rem; border: 1px solid #8884; background: #fff; }}
</style></head><body>{body}</body></html>"""

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The mail's own HTML: its links open in a new tab, and nothing else happens.
MAIL_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)


def list_page(box: Box) -> str:
    rows = []
    for name in box.names()[:SHOWN]:
        caught = box.read(name)
        if caught is None:
            continue
        subject = str(caught.message()["Subject"] or "(no subject)")
        rows.append(
            f"<tr><td>{caught.at:%Y-%m-%d %H:%M:%S} UTC</td>"
            f'<td><a href="/mail/{name}">{html.escape(subject)}</a></td>'
            f"<td>{html.escape(', '.join(caught.rcpt_to))}</td></tr>"
        )
    if not rows:
        body = "<h1>Mail</h1><p>Nothing has been sent yet. Mail from NetCRM shows up here.</p>"
    else:
        body = (
            "<h1>Mail</h1><p>These mails were sent, and none of them left this machine.</p>"
            "<table><thead><tr><th>When</th><th>Subject</th><th>To</th></tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>"
        )
    return PAGE.format(title="Mail from NetCRM", body=body)


def mail_page(caught: Caught) -> str:
    message = caught.message()
    subject = str(message["Subject"] or "(no subject)")
    text, rich = _part(message, "plain"), _part(message, "html")
    parts = [
        f'<p><a href="/">All mail</a></p><h1>{html.escape(subject)}</h1>',
        f"<p>From {html.escape(str(message['From'] or caught.mail_from))}<br>"
        f"To {html.escape(', '.join(caught.rcpt_to))}<br>"
        f'{caught.at:%Y-%m-%d %H:%M:%S} UTC · <a href="/mail/{caught.name}/source">Source</a></p>',
    ]
    if text is not None:
        parts.append(f"<h2>Text</h2><pre>{linked(text)}</pre>")
    if rich is not None:
        parts.append(
            f'<h2>HTML</h2><iframe title="The mail as HTML" src="/mail/{caught.name}/html" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
    return PAGE.format(title=html.escape(subject), body="".join(parts))


def linked(text: str) -> str:
    """Escape the text and make its web addresses links."""
    pieces = re.split(r"(https?://[^\s<>\"']+)", text)
    for index, piece in enumerate(pieces):
        escaped = html.escape(piece)
        pieces[index] = (
            f'<a href="{escaped}" target="_blank" rel="noopener noreferrer">{escaped}</a>'
            if index % 2
            else escaped
        )
    return "".join(pieces)


def html_document(caught: Caught) -> str | None:
    """The mail's HTML with its links sent to a new tab."""
    rich = _part(caught.message(), "html")
    return None if rich is None else f'<base target="_blank">{rich}'


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # a charset nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def web_handler(box: Box) -> type[BaseHTTPRequestHandler]:
    class Web(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            # A foreign page that points its own name at 127.0.0.1 must not read the mail.
            host = self.headers.get("Host", "")
            if re.sub(r":\d+$", "", host) not in LOCAL_NAMES:
                self.answer(403, "This page answers to 127.0.0.1 and localhost only.", "text/plain")
                return
            path = self.path.split("?")[0]
            if path == "/":
                self.answer(200, list_page(box))
            elif path == "/healthz":
                self.answer(200, "ok", "text/plain")
            else:
                self.mail(path)

        def mail(self, path: str) -> None:
            found = re.fullmatch(r"/mail/([^/]+)(/source|/html)?", path)
            caught = box.read(found.group(1)) if found else None
            if found is None or caught is None:
                self.answer(404, "There is no such mail.", "text/plain")
                return
            match found.group(2):
                case "/source":
                    self.answer(200, caught.source.decode("utf-8", "replace"), "text/plain")
                case "/html" if (document := html_document(caught)) is not None:
                    self.answer(200, document, csp=MAIL_CSP)
                case "/html":
                    self.answer(404, "This mail has no HTML part.", "text/plain")
                case _:
                    self.answer(200, mail_page(caught))

        def answer(self, status: int, body: str, kind: str = "text/html", csp: str = CSP) -> None:
            content = body.encode("utf-8", "replace")
            self.send_response(status)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", csp)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: addresses in the log would be noise."""

    return Web


# Running


def serve_page(box: Box, listening: socket.socket) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(listening.getsockname(), web_handler(box), bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


async def serve_smtp(box: Box, listening: socket.socket) -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, done.set)
    server = await loop.create_server(
        lambda: SMTP(
            Handler(box), data_size_limit=LARGEST, enable_SMTPUTF8=True, ident="NetCRM mail catcher"
        ),
        sock=listening,
    )
    async with server:
        await done.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-fd", type=int, required=True, help="listening socket, inherited")
    parser.add_argument("--page-fd", type=int, required=True, help="listening socket, inherited")
    given = parser.parse_args()
    box = Box(given.folder)
    serve_page(box, socket.socket(fileno=given.page_fd))
    asyncio.run(serve_smtp(box, socket.socket(fileno=given.smtp_fd)))


if __name__ == "__main__":
    main()
