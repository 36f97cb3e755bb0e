"""Keeping what was counted of a member."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from netcrm.groups.models import Figures, Membership


def keep_figures(
    *, membership: Membership, values: dict[str, Any], on: date, at: datetime
) -> Figures:
    """Keep ``values``, counted under the consent and the facts that ``membership`` was loaded with.

    Counting twice changes nothing; a consent that moved meanwhile leaves the row unshown.
    """
    row, _made = Figures.objects.update_or_create(
        membership=membership,
        defaults={
            "values": values,
            "counted_on": on,
            "counted_at": at,
            "consent_version": membership.consent_version,
            "facts_version": membership.facts_version,
        },
    )
    return row
