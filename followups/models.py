"""Planned contacts, and the owner's own rhythms."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import uuid4

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
    occasion = models.CharField(
        max_length=60, blank=True, help_text="Names what it answers; another occasion, another row."
    )
    fingerprint = models.CharField(
        max_length=24, blank=True, help_text="Of what was planned: equal means nothing to write."
    )
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

    def reasons(self) -> list[dict[str, Any]]:
        """The reasons behind the window, the decisive one first: code, rule, facts, setting."""
        first = {
            "code": self.reason,
            "rule": self.rule,
            "facts": self.facts,
            "setting": self.setting,
        }
        return [first, *self.more]


class RhythmQuerySet(models.QuerySet["Rhythm"]):
    def visible_to(self, user: User) -> RhythmQuerySet:
        return self.filter(owner=user)


class Rhythm(Row):
    """An owner's own days for a ring, a tag or a person (R3).

    For a ring all four spans count.  For a tag or a person there is either ``best_days`` or
    ``every_months``, perhaps tied to a day of the month; spans of 0 take the usual shape.
    """

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="rhythms")
    ring = models.CharField(max_length=1, choices=Ring, blank=True)
    tag = models.OneToOneField(Tag, models.CASCADE, null=True, blank=True, related_name="rhythm")
    contact = models.OneToOneField(
        Contact, models.CASCADE, null=True, blank=True, related_name="rhythm"
    )
    opens_days = models.PositiveSmallIntegerField(default=0)
    best_days = models.PositiveSmallIntegerField(default=0)
    fades_days = models.PositiveSmallIntegerField(default=0)
    quiet_days = models.PositiveSmallIntegerField(default=0)
    every_months = models.PositiveSmallIntegerField(default=0)
    on_day = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Day of the month; a shorter month gives its last."
    )

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
                condition=Q(ring="")
                | Q(
                    opens_days__gte=1,
                    best_days__gte=F("opens_days"),
                    fades_days__gte=F("best_days"),
                    quiet_days__gte=F("fades_days"),
                    every_months=0,
                ),
                name="rhythm_of_a_ring_in_order",
            ),
            models.CheckConstraint(
                condition=Q(best_days__gte=1, every_months=0, on_day=None)
                | Q(best_days=0, every_months__gte=1),
                name="rhythm_in_days_or_months",
            ),
            models.CheckConstraint(
                condition=Q(on_day=None) | Q(on_day__gte=1, on_day__lte=31),
                name="rhythm_day_of_month_1_to_31",
            ),
        ]

    def __str__(self) -> str:
        if self.every_months:
            return f"every {self.every_months} months"
        return f"every {self.best_days} days"


class Pace(models.Model):
    """What one touch costs this owner, so that what is suggested fits the week they have.

    Kept, and not computed anew each time, so that a change with one person moves nobody else.
    Beside it stands when everybody was last planned anew.
    """

    owner = models.OneToOneField(OWNER, models.CASCADE, primary_key=True, related_name="pace")
    price = models.FloatField(default=1.0, help_text="1 is the pace of the ring table.")
    planned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=1.0), name="pace_price_at_least_1")
        ]

    def __str__(self) -> str:
        return f"{self.price:g}"


class Spread(Row):
    """One spreading out of what had come together: after a pause, or a fresh start (R9).

    ``before`` holds what each follow-up had been put off to, so that one undo puts it back.
    """

    class Kind(models.TextChoices):
        PAUSE = "pause", _("After a pause")
        FRESH_START = "fresh_start", _("Fresh start")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="spreads")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    until_on = models.DateField(help_text="Last day anything was moved to.")
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class WroteAnyway(Row):
    """The owner chose to write before the window opened, having been shown its date (R5)."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="wrote_anyway")
    at = models.DateTimeField()
    opens_on = models.DateField(help_text="The day that was shown.")

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.contact_id} before {self.opens_on}"


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, user: User) -> CalendarFeedQuerySet:
        return self.filter(owner=user)


class CalendarFeed(Row):
    """What an owner's calendar program may fetch without signing in, and under which address.

    The address is a MAC over this row's key and ``nonce`` (``followups.feed``): nothing in this
    table opens it, and another nonce is another address.
    """

    owner = models.OneToOneField(OWNER, models.CASCADE, related_name="calendar_feed")
    nonce = models.UUIDField(default=uuid4, editable=False)
    people = models.BooleanField(default=True)
    promised = models.BooleanField(default=True)
    interviews = models.BooleanField(default=False)
    names = models.BooleanField(default=False, help_text="Whole names instead of initials.")
    notes = models.BooleanField(default=False)
    published = models.JSONField(
        default=dict, help_text="By entry: its revision, a digest of its words, and since when."
    )

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return "calendar"
