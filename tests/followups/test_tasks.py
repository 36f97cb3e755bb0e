"""Daily planning finds everybody, once, and says what it had to change."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from followups import tasks
from followups.models import FollowUp
from tests import make

NOW = datetime(2026, 11, 17, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def night(time_machine, settings):
    time_machine.move_to(NOW, tick=False)
    settings.CELERY_TASK_ALWAYS_EAGER = True


def run() -> int:
    return tasks.plan_everyone.apply().get()


def test_everybody_is_planned_once_a_day(ana, ben, time_machine, caplog):
    for owner in (ana, ben):
        make.interaction(make.contact(owner), at=NOW - timedelta(days=25))
    with caplog.at_level(logging.WARNING, logger="followups.tasks"):
        assert run() == 1
    assert FollowUp.objects.count() == 2
    assert "changed 2 rows" in caplog.text
    assert run() == 0
    time_machine.move_to(NOW + timedelta(days=1), tick=False)
    caplog.clear()
    assert run() == 1
    assert "changed" not in caplog.text


def test_who_is_gone_is_not_planned(ana):
    tasks.plan_owners.apply(args=[[str(ana.pk)]]).get()
    ana.is_active = False
    ana.save()
    assert run() == 0
