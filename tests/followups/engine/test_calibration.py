"""A member's own base rate: learnt, shrunk, and the same in any order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followups.engine.calibration import Intercept

chances = st.floats(0.0, 1.0)
outcomes = st.lists(st.tuples(chances, st.booleans(), st.floats(0, 1)), max_size=30)


def learnt(found: list[tuple[float, bool, float]]) -> Intercept:
    own = Intercept()
    for chance, happened, span in found:
        own = own.after(chance=chance, happened=happened, span=span, earliness=0.5)
    return own


@given(chance=st.floats(0.0, 0.999))
def test_without_outcomes_the_shipped_chance_stands(chance):
    assert Intercept().calibrated(chance) == pytest.approx(chance)


@given(data=st.data(), found=outcomes)
def test_the_order_of_outcomes_does_not_matter(data, found):
    other = learnt(data.draw(st.permutations(found)))
    assert other.happened == learnt(found).happened
    assert other.expected == pytest.approx(learnt(found).expected)


@given(found=outcomes, low=chances, high=chances)
def test_it_corrects_chances_without_changing_their_order(found, low, high):
    low, high = sorted((low, high))
    own = learnt(found)
    assert 0.0 <= own.calibrated(low) <= own.calibrated(high) <= 1.0


def test_a_member_whose_ties_answer_more_is_told_so_little_by_little():
    own = Intercept()
    said = [own.calibrated(0.3)]
    for _ in range(40):
        own = own.after(chance=0.3, happened=True, span=0.1)
        said.append(own.calibrated(0.3))
    assert said == sorted(said)
    assert said[1] < 0.4
    assert said[-1] > 0.7


def test_what_was_learnt_fades():
    own = learnt([(0.2, True, 1.0)] * 20)
    assert own.shift > own.faded(horizons=2).shift > own.faded(horizons=40).shift > 0.0
    assert own.faded(horizons=2).happened == own.happened / 2
