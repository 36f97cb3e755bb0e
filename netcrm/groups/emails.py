"""The one mail groups send: a place offered to an address."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from netcrm.delivery.links import absolute
from netcrm.delivery.models import Delivery
from netcrm.groups.links import token_of
from netcrm.groups.models import Invitation, Membership
from netcrm.kit import mail
from netcrm.kit.mail import Letter


def invitation(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """Write the invitation a row of the ledger is about; None once it no longer holds.

    An inviter who has left or no longer leads invites nobody.
    """
    if delivery.about is None:
        return None
    row = (
        Invitation.objects.open()
        .filter(pk=delivery.about, expires_at__gt=at, group__closed_at=None)
        .select_related("group", "invited_by")
        .first()
    )
    if row is None:
        return None
    if (
        not Membership.objects.present()
        .leading()
        .filter(group=row.group_id, user=row.invited_by_id)
    ):
        return None
    by = row.invited_by.name.strip() or row.invited_by.email
    return mail.write(
        "invitation",
        {
            "subject": _("%(by)s invites you to %(group)s") % {"by": by, "group": row.group.name},
            "by": by,
            "by_email": row.invited_by.email,
            "group": row.group,
            "until": row.expires_at,
            "join_url": absolute(reverse("groups:join", args=[token_of(row)])),
        },
    )
