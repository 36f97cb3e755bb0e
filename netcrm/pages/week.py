"""The week on one screen: filled in from the log, sent to the group."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from followups.sharing import week_numbers
from introductions import weeks
from netcrm.accounts.http import OwnerRequest
from netcrm.groups import services
from netcrm.groups.forms import ReportForm
from netcrm.groups.models import Grain, Membership, WeeklyReport
from netcrm.groups.selectors import consent
from netcrm.kit.charts import dots


def _mine(request: OwnerRequest, group_pk: UUID) -> Membership:
    rows = Membership.objects.present().filter(user=request.user)
    return get_object_or_404(rows.select_related("group", "user", "buddy__user"), group=group_pk)


def _monday(request: OwnerRequest) -> dt.date:
    today = request.user.day(timezone.now())
    return today - dt.timedelta(days=today.weekday())


@require_http_methods(["GET", "POST"])
def week(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Eight numbers, one win, one ask, one commitment."""
    membership, monday = _mine(request, pk), _monday(request)
    today = request.user.day(timezone.now())
    sent = WeeklyReport.objects.filter(membership=membership, week_on=monday).first()
    counted = week_numbers(request.user, consent(membership), monday=monday)
    initial = counted.as_initial() | _as_sent(sent)
    form = ReportForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        services.send_report(
            membership=membership,
            on=monday,
            at=timezone.now(),
            values={**form.cleaned_data, "nothing_to_report": False},
        )
        messages.success(request, _("Sent. Thank you for the honest numbers."))
        return redirect(membership.group)
    talks = WeeklyReport.objects.filter(membership=membership)
    return render(
        request,
        "groups/week.html",
        {
            "form": form,
            "group": membership.group,
            "membership": membership,
            "monday": monday,
            "sent": sent,
            "hidden": membership.grain == Grain.NOTHING,
            "weeks": weeks.chart(request.user, today=today, uid="weeks"),
            "dots": dots.dots(
                sum(row.deciders for row in talks.exclude(week_on=monday)) + counted.deciders,
                uid="talks",
            ),
        },
        status=422 if form.is_bound else 200,
    )


def _as_sent(sent: WeeklyReport | None) -> dict[str, object]:
    if sent is None or sent.nothing_to_report:
        return {}
    names = (*WeeklyReport.NUMBERS, "hours", "win", "ask", "commitment", "read_for_me")
    return {name: getattr(sent, name) for name in names}


@require_POST
def nothing(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One tap: nothing to report, and saying so is a report."""
    membership, monday = _mine(request, pk), _monday(request)
    services.send_report(
        membership=membership,
        on=monday,
        at=timezone.now(),
        values={
            "nothing_to_report": True,
            "read_for_me": bool(request.POST.get("read_for_me")),
        },
    )
    messages.success(request, _("Sent: nothing to report. See you there."))
    return redirect(membership.group)
