"""What the owner has said about how often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count
from django.utils.translation import ngettext

from contacts.models import Contact, Tag
from contacts.models import Ring as ContactRing
from followups.engine import cadence
from followups.engine.cadence import State
from followups.engine.constants import RingDays
from followups.engine.values import plus
from followups.models import Rhythm
from followups.selectors.steps import Window

if TYPE_CHECKING:
    from netcrm.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class RingRhythm:
    """The days of one ring, and how many active people are in it."""

    ring: str
    label: str
    days: RingDays
    is_shipped: bool
    people: int
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRhythm:
    """The rhythm of a tag or a person; ``every`` in words."""

    id: UUID
    name: str
    every: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythms:
    """Everything the owner has said about how often."""

    rings: tuple[RingRhythm, ...]
    tags: tuple[OwnRhythm, ...]
    other_tags: tuple[Tag, ...]
    people: tuple[OwnRhythm, ...]


def rhythms_of(owner: User, day: dt.date) -> Rhythms:
    """Return what the settings page shows; each ring's window is that of contact on ``day``."""
    rows = list(
        Rhythm.objects.visible_to(owner)
        .exclude(contact__trashed_at__isnull=False)
        .select_related("tag", "contact")
    )
    own = {row.ring: row for row in rows if row.ring}
    active = Contact.objects.visible_to(owner).active().order_by()
    count = dict(active.values_list("ring").annotate(people=Count("pk")))
    rings = []
    for ring in (ContactRing.A, ContactRing.B, ContactRing.C):
        row = own.get(ring.value)
        days = _ring_days(row) if row else cadence.RING_DAYS[ring.value]
        rings.append(
            RingRhythm(
                ring=ring.value,
                label=str(ring.label),
                days=days,
                is_shipped=row is None,
                people=count.get(ring.value, 0),
                window=window_after(days, day),
            )
        )
    tagged = [row.tag_id for row in rows if row.tag_id]
    return Rhythms(
        rings=tuple(rings),
        tags=_own_rhythms((row.tag_id, row.tag.name, row) for row in rows if row.tag),
        other_tags=tuple(Tag.objects.visible_to(owner).exclude(pk__in=tagged)),
        people=_own_rhythms((row.contact_id, row.contact.name, row) for row in rows if row.contact),
    )


def window_after(days: RingDays, day: dt.date) -> Window:
    """Return the window that follows contact on ``day`` at these distances."""
    return Window(
        opens_on=plus(day, days.opens),
        best_on=plus(day, days.best),
        fades_on=plus(day, days.fades),
        quiet_on=plus(day, days.quiet),
        last_on=day,
        state=State.TOO_SOON,
    )


def as_fields(days: RingDays) -> dict[str, int]:
    """Return a ring's days by the names of its form."""
    return {
        "opens_days": days.opens,
        "best_days": days.best,
        "fades_days": days.fades,
        "quiet_days": days.quiet,
    }


def _ring_days(row: Rhythm) -> RingDays:
    return RingDays(
        opens=row.opens_days, best=row.best_days, fades=row.fades_days, quiet=row.quiet_days
    )


def _own_rhythms(found: Iterable[tuple[UUID | None, str, Rhythm]]) -> tuple[OwnRhythm, ...]:
    rhythms = (
        OwnRhythm(id=key, name=name, every=every_in_words(row)) for key, name, row in found if key
    )
    return tuple(sorted(rhythms, key=lambda one: (one.name.casefold(), str(one.id))))


def every_in_words(row: Rhythm) -> str:
    """Return “every 10 days”, “every 2 months”, “every month on day 31”."""
    if not row.every_months:
        return ngettext("every day", "every %(n)d days", row.best_days) % {"n": row.best_days}
    values = {"n": row.every_months, "day": row.on_day}
    if row.on_day is None:
        return ngettext("every month", "every %(n)d months", row.every_months) % values
    return (
        ngettext(
            "every month on day %(day)d", "every %(n)d months on day %(day)d", row.every_months
        )
        % values
    )
