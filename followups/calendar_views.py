"""Settings: the calendar; and the feed itself, opened by its secret address."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from followups import feed as feeds
from followups.forms import CalendarForm
from followups.models import CalendarFeed
from followups.services import calendar as services
from netcrm.accounts.http import OwnerRequest
from netcrm.delivery.links import absolute


@require_http_methods(["GET", "POST"])
def settings_page(request: OwnerRequest) -> HttpResponse:
    """Subscribe, and choose what stands in the calendar."""
    row = CalendarFeed.objects.visible_to(request.user).first()
    initial = {name: getattr(row, name) for name in CalendarForm.base_fields} if row else {}
    form = CalendarForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        services.choose(by=request.user, **form.cleaned_data)
        messages.success(
            request, _("Saved.") if row else _("Your calendar has an address of its own now.")
        )
        return redirect("followups:calendar")
    address = (
        absolute(reverse("followups:calendar_feed", args=[feeds.token_of(row)])) if row else ""
    )
    return render(
        request,
        "followups/calendar.html",
        {
            "form": form,
            "address": address,
            "webcal": "webcal:" + address.partition(":")[2],
            "always_initials": request.user.initials_only,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def renew(request: OwnerRequest) -> HttpResponse:
    services.renew(by=request.user)
    messages.success(request, _("A new address. The old one leads nowhere now."))
    return redirect("followups:calendar")


@require_POST
def stop(request: OwnerRequest) -> HttpResponse:
    services.stop(by=request.user)
    messages.success(request, _("Stopped. The address leads nowhere now."))
    return redirect("followups:calendar")


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whoever made this address, in their own days; 404 for any other."""
    row = feeds.feed_of(token)
    if row is None:
        raise Http404
    now = timezone.now()
    with timezone.override(row.owner.zone):
        entries = feeds.entries_of(row, today=row.owner.day(now))
        revisions = services.publish(feed=row, entries=entries, at=now)
        text = feeds.calendar_text(entries, revisions)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="netcrm.ics"'
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
