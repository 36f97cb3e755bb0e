"""One next step with one person: what, why, when, and by which rule."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Position, Promise
from followups import why
from followups.engine import agenda, cadence
from followups.engine.agenda import Tier
from followups.engine.cadence import Ring, State
from followups.models import FollowUp
from followups.why import RuleLine
from introductions.models import Referral
from netcrm.kit.templatetags.look import initials as initials_of
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User


STATE_WORDS: Mapping[State, Lazy] = {
    State.TOO_SOON: _("Too soon"),
    State.GOOD: _("Good window"),
    State.FADING: _("Fading"),
    State.QUIET: _("Quiet"),
    State.RESTING: _("Resting"),
    State.PAUSED: _("Paused"),
}


# The words of the style sheet for a state (docs/look.md).
STATE_LOOKS: Mapping[State, str] = {
    State.TOO_SOON: "soon",
    State.GOOD: "window",
    State.FADING: "fading",
    State.QUIET: "quiet",
    State.RESTING: "quiet",
    State.PAUSED: "quiet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of a next step; ``last_on`` is the last contact over all channels."""

    opens_on: dt.date
    best_on: dt.date
    fades_on: dt.date
    quiet_on: dt.date
    last_on: dt.date | None
    state: State

    @property
    def word(self) -> str:
        return str(STATE_WORDS[self.state])

    @property
    def look(self) -> str:
        return STATE_LOOKS[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One next step with one person: what, why, when, and by which rule.

    ``do`` has no full stop, ``why`` is a sentence; ``rule`` is what “Show the rule” opens.
    ``shows_on`` is the first day it may appear anywhere; ``put_off_until`` is set while the owner
    has put it off.
    """

    id: UUID
    contact_id: UUID
    name: str
    short_name: str
    organization: str
    ring: str
    purpose: str
    tier: Tier
    code: str
    do: str
    why: str
    window: Window
    rule: tuple[RuleLine, ...]
    introduction_id: UUID | None
    times_deferred: int
    put_off_until: dt.date | None
    shows_on: dt.date

    @property
    def is_loop(self) -> bool:
        return self.tier is Tier.LOOP

    @property
    def is_quiet(self) -> bool:
        """Whether it is the turn of somebody gone quiet."""
        return self.purpose == cadence.Purpose.RECONNECT

    @property
    def is_give(self) -> bool:
        return self.tier is Tier.GIVE


def open_items(owner: User, contact_ids: Collection[UUID] | None = None) -> list[agenda.Item]:
    """Return the open follow-ups as the day's choice sees them; one query of few columns.

    Of a few people, whose they are is looked at row by row: asked in the query, it would lead a
    database without statistics through everybody the owner has.
    """
    rows = FollowUp.objects.open().of_active_people()
    rows = rows.visible_to(owner) if contact_ids is None else rows.filter(contact__in=contact_ids)
    values = rows.values_list(*ITEM, "contact__owner_id")
    return items_from(one[:-1] for one in values if one[-1] == owner.pk)


# What ``items_from`` makes an item of, in this order.
ITEM = (
    "pk",
    "contact_id",
    "purpose",
    "opens_on",
    "best_on",
    "fades_on",
    "quiet_on",
    "rule",
    "priority",
    "contact__ring",
    "deferred_until",
)


def items_from(rows: Iterable[tuple[Any, ...]]) -> list[agenda.Item]:
    """Return rows of the columns ``ITEM`` as the day's choice sees them."""
    return [
        agenda.Item(
            ref=str(pk),
            contact_ref=str(contact),
            purpose=cadence.Purpose(purpose),
            window=engine_window(opens_on, best_on, fades_on, quiet_on, rule, deferred_until),
            priority=priority,
            ring=Ring(ring),
            deferred_until=deferred_until,
        )
        for (
            pk,
            contact,
            purpose,
            opens_on,
            best_on,
            fades_on,
            quiet_on,
            rule,
            priority,
            ring,
            deferred_until,
        ) in rows
    ]


_RULES = {rule.name.lower(): rule for rule in cadence.Rule}


_PUT_OFF = cadence.Reason(code="date.later", rule=cadence.Rule.LATER)


def engine_window(
    opens_on: dt.date,
    best_on: dt.date,
    fades_on: dt.date,
    quiet_on: dt.date,
    rule: str,
    deferred_until: dt.date | None,
) -> cadence.Window:
    """Return a row's window, moved by what it was put off to."""
    made = cadence.Window(
        opens_on=opens_on,
        best_on=best_on,
        fades_on=fades_on,
        quiet_on=quiet_on,
        state=State.GOOD,
        rule=_RULES.get(rule, cadence.Rule.ENGINE),
        reasons=(),
    )
    if deferred_until is None:
        return made
    return made.not_before(deferred_until, today=deferred_until, reason=_PUT_OFF)


def window_of(row: FollowUp) -> cadence.Window:
    """Return a row's window as the engine speaks of it."""
    return engine_window(
        row.opens_on, row.best_on, row.fades_on, row.quiet_on, row.rule, row.deferred_until
    )


def next_step(contact: Contact, day: dt.date) -> Step | None:
    """Return the next step with one person, or None when nothing is planned with them."""
    return next_by_contact(contact.owner, [contact.pk], day=day).get(contact.pk)


def next_by_contact(
    owner: User, contact_ids: Collection[UUID], *, day: dt.date
) -> dict[UUID, Step]:
    """Return the next step of each of these people who has one, in a fixed number of queries."""
    steps = steps_of(owner, [item.ref for item in next_items(owner, contact_ids, day=day)], day)
    return {step.contact_id: step for step in steps.values()}


def next_items(owner: User, contact_ids: Collection[UUID], *, day: dt.date) -> list[agenda.Item]:
    """Return which open follow-up comes first with each of these people; one query."""
    return soonest(open_items(owner, contact_ids), day)


def soonest(items: Iterable[agenda.Item], day: dt.date) -> list[agenda.Item]:
    """Return the item that comes first with each person; what no day shows any more comes last."""
    ranked = sorted(
        items,
        key=lambda item: (
            max(item.window.opens_on, day),
            not agenda.may_show(item, today=day),
            agenda.tier_of(item, today=day),
            item.window.fades_on,
            item.ref,
        ),
    )
    return one_per_person(ranked)


def item_of(row: FollowUp) -> agenda.Item:
    """Return an open row, its person loaded, as the day's choice sees it."""
    return agenda.Item(
        ref=str(row.pk),
        contact_ref=str(row.contact_id),
        purpose=cadence.Purpose(row.purpose),
        window=window_of(row),
        priority=row.priority,
        ring=Ring(row.contact.ring),
        deferred_until=row.deferred_until,
    )


def lists_of_steps(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What ``steps_from`` is made from (kit.together): of ``ask.owner`` and ``ask.person``."""
    given = Referral.objects.visible_to(ask.owner).filter(giver=ask.person)
    return {
        "steps": FollowUp.objects.open()
        .of_active_people()
        .filter(contact=ask.person, contact__owner=ask.owner)
        .with_people(),
        "jobs": Position.objects.filter(contact=ask.person).select_related("organization"),
        "promises": Promise.objects.open().filter(contact=ask.person),
        "referrals": given.select_related("to_contact", "to_organization"),
    }


_OF_STEPS = Together(lists_of_steps)


def open_steps(contact: Contact, day: dt.date) -> tuple[Step, ...]:
    """Return everything planned with one person, soonest first."""
    owner = contact.owner
    return steps_from(_OF_STEPS.lists(owner=owner.pk, person=contact.pk), owner, day)


def steps_from(lists: Mapping[str, list[Any]], owner: User, day: dt.date) -> tuple[Step, ...]:
    """Return the steps with one person, soonest first, from the lists of ``lists_of_steps``."""
    rows: list[FollowUp] = lists["steps"]
    for row in rows:
        row.contact.current_positions = [job for job in lists["jobs"] if job.is_current]  # type: ignore[attr-defined]
    names = Names(owner, rows, referrals=lists["referrals"], promises=lists["promises"])
    steps = [_step(row, owner, names, day) for row in rows]
    return tuple(sorted(steps, key=lambda s: (s.shows_on, s.tier, s.window.fades_on, str(s.id))))


def step_of(follow_up: FollowUp, day: dt.date) -> Step | None:
    """Return one open follow-up as a step, or None when it is closed or its person is at rest."""
    owner = follow_up.contact.owner
    return steps_of(owner, [str(follow_up.pk)], day).get(str(follow_up.pk))


def one_per_person(
    items: Iterable[agenda.Item], *, besides: Collection[str] = ()
) -> list[agenda.Item]:
    seen = set(besides)
    found = []
    for item in items:
        if item.contact_ref not in seen:
            seen.add(item.contact_ref)
            found.append(item)
    return found


def steps_of(
    owner: User, refs: Collection[str], day: dt.date, *, initials: bool = False
) -> dict[str, Step]:
    """Return the steps of these follow-ups by their key, ready to be shown on ``day``."""
    if not refs:
        return {}
    lists = _OF_REFS.lists(owner=owner.pk, refs=[UUID(ref) for ref in refs])
    rows: list[FollowUp] = lists["steps"]
    jobs = defaultdict(list)
    for job in lists["jobs"]:
        jobs[job.contact_id].append(job)
    for row in rows:
        row.contact.current_positions = jobs[row.contact_id]  # type: ignore[attr-defined]
    names = Names(owner, rows, referrals=lists["referrals"], promises=lists["promises"])
    return {str(row.pk): _step(row, owner, names, day, initials=initials) for row in rows}


_OF_REFS = Together(
    lambda ask: {
        "steps": FollowUp.objects.filter(pk__in=ask.refs, contact__owner=ask.owner)
        .open()
        .of_active_people()
        .with_people(),
        "jobs": Position.objects.filter(
            is_current=True, contact__follow_ups__in=ask.refs
        ).select_related("organization"),
        "promises": Promise.objects.open().filter(contact__follow_ups__in=ask.refs),
        "referrals": Referral.objects.visible_to(ask.owner)
        .filter(giver__follow_ups__in=ask.refs)
        .select_related("to_contact", "to_organization"),
    }
)


class Names:
    """What the sentences of some follow-ups name besides the person: read once for all.

    Args:
        referrals, promises: all of these people's, where they are loaded already.
    """

    def __init__(
        self,
        owner: User,
        rows: Sequence[FollowUp],
        *,
        referrals: Iterable[Referral] | None = None,
        promises: Iterable[Promise] | None = None,
    ) -> None:
        self.people: dict[str, str] = {}
        refs = defaultdict(set)
        for row in rows:
            for reason in row.reasons():
                for name in ("referral_ref", "promise_ref", "other_ref"):
                    if name in reason["facts"]:
                        refs[name].add(reason["facts"][name])
        if referrals is None:
            given = Referral.objects.visible_to(owner).filter(pk__in=refs["referral_ref"])
            referrals = given.select_related("to_contact", "to_organization")
        for referral in referrals if refs["referral_ref"] else ():
            known = referral.to_contact.short_name if referral.to_contact else ""
            self.people[str(referral.pk)] = known or str(referral)
        if promises is None:
            promises = Promise.objects.visible_to(owner).filter(pk__in=refs["promise_ref"])
        self.promises = {str(one.pk): one.text for one in promises if refs["promise_ref"]}
        if refs["other_ref"]:
            for contact in Contact.objects.visible_to(owner).filter(pk__in=refs["other_ref"]):
                self.people[str(contact.pk)] = contact.short_name

    def of(self, row: FollowUp) -> why.People:
        other, promise = "", ""
        for reason in row.reasons():
            facts = reason["facts"]
            found = facts.get("referral_ref", facts.get("other_ref", ""))
            other = other or self.people.get(found, "")
            promise = promise or self.promises.get(facts.get("promise_ref", ""), "")
        introduction = row.introduction
        if introduction is None:
            return why.People(name=row.contact.short_name, other=other, promise=promise)
        introducer = introduction.introducer
        met = introduction.introduced
        if met.is_self:
            met = introduction.introducee
        far = met if row.contact_id == introducer.pk else introducer
        return why.People(
            name=row.contact.short_name,
            introducer=introducer.short_name,
            other=far.short_name,
            promise=promise,
        )


_TYPED_BY_THE_OWNER = frozenset({"tag"})


def _step(
    row: FollowUp, owner: User, names: Names, day: dt.date, *, initials: bool = False
) -> Step:
    contact = row.contact
    people = names.of(row)
    if initials:
        people = why.People(
            name=_initials(contact.name),
            introducer=_initials(people.introducer),
            other=_initials(people.other),
        )
    window = _window(row, owner, day)
    reasons = [r | {"facts": _told(r["facts"], initials=initials)} for r in row.reasons()]
    if row.deferred_for == FollowUp.Later.SPREAD:
        reasons = [r | {"code": "date.spread"} if r["code"] == "date.later" else r for r in reasons]
    facing = _facing(reasons, window, day)
    return Step(
        id=row.pk,
        contact_id=contact.pk,
        name=people.name if initials else contact.name,
        short_name=people.name,
        organization="" if initials else _organization(contact),
        ring=contact.ring,
        purpose=row.purpose,
        tier=agenda.tier_of(item_of(row), today=day),
        code=facing["code"],
        do=why.do_line(row.purpose, row.facts, people=people, today=day),
        why=why.sentence(
            facing["code"],
            facing["facts"],
            people=people,
            today=day,
            opens_on=window.opens_on,
        ),
        window=window,
        rule=why.rule_lines(reasons, people=people, today=day, opens_on=window.opens_on),
        introduction_id=row.introduction_id,
        times_deferred=row.times_deferred,
        put_off_until=row.deferred_until
        if row.deferred_until and row.deferred_until > day
        else None,
        shows_on=window.opens_on,
    )


_HELD = frozenset({"date.later", "date.spread", "date.paused"})


def _told(facts: Mapping[str, Any], *, initials: bool) -> dict[str, Any]:
    """Return the facts that may be named; with initials, none in the owner's own words."""
    return {k: v for k, v in facts.items() if not (initials and k in _TYPED_BY_THE_OWNER)}


def _facing(reasons: list[dict[str, Any]], window: Window, day: dt.date) -> dict[str, Any]:
    """Return the reason that matters on ``day``.

    Whatever held the window shut explains it only until it has opened; near its end the end is
    what matters.
    """
    if day >= window.opens_on:
        reasons = [r for r in reasons if r["code"] not in _HELD] or reasons
        closing = next((r for r in reasons if r["code"] == "date.window_closing"), None)
        if closing and window.state is State.GOOD and _is_closing(window, day):
            return closing
    return reasons[0]


def _is_closing(window: Window, day: dt.date) -> bool:
    return day > window.best_on and (window.fades_on - day).days <= agenda.CLOSING_DAYS


def _window(row: FollowUp, owner: User, day: dt.date) -> Window:
    window = window_of(row)
    last_at = row.contact.last_contact_at
    return Window(
        opens_on=window.opens_on,
        best_on=window.best_on,
        fades_on=window.fades_on,
        quiet_on=window.quiet_on,
        last_on=owner.day(last_at) if last_at else None,
        state=item_of(row).state_on(day),
    )


def _initials(name: str) -> str:
    return initials_of(name) if name else ""


def _organization(contact: Contact) -> str:
    positions: Iterable[Position] = getattr(contact, "current_positions", ())
    return next((str(p.organization) for p in positions if p.organization), "")
