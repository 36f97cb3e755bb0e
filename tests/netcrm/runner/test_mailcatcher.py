from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from netcrm.runner.mailcatcher import KEEP, Box, html_document, linked, mail_page, serve_page

Ask = Callable[..., tuple[int, str, http.client.HTTPResponse]]


def source(
    subject: str = "Three people today", html: str | None = None, text: str = "Hello"
) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "NetCRM <n@x.test>", "g@x.test"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "mail")


@pytest.fixture
def ask(box: Box) -> Iterator[Ask]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    port = listening.getsockname()[1]
    server = serve_page(box, listening)

    def get(path: str, host: str = "") -> tuple[int, str, http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.status, body, response

    yield get
    server.shutdown()
    server.server_close()


def add(box: Box, content: bytes) -> str:
    return box.add(mail_from="n@x.test", rcpt_to=["g@x.test", "blind@x.test"], source=content)


def test_a_mail_is_kept_as_it_came_with_its_envelope(box: Box) -> None:
    caught = box.read(add(box, b"Subject: x\r\n\r\nBytes \xff stay\r\n"))
    assert caught is not None
    assert caught.source == b"Subject: x\r\n\r\nBytes \xff stay\r\n"
    assert caught.rcpt_to == ["g@x.test", "blind@x.test"]


def test_the_newest_mail_comes_first_and_the_oldest_make_room(box: Box) -> None:
    names = [add(box, b"Subject: x\r\n\r\n") for _ in range(KEEP + 60)]
    kept = box.names()
    assert kept[0] == names[-1]
    assert KEEP <= len(kept) < KEEP + 50
    assert len(list(box.folder.glob("*.json"))) == len(kept)


def test_an_empty_box_says_so(ask: Ask) -> None:
    status, body, _ = ask("/")
    assert status == 200
    assert "Nothing has been sent yet" in body


def test_the_list_shows_when_what_and_to_whom(box: Box, ask: Ask) -> None:
    name = add(box, source("Grüße an <Ann>"))
    _, body, _ = ask("/")
    assert "Grüße an &lt;Ann&gt;" in body
    assert "blind@x.test" in body
    assert f"/mail/{name}" in body


def test_a_mail_shows_text_html_and_source(box: Box, ask: Ask) -> None:
    name = add(box, source(html="<p>Rich</p>", text="Plain https://x.test/a?b=1&c=2 end"))
    _, page, _ = ask(f"/mail/{name}")
    assert 'href="https://x.test/a?b=1&amp;c=2"' in page
    assert "sandbox=" in page
    assert "Rich" not in page
    _, rich, response = ask(f"/mail/{name}/html")
    assert "<p>Rich</p>" in rich
    assert "sandbox" in str(response.getheader("Content-Security-Policy"))
    _, raw, response = ask(f"/mail/{name}/source")
    assert "Subject: Three people today" in raw
    assert response.getheader("Content-Type") == "text/plain; charset=utf-8"


def test_a_mail_without_html_has_no_frame(box: Box, ask: Ask) -> None:
    name = add(box, source())
    assert "<iframe" not in ask(f"/mail/{name}")[1]
    assert ask(f"/mail/{name}/html")[0] == 404


def test_scripts_in_a_mail_run_nowhere(box: Box) -> None:
    caught = box.read(add(box, source(subject="<script>1</script>", text="<script>2</script>")))
    assert caught is not None
    assert "<script>" not in mail_page(caught)
    assert html_document(caught) is None


def test_an_unknown_charset_is_shown_as_well_as_can_be(box: Box) -> None:
    odd = b"Subject: x\r\nContent-Type: text/plain; charset=martian\r\n\r\nHello \xe9\r\n"
    caught = box.read(add(box, odd))
    assert caught is not None
    assert "Hello" in mail_page(caught)


@pytest.mark.parametrize(
    "path", ["/mail/../../etc/passwd", "/mail/x", "/mail/%2e%2e/source", "/else"]
)
def test_what_is_not_there_is_404(ask: Ask, path: str) -> None:
    assert ask(path)[0] == 404


def test_a_name_pointed_at_this_machine_reads_no_mail(box: Box, ask: Ask) -> None:
    add(box, source("Private"))
    status, body, _ = ask("/", host="evil.test:8025")
    assert status == 403
    assert "Private" not in body


def test_only_web_addresses_become_links() -> None:
    assert "<a " not in linked("javascript:alert(1) <b>")
    assert linked("<b>") == "&lt;b&gt;"
