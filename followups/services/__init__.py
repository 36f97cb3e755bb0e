"""What changes follow-ups.  ``plan`` is the one writer of what is due (domain.md 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from followups.services.planning import Counts, plan, settle_pace
from introductions.services import settle_trust

if TYPE_CHECKING:
    from netcrm.accounts.models import User

__all__ = ["Counts", "facts_changed", "plan", "settle_pace"]


def facts_changed(owner: User, *, contacts: frozenset[UUID] | None, at: datetime) -> None:
    """Settle trust and plan after a change of facts (kit.facts calls this inside the change)."""
    settle_trust(owner, contacts=contacts, at=at)
    plan(owner, contacts=contacts, at=at)
