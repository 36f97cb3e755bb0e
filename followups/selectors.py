"""What is due, for everyone who shows it: the page, the mail, the feed, the API, the person page.

All of them read these values, so on any day they agree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Position, Ring
from followups import why
from followups.models import FollowUp
from followups.why import RuleLine
from netcrm.kit.templatetags.look import initials as initials_of

if TYPE_CHECKING:
    from netcrm.accounts.models import User


class State(StrEnum):
    """Where a day stands in a window; boundaries inclusive."""

    TOO_SOON = "too_soon"
    GOOD = "good"
    FADING = "fading"
    QUIET = "quiet"
    RESTING = "resting"
    PAUSED = "paused"

    @property
    def word(self) -> Promise:
        return STATE_WORDS[self]


STATE_WORDS = {
    State.TOO_SOON: _("Too soon"),
    State.GOOD: _("Good window"),
    State.FADING: _("Fading"),
    State.QUIET: _("Quiet"),
    State.RESTING: _("Resting"),
    State.PAUSED: _("Paused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of a next step as shown: a day put off moves the opening, never forward."""

    opens_on: dt.date
    best_on: dt.date
    fades_on: dt.date
    quiet_on: dt.date
    last_on: dt.date | None
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One next step with one person: what, why, when, and by which rule.

    ``do`` has no full stop, ``why`` is a sentence.  ``email`` is "" where none is known.
    """

    id: UUID
    contact_id: UUID
    name: str
    short_name: str
    organization: str
    ring: str
    purpose: str
    code: str
    do: str
    why: str
    window: Window
    rule: tuple[RuleLine, ...]
    introduction_id: UUID | None
    priority: float
    times_deferred: int
    put_off_until: dt.date | None
    shows_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What one day asks of the owner.

    ``cards`` has at most ``owner.daily_budget`` people; ``also`` are those who are possible and
    can wait, in the same order.  ``next`` is the next person after today, for the empty page.
    """

    day: dt.date
    cards: tuple[Step, ...]
    also: tuple[Step, ...]
    next: Step | None
    paused_until: dt.date | None
    done_today: int


def today_cards(owner: User, day: dt.date, *, initials: bool = False) -> Today:
    """Return what ``day`` asks of ``owner``: the one answer that every surface shows.

    Args:
        initials: name nobody in full, and quote nothing the owner typed (mail, feed).
    """
    if owner.paused_until and day < owner.paused_until:
        return Today(
            day=day, cards=(), also=(), next=None, paused_until=owner.paused_until, done_today=0
        )
    steps = [_step(row, day, initials=initials) for row in _open_rows(owner)]
    showing = _one_per_person(sorted((s for s in steps if s.shows_on <= day), key=_rank))
    handled = _handled_on(owner, day)
    room = max(owner.daily_budget - handled, 0)
    coming = sorted((s for s in steps if s.shows_on > day), key=lambda s: (s.shows_on, _rank(s)))
    return Today(
        day=day,
        cards=tuple(showing[:room]),
        also=tuple(showing[room:]),
        next=coming[0] if coming else None,
        paused_until=None,
        done_today=handled,
    )


def upcoming(
    owner: User, day: dt.date, *, days: int = 30, initials: bool = False
) -> tuple[Step, ...]:
    """Return the open steps that first show from ``day`` on, for ``days`` days, soonest first."""
    last_on = day + dt.timedelta(days=days)
    steps = (_step(row, day, initials=initials) for row in _open_rows(owner))
    return tuple(
        sorted((s for s in steps if s.shows_on < last_on), key=lambda s: (s.shows_on, _rank(s)))
    )


def next_step(contact: Contact, day: dt.date) -> Step | None:
    """Return the next step with one person, or None when nothing is planned with them."""
    return next_by_contact(contact.owner, [contact.pk], day=day).get(contact.pk)


def next_by_contact(
    owner: User, contact_ids: Collection[UUID], *, day: dt.date
) -> dict[UUID, Step]:
    """Return the next step of each of these people who has one; one query for all of them."""
    rows = _open_rows(owner).filter(contact_id__in=contact_ids)
    found: dict[UUID, Step] = {}
    for step in sorted((_step(row, day) for row in rows), key=lambda s: _next_order(s, day)):
        found.setdefault(step.contact_id, step)
    return found


def open_steps(contact: Contact, day: dt.date) -> tuple[Step, ...]:
    """Return everything planned with one person, what comes first first."""
    rows = _open_rows(contact.owner).filter(contact=contact)
    return tuple(sorted((_step(row, day) for row in rows), key=lambda s: _next_order(s, day)))


def _open_rows(owner: User) -> Any:
    current = Prefetch(
        "contact__positions",
        Position.objects.filter(is_current=True).select_related("organization"),
        to_attr="current_positions",
    )
    return (
        FollowUp.objects.visible_to(owner)
        .open()
        .of_active_people()
        .with_people()
        .prefetch_related(current)
    )


def _handled_on(owner: User, day: dt.date) -> int:
    """Return how many people the owner has seen to on ``day``: each takes one of its places."""
    starts_at = dt.datetime.combine(day, dt.time(), tzinfo=owner.zone)
    ends_at = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=owner.zone)
    rows = FollowUp.objects.visible_to(owner)
    done = rows.filter(outcome=FollowUp.Outcome.DONE, closed_at__gte=starts_at)
    return done.filter(closed_at__lt=ends_at).values("contact").distinct().count()


_TYPED_BY_THE_OWNER = frozenset({"promise", "tag"})


def _step(row: FollowUp, day: dt.date, *, initials: bool = False) -> Step:
    contact = row.contact
    people = _people(row)
    facts = row.facts
    if initials:
        people = why.People(**{key: _initials(name) for key, name in asdict(people).items()})
        facts = {key: fact for key, fact in facts.items() if key not in _TYPED_BY_THE_OWNER}
    shows_on = max(row.opens_on, row.deferred_until or row.opens_on)
    window = _window(row, contact, day, opens_on=shows_on)
    return Step(
        id=row.pk,
        contact_id=contact.pk,
        name=people.name if initials else contact.name,
        short_name=people.name,
        organization="" if initials else _organization(contact),
        ring=contact.ring,
        purpose=row.purpose,
        code=row.reason,
        do=why.do_line(row.purpose, facts, people=people, today=day),
        why=why.sentence(row.reason, facts, people=people, today=day),
        window=window,
        rule=why.rule_lines(_reasons(row), people=people, today=day),
        introduction_id=row.introduction_id,
        priority=row.priority,
        times_deferred=row.times_deferred,
        put_off_until=row.deferred_until if row.deferred_until == shows_on else None,
        shows_on=shows_on,
    )


def _reasons(row: FollowUp) -> Sequence[dict[str, Any]]:
    first = {
        "code": row.reason,
        "rule": row.rule,
        "facts": row.facts,
        "setting": row.setting,
    }
    return [first, *row.more]


def _people(row: FollowUp) -> why.People:
    introduction = row.introduction
    if introduction is None:
        return why.People(name=row.contact.short_name)
    introducer, introduced = introduction.introducer, introduction.introduced
    other = introduced if row.contact_id != introduced.pk else introducer
    return why.People(
        name=row.contact.short_name,
        introducer=introducer.short_name,
        other=other.short_name,
    )


def _window(row: FollowUp, contact: Contact, day: dt.date, *, opens_on: dt.date) -> Window:
    best_on = max(row.best_on, opens_on)
    fades_on = max(row.fades_on, best_on)
    quiet_on = max(row.quiet_on, fades_on)
    if day < opens_on:
        state = {"resting": State.RESTING, "paused": State.PAUSED}.get(row.rule, State.TOO_SOON)
    elif day <= fades_on:
        state = State.GOOD
    else:
        state = State.FADING if day <= quiet_on else State.QUIET
    last_at = contact.last_contact_at
    return Window(
        opens_on=opens_on,
        best_on=best_on,
        fades_on=fades_on,
        quiet_on=quiet_on,
        last_on=contact.owner.day(last_at) if last_at else None,
        state=state,
    )


def _initials(name: str) -> str:
    return initials_of(name) if name else ""


def _organization(contact: Contact) -> str:
    positions: Iterable[Position] = getattr(contact, "current_positions", ())
    return next((str(p.organization) for p in positions if p.organization), "")


_COURTESIES = frozenset(
    {"promise", "introduced", "met", "thank_introducer", "reply", "act_on_lead", "meeting_set"}
)
_LOOPS = frozenset({"loop_introducer_1", "progress", "outcome", "landed"})


def _rank(step: Step) -> tuple[Any, ...]:
    """Order of a day: courtesies, closing windows, loops, best days, gives (ux.md 2.2)."""
    if step.purpose in _COURTESIES:
        group = 0
    elif step.purpose in _LOOPS:
        group = 2
    elif step.purpose == "give":
        group = 4
    else:
        group = 1 if step.window.state is State.FADING else 3
    weak = step.ring == Ring.C
    return (group, step.window.fades_on, -step.priority, weak, step.name.casefold(), str(step.id))


def _next_order(step: Step, day: dt.date) -> tuple[Any, ...]:
    return (max(step.shows_on, day), _rank(step))


def _one_per_person(steps: Iterable[Step]) -> list[Step]:
    seen: set[UUID] = set()
    kept = []
    for step in steps:
        if step.contact_id not in seen:
            seen.add(step.contact_id)
            kept.append(step)
    return kept
