"""Measure the cadence engine: on real messages, against a clock, and in simulation.

    python -m tests.bench.cadence [--data DIR] [--sets enron,rdevel]
                                  [--only messages,speed,simulation]

The message sets are not part of this repository. Without them that part is skipped, in words.
References in brackets are those of the issue and of the design page (cadence.md 3).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from followups.engine import cadence
from followups.engine.sequence import Facts, due
from tests.bench import simulation
from tests.bench.messages import (
    SETS,
    Array,
    MessageSet,
    Questions,
    find,
    health_questions,
    load,
    reply_questions,
)

DEFAULT_DATA = Path(os.environ.get("NETCRM_BENCH_DATA", "../shared/bench/data"))
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

# What the issue asks for.
HEALTH_BAR, REPLY_BAR, MICROSECONDS_BAR, LOAD_BAR = 0.785, 0.706, 50.0, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How well one way of answering did on the held-out questions of one set."""

    name: str
    auc: float  # ranking; higher is better
    brier: float  # probability; lower is better


def auc(happened: npt.NDArray[np.bool_], said: Array) -> float:
    """Return the chance that a question that came true was ranked above one that did not."""
    _, place, count = np.unique(said, return_inverse=True, return_counts=True)
    ranks = np.cumsum(count) - (count - 1) / 2.0
    yes = int(happened.sum())
    no = len(happened) - yes
    return float((ranks[place][happened].sum() - yes * (yes + 1) / 2) / (yes * no))


def fitted(
    features: Array, happened: npt.NDArray[np.bool_], *, steps: int = 40
) -> Callable[[Array], Array]:
    """Return a ridge logistic regression fitted on these questions, as a function of features."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9

    def ready(rows: Array) -> Array:
        return np.column_stack([np.ones(len(rows)), (rows - mean) / spread])

    x, y = ready(features), happened.astype(float)
    weights = np.zeros(x.shape[1])
    for _ in range(steps):
        said = 1.0 / (1.0 + np.exp(-x @ weights))
        slope = x.T @ (said - y) + 0.01 * weights
        curve = (x * (said * (1.0 - said))[:, None]).T @ x + 0.01 * np.eye(len(weights))
        weights -= np.linalg.solve(curve, slope)
    return lambda rows: 1.0 / (1.0 + np.exp(-ready(rows) @ weights))


def scores(asked: Questions, rivals: dict[str, Array]) -> list[Score]:
    held = asked.held_out
    truth = asked.happened[held]
    said = rivals | {"ENGINE": asked.engine, "ENGINE, own intercept": asked.own}
    return [
        Score(
            name=name,
            auc=auc(truth, chance[held]),
            brier=float(np.mean((truth - chance[held]) ** 2)),
        )
        for name, chance in said.items()
    ]


def health_rivals(asked: Questions) -> dict[str, Array]:
    """Return what a member would have otherwise, each fitted inside the set."""
    train = ~asked.held_out
    silence = asked.features[:, 0]
    happened = asked.happened[train]
    edges = np.quantile(silence[train], np.linspace(0.05, 0.95, 37))
    best = max(edges, key=lambda edge: auc(happened, (silence[train] <= edge).astype(float)))
    inside = silence <= best
    rate_in = happened[inside[train]].mean()
    rate_out = happened[~inside[train]].mean()
    columns = {"recency": [0], "logistic RFM, 6 features": [0, 1, 2, 3, 4, 5]}
    return {"best fixed interval": np.where(inside, rate_in, rate_out)} | {
        name: fitted(asked.features[train][:, used], happened)(asked.features[:, used])
        for name, used in columns.items()
    }


def reply_rivals(asked: Questions) -> dict[str, Array]:
    train = ~asked.held_out
    columns = {
        "past reply ratio": [0],
        "reply ratio + gap": [0, 1],
        "with unanswered run": [0, 1, 2],
    }
    return {
        name: fitted(asked.features[train][:, used], asked.happened[train])(asked.features[:, used])
        for name, used in columns.items()
    }


def show_messages(folder: Path, names: list[str]) -> None:
    present = [of for of in SETS if of.name in names and find(folder, of.name)]
    absent = sorted(set(names) - {of.name for of in present})
    if absent:
        print(f"Skipped: no data for {', '.join(absent)} in {folder} (see --data).")
    if not present:
        return
    found: dict[str, list[list[Score]]] = {"health": [], "reply": []}
    for of in present:
        print(f"\n{of.name}")
        for kind, rows in _answer(of, folder).items():
            found[kind].append(rows)
            print(f"  {kind:30s} {'AUC':>6s} {'Brier':>7s}")
            for row in rows:
                print(f"    {row.name:28s} {row.auc:6.3f} {row.brier:7.4f}")
    for kind, bar in (("health", HEALTH_BAR), ("reply", REPLY_BAR)):
        print(f"\nMean of {len(present)} sets, {kind}")
        for rows in zip(*found[kind], strict=True):
            mean = float(np.mean([row.auc for row in rows]))
            brier = float(np.mean([row.brier for row in rows]))
            asked = f"  [asked for: AUC at least {bar}]" if rows[0].name == "ENGINE" else ""
            print(f"    {rows[0].name:28s} {mean:6.3f} {brier:7.4f}{asked}")


def _answer(of: MessageSet, folder: Path) -> dict[str, list[Score]]:
    path = find(folder, of.name)
    if path is None:
        raise FileNotFoundError(f"no {of.name}.csv or {of.name}.csv.gz in {folder}")
    pairs = load(path, of.most_recipients)
    health, reply = health_questions(pairs, of), reply_questions(pairs, of)
    return {
        "health": scores(health, health_rivals(health)),
        "reply": scores(reply, reply_rivals(reply)),
    }


def people(count: int) -> list[Facts]:
    """Return people with a usual past: 14 touches over a year, some silent, all rings."""
    made = []
    for n in range(count):
        touches = []
        for talk in range(7):
            days = 360 - talk * (40 + n % 13) - n % 7
            touches.append(_touch(-days, cadence.Direction.OUT))
            if (talk + n) % 3:
                touches.append(_touch(-days + 1, cadence.Direction.IN))
        tie = cadence.replay(
            touches,
            start=cadence.start(
                at=NOW - timedelta(days=400), stage="met", trust_step=n % 6, ring="ABC"[n % 3]
            ),
        )
        made.append(Facts(tie=tie, rules=cadence.Rules(), touches=tuple(touches)))
    return made


def _touch(day: float, direction: cadence.Direction) -> cadence.Touch:
    return cadence.Touch(at=NOW + timedelta(days=day), direction=direction)


def show_speed() -> None:
    everyone = people(300)
    ties = [facts.tie for facts in everyone]
    blank = cadence.start(at=NOW - timedelta(days=400), stage="met", trust_step=2, ring="B")
    acts: dict[str, Callable[[Facts], object]] = {
        "window": lambda f: cadence.window(f.tie, at=NOW, rules=f.rules),
        "health": lambda f: cadence.health(f.tie, at=NOW),
        "reply chance": lambda f: cadence.reply_chance(f.tie, at=NOW),
        "priority": lambda f: cadence.priority(f.tie, at=NOW, value=1.0),
        "due (all follow-ups)": lambda f: due(f, today=NOW.date()),
        "replay, each touch": lambda f: cadence.replay(f.touches, start=blank),
    }
    print(f"\nTime, microseconds of CPU a contact  [asked for: at most {MICROSECONDS_BAR:.0f}]")
    for name, act in acts.items():
        passes = []
        for _ in range(5):
            began = time.process_time()
            for facts in everyone:
                act(facts)
            passes.append(time.process_time() - began)
        each = sum(len(f.touches) for f in everyone) if "each" in name else len(everyone)
        print(f"    {name:28s} {1e6 * min(passes) / each:6.1f}")
    print(f"\nPrice from the member's week  [asked for: load within {LOAD_BAR:.0%}]")
    for week in (20.0, 40.0, 80.0):
        price = cadence.price_for(ties, at=NOW, touches_per_week=week)
        got = cadence.load_per_week(ties, price=price)
        print(f"    {len(ties)} people, {week:.0f} a week: price {price:6.2f}, load {got:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA)
    parser.add_argument("--sets", default=",".join(of.name for of in SETS))
    parser.add_argument("--only", default="messages,speed,simulation")
    parser.add_argument("--seeds", type=int, default=3, help="of the simulation")
    options = parser.parse_args()
    parts = options.only.split(",")
    if "messages" in parts:
        show_messages(options.data, options.sets.split(","))
    if "speed" in parts:
        show_speed()
    if "simulation" in parts:
        for week in (40.0, 100.0):
            simulation.show(people=600, days=730, week=week, seeds=options.seeds)


if __name__ == "__main__":
    main()
