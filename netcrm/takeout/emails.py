"""Mails about a member's data: somebody was erased, an export is ready."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from netcrm.delivery.links import absolute
from netcrm.delivery.models import Delivery
from netcrm.kit import mail
from netcrm.kit.mail import Letter
from netcrm.takeout.links import token_of
from netcrm.takeout.models import Erasure, Takeout


def erased(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """Tell an owner that somebody in their list asked to be erased, and was."""
    row = Erasure.objects.filter(pk=delivery.about).first() if delivery.about else None
    if row is None:
        return None
    return mail.write(
        "erased",
        {"subject": _("Somebody in your list asked to be erased"), "row": row},
    )


def takeout(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """Send the link to a finished export; None once it has run out."""
    row = Takeout.objects.there(at).filter(pk=delivery.about).first() if delivery.about else None
    if row is None:
        return None
    return mail.write(
        "takeout",
        {
            "subject": _("Your data is ready to download"),
            "row": row,
            "url": absolute(reverse("accounts:data_file", args=[token_of(row)])),
        },
    )
