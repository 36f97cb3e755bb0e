"""What outranks the numbers: what the owner and the other person have said about dates."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo

from followups.engine.business_days import BusinessCalendar, Span
from followups.engine.constants import RING_DAYS, RingDays
from followups.engine.values import Ring, plus

MONTH_DAYS = 30.44  # mean days of a month
# Shape of a window of which only the best day is given, in percent: the mean of the rings'.
SHAPE = RingDays(opens=67, best=100, fades=160, quiet=225)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenDate:
    """A day before which the other person does not want to hear from the owner."""

    on: date
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """The owner's own interval for a person or a tag: so many days, or so many months.

    The other three spans are optional; 0 takes them from ``SHAPE``. Months may be tied to a day
    of the month; a shorter month gives its last day, and the next one the wanted day again
    (31 Jan, 28 Feb, 31 Mar).
    """

    best_days: int = 0
    opens_days: int = 0
    fades_days: int = 0
    quiet_days: int = 0
    every_months: int = 0
    on_day: int | None = None  # 1 to 31
    ref: str = ""
    tag: str = ""  # the tag's name, for the reason

    def __post_init__(self) -> None:
        if (self.best_days > 0) == (self.every_months > 0):
            raise ValueError(
                f"best_days is {self.best_days} and every_months {self.every_months}, "
                "expected exactly one of them to be above 0"
            )
        if self.on_day is not None and not 1 <= self.on_day <= 31:
            raise ValueError(f"on_day is {self.on_day}, expected 1 to 31")

    def length_days(self) -> float:
        return self.best_days or self.every_months * MONTH_DAYS

    def next_after(self, last_on: date) -> date:
        """Return the day the next contact is best.

        With a day of the month: the first such day at least half an interval away, so that a
        contact a few days early does not count twice.
        """
        if self.best_days:
            return plus(last_on, self.best_days)
        if self.on_day is None:
            return _month_day(last_on, self.every_months, last_on.day)
        day = last_on
        for months in range(self.every_months + 1):
            day = _month_day(last_on, months, self.on_day)
            if (day - last_on).days >= self.length_days() / 2.0:
                break
        return day

    def days_round(self, best_days: int) -> RingDays:
        """Return the four spans, those not given in the usual shape round ``best_days``."""
        return RingDays(
            opens=self.opens_days or max(best_days * SHAPE.opens // SHAPE.best, 1),
            best=best_days,
            fades=self.fades_days or best_days * SHAPE.fades // SHAPE.best,
            quiet=self.quiet_days or best_days * SHAPE.quiet // SHAPE.best,
        )


def _month_day(day: date, months: int, day_of_month: int) -> date:
    """Return ``day_of_month`` so many months on, or the month's last day if it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day_of_month, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything about one person that comes before the numbers, strongest first.

    The order is that of ``values.Rule``. Days are the owner's local days in ``zone``.
    """

    do_not_contact: bool = False
    parked: bool = False
    paused_until: date | None = None  # the first day back; for this person or for everyone
    their_date: GivenDate | None = None
    person_rhythm: Rhythm | None = None
    tag_rhythms: tuple[Rhythm, ...] = ()
    ring_days: RingDays | None = None  # the owner's own days for this ring
    start_on: date | None = None  # for a person never contacted: the day spread.py gave them
    connected: bool = False  # the tie starts with a connection on LinkedIn, not with being added
    busy: tuple[Span, ...] = ()  # their stated busy season
    weekdays: frozenset[int] = frozenset(range(7))  # days the owner writes on; Monday is 0
    calendar: BusinessCalendar = field(default_factory=BusinessCalendar)
    price: float = 1.0  # of a touch, from price_for; 1 is the ring table's pace
    zone: tzinfo = UTC

    def days_of(self, ring: Ring | None) -> RingDays:
        """Return the owner's days for this ring, or the table's; B when no ring was given."""
        return self.ring_days or RING_DAYS[(ring or Ring.B).value]

    @property
    def rhythm(self) -> Rhythm | None:
        """The owner's own rhythm that counts: the person's, else the tags' with most contact."""
        if self.person_rhythm is not None or not self.tag_rhythms:
            return self.person_rhythm
        return min(self.tag_rhythms, key=lambda r: (r.length_days(), r.tag, r.ref))

    @property
    def silent(self) -> bool:
        """Whether there is no window at all."""
        return self.do_not_contact or self.parked
