"""The person who signs in, and how they want to be written to."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from netcrm.accounts.managers import UserManager
from netcrm.kit.models import Row

WEEKDAYS = 0b0011111  # Monday is bit 0
EVERY_DAY = 0b1111111


def validate_zone(name: str) -> None:
    """Accept IANA names only."""
    if name not in available_timezones():
        raise ValidationError(_("“%(zone)s” is not a time zone we know."), params={"zone": name})


class User(AbstractBaseUser, Row):
    """A job seeker or leader; signs in by e-mail."""

    class Speed(models.TextChoices):
        DAILY = "daily", _("Every day that someone is due")
        CLOSING = "closing", _("Only when a good window is about to end")
        WEEKLY = "weekly", _("Once a week")
        OFF = "off", _("Never")

    class Theme(models.TextChoices):
        AUTO = "auto", _("Like this device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("your name"), max_length=300, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False, help_text="May open the operator's pages.")

    target_line = models.CharField(_("what you are looking for"), max_length=300, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    country = models.CharField(
        max_length=2, blank=True, help_text="ISO 3166 code; decides public holidays."
    )
    reminder_speed = models.CharField(max_length=10, choices=Speed, default=Speed.DAILY)
    send_at = models.TimeField(
        default=dt.time(8, 0), help_text="Wall-clock time in the user's zone."
    )
    send_weekdays = models.PositiveSmallIntegerField(
        default=WEEKDAYS, help_text="Days to write on; bit 0 is Monday."
    )
    weekly_on = models.PositiveSmallIntegerField(
        default=0, help_text="Day of the weekly mail; 0 is Monday."
    )
    discreet_subjects = models.BooleanField(default=False)
    initials_only = models.BooleanField(default=False, help_text="Mail and feed show initials.")
    thanks_nudge = models.BooleanField(
        default=False, help_text="One mail on the evening of a meeting, to thank."
    )
    paused_until = models.DateField(null=True, blank=True, help_text="First day after the pause.")
    daily_budget = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(20)]
    )
    touches_per_week = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(140)]
    )
    birthday_lead_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(30)],
        help_text="Days ahead of a birthday that it is spoken of.",
    )
    introducer_limit = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="Introductions asked of one person in 90 days before a page asks back.",
    )
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    single_keys = models.BooleanField(default=True)
    landed_at = models.DateTimeField(null=True, blank=True)
    first_steps_done_at = models.DateTimeField(null=True, blank=True)
    last_seen_on = models.DateField(null=True, blank=True)
    leaves_at = models.DateTimeField(
        null=True, blank=True, help_text="When everything of theirs is deleted, as they asked."
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case"),
            models.CheckConstraint(
                condition=models.Q(send_weekdays__lte=EVERY_DAY), name="user_send_weekdays_7_bits"
            ),
            models.CheckConstraint(
                condition=models.Q(weekly_on__lte=6), name="user_weekly_on_is_a_weekday"
            ),
            models.CheckConstraint(
                condition=models.Q(daily_budget__gte=1, daily_budget__lte=20),
                name="user_daily_budget_1_to_20",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def day(self, at: dt.datetime) -> dt.date:
        """The calendar day that ``at`` (aware) falls on where this user lives."""
        return at.astimezone(self.zone).date()

    def begin_of(self, day: dt.date) -> dt.datetime:
        """The moment (aware) at which ``day`` begins where this user lives."""
        return dt.datetime.combine(day, dt.time(), tzinfo=self.zone)

    def writes_on(self, day: dt.date) -> bool:
        """Whether ``day`` is one of the weekdays the user wants mail on."""
        return bool(self.send_weekdays >> day.weekday() & 1)

    @cached_property
    def in_a_group(self) -> bool:
        """Whether a support group has this user now.

        Whoever signs in has it read with the user (netcrm.groups.sign_in): no query of its own.
        """
        return self.memberships.filter(left_at=None, group__closed_at=None).exists()
