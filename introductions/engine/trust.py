"""How far this person has come to trust the owner, and why.

Six steps, each a sentence the person could honestly say, earned by recorded events and by nothing
else.  A step belongs to one pair: no function here takes a chain, so trust cannot travel along one.
Source: docs/decisions/0022-trust-steps.md.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from itertools import accumulate, groupby
from operator import attrgetter
from types import MappingProxyType


class Level(IntEnum):
    NAME_ONLY = 0
    INTRODUCED = 1
    ACQUAINTED = 2
    KNOWS_MY_WORK = 3
    WOULD_INTRODUCE = 4
    WOULD_VOUCH = 5


class Kind(StrEnum):
    """What can have happened between the person and the owner."""

    INTRODUCED = "introduced"  # an introduction was made; ``other``: the introducer's name
    TWO_WAY = "two_way"  # they answered, talked or met
    ANSWERED_IN_A_DAY = "answered_in_a_day"  # courtesy: the owner answered within a day
    THANKED_IN_A_DAY = "thanked_in_a_day"  # courtesy: the owner thanked them within a day
    REPORTED_BACK = "reported_back"  # courtesy: the owner told them what came of it
    SAW_WORK = "saw_work"  # they saw something the owner made; ``note``: what
    TOLD_TARGET = "told_target"  # they were told what the owner looks for
    REFERRED = "referred"  # they gave a referral of ``substance``; ``other``: to whom
    LOOP_CLOSED = "loop_closed"  # they heard what came of the referral ``about``
    SPOKE_FOR_ME = "spoke_for_me"  # unasked, with somebody who decides; ``other``: with whom
    WORKED_TOGETHER = "worked_together"
    BROKEN_PROMISE = "broken_promise"  # the owner promised and did not do it
    OVERRIDE = "override"  # the owner's own judgement: ``level`` and ``note``; None lifts it


COURTESIES = frozenset({Kind.ANSWERED_IN_A_DAY, Kind.THANKED_IN_A_DAY, Kind.REPORTED_BACK})
GOOD = frozenset(Kind) - {Kind.BROKEN_PROMISE, Kind.OVERRIDE}
# What shows that the two are in touch, and so ends a silence.
_IN_TOUCH = frozenset(
    {
        Kind.INTRODUCED,
        Kind.TWO_WAY,
        Kind.SAW_WORK,
        Kind.REFERRED,
        Kind.SPOKE_FOR_ME,
        Kind.WORKED_TOGETHER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One recorded event.

    ``ref`` names the row it came from.  ``about`` is the ``ref`` of the referral whose loop was
    closed.  ``other`` and ``note`` are words for the sentence and change no step.

    Raises:
        ValueError: a referral without a substance of 0..5, or an override level outside 0..5.
    """

    kind: Kind
    on: date
    ref: str = ""
    substance: int | None = None
    about: str = ""
    level: int | None = None
    other: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.kind is Kind.REFERRED and (self.substance is None or not 0 <= self.substance <= 5):
            raise ValueError(f"substance is {self.substance}, expected 0 to 5 on a referral")
        if self.level is not None and not 0 <= self.level <= 5:
            raise ValueError(f"level is {self.level}, expected 0 to 5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A code with the facts its sentence needs; the shell owns the words."""

    code: str
    facts: Mapping[str, str | int | date] = field(default_factory=dict)


# Every code with the names of its facts, so that the shell can test its sentences against it.
CODES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "trust.name_only": frozenset(),
        "trust.introduced": frozenset({"on"}),
        "trust.in_touch": frozenset({"on"}),
        "trust.acquainted": frozenset({"on"}),
        "trust.knows_work": frozenset({"on", "evidence"}),
        "trust.met_often": frozenset({"on", "n"}),
        "trust.worked_together": frozenset({"on"}),
        "trust.would_introduce": frozenset({"on", "other"}),
        "trust.old_colleague": frozenset({"on"}),
        "trust.would_vouch": frozenset({"on", "other"}),
        "trust.put_name": frozenset({"on", "other"}),
        "trust.slipped": frozenset({"on", "n"}),
        "trust.promise": frozenset({"on"}),
        "trust.hop": frozenset({"introducer"}),
        "trust.override": frozenset({"on", "note"}),
        "trust.next.get_in_touch": frozenset(),
        "trust.next.hear_back": frozenset(),
        "trust.next.courtesy": frozenset(),
        "trust.next.show_work": frozenset(),
        "trust.next.tell_target": frozenset(),
        "trust.next.ask_introduction": frozenset(),
        "trust.next.close_loop": frozenset({"other", "on"}),
        "trust.next.let_them_vouch": frozenset(),
        "trust.next.talk": frozenset(),
        "trust.next.make_good": frozenset({"on"}),
        "trust.next.nothing": frozenset(),
    }
)

# Months of silence after which a step is one less sure; what took more to earn keeps longer.
SILENCE_MONTHS: Mapping[int, int] = MappingProxyType({2: 12, 3: 12, 4: 18, 5: 24})
CONTACTS_TO_KNOW = 3  # two-way contacts, on different days


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One entry of the history: the step that held from ``on``, and why it changed then."""

    level: Level
    on: date
    reason: Reason
    because: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where the person stands on the day asked for.

    ``earned`` is what the events alone say, before silence, a broken promise and an override.
    ``since`` is the first day of the present step, ``None`` at step 0 without a record.
    ``because`` holds the deciding events, ``reasons`` the codes for them, most telling first.
    ``next`` is the one thing that would move the step up or restore it.
    """

    level: Level
    earned: Level
    since: date | None
    because: tuple[Evidence, ...]
    reasons: tuple[Reason, ...]
    slipped: bool
    overridden: bool
    next: Reason
    history: tuple[Reached, ...]


def step(evidence: Iterable[Evidence], *, at: date) -> Step:
    """Return the step on day ``at``; events after it do not count yet.

    The order of ``evidence`` and repeated events are of no account.  A good event never lowers the
    step; silence lowers it one at a time and never below *introduced*; a promise broken and not
    made good since costs one step, never below *introduced*.
    """
    record = _Record()
    history: list[Reached] = []
    known = sorted({e for e in evidence if e.on <= at}, key=_order)
    day = date.min
    for next_day, events in groupby(known, key=attrgetter("on")):
        _write_falls(record, history, after=day, before=next_day)
        day = next_day
        for event in events:
            record.add(event)
        _write(record, history, day)
    _write_falls(record, history, after=day, before=at + timedelta(days=1))
    now = record.standing(at)
    return Step(
        level=now.level,
        earned=now.earned,
        since=history[-1].on if history else None,
        because=now.because,
        reasons=now.reasons,
        slipped=now.slipped,
        overridden=now.overridden,
        next=record.next(now),
        history=tuple(history),
    )


def _order(e: Evidence) -> tuple[date, str, str, int, int, str, str, str]:
    level = -1 if e.level is None else e.level
    substance = -1 if e.substance is None else e.substance
    return (e.on, e.kind, e.ref, substance, level, e.about, e.other, e.note)


def _write(record: _Record, history: list[Reached], day: date) -> None:
    now = record.standing(day)
    before = history[-1].level if history else Level.NAME_ONLY
    if now.level != before:
        history.append(Reached(level=now.level, on=day, reason=now.reasons[0], because=now.because))


def _write_falls(record: _Record, history: list[Reached], *, after: date, before: date) -> None:
    for day in record.falls():
        if after < day < before:
            _write(record, history, day)


def months_later(day: date, months: int) -> date:
    """The same day of the month ``months`` on, or that month's last day; at most ``date.max``."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def whole_months(start: date, end: date) -> int:
    """Months that have fully passed from ``start`` to ``end``."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (months_later(start, months) > end)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    level: Level
    earned: Level
    because: tuple[Evidence, ...]
    reasons: tuple[Reason, ...]
    slipped: bool
    overridden: bool


class _Record:
    """What the events so far add up to; they come in the order of their days."""

    def __init__(self) -> None:
        self.first: dict[Kind, Evidence] = {}
        self.contacts: list[Evidence] = []  # the first few two-way contacts, one a day
        self.courtesy: Evidence | None = None
        self.referrals: dict[str, Evidence] = {}
        self.closed: dict[str, Evidence] = {}  # by the referral they closed
        self.promise: Evidence | None = None
        self.made_good_on: date | None = None
        self.override: Evidence | None = None
        self.in_touch_on: date | None = None

    def add(self, event: Evidence) -> None:
        kind = event.kind
        self.first.setdefault(kind, event)
        if kind in _IN_TOUCH:
            self.in_touch_on = event.on
        if kind in COURTESIES:
            self.courtesy = self.courtesy or event
        if kind in COURTESIES or kind is Kind.LOOP_CLOSED:
            self.made_good_on = event.on
        if kind is Kind.TWO_WAY:
            if len(self.contacts) < CONTACTS_TO_KNOW and (
                not self.contacts or self.contacts[-1].on < event.on
            ):
                self.contacts.append(event)
        elif kind is Kind.REFERRED:
            before = self.referrals.get(event.ref)
            if before is None or _substance(before) < _substance(event):
                self.referrals[event.ref] = event
        elif kind is Kind.LOOP_CLOSED:
            self.closed.setdefault(event.about, event)
        elif kind is Kind.BROKEN_PROMISE:
            self.promise = event
        elif kind is Kind.OVERRIDE:
            self.override = None if event.level is None else event

    def standing(self, at: date) -> _Standing:
        earned, because, reason = self._earned()
        reasons = [reason]
        level = earned
        fell = sum(day <= at for day in self.falls())
        if fell:
            silent = self.in_touch_on or at
            n = whole_months(silent, at)
            reasons.insert(0, Reason(code="trust.slipped", facts={"on": silent, "n": n}))
        broken = self._broken_promise() if earned > Level.INTRODUCED else None
        if broken:
            reasons.insert(0, Reason(code="trust.promise", facts={"on": broken.on}))
            because = (*because, broken)
        if fell or broken:
            level = Level(max(Level.INTRODUCED, earned - fell - bool(broken)))
        introduced = self.first.get(Kind.INTRODUCED)
        if level is Level.INTRODUCED and introduced and introduced.other:
            reasons.append(Reason(code="trust.hop", facts={"introducer": introduced.other}))
        said = self.override
        if said and said.level is not None:
            level = Level(said.level)
            because = (said, *because)
            why = Reason(code="trust.override", facts={"on": said.on, "note": said.note})
            reasons.insert(0, why)
        return _Standing(
            level=level,
            earned=earned,
            because=because,
            reasons=tuple(reasons),
            slipped=said is None and level < earned,
            overridden=said is not None,
        )

    def falls(self) -> list[date]:
        """The days on which silence takes a step, if nothing happens in between."""
        if self.in_touch_on is None:
            return []
        months = accumulate(SILENCE_MONTHS[n] for n in range(self._earned()[0], 1, -1))
        return [months_later(self.in_touch_on, n) for n in months]

    def _broken_promise(self) -> Evidence | None:
        promise = self.promise
        if promise is None or (self.made_good_on and self.made_good_on >= promise.on):
            return None
        return promise

    def _earned(self) -> tuple[Level, tuple[Evidence, ...], Reason]:
        """The highest step whose own test is passed, the deciding events, and its code."""
        get = self.first.get
        worked, told, saw = get(Kind.WORKED_TOGETHER), get(Kind.TOLD_TARGET), get(Kind.SAW_WORK)

        vouched = get(Kind.SPOKE_FOR_ME)
        if vouched:
            return _answer(Level.WOULD_VOUCH, "trust.would_vouch", vouched, other=vouched.other)
        gave = self._referral(5, looped=False)
        if gave:
            return _answer(Level.WOULD_VOUCH, "trust.would_vouch", gave, other=gave.other)
        gave = self._referral(3 if worked else 4, looped=True)
        if gave:
            also = [self.closed[gave.ref]] + ([worked] if worked else [])
            code = "trust.put_name"
            return _answer(Level.WOULD_VOUCH, code, gave, *also, other=gave.other)

        gave = self._referral(3, looped=True)
        if gave:
            looped = self.closed[gave.ref]
            code = "trust.would_introduce"
            return _answer(Level.WOULD_INTRODUCE, code, gave, looped, other=gave.other)
        gave = self._referral(4, looped=False)
        if gave:
            code = "trust.would_introduce"
            return _answer(Level.WOULD_INTRODUCE, code, gave, other=gave.other)
        if worked and told and self.contacts:
            code = "trust.old_colleague"
            return _answer(Level.WOULD_INTRODUCE, code, worked, told, self.contacts[0])

        if saw and told:
            evidence = saw.note or saw.ref
            code = "trust.knows_work"
            return _answer(Level.KNOWS_MY_WORK, code, saw, told, evidence=evidence)
        if worked:
            return _answer(Level.KNOWS_MY_WORK, "trust.worked_together", worked)
        if told and len(self.contacts) == CONTACTS_TO_KNOW:
            n = CONTACTS_TO_KNOW
            seen = (self.contacts[-1], *self.contacts[:-1], told)
            return _answer(Level.KNOWS_MY_WORK, "trust.met_often", *seen, n=n)

        if self.contacts and self.courtesy:
            code = "trust.acquainted"
            return _answer(Level.ACQUAINTED, code, self.courtesy, self.contacts[0])
        introduced = get(Kind.INTRODUCED)
        if introduced:
            return _answer(Level.INTRODUCED, "trust.introduced", introduced)
        met = next((e for e in map(get, _ACQUAINTS) if e), None)
        if met:
            return _answer(Level.INTRODUCED, "trust.in_touch", met)
        return Level.NAME_ONLY, (), Reason(code="trust.name_only")

    def _referral(self, substance: int, *, looped: bool) -> Evidence | None:
        """The earliest referral of at least ``substance``, its loop closed when ``looped``."""
        if not self.referrals:  # as of most people
            return None
        fit = [
            e
            for e in self.referrals.values()
            if _substance(e) >= substance and (not looped or e.ref in self.closed)
        ]
        return min(fit, key=_order, default=None)

    def next(self, now: _Standing) -> Reason:
        """The one thing that would move the step up or restore it."""
        broken = self._broken_promise()
        if now.slipped and broken:
            return Reason(code="trust.next.make_good", facts={"on": broken.on})
        if now.slipped:
            return Reason(code="trust.next.talk")
        open_loop = self._open_loop(now.earned)
        if open_loop:
            return Reason(
                code="trust.next.close_loop",
                facts={"other": open_loop.other, "on": open_loop.on},
            )
        return Reason(code=f"trust.next.{self._missing(now.earned)}")

    def _open_loop(self, earned: Level) -> Evidence | None:
        """The referral whose report alone would move the step, if there is one."""
        worked = Kind.WORKED_TOGETHER in self.first
        enough = 4 if earned is Level.WOULD_INTRODUCE and not worked else 3
        waiting = [
            e
            for e in self.referrals.values()
            if _substance(e) >= enough and e.ref not in self.closed
        ]
        if earned is Level.WOULD_VOUCH or not waiting:
            return None
        return max(waiting, key=lambda e: (_substance(e), _order(e)))

    def _missing(self, earned: Level) -> str:
        told = Kind.TOLD_TARGET in self.first
        match earned:
            case Level.NAME_ONLY:
                return "get_in_touch"
            case Level.INTRODUCED:
                return "courtesy" if self.contacts else "hear_back"
            case Level.ACQUAINTED:
                return "show_work" if told else "tell_target"
            case Level.KNOWS_MY_WORK:
                if Kind.WORKED_TOGETHER in self.first and not told:
                    return "tell_target"
                return "ask_introduction"
            case Level.WOULD_INTRODUCE:
                return "let_them_vouch"
            case Level.WOULD_VOUCH:
                return "nothing"


# Events that mean the two have dealt with each other, introduced or not; earliest kinds first.
_ACQUAINTS = (Kind.TWO_WAY, Kind.SAW_WORK, Kind.REFERRED)


def _substance(e: Evidence) -> int:
    return e.substance or 0


def _answer(
    level: Level, code: str, *because: Evidence, **facts: str | int
) -> tuple[Level, tuple[Evidence, ...], Reason]:
    return level, because, Reason(code=code, facts={"on": because[0].on, **facts})
