"""A browser on the running product, watched for errors, strangers and forbidden scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from netcrm.accounts.models import User

Browse = Callable[..., Page]

# Answers that the page itself expects (a form that needs another look), and questions given up
# because the page was left; one that got no answer is a sendError besides.
EXPECTED = ("status of 422", "status of 409", "htmx:sendAbort", "htmx:afterRequest")


@pytest.fixture
def browse(chromium: Browser, live_server: LiveServer) -> Iterator[Browse]:
    """Open a page of the product: ``browse("/people/", user=ana, width=390)``.

    Further keywords go to playwright's ``new_context`` (``java_script_enabled=False``,
    ``color_scheme="dark"``).  At the end no page may have logged an error (a breach of the
    Content-Security-Policy logs one) or asked for anything outside the product.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def browse_(
        path: str, *, user: User | None = None, width: int = 1280, height: int = 900, **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            service_workers="block",
            **options,
        )
        contexts.append(context)
        if user is not None:
            sign_in(context, user, live_server.url)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if line.type == "error" else None,
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((live_server.url, "data:"))
                else complaints.append(f"asked {request.url}")
            ),
        )
        page.goto(path)
        return page

    yield browse_
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(word in text for word in EXPECTED)] == []


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """Give a browser the session of somebody who has just signed in."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
