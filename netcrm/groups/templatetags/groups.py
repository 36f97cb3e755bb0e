"""What a group puts onto its member's own pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from netcrm.groups import selectors

register = template.Library()


@register.inclusion_tag("groups/_today.html", takes_context=True)
def from_my_groups(context: Context) -> dict[str, Any]:
    """What the user promised in the room, and what leaders said; nothing without a group."""
    request = context["request"]
    if not request.user.in_a_group:
        return {}
    day = request.user.day(timezone.now())
    return {
        "commitments": selectors.commitments_on(request.user, day),
        "day": day,
        "comments": selectors.unread_comments(request.user),
        "csrf_token": context.get("csrf_token"),
    }
