"""What changes a user's own settings."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from netcrm.accounts.models import User
from netcrm.kit import facts

GRACE_DAYS = 14
GRACE = dt.timedelta(days=GRACE_DAYS)

# Settings from which due dates follow; changing one replans everybody.
PLANNED_FROM = {
    "time_zone",
    "country",
    "paused_until",
    "daily_budget",
    "touches_per_week",
    "send_weekdays",
    "birthday_lead_days",
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


def ask_to_leave(user: User, *, at: datetime) -> None:
    """Delete everything of ``user`` after ``GRACE_DAYS`` days; mails stop at once."""
    if user.leaves_at is None:
        user.leaves_at = at + GRACE
        user.save(update_fields=["leaves_at"])


def stay(user: User) -> None:
    """Take back ``ask_to_leave``."""
    user.leaves_at = None
    user.save(update_fields=["leaves_at"])


def remove_leavers(*, at: datetime) -> int:
    """Delete whoever asked to go and whose days of grace are over; return how many.

    What others depend on is passed on first, by the function that ``BEFORE_LEAVING`` names.
    """
    pass_on = import_string(settings.BEFORE_LEAVING)
    gone = list(User.objects.filter(leaves_at__lte=at))
    for user in gone:
        with transaction.atomic():
            pass_on(user=user, at=at)
            user.delete()
    return len(gone)


def seen(user: User, *, on: dt.date) -> None:
    """Remember the day of the last visit; at most one write a day."""
    if user.last_seen_on != on:
        User.objects.filter(pk=user.pk).update(last_seen_on=on)
        user.last_seen_on = on
