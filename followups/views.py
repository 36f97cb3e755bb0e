"""Today, what is coming up, and what one does with a follow-up."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from followups import selectors
from netcrm.accounts.http import OwnerRequest


@require_safe
def today(request: OwnerRequest) -> HttpResponse:
    """At most five people, what to do and why, and what else is possible."""
    day = request.user.day(timezone.now())
    return render(
        request,
        "followups/today.html",
        {
            "today": selectors.today_cards(request.user, day),
            "kept": selectors.kept_this_month(request.user, day),
        },
    )


@require_safe
def upcoming(request: OwnerRequest) -> HttpResponse:
    """Whom each of the next thirty days will show, as the mails will."""
    day = request.user.day(timezone.now())
    return render(
        request,
        "followups/upcoming.html",
        {"days": selectors.upcoming(request.user, day), "day": day},
    )
