"""Where to go after an act."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def back_to(request: HttpRequest, otherwise: str) -> str:
    """The page the act was pressed on, if it is ours (W06); ``otherwise`` where that is unknown.

    A form may say it as ``next``; else the browser's own Referer does.
    """
    for place in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if place and url_has_allowed_host_and_scheme(
            place, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return place
    return otherwise
