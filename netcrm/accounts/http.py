"""A request with a person behind it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from netcrm.accounts.models import User


class OwnerRequest(HttpRequest):
    """What a view behind the login door receives."""

    user: User
    htmx: HtmxDetails
