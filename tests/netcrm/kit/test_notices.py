"""Messages that carry their own undo."""

from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from netcrm.kit.notices import notice, undo_url


def told(text: str, **options: str) -> list[messages.storage.base.Message]:
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    notice(request, text, **options)
    messages.info(request, "Something else", extra_tags="small")
    return list(messages.get_messages(request))


def test_a_notice_carries_its_undo_and_others_carry_none() -> None:
    first, second = told("Logged.", undo_url="/people/log/7/undo/")
    assert (str(first), undo_url(first)) == ("Logged.", "/people/log/7/undo/")
    assert undo_url(second) == ""


def test_a_notice_without_undo_offers_none() -> None:
    assert undo_url(told("Saved.")[0]) == ""
