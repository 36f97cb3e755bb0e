"""Whose turn it is, this week, among people gone quiet (ux.md 2.2).

Source: docs/decisions/0102-three-gone-quiet-a-week.md.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from contacts.models import Contact, Interaction, TheirDate
from followups import selectors
from followups.engine import agenda, cadence
from followups.engine.reconnect import (
    AGAIN_AFTER_DAYS,
    PEOPLE_A_WEEK,
    Quiet,
    in_turn,
    week_on,
)
from followups.loading import writing_days
from followups.models import FollowUp
from followups.services.planning import plan, turn_of
from introductions.engine import gives
from netcrm.accounts.models import User

WEIGHED_AT_MOST = 200  # people whose notes are read for ideas of something to give
NOTES_AT_MOST = 1000


@transaction.atomic
def bring_up_the_quiet(owner: User, *, at: dt.datetime) -> int:
    """Give up to three people gone quiet their turn for the week; return how many were given it.

    Asked again in the same week it gives nobody a further turn.
    """
    User.objects.select_for_update().only("pk").get(pk=owner.pk)
    today = owner.day(at)
    monday = week_on(today)
    given = _turns_given(owner, since_on=monday - dt.timedelta(days=AGAIN_AFTER_DAYS))
    turn_on = writing_days(owner).on_or_after(max(today, monday))
    paused_until = owner.paused_until
    if turn_on > monday + dt.timedelta(days=6) or (paused_until and paused_until > turn_on):
        return 0
    places = PEOPLE_A_WEEK - sum(day >= monday for day in given.values())
    if places <= 0:
        return 0
    brought_up = 0
    waiting = _waiting(owner, today, monday, given)
    while waiting and brought_up < places:
        left = places - brought_up
        wanted, waiting = waiting[:left], waiting[left:]
        plan(owner, at=at, contacts=wanted, turns=dict.fromkeys(wanted, turn_on))
        rows = FollowUp.objects.open().filter(purpose=cadence.Purpose.RECONNECT)
        brought_up += rows.filter(contact__in=wanted).count()
    return brought_up


def end_turns(owner: User, *, at: dt.datetime) -> None:
    """End the turns of weeks gone by."""
    rows = FollowUp.objects.visible_to(owner).open().filter(fades_on__lt=owner.day(at))
    rows = rows.filter(purpose=cadence.Purpose.RECONNECT)
    plan(owner, at=at, contacts=set(rows.values_list("contact_id", flat=True)))


def _turns_given(owner: User, *, since_on: dt.date) -> dict[UUID, dt.date]:
    """Return who had a turn since, whatever came of it, and the day of the last."""
    rows = FollowUp.objects.visible_to(owner).filter(purpose=cadence.Purpose.RECONNECT)
    given: dict[UUID, dt.date] = {}
    for contact, occasion in rows.filter(quiet_on__gte=since_on).values_list(
        "contact_id", "occasion"
    ):
        given[contact] = max(turn_of(occasion), given.get(contact, dt.date.min))
    return given


def _waiting(
    owner: User, today: dt.date, monday: dt.date, given: dict[UUID, dt.date]
) -> list[UUID]:
    """Return everybody whose windows have all passed and who is not on Today, in their turn."""
    still = Q(fades_on__gte=today) | Q(deferred_until__gt=today)
    windows = FollowUp.objects.open().filter(still, contact=OuterRef("pk"))
    dates = TheirDate.objects.filter(contact=OuterRef("pk"), closed_at=None, on__gt=today)
    people = (
        Contact.objects.visible_to(owner)
        .people()
        .active()
        .exclude(last_contact_at=None)
        .exclude(paused_until__gt=today)
        .exclude(Exists(windows))
        .exclude(Exists(dates))
        .exclude(pk__in=[key for key, turn_on in given.items() if turn_on >= monday])
    )
    found = list(
        people.order_by(
            F("trust_state__level").desc(nulls_last=True), "last_contact_at", "pk"
        ).values_list("pk", "trust_state__level", "last_contact_at")[:WEIGHED_AT_MOST]
    )
    if not found:
        return []
    day = agenda.choose(selectors.open_items(owner), today=today, at_most=owner.daily_budget)
    shown = {UUID(item.contact_ref) for item in day.shown}
    found = [one for one in found if one[0] not in shown]
    ideas = _ideas(owner, [key for key, _level, _at in found])
    order = in_turn(
        (
            Quiet(
                ref=str(key),
                trust=level or 0,
                gives=ideas[key],
                last_on=owner.day(last_at),
                brought_up_on=given.get(key),
            )
            for key, level, last_at in found
            if last_at is not None
        ),
        today=today,
    )
    return [UUID(ref) for ref in order]


def _ideas(owner: User, people: Collection[UUID]) -> dict[UUID, int]:
    """Count each person's ideas of something to give that meet their words; two queries."""
    said: dict[UUID, list[gives.Said]] = defaultdict(list)
    notes = Interaction.objects.visible_to(owner).filter(people__in=people).exclude(note="")
    for key, note in notes.order_by("-at").values_list("people", "note")[:NOTES_AT_MOST]:
        said[key].append(gives.Said(text=note))
    tags = Contact.tags.through.objects.filter(contact__in=people)
    for key, name in tags.values_list("contact_id", "tag__name"):
        said[key].append(gives.Said(text=name))
    return defaultdict(int, {key: _met(heard) for key, heard in said.items()})


def _met(heard: Iterable[gives.Said]) -> int:
    return sum(bool(one.topic) for one in gives.suggest(heard, most=len(gives.IDEAS)))
