"""The evening: started and run by a leader, followed by everybody in the room."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from netcrm.accounts.http import OwnerRequest
from netcrm.groups import forms, selectors, services
from netcrm.groups.models import Meeting, Membership, Turn, ViewLog
from netcrm.groups.services import LogRefused, Refused
from netcrm.groups.views import leading


def _led(request: OwnerRequest, pk: UUID) -> Meeting:
    rows = Meeting.objects.led_by(request.user).select_related("group")
    return get_object_or_404(rows, pk=pk)


def _turn(request: OwnerRequest, pk: UUID) -> Turn:
    rows = Turn.objects.filter(
        meeting__in=Meeting.objects.led_by(request.user), membership__left_at=None
    )
    return get_object_or_404(
        rows.select_related("meeting__group", "membership__user", "read_by__user"), pk=pk
    )


@require_safe
def meetings(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Past evenings, and the way to start one."""
    group = leading(request, pk).group
    return render(
        request,
        "groups/meetings.html",
        {
            "group": group,
            "form": forms.MeetingForm(),
            "running": group.meetings.filter(ended_at=None).first(),
            "meetings": group.meetings.exclude(ended_at=None)[:50],
        },
    )


@require_POST
def start(request: OwnerRequest, pk: UUID) -> HttpResponse:
    group = leading(request, pk).group
    form = forms.MeetingForm(request.POST)
    values: dict[str, Any] = {}
    if "minutes_each" in request.POST:
        if not form.is_valid():
            return render(
                request,
                "groups/meetings.html",
                {"group": group, "form": form, "running": None, "meetings": []},
                status=422,
            )
        values = form.cleaned_data
    made = services.start_meeting(group=group, at=timezone.now(), **values)
    return redirect(made)


@require_safe
def meeting(request: OwnerRequest, pk: UUID) -> HttpResponse:
    return _meeting(request, _led(request, pk))


def _meeting(
    request: OwnerRequest, row: Meeting, capture: forms.CaptureForm | None = None
) -> HttpResponse:
    """The page the evening is run from; on a wall it shows nothing anybody typed.

    Numbers read out are a member's own report, shown only while they share; looking at them is
    written down like any other look.
    """
    now = timezone.now()
    page = selectors.meeting_page(row)
    current = page.current
    wall = row.projector and row.ended_at is None
    shown = {current.membership: 0} if current and page.report and not wall else {}
    try:
        services.looked(viewer=request.user, kind=ViewLog.Kind.MEETING, shown=shown, at=now)
    except LogRefused as refused:
        return render(request, "leader/refused.html", {"why": str(refused)}, status=503)
    if capture is None and current:
        capture = forms.CaptureForm(initial={"win": current.win, "ask": current.ask})
    return render(
        request,
        "groups/projector.html" if wall else "groups/meeting.html",
        {
            "meeting": row,
            "group": row.group,
            "page": page,
            "capture": capture,
            "late": row.group.memberships.present()
            .exclude(turns__meeting=row)
            .exclude(user=request.user)
            .by_name(),
        },
        status=422 if capture and capture.is_bound else 200,
    )


@require_POST
def next_turn(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _led(request, pk)
    named = request.POST.get("turn", "")
    turn = row.turns.filter(pk=named).first() if _is_key(named) else None
    if named and turn is None:
        messages.error(request, _("That turn is not in this meeting."))
        return redirect(row)
    try:
        if services.next_turn(meeting=row, at=timezone.now(), turn=turn) is None:
            messages.success(request, _("Everybody has had their turn."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(row)


@require_POST
def capture(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Write down what was said; with a commitment it stands on that member's Today."""
    turn = _turn(request, pk)
    form = forms.CaptureForm(request.POST)
    if not form.is_valid():
        return _meeting(request, turn.meeting, form)
    try:
        said = services.capture(turn=turn, **form.cleaned_data)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        if said:
            messages.success(
                request,
                _("It stands on %(name)s’s Today.") % {"name": turn.membership.short_name},
            )
    return redirect(turn.meeting)


@require_POST
def arrive(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Somebody came late, or is not here."""
    row = _led(request, pk)
    rows = Membership.objects.present().filter(group=row.group_id)
    named = request.POST.get("member", "")
    member = get_object_or_404(rows, pk=named if _is_key(named) else None)
    try:
        services.arrive(meeting=row, membership=member, here=request.POST.get("here") != "no")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(row)


@require_POST
def read_for(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Somebody else reads out the numbers of whoever is away."""
    turn = _turn(request, pk)
    rows = Membership.objects.present().filter(group=turn.meeting.group_id)
    named = request.POST.get("reader", "")
    reader = get_object_or_404(rows, pk=named) if _is_key(named) else None
    try:
        services.read_for(turn=turn, reader=reader)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(turn.meeting)


@require_POST
def projector(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _led(request, pk)
    services.set_projector(meeting=row, on=request.POST.get("on") == "yes")
    return redirect(row)


@require_http_methods(["GET", "POST"])
def end(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _led(request, pk)
    if request.method == "POST":
        services.end_meeting(meeting=row, at=timezone.now())
        messages.success(request, _("Until next time."))
        return redirect("groups:meeting", pk=row.pk)
    return render(request, "groups/end.html", {"meeting": row, "group": row.group})


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
