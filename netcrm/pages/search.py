"""Search as you type: people, pages and things to do in one list, with a plain page behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from contacts import search as words
from contacts.engine import names
from contacts.models import Contact, Interaction
from contacts.selectors import current_positions, work_of
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.days import ago
from netcrm.kit.templatetags.look import PLACES, nav_url

if TYPE_CHECKING:
    from netcrm.accounts.models import User

TYPED = 7  # rows of a kind in the box in the top bar
ON_PAGE = 30
NOTE_CHARS = 120
ROUTES = 2  # of each kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A page or a thing to do that is found by its own words."""

    url_name: str
    label: Promise
    also: Promise | str = ""  # further words it answers to
    icon: str = "forward"
    key: str = ""  # the single key that does the same


DO = (
    Place(
        url_name="contacts:log",
        label=_("Log what happened"),
        also=_("write down met spoke wrote"),
        icon="plus",
        key="l",
    ),
    Place(
        url_name="contacts:add",
        label=_("Add a person"),
        also=_("new somebody contact"),
        icon="plus",
    ),
    Place(
        url_name="introductions:record",
        label=_("Record an introduction"),
        also=_("introduced met through"),
        icon="introductions",
    ),
    Place(
        url_name="contacts:import_begin",
        label=_("Bring people in"),
        also=_("import file linkedin google outlook csv vcard"),
        icon="download",
    ),
    Place(
        url_name="contacts:triage",
        label=_("Choose whom to keep up with"),
        also=_("triage sort keep park"),
        icon="people",
    ),
    Place(
        url_name="contacts:duplicates",
        label=_("Find people you have twice"),
        also=_("duplicates merge same"),
        icon="people",
    ),
    Place(
        url_name="introductions:routes",
        label=_("Find a way to somebody"),
        also=_("reach route path organization through introduce"),
        icon="plan",
    ),
    Place(
        url_name="followups:pause",
        label=_("Pause for a while"),
        also=_("hard week holiday away"),
        icon="pause",
    ),
)
PAGES = (
    *(Place(url_name=place.url_name, label=place.label, icon=place.icon) for place in PLACES),
    Place(
        url_name="followups:upcoming",
        label=_("Upcoming"),
        also=_("next days calendar"),
        icon="upcoming",
    ),
    Place(url_name="contacts:tags", label=_("Tags"), icon="people"),
    Place(
        url_name="contacts:trash",
        label=_("Trash"),
        also=_("deleted thrown away restore"),
        icon="undo",
    ),
    Place(
        url_name="accounts:settings",
        label=_("Settings"),
        also=_("account you name zone"),
        icon="settings",
    ),
    Place(
        url_name="accounts:reminders",
        label=_("Reminders"),
        also=_("mail days hour settings"),
        icon="later",
    ),
    Place(
        url_name="accounts:appearance",
        label=_("Look and keys"),
        also=_("dark light theme shortcuts"),
        icon="eye",
    ),
    Place(
        url_name="accounts:data",
        label=_("Your data"),
        also=_("export download delete account"),
        icon="download",
    ),
    Place(url_name="help", label=_("Help"), also=_("how it works"), icon="help", key="?"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list."""

    url: str
    text: str
    more: str = ""
    icon: str = ""  # none: a person, shown by initials
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    title: Promise
    rows: list[Row]


@require_safe
def search(request: OwnerRequest) -> HttpResponse:
    """Results for ``q``; the box in the top bar lifts ``#palette-list`` out of this page."""
    typed = request.GET.get("q", "")[: words.ASKED_CHARS]
    typing = bool(request.htmx)
    return render(
        request,
        "pages/_search.html" if typing else "pages/search.html",
        {
            "typed": typed,
            "asked": bool(words.Question.of(typed)),
            "groups": results(
                request.user, typed, day=request.user.day(timezone.now()), typing=typing
            ),
        },
    )


def results(owner: User, typed: str, *, day: dt.date, typing: bool) -> list[Group]:
    """What ``typed`` may mean, by kind; nothing typed gives every thing to do and every page.

    Args:
        typing: for the box in the top bar: few of each, and nobody who is set aside.
    """
    most = TYPED if typing else ON_PAGE
    found = words.find(owner, typed, most=most, set_aside=not typing)
    prefetch_related_objects([*found.people, *found.set_aside], current_positions())
    do, pages = _places(DO, typed), _places(PAGES, typed)
    groups = [
        Group(
            title=_("Nobody is called that. Did you mean:") if found.guessed else _("People"),
            rows=[_person(person) for person in found.people],
        ),
        Group(title=_("Things to do"), rows=do[:3] if typing and found.people else do),
        Group(title=_("Pages"), rows=pages[:3] if typing and found.people else pages),
        Group(
            title=_("Organizations"),
            rows=[
                Row(url=_people_url(q=row.name), text=row.name, icon="people")
                for row in found.organizations
            ],
        ),
        Group(title=_("How do I reach…"), rows=_routes(found)),
        Group(
            title=_("Tags"),
            rows=[
                Row(url=_people_url(tag=str(tag.pk)), text=tag.name, icon="people")
                for tag in found.tags
            ],
        ),
        Group(
            title=_("What happened"),
            rows=[_exchange(owner, row, day=day) for row in found.exchanges],
        ),
        Group(
            title=_("Archived, or not to be contacted"),
            rows=[_person(person) for person in found.set_aside],
        ),
    ]
    return [group for group in groups if group.rows]


def _routes(found: words.Found) -> list[Row]:
    """The ways to what was found first, a person or an organization."""
    people = [] if found.guessed else found.people
    return [
        Row(url=reverse(f"introductions:routes_{kind}", args=[one.pk]), text=one.name, icon="plan")
        for kind, some in (("organization", found.organizations), ("person", people))
        for one in some[:ROUTES]
    ]


def _person(person: Contact) -> Row:
    return Row(url=person.get_absolute_url(), text=person.name, more=work_of(person))


def _exchange(owner: User, row: Interaction, *, day: dt.date) -> Row:
    note = row.note if len(row.note) <= NOTE_CHARS else f"{row.note[: NOTE_CHARS - 1]}…"
    who = ", ".join(person.name for person in row.people.all())
    return Row(
        url=reverse("contacts:exchange", args=[row.pk]),
        text=note,
        more=f"{who}, {ago(owner.day(row.at), today=day)}",
        icon="log",
    )


def _people_url(**asked: str) -> str:
    return f"{reverse('contacts:list')}?{urlencode(asked)}"


def _places(places: tuple[Place, ...], typed: str) -> list[Row]:
    """Those of whose words each typed word begins one."""
    asked = words.Question.of(typed).words
    rows = []
    for place in places:
        own = names.fold(f"{place.label} {place.also}").split()
        url = nav_url(place.url_name)
        if url and all(any(one.startswith(word) for one in own) for word in asked):
            rows.append(Row(url=url, text=str(place.label), icon=place.icon, key=place.key))
    return rows
