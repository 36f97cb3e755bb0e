"""What the owner's own messages say about waiting, once there are enough of them (R14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.functional import Promise as Lazy
from django.utils.translation import gettext_lazy as _

from followups import loading
from followups.engine import outcomes
from followups.engine.cadence import SHIPPED, Ring
from followups.engine.constants import RingDays
from followups.models import Pace
from followups.selectors.rhythms import rhythms_of

if TYPE_CHECKING:
    from netcrm.accounts.models import User

ENOUGH = outcomes.ENOUGH

# By the lower end of the gap, in days.
GAP_WORDS: dict[float, Lazy] = {
    0.0: _("within a week"),
    7.0: _("after one to two weeks"),
    14.0: _("after two to four weeks"),
    30.0: _("after one to two months"),
    60.0: _("after two to four months"),
    120.0: _("after more than four months"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLine:
    """How often notes after a gap were answered; ``low`` and ``high`` are of ten, 95 % sure."""

    gap: str
    sent: int
    answered: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A change the owner may make: every ring's days times ``factor``, and the week it makes."""

    best_gap: str
    usual_gap: str
    factor: float
    rings: dict[str, RingDays]
    per_week_now: int
    per_week_then: int

    @property
    def longer(self) -> bool:
        return self.factor > 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """``rates`` is empty until there are ``ENOUGH`` settled notes; ``offer`` often is None."""

    settled: int
    rates: tuple[RateLine, ...]
    offer: Offered | None


def outcomes_of(owner: User, at: dt.datetime) -> Outcomes:
    """Count what became of the owner's notes, and offer a change if they clearly ask for one."""
    facts = loading.everyones_facts(owner, at=at, price=_price(owner))
    attempts = [
        attempt
        for one in facts
        for attempt in outcomes.attempts_of(
            one.touches, now=at, within_days=SHIPPED.reply_within_days
        )
    ]
    rates = outcomes.reply_rates(attempts)
    made = outcomes.offer(
        rates,
        [one.tie for one in facts if one.rules.rhythm is None],
        price=_price(owner),
        rings={Ring(one.ring): one.days for one in rhythms_of(owner, owner.day(at)).rings},
        kept_per_week=sum(7.0 / r.length_days() for one in facts if (r := one.rules.rhythm)),
    )
    return Outcomes(
        settled=len(attempts),
        rates=tuple(_line(rate) for rate in rates if rate.sent),
        offer=_offered(made) if made else None,
    )


def _price(owner: User) -> float:
    found: Iterable[float] = Pace.objects.filter(owner=owner).values_list("price", flat=True)
    return next(iter(found), 1.0)


def _line(rate: outcomes.Rate) -> RateLine:
    return RateLine(
        gap=str(GAP_WORDS[rate.from_days]),
        sent=rate.sent,
        answered=rate.answered,
        low=round(10 * rate.low),
        high=round(10 * rate.high),
    )


def _offered(made: outcomes.Offer) -> Offered:
    return Offered(
        best_gap=str(GAP_WORDS[made.best.from_days]),
        usual_gap=str(GAP_WORDS[made.usual.from_days]),
        factor=made.factor,
        rings={ring.value: days for ring, days in made.rings.items()},
        per_week_now=round(made.load_now),
        per_week_then=round(made.load_then),
    )
