"""The price of a touch follows from the owner's week, and leaves room for rhythms they chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followups import loading
from followups.engine import cadence
from followups.engine.constants import RingDays
from followups.models import Rhythm
from followups.services import plan
from followups.services.planning import price_of
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)


@pytest.fixture
def busy(ana):
    """Ana, with forty people she has been in touch with and time for four notes a week."""
    for n in range(40):
        person = make.contact(ana, name=f"Person {n}")
        make.interaction(person, at=NOW - timedelta(days=n))
    ana.touches_per_week = 4
    ana.save()
    return ana


def load_of_those_without_a_rhythm(owner) -> float:
    price = price_of(owner)
    everyone = loading.everyones_facts(owner, at=NOW, price=price)
    ties = [facts.tie for facts in everyone if facts.rules.rhythm is None]
    return cadence.load_per_week(ties, price=price)


def weekly(owner, count: int) -> None:
    for person in owner.contacts.filter(name__startswith="Person").order_by("name")[:count]:
        Rhythm.objects.create(owner=owner, contact=person, best_days=7)


def test_the_price_makes_the_load_fit_the_week(busy):
    plan(busy, at=NOW)
    price = price_of(busy)
    assert price > 1.0
    assert load_of_those_without_a_rhythm(busy) == pytest.approx(4.0, rel=0.05)
    assert plan(busy, at=NOW).total == 0
    assert price_of(busy) == price


def test_rhythms_the_owner_chose_come_out_of_the_same_week(busy):
    weekly(busy, 2)
    plan(busy, at=NOW)
    assert load_of_those_without_a_rhythm(busy) == pytest.approx(2.0, rel=0.05)


def test_more_rhythms_than_the_week_holds_leave_something_for_the_others(busy):
    weekly(busy, 10)
    plan(busy, at=NOW)
    assert load_of_those_without_a_rhythm(busy) == pytest.approx(0.2 * 4.0, rel=0.05)


def test_a_rings_own_days_are_what_the_week_is_filled_by(busy):
    """Forty people twice a year fit four notes a week: nobody waits any longer for it."""
    spans = {"opens_days": 125, "best_days": 150, "fades_days": 195, "quiet_days": 255}
    Rhythm.objects.create(owner=busy, ring="B", **spans)
    plan(busy, at=NOW)
    assert price_of(busy) == 1.0


def test_closer_days_of_a_ring_fill_a_week_that_the_table_would_not(busy):
    ties = [facts.tie for facts in loading.everyones_facts(busy, at=NOW, price=1.0)]
    busy.touches_per_week = round(cadence.load_per_week(ties, price=1.0))
    busy.save()
    plan(busy, at=NOW)
    assert price_of(busy) == 1.0
    own = RingDays(opens=8, best=14, fades=20, quiet=30)
    spans = {f"{name}_days": getattr(own, name) for name in ("opens", "best", "fades", "quiet")}
    Rhythm.objects.create(owner=busy, ring="B", **spans)
    plan(busy, at=NOW)
    load = cadence.load_per_week(ties, price=price_of(busy), ring_days={cadence.Ring.B: own})
    assert load == pytest.approx(busy.touches_per_week, rel=0.05)


def test_a_week_with_room_quickens_nobody(busy):
    busy.touches_per_week = 200
    busy.save()
    plan(busy, at=NOW)
    assert price_of(busy) == 1.0


def test_a_week_that_can_never_hold_everybody_takes_the_widest_gaps_once(busy):
    weekly(busy, 10)
    busy.touches_per_week = 1
    busy.save()
    plan(busy, at=NOW)
    assert price_of(busy) == cadence.HIGHEST_PRICE
    with CaptureQueriesContext(connection) as queries:
        plan(busy, at=NOW)
    assert not [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
