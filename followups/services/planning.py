"""The one writer of follow-ups: facts in, open rows out.

Idempotent: planning again changes nothing, whoever plans and however often.  Nothing here reads
the clock.  Source: docs/decisions/0070-one-writer.md.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from contacts.models import Contact
from followups import loading
from followups.engine import cadence, sequence
from followups.engine.spread import start_days
from followups.models import FollowUp, FollowUpQuerySet, Pace
from netcrm.accounts.models import User
from netcrm.kit.together import FEW, Together

Outcome = FollowUp.Outcome

UNDO_DAYS = 31  # days back in which an undone contact takes a closing back with it
PACE_TOLERANCE = 0.05  # share of the week by which the load may drift before the price moves
LEAST_SHARE = 0.2  # of the week that is left to people without a rhythm of their own; a prior
# What the planner writes on a row that is already there.
_WRITTEN = (
    "introduction",
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
    "fingerprint",
    "deferred_until",
    "deferred_for",
    "deferred_at",
    "closed_at",
    "outcome",
    "by_contact",
)
_BATCH = 500  # rows a statement, so that SQLite's limit on parameters is kept


@dataclass(slots=True)
class _Row:
    """A row that is there, as far as matching needs it; few columns, for there are many rows."""

    pk: UUID
    contact_id: UUID
    purpose: str
    occasion: str
    opens_on: dt.date
    counts_from_at: dt.datetime | None
    deferred_until: dt.date | None
    deferred_for: str
    deferred_at: dt.datetime | None
    by_contact: bool
    fingerprint: str
    closed_at: dt.datetime | None


_COLUMNS = [field.name for field in fields(_Row)]


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


def plan(
    owner: User,
    *,
    at: dt.datetime,
    contacts: Collection[UUID] | None = None,
    turns: Mapping[UUID, dt.date] | None = None,
) -> Counts:
    """Make the open follow-ups of ``owner`` match the facts; return how many rows it wrote.

    Args:
        at: the moment of planning (aware); the day is the owner's local one.
        contacts: whose facts changed; None plans everyone, at a price that fits the week.
        turns: people gone quiet who are to be brought up, and from which day.

    One transaction.  Two plannings of one owner take turns.
    """
    if contacts is not None and not contacts:
        return Counts()
    today = owner.day(at)
    with transaction.atomic(savepoint=False):
        User.objects.select_for_update().only("pk").get(pk=owner.pk)
        concerned = loading.everyone_concerned(owner, contacts)
        lists = _lists(owner, concerned.people)
        rows = _by_person(lists["open"])
        closed = _closed(lists["closed"], at) if contacts else _closed_rows(owner, at)
        price = next((price for (price,) in lists["prices"]), 1.0)
        people: Sequence[loading.Person] = loading.people(
            owner,
            concerned=concerned,
            lists=lists,
            today=today,
            settings=loading.settings_of(owner, price=price),
            open_rows=rows,
            seen_to=_seen_to(closed),
            starts=_starts(owner, lists, at),
            turns=_turns(rows, closed) | dict(turns or {}),
        )
        if contacts is None:
            people = _at_the_weeks_pace(owner, people, at=at, price=price)
        matching = _Matching(owner, at, rows, closed)
        for person in people:
            matching.person(person)
        matching.people_gone()
        return matching.write()


def price_of(owner: User) -> float:
    """Return what one touch costs ``owner`` as it was last settled; 1 before that."""
    price = Pace.objects.filter(owner=owner).values_list("price", flat=True).first()
    return 1.0 if price is None else price


def _at_the_weeks_pace(
    owner: User, people: Sequence[loading.Person], *, at: dt.datetime, price: float
) -> Sequence[loading.Person]:
    """Make the price fit the owner's week; return everybody with it, as they were if it does.

    The pace of the rings is never quickened because a week has room.  A price whose load is
    within ``PACE_TOLERANCE`` of the week is left alone, so that dates stay where they are.
    Rhythms the owner chose are kept whatever they cost; everybody else shares what they leave,
    but at least ``LEAST_SHARE`` of the week.
    """
    everyone = [person.facts for person in people if person.facts is not None]
    ties = [facts.tie for facts in everyone if facts.rules.rhythm is None]
    chosen = [facts.rules.rhythm for facts in everyone if facts.rules.rhythm is not None]
    whole_week = float(owner.touches_per_week)
    week = whole_week - sum(7.0 / rhythm.length_days() for rhythm in chosen)
    week = max(week, LEAST_SHARE * whole_week)
    own = {
        ring: days
        for facts in everyone
        if (ring := facts.tie.ring) and (days := facts.rules.ring_days)
    }
    load = cadence.load_per_week(ties, price=price, ring_days=own)
    fits = abs(load - week) <= PACE_TOLERANCE * week
    at_the_end = price == (1.0 if load <= week else cadence.HIGHEST_PRICE)
    if fits or at_the_end:
        return people
    wanted = max(cadence.price_for(ties, at=at, touches_per_week=week, ring_days=own), 1.0)
    Pace.objects.update_or_create(owner=owner, defaults={"price": wanted})
    return [_priced(person, wanted) for person in people]


def _priced(person: loading.Person, price: float) -> loading.Person:
    if person.facts is None:
        return person
    rules = replace(person.facts.rules, price=price)
    return replace(person, facts=replace(person.facts, rules=rules))


def _lists_to_plan(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What planning needs of ``ask.people`` (None: of everybody) besides introductions."""
    rows = FollowUp.objects.filter(contact__owner=ask.owner)
    new = Contact.objects.filter(owner=ask.owner, last_contact_at=None).active().people()
    if ask.people is not None:
        rows = rows.filter(contact__in=ask.people)
        new = new.filter(pk__in=ask.people)
    first = rows.filter(purpose=cadence.Purpose.FIRST_CONTACT)
    lists = {
        "open": rows.open().values_list(*_COLUMNS),
        "first": first.open(),
        "new": new.order_by("created_at", "pk").values_list("pk"),
        "prices": Pace.objects.filter(owner=ask.owner).values_list("price"),
        **loading.lists_of(ask),
    }
    if ask.people is not None:
        lists["first"] = first.filter(Q(closed_at=None) | Q(by_contact=True))
        lists["closed"] = _closed_query(rows).values_list(*_COLUMNS)
        if len(ask.people) <= FEW:
            lists["touches"] = loading.touches_of(ask)
    return lists


_TO_PLAN = Together(_lists_to_plan)


def _lists(owner: User, people: Collection[UUID] | None) -> dict[str, list[Any]]:
    return _TO_PLAN.lists(owner=owner.pk, people=None if people is None else list(people))


def _by_person(values: Iterable[tuple[Any, ...]]) -> dict[UUID, list[_Row]]:
    found: dict[UUID, list[_Row]] = defaultdict(list)
    for one in values:
        row = _Row(*one)
        found[row.contact_id].append(row)
    return found


def _closed_query(rows: FollowUpQuerySet) -> FollowUpQuerySet:
    """Those closed by the owner's hand, which stay closed, or by contact."""
    closed = rows.filter(closed_at__isnull=False).exclude(outcome=Outcome.PARKED)
    return closed.filter(Q(by_contact=True) | Q(outcome=Outcome.DONE)).order_by("closed_at")


def _closed_rows(owner: User, at: dt.datetime) -> dict[tuple[UUID, str, str], _Row]:
    """Return everybody's closed rows; what contact closed is soon of no more use."""
    rows = _closed_query(FollowUp.objects.filter(contact__owner=owner))
    recent = Q(by_contact=False) | Q(closed_at__gte=at - dt.timedelta(days=UNDO_DAYS))
    return _closed(rows.filter(recent).values_list(*_COLUMNS), at)


def _closed(
    values: Iterable[tuple[Any, ...]], at: dt.datetime
) -> dict[tuple[UUID, str, str], _Row]:
    """Return what was closed, by person, purpose and occasion.

    What the owner closed by hand stays closed; what contact closed is taken back with it, for
    ``UNDO_DAYS`` days.
    """
    since = at - dt.timedelta(days=UNDO_DAYS)
    found = (_Row(*one) for one in values)
    return {
        (row.contact_id, row.purpose, row.occasion): row
        for row in found
        if not row.by_contact or (row.closed_at and row.closed_at >= since)
    }


def _seen_to(
    closed: Mapping[tuple[UUID, str, str], _Row],
) -> dict[UUID, frozenset[tuple[str, str]]]:
    """Return what the owner closed by hand: each person's purposes and occasions."""
    found: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    for (contact, purpose, occasion), row in closed.items():
        if not row.by_contact:
            found[contact].add((purpose, occasion))
    return {contact: frozenset(occasions) for contact, occasions in found.items()}


def _starts(
    owner: User, lists: Mapping[str, Sequence[Any]], at: dt.datetime
) -> dict[UUID, dt.date]:
    """Give people never contacted a day for a first word, at most the daily number on each (R6).

    A day once given is kept, also when the contact that closed it is taken back.
    """
    undoable = at - dt.timedelta(days=UNDO_DAYS)
    closed = (row for row in lists["first"] if row.closed_at and row.closed_at >= undoable)
    still_open = (row for row in lists["first"] if row.closed_at is None)
    found = {row.contact_id: _start_of(row) for row in (*closed, *still_open)}
    new = [str(key) for (key,) in lists["new"] if key not in found]
    if not new:
        return found
    everybody = FollowUp.objects.open().filter(
        contact__owner=owner, purpose=cadence.Purpose.FIRST_CONTACT
    )
    given = start_days(
        new,
        from_on=owner.day(at),
        per_day=owner.daily_budget,
        taken=Counter(_start_of(row) for row in everybody),
        calendar=loading.writing_days(owner),
    )
    return found | {UUID(key): day for key, day in given.items()}


def _turns(
    rows: Mapping[UUID, Sequence[_Row]], closed: Mapping[tuple[UUID, str, str], _Row]
) -> dict[UUID, dt.date]:
    """Return the days on which people gone quiet were brought up, also when contact closed that."""
    found = {row.contact_id: turn_of(row.occasion) for row in closed.values() if _is_turn(row)}
    for open_rows in rows.values():
        found |= {row.contact_id: turn_of(row.occasion) for row in open_rows if _is_turn(row)}
    return found


def _is_turn(row: _Row) -> bool:
    return row.purpose == cadence.Purpose.RECONNECT and (row.closed_at is None or row.by_contact)


def turn_of(occasion: str) -> dt.date:
    """Return the day of somebody's turn from the occasion of its follow-up."""
    return dt.date.fromisoformat(occasion.rpartition(" ")[2])


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
        rows: Mapping[UUID, Sequence[_Row]],
        closed: Mapping[tuple[UUID, str, str], _Row],
    ) -> None:
        self.owner = owner
        self.at = at
        self.today = owner.day(at)
        self.rows = {key: list(found) for key, found in rows.items()}
        self.closed = closed
        self.new: list[FollowUp] = []
        self.changed: list[FollowUp] = []
        self.ended: dict[tuple[str, bool], list[UUID]] = defaultdict(list)

    def person(self, person: loading.Person) -> None:
        open_rows = self.rows.pop(person.id, [])
        facts = person.facts
        if facts is None:
            for row in open_rows:
                self._close(row, Outcome.PARKED)
            return
        planned = self._planned(facts)
        put_off = self._put_off_before(person, planned, {row.purpose for row in open_rows})
        if put_off:
            facts = replace(facts, later=facts.later + put_off)
            planned = self._planned(facts)
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

    def _planned(self, facts: sequence.Facts) -> dict[str, sequence.Planned]:
        return {p.purpose.value: p for p in sequence.due(facts, today=self.today)}

    def _put_off_before(
        self, person: loading.Person, planned: Mapping[str, sequence.Planned], open_now: set[str]
    ) -> tuple[tuple[str, dt.date], ...]:
        """What comes back because a contact was taken back stays put off as it was."""
        olds = (
            (purpose, self.closed.get((person.id, purpose, wanted.occasion)))
            for purpose, wanted in planned.items()
            if purpose not in open_now
        )
        return tuple(
            (purpose, old.deferred_until) for purpose, old in olds if old and old.deferred_until
        )

    def people_gone(self) -> None:
        """Close what is left over: rows of people who are no longer active."""
        for rows in self.rows.values():
            for row in rows:
                self._close(row, Outcome.PARKED)

    def write(self) -> Counts:
        """Close first, then open: one open row for each purpose."""
        for (outcome, by_contact), keys in self.ended.items():
            for batch in _batches(keys):
                FollowUp.objects.filter(pk__in=batch).update(
                    closed_at=self.at, outcome=outcome, by_contact=by_contact
                )
        for rows in _batches(self.changed):
            # One INSERT … ON CONFLICT DO UPDATE for many rows; none of them is new.
            FollowUp.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN
            )
        FollowUp.objects.bulk_create(self.new, batch_size=_BATCH)
        return Counts(
            created=len(self.new),
            changed=len(self.changed),
            closed=sum(len(keys) for keys in self.ended.values()),
        )

    def _closed_by_what_is_gone(
        self, person: loading.Person, row: _Row, wanted: sequence.Planned
    ) -> bool:
        """Whether ``wanted`` was closed by a contact that has since been taken back."""
        occasion = wanted.occasion
        old = self.closed.get((person.id, row.purpose, occasion))
        return row.occasion != occasion and old is not None and old.by_contact

    def _had_come_up(self, row: _Row, person: loading.Person) -> bool:
        """Whether contact came once the row had opened; before that it only moves the row."""
        return person.last_at is not None and self.owner.day(person.last_at) >= row.opens_on

    def _end_waiting(self, row: _Row, facts: sequence.Facts) -> None:
        """End a wait for an answer when the answer has come."""
        if row.deferred_for != FollowUp.Later.ANSWER or row.deferred_at is None:
            return
        heard = any(
            touch.at > row.deferred_at and touch.direction is not cadence.Direction.OUT
            for touch in facts.touches
        )
        if heard:
            row.deferred_until, row.deferred_for, row.deferred_at = None, "", None
            row.fingerprint = ""

    def _keep(
        self,
        row: _Row,
        wanted: sequence.Planned,
        facts: sequence.Facts,
        last_at: dt.datetime | None,
    ) -> None:
        fingerprint = _fingerprint(wanted, facts, last_at)
        if row.fingerprint != fingerprint:
            self.changed.append(_filled(row, wanted, facts, last_at, fingerprint))

    def _open(
        self, person: loading.Person, facts: sequence.Facts, wanted: sequence.Planned
    ) -> None:
        purpose, last_at = wanted.purpose.value, person.last_at
        fingerprint = _fingerprint(wanted, facts, last_at)
        old = self.closed.get((person.id, purpose, wanted.occasion))
        made = _filled(old, wanted, facts, last_at, fingerprint)
        if old is None:
            made.contact_id, made.purpose = person.id, purpose
            self.new.append(made)
        else:  # the contact that closed it has been taken back
            self.changed.append(made)

    def _close(self, row: _Row, outcome: str, *, by_contact: bool = False) -> None:
        self.ended[outcome, by_contact].append(row.pk)


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def _touched_since(row: _Row, person: loading.Person) -> bool:
    if person.last_at is None:
        return False
    return row.counts_from_at is None or person.last_at > row.counts_from_at


def _fingerprint(
    planned: sequence.Planned, facts: sequence.Facts, last_at: dt.datetime | None
) -> str:
    """Return a name for everything ``_filled`` writes: as long as it is the same, so is the row."""
    window, tie = planned.window, facts.tie
    told = (
        planned.introduction_ref,
        window.opens_on.toordinal(),
        window.best_on.toordinal(),
        window.fades_on.toordinal(),
        window.quiet_on.toordinal(),
        window.rule.value,
        [(r.code, r.rule.value, sorted(r.facts.items()), r.setting) for r in window.reasons],
        last_at and last_at.timestamp(),
        # What the priority follows from besides.
        tie.ring and tie.ring.value,
        tie.touches,
        tie.started,
    )
    return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()


def _filled(
    row: _Row | None,
    planned: sequence.Planned,
    facts: sequence.Facts,
    last_at: dt.datetime | None,
    fingerprint: str,
) -> FollowUp:
    """Return the row as planned: an old one, open, or a new one."""
    window = planned.window
    first, *others = window.reasons
    best_at = dt.datetime.combine(window.best_on, dt.time(12), tzinfo=facts.rules.zone)
    value = cadence.value_of(facts.tie.ring)
    made = FollowUp(
        introduction_id=UUID(planned.introduction_ref) if planned.introduction_ref else None,
        opens_on=window.opens_on,
        best_on=window.best_on,
        fades_on=window.fades_on,
        quiet_on=window.quiet_on,
        reason=first.code,
        facts=plain(first),
        rule=window.rule.name.lower(),
        setting=first.setting,
        more=[
            {"code": r.code, "rule": r.rule.name.lower(), "facts": plain(r), "setting": r.setting}
            for r in others
        ],
        priority=round(cadence.priority(facts.tie, at=best_at, value=value), 6),
        occasion=planned.occasion,
        counts_from_at=last_at,
        fingerprint=fingerprint,
    )
    if row is not None:
        made.pk, made.contact_id, made.purpose = row.pk, row.contact_id, row.purpose
        made.deferred_until, made.deferred_for = row.deferred_until, row.deferred_for
        made.deferred_at = row.deferred_at
    return made


def plain(reason: cadence.Reason) -> dict[str, str | int]:
    """Return a reason's facts as JSON keeps them: days as ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in reason.facts.items()
    }
