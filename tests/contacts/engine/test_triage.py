"""Whom of eight hundred to begin with: strict about targets, and never without a reason."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.engine.triage import (
    LIKELY,
    TICKED,
    Candidate,
    Reason,
    Situation,
    Why,
    inside,
    likely,
    matches,
    reasons_for,
    ring_of,
    ticked,
)

TODAY = date(2026, 11, 17)


def somebody(number: int = 1, **said) -> Candidate:
    return Candidate(id=UUID(int=number), name=said.pop("name", f"P {number}"), **said)


def whys(candidate: Candidate, **situation) -> list[Why]:
    now = Situation(today=TODAY, **situation)
    return [reason.why for reason in reasons_for(candidate, now, recalled=False)]


@pytest.mark.parametrize(
    ("target", "employer", "same"),
    [
        ("Acme", "ACME, Inc.", True),
        ("Acme", "Acme UK Ltd", True),
        ("Acme", "Acme Personnel", False),
        ("Acme", "Pacme", False),
        ("Müller & Söhne", "Muller Sohne GmbH", True),
        ("North Bank", "North", False),
        ("Acme", "", False),
        ("", "Acme", False),
    ],
    ids=[
        "legal form", "a place behind", "another firm", "part of a word", "accents",
        "only the beginning", "no employer", "no target",
    ],
)  # fmt: skip
def test_an_employer_is_a_target_or_is_not(target, employer, same):
    assert matches(target, employer) is same


def test_who_leads_or_hires_at_a_target_stands_first_then_the_latest_connection():
    old = somebody(1, organization="Acme", connected_on=TODAY - timedelta(days=900))
    new = somebody(2, organization="Acme Ltd", connected_on=TODAY)
    head = somebody(3, organization="ACME", title="Head of people")
    other = somebody(4, organization="Acme Personnel")
    found = inside([old, new, head, other], ["Zeta", "Acme"])
    assert {name: [one.id.int for one in group] for name, group in found.items()} == {
        "Acme": [3, 2, 1]
    }


def test_ticks_go_round_the_targets_and_end_at_fifteen():
    groups = {
        name: [somebody(100 * place + number) for number in range(20)]
        for place, name in enumerate("abcdef")
    }
    found = ticked(groups)
    assert len(found) == TICKED
    assert {one.int // 100 for one in found} == set(range(6))


def test_each_reason_rests_on_what_is_known():
    assert whys(somebody()) == []
    assert whys(somebody(noted=True)) == [Why.NOTED]
    assert whys(somebody(tagged=True, reachable=True)) == [Why.TAGGED, Why.REACHABLE]
    assert whys(somebody(organization="Acme Ltd"), employers=["Acme"]) == [Why.SAME_EMPLOYER]
    assert whys(somebody(name="Böb Hale"), named={"bob hale": "Shirley"}) == [Why.NAMED]
    assert whys(somebody(title="Operations analyst"), target_line="Lead in operations, remote") == [
        Why.FITS_THE_LINE
    ]
    assert whys(somebody(title="Of the in"), target_line="Lead of the in team") == []
    assert whys(somebody(connected_on=TODAY)) == [Why.RECENT]
    assert whys(somebody(connected_on=TODAY + timedelta(days=1))) == []
    assert whys(somebody(connected_on=TODAY - timedelta(days=401))) == []


def test_nobody_is_suggested_without_a_reason():
    everybody = [somebody(number) for number in range(50)]
    assert likely(everybody, Situation(today=TODAY)) == ()


def test_the_likeliest_stand_first_and_there_are_thirty():
    everybody = [somebody(number, connected_on=TODAY) for number in range(1, 100)]
    best = somebody(500, name="Bob Hale", tagged=True)
    found = likely([*everybody, best], Situation(today=TODAY, named={"bob hale": "Shirley"}))
    assert len(found) == LIKELY
    assert found[0].candidate == best
    assert found[0].reasons[0] == Reason(why=Why.NAMED, fact="Shirley")


@pytest.mark.parametrize(
    ("reasons", "ring"),
    [
        ([Why.RECALLED, Why.AT_TARGET], "A"),
        ([Why.RECALLED], "B"),
        ([Why.NAMED], "B"),
        ([Why.AT_TARGET, Why.HIRES], "B"),
        ([Why.AT_TARGET], "C"),
        ([Why.RECENT], "C"),
        ([], "C"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value) or "nothing",
)
def test_the_ring_to_begin_with_follows_from_the_reasons(reasons, ring):
    assert ring_of([Reason(why=why) for why in reasons]) == ring


candidates = st.builds(
    Candidate,
    id=st.uuids(),
    name=st.text(max_size=20),
    organization=st.sampled_from(["", "Acme", "Acme Ltd", "Zeta", "…", "株式会社"]),
    title=st.text(max_size=20),
    connected_on=st.none() | st.dates(),
    tagged=st.booleans(),
    noted=st.booleans(),
    reachable=st.booleans(),
)


@given(people=st.lists(candidates, max_size=40, unique_by=lambda one: one.id), data=st.data())
def test_the_order_does_not_hang_on_the_order_of_the_file(people, data):
    now = Situation(today=TODAY, targets=["Acme"], employers=["Zeta"], target_line="Acme chef")
    shuffled = data.draw(st.permutations(people))
    assert likely(people, now, most=10) == likely(shuffled, now, most=10)
    assert inside(people, ["Acme"]) == inside(shuffled, ["Acme"])
