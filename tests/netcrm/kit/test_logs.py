from __future__ import annotations

import io
import json
import logging
import logging.config
import uuid

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from netcrm.kit.logs import RequestIdMiddleware, configuration


@pytest.fixture
def lines() -> io.StringIO:
    """What a logger named "example" writes with our configuration."""
    written = io.StringIO()
    made = configuration(level="INFO")
    handler = logging.StreamHandler(written)
    made["handlers"]["stderr"] = {"()": lambda **_: handler, "formatter": "json"}
    made["loggers"] = {"example": {"handlers": ["stderr"], "level": "INFO", "propagate": False}}
    del made["root"]
    logging.config.dictConfig(made)
    return written


def test_a_line_is_one_json_object(lines: io.StringIO) -> None:
    logging.getLogger("example").warning("sent %s mails", 3)
    line = json.loads(lines.getvalue())
    assert line["event"] == "sent 3 mails"
    assert line["level"] == "warning"
    assert line["logger"] == "example"
    assert line["timestamp"].endswith("Z")


def test_structlog_writes_the_same_way(lines: io.StringIO) -> None:
    structlog.get_logger("example").info("sent", delivery="0198", attempt=2)
    line = json.loads(lines.getvalue())
    assert (line["event"], line["delivery"], line["attempt"]) == ("sent", "0198", 2)


def test_no_address_is_written_not_even_in_a_traceback(lines: io.StringIO) -> None:
    try:
        raise ValueError("550 <ann.lee@example.test>: no such user")
    except ValueError:
        logging.getLogger("example").exception("could not reach %s", "bob@example.test")
    assert "example.test" not in lines.getvalue()
    line = json.loads(lines.getvalue())
    assert line["event"] == "could not reach [address]"
    assert "550 <[address]>: no such user" in line["exception"]


def test_tokens_in_paths_are_not_written_but_ids_are(lines: io.StringIO) -> None:
    row = uuid.uuid4()
    token = "eyJ1IjoxfQ:1tZxYb:4f8jq-Xk2_v9QmA7"
    logging.getLogger("example").warning("Not Found: /people/%s/feed/%s/", row, token)
    assert json.loads(lines.getvalue())["event"] == f"Not Found: /people/{row}/feed/[token]/"


def test_a_requests_lines_and_answer_share_an_id(lines: io.StringIO) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        logging.getLogger("example").info("inside")
        return HttpResponse("ok")

    response = RequestIdMiddleware(view)(RequestFactory().get("/"))
    assert json.loads(lines.getvalue())["request_id"] == response["X-Request-ID"]
    logging.getLogger("example").info("after")
    assert "request_id" not in json.loads(lines.getvalue().splitlines()[1])


def test_two_requests_have_two_ids(client: Client, db: None) -> None:
    first, second = client.get("/account/login/"), client.get("/account/login/")
    assert first["X-Request-ID"] != second["X-Request-ID"]
