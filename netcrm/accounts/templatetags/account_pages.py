"""The tabs above the settings pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context
from django.utils.translation import gettext_lazy as _

from netcrm.kit.templatetags.look import nav_url

register = template.Library()

TABS = (
    ("accounts:settings", _("You")),
    ("accounts:reminders", _("Reminders")),
    ("followups:rhythms", _("Rhythms")),
    ("followups:calendar", _("Calendar")),
    ("followups:delivery", _("Delivery")),
    ("accounts:appearance", _("Look and keys")),
    ("groups:sharing", _("Sharing")),
    ("accounts:data", _("Your data")),
    ("account_email", _("E-mail address")),
    ("account_change_password", _("Password")),
    ("mfa_index", _("Second step")),
    ("usersessions_list", _("Where you are signed in")),
)


@register.simple_tag(takes_context=True)
def settings_places(context: Context) -> list[dict[str, Any]]:
    """Every settings page there is: label, url, current."""
    path = context["request"].path
    found = [(label, nav_url(name)) for name, label in TABS]
    return [{"label": label, "url": url, "current": path == url} for label, url in found if url]
