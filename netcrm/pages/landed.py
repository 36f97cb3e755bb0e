"""Landed: written down once, checked, and then everybody is thanked at one's own pace."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from contacts.fields import OwnersForm, PersonField
from contacts.models import Contact, ContactPoint
from followups.services import landing as services
from introductions import landed, thanks
from introductions.engine.landed import Part
from introductions.models import Landing, Opportunity
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.groups.selectors import own_memberships
from netcrm.kit.text import ManyLinesField, OneLineField


class LandedForm(OwnersForm):
    """Where, as what, through whom, since when."""

    organization = OneLineField(label=gettext_lazy("Where?"), max_length=200)
    role = OneLineField(label=gettext_lazy("As what?"), max_length=200)
    through = PersonField(
        label=gettext_lazy("Through whom did it come?"),
        required=False,
        help_text=gettext_lazy(
            "The last person of the way there. Those who introduced you to them come first on "
            "the list."
        ),
    )
    on = forms.DateField(
        label=gettext_lazy("When did you accept?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    close_others = forms.BooleanField(
        label=gettext_lazy("Close my other opportunities"), required=False, initial=True
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("That day is still to come."))
        return on

    def clean_through(self) -> Contact | None:
        named = self.cleaned_data["through"]
        if named is None:
            return None
        if named.contact is None:
            raise ValidationError(_("Nobody of that name is in your list; add them first."))
        return named.contact  # type: ignore[no-any-return]


@require_http_methods(["GET", "POST"])
def index(request: OwnerRequest) -> HttpResponse:
    """The list of thanks, or, before there is a landing, the form for it."""
    landing = landed.current(request.user)
    if landing is not None:
        return render(request, "pages/landed/thanks.html", _page(request.user, landing))
    today = request.user.day(timezone.now())
    form = LandedForm(
        request.POST if request.method == "POST" else None,
        owner=request.user,
        today=today,
        initial=_from_opportunity(request) | {"on": today},
    )
    if not form.is_valid() or "change" in request.POST:
        again = form.is_bound and not form.is_valid()
        return render(
            request, "pages/landed/form.html", {"form": form}, status=422 if again else 200
        )
    said = form.cleaned_data
    if "sure" not in request.POST:
        return render(request, "pages/landed/check.html", _check(request.user, form))
    try:
        services.land(by=request.user, at=timezone.now(), **said)
    except services.AlreadyLanded:
        messages.info(request, _("It was written down already."))
    else:
        messages.success(request, _("Congratulations! Nobody has been told; that is yours to do."))
    return redirect("introductions:landed")


def _from_opportunity(request: OwnerRequest) -> dict[str, Any]:
    """What an opportunity on the plan says already."""
    try:
        pk = UUID(request.GET.get("opportunity", ""))
    except ValueError:
        return {}
    rows = Opportunity.objects.visible_to(request.user).select_related("organization", "through")
    row = get_object_or_404(rows, pk=pk)
    return {
        "organization": row.organization.name,
        "role": row.role,
        "through": row.through.name if row.through else "",
    }


def _check(owner: User, form: LandedForm) -> dict[str, Any]:
    said = form.cleaned_data
    others = services.others_open(owner, organization=said["organization"], role=said["role"])
    return {
        "form": form,
        "said": said,
        "others": others if said["close_others"] else [],
        "settled": services.settled_on(said["on"]),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One part of the list: those on the chain to the offer, or what people were."""

    key: str
    label: str
    rows: list[tuple[landed.Row, list[str]]]

    @property
    def waiting(self) -> int:
        return sum(row.waiting for row, _did in self.rows)


def _page(owner: User, landing: Landing) -> dict[str, Any]:
    rows = landed.who_helped(landing)
    groups = [_group("first", _("First: the way that led there"), [r for r in rows if r.first])]
    for part in Part:
        of_part = [row for row in rows if not row.first and row.helper.part is part]
        groups.append(_group(part.value, str(thanks.PARTS[part]), of_part))
    return {
        "landing": landing,
        "groups": [group for group in groups if group.rows],
        "people": len(rows),
        "thanked": sum(row.thanked is not None for row in rows),
        "waiting": sum(row.waiting for row in rows),
        "brief": thanks.brief(landing),
        "settled": services.settled_on(landing.landed_on),
        "memberships": own_memberships(owner),
        "summary": landed.summary(landing),
    }


def _group(key: str, label: str, rows: list[landed.Row]) -> Group:
    return Group(
        key=key,
        label=label,
        rows=[(row, list(dict.fromkeys(map(thanks.did, row.helper.helps)))[:3]) for row in rows],
    )


@require_POST
def thank(request: OwnerRequest) -> HttpResponse:
    """Those ticked were thanked, or need no word, or do after all."""
    landing = _landing(request.user)
    rows = {str(row.person.pk): row for row in landed.who_helped(landing)}
    act = request.POST.get("act", "")
    if act.startswith("all:"):
        ticked = [
            row
            for group in _page(request.user, landing)["groups"]
            if group.key == act.removeprefix("all:")
            for row, _did in group.rows
            if row.waiting
        ]
    else:
        ticked = [rows[key] for key in request.POST.getlist("person") if key in rows]
    if not ticked:
        messages.info(request, _("Tick at least one person first."))
        return redirect("introductions:landed")
    people = [row.person for row in ticked]
    if act == "leave_out":
        services.leave_out(landing=landing, contacts=people)
        messages.success(request, _("Noted: no word from this list for them."))
    elif act == "put_back":
        services.leave_out(landing=landing, contacts=people, left_out=False)
        messages.success(request, _("They are on the list again."))
    else:
        new = services.thank(by=request.user, at=timezone.now(), landing=landing, whom=people)
        messages.success(
            request,
            ngettext("Noted: %(n)s person thanked.", "Noted: %(n)s people thanked.", len(new))
            % {"n": len(new)},
        )
    return redirect("introductions:landed")


class NoteForm(forms.Form):
    """A note of one's own to one person."""

    draft = ManyLinesField(
        label=gettext_lazy("Your note"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy("Nothing is sent from here. Fill the blank in your own words."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


@require_http_methods(["GET", "POST"])
def note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Write to one person: begun for the owner, kept until it is sent."""
    person = get_object_or_404(Contact.objects.visible_to(request.user).reachable(), pk=pk)
    landing = _landing(request.user)
    row = next((one for one in landed.who_helped(landing) if one.person.pk == person.pk), None)
    if row is None:
        raise Http404
    begun = row.draft or thanks.draft(row, landing)
    form = NoteForm(request.POST if request.method == "POST" else None, initial={"draft": begun})
    if form.is_valid():
        text = form.cleaned_data["draft"]
        if request.POST.get("act") == "sent":
            services.thank(
                by=request.user, at=timezone.now(), landing=landing, whom=[person], note=text
            )
            messages.success(
                request, _("Noted: you thanked %(name)s.") % {"name": person.short_name}
            )
            return redirect("introductions:landed")
        services.keep_draft(landing=landing, contact=person, draft=text)
        messages.success(request, _("Kept. It waits here until you send it."))
        return redirect("introductions:landed_note", pk=person.pk)
    emails = person.points.filter(kind=ContactPoint.Kind.EMAIL)
    return render(
        request,
        "pages/landed/note.html",
        {
            "form": form,
            "person": person,
            "row": row,
            "did": list(dict.fromkeys(map(thanks.did, row.helper.helps))),
            "mailto": [(point.value, _mailto(point.value, begun)) for point in emails],
        },
        status=422 if form.is_bound else 200,
    )


def _mailto(address: str, body: str) -> str:
    """RFC 6068: every part escaped, lines ended as mail ends them."""
    lines = body.replace("\r\n", "\n").replace("\n", "\r\n")
    return (
        f"mailto:{quote(address, safe='@')}?subject={quote(thanks.subject())}&body={quote(lines)}"
    )


@require_POST
def end(request: OwnerRequest) -> HttpResponse:
    """Take it back, or look again."""
    landing = _landing(request.user)
    if request.POST.get("act") == "take_back":
        services.take_back(by=request.user, at=timezone.now(), landing=landing)
        messages.success(request, _("Taken back. Everything is as it was before."))
    else:
        services.search_again(by=request.user, at=timezone.now(), landing=landing)
        messages.success(request, _("Welcome back. Everybody you know is still here."))
    return redirect("introductions:plan")


def _landing(owner: User) -> Landing:
    landing = landed.current(owner)
    if landing is None:
        raise Http404
    return landing
