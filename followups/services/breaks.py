"""Pauses and fresh starts: silence when it is wanted, and no backlog afterwards.

What would come together after a break is spread over the days that follow, so that nobody comes
back to a list of things gone by.  Source: docs/decisions/0071-breaks.md.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from followups import selectors
from followups.engine import agenda
from followups.engine.spread import RETURN_WEEKS, respread
from followups.loading import writing_days
from followups.models import FollowUp, Spread
from followups.services.acts import Undo, deferral, put_back
from followups.services.planning import plan
from netcrm.accounts.models import User
from netcrm.accounts.services import change_settings

MOST_WEEKS = 4
REAL_BREAK_DAYS = 3  # a pause ended sooner is a change of mind: everything stands as before


def pause(*, by: User, at: dt.datetime, weeks: int) -> dt.date:
    """Keep silent for ``weeks`` weeks from today on; return the first day after the pause.

    Raises:
        ValidationError: it is not one to four weeks.
    """
    if not 1 <= weeks <= MOST_WEEKS:
        raise ValidationError(
            _("A pause lasts one to %(most)s weeks; it can be renewed."),
            code="weeks",
            params={"most": MOST_WEEKS},
        )
    until = by.day(at) + dt.timedelta(weeks=weeks)
    with transaction.atomic():
        _take_back_spreads(by, at, Spread.Kind.PAUSE)
        change_settings(by, at=at, paused_until=until)
        _spread(by, at, from_on=until, kind=Spread.Kind.PAUSE)
    return until


def resume(*, by: User, at: dt.datetime) -> None:
    """End the pause now; without one, nothing happens."""
    today = by.day(at)
    if selectors.paused(by, today) is None:
        return
    with transaction.atomic():
        began = Spread.objects.filter(owner=by, kind=Spread.Kind.PAUSE, undone_at=None).first()
        away = (today - by.day(began.at)).days if began else REAL_BREAK_DAYS
        _take_back_spreads(by, at, Spread.Kind.PAUSE)
        real = away >= REAL_BREAK_DAYS
        change_settings(by, at=at, paused_until=today if real else None)
        if real:
            _spread(by, at, from_on=today, kind=Spread.Kind.PAUSE)


def undo_pause(*, by: User, at: dt.datetime, until: dt.date | None) -> None:
    """Put things back to before the last pause: none, or one that ended on ``until``."""
    with transaction.atomic():
        _take_back_spreads(by, at, Spread.Kind.PAUSE)
        change_settings(by, at=at, paused_until=until)
        if selectors.paused(by, by.day(at)) is not None and until is not None:
            _spread(by, at, from_on=until, kind=Spread.Kind.PAUSE)


def fresh_start(*, by: User, at: dt.datetime) -> Undo:
    """Give everybody who is due or past a new day in the coming weeks (R9)."""
    with transaction.atomic():
        made = _spread(by, at, from_on=by.day(at), kind=Spread.Kind.FRESH_START)
    return Undo(act="fresh_start", about=made.pk)


def undo_fresh_start(*, by: User, at: dt.datetime, spread: UUID) -> None:
    """Put every day back to what it was before; once."""
    with transaction.atomic():
        rows = Spread.objects.select_for_update().filter(owner=by, undone_at=None)
        for made in rows.filter(pk=spread, kind=Spread.Kind.FRESH_START):
            _take_back(by, at, made)


def _spread(by: User, at: dt.datetime, *, from_on: dt.date, kind: str) -> Spread:
    """Give what is open on ``from_on`` its day: a few people on each day of writing."""
    by_person = _open_by_person(by, from_on)
    given = respread(
        list(by_person),
        from_on=from_on,
        weeks=RETURN_WEEKS,
        per_day=by.daily_budget,
        calendar=writing_days(by),
    )
    before: dict[str, Any] = {}
    changed: list[FollowUp] = []
    rows = {str(row.pk): row for row in FollowUp.objects.visible_to(by).open()}
    for person, day in given.items():
        for item in by_person[person]:
            row = rows[item.ref]
            if row.deferred_until and row.deferred_until >= day:
                continue
            before[item.ref] = deferral(row)
            row.deferred_until, row.deferred_for = day, FollowUp.Later.SPREAD
            row.deferred_at = at
            changed.append(row)
    last_on = max(given.values(), default=from_on)
    FollowUp.objects.bulk_update(
        changed, ["deferred_until", "deferred_for", "deferred_at"], batch_size=200
    )
    made = Spread.objects.create(owner=by, kind=kind, at=at, until_on=last_on, before=before)
    plan(by, at=at, contacts={row.contact_id for row in changed})
    return made


def _open_by_person(by: User, day: dt.date) -> dict[str, list[agenda.Item]]:
    """Return what is open by ``day``, person by person, who comes first first."""
    found: dict[str, list[agenda.Item]] = defaultdict(list)
    items = [item for item in selectors.open_items(by) if item.window.opens_on <= day]
    for item in sorted(
        items, key=lambda i: (agenda.tier_of(i, today=day), -i.priority, i.window.fades_on, i.ref)
    ):
        found[item.contact_ref].append(item)
    return found


def _take_back_spreads(by: User, at: dt.datetime, kind: str) -> None:
    for made in Spread.objects.select_for_update().filter(owner=by, kind=kind, undone_at=None):
        _take_back(by, at, made)


def _take_back(by: User, at: dt.datetime, made: Spread) -> None:
    rows = FollowUp.objects.visible_to(by).open().filter(deferred_for=FollowUp.Later.SPREAD)
    changed = list(rows.filter(pk__in=made.before))
    for row in changed:
        put_back(row, made.before[str(row.pk)])
    FollowUp.objects.bulk_update(
        changed, ["deferred_until", "deferred_for", "deferred_at"], batch_size=200
    )
    Spread.objects.filter(pk=made.pk).update(undone_at=at)
    plan(by, at=at, contacts=_people(changed))


def _people(rows: Iterable[FollowUp]) -> set[UUID]:
    return {row.contact_id for row in rows}
