"""Introductions: chains and loops, one introduction, and writing one down."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services as people
from contacts.fields import Named
from contacts.models import Contact, local_noon
from introductions import charts, selectors, services, words
from introductions.engine import workflow
from introductions.forms import MoveForm, NoteForm, RecordForm
from introductions.models import Introduction
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.groups import selectors as groups
from netcrm.groups.models import Playbook


@require_safe
def index(request: OwnerRequest) -> HttpResponse:
    """The map, the same as lists, and the loops that are open."""
    owner, today = request.user, request.user.day(timezone.now())
    found = selectors.standings(owner, today=today)
    offers = selectors.offers(owner)
    return render(
        request,
        "introductions/list.html",
        {
            "map": charts.chain_map(
                owner, found, offers, branch=request.GET.get("from", ""), uid="map"
            ),
            "under_way": [s for s in found if s.state not in ENDED],
            "closed": [s for s in found if s.state in ENDED],
            "loops": [s for s in found if s.loop_open],
            "stalls": [(s, _suggested(s)) for s in found if s.stall],
            "offers": offers,
            "count": len(found),
        },
    )


ENDED = (workflow.State.CLOSED, workflow.State.DECLINED, workflow.State.NO_ANSWER)


def _suggested(standing: selectors.Standing) -> str:
    stall = standing.stall
    if stall is None:
        return ""
    name = standing.person(stall.at).short_name
    if stall.mine:
        name = (
            standing.other.short_name
            if stall.act in TO_THE_OTHER
            else (standing.row.introducer.short_name)
        )
    return words.suggestion(stall.act, name=name)


TO_THE_OTHER = (workflow.Act.WRITE_NOW, workflow.Act.THANK, workflow.Act.CHECK_FIRST)


@require_http_methods(["GET", "POST"])
def record(request: OwnerRequest) -> HttpResponse:
    form = RecordForm(request.POST or None, owner=request.user, initial=_from_links(request))
    if form.is_valid():
        now = timezone.now()
        try:
            made = _record(request.user, form, now)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Written down."))
            return redirect(made)
    return render(
        request,
        "introductions/record.html",
        {"form": form},
        status=422 if form.is_bound else 200,
    )


def _from_links(request: HttpRequest) -> dict[str, str]:
    """Names another page has filled in already."""
    return {
        key: request.GET[key] for key in ("introducer", "introduced", "state") if key in request.GET
    }


@transaction.atomic
def _record(owner: User, form: RecordForm, now: datetime) -> Introduction:
    on = form.cleaned_data["on"]
    at = now if on in (None, owner.day(now)) else local_noon(on, owner)
    if at > now:
        raise ValidationError({"on": _("That day is still to come.")})
    return services.record_introduction(
        owner=owner,
        introducer=_person(owner, form.cleaned_data["introducer"], now),
        introducee=people.ensure_self(by=owner),
        introduced=_person(owner, form.cleaned_data["introduced"], now),
        state=form.cleaned_data["state"],
        at=at,
        medium=form.cleaned_data["medium"],
        reason=form.cleaned_data["reason"],
    )


def _person(owner: User, named: Named, now: datetime) -> Contact:
    return named.contact or people.add_person(by=owner, at=now, name=named.name)


def _get(request: OwnerRequest, pk: UUID) -> Introduction:
    return get_object_or_404(Introduction.objects.visible_to(request.user).with_people(), pk=pk)


@require_safe
def detail(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    own = groups.note_to_start_from(request.user, request.GET.get("from", ""))
    return _detail(request, row, NoteForm(initial={"note": own or row.note}))


def _detail(
    request: OwnerRequest, row: Introduction, form: NoteForm, *, status: int = 200
) -> HttpResponse:
    today = request.user.day(timezone.now())
    (standing,) = selectors.standings(request.user, today=today, only=[row.pk])
    stored = workflow.State(row.state)
    return render(
        request,
        "introductions/detail.html",
        {
            "introduction": row,
            "standing": standing,
            "steps": _rail(standing),
            "owed": [
                (
                    o,
                    words.owed_line(o.duty, name=standing.person(o.to).short_name),
                    standing.person(o.to),
                )
                for o in standing.owed
            ],
            "suggested": _suggested(standing),
            "moves": [
                (state, Introduction.State(state).label)
                for state in workflow.next_states(stored)
                if state is not workflow.State.CLOSED
            ],
            "endings": [
                (outcome, Introduction.Outcome(outcome).label)
                for outcome in workflow.next_outcomes(stored)
            ],
            "events": row.events.all(),
            "form": form,
            "own_notes": groups.own_copies(request.user, Playbook.Kind.NOTE),
        },
        status=status,
    )


def _rail(standing: selectors.Standing) -> list[dict[str, str]]:
    """The usual course with the present step marked; an ending off the rail stands last."""
    course = [
        workflow.State.ASKED,
        workflow.State.AGREED,
        workflow.State.MADE,
        workflow.State.ACKNOWLEDGED,
        workflow.State.MET,
        workflow.State.LOOPED,
    ]
    place = _PLACES[standing.state]
    steps = [
        {
            "label": str(Introduction.State(state).label),
            "state": "done" if n < place else "now" if n == place else "next",
        }
        for n, state in enumerate(course)
    ]
    if standing.state in ENDED:
        label = standing.row.get_outcome_display() or Introduction.State(standing.state).label
        return [step for step in steps if step["state"] == "done"] + [
            {"label": str(label), "state": "now"}
        ]
    return steps


_PLACES = {
    workflow.State.WANTED: -1,
    workflow.State.ASKED: 0,
    workflow.State.CHECKING: 0,
    workflow.State.DECLINED: 1,
    workflow.State.NO_ANSWER: 1,
    workflow.State.AGREED: 1,
    workflow.State.MADE: 2,
    workflow.State.ACKNOWLEDGED: 3,
    workflow.State.MET: 4,
    workflow.State.THANKED: 4,
    workflow.State.LOOPED: 5,
    workflow.State.CLOSED: 6,
}


@require_POST
def move(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    form = MoveForm(request.POST, introduction=row)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect(row)
    outcome = form.cleaned_data["outcome"]
    try:
        services.move(
            row,
            to=workflow.State(form.cleaned_data["to"]),
            at=timezone.now(),
            outcome=workflow.Outcome(outcome) if outcome else None,
            note=form.cleaned_data["note"],
        )
    except services.IllegalMove as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted."))
    return redirect(row)


@require_POST
def note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _detail(request, row, form, status=422)
    services.save_note(row, note=form.cleaned_data["note"])
    messages.success(request, _("The note is saved."))
    return redirect(row)


@require_POST
def nudged(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    services.note_nudge(row, at=timezone.now())
    messages.success(request, _("Noted. One reminder is enough; now leave it be."))
    return redirect(row)
