"""What we ask of allauth beyond its settings."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

from netcrm.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The default, but whoever is new begins with the first steps, and our words for refusals."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("That address and that password do not go together."),
        "enter_current_password": _("That is not the password you have now."),
        "too_many_login_attempts": _("Too many tries. Wait a little, then try again."),
    }

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if isinstance(request.user, User) and request.user.first_steps_done_at is None:
            return resolve_url("first_steps")
        return str(super().get_login_redirect_url(request))
