"""The plan: what the owner looks for, where, and what came of it; one page to hand out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services as people
from contacts.fields import OwnersForm, PersonField
from contacts.models import Organization
from introductions import services, targets
from introductions.models import Opportunity
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.charts import dots
from netcrm.kit.text import OneLineField


@require_safe
def plan(request: OwnerRequest) -> HttpResponse:
    owner = request.user
    rows = list(Opportunity.objects.visible_to(owner).select_related("organization", "through"))
    return render(
        request,
        "introductions/plan.html",
        {
            "targets": targets.targets(owner),
            "opportunities": rows,
            "stages": Opportunity.Stage.choices,
            "sources": targets.by_source(rows),
            "dots": dots.dots(targets.conversations(owner), uid="dots"),
            "target_form": TargetForm(),
        },
    )


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


class OpportunityForm(OwnersForm):
    """A role somewhere, and through whom it came; nobody means cold."""

    role = OneLineField(label=gettext_lazy("Role"), max_length=200)
    organization = OneLineField(label=gettext_lazy("Organization"), max_length=200)
    through = PersonField(
        label=gettext_lazy("Through whom did it come?"),
        required=False,
        help_text=gettext_lazy("Leave it empty if through nobody."),
    )
    link = forms.URLField(
        label=gettext_lazy("Link"), required=False, max_length=500, assume_scheme="https"
    )


@require_http_methods(["GET", "POST"])
def add_opportunity(request: OwnerRequest) -> HttpResponse:
    form = OpportunityForm(request.POST or None, owner=request.user)
    if form.is_valid():
        named = form.cleaned_data["through"]
        if named and named.contact is None:
            form.add_error("through", _("Nobody of that name is in your list; add them first."))
        else:
            services.add_opportunity(
                by=request.user,
                at=timezone.now(),
                role=form.cleaned_data["role"],
                organization=people.get_or_make_organization(
                    request.user, form.cleaned_data["organization"]
                ),
                through=named.contact if named else None,
                link=form.cleaned_data["link"],
            )
            messages.success(request, _("Written down."))
            return redirect("introductions:plan")
    return render(
        request,
        "introductions/plan_form.html",
        {"form": form, "title": _("Write an opportunity down"), "act": _("Write it down")},
        status=422 if form.is_bound else 200,
    )


class StageForm(forms.Form):
    stage = forms.ChoiceField(choices=Opportunity.Stage.choices)


@require_POST
def stage(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Opportunity.objects.visible_to(request.user), pk=pk)
    form = StageForm(request.POST)
    if form.is_valid():
        services.move_opportunity(row, stage=form.cleaned_data["stage"], at=timezone.now())
        messages.success(request, _("Noted."))
    else:
        messages.error(request, _("Choose one of the stages."))
    return redirect("introductions:plan")
