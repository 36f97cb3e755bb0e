"""What ties are worth."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from introductions.engine.ties import COLLEAGUES_AT_MOST, WORTH, Bond, at_work, own

DAY = date(2026, 6, 1)


def test_a_higher_step_is_worth_more():
    worth = [own(level, [], at=DAY) for level in range(6)]
    assert all(a < b for a, b in pairwise(worth))
    assert all(0 < one <= 1 for one in worth)


def test_what_a_tie_carried_raises_it_and_what_it_did_not_lowers_it():
    usual = own(3, [], at=DAY)
    assert own(3, [(DAY, False)], at=DAY) < usual < own(3, [(DAY, True)], at=DAY)
    long_ago = DAY - timedelta(days=1000)
    assert own(3, [(DAY, False)], at=DAY) < own(3, [(long_ago, False)], at=DAY) < usual


def test_every_bond_has_its_worth_above_nothing():
    assert WORTH.keys() == set(Bond)
    assert all(0 < one < 1 for one in WORTH.values())


def test_colleagues_know_each_other_and_those_who_left_know_those_who_stayed():
    jobs = [("ann", "acme", True), ("bob", "acme", True), ("cy", "acme", False)]
    assert sorted(at_work(jobs)) == [
        ("ann", "bob", Bond.COLLEAGUES),
        ("ann", "cy", Bond.FORMER),
        ("bob", "ann", Bond.COLLEAGUES),
        ("bob", "cy", Bond.FORMER),
        ("cy", "ann", Bond.FORMER),
        ("cy", "bob", Bond.FORMER),
    ]


def test_in_a_crowd_nobody_is_taken_to_know_everybody():
    crowd = [(n, "acme", True) for n in range(COLLEAGUES_AT_MOST + 1)]
    assert list(at_work(crowd)) == []
    assert list(at_work(crowd[1:])) != []
