"""Writing down who looked.  What cannot be written down is not shown (reliability.md L07)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from netcrm.accounts.models import User
from netcrm.groups.models import Membership, ViewLog

KEPT = timedelta(days=366)


class LogRefused(Exception):
    """The look could not be written down, so it does not take place."""


def looked(
    *, viewer: User, kind: ViewLog.Kind, shown: Mapping[Membership, int], at: datetime
) -> None:
    """Write down that ``viewer`` is about to be shown what these members share.

    Args:
        shown: for each member, how many of their people stand on the page.

    Raises:
        LogRefused: the database would not take it.
    """
    name = viewer.name.strip() or viewer.email
    rows = [
        ViewLog(
            member=membership.user,
            viewer=viewer,
            viewer_name=name,
            group_name=membership.group.name,
            kind=kind,
            grain=membership.grain,
            people=people,
            at=at,
        )
        for membership, people in shown.items()
        if membership.user_id != viewer.pk
    ]
    try:
        with transaction.atomic():
            ViewLog.objects.bulk_create(rows)
    except DatabaseError as fault:
        raise LogRefused(
            _("This could not be noted in the log of who looked, so it is not shown.")
        ) from fault


def prune_view_log(*, at: datetime) -> int:
    """Drop what is older than a year, and what is about accounts that are gone."""
    old = ViewLog.objects.filter(at__lt=at - KEPT).delete()[0]
    gone = ViewLog.objects.exclude(member__in=User.objects.values("pk")).delete()[0]
    return old + gone
