"""The day's list: how many, in what order, one card a person."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from followups.engine.agenda import Item, Tier, choose, tier_of
from followups.engine.cadence import Purpose, Reason, Ring, Rule, State, Window

TODAY = date(2026, 3, 2)


def item(
    ref: str,
    purpose: Purpose = Purpose.NURTURE,
    *,
    opens: int = -5,
    best: int = 0,
    fades: int = 10,
    quiet: int = 20,
    **more,
) -> Item:
    """An item whose days are counted from today."""
    window = Window(
        opens_on=TODAY + timedelta(days=opens),
        best_on=TODAY + timedelta(days=best),
        fades_on=TODAY + timedelta(days=fades),
        quiet_on=TODAY + timedelta(days=quiet),
        state=State.GOOD,
        rule=Rule.ENGINE,
        reasons=(Reason(code="date.window_best", rule=Rule.ENGINE),),
    )
    told = {"contact_ref": ref} | more
    return Item(ref=ref, purpose=purpose, window=window, **told)


def refs(items) -> list[str]:
    return [item.ref for item in items]


def test_the_order_is_promises_closing_loops_best_days_and_one_give():
    items = [
        item("give", Purpose.GIVE),
        item("best", priority=9.0),
        item("loop", Purpose.LOOP_INTRODUCER_1),
        item("closing", fades=2),
        item("promise", Purpose.PROMISE),
    ]
    day = choose(items, today=TODAY)
    assert refs(day.shown) == ["promise", "closing", "loop", "best", "give"]
    assert [tier_of(i, today=TODAY) for i in day.shown] == [
        Tier.PROMISED, Tier.CLOSING, Tier.LOOP, Tier.BEST, Tier.GIVE,
    ]  # fmt: skip


def test_one_place_is_kept_for_a_weak_tie():
    strong = [item(f"s{n}", priority=5.0) for n in range(6)]
    weak = [item("w1", priority=1.0, ring=Ring.C), item("w2", priority=2.0, ring=Ring.C)]
    assert refs(choose(strong + weak, today=TODAY).shown) == ["s0", "s1", "s2", "s3", "w2"]


def test_promises_that_fill_the_day_keep_the_weak_ties_place():
    items = [item(f"p{n}", Purpose.PROMISE) for n in range(5)] + [item("w", ring=Ring.C)]
    assert "w" not in refs(choose(items, today=TODAY).shown)


def test_a_person_has_one_card():
    items = [item("a", Purpose.PROMISE, contact_ref="x"), item("b", contact_ref="x")]
    day = choose(items, today=TODAY)
    assert refs(day.shown) == ["a"]
    assert refs(day.possible) == ["b"]


def test_nothing_is_shown_before_the_day_it_was_put_off_to():
    tomorrow = TODAY + timedelta(days=1)
    put_off = item("a", deferred_until=tomorrow)
    assert choose([put_off], today=TODAY).shown == ()
    assert refs(choose([put_off], today=tomorrow).shown) == ["a"]


def test_an_open_window_before_its_best_day_is_possible_not_shown():
    day = choose([item("a", best=3)], today=TODAY)
    assert refs(day.shown) == []
    assert refs(day.possible) == ["a"]


def test_the_day_before_opening_and_the_day_after_quiet_show_nothing():
    assert choose([item("a", opens=1, best=1)], today=TODAY).possible == ()
    assert choose([item("a", best=-4, fades=-3, quiet=-1)], today=TODAY).possible == ()
    assert refs(choose([item("a", best=-4, fades=-3, quiet=0)], today=TODAY).shown) == ["a"]


@given(
    data=st.data(),
    items=st.lists(
        st.builds(
            item,
            st.integers(0, 60).map(str),
            st.sampled_from(Purpose),
            opens=st.integers(-9, 2),
            best=st.integers(2, 4).map(lambda n: n - 4),
            fades=st.integers(4, 9),
            ring=st.sampled_from(Ring),
            priority=st.floats(0, 5),
        ),
        unique_by=lambda i: i.ref,
        max_size=20,
    ),
    at_most=st.integers(0, 7),
)
def test_no_more_than_the_daily_number_and_the_same_in_any_order(data, items, at_most):
    day = choose(items, today=TODAY, at_most=at_most)
    assert len(day.shown) <= at_most
    assert len({i.contact_ref for i in day.shown}) == len(day.shown)
    assert not set(refs(day.shown)) & set(refs(day.possible))
    shuffled = data.draw(st.permutations(items))
    assert choose(shuffled, today=TODAY, at_most=at_most) == day
