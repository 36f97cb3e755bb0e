"""What changes follow-ups.  ``plan`` is the one writer of what is due (domain.md 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from followups.services.acts import (
    Acted,
    AlreadyClosed,
    Undo,
    What,
    done,
    later,
    later_by_their_date,
    park,
    pause_person,
    take_back,
    usual_what,
    write_anyway,
)
from followups.services.planning import Counts, plan, settle_pace
from introductions.services import settle_trust

if TYPE_CHECKING:
    from netcrm.accounts.models import User

__all__ = [
    "Acted",
    "AlreadyClosed",
    "Counts",
    "Undo",
    "What",
    "done",
    "facts_changed",
    "later",
    "later_by_their_date",
    "park",
    "pause_person",
    "plan",
    "settle_pace",
    "take_back",
    "usual_what",
    "write_anyway",
]


def facts_changed(owner: User, *, contacts: frozenset[UUID] | None, at: datetime) -> None:
    """Settle trust and plan after a change of facts (kit.facts calls this inside the change)."""
    settle_trust(owner, contacts=contacts, at=at)
    plan(owner, contacts=contacts, at=at)
