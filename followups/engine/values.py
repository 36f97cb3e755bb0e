"""The words the engines of follow-ups speak: touches, windows, and the reasons for a date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import Enum, IntEnum, StrEnum

DAY_SECONDS = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Direction(Enum):
    """Who reached whom; BOTH is a talk or a meeting."""

    OUT = "out"
    IN = "in"
    BOTH = "both"


_ORDER = {Direction.BOTH: 0, Direction.OUT: 1, Direction.IN: 2}


class TouchKind(Enum):
    MESSAGE = "message"
    TALK = "talk"
    MEETING = "meeting"
    GAVE = "gave"


class Ring(Enum):
    """How much attention a person gets now (ux.md 1.3)."""

    A = "A"  # walking with you
    B = "B"  # getting to know
    C = "C"  # good to keep: weak ties, one step outside
    D = "D"  # parked


class Purpose(StrEnum):
    """What a planned contact is for: the stages of ux.md 1.2, and what they leave out."""

    INTRO_WANTED = "intro_wanted"
    INTRODUCED = "introduced"
    NO_REPLY_1 = "no_reply_1"
    NO_REPLY_2 = "no_reply_2"
    RESTING = "resting"
    MEETING_SET = "meeting_set"
    MET = "met"
    LOOP_INTRODUCER_1 = "loop_introducer_1"
    PROGRESS = "progress"
    GIVE = "give"
    NURTURE = "nurture"
    ASK_ADVICE = "ask_advice"
    ASK_INFO = "ask_info"
    ASK_INTRO = "ask_intro"
    ASK_REFERRAL = "ask_referral"
    ACT_ON_LEAD = "act_on_lead"
    OUTCOME = "outcome"
    LANDED = "landed"
    SETTLED = "settled"
    # Beyond the nineteen:
    FIRST_CONTACT = "first_contact"  # nothing has happened yet
    REPLY = "reply"  # they wrote first and wait for an answer
    THANK_INTRODUCER = "thank_introducer"  # an introduction was made
    PROMISE = "promise"  # something was promised, by either
    BIRTHDAY = "birthday"
    RECONNECT = "reconnect"  # gone quiet, and this week it is their turn


class Rule(IntEnum):
    """Which rule set a date, strongest first: a smaller number outranks a larger one."""

    NO_CONTACT = 0
    PAUSED = 1
    LATER = 2  # the owner put this one off
    THEIR_DATE = 3
    RESTING = 4
    COURTESY = 5
    PERSON_RHYTHM = 6
    TAG_RHYTHM = 7
    ENGINE = 8


class State(StrEnum):
    """Where a day stands in a window; boundaries inclusive."""

    TOO_SOON = "too_soon"  # before opens_on
    GOOD = "good"  # opens_on … fades_on
    FADING = "fading"  # after fades_on … quiet_on
    QUIET = "quiet"  # after quiet_on
    RESTING = "resting"  # before opens_on, after two unanswered
    PAUSED = "paused"  # before opens_on, the owner has paused


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One exchange that counts as contact.

    ``at`` is aware; ``ask``, ``give`` and ``reported`` (what came of their help) tell what it
    carried; ``ref`` is the row it came from,
    kept for the reasons and without effect on any number.
    """

    at: datetime
    direction: Direction
    kind: TouchKind = TouchKind.MESSAGE
    ask: bool = False
    give: bool = False
    reported: bool = False
    ref: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"at is {self.at!r}, expected an aware datetime")

    def order(self) -> tuple[datetime, int, str, bool, bool, bool, str]:
        """Return a total order, so that replay does not depend on the order of arrival.

        Of touches at one moment (many are known by their day only) a meeting comes first, then
        what the owner wrote, then what they answered.
        """
        return (
            self.at,
            _ORDER[self.direction],
            self.kind.value,
            self.ask,
            self.give,
            self.reported,
            self.ref,
        )

    def is_after(self, other: Touch) -> bool:
        """Whether this touch stands behind ``other`` in ``order``; mostly its moment tells."""
        if self.at != other.at:
            return self.at > other.at
        return self.order() > other.order()


Fact = str | int | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a date is what it is.

    ``code`` names the sentence (ux.md 4.4); ``facts`` fill it, and those ending in ``_ref`` are
    rows that exist; ``rule`` is the rule behind it and ``setting`` what the owner would change to
    change it (empty: nothing does).
    """

    code: str
    rule: Rule
    facts: Mapping[str, Fact] = field(default_factory=dict)
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the next touch is welcome, best, fading and past, in whole local days.

    Always ``opens_on <= best_on <= fades_on <= quiet_on``. ``rule`` is the rule that won;
    ``reasons`` has at least one, the decisive one first.
    """

    opens_on: date
    best_on: date
    fades_on: date
    quiet_on: date
    state: State
    rule: Rule
    reasons: tuple[Reason, ...]

    def state_on(self, day: date) -> State:
        if day < self.opens_on:
            return {Rule.RESTING: State.RESTING, Rule.PAUSED: State.PAUSED}.get(
                self.rule, State.TOO_SOON
            )
        if day <= self.fades_on:
            return State.GOOD
        return State.FADING if day <= self.quiet_on else State.QUIET

    def today(self, day: date) -> Window:
        """Return the same window with its state on ``day``."""
        return replace(self, state=self.state_on(day))

    def not_before(self, day: date, *, today: date, reason: Reason) -> Window:
        """Hold the window shut until ``day``; a day that is already past opening changes nothing.

        A window that would have faded by then keeps its length instead, so nobody comes back to
        a list of things gone by.
        """
        if day <= self.opens_on:
            return self
        best_on = max(self.best_on, day)
        if best_on > self.fades_on:
            fades_on = plus(best_on, (self.fades_on - self.best_on).days)
            quiet_on = plus(best_on, (self.quiet_on - self.best_on).days)
        else:
            fades_on, quiet_on = self.fades_on, self.quiet_on
        moved = replace(
            self,
            opens_on=day,
            best_on=best_on,
            fades_on=fades_on,
            quiet_on=quiet_on,
            rule=min(self.rule, reason.rule),
            reasons=(reason, *self.reasons),
        )
        return moved.today(today)


def plus(day: date, days: float) -> date:
    """Return ``day`` moved by whole days, held inside the years 1 to 9999."""
    try:
        return day + timedelta(days=int(days))
    except OverflowError:
        return date.max if days > 0 else date.min


def local_day(at: datetime, zone: tzinfo) -> date:
    """Return the calendar day of ``at`` in ``zone``, held inside the years 1 to 9999."""
    try:
        return at.astimezone(zone).date()
    except (OverflowError, ValueError):
        return at.date()


def day_number(at: datetime) -> float:
    """Return days since 1970-01-01 UTC, with fractions."""
    return (at - _EPOCH).total_seconds() / DAY_SECONDS


def moment(day: float) -> datetime:
    """Return the moment of a day number, the inverse of ``day_number`` to a millisecond."""
    try:
        return _EPOCH + timedelta(days=day)
    except OverflowError:
        year = 9999 if day > 0 else 1
        return datetime(year, 12 if day > 0 else 1, 31 if day > 0 else 1, tzinfo=UTC)
