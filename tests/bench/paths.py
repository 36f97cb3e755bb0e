"""Measure warm paths and the trust rule.

    python3 run.py bench paths [FILE ...] [--edges 2000] [--only paths|trust] [--quick]

Paths: the time of a best way, and of five, of at most four hops, beside NetworkX in the same run.
Trust: ties are hidden and guessed from the rest, on a scale from 0 to 1.  MAE and RMSE are of what
the rule says as it stands; *fitted* is the RMSE after an increasing map, fitted on one half by hash
and judged on the other; AUC is for the more trusted half; *rank* is Spearman's correlation of the
order it puts them in; *says* is the share of ties the rule has anything to say of: where it has
nothing it says the mean of the ties that were never hidden.  The best of each column has a star.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
import zlib
from pathlib import Path

import networkx as nx
import numpy as np

from introductions.engine.paths import PER_HOP, Network, introducers, routes
from tests.bench.trust.networks import LEAST, MADE, Array, Index, Ties, make
from tests.bench.trust.reading import read_csv
from tests.bench.trust.rules import RULES, Known

FOLDS = 10
SAME = 0.0005  # figures that print alike
LEAST_TIES = 50
HIDDEN_AT_ONCE = 0.002  # share of all ties that may be missing while one is guessed
NETWORKX_TIES = 2_000_000  # a graph of more takes gigabytes there
SECONDS = 300.0  # for the questions of one network; what is asked by then is reported


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py bench paths",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", type=Path, nargs="*", help="source, target, weight; .gz too")
    parser.add_argument("--csv", type=Path, nargs="+", default=[], help="the same")
    parser.add_argument("--levels", default="", help="weights that are words, lowest first: a,b,c")
    parser.add_argument("--edges", type=int, default=2000, help="ties hidden of each network")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="for one network's questions"
    )
    parser.add_argument("--only", choices=["paths", "trust"])
    parser.add_argument("--quick", action="store_true", help="small networks, few questions")
    args = parser.parse_args(argv)
    levels = [word for word in args.levels.split(",") if word.strip()]
    failed = False
    files = [*args.files, *args.csv]
    for path in files:
        try:
            ties = read_csv(path, levels=levels)
            if args.only != "paths":
                require_something_to_guess(ties)
        except (OSError, EOFError, ValueError, csv.Error, zlib.error) as error:
            where = "" if path.name in str(error) else f"{path}: "
            print(f"bench paths: {where}{error}", file=sys.stderr)
            failed = True
            continue
        measure(ties, args)
    if not files:
        if args.only != "trust":
            measure_paths(quick=args.quick)
        if args.only != "paths":
            for name in ["small"] if args.quick else list(MADE):
                measure_trust(make(name, MADE[name]), 200 if args.quick else args.edges)
    return 2 if failed else 0


def require_something_to_guess(ties: Ties) -> None:
    if len(ties.src) < LEAST_TIES:
        raise ValueError(f"{ties.name}: {len(ties.src)} ties; at least {LEAST_TIES} are needed")
    if ties.weight.min() == ties.weight.max():
        raise ValueError(f"{ties.name}: every tie weighs the same, so there is nothing to guess")


def measure(ties: Ties, args: argparse.Namespace) -> None:
    """Everything about one network of a file: times of ways, then what the rules guess."""
    if args.only != "trust":
        network = ties.network(np.ones(len(ties.src), dtype=bool))
        print(f"\n{ties.name}: {ties.people:,} people, {len(ties.src):,} ties")
        ask(network, np.random.default_rng(1), quick=args.quick)
    if args.only != "paths":
        measure_trust(ties, 200 if args.quick else args.edges, seconds=args.seconds)


def measure_paths(*, quick: bool) -> None:
    sizes = [("one member", 30_000, 90_000), ("group", 106_000, 397_000)]
    if quick:
        sizes = [("one member", 3_000, 9_000)]
    rng = np.random.default_rng(1)
    for name, people, ties in sizes:
        giver, taker, trust = grow(people, ties, rng)
        began = time.perf_counter()
        network = Network.from_arrays(giver, taker, trust, people=people)
        built = time.perf_counter() - began
        print(
            f"\n{name}: {people:,} people, {ties:,} ties both ways; built in {built:.2f} s, "
            f"{16 * network.ties / 1e6:.0f} MB"
        )
        ask(network, rng, quick=quick)


def ask(network: Network, rng: np.random.Generator, *, quick: bool) -> None:
    """Print how long a way takes to a person and to a company, beside NetworkX."""
    sources = np.flatnonzero(np.diff(network.out_start))
    print(f"  {'milliseconds':38s}{'median':>9s}{'p95':>9s}{'most':>9s}")
    graph = _networkx(network) if network.ties <= NETWORKX_TIES else None
    for inside, label in ((1, "to a person"), (150, "to a company of 150")):
        asks = [
            (int(rng.choice(sources)), [int(t) for t in rng.choice(sources, inside)])
            for _ in range(20 if quick else 200)
        ]
        reached = np.mean([bool(routes(network, source=s, targets=t)) for s, t in asks])
        print(f"  {label}: {reached:.0%} have a way of at most four hops")
        for most in (1, 5):
            _print_times(
                f"  {'best' if most == 1 else 'five best'}",
                [_time(routes, network, s, t, most=most) for s, t in asks],
            )
        _print_times(
            "  whom to ask first",
            [_time(introducers, network, s, t, records={}) for s, t in asks],
        )
        if graph is None:
            print(f"    NetworkX: left out above {NETWORKX_TIES:,} ties, for want of memory")
            continue
        _print_times(
            "  NetworkX best, any hops",
            [_time_networkx(graph, s, t) for s, t in asks[: 5 if quick else 15]],
        )


def grow(people: int, ties: int, rng: np.random.Generator) -> tuple[Index, Index, Array]:
    """Ties both ways with uneven degrees, half of them within a workplace of a hundred or so."""
    fame = np.arange(1, people + 1) ** -0.7
    rng.shuffle(fame)
    a = rng.choice(people, ties, p=fame / fame.sum())
    near = (a + rng.integers(1, 100, ties)) % people
    b = np.where(rng.random(ties) < 0.5, near, rng.choice(people, ties, p=fame / fame.sum()))
    apart = a != b
    a, b = a[apart], b[apart]
    trust = rng.beta(2, 3, 2 * len(a)) * 0.98 + 0.01
    return np.concatenate((a, b)), np.concatenate((b, a)), trust


def _time(ask, network, source, targets, **more) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    ask(network, source=source, targets=targets, **more)
    return (time.perf_counter() - began) * 1000


def _networkx(network: Network) -> nx.DiGraph:
    graph = nx.DiGraph()
    src = np.repeat(np.arange(network.people), np.diff(network.out_start))
    cost = -np.log(network.out_trust.astype(float) * PER_HOP)
    graph.add_weighted_edges_from(
        zip(src.tolist(), network.out_to.tolist(), cost.tolist(), strict=True)
    )
    return graph


def _time_networkx(graph: nx.DiGraph, source: int, targets: list[int]) -> float:
    """The best way by NetworkX, which knows no limit of hops: to a person by its two-sided search,
    to a company by one search from the source to an end that all its people are tied to."""
    began = time.perf_counter()
    end = targets[0]
    try:
        if len(targets) == 1:
            nx.bidirectional_dijkstra(graph, source, end)
        else:
            graph.add_weighted_edges_from((t, "company", 0.0) for t in targets)
            nx.dijkstra_path(graph, source, "company")
    except nx.NetworkXNoPath:
        pass
    took = (time.perf_counter() - began) * 1000
    if "company" in graph:
        graph.remove_node("company")
    return took


def _print_times(label: str, took: list[float]) -> None:
    middle, p95 = np.quantile(took, [0.5, 0.95])
    print(f"  {label:38s}{middle:9.2f}{p95:9.2f}{max(took):9.2f}", flush=True)


def measure_trust(ties: Ties, edges: int, *, seconds: float = SECONDS) -> None:
    """Print how well each rule guesses hidden ties, and how many of them it can say something of.

    All rules are asked about the same ties, one after another until the time is over.
    """
    hidden = ties.asked(min(edges, max(1, len(ties.src) // 5)))
    rounds = -(-len(hidden) // max(1, int(HIDDEN_AT_ONCE * len(ties.src))))
    folds = min(FOLDS, rounds, len(hidden))
    guesses: dict[str, list[float]] = {name: [] for name in RULES}
    answered = dict.fromkeys(RULES, 0)
    spent = dict.fromkeys(RULES, 0.0)
    asked: list[int] = []
    never = np.ones(len(ties.src), dtype=bool)
    never[hidden] = False
    mean = float(np.maximum(ties.weight[never], LEAST).mean())
    for fold in range(folds):
        mine = hidden[fold::folds]
        keep = np.ones(len(ties.src), dtype=bool)
        keep[mine] = False
        known = Known(ties.network(keep))
        began = time.perf_counter()
        for tie in mine:
            if time.perf_counter() - began > seconds / folds:
                break
            asked.append(int(tie))
            for name, rule in RULES.items():
                started = time.perf_counter()
                guess = rule(known, int(ties.src[tie]), int(ties.dst[tie]))
                spent[name] += time.perf_counter() - started
                answered[name] += guess is not None
                guesses[name].append(mean if guess is None else guess)
    truth = ties.weight[asked]
    print(
        f"\n{ties.name}: {ties.people:,} people, {len(ties.src):,} ties, {len(asked):,} hidden; "
        f"spread {truth.std():.3f} of the range"
    )
    if len(asked) < len(hidden):
        print(f"  {len(hidden) - len(asked):,} more were not asked: the time was over")
    high = truth >= even_cut(truth)
    figures = {
        name: (
            float(np.abs(np.array(said) - truth).mean()),
            float(np.sqrt(((np.array(said) - truth) ** 2).mean())),
            calibrated_rmse(np.array(said), truth),
            auc(high, np.array(said)),
            rank_correlation(np.array(said), truth),
        )
        for name, said in guesses.items()
    }
    columns = list(zip(*figures.values(), strict=True))
    best = [min(column) for column in columns[:3]] + [max(column) for column in columns[3:]]
    heads = "".join(f"{h:>9s}" for h in ("MAE ", "RMSE ", "fitted ", "AUC ", "rank "))
    print(f"  {'':30s}{heads}{'says':>7s}{'ms':>8s}")
    for name, row in figures.items():
        cells = "".join(
            f"{figure:8.3f}{'*' if abs(figure - most) < SAME else ' '}"
            for figure, most in zip(row, best, strict=True)
        )
        share = answered[name] / len(asked)
        ms = 1000 * spent[name] / len(asked)
        print(f"  {name:30s}{cells}{share:7.0%}{ms:8.2f}", flush=True)
    norms = known.norms
    print(
        f"  learnt: habits drawn by {norms.habit_draw:.1f}, standings by {norms.standing_draw:.1f}"
        f" ties; mutual {norms.mutual:.2f}, local {norms.local:.2f}, "
        f"near {norms.near[0]:.2f} and {norms.near[1]:.2f}"
    )


def even_cut(value: Array) -> float:
    """The level that splits the values most evenly into below and at least."""
    levels = np.unique(value)[1:]
    if not len(levels):
        return float(value[0])
    below = np.searchsorted(np.sort(value), levels)
    return float(levels[np.argmin(np.abs(below - len(value) / 2))])


def auc(high: np.ndarray, guess: Array) -> float:  # type: ignore[type-arg]
    """The chance that a high one is guessed above a low one; ties count half."""
    rank = _places(guess)
    n_high, n_low = int(high.sum()), int((~high).sum())
    if not n_high or not n_low:
        return float("nan")
    return float((rank[high].sum() - n_high * (n_high + 1) / 2) / (n_high * n_low))


def rank_correlation(guess: Array, truth: Array) -> float:
    """Spearman's: of the places, equal values sharing theirs; 0 where either says one thing."""
    places = [_places(one) for one in (guess, truth)]
    if any(place.std() == 0 for place in places):
        return 0.0
    return float(np.corrcoef(*places)[0, 1])


def _places(value: Array) -> Array:
    """From 1, lowest first, the mean place for equal values."""
    _, inverse, count = np.unique(value, return_inverse=True, return_counts=True)
    places: Array = (np.cumsum(count) - (count - 1) / 2)[inverse]
    return places


def calibrated_rmse(guess: Array, truth: Array) -> float:
    """The error after the best increasing map, fitted on one half and judged on the other."""
    half = np.arange(len(truth)) // FOLDS % 2 == 0
    mapped = np.zeros(len(truth))
    for fit in (half, ~half):
        mapped[~fit] = increasing(guess[fit], truth[fit], guess[~fit])
    return float(np.sqrt(np.mean((mapped - truth) ** 2)))


def increasing(x: Array, y: Array, at: Array) -> Array:
    """Isotonic regression of y on x by pooling neighbours that fall, read off between its steps."""
    place, inverse, count = np.unique(x, return_inverse=True, return_counts=True)
    pools: list[list[float]] = []  # sum, number, sum of places
    for total, n, where in zip(np.bincount(inverse, y), count, place * count, strict=True):
        pools.append([float(total), float(n), float(where)])
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] >= pools[-1][0] / pools[-1][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    middle = np.array([p[2] / p[1] for p in pools])
    level = np.array([p[0] / p[1] for p in pools])
    return np.interp(at, middle, level)


if __name__ == "__main__":
    sys.exit(main())
