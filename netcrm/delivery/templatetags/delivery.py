"""``{% mail_banner request.user %}``: says so when mail to the member's address is stopped."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from netcrm.accounts.models import User
from netcrm.delivery import selectors
from netcrm.delivery.models import Suppression

register = template.Library()


@register.inclusion_tag("delivery/_banner.html", takes_context=True)
def mail_banner(context: Context, owner: User, known: Suppression | None = None) -> dict[str, Any]:
    """One query, unless the page has asked already and passes what it found."""
    stopped = known or selectors.stopped(owner)
    return {"stopped": stopped, "csrf_token": context.get("csrf_token")}
