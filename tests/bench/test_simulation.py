"""A short life in the simulated worlds: the full one is ``python -m tests.bench.simulation``."""

from __future__ import annotations

import pytest

from tests.bench.simulation import WORLDS, Engine, Fixed, live, table

SMALL = {"people": 60, "days": 240, "week": 25.0}
TOUCHY = WORLDS[2]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_engine_keeps_within_the_week_and_loses_fewer_people_than_a_fortnight(world):
    engine = live(Engine(), world, seed=3, **SMALL)
    fortnight = live(Fixed(14), world, seed=3, **SMALL)
    assert engine.touches <= SMALL["week"] * SMALL["days"] / 7 + SMALL["week"]
    assert engine.lost <= fortnight.lost
    assert engine.annoyance < fortnight.annoyance
    assert engine.warmth > 0.0


def test_where_people_are_touchy_the_engine_keeps_them_warmer_than_a_fortnight():
    assert (
        live(Engine(), TOUCHY, seed=3, **SMALL).warmth
        > live(Fixed(14), TOUCHY, seed=3, **SMALL).warmth
    )


def test_the_same_seed_gives_the_same_life():
    small = {"people": 12, "days": 60, "week": 5.0}
    assert live(Engine(), TOUCHY, seed=1, **small) == live(Engine(), TOUCHY, seed=1, **small)


def test_the_table_has_every_policy_with_messages_within_the_week():
    rows = table(TOUCHY, people=12, days=40, week=5.0, seeds=1)
    assert len({row.result.policy for row in rows}) == len(rows) == 9
    for row in rows:
        assert 0.0 <= row.result.warmth <= 1.0
        assert row.result.touches <= 5.0 * 40 / 7 + 5
        assert row.level.touches <= row.result.touches + 1
