"""Which people a day shows: Today, the days to come, the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from contacts.models import Interaction
from followups.engine import agenda, cadence
from followups.engine.spread import offers_fresh_start
from followups.models import FollowUp, Spread
from followups.selectors.steps import (
    ITEM,
    Step,
    items_from,
    one_per_person,
    open_items,
    steps_of,
)
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User

ALSO_AT_MOST = 20  # people named under “Also possible”


UPCOMING_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What one day asks of the owner.

    ``cards`` has one card per person and, with those seen to today, no more people than
    ``owner.daily_budget``.  ``also`` are people who are possible and can wait, best first, at most
    ``ALSO_AT_MOST`` of ``also_count``.  ``next`` is the next person on a later day.
    """

    day: dt.date
    cards: tuple[Step, ...]
    also: tuple[Step, ...]
    also_count: int
    next: Step | None
    paused_until: dt.date | None
    done_today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The people of a day to come, if every day before it is seen to."""

    day: dt.date
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of the follow-ups whose good window was over or that were done this month, those done."""

    kept: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfWeek:
    """One day of the week strip: people seen to on days gone by, people to come after."""

    day: dt.date
    people: int
    is_today: bool
    is_past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TodayPage:
    """Everything the Today page shows besides its frame."""

    today: Today
    week: tuple[DayOfWeek, ...]
    kept: Kept
    fresh_start: bool  # whether to offer one (R9)


def today_cards(owner: User, day: dt.date, *, initials: bool = False) -> Today:
    """Return what ``day`` asks of ``owner``: the one answer that every surface shows.

    Args:
        initials: name nobody in full, and quote nothing the owner typed (mail, feed).
    """
    if paused_until := paused(owner, day):
        return _paused_day(day, paused_until)
    handled = _seen_to(_done_between(owner, day, day))
    return _today(owner, day, open_items(owner), handled, initials=initials)


def today_page(owner: User, day: dt.date) -> TodayPage:
    """Return what the Today page shows, in a number of queries that does not grow with people."""
    week_on = day - dt.timedelta(days=day.weekday())
    month_on = day.replace(day=1)
    starts_at, ends_at = _moments(owner, min(week_on, month_on), day)
    lists = _PAGE.lists(
        owner=owner.pk,
        day=day,
        month_on=month_on,
        until=week_on + dt.timedelta(days=6),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    found = items_from(lists["items"])
    done = [_Done(contact=contact, on=owner.day(at)) for contact, at in lists["done"]]
    beyond, faded, faded_this_month = lists["beyond"][0] if lists["beyond"] else (0, 0, 0)
    faded += sum(item.window.fades_on < day for item in found)
    faded_this_month += sum(month_on <= item.window.fades_on < day for item in found)
    paused_until = paused(owner, day)
    if paused_until:
        today = _paused_day(day, paused_until)
    else:
        handled = _seen_to(d for d in done if d.on == day)
        today = _today(owner, day, found, handled)
    kept = sum(d.on >= month_on for d in done)
    seen = [at for (at,) in (*lists["logged"], *lists["put_off"]) if at]
    offers = faded >= BACKLOG_FROM and offers_fresh_start(
        gone_by=faded,
        of=len(found) + beyond,
        today=day,
        last_seen_on=owner.day(max(seen)) if seen else None,
        last_offered_on=next((owner.day(at) for (at,) in lists["spreads"]), None),
    )
    return TodayPage(
        today=today,
        week=_week(owner, day, week_on, found, done),
        kept=Kept(kept=kept, of=kept + faded_this_month),
        fresh_start=not paused_until and offers,
    )


def _lists_of_page(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What ``today_page`` is made from; see ``kit.together``.

    Rows that cannot show by the end of the week are only counted: most of a long list.
    """
    rows = FollowUp.objects.visible_to(ask.owner)
    open_rows = rows.open().of_active_people()
    near = Q(deferred_until__isnull=False) | (
        Q(opens_on__lte=ask.until) & (Q(quiet_on__gte=ask.day) | Q(purpose=cadence.Purpose.PROMISE))
    )
    faded = Q(fades_on__lt=ask.day)
    logged = Interaction.objects.visible_to(ask.owner).exclude(source=Interaction.Source.IMPORT)
    done = rows.filter(
        outcome=FollowUp.Outcome.DONE, closed_at__gte=ask.starts_at, closed_at__lt=ask.ends_at
    )
    return {
        "items": open_rows.filter(near).values_list(*ITEM),
        "beyond": open_rows.exclude(near)
        .values("contact__owner")
        .annotate(
            n=Count("pk"),
            faded=Count("pk", filter=faded),
            this_month=Count("pk", filter=faded & Q(fades_on__gte=ask.month_on)),
        )
        .values_list("n", "faded", "this_month"),
        "done": done.values_list("contact_id", "closed_at"),
        "logged": logged.values("owner").annotate(at=Max("created_at")).values_list("at"),
        "put_off": rows.values("contact__owner").annotate(at=Max("deferred_at")).values_list("at"),
        "spreads": Spread.objects.filter(owner=ask.owner, kind=Spread.Kind.FRESH_START).values_list(
            "at"
        )[:1],
    }


_PAGE = Together(_lists_of_page)


def upcoming(
    owner: User, day: dt.date, *, days: int = UPCOMING_DAYS, initials: bool = False
) -> tuple[Ahead, ...]:
    """Return whom each of the next ``days`` days will show, from ``day`` on; empty days left out.

    What the mails of those days hold, if every day's people are seen to: the same choice as
    ``today_cards`` makes.  Days the owner does not write on pass their people on to the next.
    """
    plan = list(_ahead(owner, day, open_items(owner), _done_between(owner, day, day), days=days))
    refs = [item.ref for _on, items in plan for item in items]
    steps = steps_of(owner, refs, day, initials=initials)
    return tuple(Ahead(day=on, steps=_in_order(items, steps)) for on, items in plan)


def paused(owner: User, day: dt.date) -> dt.date | None:
    """Return the first day after the pause that holds ``day``, or None."""
    until = owner.paused_until
    return until if until and day < until else None


def _paused_day(day: dt.date, until: dt.date) -> Today:
    return Today(
        day=day, cards=(), also=(), also_count=0, next=None, paused_until=until, done_today=0
    )


def _today(
    owner: User,
    day: dt.date,
    found: Sequence[agenda.Item],
    handled: int,
    *,
    initials: bool = False,
) -> Today:
    chosen = agenda.choose(found, today=day, at_most=max(owner.daily_budget - handled, 0))
    taken = {item.contact_ref for item in chosen.shown}
    also = one_per_person(chosen.possible, besides=taken)
    coming = _coming(owner, day, found)
    wanted = [*chosen.shown, *also[:ALSO_AT_MOST], *((coming,) if coming else ())]
    steps = steps_of(owner, [item.ref for item in wanted], day, initials=initials)
    return Today(
        day=day,
        cards=_in_order(chosen.shown, steps),
        also=_in_order(also[:ALSO_AT_MOST], steps),
        also_count=len(also),
        next=steps.get(coming.ref) if coming else None,
        paused_until=None,
        done_today=handled,
    )


def _week(
    owner: User,
    day: dt.date,
    week_on: dt.date,
    found: Sequence[agenda.Item],
    done: Sequence[_Done],
) -> tuple[DayOfWeek, ...]:
    ahead = {on: len(shown) for on, shown in _ahead(owner, day, found, done, days=7)}
    strip = []
    for n in range(7):
        on = week_on + dt.timedelta(days=n)
        people = ahead.get(on, 0) if on >= day else _seen_to(d for d in done if d.on == on)
        strip.append(DayOfWeek(day=on, people=people, is_today=on == day, is_past=on < day))
    return tuple(strip)


BACKLOG_FROM = 3  # fewer past their window than this are no backlog


def _coming(owner: User, day: dt.date, found: Iterable[agenda.Item]) -> agenda.Item | None:
    """Return whoever is next on a later day, from the rows themselves if none of ``found`` is."""
    later = [item for item in found if item.window.opens_on > day]
    if not later:
        rows = FollowUp.objects.visible_to(owner).open().of_active_people()
        rows = rows.filter(opens_on__gt=day, deferred_until=None)
        later = items_from(rows.order_by("opens_on", "-priority", "pk").values_list(*ITEM)[:1])
    return min(
        later, key=lambda item: (item.window.opens_on, -item.priority, item.ref), default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    contact: UUID
    on: dt.date


def _done_between(owner: User, first: dt.date, last: dt.date) -> list[_Done]:
    """Return the follow-ups that were done on these days, both included."""
    starts_at, ends_at = _moments(owner, first, last)
    rows = FollowUp.objects.visible_to(owner).filter(
        outcome=FollowUp.Outcome.DONE, closed_at__gte=starts_at, closed_at__lt=ends_at
    )
    return [
        _Done(contact=contact, on=owner.day(at))
        for contact, at in rows.values_list("contact_id", "closed_at")
        if at is not None
    ]


def _seen_to(done: Iterable[_Done]) -> int:
    """Return how many people that is; each took one of the places of its day."""
    return len({d.contact for d in done})


_ANY_WORD = frozenset(
    {
        cadence.Purpose.FIRST_CONTACT,
        cadence.Purpose.NURTURE,
        cadence.Purpose.RECONNECT,
        cadence.Purpose.REPLY,
        cadence.Purpose.NO_REPLY_2,
        cadence.Purpose.RESTING,
        cadence.Purpose.MET,
        cadence.Purpose.INTRODUCED,
        cadence.Purpose.THANK_INTRODUCER,
    }
)


def _ahead(
    owner: User,
    day: dt.date,
    found: Iterable[agenda.Item],
    done: Iterable[_Done],
    *,
    days: int,
) -> Iterator[tuple[dt.date, tuple[agenda.Item, ...]]]:
    """Choose day after day as ``today_cards`` will, each day's people seen to in turn.

    A word to somebody also answers whatever any word would: ordinary contact, thanks, a reply.
    """
    back_on = paused(owner, day) or day
    last_on = day + dt.timedelta(days=days - 1)
    left = [item for item in found if agenda.called_by(item, day=last_on)]
    room = max(owner.daily_budget - _seen_to(d for d in done if d.on == day), 0)
    for n in range(days):
        on = day + dt.timedelta(days=n)
        if on < back_on or not (owner.writes_on(on) or on == day):
            continue
        may = [item for item in left if agenda.may_show(item, today=on)]
        shown = agenda.choose(may, today=on, at_most=room if on == day else owner.daily_budget)
        if shown.shown:
            yield on, shown.shown
            refs = {item.ref for item in shown.shown}
            people = {item.contact_ref for item in shown.shown}
            left = [
                item
                for item in left
                if item.ref not in refs
                and not (item.contact_ref in people and item.purpose in _ANY_WORD)
            ]


def _moments(owner: User, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return when ``first`` begins and ``last`` ends where the owner lives."""
    starts_at = dt.datetime.combine(first, dt.time(), tzinfo=owner.zone)
    return starts_at, dt.datetime.combine(last, dt.time(), tzinfo=owner.zone) + dt.timedelta(days=1)


def _in_order(items: Iterable[agenda.Item], steps: Mapping[str, Step]) -> tuple[Step, ...]:
    return tuple(steps[item.ref] for item in items if item.ref in steps)
