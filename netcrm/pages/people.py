"""The people list: which people, in what order, and what a row says of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
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

from contacts.models import (
    Contact,
    ImportBatch,
    Organization,
    Position,
    Ring,
    SavedView,
    Tag,
)
from contacts.selectors import current_positions, matching_text, work_of
from followups.models import FollowUp
from followups.selectors import NextLine, next_lines
from introductions.selectors import level_of
from introductions.words import STEP_WORDS
from netcrm.kit.days import ago
from netcrm.kit.paging import Page, page_of
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User

TEXT_CHARS = 200
TICKED_AT_MOST = 500  # a page has fifty


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
    QUIET = "quiet"
    TRUST = "trust"
    ADDED = "added"


# Column and direction of each order; ties stand in the order they were added.
ORDERED_BY = {
    Order.NAME: ("name_key", False),
    Order.LAST: ("last_contact_at", True),
    Order.QUIET: ("last_contact_at", False),
    Order.TRUST: ("trust_state__level", True),
    Order.ADDED: ("created_at", True),
}
ORDER_LABELS = {
    Order.NAME: _("By name"),
    Order.LAST: _("Last in touch"),
    Order.QUIET: _("Longest ago first"),
    Order.TRUST: _("Trust, most first"),
    Order.ADDED: _("Newest in the list"),
}


class Last(StrEnum):
    """When one was last in touch."""

    ANY = ""
    RECENT = "recent"
    MONTH = "30"
    QUARTER = "90"
    HALF = "180"
    YEAR = "365"
    NEVER = "never"


LAST_LABELS = {
    Last.ANY: _("Any time"),
    Last.RECENT: _("Within the last month"),
    Last.MONTH: _("More than a month ago"),
    Last.QUARTER: _("More than three months ago"),
    Last.HALF: _("More than six months ago"),
    Last.YEAR: _("More than a year ago"),
    Last.NEVER: _("Not yet in touch"),
}
RECENT_DAYS = 30
NOBODY = UUID(int=0)


class Due(StrEnum):
    """By when a next step shows."""

    ANY = ""
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    NONE = "none"


DUE_LABELS = {
    Due.ANY: _("Any"),
    Due.TODAY: _("Today"),
    Due.WEEK: _("Within a week"),
    Due.MONTH: _("Within a month"),
    Due.NONE: _("Nothing planned"),
}
DUE_DAYS = {Due.TODAY: 0, Due.WEEK: 7, Due.MONTH: 30}


class Stage(StrEnum):
    """Where a relationship is: the stages of ux.md 1.2, a few at a time."""

    ANY = ""
    NEW = "new"
    INTRODUCED = "introduced"
    WAITING = "waiting"
    MEETING = "meeting"
    REPORT = "report"
    ASK = "ask"
    KEEPING = "keeping"


STAGE_LABELS = {
    Stage.ANY: _("Any"),
    Stage.NEW: _("Before the first word"),
    Stage.INTRODUCED: _("Introduced, or waiting for my answer"),
    Stage.WAITING: _("Waiting for their answer"),
    Stage.MEETING: _("Around a meeting"),
    Stage.REPORT: _("Something to report or thank for"),
    Stage.ASK: _("Ready for an ask"),
    Stage.KEEPING: _("Keeping up"),
}
STAGE_PURPOSES = {
    Stage.NEW: ("first_contact", "act_on_lead"),
    Stage.INTRODUCED: ("intro_wanted", "introduced", "reply"),
    Stage.WAITING: ("no_reply_1", "no_reply_2", "resting"),
    Stage.MEETING: ("meeting_set", "met"),
    Stage.REPORT: (
        *("loop_introducer_1", "progress", "thank_introducer", "outcome", "promise", "landed"),
    ),
    Stage.ASK: ("ask_advice", "ask_info", "ask_intro", "ask_referral"),
    Stage.KEEPING: ("nurture", "give", "settled", "birthday", "reconnect"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks for; what it asks that makes no sense is left out."""

    view: View = View.EVERYONE
    ring: str = ""
    tag: UUID | None = None
    org: UUID | None = None  # where they work now
    batch: UUID | None = None  # the file they came with
    trust: int = 0  # at least this step
    stage: Stage = Stage.ANY
    last: Last = Last.ANY
    due: Due = Due.ANY
    text: str = ""
    order: Order = Order.NAME

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        def one_of(kind: type[StrEnum], name: str) -> str:
            value = query.get(name, "")
            return value if value in [member.value for member in kind] else ""

        def key(name: str) -> UUID | None:
            try:
                return UUID(query.get(name, ""))
            except ValueError:
                return None

        ring, trust = query.get("ring", ""), query.get("trust", "")
        return cls(
            view=View(one_of(View, "view")),
            ring=ring if ring in Ring.values else "",
            tag=key("tag"),
            org=key("org"),
            batch=key("batch"),
            trust=int(trust) if trust in {"1", "2", "3", "4", "5"} else 0,
            stage=Stage(one_of(Stage, "stage")),
            last=Last(one_of(Last, "last")),
            due=Due(one_of(Due, "due")),
            text=query.get("q", "").replace("\0", " ").strip()[:TEXT_CHARS],
            order=Order(one_of(Order, "order")),
        )

    def values(self) -> dict[str, str]:
        """What each name of the address stands for, in its order, "" where it asks nothing."""
        return {
            "view": self.view.value,
            "ring": self.ring,
            "tag": str(self.tag or ""),
            "org": str(self.org or ""),
            "batch": str(self.batch or ""),
            "trust": str(self.trust or ""),
            "stage": self.stage.value,
            "last": self.last.value,
            "due": self.due.value,
            "q": self.text,
            "order": self.order.value,
        }

    def query(self, **changed: str) -> str:
        """The address that asks for this, with some of it ``changed``; "?" for nothing."""
        asked = {**self.values(), **changed}
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    @property
    def narrowed(self) -> bool:
        return bool(self.ring or self.tag or self.text or self.narrowed_further)

    @property
    def narrowed_further(self) -> bool:
        """Whether it asks for what stands on the page of further filters alone."""
        return any(self.further().values())

    def further(self) -> dict[str, str]:
        """What it asks besides what stands above the list itself."""
        names = ("org", "batch", "trust", "stage", "last", "due")
        return {name: value for name, value in self.values().items() if name in names}


def in_words(owner: User, filters: Filters) -> list[tuple[str, str]]:
    """What further filters ask, each with the address without it."""
    places = Organization.objects.visible_to(owner).filter(pk=filters.org or NOBODY)
    files = ImportBatch.objects.visible_to(owner).filter(pk=filters.batch or NOBODY)
    names: dict[str, Callable[[], object]] = {
        "org": places.first,
        "batch": files.first,
        "trust": lambda: _("%(word)s or more") % {"word": STEP_WORDS[filters.trust]},
        "stage": lambda: STAGE_LABELS[filters.stage],
        "last": lambda: _("Last in touch: %(when)s") % {"when": LAST_LABELS[filters.last]},
        "due": lambda: _("Next step: %(when)s") % {"when": DUE_LABELS[filters.due]},
    }
    return [
        (str(names[name]() or "…"), filters.query(**{name: ""}))
        for name, value in filters.further().items()
        if value
    ]


ABOVE_THE_LIST = Together(
    lambda ask: {
        "tags": Tag.objects.filter(owner=ask.owner),
        "views": SavedView.objects.filter(owner=ask.owner),
    }
)


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
    if filters.org:
        there = Position.objects.filter(
            is_current=True, organization__owner=owner, organization=filters.org
        )
        found = found.filter(pk__in=there.values("contact"))
    if filters.batch:
        found = found.filter(batch=filters.batch)
    if filters.trust:
        found = found.filter(trust_state__level__gte=filters.trust)
    found = found.filter(_last(owner, filters.last, day), _planned(owner, filters, day))
    return matching_text(owner, found, filters.text)


def _last(owner: User, last: Last, day: dt.date) -> Q:
    """Those never in touch are asked for by themselves."""
    match last:
        case Last.ANY:
            return Q()
        case Last.NEVER:
            return Q(last_contact_at=None)
    days = RECENT_DAYS if last is Last.RECENT else int(last.value)
    begin = owner.begin_of(day - dt.timedelta(days=days))
    return Q(last_contact_at__gte=begin) if last is Last.RECENT else Q(last_contact_at__lt=begin)


def _planned(owner: User, filters: Filters, day: dt.date) -> Q:
    steps = FollowUp.objects.visible_to(owner).open()
    wanted = Q()
    if filters.due is Due.NONE:
        wanted &= ~Q(pk__in=steps.values("contact"))
    elif filters.due is not Due.ANY:
        by = day + dt.timedelta(days=DUE_DAYS[filters.due])
        wanted &= Q(pk__in=steps.showing_by(by).values("contact"))
    if filters.stage is not Stage.ANY:
        purposes = STAGE_PURPOSES[filters.stage]
        wanted &= Q(pk__in=steps.filter(purpose__in=purposes).values("contact"))
    return wanted


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
            quiet = ~still_good | Q(purpose="reconnect")
            return Q(pk__in=steps.filter(quiet).values("contact"))
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
    by, descending = ORDERED_BY[filters.order]
    page = page_of(
        people(owner, filters, day=day)
        .select_related("trust_state")
        .prefetch_related(current_positions()),
        by=by,
        descending=descending,
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
