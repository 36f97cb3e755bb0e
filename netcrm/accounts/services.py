"""What changes a user's own settings."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any

from netcrm.accounts.models import User
from netcrm.kit import facts

# Settings from which due dates follow; changing one replans everybody.
PLANNED_FROM = {
    "time_zone",
    "country",
    "paused_until",
    "daily_budget",
    "touches_per_week",
    "send_weekdays",
}


def change_settings(user: User, *, at: datetime, **values: Any) -> set[str]:
    """Set fields of ``user``; return the names of those that changed.

    Raises:
        ValidationError: a value is not one the field takes.
    """
    changed = {name for name, value in values.items() if getattr(user, name) != value}
    if not changed:
        return changed
    for name in changed:
        setattr(user, name, values[name])
    user.clean_fields(exclude={field.name for field in User._meta.fields} - changed)
    with facts.change(user, at=at) as moved:
        user.save(update_fields=changed)
        if changed & PLANNED_FROM:
            moved.everyone()
    return changed


def seen(user: User, *, on: dt.date) -> None:
    """Remember the day of the last visit; at most one write a day."""
    if user.last_seen_on != on:
        User.objects.filter(pk=user.pk).update(last_seen_on=on)
        user.last_seen_on = on
