"""Messages to the user, one of which may carry its own undo."""

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest

_UNDO = "undo:"


def notice(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Show ``text`` on the next page or partial; with ``undo_url``, beside an Undo button.

    The button posts to ``undo_url``.  The notice stays until it is dismissed.
    """
    tags = f"{_UNDO}{undo_url}" if undo_url else ""
    messages.success(request, text, extra_tags=tags)


def undo_url(message: Message) -> str:
    tags = message.extra_tags or ""
    return tags.removeprefix(_UNDO) if tags.startswith(_UNDO) else ""
