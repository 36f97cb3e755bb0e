"""Many people at once: further filters, views with a name, and one change for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from contacts.forms import PlainForm
from contacts.models import BulkEdit, Contact, ImportBatch, Organization, Ring, SavedView, Tag
from contacts.services import bulk_edits, saved_views
from contacts.tasks import work_on_bulk_edit
from introductions.words import STEP_WORDS
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.kit.notices import notice
from netcrm.kit.text import OneLineField
from netcrm.kit.wake import wake
from netcrm.pages import people
from netcrm.pages.people import Filters

CHOICES_SHOWN = 100  # organizations or files to choose from
EDITS_SHOWN = 20
Any_ = gettext_lazy("Any")


class FiltersForm(PlainForm):
    """Everything the list can be narrowed by; sent as an address, so it is never refused."""

    all_optional = True  # said once by the page, not beside each field

    q = OneLineField(label=gettext_lazy("Name or organization"), required=False)
    ring = forms.ChoiceField(label=gettext_lazy("Attention"), required=False)
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    trust = forms.ChoiceField(label=gettext_lazy("What they could say, at least"), required=False)
    stage = forms.ChoiceField(
        label=gettext_lazy("Where it stands"),
        choices=[(key.value, label) for key, label in people.STAGE_LABELS.items()],
        required=False,
    )
    last = forms.ChoiceField(
        label=gettext_lazy("Last in touch"),
        choices=[(key.value, label) for key, label in people.LAST_LABELS.items()],
        required=False,
    )
    due = forms.ChoiceField(
        label=gettext_lazy("Next step"),
        choices=[(key.value, label) for key, label in people.DUE_LABELS.items()],
        required=False,
    )
    org = forms.ChoiceField(label=gettext_lazy("Works at"), required=False)
    batch = forms.ChoiceField(label=gettext_lazy("Came with the file"), required=False)
    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        choices=[(key.value, label) for key, label in people.ORDER_LABELS.items()],
        required=False,
    )
    view = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, owner: User, filters: Filters) -> None:
        super().__init__(initial=filters.values())
        self._choose("ring", Ring.choices)
        self._choose("tag", [(tag.pk, tag.name) for tag in Tag.objects.visible_to(owner)])
        self._choose("trust", [(step, STEP_WORDS[step]) for step in range(1, 6)])
        places = Organization.objects.visible_to(owner)
        shown = places.targets() | places.filter(pk=filters.org or people.NOBODY)
        self._choose("org", [(one.pk, one.name) for one in shown[:CHOICES_SHOWN]])
        files = ImportBatch.objects.visible_to(owner).exclude(created=0)
        self._choose("batch", [(one.pk, one.file_name) for one in files[:CHOICES_SHOWN]])

    def _choose(self, name: str, choices: Iterable[tuple[object, object]]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", Any_), *choices]


@require_safe
def filters(request: OwnerRequest) -> HttpResponse:
    """Everything the list can be narrowed by, on a page of its own."""
    asked = Filters.read(request.GET)
    return render(
        request,
        "pages/people/filters.html",
        {"form": FiltersForm(request.user, asked), "back": asked.query()},
    )


# Views with a name


@require_POST
def save_view(request: OwnerRequest) -> HttpResponse:
    asked = Filters.read(QueryDict(request.POST.get("query", "")))
    try:
        view = saved_views.save_view(
            by=request.user, name=request.POST.get("name", ""), query=asked.query()[1:]
        )
    except ValidationError as problem:
        messages.info(request, " ".join(problem.messages))
        return redirect(reverse("contacts:list") + asked.query())
    notice(request, _("This view is called “%(name)s” now.") % {"name": view.name})
    return redirect(reverse("contacts:list") + asked.query())


@require_safe
def saved_view(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The address of a view for good, whatever its name."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    return redirect(f"{reverse('contacts:list')}?{view.query}")


@require_POST
def forget_view(request: OwnerRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)
    saved_views.forget_view(by=request.user, view=view)
    notice(request, _("“%(name)s” is no view any more; its people stay.") % {"name": view.name})
    return redirect(f"{reverse('contacts:list')}?{view.query}")


# One change for many


@require_POST
def change(request: OwnerRequest) -> HttpResponse:
    """Owe a change to those ticked, or, once it was confirmed, to everybody in the view."""
    owner = request.user
    asked = Filters.read(QueryDict(request.POST.get("query", "")))
    everybody = request.POST.get("scope") == "all"
    if everybody:
        whom = people.people(owner, asked, day=owner.day(timezone.now()))
    else:
        whom = Contact.objects.filter(pk__in=_keys(request.POST.getlist("who")))
    act, tag = request.POST.get("act", ""), request.POST.get("tag", "")
    back = reverse("contacts:list") + asked.query(choose="1")
    if everybody and act in BulkEdit.Act.values and "sure" not in request.POST:
        return render(
            request,
            "pages/people/sure.html",
            {
                "count": whom.order_by().values("pk").distinct().count(),
                "act": BulkEdit.Act(act),
                "tag": tag,
                "query": asked.query()[1:],
                "back": back,
            },
        )
    try:
        edit = bulk_edits.start(by=owner, at=timezone.now(), act=act, people=whom, tag=tag)
    except ValidationError as problem:
        messages.info(request, " ".join(problem.messages))
        return redirect(back)
    wake(work_on_bulk_edit, str(edit.pk))
    return redirect(edit)


def _keys(typed: list[str]) -> list[UUID]:
    keys = []
    for text in typed[: people.TICKED_AT_MOST]:
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return keys


@require_safe
def bulk_edit(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Where a change to many is; asked again while a worker is at it."""
    edit = get_object_or_404(BulkEdit.objects.visible_to(request.user), pk=pk)
    return render(
        request,
        "pages/people/_change.html" if request.htmx else "pages/people/change.html",
        {
            "edit": edit,
            "at_work": edit.state in bulk_edits.OWED,
            "unchanged": edit.done - edit.changed,
            "left": edit.changed - edit.restored,
        },
    )


@require_safe
def bulk_edit_list(request: OwnerRequest) -> HttpResponse:
    mine = BulkEdit.objects.visible_to(request.user)[:EDITS_SHOWN]
    return render(request, "pages/people/changes.html", {"edits": mine})


@require_POST
def undo_bulk_edit(request: OwnerRequest, pk: UUID) -> HttpResponse:
    edit = get_object_or_404(BulkEdit.objects.visible_to(request.user), pk=pk)
    try:
        bulk_edits.undo(by=request.user, at=timezone.now(), edit=edit)
    except bulk_edits.NotNow as no:
        messages.info(request, str(no))
    else:
        wake(work_on_bulk_edit, str(edit.pk))
    return redirect(edit)
