"""What we ask of allauth beyond its settings."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.shortcuts import resolve_url

from netcrm.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """The default, but whoever is new begins with the first steps."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if isinstance(request.user, User) and request.user.first_steps_done_at is None:
            return resolve_url("first_steps")
        return str(super().get_login_redirect_url(request))
