"""The plan: what the owner looks for, where, and what came of it; one page to hand out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Organization
from introductions import charts, services, targets, weeks
from introductions.models import Opportunity
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.charts import dots
from netcrm.kit.text import OneLineField


@require_safe
def plan(request: OwnerRequest) -> HttpResponse:
    owner = request.user
    sort = request.GET.get("sort", "")
    rows = targets.opportunities(owner, sort=sort)
    as_list = request.GET.get("as") == "list" or bool(sort)
    here = reverse("introductions:plan")
    return render(
        request,
        "introductions/plan.html",
        {
            "targets": targets.targets(owner),
            "opportunities": rows,
            "columns": None if as_list else targets.board(rows),
            "views": [
                {"label": _("Board"), "url": f"{here}#opportunities", "current": not as_list},
                {"label": _("List"), "url": f"{here}?as=list#opportunities", "current": as_list},
            ],
            "sorts": [
                (label, f"{here}?sort={key}#opportunities", key == (sort or "since"))
                for key, label in SORT_LABELS.items()
            ],
            "stages": Opportunity.Stage.choices,
            "sources": targets.by_source(rows),
            "weeks": weeks.chart(owner, today=owner.day(timezone.now()), uid="weeks"),
            "dots": dots.dots(targets.conversations(owner), uid="dots"),
            "target_form": TargetForm(),
        },
    )


@require_safe
def who_where(request: OwnerRequest) -> HttpResponse:
    """The rings map: oneself in the middle, a sector for each target, empty ones too."""
    return render(
        request, "introductions/who_where.html", {"map": charts.who_where(request.user, uid="who")}
    )


SORT_LABELS = {
    "role": gettext_lazy("Role"),
    "where": gettext_lazy("Where"),
    "through": gettext_lazy("Through"),
    "stage": gettext_lazy("Stage"),
    "since": gettext_lazy("Since"),
    "next": gettext_lazy("Next"),
}


class TargetForm(forms.Form):
    """Where the owner would like to work, vacancy or not."""

    name = OneLineField(label=gettext_lazy("Organization"), max_length=200)
    interest = OneLineField(
        label=gettext_lazy("What draws you there?"), required=False, max_length=500
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


@require_http_methods(["GET", "POST"])
def add_target(request: OwnerRequest) -> HttpResponse:
    form = TargetForm(request.POST or None)
    if form.is_valid():
        services.add_target(by=request.user, **form.cleaned_data)
        messages.success(request, _("It is on your list."))
        return redirect("introductions:plan")
    return render(
        request,
        "introductions/plan_form.html",
        {"form": form, "title": _("Add a target"), "act": _("Add it to my list")},
        status=422 if form.is_bound else 200,
    )


@require_POST
def drop_target(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    services.drop_target(row)
    messages.success(request, _("Taken off your list; everybody there stays."))
    return redirect("introductions:plan")
