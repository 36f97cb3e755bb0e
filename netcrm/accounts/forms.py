"""Forms of sign-up and settings.  They ask and validate; services save."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from crispy_forms.helper import FormHelper
from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from netcrm.accounts.models import User
from netcrm.kit.text import OneLineField

BIRTHDAY_CHOICES = (
    (0, _("On the day")),
    (1, _("The day before")),
    (3, _("Three days before")),
    (7, _("A week before")),
)
WEEKDAY_CHOICES = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


def zone_choices() -> list[tuple[str, str]]:
    """Every zone as people read it: “Europe/London”, the odd ones left out."""
    names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
    shown = [name for name in names if not name.startswith(("Etc/", "SystemV/", "posix/"))]
    return [(name, name.replace("_", " ")) for name in shown]


HINTS = {
    "password1": _("At least 8 characters; no common word, and not your name or address."),
    "passwordless": _("The device then asks for your finger, your face or its code."),
}


def in_our_words(form: forms.Form, **labels: Any) -> None:
    """Labels as we say them, and no text inside boxes that looks like an answer."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)
        field.help_text = HINTS.get(name, field.help_text)


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """E-mail and password, and whether this computer is one's own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self, login=_("E-mail address"), remember=_("Keep me signed in here"))
        self.fields["password"].help_text = ""
        self.fields["remember"].help_text = _("Leave this empty on a computer others use.")


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail and password; the browser adds its time zone."""

    time_zone = forms.CharField(
        required=False,
        max_length=64,
        widget=forms.HiddenInput(attrs={"data-timezone-input": ""}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_our_words(self, email=_("E-mail address"))

    def clean_time_zone(self) -> str:
        """A zone that nobody knows is no reason to refuse somebody an account."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else "UTC"

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])


class SettingsForm(forms.Form):
    """A form over some of the user's settings; ``values()`` are what a service saves."""

    names: tuple[str, ...] = ()
    heading: Promise  # of the page
    lede: Promise | str = ""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {name: getattr(user, name) for name in self.names})
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.names}


class YouForm(SettingsForm):
    heading = _("You")
    lede = _("What you look for stands on your one page and in notes you write.")
    names = ("name", "target_line", "introducer_limit", "time_zone", "country")

    name = OneLineField(label=_("Your name"), required=False, max_length=300)
    target_line = OneLineField(
        label=_("What work are you looking for?"),
        required=False,
        max_length=300,
        help_text=_("One line: the role, the field, the place."),
    )
    introducer_limit = forms.IntegerField(
        label=_("How many introductions do you ask of one person in three months?"),
        min_value=1,
        max_value=20,
        help_text=_("Beyond that we ask once more, so that nobody feels used."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=lambda: [("", _("Not said")), *countries],
        help_text=_("Its public holidays count as days off."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        zones = cast(forms.ChoiceField, self.fields["time_zone"])
        if user.time_zone not in dict(zone_choices()):
            zones.choices = [(user.time_zone, user.time_zone), *zone_choices()]


class RemindersForm(SettingsForm):
    heading = _("Reminders")
    lede = _(
        "One mail a day at most, only when somebody is due. We do not track whether you open it."
    )
    names = (
        "reminder_speed",
        "send_at",
        "send_weekdays",
        "weekly_on",
        "daily_budget",
        "touches_per_week",
        "birthday_lead_days",
        "discreet_subjects",
        "initials_only",
        "thanks_nudge",
    )

    reminder_speed = forms.ChoiceField(
        label=_("How often may we write to you?"),
        choices=User.Speed.choices,
        widget=forms.RadioSelect,
    )
    send_at = forms.TimeField(
        label=_("At what time?"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Where you are, summer and winter."),
    )
    send_weekdays = forms.TypedMultipleChoiceField(
        label=_("On which days?"),
        choices=WEEKDAY_CHOICES,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day, or choose “Never” above.")},
    )
    weekly_on = forms.TypedChoiceField(
        label=_("If once a week, on which day?"), choices=WEEKDAY_CHOICES, coerce=int
    )
    daily_budget = forms.IntegerField(
        label=_("At most how many people a day?"), min_value=1, max_value=20
    )
    touches_per_week = forms.IntegerField(
        label=_("About how many people can you write to in a week?"),
        min_value=1,
        max_value=140,
        help_text=_("Suggestions are spread so that they fit your week."),
    )
    birthday_lead_days = forms.TypedChoiceField(
        label=_("When should a birthday come up?"), choices=BIRTHDAY_CHOICES, coerce=int
    )
    discreet_subjects = forms.BooleanField(
        label=_("Keep names out of subjects (“Two small things”)"), required=False
    )
    initials_only = forms.BooleanField(
        label=_("Show initials instead of names in mail and calendar"), required=False
    )
    thanks_nudge = forms.BooleanField(
        label=_("After a meeting, remind me of thanks the same evening"), required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.initial["send_weekdays"] = [day for day in range(7) if user.send_weekdays >> day & 1]

    def values(self) -> dict[str, Any]:
        days = sum(1 << day for day in self.cleaned_data["send_weekdays"])
        return {**super().values(), "send_weekdays": days}


class AppearanceForm(SettingsForm):
    heading = _("Look and keys")
    names = ("theme", "single_keys")

    theme = forms.ChoiceField(
        label=_("Light or dark?"), choices=User.Theme.choices, widget=forms.RadioSelect
    )
    single_keys = forms.BooleanField(
        label=_("Single keys act: l logs, ? opens help"), required=False
    )
