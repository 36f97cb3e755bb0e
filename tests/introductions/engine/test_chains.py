from datetime import date
from itertools import pairwise, permutations
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from introductions.engine.chains import Chain, Life, Link, Load, Web, health, load
from introductions.engine.workflow import Outcome, State

ME = "me"


def link(via, to, n=1, *, state=State.MADE, **more):
    more.setdefault("made_on", date(2026, 1, 1).replace(day=min(n, 28)))
    return Link(
        ref=f"{via}-{to}-{n}", introducer=via, introducee=ME, introduced=to, state=state, **more
    )


def web(*pairs, **more):
    return Web([link(via, to, n) for n, (via, to) in enumerate(pairs, 1)], me=ME, **more)


def ways(found):
    return ["".join(c.people).removeprefix(ME) for c in found.chains]


GEORGE = web(("A", "B"), ("A", "M"), ("B", "S"), ("M", "L"), ("S", "O"), ("S", "P"))


def test_a_chain_runs_from_me_through_each_introduction_in_order():
    (chain,) = GEORGE.chains_to("O").chains
    assert chain.people == (ME, "A", "B", "S", "O")
    assert [(h.via, h.to) for h in chain.hops] == [("A", "B"), ("B", "S"), ("S", "O")]
    assert GEORGE.depth("O") == 3


def test_somebody_known_directly_has_the_chain_of_two_and_a_stranger_none():
    assert GEORGE.chains_to("A").chains == (Chain(people=(ME, "A"), hops=()),)
    assert GEORGE.chains_to("nobody").chains == ()
    assert GEORGE.depth("nobody") is None
    direct = web(known_directly=["K"])
    assert ways(direct.chains_to("K")) == ["K"]


def test_a_person_reached_three_ways_shows_all_three_shortest_first():
    three = web(("A", "B"), ("B", "S"), ("C", "S"), ("A", "D"), ("D", "E"), ("E", "S"))
    assert ways(three.chains_to("S")) == ["CS", "ABS", "ADES"]


def test_equally_long_chains_come_oldest_first():
    assert ways(web(("B", "S"), ("A", "S")).chains_to("S")) == ["BS", "AS"]


def test_a_chain_of_twelve_is_followed_to_its_end():
    people = [f"p{n:02}" for n in range(13)]
    long = web(*pairwise(people))
    (chain,) = long.chains_to("p12").chains
    assert chain.people == (ME, *people)


def test_somebody_also_known_directly_has_both_chains():
    both = web(("A", "B"), ("B", "C"), known_directly=["B"])
    assert ways(both.chains_to("C")) == ["BC", "ABC"]


def test_people_who_introduced_each_other_hang_on_the_first_of_them():
    circle = web(("A", "B"), ("B", "A"))
    assert ways(circle.chains_to("A")) == ["A"]
    assert ways(circle.chains_to("B")) == ["AB"]


def test_an_introduction_between_others_is_not_how_i_know_anybody():
    other = Link(ref=1, introducer="A", introducee="B", introduced="C", state=State.MADE)
    assert Web([other], me=ME).people == ()


def test_somebody_who_was_introduced_to_me_came_through_the_introducer_too():
    to_me = Link(ref=1, introducer="A", introducee="B", introduced=ME, state=State.MADE)
    assert ways(Web([to_me], me=ME).chains_to("B")) == ["AB"]


def test_what_was_only_asked_for_is_no_chain_yet_unless_wanted():
    asked = link("A", "B", state=State.ASKED, made_on=None)
    assert Web([asked], me=ME).people == ()
    assert ways(Web([asked], me=ME, made_only=False).chains_to("B")) == ["AB"]


def test_a_closed_introduction_counts_if_it_was_made():
    made = link("A", "B", state=State.CLOSED, outcome=Outcome.NOTHING)
    never = link("C", "D", state=State.CLOSED, outcome=Outcome.DROPPED, made_on=None)
    assert Web([made, never], me=ME).people == ("A", "B")


def test_three_different_people_or_none():
    with pytest.raises(ValueError, match="three different people"):
        link("A", "A")


def test_more_chains_than_asked_for_are_said_to_be_more():
    dense = web(*permutations("ABCDEFG", 2))
    found = dense.chains_to("G", most=5)
    assert (len(found.chains), found.complete) == (5, False)
    assert dense.chains_to("G", most=10_000).complete


def test_the_first_few_of_many_chains_are_the_shortest():
    """The short way in is met last when one walks up without looking ahead."""
    ladder = [
        (a, b) for n in range(24) for a in (f"a{n}", f"b{n}") for b in (f"a{n + 1}", f"b{n + 1}")
    ]
    net = web(*ladder, ("z", "y"), ("y", "a24"))
    found = net.chains_to("a24", most=3)
    assert [len(c.people) for c in found.chains] == [4, 26, 26]
    assert not found.complete


def test_everybody_who_came_through_a_person_at_any_depth():
    found = GEORGE.came_through("A")
    assert [(d.person, d.depth) for d in found] == [
        ("B", 1),
        ("M", 1),
        ("S", 2),
        ("L", 2),
        ("O", 3),
        ("P", 3),
    ]
    assert GEORGE.came_through("O") == ()


def test_an_outcome_thanks_every_introducer_up_the_chain_once():
    diamond = web(("A", "B"), ("A", "C"), ("B", "S"), ("C", "S"))
    assert diamond.thanks_owed("S") == ("B", "C", "A")
    assert diamond.thanks_owed("S", thanked=["A", "B"]) == ("C",)
    assert diamond.thanks_owed("A") == ()


def test_what_hangs_on_whom():
    diamond = web(("A", "B"), ("A", "C"), ("B", "S"), ("C", "S"), ("S", "T"))
    assert diamond.hangs_on("T") == ("A", "S")
    assert diamond.hangs_on("A") == ()
    assert [(h.person, h.people) for h in diamond.holds()] == [("A", 4), ("S", 1)]


def test_a_chain_ends_where_the_first_introduction_ended():
    dead = link("B", "S", 2, state=State.CLOSED, outcome=Outcome.NOTHING)
    chain = Web([link("A", "B"), dead], me=ME).chains_to("S").chains[0]
    found = health(chain)
    assert (found.life, found.at.via) == (Life.ENDED, "B")


def test_a_talk_from_which_nothing_came_is_not_the_end_of_a_chain():
    met = link("A", "B", state=State.CLOSED, outcome=Outcome.NOTHING, met_on=date(2026, 2, 1))
    chain = Web([met], me=ME).chains_to("B").chains[0]
    assert health(chain).life is Life.ALIVE


def test_a_chain_waits_where_it_stalls():
    chain = GEORGE.chains_to("O").chains[0]
    assert health(chain).life is Life.ALIVE
    assert health(chain, stalled=["B-S-3"]).at.to == "S"
    asked = Web(
        [link("A", "B"), link("B", "C", state=State.ASKED)], me=ME, made_only=False
    ).chains_to("C")
    assert health(asked.chains[0]).life is Life.WAITING


def test_the_load_of_an_introducer_counts_the_open_and_the_recent():
    on = date(2026, 6, 30)
    asks = [
        link("A", "B", 1, state=State.ASKED, asked_on=on),
        link("A", "C", 2, state=State.CHECKING, asked_on=date(2026, 4, 2)),
        link("A", "D", 3, state=State.MET, asked_on=date(2026, 4, 1)),
        link("A", "E", 4, state=State.AGREED, asked_on=date(2026, 1, 1)),
        link("B", "F", 5, state=State.ASKED, asked_on=on),
    ]
    assert load(asks, "A", on=on, limit=4) == Load(open=3, recent=2, limit=4)
    assert not load(asks, "A", on=on, limit=4).over
    assert load(asks, "A", on=on, limit=3).over


pairs = st.lists(
    st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF")).filter(lambda p: p[0] != p[1]),
    unique=True,
    max_size=14,
)


def slow_chains(net, person):
    """Every simple way to ``person``, found by walking forward from everybody known directly."""
    found = []

    def walk(path):
        if path[-1] == person:
            found.append(tuple(path))
            return
        for hop in net.introduced_by(path[-1]):
            if hop.to not in path:
                walk([*path, hop.to])

    for start in net.people:
        if net.depth(start) == 0:
            walk([start])
    return found


@given(pairs, st.frozensets(st.sampled_from("ABCDEF"), max_size=2))
def test_the_chains_are_exactly_those_a_slow_walk_finds(arcs, direct):
    net = web(*arcs, known_directly=direct)
    for person in net.people:
        found = net.chains_to(person, most=10_000)
        assert found.complete
        assert sorted(c.people[1:] for c in found.chains) == sorted(slow_chains(net, person))
        lengths = [len(c.people) for c in found.chains]
        assert lengths == sorted(lengths)
        assert lengths[0] == net.depth(person) + 2, "nobody is out of reach"
        for chain in found.chains:
            assert [(h.via, h.to) for h in chain.hops] == list(
                zip(chain.people[1:], chain.people[2:], strict=False)
            )


def test_a_circle_beside_a_chain_shortens_nothing_it_reaches_itself():
    net = web(("A", "B"), ("A", "D"), ("C", "B"), ("D", "A"), ("E", "C"))
    assert ways(net.chains_to("B")) == ["AB", "ECB"]
    assert net.depth("B") == 1


@given(pairs)
def test_what_everything_hangs_on_is_what_all_chains_share(arcs):
    net = web(*arcs)
    held = dict.fromkeys(net.people, 0)
    for person in net.people:
        shared = set.intersection(*(set(c) for c in slow_chains(net, person))) - {person}
        assert set(net.hangs_on(person)) == shared
        for p in shared:
            held[p] += 1
    assert {h.person: h.people for h in net.holds()} == {p: n for p, n in held.items() if n}


def test_five_thousand_people_are_quick_even_with_circles():
    arcs = [(f"p{n // 3}", f"p{n}") for n in range(1, 5000)]
    arcs += [(f"p{n}", f"p{(n * 7) % 500 + 1}") for n in range(1000, 3000) if n % 11]
    arcs = [a for a in arcs if a[0] != a[1]]
    began = process_time()
    net = web(*arcs)
    assert len(net.chains_to("p4999", most=50).chains) >= 1
    assert len(net.came_through("p0")) == 4999
    assert net.holds()[0].person == "p0"
    assert process_time() - began < 2.0
