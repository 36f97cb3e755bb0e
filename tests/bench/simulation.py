"""Two years of a member with too little time, in worlds the engine does not know.

Each person forgets and takes offence by laws and numbers of their own, hidden from every policy
but the omniscient one. A policy sees what a member would: who was written to, who answered, which
ring they are in. The member writes to at most so many people a working day.

    python -m tests.bench.simulation [--people 600] [--years 2] [--weeks 40,100] [--seeds 3]

Warmth is between 0 and 1 and is averaged over the last year, weighted by how much a person
matters. Annoyance is averaged likewise. People are lost when they are annoyed beyond their
patience, for good; forgotten when their warmth is below a twentieth at the end.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from followups.engine import cadence
from followups.engine.values import Ring

START = datetime(2026, 1, 5, 12, tzinfo=UTC)  # a Monday
FORGOTTEN = 0.05
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How people forget and what annoys them."""

    name: str
    power_law: bool = False  # forgetting as a power of time instead of exponential
    annoyed_by_gap: float = 1.0  # by a message much too soon
    annoyed_by_silence: float = 0.15  # by another message after each one they left unanswered
    calms_days: float = 60.0  # until annoyance is a third
    missed: float = 0.15  # share of messages that are never noticed


WORLDS = (
    World(name="exponential"),
    World(name="power law", power_law=True),
    World(name="touchy", annoyed_by_gap=2.0, annoyed_by_silence=0.3, calms_days=90.0),
)


@dataclass(slots=True)
class People:
    """Everybody's hidden traits (one row each) and how they stand today."""

    rings: list[Ring]
    value: Array
    memory_days: Array
    comfortable_days: Array  # a gap shorter than this is too short
    openness: Array  # chance of an answer when warm and not annoyed
    patience: Array
    initiative: Array  # messages of their own a day when warm
    warmth: Array
    annoyance: Array
    lost: npt.NDArray[np.bool_]
    run: Array  # unanswered in a row
    last: Array  # day of the last contact
    since_boost: Array  # days since warmth was last raised
    boosted_to: Array

    @classmethod
    def drawn(cls, count: int, random: np.random.Generator) -> People:
        rings = random.choice([0, 1, 2], size=count, p=[0.1, 0.3, 0.6])
        names = (Ring.A, Ring.B, Ring.C)
        warmth = random.beta(2, 2, count)
        return cls(
            rings=[names[i] for i in rings],
            value=np.array([cadence.RING_VALUE[names[i].value] for i in rings]),
            memory_days=90.0 * np.exp(random.normal(0.0, 0.6, count)),
            comfortable_days=21.0 * np.exp(random.normal(0.0, 0.6, count)),
            openness=random.beta(1.2, 1.0, count),
            patience=1.0 + random.exponential(0.8, count),
            initiative=random.exponential(0.004, count),
            warmth=warmth,
            annoyance=np.zeros(count),
            lost=np.zeros(count, bool),
            run=np.zeros(count),
            last=-random.integers(1, 200, count).astype(float),
            since_boost=np.zeros(count),
            boosted_to=warmth.copy(),
        )

    def pass_a_day(self, world: World) -> None:
        self.since_boost += 1.0
        x = self.since_boost / self.memory_days
        kept = (1.0 + x) ** -1.2 if world.power_law else np.exp(-x)
        self.warmth = np.where(self.lost, 0.0, self.boosted_to * kept)
        self.annoyance *= np.exp(-1.0 / world.calms_days)

    def raise_warmth(self, i: int, share: float) -> None:
        self.warmth[i] += share * (1.0 - self.warmth[i])
        self.boosted_to[i], self.since_boost[i] = self.warmth[i], 0.0

    def written_to(self, i: int, day: int, world: World, random: np.random.Generator) -> bool:
        """Take a message; return whether it is answered (the same day, as most are)."""
        if self.lost[i]:
            return False
        if random.random() < world.missed:
            return False
        short = max(0.0, 1.0 - (day - self.last[i]) / self.comfortable_days[i])
        self.annoyance[i] += (
            world.annoyed_by_gap * short * short + world.annoyed_by_silence * self.run[i]
        )
        self.last[i] = day  # the last message they noticed
        if self.annoyance[i] > self.patience[i]:
            self.lost[i] = True
            return False
        likely = self.openness[i] * (0.5 + 0.5 * self.warmth[i]) * np.exp(-self.annoyance[i])
        answered = bool(random.random() < likely)
        self.raise_warmth(i, 0.7 if answered else 0.1)
        self.run[i] = 0.0 if answered else self.run[i] + 1.0
        return answered

    def writers(self, random: np.random.Generator) -> Iterable[int]:
        """Return who writes of their own accord today."""
        chance = np.where(self.lost, 0.0, self.initiative * self.warmth)
        return np.flatnonzero(random.random(len(chance)) < chance).tolist()


class Policy:
    """Chooses whom to write to; sees contacts and answers only."""

    name = ""

    def begin(self, people: People, week: float, world: World) -> None:
        self.last = people.last.copy()
        self.rings = people.rings

    def wanted(self, day: int) -> list[int]:
        """Return everybody worth a message today, most wanted first."""
        raise NotImplementedError

    def heard(self, i: int, day: int) -> None:
        self.last[i] = day

    def wrote(self, i: int, day: int, answered: bool) -> None:
        self.last[i] = day


class Fixed(Policy):
    """The same number of days for everyone; the longest waiting first."""

    def __init__(self, days: float) -> None:
        self.name, self.days = f"fixed {days:.0f} d", days

    def gaps(self) -> Array:
        return np.full(len(self.last), self.days)

    def wanted(self, day: int) -> list[int]:
        over = day - self.last - self.gaps()
        due = np.flatnonzero(over >= 0.0)
        return due[np.argsort(-over[due], kind="stable")].tolist()


class FixedResting(Fixed):
    """The same, resting people for eight weeks after two unanswered, then twice as long."""

    def __init__(self, days: float) -> None:
        super().__init__(days)
        self.name = f"{self.name}, with rests"

    def begin(self, people: People, week: float, world: World) -> None:
        super().begin(people, week, world)
        self.run = np.zeros(len(self.last))

    def gaps(self) -> Array:
        rest = 56.0 * 2.0 ** np.clip(self.run - 2, 0, 5)
        return np.where(self.run >= 2, np.maximum(rest, self.days), self.days)

    def heard(self, i: int, day: int) -> None:
        super().heard(i, day)
        self.run[i] = 0

    def wrote(self, i: int, day: int, answered: bool) -> None:
        super().wrote(i, day, answered)
        self.run[i] = 0 if answered else self.run[i] + 1


class Tiers(Fixed):
    """Days by ring, as tags are commonly used: three weeks, two months, four months."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.name = "tag tiers 21/60/120 d"

    def gaps(self) -> Array:
        days = {Ring.A: 21.0, Ring.B: 60.0, Ring.C: 120.0}
        return np.array([days[ring] for ring in self.rings])


class OwnMeanGap(Fixed):
    """The mean gap there has been so far: the reminder that sets itself."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.name = "own mean gap"

    def begin(self, people: People, week: float, world: World) -> None:
        super().begin(people, week, world)
        self.total, self.count = np.full(len(self.last), 60.0), np.ones(len(self.last))

    def gaps(self) -> Array:
        return self.total / self.count

    def heard(self, i: int, day: int) -> None:
        self.total[i] += day - self.last[i]
        self.count[i] += 1
        super().heard(i, day)

    def wrote(self, i: int, day: int, answered: bool) -> None:
        self.heard(i, day)


class Omniscient(Fixed):
    """The interval that keeps each person warmest, found by living with every interval first.

    Each person's two years are lived at each interval, in the same world and without the limit
    of a week; then every person gets the interval that is worth its messages at the price at
    which all of them fit the week. It knows everything but the throw of the dice.
    """

    TRIED_DAYS = (10.0, 14.0, 21.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 270.0, 400.0, 800.0)

    def __init__(self) -> None:
        super().__init__(0.0)
        self.name = "omniscient interval"

    def begin(self, people: People, week: float, world: World) -> None:
        super().begin(people, week, world)
        tried = np.array(self.TRIED_DAYS)
        worth = people.value * np.array([_warmth_at(gap, people, world) for gap in tried])
        low, high = 1e-6, 1e3
        for _ in range(60):
            price = np.sqrt(low * high)
            best = np.argmax(worth - price * 7.0 / tried[:, None], axis=0)
            low, high = (price, high) if (7.0 / tried[best]).sum() > week else (low, price)
        self.chosen = tried[best]

    def gaps(self) -> Array:
        return self.chosen

    def wanted(self, day: int) -> list[int]:
        late = (day - self.last) / self.chosen
        due = np.flatnonzero(late >= 1.0)
        return due[np.argsort(-late[due], kind="stable")].tolist()


def _warmth_at(gap: float, people: People, world: World, *, lives: int = 4) -> Array:
    """Return each person's mean warmth in the second of two years of messages every ``gap``."""
    total = np.zeros(len(people.value))
    for life in range(lives):
        crowd, policy = copy.deepcopy(people), Fixed(gap)
        policy.begin(crowd, 0.0, world)
        chance = np.random.default_rng([round(gap), life])
        for day in range(730):
            crowd.pass_a_day(world)
            _hear(crowd, policy, day, chance)
            for i in policy.wanted(day):
                policy.wrote(i, day, crowd.written_to(i, day, world, chance))
            if day >= 365:
                total += crowd.warmth
    return total / (365.0 * lives)


def _hear(crowd: People, policy: Policy, day: int, chance: np.random.Generator) -> None:
    for i in crowd.writers(chance):
        crowd.raise_warmth(i, 0.7)
        crowd.last[i], crowd.run[i] = day, 0.0
        policy.heard(i, day)


class Engine(Policy):
    """This product: windows, rests and the price of a touch from the member's week."""

    name = "ENGINE"

    def begin(self, people: People, week: float, world: World) -> None:
        super().begin(people, week, world)
        self.week = week
        self.ties = [
            cadence.start(
                at=START - timedelta(days=200), stage="met", trust_step=2, ring=ring
            ).after(self._touch(last, cadence.Direction.BOTH))
            for ring, last in zip(people.rings, people.last.tolist(), strict=True)
        ]
        self.value = people.value.tolist()
        self.rules = cadence.Rules()
        self.priced_on = -1_000
        self.windows: list[cadence.Window | None] = [None] * len(self.ties)

    def wanted(self, day: int) -> list[int]:
        at = START + timedelta(days=day)
        if day - self.priced_on >= 28:
            self.priced_on = day
            # As in the product: time to spare does not bring people closer than their ring.
            price = cadence.price_for(self.ties, at=at, touches_per_week=self.week)
            self.rules = replace(self.rules, price=max(price, 1.0))
            self.windows = [None] * len(self.ties)
        today = at.date()
        best: list[tuple[float, int]] = []
        for i, tie in enumerate(self.ties):
            window = self.windows[i]
            if window is None:
                window = self.windows[i] = cadence.window(tie, at=at, rules=self.rules)
            if window is not None and window.best_on <= today:
                best.append((-cadence.priority(tie, at=at, value=self.value[i]), i))
        return [i for _, i in sorted(best)]

    def heard(self, i: int, day: int) -> None:
        self._grow(i, day, cadence.Direction.BOTH)  # they write, and the member answers

    def wrote(self, i: int, day: int, answered: bool) -> None:
        self._grow(i, day, cadence.Direction.OUT)
        if answered:
            self._grow(i, day + 0.1, cadence.Direction.IN)

    def _grow(self, i: int, day: float, direction: cadence.Direction) -> None:
        self.ties[i] = self.ties[i].after(self._touch(day, direction))
        self.windows[i] = None

    @staticmethod
    def _touch(day: float, direction: cadence.Direction) -> cadence.Touch:
        return cadence.Touch(at=START + timedelta(days=day), direction=direction)


POLICIES: tuple[Callable[[], Policy], ...] = (
    lambda: Fixed(14),
    lambda: Fixed(30),
    lambda: Fixed(60),
    lambda: Fixed(90),
    lambda: FixedResting(60),
    Tiers,
    OwnMeanGap,
    Omniscient,
    Engine,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    policy: str
    warmth: float
    annoyance: float
    lost: float
    forgotten: float
    touches: float


def live(policy: Policy, world: World, *, people: int, days: int, week: float, seed: int) -> Result:
    """Return how two years go for one member; the same seed gives everyone the same people."""
    crowd = People.drawn(people, np.random.default_rng(seed))
    chance = np.random.default_rng(seed + 1)
    policy.begin(crowd, week, world)
    allowance, touches = 0.0, 0
    warmth = annoyance = counted = 0.0
    weight = crowd.value / crowd.value.sum()
    for day in range(days):
        crowd.pass_a_day(world)
        _hear(crowd, policy, day, chance)
        if (START + timedelta(days=day)).weekday() < 5:
            allowance = min(allowance + week / 5.0, week)
            for i in policy.wanted(day)[: int(allowance)]:
                allowance -= 1.0
                touches += 1
                policy.wrote(i, day, crowd.written_to(i, day, world, chance))
        if day >= days // 2:
            warmth += float(weight @ crowd.warmth)
            annoyance += float(weight @ crowd.annoyance)
            counted += 1.0
    return Result(
        policy=policy.name,
        warmth=warmth / counted,
        annoyance=annoyance / counted,
        lost=float(crowd.lost.sum()),
        forgotten=float((~crowd.lost & (crowd.warmth < FORGOTTEN)).sum()),
        touches=float(touches),
    )


def table(world: World, *, people: int, days: int, week: float, seeds: int) -> list[Row]:
    """Return each policy's mean over seeds, beside everybody in turn with as many messages."""
    rows = []
    for make in POLICIES:
        runs, level = [], []
        for seed in range(7, 7 + 10 * seeds, 10):
            run = live(make(), world, people=people, days=days, week=week, seed=seed)
            own_week = run.touches * 7.0 / days
            runs.append(run)
            level.append(live(Fixed(1), world, people=people, days=days, week=own_week, seed=seed))
        rows.append(Row(result=_mean(runs), level=_mean(level)))
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One policy, and one interval for everybody that sends as many messages."""

    result: Result
    level: Result


def _mean(runs: list[Result]) -> Result:
    numbers = ("warmth", "annoyance", "lost", "forgotten", "touches")
    means = {name: float(np.mean([getattr(run, name) for run in runs])) for name in numbers}
    return Result(policy=runs[0].policy, **means)


def show(*, people: int, days: int, week: float, seeds: int) -> None:
    print(
        f"\nSimulation: {people} people, {days} days, at most {week:.0f} messages a week, mean of "
        f"{seeds} seeds\n(in brackets: one interval for everybody with as many messages)"
    )
    for world in WORLDS:
        print(f"  {world.name}")
        print(
            f"    {'':24s} {'warmth':>15s} {'':>6s} {'annoyance':>15s} {'lost':>13s}"
            f" {'forgotten':>10s} {'messages':>9s}"
        )
        for row in table(world, people=people, days=days, week=week, seeds=seeds):
            got, level = row.result, row.level
            print(
                f"    {got.policy:24s} {got.warmth:7.3f} ({level.warmth:.3f})"
                f" {got.warmth / level.warmth - 1:+6.0%}"
                f" {got.annoyance:7.2f} ({level.annoyance:.2f})"
                f" {got.lost:6.0f} ({level.lost:4.0f}) {got.forgotten:10.0f} {got.touches:9.0f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--weeks", default="40,100", help="messages a week at most")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    for week in options.weeks.split(","):
        show(
            people=options.people,
            days=round(365 * options.years),
            week=float(week),
            seeds=options.seeds,
        )


if __name__ == "__main__":
    main()
