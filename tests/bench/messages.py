"""Questions about real messages, answered from a pair's past alone.

The sets are read from a folder that is not part of this repository (their licences do not say
that they may be). Each is a csv or csv.gz with the columns src, dst, unix_time. A pair is seen
from one of its ends; half of those *members*, by hash, are held out and were never used to choose
a constant.
"""

from __future__ import annotations

import csv
import gzip
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import log, log1p
from pathlib import Path

import numpy as np
import numpy.typing as npt

from followups.engine import cadence
from followups.engine.calibration import (
    HEALTH_EARLINESS,
    HEALTH_WEIGHT,
    REPLY_EARLINESS,
    Intercept,
)

DAY = 86_400.0
# A reply window is a week and a horizon a quarter, whatever the set.
REPLY_WINDOWS_A_HORIZON = 13.0
MASK = (1 << 64) - 1
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSet:
    """One set, and the scale of its world."""

    name: str
    most_recipients: int  # a message to more people than this is not personal
    conversation_gap_days: float
    horizon_days: float
    reply_within_days: float = 7.0
    opening_gap_days: float = 1.0


SETS = (
    MessageSet(name="enron", most_recipients=3, conversation_gap_days=2, horizon_days=90),
    MessageSet(name="email_eu", most_recipients=3, conversation_gap_days=2, horizon_days=90),
    MessageSet(name="rdevel", most_recipients=99, conversation_gap_days=2, horizon_days=365),
    MessageSet(name="collegemsg", most_recipients=99, conversation_gap_days=1, horizon_days=21),
)


@dataclass(slots=True)
class Pair:
    member: int
    seconds: list[float] = field(default_factory=list)
    outward: list[bool] = field(default_factory=list)


@dataclass(slots=True)
class Questions:
    """Many questions of one kind: rows are questions."""

    held_out: npt.NDArray[np.bool_]
    happened: npt.NDArray[np.bool_]
    engine: Array  # as shipped
    own: Array  # with the member's own intercept
    features: Array  # what the models fitted inside the set see


def find(folder: Path, name: str) -> Path | None:
    return next(
        (p for p in (folder / f"{name}.csv.gz", folder / f"{name}.csv") if p.exists()), None
    )


def mixed(value: int, seed: int) -> int:
    """Return 64 well-mixed bits: one more round of xor-shift and multiply than a plain product."""
    x = (value + seed) * 0x9E3779B97F4A7C15 & MASK
    x = (x ^ x >> 31) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ x >> 29) * 0x94D049BB133111EB & MASK
    return x ^ x >> 32


def is_held_out(member: int) -> bool:
    return mixed(member, 11) % 2 == 1


def load(path: Path, most_recipients: int) -> list[Pair]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        rows = {
            (float(r["unix_time"]), int(r["src"]), int(r["dst"])) for r in csv.DictReader(lines)
        }
    sent: dict[tuple[int, float], int] = defaultdict(int)
    for at, src, dst in rows:
        sent[src, at] += src != dst
    pairs: dict[tuple[int, int], Pair] = {}
    for at, src, dst in sorted(rows):
        if src == dst or sent[src, at] > most_recipients:
            continue
        low, high = min(src, dst), max(src, dst)
        if (low, high) not in pairs:
            member = low if mixed(low * 10_000_000 + high, 7) % 2 == 0 else high
            pairs[low, high] = Pair(member)
        pair = pairs[low, high]
        pair.seconds.append(at)
        pair.outward.append(src == pair.member)
    return list(pairs.values())


def when(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def touch(pair: Pair, index: int) -> cadence.Touch:
    direction = cadence.Direction.OUT if pair.outward[index] else cadence.Direction.IN
    return cadence.Touch(at=when(pair.seconds[index]), direction=direction)


@dataclass(slots=True)
class _Asked:
    """One question before the member's own intercept is applied; times in seconds."""

    at: float
    took: float  # until it happened; infinite if it did not in time
    held_out: bool
    chance: float
    features: tuple[float, ...]
    counted: bool  # asked in the benchmark, or only learnt from


def health_questions(pairs: list[Pair], of: MessageSet) -> Questions:
    """Will there be two-way contact within the horizon? Asked at three moments of the set.

    The member's own intercept has learnt from the same question asked every sixth of a horizon,
    as far as its answer was known by then.
    """
    times = np.sort(np.array([at for pair in pairs for at in pair.seconds]))
    horizon = of.horizon_days * DAY
    moments = {
        min(float(np.quantile(times, share)), float(times[-1]) - horizon)
        for share in (0.40, 0.55, 0.70)
    }
    grid = set(np.arange(times[0] + horizon / 6.0, max(moments), horizon / 6.0).tolist())
    asked = _ask_health(pairs, of, moments, grid)
    return _collect(asked, _learn_health, of.horizon_days * DAY)


def _ask_health(
    pairs: list[Pair], of: MessageSet, moments: set[float], grid: set[float]
) -> Iterator[tuple[int, _Asked]]:
    horizon = of.horizon_days * DAY
    for pair in pairs:
        held_out = is_held_out(pair.member)
        tie = cadence.blank(at=when(pair.seconds[0]), constants=_constants(of))
        seconds, outward = np.array(pair.seconds), np.array(pair.outward)
        done = 0
        for at in sorted(moments | grid if held_out else moments):
            while done < len(seconds) and seconds[done] <= at:
                tie = tie.after(touch(pair, done))
                done += 1
            if not done or (at - seconds[done - 1]) / DAY > 4 * of.horizon_days:
                continue
            starts = np.flatnonzero(np.diff(seconds[:done]) > of.conversation_gap_days * DAY) + 1
            if not len(starts):
                continue
            gaps = (seconds[starts] - seconds[starts - 1]) / DAY
            yield (
                pair.member,
                _Asked(
                    at=at,
                    took=_two_way_after(seconds[done:] - at, outward[done:], horizon),
                    held_out=held_out,
                    chance=cadence.health(tie, at=when(at)) if held_out else 0.5,
                    features=(
                        log1p((at - seconds[done - 1]) / DAY),
                        log1p(len(starts) + 1),
                        log1p(done),
                        log1p((at - seconds[0]) / DAY),
                        log1p(float(gaps.mean())),
                        float(outward[:done].mean()),
                    ),
                    counted=at in moments,
                ),
            )


def _two_way_after(seconds: Array, outward: npt.NDArray[np.bool_], horizon: float) -> float:
    out, back = seconds[outward], seconds[~outward]
    if not len(out) or not len(back):
        return float("inf")
    took = float(max(out[0], back[0]))
    return took if took <= horizon else float("inf")


def _learn_health(questions: list[_Asked], horizon: float) -> Iterator[Intercept]:
    """Give what the answers known by each question say, those still open for their days so far."""
    learnt_at, own = -1.0, Intercept()
    for question in questions:
        if question.counted and question.at != learnt_at:
            own, learnt_at = Intercept(), question.at
            for asked in questions:
                passed = question.at - asked.at
                if passed <= 0.0:
                    break
                happened = asked.took <= passed
                own = own.joined(
                    Intercept()
                    .after(
                        chance=asked.chance,
                        happened=happened,
                        span=(asked.took if happened else passed) / horizon,
                        earliness=HEALTH_EARLINESS,
                        weight=HEALTH_WEIGHT,
                    )
                    .faded(horizons=passed / horizon)
                )
        yield own


def reply_questions(pairs: list[Pair], of: MessageSet) -> Questions:
    """Will this message, which opens a conversation, be answered in time?"""
    return _collect(_ask_reply(pairs, of), _learn_reply, of.reply_within_days * DAY)


def _learn_reply(questions: list[_Asked], within: float) -> Iterator[Intercept]:
    """Give what the answers settled before each question say."""
    waiting: list[tuple[float, int]] = []
    own, before = Intercept(), 0.0
    for i, question in enumerate(questions):
        while waiting and waiting[0][0] <= question.at:
            settled_at, known = heapq.heappop(waiting)
            asked = questions[known]
            horizons = (settled_at - before) / within / REPLY_WINDOWS_A_HORIZON if before else 0.0
            own, before = own.faded(horizons=horizons), settled_at
            own = own.after(
                chance=asked.chance,
                happened=asked.took <= within,
                span=min(asked.took / within, 1.0),
                earliness=REPLY_EARLINESS,
            )
        yield own
        heapq.heappush(waiting, (question.at + min(question.took, within), i))


def _ask_reply(pairs: list[Pair], of: MessageSet) -> Iterator[tuple[int, _Asked]]:
    end = max(pair.seconds[-1] for pair in pairs)
    within = of.reply_within_days * DAY
    for pair in pairs:
        held_out = is_held_out(pair.member)
        tie = cadence.blank(at=when(pair.seconds[0]), constants=_constants(of))
        inward = [at for at, out in zip(pair.seconds, pair.outward, strict=True) if not out]
        attempts: list[tuple[float, float]] = []
        run, heard = 0, 0
        for i, at in enumerate(pair.seconds):
            opens = i == 0 or at - pair.seconds[i - 1] > of.opening_gap_days * DAY
            if pair.outward[i] and opens and at <= end - within:
                while heard < len(inward) and inward[heard] <= at:
                    heard += 1
                answered_at = inward[heard] if heard < len(inward) else float("inf")
                if i:
                    settled = [a for a in attempts if a[1] <= at or a[0] + within <= at]
                    yes = sum(1 for sent, back in settled if back <= min(sent + within, at))
                    gap = (at - pair.seconds[i - 1]) / DAY / of.horizon_days
                    yield (
                        pair.member,
                        _Asked(
                            at=at,
                            took=answered_at - at if answered_at <= at + within else float("inf"),
                            held_out=held_out,
                            chance=cadence.reply_chance(tie, at=when(at)) if held_out else 0.5,
                            features=(
                                log((yes + 0.5) / (len(settled) - yes + 0.5)),
                                log(gap + 0.02),
                                log1p(run),
                            ),
                            counted=True,
                        ),
                    )
                attempts.append((at, answered_at))
                run += 1
            if not pair.outward[i]:
                run = 0
            tie = tie.after(touch(pair, i))


def _constants(of: MessageSet) -> cadence.Constants:
    return replace(
        cadence.SHIPPED,
        horizon_days=of.horizon_days,
        conversation_gap_days=of.conversation_gap_days,
        reply_within_days=of.reply_within_days,
    )


def _collect(
    answers: Iterator[tuple[int, _Asked]],
    learn: Callable[[list[_Asked], float], Iterator[Intercept]],
    span: float,
) -> Questions:
    """Give every counted question the intercept its member had learnt by then."""
    by_member: dict[int, list[_Asked]] = defaultdict(list)
    for member, asked in answers:
        by_member[member].append(asked)
    rows: list[tuple[_Asked, float]] = []
    for questions in by_member.values():
        questions.sort(key=lambda q: q.at)
        for question, own in zip(questions, learn(questions, span), strict=True):
            if question.counted:
                rows.append((question, own.calibrated(question.chance)))
    return Questions(
        held_out=np.array([q.held_out for q, _ in rows]),
        happened=np.array([q.took < float("inf") for q, _ in rows]),
        engine=np.array([q.chance for q, _ in rows]),
        own=np.array([own for _, own in rows]),
        features=np.array([q.features for q, _ in rows]),
    )
