"""The ledger of mail that is owed, and what it needs to know about servers and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from netcrm.kit.models import Row

if TYPE_CHECKING:
    from netcrm.accounts.models import User

OWNER = "accounts.User"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: User) -> DeliveryQuerySet:
        return self.filter(owner=user)

    def due(self) -> DeliveryQuerySet:
        """Rows a worker may take now, by the database's clock."""
        return self.filter(state=Delivery.State.DUE, due_at__lte=Now())

    def waiting(self) -> DeliveryQuerySet:
        """Rows that will still be sent unless somebody stops them."""
        return self.filter(state__in=Delivery.WAITING)

    def wants_somebody(self) -> DeliveryQuerySet:
        """Rows that only a person can bring to an end."""
        return self.filter(state__in=Delivery.WANTS_SOMEBODY)


class Delivery(Row):
    """One mail that is owed: its state is what we know, never what we hope.

    ``due → claimed → sending → sent``, and from *sending* to *unknown* when the server may
    have taken it and nobody can tell.  Source: docs/decisions/0050 and 0051.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Daily reminder")
        WEEKLY = "weekly", _("Weekly reminder")
        THANKS = "thanks", _("Evening thank-you")
        SUMMARY = "summary", _("Summary after a break")
        TEST = "test", _("Test mail")
        NOTICE = "notice", _("About your account")
        THIRD_PARTY = "third_party", _("Mail to somebody else")

    class State(models.TextChoices):
        DUE = "due", _("Due")
        CLAIMED = "claimed", _("Being prepared")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        UNKNOWN = "unknown", _("May have been sent")
        HELD = "held", _("Held for you")
        FAILED = "failed", _("Refused")
        DEAD = "dead", _("Given up")
        SKIPPED = "skipped", _("Nothing to send")
        FOLDED = "folded", _("Put into a later mail")

    REMINDERS = (Kind.DIGEST, Kind.WEEKLY, Kind.THANKS, Kind.SUMMARY)
    WAITING = (State.DUE, State.CLAIMED, State.SENDING, State.UNKNOWN)
    WANTS_SOMEBODY = (State.HELD, State.DEAD, State.FAILED)
    ENDED = (State.SENT, State.SKIPPED, State.FOLDED)

    # Two indexes begin with the owner already; each more costs every claim.
    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="deliveries", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    letter = models.CharField(
        max_length=40, blank=True, help_text="Who writes it, where the kind alone does not say."
    )
    about = models.UUIDField(null=True, blank=True, help_text="The row the letter is about.")
    local_on = models.DateField(help_text="The day it is meant for, where the owner lives.")
    slot = models.CharField(max_length=80, blank=True, help_text="Tells apart mails of one day.")
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    owed_at = models.DateTimeField(help_text="When it was first due; lateness counts from here.")
    due_at = models.DateTimeField(help_text="When it may next be tried.")
    retries = models.PositiveSmallIntegerField(default=0)
    unknown_count = models.PositiveSmallIntegerField(default=0)
    taken_back = models.PositiveSmallIntegerField(
        default=0, help_text="How often a worker died or froze while holding it."
    )
    claim_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    recipient = models.EmailField(
        max_length=254, blank=True, help_text="Empty until sent, for mail to oneself."
    )
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    folded_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="folded", db_index=False
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-owed_at", "-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "local_on", "slot"], name="delivery_once_per_day"
            ),
            models.CheckConstraint(
                condition=(Q(state="sent") & Q(sent_at__isnull=False))
                | (~Q(state="sent") & Q(sent_at=None)),
                name="delivery_sent_iff_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["claimed", "sending"], claim_token__isnull=False)
                & Q(lease_until__isnull=False)
                | ~Q(state__in=["claimed", "sending"]) & Q(claim_token=None, lease_until=None),
                name="delivery_leased_iff_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(kind="third_party") | ~Q(recipient=""),
                name="delivery_to_others_names_them",
            ),
            models.CheckConstraint(
                condition=Q(state="folded") | Q(folded_into=None),
                name="delivery_folded_into_only_when_folded",
            ),
        ]
        indexes = [
            # Read by the claim and by /metrics.
            models.Index(fields=["due_at"], condition=Q(state="due"), name="delivery_due"),
            # Read by the claim of rows whose workers keep dying (ledger.SUSPECT_AFTER).
            models.Index(
                fields=["due_at"],
                condition=Q(state="due", taken_back__gte=3),
                name="delivery_suspect",
            ),
            # Read by the sweep that takes back what a dead worker held.
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["claimed", "sending"]),
                name="delivery_leased",
            ),
            # Read by the sweep that decides about mail that may have been sent.
            models.Index(fields=["due_at"], condition=Q(state="unknown"), name="delivery_unknown"),
            # Read by the mail that takes the place of others, and when old mail is put away.
            models.Index(
                fields=["folded_into"],
                condition=Q(folded_into__isnull=False),
                name="delivery_folded",
            ),
            # Read by the operator's page.
            models.Index(
                fields=["-owed_at"],
                condition=Q(state__in=["held", "failed", "dead"]),
                name="delivery_wants_somebody",
            ),
            # Read by the member's delivery page: the last ones, newest first.
            models.Index(fields=["owner", "-owed_at"], name="delivery_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.local_on} {self.state}"

    @property
    def is_to_oneself(self) -> bool:
        return self.kind != self.Kind.THIRD_PARTY

    @property
    def waits_for_its_sender(self) -> bool:
        """Whether only its owner may have it sent: it is to somebody else, who may have it."""
        return self.state == self.State.HELD and not self.is_to_oneself


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def visible_to(self, user: User) -> ScheduleQuerySet:
        return self.filter(owner=user)


class Schedule(Row):
    """When an owner's next mail of a kind is due, and what that was worked out from.

    Written by ``delivery.services.sweep`` alone.  The copies of the owner's settings are
    how the sweep notices that they, or the zone data, have changed since.
    """

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="schedules")
    kind = models.CharField(max_length=12, choices=Delivery.Kind)
    next_on = models.DateField(help_text="The local day that is owed next.")
    next_at = models.DateTimeField()
    last_on = models.DateField(null=True, blank=True, help_text="The last day that had its turn.")
    time_zone = models.CharField(max_length=64)
    send_at = models.TimeField()
    send_weekdays = models.PositiveSmallIntegerField(help_text="Bit 0 is Monday.")
    weekly_on = models.PositiveSmallIntegerField()
    country = models.CharField(max_length=2, blank=True)
    zone_data = models.CharField(max_length=12, help_text="Release of the zone data, as 2026f.")

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "kind"], name="schedule_once_per_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["digest", "weekly", "thanks"]),
                name="schedule_of_a_returning_kind",
            ),
        ]
        # Read by the sweep: whose turn has come?
        indexes = [models.Index(fields=["next_at"], name="schedule_next")]

    def __str__(self) -> str:
        return f"{self.kind} {self.next_on}"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def visible_to(self, user: User) -> SuppressionQuerySet:
        return self.filter(address__iexact=user.email)

    def standing(self, address: str, *, stream: str) -> SuppressionQuerySet:
        """What stops mail of ``stream`` to ``address`` now."""
        return self.filter(address=address.lower(), stream__in=["", stream], lifted_at=None)

    def among(self, addresses: Iterable[str]) -> dict[tuple[str, str], str]:
        """The standing reason by address, in lower case, and stream; one query for a batch."""
        found = self.filter(address__in={a.lower() for a in addresses}, lifted_at=None)
        return {(row.address, row.stream): row.reason for row in found}


class Suppression(Row):
    """An address that mail of a stream must not go to."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("Mail to it came back")
        COMPLAINED = "complained", _("Somebody marked our mail as unwanted")
        UNSUBSCRIBED = "unsubscribed", _("Its owner unsubscribed")

    address = models.EmailField(max_length=254, help_text="In lower case.")
    stream = models.CharField(max_length=20, blank=True, help_text="Empty: every mail.")
    reason = models.CharField(max_length=12, choices=Reason)
    detail = models.CharField(max_length=500, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "address",
                "stream",
                condition=Q(lifted_at=None),
                name="suppression_once_per_stream",
            ),
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="suppression_in_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.stream or 'all'}"


class Objection(Row):
    """Somebody reported mail that an owner had us send: nothing of that owner's goes there again.

    It stands for good; an operator notes having looked into it.
    """

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="objections")
    address = models.EmailField(max_length=254, help_text="In lower case; who objected.")
    detail = models.CharField(max_length=500, blank=True, help_text="In their words.")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When an operator had looked.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "address"], name="objection_once"),
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="objection_in_lower_case"
            ),
        ]
        # Read by the operator's page.
        indexes = [models.Index(fields=["at"], condition=Q(seen_at=None), name="objection_unseen")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.address}"


class MailEvent(Row):
    """Something a mail provider told us about a mail; each is told once."""

    class Kind(models.TextChoices):
        HARD = "hard", _("Came back for good")
        SOFT = "soft", _("Came back for now")
        COMPLAINT = "complaint", _("Marked as unwanted")
        DELIVERED = "delivered", _("Arrived")

    kind = models.CharField(max_length=10, choices=Kind)
    address = models.EmailField(max_length=254, help_text="In lower case.")
    delivery = models.ForeignKey(
        Delivery, models.SET_NULL, null=True, blank=True, related_name="events"
    )
    status = models.CharField(max_length=20, blank=True, help_text="RFC 3463, such as 5.1.1.")
    signature = models.CharField(
        max_length=64, null=True, unique=True, help_text="Of the request; empty when we saw it."
    )
    at = models.DateTimeField()

    class Meta:
        # Read when a bounce is counted.
        indexes = [models.Index(fields=["address", "kind", "at"], name="mailevent_by_address")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class Tally(models.Model):
    """How many mails of a month came to which end, kept when their rows are not.

    Written by ``delivery.services.put_away`` alone.  Source: docs/decisions/0054.
    """

    month_on = models.DateField(help_text="Its first day.")
    kind = models.CharField(max_length=12, choices=Delivery.Kind)
    state = models.CharField(max_length=10, choices=Delivery.State)
    count = models.PositiveIntegerField(default=0)
    doubtful = models.PositiveIntegerField(
        default=0, help_text="Of them, those that may have been sent more than once."
    )

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [
            models.UniqueConstraint(fields=["month_on", "kind", "state"], name="tally_once"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="tally_of_a_month"),
            models.CheckConstraint(
                condition=Q(doubtful__lte=models.F("count")), name="tally_doubts_are_counted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m} {self.kind} {self.state} {self.count}"


class MailHost(models.Model):
    """The circuit breaker of one mail server: one row, shared by every worker."""

    name = models.CharField(max_length=300, primary_key=True, help_text="host:port")
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    closed_until = models.DateTimeField(
        null=True, blank=True, help_text="Nobody asks before then; then one worker may."
    )
    trouble_since = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class PostRoom(models.Model):
    """One row for the whole product: is mail held, who sends, when did the sweep last run."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    held_at = models.DateTimeField(null=True, blank=True)
    held_because = models.CharField(max_length=200, blank=True)
    swept_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    sender_token = models.UUIDField(null=True, blank=True)
    sender_until = models.DateTimeField(
        null=True, blank=True, help_text="SQLite only: the one sender's lease."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="postroom_is_one_row")]

    def __str__(self) -> str:
        return "held" if self.held_at else "open"
