"""Pages about mail: for members, for operators, and for whoever holds a link from a mail."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from netcrm.delivery import links, services


@csrf_exempt  # RFC 8058: a mail program posts without cookies; all it can do is unsubscribe
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button; the POST, by person or mail program, ends that stream."""
    try:
        values = links.unseal("unsubscribe", token)
    except links.Bad:
        return sealed(render(request, "delivery/link_unknown.html", status=404))
    if request.method == "POST":
        services.unsubscribe(stream=values["s"], owner_id=values.get("u"), address=values.get("a"))
    return sealed(render(request, "delivery/unsubscribe.html", {"done": request.method == "POST"}))


def sealed(response: HttpResponse) -> HttpResponse:
    """Keep a token page out of caches, search engines and other sites' logs (W01, E10)."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
