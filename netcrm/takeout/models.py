"""Exports that were asked for, and people who were erased because they asked."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from netcrm.accounts.models import User
from netcrm.kit.models import Row

OWNER = "accounts.User"
KEPT_DAYS = 7  # of a finished export (G01)


class TakeoutQuerySet(models.QuerySet["Takeout"]):
    def visible_to(self, user: User) -> TakeoutQuerySet:
        return self.filter(owner=user)

    def there(self, at: dt.datetime) -> TakeoutQuerySet:
        """Finished, and not older than its link."""
        return self.filter(
            state=Takeout.State.DONE, finished_at__gt=at - dt.timedelta(days=KEPT_DAYS)
        )

    def owed(self, at: dt.datetime) -> TakeoutQuerySet:
        """Waiting for a worker, or left by one that died."""
        free = Q(lease_until=None) | Q(lease_until__lt=at)
        return self.filter(free, state=Takeout.State.WAITING)


class Takeout(Row):
    """Everything of one owner as a file, made by a worker."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Being put together")
        DONE = "done", _("Ready")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="takeouts")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = TakeoutQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(state="waiting"), name="takeout_one_at_work"
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.created_at:%Y-%m-%d}"

    @property
    def dies_at(self) -> dt.datetime | None:
        return self.finished_at and self.finished_at + dt.timedelta(days=KEPT_DAYS)


class TakeoutPart(Row):
    """A piece of an export's bytes; in the database, where every process reads it."""

    takeout = models.ForeignKey(Takeout, models.CASCADE, related_name="parts")
    place = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["takeout", "place"], name="takeoutpart_once_per_place")
        ]

    def __str__(self) -> str:
        return f"part {self.place}"


class Erasure(Row):
    """That somebody in the owner's list was erased because they asked, without who (G03)."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="erasures")
    initials = models.CharField(max_length=8, blank=True)
    exchanges = models.PositiveIntegerField(default=0)
    stays_as_step = models.BooleanField(default=False)
    mentioned_in = models.PositiveIntegerField(
        default=0, help_text="Notes of the owner's that still hold the name."
    )

    def __str__(self) -> str:
        return self.initials
