"""What a mail server's answers mean, and how long a mail waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from netcrm.delivery.engine.retry import (
    WAITS,
    Answer,
    Lateness,
    Phase,
    Verdict,
    breaker_opens,
    folds_after,
    judge,
    lateness,
    wait_before_retry,
)

DUE = datetime(2026, 11, 17, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "verdict"),
    [
        (Phase.CONNECT, None, "", Verdict.HOST),
        (Phase.CONNECT, 554, "", Verdict.HOST),
        (Phase.LOGIN, 535, "5.7.8", Verdict.HOST),
        (Phase.MAIL, 451, "", Verdict.RETRY),
        (Phase.MAIL, 550, "5.1.8", Verdict.HOST),
        (Phase.MAIL, 552, "5.3.4", Verdict.REFUSED),
        (Phase.MAIL, None, "", Verdict.RETRY),
        (Phase.RCPT, 451, "4.7.1", Verdict.RETRY),
        (Phase.RCPT, 421, "", Verdict.HOST),
        (Phase.RCPT, 530, "5.7.0", Verdict.HOST),
        (Phase.RCPT, 550, "5.1.1", Verdict.REFUSED),
        (Phase.RCPT, 550, "", Verdict.REFUSED),
        (Phase.RCPT, 554, "5.7.1", Verdict.RETRY),
        (Phase.DATA, None, "", Verdict.RETRY),
        (Phase.DATA, 554, "5.6.0", Verdict.REFUSED),
        (Phase.DOT, 250, "", Verdict.SENT),
        (Phase.DOT, 354, "", Verdict.UNKNOWN),
        (Phase.DOT, 451, "", Verdict.RETRY),
        (Phase.DOT, 421, "", Verdict.RETRY),
        (Phase.DOT, 554, "", Verdict.REFUSED),
        (Phase.DOT, None, "", Verdict.UNKNOWN),
        (Phase.DOT, 2, "", Verdict.UNKNOWN),
    ],
)
def test_what_an_answer_means(
    phase: Phase, code: int | None, enhanced: str, verdict: Verdict
) -> None:
    assert judge(Answer(phase=phase, code=code, enhanced=enhanced)) is verdict


def test_only_after_the_dot_can_there_be_doubt_or_success() -> None:
    for phase, code in product(Phase, [None, *range(1, 600)]):
        verdict = judge(Answer(phase=phase, code=code))
        if phase is not Phase.DOT and not (code and code < 400):
            assert verdict not in (Verdict.UNKNOWN, Verdict.SENT)
        if phase is Phase.DOT and code is None:
            assert verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("phase", "code", "enhanced", "hard"),
    [
        (Phase.RCPT, 550, "5.1.1", True),
        (Phase.RCPT, 550, "", True),
        (Phase.RCPT, 552, "5.2.2", True),
        (Phase.RCPT, 554, "5.7.1", False),
        (Phase.RCPT, 450, "4.2.0", False),
        (Phase.DOT, 554, "5.1.1", False),
    ],
)
def test_which_refusals_are_the_addresss_fault(
    phase: Phase, code: int, enhanced: str, hard: bool
) -> None:
    assert Answer(phase=phase, code=code, enhanced=enhanced).is_hard_bounce is hard


def test_eight_retries_take_about_twenty_two_hours() -> None:
    waits = [wait_before_retry(n, jitter=0) for n in range(8)]
    assert waits == list(WAITS)
    assert sum(WAITS, timedelta()) == timedelta(hours=22, minutes=23)
    assert wait_before_retry(8, jitter=0) is None


def test_jitter_moves_a_wait_by_a_fifth_at_most() -> None:
    assert wait_before_retry(0, jitter=-1) == timedelta(seconds=48)
    assert wait_before_retry(0, jitter=1) == timedelta(seconds=72)
    with pytest.raises(ValueError, match="jitter is 2, expected -1"):
        wait_before_retry(0, jitter=2)
    with pytest.raises(ValueError, match="retries is -1"):
        wait_before_retry(-1, jitter=0)


@pytest.mark.parametrize(
    ("late_by", "expected"),
    [
        (timedelta(0), Lateness.ON_TIME),
        (timedelta(minutes=30), Lateness.ON_TIME),
        (timedelta(minutes=31), Lateness.LATE),
        (timedelta(hours=24), Lateness.LATE),
        (timedelta(hours=24, seconds=1), Lateness.FOLDED),
    ],
    ids=["on the minute", "half an hour", "over half an hour", "a day", "over a day"],
)
def test_what_being_late_means(late_by: timedelta, expected: Lateness) -> None:
    assert lateness(due_at=DUE, now=DUE + late_by) is expected


@pytest.mark.parametrize(
    ("phase", "code", "failures", "opens"),
    [
        (Phase.LOGIN, 535, 1, True),
        (Phase.MAIL, 550, 1, True),
        (Phase.MAIL, 421, 1, False),
        (Phase.MAIL, 421, 3, True),
        (Phase.CONNECT, None, 2, False),
        (Phase.CONNECT, None, 3, True),
    ],
)
def test_a_refused_login_or_sender_opens_the_circuit_at_once_other_trouble_the_third_time(
    phase: Phase, code: int | None, failures: int, opens: bool
) -> None:
    assert breaker_opens(failures=failures, answer=Answer(phase=phase, code=code)) is opens


def test_a_reminder_that_is_being_tried_has_its_last_try_before_another_takes_it_in() -> None:
    longest = sum((wait_before_retry(n, jitter=1) for n in range(8)), timedelta())
    assert folds_after(retries=0) == timedelta(hours=24)
    assert folds_after(retries=1) >= longest
