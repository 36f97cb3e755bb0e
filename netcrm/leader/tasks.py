"""Counting ahead of the leaders, so that a group of a hundred opens at once."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from introductions import room
from netcrm.groups import services
from netcrm.leader import counting


@shared_task
def recount() -> None:
    """Every few minutes: bring the numbers of members up to date."""
    counting.recount(at=timezone.now())


@shared_task
def draw_rooms() -> None:
    """Every few minutes: draw the networks of groups in which a tie or a consent has changed."""
    room.draw_all()


@shared_task
def prune_view_log() -> None:
    """Daily: drop what the log of who looked need not keep any longer."""
    services.prune_view_log(at=timezone.now())
