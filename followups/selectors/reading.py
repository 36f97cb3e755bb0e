"""The rows a day is chosen from: all that can show this week, or of many the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Case, Count, Q, QuerySet, Value, When

from contacts.models import Interaction
from followups.engine import agenda
from followups.engine.agenda import Tier
from followups.engine.cadence import Purpose, Ring
from followups.engine.spread import AWAY_DAYS
from followups.models import FollowUp, FollowUpQuerySet, Spread
from followups.selectors.steps import ITEM, items_from
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User

ALSO_AT_MOST = 20  # people named under “Also possible”
# Rows that are read of a long list: a day names 40 people at most, most of them with one row.
READ_AT_MOST = 100
DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many open follow-ups there are; of ``possible``, how many people may show on the day."""

    rows: int
    faded: int
    faded_this_month: int
    possible: int


_COUNTS = [field.name for field in fields(Counts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A follow-up that was done."""

    contact: UUID
    on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What ``day`` and its week are made from.

    ``items`` are all that can show by the end of the week; or, unless ``whole``, the first of
    them: enough for ``day``, and more people than the places of the week.  ``coming`` is the next
    on a later day; ``done`` is of this week and month.
    """

    day: dt.date
    items: Sequence[agenda.Item]
    whole: bool
    coming: agenda.Item | None
    counts: Counts
    done: Sequence[Done]
    last_seen_on: dt.date | None  # exact only as far as a fresh start asks
    last_offered_on: dt.date | None

    def handled(self, on: dt.date) -> int:
        """Return how many people were seen to on a day; each took one of its places."""
        return len({one.contact for one in self.done if one.on == on})


def read(owner: User, day: dt.date) -> Reading:
    """Read what ``day`` and its week are made from, in one query; of many rarely in two."""
    week_on, month_on = monday(day), day.replace(day=1)
    ask = SimpleNamespace(
        owner=owner.pk,
        day=day,
        closing_on=day + dt.timedelta(days=agenda.CLOSING_DAYS),
        month_on=month_on,
        until=week_on + dt.timedelta(days=6),
        starts_at=owner.begin_of(min(week_on, month_on)),
        ends_at=owner.begin_of(day + dt.timedelta(days=1)),
        away_at=owner.begin_of(day - dt.timedelta(days=AWAY_DAYS - 1)),
    )
    lists = _LISTS.lists(**vars(ask))
    counts = Counts(**dict(zip(_COUNTS, lists["counts"][0], strict=True)))
    items = items_from(lists["first"])
    whole = len(items) < READ_AT_MOST
    if not whole:
        weak = _near(ask).filter(contact__ring=Ring.C).order_by(*_order(ask))
        if not _decided(owner, items, counts, ask):
            items, whole = items_from(_near(ask).values_list(*ITEM)), True
        elif not any(item.ring is Ring.C for item in _called(items, day)):
            items += items_from(weak.values_list(*ITEM)[:1])
    seen = [at for name in _SEEN for (at,) in lists[name]]
    return Reading(
        day=day,
        items=items,
        whole=whole,
        coming=next(iter(items_from(lists["coming"])), None),
        counts=counts,
        done=[Done(contact=contact, on=owner.day(at)) for contact, at in lists["done"]],
        last_seen_on=owner.day(max(seen)) if seen else None,
        last_offered_on=next((owner.day(at) for (at,) in lists["spreads"]), None),
    )


def _decided(
    owner: User, first: Sequence[agenda.Item], counts: Counts, ask: SimpleNamespace
) -> bool:
    """Whether ``first`` hold whoever the day can name, and fill its week whoever is shown when."""
    people = {item.contact_ref for item in first if agenda.may_show(item, today=ask.day)}
    lasting = {
        item.contact_ref
        for item in _called(first, ask.day)
        if agenda.may_show(item, today=ask.until)
    }
    named = min(owner.daily_budget + ALSO_AT_MOST, counts.possible)
    return len(people) >= named and len(lasting) >= DAYS * owner.daily_budget


def _called(items: Iterable[agenda.Item], day: dt.date) -> Iterator[agenda.Item]:
    """Those of ``items`` that ``day`` may give a card before any give."""
    for item in items:
        if agenda.may_show(item, today=day) and agenda.tier_of(item, today=day) < Tier.GIVE:
            yield item


def _lists(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """What ``read`` returns (kit.together).

    Windows as they stand hold what was put off: the planner moves them (``sequence.due``).
    """
    rows = FollowUp.objects.visible_to(ask.owner)
    open_rows = rows.open().of_active_people()
    faded = Q(fades_on__lt=ask.day)
    spreads = Spread.objects.filter(owner=ask.owner, kind=Spread.Kind.FRESH_START)
    return {
        "first": _near(ask).order_by(*_order(ask)).values_list(*ITEM)[:READ_AT_MOST],
        "coming": open_rows.filter(opens_on__gt=ask.day)
        .order_by("opens_on", "-priority", "pk")
        .values_list(*ITEM)[:1],
        "counts": open_rows.values(all=Value(1))  # one group, also of nothing
        .annotate(
            rows=Count("pk"),
            faded=Count("pk", filter=faded),
            faded_this_month=Count("pk", filter=faded & Q(fades_on__gte=ask.month_on)),
            possible=Count("contact", distinct=True, filter=_shows(ask, by=ask.day)),
        )
        .values_list(*_COUNTS),
        **_seen(ask),
        "done": _done(ask.owner, ask.starts_at, ask.ends_at).values_list("contact_id", "closed_at"),
        "spreads": spreads.values_list("at")[:1],
    }


def _seen(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    """When the owner did something here: a moment since ``ask.away_at``, and any other."""
    logged = Interaction.objects.visible_to(ask.owner).exclude(source=Interaction.Source.IMPORT)
    put_off = FollowUp.objects.visible_to(ask.owner).exclude(deferred_at=None)
    # Whatever happened last was mostly written down last, so few rows are looked at.
    lately = logged.filter(created_at__gte=ask.away_at).order_by("-at")
    put_off_lately = put_off.filter(deferred_at__gte=ask.away_at)
    return {
        "logged_lately": lately.values_list("created_at")[:1],
        "put_off_lately": put_off_lately.values_list("deferred_at")[:1],
        "logged": logged.values_list("created_at")[:1],
        "put_off": put_off.values_list("deferred_at")[:1],
    }


_SEEN = ("logged_lately", "put_off_lately", "logged", "put_off")
_LISTS = Together(_lists)


def _near(ask: Any) -> FollowUpQuerySet:
    """What can show from ``ask.day`` to ``ask.until``."""
    rows = FollowUp.objects.visible_to(ask.owner).open().of_active_people()
    return rows.filter(_shows(ask, by=ask.until))


def _shows(ask: Any, *, by: dt.date) -> Q:
    """As ``agenda.may_show``, on a day from ``ask.day`` to ``by``."""
    return (
        Q(opens_on__lte=by)
        & (Q(deferred_until=None) | Q(deferred_until__lte=by))
        & (Q(quiet_on__gte=ask.day) | Q(purpose=Purpose.PROMISE))
    )


def _order(ask: Any) -> tuple[Any, ...]:
    """The order of ``agenda.choose`` on ``ask.day``; after it, what may not show on that day."""
    tier = Case(
        When(~_shows(ask, by=ask.day), then=len(Tier)),
        When(purpose__in=agenda.PROMISED, then=Tier.PROMISED.value),
        When(purpose=Purpose.GIVE, then=Tier.GIVE.value),
        When(best_on__gt=ask.day, then=Tier.POSSIBLE.value),
        When(purpose=Purpose.RECONNECT, then=Tier.BEST.value),
        When(purpose__in=agenda.LOOPS, then=Tier.LOOP.value),
        When(fades_on__lte=ask.closing_on, then=Tier.CLOSING.value),
        default=Tier.BEST.value,
    )
    return tier, "-priority", "fades_on", "pk"


def handled_on(owner: User, day: dt.date) -> int:
    """Return how many people were seen to on ``day``."""
    rows = _done(owner, owner.begin_of(day), owner.begin_of(day + dt.timedelta(days=1)))
    return rows.values("contact").distinct().count()


def _done(owner: Any, starts_at: Any, ends_at: Any) -> FollowUpQuerySet:
    """Follow-ups done from ``starts_at`` until just before ``ends_at``."""
    return FollowUp.objects.visible_to(owner).filter(
        outcome=FollowUp.Outcome.DONE, closed_at__gte=starts_at, closed_at__lt=ends_at
    )


def monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())
