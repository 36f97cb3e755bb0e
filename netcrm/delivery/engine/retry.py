"""What a mail server's answer means, and what happens to the mail then.

The only question that matters is whether the server may have taken the mail.  Before the
final dot it cannot have; after a 250 it has; in between nobody knows.

Source: RFC 5321, sections 4.2.1 (reply codes), 4.5.3.2.6 (the final dot) and 4.5.4.1
(retries), with waits of our own, as decision 0051 tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

WAITS = (MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR)
JITTER = 0.2  # a wait is stretched or shortened by at most this share
SUMMARY_AFTER = 24 * HOUR  # a mail later than this is folded into one summary
SAY_LATE_AFTER = 30 * MINUTE  # a mail later than this says when it was due


class Phase(Enum):
    """How far a conversation with a mail server had come."""

    CONNECT = "connect"  # no greeting yet, or no agreement on TLS
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # from the DATA command to the last byte before the dot
    DOT = "dot"  # the final dot has been handed to the network


class Verdict(Enum):
    """What happened to the mail."""

    SENT = "sent"
    RETRY = "retry"  # surely not sent; this mail waits its turn
    HOST = "host"  # surely not sent; the server has trouble with everybody's mail
    REFUSED = "refused"  # surely not sent; trying again would be refused again
    UNKNOWN = "unknown"  # may have been sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A server's reply, or the lack of one (``code`` None: time-out, reset, closed)."""

    phase: Phase
    code: int | None = None
    enhanced: str = ""  # RFC 3463 status such as "5.1.1"

    @property
    def is_hard_bounce(self) -> bool:
        """The address itself is no good."""
        return (
            self.phase is Phase.RCPT
            and self.code is not None
            and self.code >= 500
            and self.enhanced[:4] in ("", "5.1.", "5.2.")
        )


def judge(answer: Answer) -> Verdict:
    """Say what an answer means for the mail.  The table of decision 0051."""
    code, phase = answer.code, answer.phase
    if phase in (Phase.CONNECT, Phase.LOGIN):
        return Verdict.HOST
    if code is None or not 200 <= code <= 599:
        return Verdict.UNKNOWN if phase is Phase.DOT else Verdict.RETRY
    if phase is Phase.DOT:
        if code < 400:  # a 3xx answers no dot: whoever says it has lost the thread
            return Verdict.SENT if code < 300 else Verdict.UNKNOWN
        return Verdict.RETRY if code < 500 else Verdict.REFUSED
    if code == 421 or 530 <= code <= 538:  # shutting down; or it wants another login
        return Verdict.HOST
    if code < 500:
        return Verdict.RETRY
    if phase is Phase.MAIL:  # it refuses us, whoever the mail is for
        return Verdict.REFUSED if code == 552 else Verdict.HOST
    if answer.enhanced.startswith("5.7."):  # a rule about senders, not a bad address
        return Verdict.RETRY
    return Verdict.REFUSED


def wait_before_retry(retries: int, *, jitter: float) -> timedelta | None:
    """How long to wait after a failure, or None when the mail is given up.

    Eight retries take about 22 hours.

    Args:
        retries: how many retries this mail has had, 0 after the first failure.
        jitter: -1.0 to 1.0, drawn by the caller; spreads mails that failed together.
    """
    if not -1.0 <= jitter <= 1.0:
        raise ValueError(f"jitter is {jitter}, expected -1.0 to 1.0")
    if retries < 0:
        raise ValueError(f"retries is {retries}, expected 0 or more")
    if retries >= len(WAITS):
        return None
    return WAITS[retries] * (1 + JITTER * jitter)


class Lateness(Enum):
    ON_TIME = "on_time"
    LATE = "late"  # sent, and says when it was due
    FOLDED = "folded"  # goes into one summary with whatever else was missed


def folds_after(*, retries: int) -> timedelta:
    """How late a reminder goes into another one; one that is being tried has its last try first."""
    return SUMMARY_AFTER if retries == 0 else sum(WAITS, timedelta()) * (1 + JITTER)


def lateness(*, due_at: datetime, now: datetime) -> Lateness:
    """Decide what being late means for a reminder; mail is never early, so never negative."""
    late_by = now - due_at
    if late_by > SUMMARY_AFTER:
        return Lateness.FOLDED
    return Lateness.LATE if late_by > SAY_LATE_AFTER else Lateness.ON_TIME


def breaker_opens(*, failures: int, answer: Answer) -> bool:
    """Whether trouble with a server is enough to stop asking it for a while.

    A refused login or sender opens at once: repeating it may lock the account.  Otherwise
    three failures in a row: many servers say 421 just to end a connection.
    """
    refused = answer.phase is Phase.MAIL and answer.code is not None and answer.code >= 500
    return answer.phase is Phase.LOGIN or refused or failures >= 3
