"""What changes follow-ups.  ``plan`` is the one writer of what is due (domain.md 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from followups.models import Pace
from followups.services import acts
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
    usual_what,
    write_anyway,
)
from followups.services.breaks import fresh_start, pause, resume, undo_fresh_start, undo_pause
from followups.services.planning import Counts, plan
from followups.services.reconnecting import bring_up_the_quiet, end_turns
from introductions import reach
from introductions.services import settle_trust
from netcrm.groups import services as groups

if TYPE_CHECKING:
    from netcrm.accounts.models import User

__all__ = [
    "Acted",
    "AlreadyClosed",
    "Counts",
    "Undo",
    "What",
    "bring_up_the_quiet",
    "done",
    "end_turns",
    "facts_changed",
    "fresh_start",
    "later",
    "later_by_their_date",
    "park",
    "pause",
    "pause_person",
    "plan",
    "plan_nightly",
    "resume",
    "take_back",
    "undo_fresh_start",
    "undo_pause",
    "usual_what",
    "write_anyway",
]


def take_back(*, by: User, at: datetime, undo: Undo) -> None:
    """Undo an act; a second time, or after the thing is gone, changes nothing."""
    if undo.act == "fresh_start":
        undo_fresh_start(by=by, at=at, spread=undo.about)
    else:
        acts.take_back(by=by, at=at, undo=undo)


def plan_nightly(owner: User, *, at: datetime) -> Counts:
    """Settle trust and plan everybody; return what had to change.

    Whose turn it is among people gone quiet follows from the week, and counts as no change.
    """
    settle_trust(owner, contacts=None, at=at)
    end_turns(owner, at=at)
    counts = plan(owner, at=at)
    bring_up_the_quiet(owner, at=at)
    Pace.objects.update_or_create(owner=owner, defaults={"planned_at": at})
    return counts


def facts_changed(owner: User, *, contacts: frozenset[UUID] | None, at: datetime) -> None:
    """Settle trust and plan after a change of facts (kit.facts calls this inside the change)."""
    settle_trust(owner, contacts=contacts, at=at)
    plan(owner, contacts=contacts, at=at)
    reach.changed(owner)
    groups.facts_changed(owner)
