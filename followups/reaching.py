"""“Did you reach them?”: asked once, on the visit after somebody was to be written to (I5).

What is remembered is only in the visitor's session: whose page to write from was opened, and
when.  Nothing is planned from it, and an exchange written down since answers it.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from contacts.models import Contact, Interaction
from netcrm.accounts.http import OwnerRequest

KEY = "reaching"
LASTS = dt.timedelta(days=14)


def remember(request: OwnerRequest, contact: Contact, *, at: dt.datetime) -> None:
    """The ways to reach ``contact`` are on the screen now."""
    request.session[KEY] = [str(contact.pk), at.isoformat()]


def to_ask_about(request: OwnerRequest, *, at: dt.datetime) -> Contact | None:
    """Whom to ask about on this visit, once; None when that is answered or too long ago."""
    remembered = request.session.pop(KEY, None)
    if remembered is None:
        return None
    key, opened_at = UUID(remembered[0]), dt.datetime.fromisoformat(remembered[1])
    if at - opened_at > LASTS:
        return None
    since = Interaction.objects.visible_to(request.user).filter(people=key, at__gte=opened_at)
    if since.exists():
        return None
    people = Contact.objects.visible_to(request.user).people()
    return people.filter(pk=key, do_not_contact=False).first()
