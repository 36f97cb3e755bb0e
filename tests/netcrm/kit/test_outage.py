"""An outage is 503 with Retry-After; a mistake of ours stays a 500."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("database", 503),
        ("redis", 503),
        ("read-only", 503),
        ("wrapped", 503),
        ("internal", 500),
        ("mistake", 500),
    ],
)
def test_what_an_error_is_called(db: None, settings: Any, how: str, status: int) -> None:
    settings.ROOT_URLCONF = "tests.netcrm.kit.outage_urls"
    answer = Client(raise_request_exception=False).get(f"/{how}/")
    assert answer.status_code == status
    assert answer.has_header("Retry-After") is (status == 503)
    assert "Traceback" not in answer.content.decode()
