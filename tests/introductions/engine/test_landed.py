"""Who helped, in the order of thanking."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from introductions.engine.landed import PARTS, Help, Kind, Part, helpers

DAY = date(2026, 6, 1)


def one(person: str, kind: Kind, *, days: int = 0, other: str = "") -> Help:
    return Help(person=person, kind=kind, on=DAY + timedelta(days=days), other=other)


def test_the_way_to_the_offer_comes_first_the_nearest_before_the_rest():
    found = helpers(
        [
            one("ann", Kind.INTRODUCED, other="Bill"),
            one("ken", Kind.REFERRED),
            one("shirley", Kind.MET),
            one("bill", Kind.INTRODUCED, other="Shirley"),
        ],
        winning=["shirley", "bill", "ann"],
    )
    assert [h.person for h in found] == ["shirley", "bill", "ann", "ken"]
    assert [h.winning for h in found] == [0, 1, 2, None]
    assert {h.part for h in found} == {Part.DOOR}


def test_somebody_counts_once_as_the_most_they_were():
    (found,) = helpers(
        [one("raj", Kind.RECEIVED), one("raj", Kind.NAMED), one("raj", Kind.ADVISED, days=3)]
    )
    assert found.part is Part.ADVICE
    assert [h.kind for h in found.helps] == [Kind.NAMED, Kind.ADVISED, Kind.RECEIVED]


def test_doors_before_advice_before_company():
    found = helpers(
        [one("c", Kind.MET), one("b", Kind.ADVISED), one("a", Kind.OPENING), one("d", Kind.GAVE)]
    )
    assert [h.part for h in found] == [Part.DOOR, Part.ADVICE, Part.COMPANY, Part.COMPANY]


def test_every_kind_of_help_has_its_part():
    assert PARTS.keys() == set(Kind)


HELPS = st.lists(
    st.builds(
        one,
        st.sampled_from("abcdef"),
        st.sampled_from(list(Kind)),
        days=st.integers(0, 3),
        other=st.sampled_from(["", "Bill"]),
    )
)


@given(HELPS, st.permutations("abc"), st.randoms())
def test_order_and_repeats_are_of_no_account(helps, winning, random):
    told = [*helps, *helps[:2]]
    random.shuffle(told)
    found = helpers(told, winning=winning)
    assert found == helpers(helps, winning=winning)
    assert len({h.person for h in found}) == len(found) == len({h.person for h in helps})
