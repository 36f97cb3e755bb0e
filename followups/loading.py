"""Rows in, engine values out: what one owner's dates follow from.

The number of queries is the same for one person and for ten thousand.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.db import connections
from django.db.models import Q, QuerySet

from contacts.models import (
    Contact,
    Interaction,
    Participation,
    Position,
    Promise,
    Ring,
    TheirDate,
    local_noon,
)
from followups.engine import cadence, sequence
from followups.engine.birthdays import Birthday
from followups.engine.business_days import BusinessCalendar
from followups.engine.constants import RingDays
from followups.engine.rules import GivenDate
from followups.models import FollowUp, Rhythm
from introductions import landed
from introductions.models import Ask, Give, Introduction, Opportunity, Referral
from introductions.selectors import Standing, standings_of, web
from netcrm.kit.holidays import public_holidays
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User

Outcome = Introduction.Outcome

_DIRECTIONS = {direction.value: direction for direction in cadence.Direction}
_KINDS = {
    Interaction.Kind.MESSAGE.value: cadence.TouchKind.MESSAGE,
    Interaction.Kind.GAVE.value: cadence.TouchKind.MESSAGE,
    Interaction.Kind.TALK.value: cadence.TouchKind.TALK,
    Interaction.Kind.MEETING.value: cadence.TouchKind.MEETING,
}
# An agreed date may be written down as the meeting it will be, or as its invitation.
_MEETINGS = (Interaction.Kind.MEETING, Interaction.Kind.INVITATION)
_ADVICE = (Give.Kind.INFORMATION, Give.Kind.FEEDBACK)
_LIGHT_RUNGS = (Ask.Rung.ADVICE, Ask.Rung.INFORMATION, Ask.Rung.SECOND_LOOK)
_TRUST_TOGETHER, _TRUST_INTRODUCED = 3, 1


class PutOff(Protocol):
    """An open follow-up, as far as loading needs to know it."""

    purpose: str
    deferred_until: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What one person's plan is made from; ``facts`` is None for people left in peace."""

    id: UUID
    parked: bool
    last_at: dt.datetime | None
    facts: sequence.Facts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the planner takes from the owner, the same for every person."""

    zone: dt.tzinfo
    weekdays: frozenset[int]
    calendar: BusinessCalendar
    paused_until: dt.date | None
    birthday_lead_days: int
    price: float


def working_days(owner: User) -> BusinessCalendar:
    """Return the days on which people answer where ``owner`` lives."""
    return BusinessCalendar(holidays=public_holidays(owner.country))


def writing_days(owner: User) -> BusinessCalendar:
    """Return the days on which ``owner`` writes."""
    return BusinessCalendar(weekdays=weekdays_of(owner), holidays=public_holidays(owner.country))


def weekdays_of(owner: User) -> frozenset[int]:
    return frozenset(n for n in range(7) if owner.send_weekdays >> n & 1)


def settings_of(owner: User, *, price: float) -> Settings:
    return Settings(
        zone=owner.zone,
        weekdays=weekdays_of(owner),
        calendar=working_days(owner),
        paused_until=owner.paused_until,
        birthday_lead_days=owner.birthday_lead_days,
        price=price,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Whose dates a change may move (None: everybody's), and the owner's introductions."""

    people: frozenset[UUID] | None
    introductions: Sequence[Introduction]


_CONCERNED = Together(
    lambda ask: {
        "introductions": Introduction.objects.visible_to(ask.owner).with_people(),
        "waiting": FollowUp.objects.open()
        .filter(
            contact__owner=ask.owner,
            purpose=cadence.Purpose.NO_REPLY_2,
            contact__positions__is_current=True,
            contact__positions__organization__positions__contact__in=ask.people,
        )
        .values_list("contact_id"),
    }
)


def everyone_concerned(owner: User, contacts: Collection[UUID] | None) -> Concerned:
    """Return ``contacts`` and those whose dates may follow from theirs; one query.

    These are the people of the same introductions and everyone up their chains, who hear what
    came of it, and whoever is waited for at the same organization.
    """
    if contacts is None:
        rows = Introduction.objects.visible_to(owner).with_people()
        return Concerned(people=None, introductions=list(rows))
    lists = _CONCERNED.lists(owner=owner.pk, people=list(contacts))
    found = set(contacts)
    chains = web(owner, lists["introductions"], made_only=False)
    for row in lists["introductions"]:
        people = {row.introducer_id, row.introducee_id, row.introduced_id}
        if people & found:
            found |= people
    for person in list(found):
        found.update(UUID(str(up)) for up in chains.introducers_up(person))
    found.update(contact for (contact,) in lists["waiting"])
    return Concerned(people=frozenset(found), introductions=lists["introductions"])


def lists_of(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What dates follow from (kit.together), besides what happened and introductions."""

    def mine(lookup: str = "contact") -> Q:
        """Limit rows to the people in question."""
        if ask.people is None:
            return Q(**{f"{lookup}__owner": ask.owner})
        return Q(**{f"{lookup}__in": ask.people})

    rows = Contact.objects.filter(owner=ask.owner).people()
    rows = rows.active() if ask.people is None else rows.filter(pk__in=ask.people)
    tags = Contact.tags.through.objects.filter(tag__rhythm__owner=ask.owner)
    if ask.people is not None:
        tags = tags.filter(contact__in=ask.people)
    return {
        "people": rows.order_by("pk").values_list(*_PERSON),
        "roles": Opportunity.objects.filter(owner=ask.owner, through__isnull=False),
        "rhythms": Rhythm.objects.filter(owner=ask.owner).select_related("tag"),
        "tags": tags.values_list("contact_id", "tag_id"),
        "dates": TheirDate.objects.filter(mine(), closed_at=None),
        "promises": Promise.objects.open().filter(mine()),
        "referrals": Referral.objects.filter(mine("giver"), used_on=None),
        "asks": Ask.objects.filter(mine()).exclude(answer=""),
        "gives": Give.objects.filter(mine()),
    }


_PERSON = (
    "pk",
    "ring",
    "created_at",
    "connected_on",
    "worked_together",
    "paused_until",
    "archived_at",
    "trashed_at",
    "do_not_contact",
    "birthday_year",
    "birthday_month",
    "birthday_day",
)


def touches_of(ask: Any) -> QuerySet[Participation, tuple[Any, ...]]:
    """What has happened with these people, oldest first, and the dates agreed for later."""
    kinds = sorted({*Interaction.COUNTING, Interaction.Kind.INVITATION})
    rows = Participation.objects.filter(interaction__owner=ask.owner, interaction__kind__in=kinds)
    if ask.people is not None:
        rows = rows.filter(contact__in=ask.people)
    return rows.order_by("interaction__at", "interaction_id").values_list(
        "contact_id",
        "interaction_id",
        "interaction__at",
        "interaction__direction",
        "interaction__kind",
        "interaction__is_ask",
        "interaction__is_give",
        "interaction__reported",
    )


def people(
    owner: User,
    *,
    concerned: Concerned,
    lists: Mapping[str, list[Any]],
    today: dt.date,
    settings: Settings,
    open_rows: Mapping[UUID, Collection[PutOff]],
    seen_to: Mapping[UUID, frozenset[tuple[str, str]]],
    starts: Mapping[UUID, dt.date],
    turns: Mapping[UUID, dt.date],
) -> list[Person]:
    """Load everything the dates of these people follow from.

    Args:
        lists: those of ``lists_of``, and of a few people ``touches_of`` under "touches".
        open_rows: each person's open follow-ups, for what was put off.
        seen_to: the purposes and occasions the owner closed by hand.
        starts: for people never contacted, the day their first word was given.
        turns: for people gone quiet, the day they were brought up again.
    """
    loader = _Loader(owner, concerned, lists, today, settings)
    return loader.people(open_rows, seen_to, starts, turns)


def everyones_facts(owner: User, *, at: dt.datetime, price: float) -> list[sequence.Facts]:
    """Return the facts of everybody who is active, for questions about all of them."""
    ask = SimpleNamespace(owner=owner.pk, people=None)
    found = people(
        owner,
        concerned=everyone_concerned(owner, None),
        lists={name: list(rows) for name, rows in lists_of(ask).items()},
        today=owner.day(at),
        settings=settings_of(owner, price=price),
        open_rows={},
        seen_to={},
        starts={},
        turns={},
    )
    return [person.facts for person in found if person.facts is not None]


class _Loader:
    """One reading of one owner's rows."""

    def __init__(
        self,
        owner: User,
        concerned: Concerned,
        lists: Mapping[str, list[Any]],
        today: dt.date,
        settings: Settings,
    ) -> None:
        self.owner = owner
        self.concerned = concerned
        self.lists = lists
        self.today = today
        self.settings = settings

    def people(
        self,
        open_rows: Mapping[UUID, Collection[PutOff]],
        seen_to: Mapping[UUID, frozenset[tuple[str, str]]],
        starts: Mapping[UUID, dt.date],
        turns: Mapping[UUID, dt.date],
    ) -> list[Person]:
        rows = [dict(zip(_PERSON, values, strict=True)) for values in self.lists["people"]]
        active = {row["pk"] for row in rows if not _silent(row)}
        touches, meetings = self._touches(active)
        introductions, outcomes = self._introductions()
        rhythms = self._rhythms()
        tags = self._tags(rhythms)
        given = {row.contact_id: row for row in self.lists["dates"]}
        promises = _grouped(self.lists["promises"])
        referrals = _grouped(self.lists["referrals"], key="giver_id")
        asks = _grouped(self.lists["asks"])
        gives = _grouped(self.lists["gives"])
        parallels = self._parallels(touches)
        landing = landed.current(self.owner) if self.owner.landed_at else None
        helpers = landed.helped(landing) if landing else frozenset()
        found = []
        for row in rows:
            key = row["pk"]
            if key not in active:
                found.append(Person(id=key, parked=True, last_at=None, facts=None))
                continue
            mine = touches.get(key, [])
            asked, gave = asks.get(key, ()), gives.get(key, ())
            facts = sequence.Facts(
                tie=self._tie(row, mine, bool(introductions.get(key))),
                rules=self._rules(row, given.get(key), rhythms, tags.get(key, ()), starts),
                touches=tuple(mine),
                introductions=tuple(introductions.get(key, ())),
                promises=tuple(_promise(p, self.owner) for p in promises.get(key, ())),
                referrals=tuple(
                    sequence.Referral(
                        ref=str(r.pk), given_on=r.given_on, other_ref=str(r.to_contact_id or "")
                    )
                    for r in referrals.get(key, ())
                ),
                advice=tuple(_advice(asked, gave)),
                gifts=tuple(
                    sequence.Gift(ref=str(g.pk), given_on=g.given_on, by_me=g.by_me) for g in gave
                ),
                asks=tuple(
                    sequence.AskAgain(ref=str(a.pk), rung=a.rung, not_before=a.not_before)
                    for a in asked
                    if a.answer == Ask.Answer.LATER and a.not_before
                ),
                outcomes=tuple(outcomes.get(key, ())),
                meetings=tuple(meetings.get(key, ())),
                landed=sequence.Landed(ref=str(landing.pk), on=landing.landed_on)
                if landing and key in helpers
                else None,
                birthday=_birthday(row, lead_days=self.settings.birthday_lead_days),
                reconnect_on=turns.get(key),
                parallel_ref=parallels.get(key, ""),
                later=tuple(
                    (f.purpose, f.deferred_until)
                    for f in open_rows.get(key, ())
                    if f.deferred_until
                ),
                open=frozenset(f.purpose for f in open_rows.get(key, ())),
                seen_to=seen_to.get(key, frozenset()),
            )
            last_at = mine[-1].at if mine else None
            found.append(Person(id=key, parked=False, last_at=last_at, facts=facts))
        return found

    def _touches(
        self, active: Collection[UUID]
    ) -> tuple[dict[UUID, list[cadence.Touch]], dict[UUID, list[sequence.Meeting]]]:
        """Return what has happened, oldest first, and the dates agreed for later."""
        fetched = self.lists.get("touches")
        if fetched is None:
            ask = SimpleNamespace(owner=self.owner.pk, people=self.concerned.people)
            fetched = _as_stored(touches_of(ask))
        tomorrow = dt.datetime.combine(
            self.today + dt.timedelta(days=1), dt.time(), tzinfo=self.settings.zone
        )
        touches: dict[Any, list[cadence.Touch]] = defaultdict(list)
        meetings: dict[Any, list[sequence.Meeting]] = defaultdict(list)
        for contact, key, moment, direction, kind, is_ask, give, reported in fetched:
            at, ref = _moment(moment), str(_key(key))
            if at >= tomorrow or kind == Interaction.Kind.INVITATION:
                on = self.owner.day(at)
                if kind in _MEETINGS and on >= self.today:
                    meetings[contact].append(sequence.Meeting(ref=ref, on=on))
                continue
            touches[contact].append(
                cadence.Touch(
                    at=at,
                    direction=_DIRECTIONS[direction],
                    kind=_KINDS[kind],
                    ask=bool(is_ask),
                    give=bool(give),
                    reported=bool(reported),
                    ref=ref,
                )
            )
        return _by_key(touches, active), _by_key(meetings, active)

    def _introductions(
        self,
    ) -> tuple[
        dict[UUID, list[sequence.Introduction]],
        dict[UUID, list[sequence.Outcome]],
    ]:
        """Return each person's part in introductions, and the outcomes they should hear of."""
        found: dict[UUID, list[sequence.Introduction]] = defaultdict(list)
        outcomes: dict[UUID, list[sequence.Outcome]] = defaultdict(list)
        rows, wanted = self.concerned.introductions, self.concerned.people
        mine = [
            row
            for row in rows
            if wanted is None or wanted & {row.introducer_id, row.introducee_id, row.introduced_id}
        ]
        for standing in standings_of(self.owner, mine, today=self.today):
            row = standing.row
            if row.introducee.is_self or row.introduced.is_self:
                found[row.introducer_id].append(_part(standing, sequence.Part.INTRODUCER))
                found[standing.other.pk].append(_part(standing, sequence.Part.INTRODUCED))
        chains = web(self.owner, rows)
        for row in rows:
            of_the_owner = row.introducee.is_self or row.introduced.is_self
            if of_the_owner and row.outcome in (Outcome.OFFER, Outcome.INTERVIEW):
                told = sequence.Outcome(ref=str(row.pk), on=self.owner.day(row.state_at), good=True)
                other = row.introducee_id if row.introduced.is_self else row.introduced_id
                for person in chains.introducers_up(other):
                    outcomes[UUID(str(person))].append(told)
        for role in self.lists["roles"]:
            if (came_of_it := self._came_of(role)) is not None:
                for person in (role.through_id, *chains.introducers_up(role.through_id)):
                    outcomes[UUID(str(person))].append(came_of_it)
        return found, outcomes

    def _came_of(self, role: Opportunity) -> sequence.Outcome | None:
        """What came of an application: an interview, an offer, or in the end neither."""
        on = role.offered_on or role.interviewed_on
        if on is None:
            return None
        ended = role.stage == Opportunity.Stage.CLOSED
        landed_at = self.owner.landed_at
        if ended and landed_at and role.stage_on >= self.owner.day(landed_at):
            return None  # closed by the good news elsewhere, which they hear
        on = role.stage_on if ended else on
        return sequence.Outcome(ref=str(role.pk), on=on, good=not ended)

    def _rhythms(self) -> dict[Any, cadence.Rhythm | RingDays]:
        """Return the owner's rhythms by ring letter, tag key and contact key."""
        found: dict[Any, cadence.Rhythm | RingDays] = {}
        for row in self.lists["rhythms"]:
            if row.ring:
                found[row.ring] = RingDays(
                    opens=row.opens_days,
                    best=row.best_days,
                    fades=row.fades_days,
                    quiet=row.quiet_days,
                )
            else:
                found[row.tag_id or row.contact_id] = rhythm_of(row)
        return found

    def _tags(self, rhythms: Mapping[Any, Any]) -> dict[UUID, list[cadence.Rhythm]]:
        """Return the rhythms of each person's tags."""
        found: dict[UUID, list[cadence.Rhythm]] = defaultdict(list)
        for contact, tag in self.lists["tags"]:
            found[contact].append(rhythms[tag])
        return found

    def _parallels(self, touches: Mapping[UUID, list[cadence.Touch]]) -> dict[UUID, str]:
        """Return, for people who have never answered, somebody else where they work."""
        silent = {
            key
            for key, mine in touches.items()
            if all(touch.direction is cadence.Direction.OUT for touch in mine)
        }
        if not silent:
            return {}
        jobs = Position.objects.filter(is_current=True, organization__positions__contact__in=silent)
        by_place: dict[UUID, set[UUID]] = defaultdict(set)
        for contact, place in jobs.filter(
            contact__owner=self.owner,
            contact__trashed_at=None,
            contact__archived_at=None,
            contact__do_not_contact=False,
        ).values_list("contact_id", "organization_id"):
            if place is not None:
                by_place[place].add(contact)
        found: dict[UUID, str] = {}
        for colleagues in by_place.values():
            for contact in colleagues & silent:
                others = sorted(colleagues - {contact})
                if others:
                    found.setdefault(contact, str(others[0]))
        return found

    def _tie(
        self, row: Mapping[str, Any], touches: Iterable[cadence.Touch], introduced: bool
    ) -> cadence.Tie:
        connected_on = row["connected_on"]
        known = _TRUST_INTRODUCED if introduced else 0
        return cadence.replay(
            touches,
            start=cadence.start(
                at=local_noon(connected_on, self.owner) if connected_on else row["created_at"],
                stage=cadence.Purpose.FIRST_CONTACT,
                trust_step=_TRUST_TOGETHER if row["worked_together"] else known,
                ring=row["ring"],
            ),
        )

    def _rules(
        self,
        row: Mapping[str, Any],
        given: TheirDate | None,
        rhythms: Mapping[Any, Any],
        tags: Iterable[cadence.Rhythm],
        starts: Mapping[UUID, dt.date],
    ) -> cadence.Rules:
        s = self.settings
        # A pause that is over still holds: what it kept back begins on the day after it.
        pauses = [day for day in (s.paused_until, row["paused_until"]) if day]
        return cadence.Rules(
            paused_until=max(pauses, default=None),
            their_date=GivenDate(on=given.on, ref=str(given.pk)) if given else None,
            person_rhythm=rhythms.get(row["pk"]),
            tag_rhythms=tuple(tags),
            ring_days=rhythms.get(row["ring"]),
            start_on=starts.get(row["pk"]),
            connected=row["connected_on"] is not None,
            weekdays=s.weekdays,
            calendar=s.calendar,
            price=s.price,
            zone=s.zone,
        )


def rhythm_of(row: Rhythm) -> cadence.Rhythm:
    """Return a person's or a tag's rhythm as the engine speaks of it."""
    return cadence.Rhythm(
        best_days=row.best_days,
        opens_days=row.opens_days,
        fades_days=row.fades_days,
        quiet_days=row.quiet_days,
        every_months=row.every_months,
        on_day=row.on_day,
        ref=str(row.pk),
        tag=row.tag.name if row.tag else "",
    )


def _silent(row: Mapping[str, Any]) -> bool:
    return bool(
        row["ring"] == Ring.D or row["archived_at"] or row["trashed_at"] or row["do_not_contact"]
    )


def _part(standing: Standing, part: sequence.Part) -> sequence.Introduction:
    known = standing.facts
    row = standing.row
    state = known.state.value
    ended = state in ("declined", "no_answer") or (
        state == "closed" and (known.made_on is None or known.outcome in ("nothing", "dropped"))
    )
    return sequence.Introduction(
        ref=str(row.pk),
        part=part,
        introducer_ref=str(row.introducer_id),
        introduced_ref=str(standing.other.pk),
        wanted_on=known.since_on if state == "wanted" else None,
        asked_on=known.since_on if state in ("asked", "checking", "agreed") else None,
        made_on=known.made_on,
        acknowledged_on=known.wrote_on or known.met_on,
        met_on=known.met_on,
        looped_on=known.looped_on or known.told_outcome_on,
        closed_on=known.since_on if ended else None,
    )


def _promise(row: Promise, owner: User) -> sequence.Promise:
    return sequence.Promise(
        ref=str(row.pk), by_me=row.by_me, made_on=owner.day(row.created_at), due_on=row.due_on
    )


def _advice(asks: Iterable[Ask], gives: Iterable[Give]) -> Iterable[sequence.Advice]:
    for ask in asks:
        if ask.rung in _LIGHT_RUNGS and ask.answer == Ask.Answer.YES and ask.answered_on:
            yield sequence.Advice(ref=str(ask.pk), given_on=ask.answered_on)
    for give in gives:
        if not give.by_me and give.kind in _ADVICE:
            yield sequence.Advice(ref=str(give.pk), given_on=give.given_on)


def _birthday(row: Mapping[str, Any], *, lead_days: int) -> Birthday | None:
    if not row["birthday_month"]:
        return None
    return Birthday(
        month=row["birthday_month"],
        day=row["birthday_day"],
        year=row["birthday_year"],
        lead_days=lead_days,
        ref=str(row["pk"]),
    )


def _as_stored(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """Return rows as the driver gives them: Django's conversions are half the cost of planning.

    SQLite gives keys as 32 hex digits and moments in UTC without saying so.
    """
    sql, parameters = rows.query.get_compiler(using=rows.db).as_sql()
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _key(stored: Any) -> UUID | str:
    """Return a stored key such that ``str`` of it is a key as written everywhere else."""
    if isinstance(stored, UUID):
        return stored
    return f"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"


def _moment(stored: dt.datetime) -> dt.datetime:
    return stored if stored.tzinfo else stored.replace(tzinfo=dt.UTC)


def _by_key(found: Mapping[Any, list[Any]], wanted: Collection[UUID]) -> dict[UUID, list[Any]]:
    keyed = {UUID(str(_key(stored))): values for stored, values in found.items()}
    return {key: values for key, values in keyed.items() if key in wanted}


def _grouped(rows: Iterable[Any], *, key: str = "contact_id") -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found
