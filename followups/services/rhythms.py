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
class Days:
    """When something planned opens, is best and fades."""

    opens_on: dt.date
    best_on: dt.date
    fades_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One person whose days a change would move; none where nothing was or is planned."""

    contact_id: UUID
    name: str
    before: Days | None
    after: Days | None


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
        before = _planned_days(by)
        change()
        after = _planned_days(by)
        transaction.set_rollback(True)
    by.refresh_from_db()
    names = {key[0]: name for found in (before, after) for key, (name, _days) in found.items()}
    moved: dict[UUID, Moved] = {}
    for key in sorted(before.keys() | after.keys(), key=str):
        old, new = before.get(key), after.get(key)
        if old != new and key[0] not in moved:
            moved[key[0]] = Moved(
                contact_id=key[0],
                name=names[key[0]],
                before=old[1] if old else None,
                after=new[1] if new else None,
            )
    ranked = sorted(moved.values(), key=lambda one: (one.name.casefold(), str(one.contact_id)))
    return Preview(people=len(ranked), examples=tuple(ranked[:EXAMPLES]))


def _planned_days(by: User) -> dict[tuple[UUID, str], tuple[str, Days]]:
    """Return the name and the days of everything planned, by person and purpose."""
    rows = FollowUp.objects.visible_to(by).open().of_active_people()
    columns = ("contact_id", "purpose", "contact__name", "opens_on", "best_on", "fades_on")
    return {
        (key, purpose): (name, Days(opens_on=opens_on, best_on=best_on, fades_on=fades_on))
        for key, purpose, name, opens_on, best_on, fades_on in rows.values_list(*columns)
    }


def _write(by: User, whose: dict[str, Any], days: int, months: int, on_day: int | None) -> None:
    if not days and not months:
        Rhythm.objects.filter(owner=by, **whose).delete()
        return
    values = {"best_days": days, "every_months": months, "on_day": on_day if months else None}
    Rhythm.objects.update_or_create(owner=by, **whose, defaults=values)
