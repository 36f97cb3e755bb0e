"""One relationship whole: what is next and why, how far it has come, and what happened."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import words as contact_words
from contacts.models import (
    Contact,
    ContactPoint,
    Interaction,
    Participation,
    Promise,
    Tag,
    TheirDate,
)
from followups.selectors import Step, lists_of_steps, steps_from
from introductions import words
from introductions.models import Referral
from introductions.selectors import (
    AboutPerson,
    CameThrough,
    Known,
    ShownChain,
    Standing,
    about_person,
    lists_about,
)
from netcrm.kit.charts import band
from netcrm.kit.charts.drawing import Chart
from netcrm.kit.days import short_day
from netcrm.kit.paging import first_page, page_of
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User

EVENTS_ON_A_PAGE = 25


class Show(StrEnum):
    """What the timeline is narrowed to."""

    ALL = ""
    TALKS = "talks"
    GIVES = "gives"
    REFERRALS = "referrals"

    @property
    def label(self) -> LazyText:
        return SHOW_LABELS[self]


SHOW_LABELS = {
    Show.ALL: gettext_lazy("All"),
    Show.TALKS: gettext_lazy("Talks"),
    Show.GIVES: gettext_lazy("Gives"),
    Show.REFERRALS: gettext_lazy("Referrals"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline.  ``look``: both, yours, theirs, give, step or note."""

    on: dt.date
    day: str
    look: str
    text: str
    note: str = ""
    besides: tuple[str, ...] = ()
    others: tuple[Contact, ...] = ()
    url: str = ""
    is_exchange: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    label: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    months: tuple[Month, ...]
    show: Show
    earlier: str
    later: str


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """What templates/pages/person/ show; each section is one attribute."""

    person: Contact
    work: str
    tags: list[Tag]
    emails: list[ContactPoint]
    phones: list[ContactPoint]
    links: list[ContactPoint]
    their_date: dt.date | None
    step: Step | None
    also: tuple[Step, ...]
    band: Chart | None
    trust: words.TrustShown
    chains: list[ShownChain]
    loops: list[Standing]
    came_through: list[CameThrough]
    promises: list[Promise]
    timeline: Timeline

    @property
    def talks(self) -> list[Event]:
        """The last three exchanges, for the page to prepare from."""
        events = [event for month in self.timeline.months for event in month.events]
        return [event for event in events if event.is_exchange][:3]

    @property
    def shared(self) -> list[Known | CameThrough]:
        """People both know: those on the way to this person, and those met through them."""
        on_the_way: dict[UUID, Known | CameThrough] = {
            one.id: one for chain in self.chains for one in chain.people[:-1]
        }
        return list({**on_the_way, **{one.id: one for one in self.came_through}}.values())


def _exchanges(ask: Any) -> QuerySet[Interaction]:
    """The first page of the timeline, and one exchange more."""
    rows = Interaction.objects.visible_to(ask.owner).filter(participations__contact=ask.person)
    return rows.order_by("-at", "id")[: EVENTS_ON_A_PAGE + 1]


_LISTS = Together(
    lambda ask: {
        "people": Contact.objects.visible_to(ask.owner).people().filter(pk=ask.person),
        "points": ContactPoint.objects.filter(contact=ask.person),
        "tags": Tag.objects.filter(contacts=ask.person),
        "their_dates": TheirDate.objects.filter(contact=ask.person, closed_at=None).values_list(
            "on"
        ),
        "exchanges": _exchanges(ask),
        "others": Participation.objects.filter(
            interaction__in=_exchanges(ask).values("pk"), contact__trashed_at=None
        )
        .exclude(contact=ask.person)
        .select_related("contact")
        .order_by("pk"),
        **lists_of_steps(ask),
        **lists_about(ask),
    }
)


def person_page(
    owner: User,
    key: UUID,
    *,
    day: dt.date,
    show: Show = Show.ALL,
    after: str = "",
    before: str = "",
) -> PersonPage | None:
    """Everything the page of one of ``owner``'s people shows; None when there is no such person.

    A fixed number of queries: two, and one or two more away from the timeline's first page.
    """
    lists = _LISTS.lists(owner=owner.pk, person=key)
    if not lists["people"]:
        return None
    person: Contact = lists["people"][0]
    person.owner = owner
    about = about_person(owner, person, lists, today=day)
    steps = steps_from(lists, owner, day)
    step = steps[0] if steps else None

    def of_kind(kind: str) -> list[ContactPoint]:
        return [point for point in lists["points"] if point.kind == kind]

    return PersonPage(
        person=person,
        work=next((str(job) for job in lists["jobs"] if job.is_current), ""),
        tags=lists["tags"],
        emails=of_kind(ContactPoint.Kind.EMAIL),
        phones=of_kind(ContactPoint.Kind.PHONE),
        links=of_kind(ContactPoint.Kind.LINK),
        their_date=next((on for (on,) in lists["their_dates"]), None),
        step=step,
        also=steps[1:],
        band=_band(step, person, day),
        trust=words.shown(about.step, name=person.short_name, today=day),
        chains=about.chains,
        loops=[standing for standing in about.standings if standing.loop_open],
        came_through=about.came_through,
        promises=lists["promises"],
        timeline=_timeline(owner, person, about, lists, show=show, after=after, before=before),
    )


def _band(step: Step | None, person: Contact, day: dt.date) -> Chart | None:
    if step is None or step.is_quiet:  # a turn is no window to draw
        return None
    window = step.window
    days = band.Window(
        opens_on=window.opens_on,
        best_on=window.best_on,
        fades_on=window.fades_on,
        quiet_on=window.quiet_on,
        last_on=window.last_on,
    )
    return band.band(days, name=person.short_name, today=day, uid="band")


# The timeline


def _timeline(
    owner: User,
    person: Contact,
    about: AboutPerson,
    lists: Mapping[str, list[Any]],
    *,
    show: Show,
    after: str,
    before: str,
) -> Timeline:
    """Exchanges a page at a time, newest first; what else happened stands among them."""
    if show is Show.ALL and not (after or before):
        page = first_page(lists["exchanges"], by="at", size=EVENTS_ON_A_PAGE)
        there: Iterable[Participation] = lists["others"]
    else:
        page = page_of(
            _narrowed(owner, person, show),
            by="at",
            descending=True,
            after=after,
            before=before,
            size=EVENTS_ON_A_PAGE,
        )
        there = (
            Participation.objects.filter(interaction__in=page.rows, contact__trashed_at=None)
            .exclude(contact=person)
            .select_related("contact")
            .order_by("pk")
        )
    others: dict[UUID, list[Contact]] = defaultdict(list)
    for part in there:
        others[part.interaction_id].append(part.contact)
    events = [_of_interaction(owner, person, row, others[row.pk]) for row in page.rows]
    newest = events[0].on if events and page.previous else dt.date.max
    oldest = events[-1].on if events and page.next else dt.date.min
    besides = [
        event for event in _other_events(owner, person, about, show) if oldest <= event.on <= newest
    ]
    # Sorting is stable: on one day the exchange stands above what followed from it.
    events = sorted([*besides, *events], key=lambda event: event.on, reverse=True)
    return Timeline(
        months=tuple(
            Month(label=label, events=tuple(group))
            for label, group in groupby(events, key=lambda e: date_format(e.on, "F Y"))
        ),
        show=show,
        earlier=page.next,
        later=page.previous,
    )


def _narrowed(owner: User, person: Contact, show: Show) -> QuerySet[Interaction]:
    rows = Interaction.objects.visible_to(owner).filter(participations__contact=person)
    if show is Show.TALKS:
        return rows.filter(kind__in=[Interaction.Kind.TALK, Interaction.Kind.MEETING])
    if show is Show.GIVES:
        return rows.filter(is_give=True)
    return rows.none() if show is Show.REFERRALS else rows


_LOOKS = {
    Interaction.Direction.BOTH: "both",
    Interaction.Direction.OUT: "yours",
    Interaction.Direction.IN: "theirs",
}


def _of_interaction(owner: User, person: Contact, row: Interaction, others: list[Contact]) -> Event:
    on = owner.day(row.at)
    if row.is_give:
        look = "give"
    elif row.counts:
        look = _LOOKS[Interaction.Direction(row.direction)]
    else:
        look = "note"
    return Event(
        on=on,
        day=short_day(on),
        look=look,
        text=contact_words.happened(row, name=person.short_name),
        note=row.note,
        besides=tuple(contact_words.besides(row)),
        others=tuple(others),
        url=reverse("contacts:exchange", args=[row.pk]),
        is_exchange=row.counts,
    )


def _other_events(owner: User, person: Contact, about: AboutPerson, show: Show) -> Iterator[Event]:
    if show in (Show.ALL, Show.REFERRALS):
        for referral in about.referrals:
            yield _of_referral(person, referral)
    if show is not Show.ALL:
        return
    for standing in about.standings:
        if standing.row.made_at:
            on = owner.day(standing.row.made_at)
            yield Event(
                on=on,
                day=short_day(on),
                look="step",
                text=_introduced(standing, person),
                url=standing.row.get_absolute_url(),
            )
    for reached in about.step.history:
        yield Event(
            on=reached.on,
            day=short_day(reached.on),
            look="step",
            text=_("Step: %(word)s") % {"word": words.STEP_WORDS[reached.level]},
        )


def _introduced(standing: Standing, person: Contact) -> str:
    row = standing.row
    names = {
        "introducer": row.introducer.short_name,
        "introducee": row.introducee.short_name,
        "introduced": row.introduced.short_name,
    }
    if row.introducee.is_self:
        return _("%(introducer)s introduced you to %(introduced)s") % names
    if row.introducer.is_self:
        return _("You introduced %(introducee)s to %(introduced)s") % names
    if row.introduced.is_self:
        return _("%(introducer)s introduced %(introducee)s to you") % names
    return _("%(introducer)s introduced %(introducee)s to %(introduced)s") % names


def _of_referral(person: Contact, referral: Referral) -> Event:
    substance = "" if referral.substance is None else str(referral.get_substance_display())
    to = str(referral)
    if referral.to_organization and str(referral.to_organization) != to:
        to = f"{to}, {referral.to_organization}"
    return Event(
        on=referral.given_on,
        day=short_day(referral.given_on),
        look="theirs",
        text=_("%(name)s gave you %(to)s") % {"name": person.short_name, "to": to},
        note=referral.note,
        besides=tuple(word for word in (substance, _used(referral)) if word),
    )


def _used(referral: Referral) -> str:
    return _("you acted on it") if referral.used_on else _("not used yet")


def views_of(timeline: Timeline, url: str) -> Iterable[dict[str, object]]:
    """The timeline's filters as components/_segmented.html wants them."""
    return [
        {
            "label": show.label,
            "url": f"{url}?show={show.value}#timeline" if show.value else f"{url}#timeline",
            "current": show is timeline.show,
        }
        for show in Show
    ]
