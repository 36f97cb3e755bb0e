"""Links in a mail that let its reader act without signing in: one act on one thing each."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from netcrm.delivery.links import absolute, seal

if TYPE_CHECKING:
    from netcrm.accounts.models import User

VALID_DAYS = 21
UNDO_HOURS = 24


class Act(StrEnum):
    """What a link does, once its page's one button is pressed."""

    DONE = "done"
    LATER = "later"
    STOP = "stop"  # reminders about this person
    PAUSE = "pause"  # all reminders, for a week


def action_url(act: Act, *, owner: User, about: UUID | None = None) -> str:
    """The full address of the page that asks once more before doing ``act``."""
    return absolute(reverse("followups:act", args=[act, action_token(act, owner, about)]))


def action_token(act: Act, owner: User, about: UUID | None) -> str:
    """``about`` is the follow-up; None for what concerns all of them."""
    values = {"u": str(owner.pk)}
    if about is not None:
        values["f"] = str(about)
    return seal(f"act.{act}", values)
