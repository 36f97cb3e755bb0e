from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from math import isclose, prod, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from introductions.engine.expectation import (
    ALONE,
    BY_STEP,
    GROUP_WEIGHT,
    PER_HOP,
    Direct,
    Mostly,
    Norms,
    Prior,
    Witness,
    expectation,
    fade,
    learn,
    prior,
    witnesses,
)
from introductions.engine.paths import Network, routes

DAY = date(2026, 11, 17)


def net(ties, people=None):
    src, dst, trust = zip(*ties, strict=True)
    return Network.from_arrays(
        np.array(src), np.array(dst), np.array(trust, float), people=people or 1 + max(*src, *dst)
    )


def witness(says, weight, name=1):
    return Witness(path=(0, name), says=says, weight=weight)


units = st.floats(0, 1)
direct = st.builds(Direct, good=st.floats(0, 50), bad=st.floats(0, 50))
some = st.lists(st.builds(witness, units, st.floats(0.01, 1)), max_size=12)
priors = st.builds(Prior, value=units, weight=st.floats(0.1, 10))


def test_the_formula_with_everything_in_it():
    found = expectation(
        direct=Direct(good=3, bad=1),
        witnesses=[witness(1.0, 0.5), witness(0.5, 0.25)],
        prior=Prior(value=0.4, weight=2),
    )
    trust_in_words = 4 / 8
    top = 2 * 0.4 + trust_in_words * (0.5 * 1.0 + 0.25 * 0.5) + 3
    bottom = 2 + trust_in_words * 0.75 + 4
    assert found.value == pytest.approx(top / bottom)
    assert found.shares.direct == pytest.approx(4 / bottom)
    assert found.shares.witnesses == pytest.approx(0.375 / bottom)


def test_alone_and_without_any_evidence_it_is_an_even_chance():
    found = expectation()
    assert (found.value, found.shares.prior) == (ALONE.value, 1.0)


@pytest.mark.parametrize(
    ("good", "weights", "mostly"),
    [
        (0, [], Mostly.USUAL),
        (0, [0.2], Mostly.USUAL),
        (0, [0.9, 0.3], Mostly.ONE_WORD),
        (0, [0.4, 0.3, 0.3], Mostly.WORDS),
        (1, [0.4, 0.3, 0.3], Mostly.TOGETHER),
    ],
)
def test_the_largest_share_is_said_in_words(good, weights, mostly):
    said = [witness(0.5, weight, name) for name, weight in enumerate(weights, 1)]
    assert expectation(direct=Direct(good=good), witnesses=said).mostly is mostly


def test_the_witnesses_together_weigh_at_most_five():
    found = expectation(witnesses=[witness(1.0, 1.0)] * 40, prior=Prior(value=0.0, weight=5))
    assert found.value == pytest.approx(0.5)


def test_nothing_at_all_is_refused():
    with pytest.raises(ValueError, match="say nothing"):
        expectation(prior=Prior(value=0.5, weight=0))
    with pytest.raises(ValueError, match="expected at least 0"):
        Direct(good=-1)


@given(direct, some, priors)
def test_it_stays_between_0_and_1_and_its_shares_add_up(direct, said, prior):
    found = expectation(direct=direct, witnesses=said, prior=prior)
    assert -1e-9 <= found.value <= 1 + 1e-9
    shares = found.shares
    assert isclose(shares.direct + shares.witnesses + shares.prior, 1)


@given(direct, some, priors)
def test_more_good_evidence_never_lowers_it_and_more_bad_never_raises_it(direct, said, prior):
    """With words that say the same as the prior; words that fade may let it move either way."""
    said = [witness(prior.value, w.weight) for w in said]
    now = expectation(direct=direct, witnesses=said, prior=prior).value
    better = Direct(good=direct.good + 1, bad=direct.bad)
    worse = Direct(good=direct.good, bad=direct.bad + 1)
    assert expectation(direct=better, witnesses=said, prior=prior).value >= now - 1e-9
    assert expectation(direct=worse, witnesses=said, prior=prior).value <= now + 1e-9


@given(some, priors)
def test_direct_evidence_takes_over_as_it_grows(said, prior):
    shares = [
        expectation(direct=Direct(good=n), witnesses=said, prior=prior).shares.direct
        for n in (0, 1, 4, 16, 64)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > 0.8


def test_each_event_counts_half_after_a_half_life_and_not_before_its_day():
    events = [
        (DAY, True),
        (DAY - timedelta(days=100), True),
        (DAY - timedelta(days=200), False),
        (DAY + timedelta(days=1), False),
    ]
    found = fade(events, at=DAY, half_life_days=100)
    assert (found.good, found.bad) == (1.5, 0.25)


def test_a_higher_step_is_worth_more_before_any_evidence():
    assert list(BY_STEP) == sorted(set(BY_STEP))
    assert len(BY_STEP) == 6


# 0 asks about 5; 1 knows 5 and is known to 0 directly and through 2.
KNOWN = [(0, 1, 0.25), (0, 2, 1.0), (2, 1, 0.81), (1, 5, 0.6), (0, 5, 0.9), (3, 5, 0.2), (2, 4, 1)]


def test_each_witness_is_heard_once_by_the_best_chain_to_them():
    (found,) = witnesses(net(KNOWN), 0, 5)
    assert found.path == (0, 1)
    assert found.weight == pytest.approx(sqrt(0.25))
    assert found.says == pytest.approx(0.6)
    longer = [(a, b, 0.04 if (a, b) == (0, 1) else w) for a, b, w in KNOWN]
    (found,) = witnesses(net(longer), 0, 5)
    assert found.path == (0, 2, 1)
    assert found.weight == pytest.approx(sqrt(0.81) * PER_HOP)


def test_the_hidden_tie_is_never_used():
    found = witnesses(net(KNOWN), 0, 5)
    assert found == witnesses(net([t for t in KNOWN if t[:2] != (0, 5)]), 0, 5)


def test_there_is_no_witness_beyond_three_hops_or_among_strangers():
    chain = net([(n, n + 1, 0.9) for n in range(5)])
    assert [w.path for w in witnesses(chain, 0, 4)] == [(0, 1, 2, 3)]
    assert witnesses(chain, 0, 5) == ()
    assert witnesses(chain, 0, 4, max_hops=2) == ()
    assert witnesses(chain, 0, 77) == ()
    assert witnesses(chain, 3, 3) == ()
    with pytest.raises(ValueError, match="max_hops is 4"):
        witnesses(chain, 0, 4, max_hops=4)


PEOPLE = 8
ties = st.dictionaries(
    st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)).filter(
        lambda p: p[0] != p[1]
    ),
    st.sampled_from([0.125, 0.25, 0.5, 0.75, 1.0]),
    min_size=1,
    max_size=30,
)


def crowd(seed):
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(PEOPLE) for b in range(PEOPLE) if a != b]
    return {p: float(rng.uniform(0.05, 1)) for p in pairs if rng.random() < 0.2 + seed % 3 / 4}


@given(ties | st.integers(0, 500).map(crowd))
def test_the_witnesses_are_those_a_slow_walk_finds(ties):
    best = {}

    def walk(way):
        product = prod(ties[p] for p in pairwise(way))
        weight = sqrt(product) * PER_HOP ** (len(way) - 2) if len(way) > 1 else 0
        if (way[-1], 5) in ties and way[-1] != 0:
            best[way[-1]] = max(best.get(way[-1], 0), weight)
        if len(way) <= 3:
            for giver, taker in ties:
                if giver == way[-1] and taker not in way and taker != 5:
                    walk([*way, taker])

    walk([0])
    found = witnesses(net([(*p, w) for p, w in ties.items()], PEOPLE), 0, 5)
    assert {w.path[-1] for w in found} == set(best)
    for w in found:
        assert isclose(w.weight, best[w.path[-1]], rel_tol=1e-6)
        product = prod(ties[p] for p in pairwise(w.path))
        assert isclose(w.weight, sqrt(product) * PER_HOP ** (len(w.path) - 2), rel_tol=1e-6)
    assert [w.weight for w in found] == sorted((w.weight for w in found), reverse=True)


def grown(*, mutual=0.0, seed=3, people=60, habit=0.15, standing=0.15):
    """A group in which trust is mean + habit + standing + noise, the noise partly returned."""
    rng = np.random.default_rng(seed)
    habits, standings = rng.normal(0, habit, people), rng.normal(0, standing, people)
    noise = rng.normal(0, 0.08, (people, people))
    noise = np.where(
        np.triu(np.ones_like(noise)) > 0,
        noise,
        mutual * noise.T + np.sqrt(1 - mutual**2) * noise,
    )
    pairs = [(u, v) for u in range(people) for v in range(people) if u != v]
    pairs = [pairs[n] for n in rng.permutation(len(pairs))[: people * 15]]
    value = np.array([0.5 + habits[u] + standings[v] + noise[u, v] for u, v in pairs])
    return [(u, v, w) for (u, v), w in zip(pairs, value.clip(0.01, 1), strict=True)], (
        habits,
        standings,
    )


def test_norms_find_who_is_generous_and_who_is_well_seen():
    rows, (habits, standings) = grown()
    norms = learn(net(rows, 60))
    assert np.corrcoef(norms.habit, habits)[0, 1] > 0.95
    assert np.corrcoef(norms.standing, standings)[0, 1] > 0.95
    assert norms.habit_draw < 5
    assert norms.standing_draw < 5


def test_norms_find_how_mutual_trust_is():
    assert learn(net(grown(mutual=0.0)[0], 60)).mutual < 0.15
    assert learn(net(grown(mutual=0.8)[0], 60)).mutual > 0.5


def test_habits_that_do_not_exist_are_drawn_to_nothing():
    norms = learn(net(grown(habit=0.0)[0], 60))
    assert norms.habit_draw > 10
    assert np.abs(norms.habit).max() < 0.06


def test_a_group_too_small_to_say_keeps_the_usual_values():
    norms = learn(net([(0, 1, 0.5)], 2))
    assert (norms.mutual, norms.local, norms.near) == (0.3, 0.5, (0.0, 0.0))
    empty = Network.from_arrays(np.array([], int), np.array([], int), np.array([]), people=3)
    assert prior(empty, learn(empty), 0, 1) == Prior(value=0.5, weight=GROUP_WEIGHT)


def test_the_prior_uses_the_tie_back_and_not_the_tie_itself():
    rows, _ = grown(mutual=0.8)
    both = {(u, v) for u, v, _ in rows}
    u, v = next(pair for pair in both if pair[::-1] in both)

    def guess(pair, trust):
        network = net([(a, b, trust if (a, b) == pair else w) for a, b, w in rows], 60)
        return prior(network, learn(network), u, v).value

    assert guess((v, u), 1.0) > guess((v, u), 0.1) + 0.2
    assert guess((u, v), 1.0) == pytest.approx(guess((u, v), 0.1), abs=0.02)


def test_leaving_a_tie_out_of_the_norms_is_as_good_as_learning_without_it():
    rows, _ = grown(mutual=0.5)
    norms = learn(net(rows, 60))
    for n in range(0, 900, 180):
        u, v, _ = rows[n]
        without = net([r for r in rows if r[:2] != (u, v)], 60)
        assert prior(net(rows, 60), norms, u, v).value == pytest.approx(
            prior(without, learn(without), u, v).value, abs=0.012
        )


def test_a_word_is_corrected_for_the_habit_of_who_speaks():
    rows, _ = grown()
    network = net(rows, 60)
    norms = learn(network)
    u, v = 0, 1
    plain = {w.path[-1]: w.says for w in witnesses(network, u, v, norms=None)}
    fair = {w.path[-1]: w.says for w in witnesses(network, u, v, norms=norms)}
    habits = np.array([norms.habit[b] for b in plain])
    assert np.corrcoef(list(plain.values()), habits)[0, 1] > 0.5
    slope = np.polyfit(habits, [fair[b] for b in plain], 1)[0]
    assert abs(slope) < 0.2 * np.polyfit(habits, list(plain.values()), 1)[0]


def camps(*, seed=5, people=90, count=3, outside=0.25):
    """A group in which whoever is of one's own camp is trusted more, whoever asks and is asked."""
    rng = np.random.default_rng(seed)
    camp = np.arange(people) % count
    pairs = [(u, v) for u in range(people) for v in range(u + 1, people)]
    chosen = [p for p in pairs if rng.random() < (0.25 if camp[p[0]] == camp[p[1]] else 0.08)]
    noise = rng.normal(0, 0.05, len(chosen))
    return [
        (u, v, float(np.clip((0.85 if camp[u] == camp[v] else outside) + e, 0.01, 1)))
        for (u, v), e in zip(chosen, noise, strict=True)
    ], camp


def test_where_camps_trust_their_own_nearness_is_learnt_and_tells_them_apart():
    rows, camp = camps()
    network = net(rows, 90)
    norms = learn(network)
    assert sum(norms.near) > 0.2
    tied = {(u, v) for u, v, _ in rows}
    pairs = [(u, v) for u in range(90) for v in range(u + 1, 90) if (u, v) not in tied]
    own = np.array([camp[u] == camp[v] for u, v in pairs])

    def gap(norms):
        guesses = np.array([prior(network, norms, u, v).value for u, v in pairs])
        return guesses[own].mean() - guesses[~own].mean()

    assert gap(norms) > 0.07
    assert abs(gap(replace(norms, near=(0.0, 0.0)))) < 0.03


def test_where_camps_do_not_matter_nearness_is_next_to_nothing():
    assert sum(learn(net(camps(outside=0.85)[0], 90)).near) < 0.05
    assert sum(learn(net(grown()[0], 60)).near) < 0.1


@given(ties | st.integers(0, 300).map(crowd), st.sampled_from([0, 1]))
def test_nearness_is_the_worth_of_the_best_way_as_routes_are_ordered(ties, measure):
    ties = {pair: w for pair, w in ties.items() if set(pair) != {0, 5}} | {(1, 2): 0.5}
    network = net([(*p, w) for p, w in ties.items()], PEOPLE)
    nothing = np.zeros(PEOPLE)
    norms = Norms(
        mean=0.0,
        habit=nothing,
        standing=nothing,
        habit_draw=1.0,
        standing_draw=1.0,
        near=(1.0, 0.0) if measure == 0 else (0.0, 1.0),
    )
    found = routes(network, source=0, targets=[5], most=100)
    products = [prod(s.trust for s in route.steps) for route in found]
    best = max([route.value for route in found] if measure == 0 else products, default=0.0)
    assert prior(network, norms, 0, 5).value == pytest.approx(best, rel=1e-6)


def test_learning_twice_gives_the_same_norms():
    network = net(grown(mutual=0.5)[0], 60)
    one, two = learn(network), learn(network)
    assert (one.mutual, one.local, one.near) == (two.mutual, two.local, two.near)
    assert np.array_equal(one.habit, two.habit)
