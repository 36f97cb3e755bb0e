"""Planned contacts, and the owner's own rhythms."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Ring, Tag
from introductions.models import Introduction
from netcrm.kit.models import Row

if TYPE_CHECKING:
    from netcrm.accounts.models import User

OWNER = "accounts.User"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, user: User) -> FollowUpQuerySet:
        """The only door to follow-ups: every read in a view starts here."""
        return self.filter(contact__owner=user, contact__trashed_at=None)

    def open(self) -> FollowUpQuerySet:
        return self.filter(closed_at=None)

    def showing_by(self, day: dt.date) -> FollowUpQuerySet:
        """Open ones whose window has opened by ``day`` and that nobody put off past it."""
        return (
            self.open()
            .filter(opens_on__lte=day)
            .filter(Q(deferred_until=None) | Q(deferred_until__lte=day))
        )

    def of_active_people(self) -> FollowUpQuerySet:
        """Only people a reminder may name (C6), whatever else stands in the table."""
        return self.filter(
            contact__archived_at=None,
            contact__do_not_contact=False,
            contact__trashed_at=None,
        ).exclude(contact__ring=Ring.D)

    def with_people(self) -> FollowUpQuerySet:
        return self.select_related(
            "contact", "introduction__introducer", "introduction__introduced"
        )


class FollowUp(Row):
    """A planned contact: whom to reach, what for, in which window, and why.

    Written by ``followups.services.plan`` alone.  Ownership is the contact's.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        RESTED = "rested", _("Resting")
        PARKED = "parked", _("Parked")
        DROPPED = "dropped", _("No longer needed")

    class Later(models.TextChoices):
        """What “Later” meant (ux.md 2.2); a spread is the planner's own, after a break."""

        TOMORROW = "tomorrow", _("Tomorrow")
        BEST = "best", _("When the window is best")
        DATE = "date", _("On a day I choose")
        ANSWER = "answer", _("When they answer")
        SPREAD = "spread", _("Spread out after a break")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="follow_ups")
    purpose = models.CharField(max_length=20, help_text="A stage key of ux.md 1.2.")
    introduction = models.ForeignKey(
        Introduction, models.CASCADE, null=True, blank=True, related_name="follow_ups"
    )
    opens_on = models.DateField()
    best_on = models.DateField()
    fades_on = models.DateField()
    quiet_on = models.DateField()
    reason = models.CharField(max_length=30, help_text="A code of ux.md 4.4.")
    facts = models.JSONField(default=dict, help_text="What the reason's sentence names.")
    rule = models.CharField(max_length=30, help_text="Which rule set the window.")
    setting = models.CharField(
        max_length=30, blank=True, help_text="What the owner would change to change the window."
    )
    more = models.JSONField(default=list, help_text="Further reasons: code, rule, facts, setting.")
    priority = models.FloatField(default=0)
    counts_from_at = models.DateTimeField(
        null=True, blank=True, help_text="Newest contact known when the window was planned."
    )
    deferred_until = models.DateField(
        null=True, blank=True, help_text="First day it may show again."
    )
    deferred_for = models.CharField(max_length=10, choices=Later, blank=True)
    deferred_at = models.DateTimeField(null=True, blank=True)
    times_deferred = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    by_contact = models.BooleanField(
        default=False, help_text="Closed because contact happened; taken back if that is undone."
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "purpose"],
                condition=Q(closed_at=None),
                name="followup_one_open_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="followup_closed_iff_outcome",
            ),
            models.CheckConstraint(
                condition=Q(deferred_until=None, deferred_for="", deferred_at=None)
                | (
                    Q(deferred_until__isnull=False, deferred_at__isnull=False) & ~Q(deferred_for="")
                ),
                name="followup_deferred_with_a_meaning",
            ),
            models.CheckConstraint(
                condition=Q(
                    opens_on__lte=F("best_on"),
                    best_on__lte=F("fades_on"),
                    fades_on__lte=F("quiet_on"),
                ),
                name="followup_window_in_order",
            ),
        ]
        # Read by Today, the upcoming list and the mail, which all want open rows only.
        indexes = [
            models.Index(
                fields=["opens_on"], condition=Q(closed_at=None), name="followup_open_by_day"
            ),
            # Read by the planner, which asks what was closed by hand, and by “kept this month”.
            models.Index(
                fields=["contact", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="followup_closed_by_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.best_on}"


class RhythmQuerySet(models.QuerySet["Rhythm"]):
    def visible_to(self, user: User) -> RhythmQuerySet:
        return self.filter(owner=user)


class Rhythm(Row):
    """An owner's own days for a ring, a tag or a person (R3)."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="rhythms")
    ring = models.CharField(max_length=1, choices=Ring, blank=True)
    tag = models.OneToOneField(Tag, models.CASCADE, null=True, blank=True, related_name="rhythm")
    contact = models.OneToOneField(
        Contact, models.CASCADE, null=True, blank=True, related_name="rhythm"
    )
    opens_days = models.PositiveSmallIntegerField()
    best_days = models.PositiveSmallIntegerField()
    fades_days = models.PositiveSmallIntegerField()
    quiet_days = models.PositiveSmallIntegerField()

    objects = RhythmQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(~Q(ring="") & Q(tag=None, contact=None))
                | Q(ring="", tag__isnull=False, contact=None)
                | Q(ring="", tag=None, contact__isnull=False),
                name="rhythm_of_exactly_one_thing",
            ),
            models.UniqueConstraint(
                fields=["owner", "ring"], condition=~Q(ring=""), name="rhythm_once_per_ring"
            ),
            models.CheckConstraint(
                condition=Q(
                    opens_days__gte=1,
                    best_days__gte=F("opens_days"),
                    fades_days__gte=F("best_days"),
                    quiet_days__gte=F("fades_days"),
                ),
                name="rhythm_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"every {self.best_days} days"
