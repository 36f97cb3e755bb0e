"""Opportunities: a role somewhere, through whom it came, and how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from contacts import services as people
from contacts.fields import OwnersForm, PersonField
from contacts.models import Contact
from introductions import services
from introductions.models import Opportunity
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.text import ManyLinesField, OneLineField, many_lines


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


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
    next_action = OneLineField(
        label=gettext_lazy("What will you do next?"), required=False, max_length=300
    )
    next_action_on = _day(gettext_lazy("By when?"))
    people = ManyLinesField(
        label=gettext_lazy("Who else has to do with it?"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("People in your list, one on each line."),
    )
    notes = ManyLinesField(
        label=gettext_lazy("Notes"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_through(self) -> Contact | None:
        named = self.cleaned_data["through"]
        if named is None:
            return None
        if named.contact is None:
            raise ValidationError(_("Nobody of that name is in your list; add them first."))
        return named.contact  # type: ignore[no-any-return]

    def clean_people(self) -> list[Contact]:
        mine = Contact.objects.visible_to(self.owner).people()
        found = []
        for name in filter(None, map(str.strip, self.cleaned_data["people"].splitlines())):
            same = list(mine.filter(name__iexact=name)[:2])
            if len(same) != 1:
                said = (
                    _("Nobody called “%(name)s” is in your list; add them first.")
                    if not same
                    else _("You have more than one “%(name)s”.")
                )
                raise ValidationError(said % {"name": name})
            found.append(same[0])
        return found


class EditForm(OpportunityForm):
    """The same, with the days on which something came of it."""

    replied_on = _day(gettext_lazy("They replied on"))
    interviewed_on = _day(gettext_lazy("First interview on"))
    offered_on = _day(gettext_lazy("Offer on"))


def _values(request: OwnerRequest, form: OpportunityForm) -> dict[str, Any]:
    said = dict(form.cleaned_data)
    where = people.get_or_make_organization(request.user, said.pop("organization"))
    return {**said, "organization": where}


@require_http_methods(["GET", "POST"])
def add(request: OwnerRequest) -> HttpResponse:
    form = OpportunityForm(request.POST or None, owner=request.user)
    if form.is_valid():
        services.add_opportunity(by=request.user, at=timezone.now(), **_values(request, form))
        messages.success(request, _("Written down."))
        return redirect("introductions:plan")
    return render(
        request,
        "introductions/plan_form.html",
        {"form": form, "title": _("Write an opportunity down"), "act": _("Write it down")},
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
def edit(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    form = EditForm(request.POST or None, owner=request.user, initial=_initial(row))
    if form.is_valid():
        services.edit_opportunity(row, at=timezone.now(), **_values(request, form))
        messages.success(request, _("Saved."))
        return redirect("introductions:plan")
    return render(
        request,
        "introductions/plan_form.html",
        {
            "form": form,
            "title": f"{row.role}, {row.organization.name}",
            "act": _("Save"),
            "drop": ""
            if row.landings.exists()
            else reverse("introductions:drop_opportunity", args=[row.pk]),
        },
        status=422 if form.is_bound else 200,
    )


def _initial(row: Opportunity) -> dict[str, Any]:
    plain = ("role", "link", "next_action", "next_action_on", "notes")
    days = ("replied_on", "interviewed_on", "offered_on")
    return {
        **{name: getattr(row, name) for name in (*plain, *days)},
        "organization": row.organization.name,
        "through": row.through.name if row.through else "",
        "people": many_lines("\n".join(one.name for one in row.people.all())),
    }


@require_POST
def drop(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    if row.landings.exists():
        messages.error(request, _("You have landed there; take the landing back first."))
        return redirect("introductions:landed")
    services.drop_opportunity(row, at=timezone.now())
    messages.success(request, _("Taken off your plan; everybody there stays."))
    return redirect("introductions:plan")


class StageForm(forms.Form):
    stage = forms.ChoiceField(choices=Opportunity.Stage.choices)


@require_POST
def stage(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Move it; an accepted offer leads on to the list of those who helped."""
    row = _get(request, pk)
    form = StageForm(request.POST)
    back = reverse("introductions:plan")
    if not form.is_valid():
        messages.error(request, _("Choose one of the stages."))
        return redirect(f"{back}#opportunities")
    to = form.cleaned_data["stage"]
    if to == Opportunity.Stage.ACCEPTED and request.user.landed_at is None:
        return redirect(f"{reverse('introductions:landed')}?opportunity={row.pk}")
    services.move_opportunity(row, stage=to, at=timezone.now())
    messages.success(
        request, _("%(role)s: %(stage)s.") % {"role": row.role, "stage": row.get_stage_display()}
    )
    view = "?as=list" if request.POST.get("as") == "list" else ""
    return redirect(f"{back}{view}#opportunity-{row.pk}")


def _get(request: OwnerRequest, pk: UUID) -> Opportunity:
    rows = Opportunity.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("organization", "through", "owner"), pk=pk)
