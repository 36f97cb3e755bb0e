"""The small words templates are written in; one example of each in docs/look.md."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import BaseForm
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from netcrm.kit import notices

register = template.Library()

THEMES = ("light", "dark", "auto")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the main navigation."""

    url_name: str
    label: Promise
    icon: str
    tab: bool = False  # stands in the bottom bar of small screens


PLACES = (
    Place(url_name="followups:today", label=_("Today"), icon="today", tab=True),
    Place(url_name="contacts:list", label=_("People"), icon="people", tab=True),
    Place(url_name="introductions:list", label=_("Introductions"), icon="introductions", tab=True),
    Place(url_name="introductions:give_ask", label=_("Give & ask"), icon="give"),
    Place(url_name="introductions:plan", label=_("Plan"), icon="plan"),
    Place(url_name="groups:home", label=_("Group"), icon="group"),
)
SETTINGS = ("accounts:settings", "followups:delivery")  # pages of no place in the navigation


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A drawing from static/img/icons.svg; decoration only, its word stands beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" {classes}" if classes else "",
        safe_static("img/icons.svg"),
        name,
    )


@register.simple_tag
def safe_static(path: str) -> str:
    """The URL of a static file, or "" when the manifest does not know it.

    For pages that must come up even when the deployment is broken.
    """
    try:
        return str(staticfiles_storage.url(path))
    except ValueError:
        return ""


@register.simple_tag
def nav_url(url_name: str, *args: Any, **kwargs: Any) -> str:
    """Like ``{% url %}``, but "" when no such page exists, so that its link can be left out."""
    try:
        return reverse(url_name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def places(context: Context) -> list[dict[str, Any]]:
    """The main navigation: label, url, icon, tab, current.

    The current place is the one whose address starts the page's own; failing that,
    the first place of the page's app.  ``user.in_a_group``, where there is such an
    attribute, decides whether Group is shown.
    """
    request = context.get("request")
    found = [(place, nav_url(place.url_name)) for place in PLACES]
    shown = [
        (place, url)
        for place, url in found
        if url and (place.url_name != "groups:home" or _in_a_group(request))
    ]
    current = _current_place(request, shown)
    return [
        {
            "label": place.label,
            "url": url,
            "icon": place.icon,
            "tab": place.tab,
            "current": place is current,
        }
        for place, url in shown
    ]


def _in_a_group(request: Any) -> bool:
    return bool(getattr(getattr(request, "user", None), "in_a_group", True))


def _current_place(request: Any, shown: list[tuple[Place, str]]) -> Place | None:
    if request is None or request.path.startswith(tuple(filter(None, map(nav_url, SETTINGS)))):
        return None
    by_address = [(len(url), place) for place, url in shown if request.path.startswith(url)]
    if by_address:
        return max(by_address, key=lambda pair: pair[0])[1]
    namespace = getattr(getattr(request, "resolver_match", None), "namespace", "")
    return next((place for place, _url in shown if place.url_name.split(":")[0] == namespace), None)


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """``light``, ``dark`` or ``auto``: the user's choice, else the browser's cookie."""
    request = context.get("request")
    user = getattr(request, "user", None)
    choice = getattr(user, "theme", "") or (request.COOKIES.get("theme", "") if request else "")
    return choice if choice in THEMES else "auto"


@register.simple_tag(takes_context=True)
def shortcuts(context: Context) -> str:
    """``on`` or ``off``: whether single keys act (WCAG 2.1.4)."""
    user = getattr(context.get("request"), "user", None)
    return "on" if getattr(user, "single_keys", True) else "off"


@register.filter
def initials(name: str) -> str:
    """Up to two capitals that stand for a name in any script; "?" for none.

    First and last word; one word gives one letter.  Marks such as emoji or
    punctuation are no letters.
    """
    words = [
        "".join(char for char in word if unicodedata.category(char)[0] in "LN")
        for word in str(name).split()
    ]
    words = [word for word in words if word]
    if not words:
        return "?"
    ends = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0].upper()[0] for word in ends)


@register.filter
def undo_url(message: Message) -> str:
    return notices.undo_url(message)


@register.filter
def error_links(form: BaseForm) -> list[dict[str, str]]:
    """Every error of a form, as ``target`` (an element id, or "") and ``text``.

    The field's label comes first: “This field is required” alone names no field.
    """
    links = [{"target": "", "text": str(text)} for text in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id if not bound.use_fieldset else f"{bound.auto_id}_0"
        links += [
            {
                "target": "" if bound.is_hidden else target,
                "text": _labelled(str(bound.label), str(text)),
            }
            for text in bound.errors
        ]
    return links


def _labelled(label: str, text: str) -> str:
    if label.endswith("?"):  # a question needs no colon after it
        return gettext("%(question)s %(text)s") % {"question": label, "text": text}
    return gettext("%(label)s: %(text)s") % {"label": label, "text": text}


@register.simple_block_tag(takes_context=True)
def card(context: Context, content: str, title: str = "", **parts: Any) -> SafeString:
    """A sheet of paper: components/_card.html round what stands between the tags.

    ``url`` links the title, ``name`` puts initials before it, ``badge`` and ``state``
    a word after it, ``level`` sets the heading level (2), ``id`` the element's id.
    """
    return _component(context, "_card", {"content": content, "title": title, **parts})


@register.simple_block_tag(takes_context=True)
def empty(context: Context, content: str, title: str = "", **parts: Any) -> SafeString:
    """What will be here, why it helps and (``url``, ``action``) the one thing to do."""
    return _component(context, "_empty", {"content": content, "title": title, **parts})


def _component(context: Context, name: str, values: dict[str, Any]) -> SafeString:
    return render_to_string(f"components/{name}.html", values, request=context.get("request"))
