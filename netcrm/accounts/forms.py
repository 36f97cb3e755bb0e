"""Forms of sign-up and settings."""

from zoneinfo import available_timezones

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.http import HttpRequest

from netcrm.accounts.models import User


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail and password; the browser adds its time zone."""

    time_zone = forms.CharField(
        required=False,
        max_length=64,
        widget=forms.HiddenInput(attrs={"data-timezone-input": ""}),
    )

    def clean_time_zone(self) -> str:
        """A zone that nobody knows is no reason to refuse somebody an account."""
        zone = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else "UTC"

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["time_zone"])
