from itertools import pairwise
from math import isclose, prod
from time import process_time
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from introductions.engine.paths import (
    PER_HOP,
    Network,
    Place,
    Record,
    introducers,
    is_detour,
    routes,
)


def net(ties, people=None):
    src, dst, trust = zip(*ties, strict=True) if ties else ((), (), ())
    return Network.from_arrays(
        np.array(src, int),
        np.array(dst, int),
        np.array(trust, float),
        people=people or 1 + max([0, *src, *dst]),
    )


def uid(n):
    return UUID(int=n << 64 | n)


PEOPLE = 9
ties = st.dictionaries(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(
        lambda p: p[0] != p[1]
    ),
    st.sampled_from([0.125, 0.25, 0.5, 0.75, 0.9, 1.0]),
    max_size=40,
)
some_people = st.frozensets(st.integers(0, PEOPLE - 1), max_size=3)


def slow(ties, source, targets, max_hops, excluded):
    """Every simple way, found by walking: (value, people), best first."""
    targets = targets - {source} - excluded
    if source in excluded:
        return []
    found = []

    def walk(way):
        if way[-1] in targets:
            value = prod(ties[pair] for pair in pairwise(way)) * PER_HOP ** (len(way) - 2)
            found.append((value, tuple(way)))
            return
        if len(way) <= max_hops:
            for giver, taker in ties:
                if giver == way[-1] and taker not in way and taker not in excluded:
                    walk([*way, taker])

    walk([source])
    return sorted(found, key=lambda f: (-f[0], len(f[1])))


@given(ties, some_people, some_people, st.integers(1, 4), st.integers(1, 6))
def test_the_best_ways_are_those_a_slow_walk_finds(ties, targets, excluded, max_hops, most):
    network = net([(*pair, w) for pair, w in ties.items()], PEOPLE)
    every = slow(ties, 0, targets, max_hops, excluded)
    found = routes(
        network, source=0, targets=targets, max_hops=max_hops, most=most, excluded=excluded
    )
    assert len(found) == min(most, len(every))
    assert len({r.people for r in found}) == len(found)
    for route, (value, way) in zip(found, every, strict=False):
        assert isclose(route.value, value, rel_tol=1e-6)
        assert route.hops <= len(way) - 1 or isclose(route.value, value, rel_tol=1e-6)
        assert route.people in {w for _, w in every}


def dense(seed):
    """A crowded graph: many ways share people, so that leaving any of them out shows."""
    rng = np.random.default_rng(seed)
    people, share = int(rng.integers(5, PEOPLE + 1)), rng.uniform(0.3, 0.9)
    return {
        (a, b): float(np.float32(rng.uniform(0.2, 1)))
        for a in range(people)
        for b in range(people)
        if a != b and rng.random() < share
    }


@pytest.mark.parametrize("seed", range(60))
def test_the_best_ways_are_exact_in_a_crowd(seed):
    ties = dense(seed)
    rng = np.random.default_rng(seed)
    targets = frozenset(rng.integers(1, PEOPLE, 1 + seed % 3).tolist())
    excluded = frozenset(rng.integers(1, PEOPLE, seed % 2).tolist())
    network = net([(*pair, w) for pair, w in ties.items()], PEOPLE)
    every = slow(ties, 0, targets, 4, excluded)
    for most in (1, 2, 3, 5, 9, 40, 400):
        found = routes(network, source=0, targets=targets, most=most, excluded=excluded)
        assert [r.people for r in found] == [way for _, way in every[:most]]


@given(ties, some_people, some_people, st.integers(2, 4))
def test_introducers_are_ranked_by_the_best_way_through_each(ties, targets, excluded, max_hops):
    network = net([(*pair, w) for pair, w in ties.items()], PEOPLE)
    records = {n: Record(asked=n, agreed=n // 2) for n in range(PEOPLE)}
    best = {}
    for value, way in slow(ties, 0, targets, max_hops, excluded):
        if len(way) > 2:
            best.setdefault(way[1], value * records[way[1]].willingness)
    found = introducers(
        network,
        source=0,
        targets=targets,
        records=records,
        max_hops=max_hops,
        most=PEOPLE,
        excluded=excluded,
    )
    assert {i.person for i in found} == set(best)
    for i in found:
        assert isclose(i.rank, best[i.person], rel_tol=1e-6)
        assert i.route.people[1] == i.person
        assert len(set(i.route.people)) == len(i.route.people)
        assert isclose(i.route.value * i.record.willingness, i.rank, rel_tol=1e-6)
    assert [i.rank for i in found] == sorted((i.rank for i in found), reverse=True)


# 0 is me; 1 and 2 both know 3.
TWO_WAYS = [(0, 1, 0.9), (1, 3, 0.5), (0, 2, 0.8), (2, 3, 0.6), (3, 0, 1.0)]


@given(ties, some_people, st.integers(2, 4))
def test_beside_a_detour_there_is_a_shorter_way_worth_no_less(ties, targets, max_hops):
    network = net([(*pair, w) for pair, w in ties.items()], PEOPLE)
    every = routes(network, source=0, targets=targets, max_hops=max_hops, most=5000)
    for route in every:
        if is_detour(network, route):
            assert any(
                other.people[1:] == route.people[-len(other.people) + 1 :]
                and len(other.people) < len(route.people)
                and other.value >= route.value * (1 - 1e-6)
                for other in every
            )


def test_a_way_round_to_somebody_known_as_well_is_a_detour():
    def detours(own):
        ties = [(0, 1, 0.8), (1, 2, 0.8), (2, 3, 0.8), (0, 2, own)]
        network = net(ties)
        found = routes(network, source=0, targets=[3])
        return [route.people for route in found if is_detour(network, route)]

    assert detours(own=0.55) == [(0, 1, 2, 3)]
    assert detours(own=0.8 * 0.8 * PER_HOP + 0.001) == [(0, 1, 2, 3)]
    assert detours(own=0.05) == []


def test_reversing_one_trust_value_changes_the_ranking():
    def order(ties):
        return [r.people for r in routes(net(ties), source=0, targets=[3])]

    assert order(TWO_WAYS) == [(0, 2, 3), (0, 1, 3)]
    turned = [(a, b, 1 - w if (a, b) == (2, 3) else w) for a, b, w in TWO_WAYS]
    assert order(turned) == [(0, 1, 3), (0, 2, 3)]


def test_a_good_record_outranks_a_slightly_better_way():
    records = {1: Record(asked=4, agreed=4, open=1), 2: Record(asked=4, agreed=1)}
    found = introducers(net(TWO_WAYS), source=0, targets=[3], records=records)
    assert [i.person for i in found] == [1, 2]
    assert found[0].record.open == 1
    assert [i.person for i in introducers(net(TWO_WAYS), source=0, targets=[3], records={})] == [
        2,
        1,
    ]


@pytest.mark.parametrize(
    ("trusts", "weakest", "why"),
    [
        ((0.2, 0.5, 0.9), (0, 1), Place.OWN),
        ((0.5, 0.2, 0.9), (1, 2), Place.BETWEEN),
        ((0.5, 0.5, 0.2), (2, 3), Place.LAST),
        ((0.5, 0.5, 0.5), (0, 1), Place.NONE),
    ],
)
def test_a_route_names_its_weakest_step_and_where_it_is(trusts, weakest, why):
    (route,) = routes(net([(n, n + 1, w) for n, w in enumerate(trusts)]), source=0, targets=[3])
    assert (route.weakest.giver, route.weakest.taker) == weakest
    assert route.why is why


def test_nobody_who_asked_not_to_be_contacted_is_passed_or_reached():
    network = net(TWO_WAYS)
    found = routes(network, source=0, targets=[3], excluded=[2])
    assert [r.people for r in found] == [(0, 1, 3)]
    assert routes(network, source=0, targets=[3], excluded=[3]) == ()
    assert routes(network, source=0, targets=[3], excluded=[0]) == ()
    assert introducers(network, source=0, targets=[3], records={}, excluded=[1, 2]) == ()


def test_five_hops_are_too_many_and_said_so():
    chain = net([(n, n + 1, 0.9) for n in range(5)])
    assert routes(chain, source=0, targets=[5]) == ()
    assert [r.hops for r in routes(chain, source=0, targets=[4])] == [4]
    with pytest.raises(ValueError, match="max_hops is 5"):
        routes(chain, source=0, targets=[5], max_hops=5)
    with pytest.raises(ValueError, match="most is 0"):
        routes(chain, source=0, targets=[5], most=0)


def test_a_way_to_a_company_ends_at_the_first_person_inside():
    network = net([(0, 1, 0.5), (1, 2, 1.0), (2, 3, 1.0)])
    assert [r.people for r in routes(network, source=0, targets=[2, 3])] == [(0, 1, 2)]


def test_strangers_and_oneself_are_out_of_reach():
    network = net([(0, 1, 0.5)])
    assert routes(network, source=0, targets=[7]) == ()
    assert routes(network, source=7, targets=[1]) == ()
    assert routes(network, source=0, targets=[0]) == ()
    assert routes(network, source=0, targets=[uid(1)]) == ()
    assert routes(net([], people=2), source=0, targets=[1]) == ()


def test_the_strongest_of_several_ties_counts_and_ties_with_oneself_do_not():
    network = net([(0, 1, 0.5), (0, 1, 0.9), (0, 1, 0.2), (1, 1, 1.0)])
    assert network.ties == 1
    assert routes(network, source=0, targets=[1])[0].value == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("tie", "words"),
    [
        ((0, 1, 0.0), "trust must be above 0"),
        ((0, 1, 1.5), "at most 1"),
        ((0, 1, float("nan")), "trust must be above 0"),
        ((0, 5, 0.5), "expected 0 to 1"),
        ((-1, 0, 0.5), "people are -1 to"),
    ],
)
def test_impossible_ties_are_refused_in_words(tie, words):
    with pytest.raises(ValueError, match=words):
        net([tie], people=2)


def test_a_saved_network_answers_the_same_from_memory_mapped_pages(tmp_path):
    rows = [(uid(a), uid(b), w) for a, b, w in TWO_WAYS] + [(uid(256), uid(1), 0.5)]
    built = Network.build(rows)
    built.save(tmp_path / "ana" / "paths.bin")
    loaded = Network.load(tmp_path / "ana" / "paths.bin")
    ask = {"source": uid(0), "targets": [uid(3)]}
    assert routes(loaded, **ask) == routes(built, **ask)
    assert routes(loaded, **ask)[0].people == (uid(0), uid(2), uid(3))
    assert not loaded.out_to.flags.writeable
    assert [p.name for p in (tmp_path / "ana").iterdir()] == ["paths.bin"]


@given(st.lists(st.uuids(), min_size=2, max_size=8, unique=True))
def test_every_person_is_found_again_whatever_the_bytes_of_the_id(ids):
    network = Network.build([(a, b, 0.5) for a, b in pairwise(ids)])
    for person in ids:
        assert network.person(network.index(person)) == person


def test_a_file_that_is_not_a_whole_network_is_refused(tmp_path):
    path = tmp_path / "paths.bin"
    with pytest.raises(FileNotFoundError):
        Network.load(path)
    net(TWO_WAYS).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(ValueError, match="cut short"):
        Network.load(path)
    path.write_bytes(b"NETCRM-0" + whole[8:])
    with pytest.raises(ValueError, match="not a network of this version"):
        Network.load(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="not a network"):
        Network.load(path)


def test_five_ranked_ways_among_five_thousand_people_within_the_budget():
    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 5000, (2, 20_000))
    apart = a != b
    network = Network.from_arrays(a[apart], b[apart], rng.uniform(0.1, 1, apart.sum()), people=5000)
    took = []
    for target in range(1, 60):
        began = process_time()
        found = routes(network, source=0, targets=[target])
        took.append(process_time() - began)
        assert len(found) <= 5
    assert sorted(took)[int(len(took) * 0.95)] < 0.3
