"""The tabs above the settings pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms, template
from django.template.context import Context
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from netcrm.accounts.forms import in_our_words
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
    ("account_email", _("Signing in")),
)
SIGNING_IN = (
    ("account_email", _("E-mail address")),
    ("account_change_password", _("Password")),
    ("mfa_index", _("Second step")),
    ("usersessions_list", _("Where you are signed in")),
)

LABELS = {
    "email": _("E-mail address"),
    "oldpassword": _("The password you have now"),
    "password1": _("New password"),
    "password2": _("The new password once more"),
    "name": _("Name"),
    "passwordless": _("Sign in with it alone, without a password"),
}


@register.filter
def our_words(form: forms.Form) -> forms.Form:
    """A form of allauth's with our labels, and nothing in its boxes that looks like an answer."""
    in_our_words(form, **LABELS)
    for name, field in form.fields.items():
        # An invalid form has made its bound fields by now.
        form[name].label, form[name].help_text = field.label or "", field.help_text
    return form


@register.simple_tag(takes_context=True)
def settings_places(context: Context) -> list[dict[str, Any]]:
    """Every settings page there is: label, url, current; those of signing in are one."""
    path = context["request"].path
    places = _tabs(TABS, path)
    if any(place["current"] for place in _tabs(SIGNING_IN, path)):
        places[-1]["current"] = True
    return places


@register.simple_tag(takes_context=True)
def signing_in_places(context: Context) -> list[dict[str, Any]]:
    """The pages of signing in, while one of them is shown; else none."""
    places = _tabs(SIGNING_IN, context["request"].path)
    return places if any(place["current"] for place in places) else []


def _tabs(tabs: Sequence[tuple[str, Promise]], path: str) -> list[dict[str, Any]]:
    found = [(label, nav_url(name)) for name, label in tabs]
    here = max((url for _label, url in found if url and path.startswith(url)), key=len, default="")
    return [{"label": label, "url": url, "current": url == here} for label, url in found if url]
