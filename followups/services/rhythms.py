"""The owner's own days for rings, tags and people, and what a change of them would move (R3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from contacts.models import Contact, Tag
from followups.engine.cadence import RING_DAYS
from followups.engine.constants import RingDays
from followups.models import FollowUp, Rhythm
from netcrm.accounts.models import User
from netcrm.kit import facts

EXAMPLES = 5  # people named by a preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One person whose best day a change would move; no day where nothing was or is planned."""

    contact_id: UUID
    name: str
    before: dt.date | None
    after: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many people a change would move, and a few of them."""

    people: int
    examples: tuple[Moved, ...]


def set_ring(*, by: User, at: dt.datetime, ring: str, days: RingDays) -> None:
    """Give a ring the owner's own days; the shipped ones take the owner's away."""
    with facts.change(by, at=at) as changed:
        if days == RING_DAYS[ring]:
            Rhythm.objects.filter(owner=by, ring=ring).delete()
        else:
            spans = {
                "opens_days": days.opens,
                "best_days": days.best,
                "fades_days": days.fades,
                "quiet_days": days.quiet,
            }
            Rhythm.objects.update_or_create(owner=by, ring=ring, defaults=spans)
        changed.everyone()


def set_rings(*, by: User, at: dt.datetime, rings: Mapping[str, RingDays]) -> None:
    """Give several rings their days at once."""
    with facts.change(by, at=at):
        for ring, days in rings.items():
            set_ring(by=by, at=at, ring=ring, days=days)


def set_tag(
    *,
    by: User,
    at: dt.datetime,
    tag: Tag,
    days: int = 0,
    months: int = 0,
    on_day: int | None = None,
) -> None:
    """Give the people of a tag a rhythm: so many days or months; neither takes it away."""
    with facts.change(by, at=at) as changed:
        _write(by, {"tag": tag}, days, months, on_day)
        changed.add(*tag.contacts.values_list("pk", flat=True))


def set_person(
    *,
    by: User,
    at: dt.datetime,
    contact: Contact,
    days: int = 0,
    months: int = 0,
    on_day: int | None = None,
) -> None:
    """Give one person a rhythm of their own; neither days nor months takes it away."""
    with facts.change(by, at=at) as changed:
        _write(by, {"contact": contact}, days, months, on_day)
        changed.add(contact.pk)


def preview(by: User, change: Callable[[], object]) -> Preview:
    """Say whom ``change`` would move: it is made, looked at, and taken back."""
    with transaction.atomic():
        before = _best_days(by)
        change()
        after = _best_days(by)
        transaction.set_rollback(True)
    by.refresh_from_db()
    moved = [
        Moved(
            contact_id=key,
            name=(before.get(key) or after[key])[0],
            before=before[key][1] if key in before else None,
            after=after[key][1] if key in after else None,
        )
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    ]
    moved.sort(key=lambda one: (one.name.casefold(), str(one.contact_id)))
    return Preview(people=len(moved), examples=tuple(moved[:EXAMPLES]))


def _best_days(by: User) -> dict[UUID, tuple[str, dt.date]]:
    """Return each person's name and soonest best day."""
    found: dict[UUID, tuple[str, dt.date]] = {}
    rows = FollowUp.objects.visible_to(by).open().of_active_people()
    for key, name, best_on in rows.order_by("-best_on", "-pk").values_list(
        "contact_id", "contact__name", "best_on"
    ):
        found[key] = (name, best_on)
    return found


def _write(by: User, whose: dict[str, Any], days: int, months: int, on_day: int | None) -> None:
    if not days and not months:
        Rhythm.objects.filter(owner=by, **whose).delete()
        return
    values = {"best_days": days, "every_months": months, "on_day": on_day if months else None}
    Rhythm.objects.update_or_create(owner=by, **whose, defaults=values)
