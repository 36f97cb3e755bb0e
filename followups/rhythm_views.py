"""Settings: how often.  Every change is shown before it is saved (R3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact, Ring, Tag
from followups import selectors
from followups.forms import PlainForm, RhythmForm, RingForm, WeekForm
from followups.models import Rhythm
from followups.services import rhythms
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.services import change_settings


@require_safe
def index(request: OwnerRequest) -> HttpResponse:
    """The day, the week, the rings, and who has a rhythm of their own."""
    return _page(request)


@require_POST
def week(request: OwnerRequest) -> HttpResponse:
    form = WeekForm(request.POST)
    if not form.is_valid():
        return _page(request, week=form, status=422)

    def change() -> None:
        change_settings(request.user, at=timezone.now(), **form.cleaned_data)

    return _shown_first(request, form, change, title=_("Your day and your week"))


@require_POST
def ring(request: OwnerRequest, ring: str) -> HttpResponse:
    if ring not in _RINGS:
        raise Http404
    form = RingForm(request.POST, prefix=ring)
    if not form.is_valid():
        return _page(request, rings={ring: form}, status=422)

    def change() -> None:
        rhythms.set_ring(by=request.user, at=timezone.now(), ring=ring, days=form.days())

    return _shown_first(request, form, change, title=str(Ring(ring).label))


@require_safe
def band(request: OwnerRequest, ring: str) -> HttpResponse:
    """The band that these days would give somebody met today; changes nothing."""
    if ring not in _RINGS:
        raise Http404
    form = RingForm(request.GET, prefix=ring)
    day = request.user.day(timezone.now())
    window = selectors.window_after(form.days(), day) if form.is_valid() else None
    context = {"window": window, "day": day, "ring": ring}
    return render(request, "followups/_ring_band.html", context)


@require_http_methods(["GET", "POST"])
def tag(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Tag.objects.visible_to(request.user), pk=pk)
    old = Rhythm.objects.filter(tag=row).first()

    def change(**values: Any) -> None:
        rhythms.set_tag(by=request.user, at=timezone.now(), tag=row, **values)

    return _own(request, old, change, title=_("People tagged “%(tag)s”") % {"tag": row.name})


@require_http_methods(["GET", "POST"])
def person(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    old = Rhythm.objects.filter(contact=row).first()

    def change(**values: Any) -> None:
        rhythms.set_person(by=request.user, at=timezone.now(), contact=row, **values)

    return _own(request, old, change, title=row.name, back=row.get_absolute_url())


@require_http_methods(["GET", "POST"])
def outcomes(request: OwnerRequest) -> HttpResponse:
    """What the owner's own notes say about waiting; a change is offered, never made alone."""
    found = selectors.outcomes_of(request.user, timezone.now())
    offer = found.offer
    if request.method == "POST" and offer is not None:

        def change() -> None:
            rhythms.set_rings(by=request.user, at=timezone.now(), rings=offer.rings)

        return _shown_first(request, PlainForm(), change, title=_("Every ring's days"))
    context = {"found": found, "enough": selectors.ENOUGH}
    return render(request, "followups/outcomes.html", context)


_RINGS = tuple(ring.value for ring in Ring if ring is not Ring.D)


def _page(
    request: OwnerRequest,
    *,
    week: WeekForm | None = None,
    rings: dict[str, RingForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    owner = request.user
    found = selectors.rhythms_of(owner, owner.day(timezone.now()))
    forms = [
        {
            "ring": ring,
            "form": (rings or {}).get(ring.ring)
            or RingForm(prefix=ring.ring, initial=selectors.as_fields(ring.days)),
        }
        for ring in found.rings
    ]
    budget = {name: getattr(owner, name) for name in WeekForm.base_fields}
    bad = week or next(iter((rings or {}).values()), None)
    context = {"week": week or WeekForm(initial=budget), "rings": forms, "found": found}
    context |= {"day": owner.day(timezone.now()), "form": bad}
    return render(request, "followups/rhythms.html", context, status=status)


def _own(
    request: OwnerRequest,
    old: Rhythm | None,
    change: Callable[..., None],
    *,
    title: str,
    back: str = "",
) -> HttpResponse:
    """The rhythm of one tag or one person: ask, show whom it moves, save."""
    back = back or reverse("followups:rhythms")
    if request.method == "POST" and "remove" in request.POST:
        said = _("The days follow the ring again.")
        return _shown_first(request, _TakenAway(), change, title=title, back=back, said=said)
    form = RhythmForm(request.POST if request.method == "POST" else None, initial=_initial(old))
    if form.is_valid():
        return _shown_first(request, form, lambda: change(**form.rhythm()), title=title, back=back)
    context = {"form": form, "title": title, "back": back, "old": old}
    return render(request, "followups/rhythm.html", context, status=422 if form.is_bound else 200)


def _initial(old: Rhythm | None) -> dict[str, Any]:
    if old is None:
        return {"unit": RhythmForm.DAYS}
    if old.every_months:
        return {"every": old.every_months, "unit": RhythmForm.MONTHS, "on_day": old.on_day}
    return {"every": old.best_days, "unit": RhythmForm.DAYS}


class _TakenAway(PlainForm):
    """The press of the button that takes a rhythm away."""

    remove = forms.CharField()


def _shown_first(
    request: OwnerRequest,
    form: PlainForm,
    change: Callable[[], None],
    *,
    title: str,
    back: str = "",
    said: str = "",
) -> HttpResponse:
    """Save what moves nobody or was seen; show everything else first."""
    back = back or reverse("followups:rhythms")
    if "seen" not in request.POST:
        moved = rhythms.preview(request.user, change)
        if moved.people:
            sent = [(name, value) for name, value in request.POST.items() if name in _names(form)]
            day = request.user.day(timezone.now())
            context = {"moved": moved, "sent": sent, "title": title, "back": back, "day": day}
            return render(request, "followups/moves.html", context)
    change()
    messages.success(request, said or _("Saved."))
    return redirect(back)


def _names(form: PlainForm) -> set[str]:
    return {form.add_prefix(name) for name in form.fields}
