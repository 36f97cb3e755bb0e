"""The one writer of follow-ups: facts in, open rows out.

Idempotent: planning again changes nothing, whoever plans and however often.  Nothing here reads
the clock.  Source: docs/decisions/0070-one-writer.md.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contacts.models import Contact
from followups import loading
from followups.engine import cadence, sequence
from followups.models import FollowUp, Pace
from netcrm.accounts.models import User

Outcome = FollowUp.Outcome

UNDO_DAYS = 31  # days back in which an undone contact takes a closing back with it
PACE_TOLERANCE = 0.05  # share of the week by which the load may drift before the price moves
# What the planner writes on a row that is already there.
_WRITTEN = (
    "introduction_id",
    "opens_on",
    "best_on",
    "fades_on",
    "quiet_on",
    "reason",
    "facts",
    "rule",
    "setting",
    "more",
    "priority",
    "occasion",
    "counts_from_at",
    "deferred_until",
    "deferred_for",
    "deferred_at",
    "closed_at",
    "outcome",
    "by_contact",
)
_BATCH = 500  # rows a statement, so that SQLite's limit on parameters is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows a planning wrote."""

    created: int = 0
    changed: int = 0
    closed: int = 0

    @property
    def total(self) -> int:
        return self.created + self.changed + self.closed

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            created=self.created + other.created,
            changed=self.changed + other.changed,
            closed=self.closed + other.closed,
        )


def plan(owner: User, *, at: dt.datetime, contacts: Collection[UUID] | None = None) -> Counts:
    """Make the open follow-ups of ``owner`` match the facts; return how many rows it wrote.

    Args:
        at: the moment of planning (aware); the day is the owner's local one.
        contacts: whose facts changed; None plans everyone.

    One transaction.  Two plannings of one owner take turns.
    """
    today = owner.day(at)
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=owner.pk)
        if contacts is not None:
            contacts = loading.everyone_concerned(owner, contacts)
        rows = _open_rows(owner, contacts)
        closed = _closed_rows(owner, contacts, at)
        people = loading.people(
            owner,
            contacts=contacts,
            today=today,
            settings=loading.settings_of(owner, price=price_of(owner)),
            open_rows=rows,
            seen_to=_seen_to(closed),
            starts=_starts(owner, contacts, today),
        )
        matching = _Matching(owner, at, rows, closed)
        for person in people:
            matching.person(person)
        matching.people_gone()
        return matching.write()


def price_of(owner: User) -> float:
    """Return what one touch costs ``owner`` as it was last settled; 1 before that."""
    price = Pace.objects.filter(owner=owner).values_list("price", flat=True).first()
    return 1.0 if price is None else price


def settle_pace(owner: User, *, at: dt.datetime) -> bool:
    """Make the price fit the owner's week; return whether it had to move.

    The pace of the rings is never quickened because a week has room.  A price whose load is
    within ``PACE_TOLERANCE`` of the week is left alone, so that dates stay where they are.
    """
    price = price_of(owner)
    today = owner.day(at)
    loaded = loading.people(
        owner,
        contacts=None,
        today=today,
        settings=loading.settings_of(owner, price=price),
        open_rows={},
        seen_to={},
        starts={},
    )
    ties = [person.facts.tie for person in loaded if person.facts]
    week = float(owner.touches_per_week)
    wanted = max(cadence.price_for(ties, at=at, touches_per_week=week), 1.0)
    load = cadence.load_per_week(ties, price=price)
    fits = abs(load - week) <= PACE_TOLERANCE * week or (price == 1.0 and load <= week)
    if fits or wanted == price:
        return False
    Pace.objects.update_or_create(owner=owner, defaults={"price": wanted})
    return True


def _open_rows(owner: User, contacts: Collection[UUID] | None) -> dict[UUID, list[FollowUp]]:
    rows = FollowUp.objects.open().filter(contact__owner=owner)
    if contacts is not None:
        rows = rows.filter(contact__in=contacts)
    found: dict[UUID, list[FollowUp]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append(row)
    return found


def _closed_rows(
    owner: User, contacts: Collection[UUID] | None, at: dt.datetime
) -> dict[tuple[UUID, str, str], FollowUp]:
    """Return what was closed, by person, purpose and occasion.

    What the owner closed by hand stays closed; what contact closed is taken back with it.
    """
    rows = FollowUp.objects.filter(contact__owner=owner, closed_at__isnull=False).exclude(
        outcome=Outcome.PARKED
    )
    if contacts is not None:
        rows = rows.filter(contact__in=contacts)
    recent = Q(by_contact=True, closed_at__gte=at - dt.timedelta(days=UNDO_DAYS))
    by_hand = Q(by_contact=False, outcome=Outcome.DONE)
    return {
        (row.contact_id, row.purpose, row.occasion): row
        for row in rows.filter(recent | by_hand).order_by("closed_at")
    }


def _seen_to(
    closed: Mapping[tuple[UUID, str, str], FollowUp],
) -> dict[UUID, frozenset[tuple[str, str]]]:
    """Return what the owner closed by hand: each person's purposes and occasions."""
    found: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for (contact, purpose, occasion), row in closed.items():
        if not row.by_contact:
            found[contact].add((purpose, occasion))
    return {contact: frozenset(occasions) for contact, occasions in found.items()}


def _starts(
    owner: User,
    contacts: Collection[UUID] | None,
    today: dt.date,
) -> dict[UUID, dt.date]:
    """Give people never contacted a day for a first word, at most the daily number on each (R6).

    A day once given is kept.
    """
    first = FollowUp.objects.open().filter(
        contact__owner=owner, purpose=cadence.Purpose.FIRST_CONTACT
    )
    found: dict[UUID, dt.date] = {}
    taken: Counter[dt.date] = Counter()
    for row in first:
        start_on = _start_of(row)
        found[row.contact_id] = start_on
        taken[start_on] += 1
    new = Contact.objects.filter(owner=owner, last_contact_at=None).active().people()
    if contacts is not None:
        new = new.filter(pk__in=contacts)
    day = today
    for key in (
        new.exclude(pk__in=list(found)).order_by("created_at", "pk").values_list("pk", flat=True)
    ):
        while taken[day] >= owner.daily_budget or not (
            owner.writes_on(day) or not owner.send_weekdays
        ):
            day += dt.timedelta(days=1)
        found[key] = day
        taken[day] += 1
    return found


def _start_of(row: FollowUp) -> dt.date:
    for reason in row.reasons():
        if reason["code"] == "date.first_contact":
            return dt.date.fromisoformat(reason["facts"]["date"])
    return row.best_on


class _Matching:
    """What has to change so that the open rows are what is planned."""

    def __init__(
        self,
        owner: User,
        at: dt.datetime,
        rows: Mapping[UUID, Sequence[FollowUp]],
        closed: Mapping[tuple[UUID, str, str], FollowUp],
    ) -> None:
        self.owner = owner
        self.at = at
        self.today = owner.day(at)
        self.rows = {key: list(found) for key, found in rows.items()}
        self.closed = closed
        self.new: list[FollowUp] = []
        self.changed: list[FollowUp] = []
        self.ended: list[FollowUp] = []

    def person(self, person: loading.Person) -> None:
        open_rows = self.rows.pop(person.id, [])
        facts = person.facts
        if facts is None:
            for row in open_rows:
                self._close(row, Outcome.PARKED)
            return
        planned = {p.purpose.value: p for p in sequence.due(facts, today=self.today)}
        kept: set[str] = set()
        for row in open_rows:
            self._end_waiting(row, facts)
            wanted = planned.get(row.purpose)
            if wanted is not None and self._closed_by_what_is_gone(person, row, wanted):
                self._close(row, Outcome.DROPPED)
                continue
            touched = _touched_since(row, person)
            came_up = touched and self._had_come_up(row, person)
            if wanted is None:
                resting = facts.tie.run >= 2 and not touched
                left = Outcome.RESTED if resting else Outcome.DROPPED
                self._close(row, Outcome.DONE if came_up else left, by_contact=touched)
            elif came_up and row.occasion != wanted.occasion:
                self._close(row, Outcome.DONE, by_contact=True)
            else:
                kept.add(row.purpose)
                self._keep(row, wanted, facts, person.last_at)
        for purpose, wanted in planned.items():
            if purpose not in kept:
                self._open(person, facts, wanted)

    def people_gone(self) -> None:
        """Close what is left over: rows of people who are no longer active."""
        for rows in self.rows.values():
            for row in rows:
                self._close(row, Outcome.PARKED)

    def write(self) -> Counts:
        changed = self.ended + self.changed  # in this order: one open row per purpose
        for start in range(0, len(changed), _BATCH):
            # One INSERT … ON CONFLICT DO UPDATE for many rows; none of them is new.
            FollowUp.objects.bulk_create(
                changed[start : start + _BATCH],
                update_conflicts=True,
                unique_fields=["id"],
                update_fields=[name.removesuffix("_id") for name in _WRITTEN],
            )
        FollowUp.objects.bulk_create(self.new, batch_size=_BATCH)
        return Counts(created=len(self.new), changed=len(self.changed), closed=len(self.ended))

    def _closed_by_what_is_gone(
        self, person: loading.Person, row: FollowUp, wanted: sequence.Planned
    ) -> bool:
        """Whether ``wanted`` was closed by a contact that has since been taken back."""
        occasion = wanted.occasion
        old = self.closed.get((person.id, row.purpose, occasion))
        return row.occasion != occasion and old is not None and old.by_contact

    def _had_come_up(self, row: FollowUp, person: loading.Person) -> bool:
        """Whether contact came once the row had opened; before that it only moves the row."""
        return person.last_at is not None and self.owner.day(person.last_at) >= row.opens_on

    def _end_waiting(self, row: FollowUp, facts: sequence.Facts) -> None:
        """End a wait for an answer when the answer has come."""
        if row.deferred_for != FollowUp.Later.ANSWER or row.deferred_at is None:
            return
        heard = any(
            touch.at > row.deferred_at and touch.direction is not cadence.Direction.OUT
            for touch in facts.touches
        )
        if heard:
            _show_again(row)

    def _keep(
        self,
        row: FollowUp,
        wanted: sequence.Planned,
        facts: sequence.Facts,
        last_at: dt.datetime | None,
    ) -> None:
        before = _written(row)
        _fill(row, wanted, facts, last_at)
        if _written(row) != before:
            self.changed.append(row)

    def _open(
        self, person: loading.Person, facts: sequence.Facts, wanted: sequence.Planned
    ) -> None:
        purpose = wanted.purpose.value
        row = self.closed.get((person.id, purpose, wanted.occasion))
        if row is None:
            row = FollowUp(contact_id=person.id, purpose=purpose)
            self.new.append(row)
        else:  # the contact that closed it has been taken back
            row.closed_at, row.outcome, row.by_contact = None, "", False
            self.changed.append(row)
        _fill(row, wanted, facts, person.last_at)

    def _close(self, row: FollowUp, outcome: Outcome, *, by_contact: bool = False) -> None:
        row.closed_at, row.outcome, row.by_contact = self.at, outcome, by_contact
        self.ended.append(row)


def _touched_since(row: FollowUp, person: loading.Person) -> bool:
    if person.last_at is None:
        return False
    return row.counts_from_at is None or person.last_at > row.counts_from_at


def _show_again(row: FollowUp) -> None:
    row.deferred_until, row.deferred_for, row.deferred_at = None, "", None


def _written(row: FollowUp) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _WRITTEN)


def _fill(
    row: FollowUp, planned: sequence.Planned, facts: sequence.Facts, last_at: dt.datetime | None
) -> None:
    window = planned.window
    first, *others = window.reasons
    row.introduction_id = UUID(planned.introduction_ref) if planned.introduction_ref else None
    row.opens_on, row.best_on = window.opens_on, window.best_on
    row.fades_on, row.quiet_on = window.fades_on, window.quiet_on
    row.reason, row.facts = first.code, plain(first)
    row.rule, row.setting = window.rule.name.lower(), first.setting
    row.more = [
        {"code": r.code, "rule": r.rule.name.lower(), "facts": plain(r), "setting": r.setting}
        for r in others
    ]
    best_at = dt.datetime.combine(window.best_on, dt.time(12), tzinfo=facts.rules.zone)
    value = cadence.value_of(facts.tie.ring)
    row.priority = round(cadence.priority(facts.tie, at=best_at, value=value), 6)
    row.occasion = planned.occasion
    row.counts_from_at = last_at


def plain(reason: cadence.Reason) -> dict[str, str | int]:
    """Return a reason's facts as JSON keeps them: days as ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in reason.facts.items()
    }
