"""The people list: which people, in what order, and what a row says of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Position, Ring
from contacts.selectors import current_positions, matching_text, work_of
from followups.models import FollowUp
from followups.selectors import NextLine, next_lines
from introductions.selectors import level_of
from introductions.words import STEP_WORDS
from netcrm.kit.days import ago
from netcrm.kit.paging import Page, page_of

if TYPE_CHECKING:
    from netcrm.accounts.models import User

TEXT_CHARS = 200


class View(StrEnum):
    """A question the list answers; each has an address of its own."""

    EVERYONE = ""
    NEEDS_ME = "needs"
    GOOD_WINDOW = "window"
    GONE_QUIET = "quiet"
    TARGETS = "targets"
    PARKED = "parked"
    ARCHIVED = "archived"
    DO_NOT_CONTACT = "do-not-contact"

    @property
    def label(self) -> Promise:
        return VIEW_LABELS[self]

    @property
    def set_aside(self) -> bool:
        """Whether it shows people who are in no other list (C6)."""
        return self in (View.ARCHIVED, View.DO_NOT_CONTACT)


VIEW_LABELS = {
    View.EVERYONE: _("Everyone"),
    View.NEEDS_ME: _("Needs me"),
    View.GOOD_WINDOW: _("Good window"),
    View.GONE_QUIET: _("Gone quiet"),
    View.TARGETS: _("Inside targets"),
    View.PARKED: _("Parked"),
    View.ARCHIVED: _("Archived"),
    View.DO_NOT_CONTACT: _("Do not contact"),
}


class Order(StrEnum):
    NAME = ""
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks for; what it asks that makes no sense is left out."""

    view: View = View.EVERYONE
    ring: str = ""
    tag: UUID | None = None
    text: str = ""
    order: Order = Order.NAME

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        def one_of(kind: type[StrEnum], value: str) -> str:
            return value if value in [member.value for member in kind] else ""

        try:
            tag = UUID(query.get("tag", ""))
        except ValueError:
            tag = None
        ring = query.get("ring", "")
        return cls(
            view=View(one_of(View, query.get("view", ""))),
            ring=ring if ring in Ring.values else "",
            tag=tag,
            text=query.get("q", "").strip()[:TEXT_CHARS],
            order=Order(one_of(Order, query.get("order", ""))),
        )

    def query(self, **changed: str) -> str:
        """The address that asks for this, with some of it ``changed``; "?" for nothing."""
        asked = {
            "view": self.view.value,
            "ring": self.ring,
            "tag": str(self.tag or ""),
            "q": self.text,
            "order": self.order.value,
            **changed,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    @property
    def narrowed(self) -> bool:
        return bool(self.ring or self.tag or self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of the list.  ``trust`` and ``badge`` are components, rendered."""

    person: Contact
    work: str
    trust: str
    last: str
    do: str
    badge: str


def people(owner: User, filters: Filters, *, day: dt.date) -> QuerySet[Contact]:
    """Everybody the filters ask for.

    Whoever is archived or not to be contacted is in no view but their own.
    """
    found = Contact.objects.visible_to(owner).people()
    if filters.view is View.ARCHIVED:
        found = found.filter(archived_at__isnull=False)
    elif filters.view is View.DO_NOT_CONTACT:
        found = found.filter(do_not_contact=True)
    else:
        found = found.reachable()
    found = found.filter(_of_view(owner, filters.view, day))
    if filters.ring:
        found = found.filter(ring=filters.ring)
    if filters.tag:
        found = found.filter(tags=filters.tag)
    return matching_text(owner, found, filters.text)


def _of_view(owner: User, view: View, day: dt.date) -> Q:
    """What a view asks.  Few people answer it, so they are found first, and then their names."""
    steps = FollowUp.objects.visible_to(owner).showing_by(day).of_active_people()
    still_good = Q(fades_on__gte=day) | Q(deferred_until=day)
    match view:
        case View.NEEDS_ME:
            return Q(pk__in=steps.values("contact"))
        case View.GOOD_WINDOW:
            return Q(pk__in=steps.filter(still_good).values("contact"))
        case View.GONE_QUIET:
            return Q(pk__in=steps.exclude(still_good).values("contact"))
        case View.TARGETS:
            inside = Position.objects.filter(
                is_current=True, organization__owner=owner, organization__is_target=True
            )
            return Q(pk__in=inside.values("contact"))
        case View.PARKED:
            return Q(ring=Ring.D)
    return Q()


def page_of_people(
    owner: User, filters: Filters, *, day: dt.date, after: str = "", before: str = ""
) -> tuple[Page[Contact], list[Line]]:
    """One page of the list, and its rows; a fixed number of queries whatever its length."""
    by_last = filters.order is Order.LAST
    page = page_of(
        people(owner, filters, day=day)
        .select_related("trust_state")
        .prefetch_related(current_positions()),
        by="last_contact_at" if by_last else "name_key",
        descending=by_last,
        after=after,
        before=before,
    )
    next_ones = {}
    if not filters.view.set_aside:
        next_ones = next_lines(owner, page.rows, day=day)
    drawn = _Drawn()
    return page, [
        _line(owner, person, next_ones.get(person.pk), drawn, day=day) for person in page.rows
    ]


def _line(
    owner: User, person: Contact, step: NextLine | None, drawn: _Drawn, *, day: dt.date
) -> Line:
    last_at = person.last_contact_at
    return Line(
        person=person,
        work=work_of(person),
        trust=drawn.trust(level_of(person)),
        last=ago(owner.day(last_at), today=day) if last_at else "",
        do=step.do if step else "",
        badge=drawn.badge(step.word, step.look) if step else "",
    )


class _Drawn:
    """Components that look the same in many rows, each rendered once for a page."""

    def __init__(self) -> None:
        self.trust = cache(self._trust)
        self.badge = cache(self._badge)

    def _trust(self, level: int) -> str:
        said = {"step": level, "word": STEP_WORDS[level]}
        return render_to_string("components/_trust.html", said)

    def _badge(self, word: str, look: str) -> str:
        return render_to_string("components/_badge.html", {"text": word, "state": look})
