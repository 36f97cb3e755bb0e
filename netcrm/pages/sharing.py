"""What one shows to each group: the grain, people apart, single notes, and who looked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.fields import Named, OwnersForm, PersonField
from contacts.models import Contact, Interaction
from netcrm.accounts.http import OwnerRequest
from netcrm.groups import selectors, services
from netcrm.groups.forms import GRAINS_OF_ONE, SharingForm
from netcrm.groups.models import Membership, NoteShare, PersonShare, ViewLog

LOOKS_SHOWN = 100
NOTES_OFFERED = 20


class ExceptionForm(OwnersForm):
    """One person, shown more or less than the rest."""

    person = PersonField(label=gettext_lazy("Who?"))
    grain = forms.TypedChoiceField(
        label=gettext_lazy("How much of this person?"),
        choices=GRAINS_OF_ONE,
        coerce=int,
        widget=forms.RadioSelect,
    )

    def clean_person(self) -> Named:
        named: Named = self.cleaned_data["person"]
        if named.contact is None:
            raise forms.ValidationError(_("Nobody in your list has that name."))
        return named


class NoteForm(forms.Form):
    """Which of one person's notes to show."""

    note = forms.ModelChoiceField(queryset=Interaction.objects.none())

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"] = forms.ModelChoiceField(queryset=_notes_of(contact))


def _notes_of(contact: Contact) -> Any:
    rows = Interaction.objects.visible_to(contact.owner).filter(people=contact)
    return rows.exclude(note="")


def _mine(request: OwnerRequest, pk: UUID) -> Membership:
    rows = Membership.objects.present().filter(user=request.user)
    return get_object_or_404(rows.select_related("group", "user"), pk=pk)


@require_safe
def sharing(request: OwnerRequest) -> HttpResponse:
    """Every group with what it sees, and who looked."""
    looks = ViewLog.objects.visible_to(request.user)[:LOOKS_SHOWN]
    return render(
        request,
        "groups/sharing.html",
        {"memberships": selectors.own_memberships(request.user), "looks": looks},
    )


@require_http_methods(["GET", "POST"])
def share(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """How much one group sees; what changes here holds from the next request on."""
    membership = _mine(request, pk)
    form = SharingForm(
        request.POST if request.method == "POST" else None,
        initial={"grain": membership.grain, "in_the_room": membership.in_the_room},
    )
    if form.is_valid():
        services.change_sharing(membership=membership, **form.cleaned_data)
        messages.success(request, _("That holds from now on."))
        return redirect("groups:share", pk=membership.pk)
    return _share(request, membership, form=form)


def _share(
    request: OwnerRequest,
    membership: Membership,
    *,
    form: SharingForm | None = None,
    exception: ExceptionForm | None = None,
) -> HttpResponse:
    bad = (form and form.is_bound) or exception is not None
    return render(
        request,
        "groups/share.html",
        {
            "membership": membership,
            "group": membership.group,
            "form": form
            or SharingForm(
                initial={"grain": membership.grain, "in_the_room": membership.in_the_room}
            ),
            "exception": exception
            or ExceptionForm(owner=request.user, initial={"grain": 0}, auto_id="one_%s"),
            "exceptions": PersonShare.objects.visible_to(request.user)
            .filter(membership=membership)
            .select_related("contact"),
            "notes": NoteShare.objects.visible_to(request.user)
            .filter(membership=membership)
            .select_related("contact"),
        },
        status=422 if bad else 200,
    )


@require_POST
def share_person(request: OwnerRequest, pk: UUID) -> HttpResponse:
    membership = _mine(request, pk)
    form = ExceptionForm(request.POST, owner=request.user, auto_id="one_%s")
    if not form.is_valid():
        return _share(request, membership, exception=form)
    contact: Contact = form.cleaned_data["person"].contact
    services.share_person(
        membership=membership, contact_id=contact.pk, grain=form.cleaned_data["grain"]
    )
    messages.success(
        request, _("%(name)s has a rule of their own now.") % {"name": contact.short_name}
    )
    return redirect("groups:share", pk=membership.pk)


@require_POST
def unshare_person(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(PersonShare.objects.visible_to(request.user), pk=pk)
    services.forget_person_share(share=row)
    messages.success(request, _("Shown like everybody else again."))
    return redirect("groups:share", pk=row.membership_id)


@require_http_methods(["GET", "POST"])
def share_note(request: OwnerRequest, pk: UUID, contact_pk: UUID) -> HttpResponse:
    """Choose one note of one person; the page shows the words that would be read."""
    membership = _mine(request, pk)
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_pk)
    if request.method == "POST":
        form = NoteForm(request.POST, contact=contact)
        if form.is_valid():
            services.share_note(
                membership=membership, contact_id=contact.pk, text=form.cleaned_data["note"].note
            )
            messages.success(request, _("This one note is shown, and no other."))
            return redirect("groups:share", pk=membership.pk)
        messages.error(request, _("Choose one of the notes."))
    return render(
        request,
        "groups/share_note.html",
        {
            "membership": membership,
            "group": membership.group,
            "contact": contact,
            "notes": _notes_of(contact)[:NOTES_OFFERED],
        },
    )


@require_POST
def find_note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """From a name to that person's notes."""
    membership = _mine(request, pk)
    form = ExceptionForm({**request.POST.dict(), "grain": 0}, owner=request.user, auto_id="one_%s")
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for e in form.errors.get("person", [])))
        return redirect("groups:share", pk=membership.pk)
    return redirect(
        "groups:share_note", pk=membership.pk, contact_pk=form.cleaned_data["person"].contact.pk
    )


@require_POST
def unshare_note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(NoteShare.objects.visible_to(request.user), pk=pk)
    services.take_note_back(share=row)
    messages.success(request, _("Not shown any more."))
    return redirect("groups:share", pk=row.membership_id)
