"""The one mail introductions send: would you like to meet somebody?"""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from introductions.links import seal_question
from introductions.models import OptIn
from netcrm.delivery.links import absolute
from netcrm.delivery.models import Delivery
from netcrm.kit import mail
from netcrm.kit.mail import Letter


def opt_in(delivery: Delivery, *, at: dt.datetime) -> Letter | None:
    """Write the question a row of the ledger is about; None once it no longer holds."""
    if delivery.about is None:
        return None
    row = (
        OptIn.objects.standing()
        .filter(pk=delivery.about, answer="", expires_at__gt=at)
        .select_related("introduction__owner", "introduction__introducee")
        .select_related("introduction__introduced")
        .first()
    )
    return None if row is None else letter_of(row, until=row.expires_at)


def letter_of(row: OptIn, *, until: dt.datetime) -> Letter:
    """The letter itself, also for the owner to read before it is sent."""
    owner = row.introduction.owner
    by = owner.name.strip() or owner.email
    token = seal_question(row)
    return mail.write(
        "opt_in",
        {
            "subject": _("%(by)s asks: may I introduce you to somebody?") % {"by": by},
            "by": by,
            "by_email": owner.email,
            "name": row.person.short_name,
            "about_other": row.about_other,
            "until": until,
            "answer_url": absolute(reverse("introductions:answer", args=[token])),
            "report_url": absolute(reverse("introductions:report", args=[token])),
        },
    )
