"""The one writer of follow-ups."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from netcrm.accounts.models import User


def facts_changed(owner: User, *, contacts: frozenset[UUID] | None, at: datetime) -> None:
    """Replan after a change of facts (netcrm.kit.facts calls this inside the change)."""
