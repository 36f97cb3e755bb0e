"""Counting members again, by a worker or, for a few, when a leader looks."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping
from uuid import UUID

from followups import sharing
from followups.sharing import Figures
from netcrm.groups import selectors, services
from netcrm.groups.models import Figures as Kept
from netcrm.groups.models import Membership
from netcrm.groups.selectors import Consent

AT_ONCE = 8  # members counted in one request, at most; the rest wait for the worker
SECONDS = 0.15  # after which a request counts nobody more


def count(membership: Membership, consent: Consent, *, at: dt.datetime) -> Figures:
    """Count one member under ``consent`` and keep what was counted."""
    owner = membership.user
    found = sharing.figures(owner, consent, today=owner.day(at))
    services.keep_figures(membership=membership, values=found.as_json(), on=owner.day(at), at=at)
    return found


def figures_of(
    memberships: Iterable[Membership], consents: Mapping[UUID, Consent], *, at: dt.datetime
) -> dict[UUID, Figures]:
    """What is counted of each member who shares anything, by membership.

    Numbers from before a change of consent are never returned: they may count somebody who is
    hidden now.  Numbers behind by a few facts are, when too many members are behind at once.
    """
    sharing_now = [m for m in memberships if consents[m.pk].shares]
    rows = {row.pk: row for row in Kept.objects.filter(membership__in=sharing_now)}
    found: dict[UUID, Figures] = {}
    behind: list[Membership] = []
    for member in sharing_now:
        row = rows.get(member.pk)
        values = None
        if row and row.consent_version == consents[member.pk].version:
            values = Figures.from_json(row.values)
        if values:
            found[member.pk] = values
        if not values or _is_behind(row, member, at):
            behind.append(member)
    behind.sort(key=lambda member: member.pk in found)  # those with nothing to show come first
    began = time.monotonic()
    for member in behind[:AT_ONCE]:
        found[member.pk] = count(member, consents[member.pk], at=at)
        if time.monotonic() - began > SECONDS:
            break
    return found


def recount(*, at: dt.datetime, most: int = 500) -> int:
    """Count those members again whose numbers are behind; return how many."""
    rows = Membership.objects.present().filter(grain__gt=0).select_related("user", "figures")
    behind = [m for m in rows.order_by("pk") if _is_behind(getattr(m, "figures", None), m, at)]
    behind = behind[:most]
    consents = selectors.consents(behind)
    for member in behind:
        count(member, consents[member.pk], at=at)
    return len(behind)


def _is_behind(row: Kept | None, member: Membership, at: dt.datetime) -> bool:
    return (
        row is None
        or row.consent_version != member.consent_version
        or row.facts_version != member.facts_version
        or row.counted_on != member.user.day(at)
    )
