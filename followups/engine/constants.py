"""Every number of the cadence engine, with its unit and where it comes from.

Kinds of source: *measured* (fitted on the training halves of four public message sets, the same
for all of them: docs/cadence.md), *craft* (ux.md 1.2 and 1.3, practice with its sources),
*prior* (our own choice, no public data can fit it: decision record 0011).
"""

from __future__ import annotations

from dataclasses import dataclass

from followups.engine.values import Touch, TouchKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """One set for everyone. Spans that follow the horizon are given as multiples of it."""

    # What is asked of the engine; the unit of everything slow.
    horizon_days: float = 90.0  # days ahead that "still in touch" means; prior
    conversation_gap_days: float = 2.0  # days of silence that end a conversation; prior
    reply_within_days: float = 7.0  # days; 90 % of answers come within 1.7 to 5.5; measured
    attempt_gap_days: float = 1.0  # days after which an outbound message is a new attempt; prior

    # Strength, in two-way conversations of one message, faded.
    half_life_horizons: float = 1.0  # horizons until a conversation counts half; measured
    one_way_weight: float = 0.7  # for a conversation with one voice; measured
    depth_weight: float = 0.4  # for each natural logarithm of messages in it; measured
    talk_messages: float = 6.0  # messages a talk is worth; prior
    meeting_messages: float = 12.0  # messages a meeting is worth; prior

    # Health: logit of a two-way contact within the horizon; measured.
    health_intercept: float = -2.4  # between the lowest and the mean of the four sets
    health_strength: float = 0.774  # per natural logarithm of strength + strength_floor
    strength_floor: float = 0.05  # of strength, so that its logarithm exists
    health_silence: float = -0.751  # per natural logarithm of horizons, times S / (S + half)
    silence_floor: float = 0.02  # horizons (two days of ninety), added to silence
    silence_half: float = 4.0  # strength at which silence has half its effect
    health_gone: float = -0.779  # per natural logarithm of silence beyond the ceiling

    # Reply: logit of an answer within reply_within_days; measured.
    reply_intercept: float = -0.44  # mean of the four sets
    reply_run: float = -0.244  # per natural logarithm of 1 + attempts unanswered in a row
    reply_spoken: float = 0.432  # per natural logarithm of their messages + spoken_floor
    spoken_floor: float = 0.3  # messages
    reply_share: float = 0.254  # per logit of the share of conversations with both voices

    # The tie's own rhythm.
    rhythm_prior_horizons: float = 1 / 3  # horizons; 30 days of 90; prior
    rhythm_prior_weight: float = 1.0  # gaps the prior is worth; measured
    rhythm_memory: float = 0.9  # share a gap keeps when the next is added; prior
    rhythm_ceiling: float = 8.0  # own gaps until a tie is probably gone; Navarro et al. 2017

    # The best gap.
    forgetting_days: float = 30.0  # days of memory per conversation of strength; prior
    price: float = 1.0  # cost of one touch, as a multiple of the ring table's pace; prior
    history_prior: float = 4.0  # conversations the ring table is worth; prior
    least_gap_days: float = 14.0  # days; no closer than this without an open loop; prior
    most_gap_days: float = 365.0  # days; once a year at least; prior

    # Back-off after silence.
    nudge_business_days: int = 7  # business days to the second note; craft (Dalton's 3B7)
    resting_opens_days: float = 42.0  # days of rest after two unanswered; craft
    resting_best_days: float = 56.0  # days; craft
    resting_quiet_days: float = 120.0  # days; craft
    backoff_days: float = 7.0  # days after one unanswered, doubling with each; cadence.md 3
    resting_most_days: float = 120.0  # days, as the table calls it quiet; craft

    # What a person's own way of answering does (ux.md 1.3); craft.
    answers_to_judge: int = 2  # answers before their speed is believed
    fast_answer_days: float = 1.0  # days, geometric mean, that count as fast
    slow_answer_days: float = 4.0  # days, geometric mean, that count as slow
    fast_factor: float = 0.8  # of the best gap
    slow_factor: float = 1.2  # of the best gap
    ask_factor: float = 1.4  # of the opening gap after an ask
    instant_days: float = 0.01  # days (a quarter of an hour), the fastest answer that counts

    def messages_in(self, touch: Touch) -> float:
        """Return how many messages a touch is worth."""
        if touch.kind is TouchKind.MEETING:
            return self.meeting_messages
        return self.talk_messages if touch.kind is TouchKind.TALK else 1.0

    @property
    def half_life_days(self) -> float:
        return self.half_life_horizons * self.horizon_days


SHIPPED = Constants()


@dataclass(frozen=True, slots=True, kw_only=True)
class RingDays:
    """Days from the last contact, in whole days (ux.md 1.3, craft)."""

    opens: int
    best: int
    fades: int
    quiet: int


# Ring D is left in peace; its days are those of C, for a person who is asked about all the same.
RING_DAYS = {
    "A": RingDays(opens=14, best=21, fades=35, quiet=50),
    "B": RingDays(opens=12, best=20, fades=32, quiet=45),
    "C": RingDays(opens=35, best=50, fades=75, quiet=110),
    "D": RingDays(opens=35, best=50, fades=75, quiet=110),
}
# Two or three times a year, once somebody has landed (ux.md 1.2 row 18 and 1.3, craft).
KEEP_WARM = {
    "A": RingDays(opens=100, best=122, fades=160, quiet=210),
    "B": RingDays(opens=125, best=150, fades=195, quiet=255),
    "C": RingDays(opens=150, best=182, fades=240, quiet=300),
}
# How much a tie of this ring matters now, 0 to 1; a prior (decision record 0011).
RING_VALUE = {"A": 1.0, "B": 0.8, "C": 0.4, "D": 0.4}
