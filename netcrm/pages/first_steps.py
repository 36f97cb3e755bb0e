"""First steps: the first chain in four minutes; each page saves and may be skipped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from contacts import services as people
from contacts.fields import Named, OwnersForm, PersonField
from contacts.models import Contact
from introductions import charts, selectors
from introductions import services as introductions
from introductions.models import Introduction
from netcrm.accounts import services as accounts
from netcrm.accounts.forms import RemindersForm, zone_choices
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.kit.text import OneLineField


class TargetForm(OwnersForm):
    """What work are you looking for?"""

    target_line = OneLineField(
        label=_("What work are you looking for?"),
        max_length=300,
        help_text=_("One line is enough: “Operations lead in food logistics, around Leeds”."),
    )

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        initial = {"target_line": owner.target_line}
        super().__init__(*args, owner=owner, initial=initial, **kwargs)

    def save(self, owner: User, at: datetime) -> None:
        accounts.change_settings(owner, at=at, **self.cleaned_data)


class NamesForm(OwnersForm):
    """Who has helped you lately?"""

    one = PersonField(label=_("Somebody who has helped you lately"))
    two = PersonField(label=_("And somebody else"), required=False)
    three = PersonField(label=_("And one more"), required=False)

    def save(self, owner: User, at: datetime) -> None:
        for named in self.cleaned_data.values():
            if named:
                _person(owner, named, at)


class ChainForm(OwnersForm):
    """Did any of them introduce you to someone?"""

    introducer = PersonField(label=_("Who introduced you?"))
    introduced = PersonField(label=_("To whom?"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, second = data.get("introducer"), data.get("introduced")
        if first and second and first.name.casefold() == second.name.casefold():
            self.add_error("introduced", _("Nobody introduces themselves; name somebody else."))
        return data

    def save(self, owner: User, at: datetime) -> None:
        introductions.record_introduction(
            owner=owner,
            introducer=_person(owner, self.cleaned_data["introducer"], at),
            introducee=people.ensure_self(by=owner),
            introduced=_person(owner, self.cleaned_data["introduced"], at),
            state=Introduction.State.MADE,
            at=at,
        )


class WhenForm(OwnersForm):
    """When should we write to you?"""

    send_at = RemindersForm.base_fields["send_at"]
    send_weekdays = RemindersForm.base_fields["send_weekdays"]
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=zone_choices,
        widget=forms.Select(attrs={"data-timezone-input": ""}),
    )

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        days = [day for day in range(7) if owner.send_weekdays >> day & 1]
        initial = {
            "send_at": owner.send_at,
            "send_weekdays": days,
            "time_zone": owner.time_zone,
        }
        super().__init__(*args, owner=owner, initial=initial, **kwargs)

    def save(self, owner: User, at: datetime) -> None:
        days = sum(1 << day for day in self.cleaned_data["send_weekdays"])
        accounts.change_settings(owner, at=at, **{**self.cleaned_data, "send_weekdays": days})


STEPS: dict[str, type[TargetForm | NamesForm | ChainForm | WhenForm]] = {
    "target": TargetForm,
    "names": NamesForm,
    "chain": ChainForm,
    "when": WhenForm,
}
LABELS = {
    "target": _("What you look for"),
    "names": _("Three names"),
    "chain": _("Who introduced you"),
    "when": _("When we write"),
}


def _person(owner: User, named: Named, at: datetime) -> Contact:
    """The person named; looked up again, since an earlier field may just have added them."""
    if named.contact:
        return named.contact
    same = Contact.objects.visible_to(owner).people().filter(name__iexact=named.name).first()
    return same or people.add_person(by=owner, at=at, name=named.name)


@require_http_methods(["GET", "POST"])
def first_steps(request: OwnerRequest, step: str = "target") -> HttpResponse:
    if step not in STEPS:
        raise Http404
    owner, now = request.user, timezone.now()
    form = STEPS[step](request.POST or None, owner=owner)
    if form.is_valid():
        form.save(owner, now)
        if step == "chain" and "again" in request.POST:
            return redirect("first_steps", "chain")
        return _onwards(owner, step, now)
    return render(
        request,
        "pages/first_steps.html",
        {
            "form": form,
            "step": step,
            "steps": _rail(step),
            "map": _map(owner) if step == "chain" else None,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def skip(request: OwnerRequest, step: str) -> HttpResponse:
    """Leave this step, or (``all``) the rest of them, for another time."""
    if step not in {*STEPS, "all"}:
        raise Http404
    return _onwards(request.user, "when" if step == "all" else step, timezone.now())


def _onwards(owner: User, step: str, now: datetime) -> HttpResponse:
    names = list(STEPS)
    place = names.index(step) + 1
    if place < len(names):
        return redirect("first_steps", names[place])
    if owner.first_steps_done_at is None:
        accounts.change_settings(owner, at=now, first_steps_done_at=now)
    return redirect("followups:today")


def _rail(step: str) -> list[dict[str, Any]]:
    place = list(STEPS).index(step)
    states = ["done" if n < place else "now" if n == place else "next" for n in range(len(STEPS))]
    return [
        {"label": label, "state": state}
        for label, state in zip(LABELS.values(), states, strict=True)
    ]


def _map(owner: User) -> Any:
    standings = selectors.standings(owner, today=owner.day(timezone.now()))
    return charts.chain_map(owner, standings, (), branch="", uid="first") if standings else None
