"""The leader's pages: what members agreed to show, and what a leader may say about it.

Each look is written down before anything is shown; what cannot be written down is refused.
"""

from __future__ import annotations

import csv
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from netcrm.accounts.http import OwnerRequest
from netcrm.groups import selectors, services
from netcrm.groups.models import Grain, LeaderNote, Membership, SupportGroup, ViewLog, WeeklyReport
from netcrm.groups.services import LogRefused
from netcrm.leader import showing
from netcrm.leader.forms import CommentForm, NoteForm

Kind = ViewLog.Kind


def led_group(request: OwnerRequest, pk: UUID) -> SupportGroup:
    """The group, for those who lead it now; 404 for everybody else."""
    mine = Membership.objects.present().leading().filter(user=request.user)
    rows = SupportGroup.objects.visible_to(request.user).filter(memberships__in=mine)
    return get_object_or_404(rows, pk=pk)


def led_member(request: OwnerRequest, pk: UUID) -> Membership:
    """A member of a group the user leads now; 404 for everybody else."""
    rows = Membership.objects.led_by(request.user).select_related("user", "group")
    return get_object_or_404(rows, pk=pk)


@require_safe
def overview(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Five minutes before the meeting: praise, then what to ask about."""
    group, now = led_group(request, pk), timezone.now()
    page = showing.overview(group, viewer=request.user, at=now)
    try:
        services.looked(viewer=request.user, kind=Kind.OVERVIEW, shown=page.shown, at=now)
    except LogRefused as refused:
        return _refused(request, refused)
    return render(request, "leader/overview.html", {"group": group, "page": page})


@require_safe
def review(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One member, at the grain they chose."""
    return _review(request, led_member(request, pk))


def _review(
    request: OwnerRequest,
    membership: Membership,
    *,
    comment: CommentForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    page = showing.review(membership, at=now)
    if page is None:
        raise Http404
    try:
        services.looked(
            viewer=request.user,
            kind=Kind.REVIEW,
            shown={membership: page.people_shown},
            at=now,
        )
    except LogRefused as refused:
        return _refused(request, refused)
    return render(
        request,
        "leader/review.html",
        {
            "page": page,
            "group": membership.group,
            "comment": comment or CommentForm(people=_choices(page)),
            "note": NoteForm(initial={"text": _note_of(request, membership)}),
            "said": membership.comments.filter(author=request.user)[:10],
            "narrowed": membership.narrowed_version,
            "own": False,
        },
        status=422 if comment else 200,
    )


@require_safe
def preview(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """What the leaders would see of me now, made by the same code, written down nowhere."""
    rows = Membership.objects.present().filter(user=request.user).select_related("user", "group")
    membership = get_object_or_404(rows, pk=pk)
    now = timezone.now()
    return render(
        request,
        "leader/preview.html",
        {
            "page": showing.review(membership, at=now),
            "listed": showing.as_on_the_overview(membership, at=now),
            "group": membership.group,
            "membership": membership,
            "own": True,
        },
    )


@require_safe
def still_shared(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Asked by an open page: 204 while it shows what is shared, else what to show instead."""
    rows = Membership.objects.led_by(request.user).filter(grain__gt=Grain.NOTHING)
    seen = request.GET.get("seen", "")
    version = rows.filter(pk=pk).values_list("consent_version", flat=True).first()
    if version is not None and seen == str(version):
        return HttpResponse(status=204)
    if not Membership.objects.filter(pk=pk, group__memberships__user=request.user).exists():
        raise Http404
    return render(request, "leader/_not_shared.html")


@require_safe
def still_so(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Asked by an open overview: 204 while it holds; a leader's page is read anew, another ends."""
    own = Membership.objects.filter(group=pk, user=request.user)
    if not own.exists():
        raise Http404
    if not own.present().leading().exists():
        return render(request, "leader/_not_shared.html")
    members = Membership.objects.present().filter(group=pk).exclude(user=request.user)
    if request.GET.get("seen") == selectors.mark(selectors.consents(list(members)).values()):
        return HttpResponse(status=204)
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@require_POST
def comment(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Say something about one of the people shown, and about nobody else."""
    membership = led_member(request, pk)
    page = showing.review(membership, at=timezone.now())
    if page is None:
        raise Http404
    form = CommentForm(request.POST, people=_choices(page))
    if not form.is_valid():
        return _review(request, membership, comment=form)
    about = {person.key: person.id for person in page.people.people}
    services.comment(
        membership=membership,
        by=request.user,
        text=form.cleaned_data["text"],
        about=about.get(form.cleaned_data.get("about", "")),
    )
    messages.success(request, _("%(name)s will read it.") % {"name": membership.called})
    return redirect("groups:review", pk=membership.pk)


@require_http_methods(["GET", "POST"])
def note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Keep a note to self; it may be kept of a member who shares nothing too."""
    membership = led_member(request, pk)
    form = NoteForm(
        request.POST if request.method == "POST" else None,
        initial={"text": _note_of(request, membership)},
    )
    if form.is_valid():
        services.save_note(membership=membership, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Kept, for your eyes only."))
        return redirect("groups:overview", pk=membership.group_id)
    return render(
        request,
        "leader/note.html",
        {"form": form, "membership": membership, "group": membership.group},
        status=422 if form.is_bound else 200,
    )


@require_safe
def export(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The weeks of members who share now, as a table for a spreadsheet."""
    group, now = led_group(request, pk), timezone.now()
    rows = WeeklyReport.objects.filter(
        membership__in=group.memberships.present().exclude(user=request.user),
        membership__grain__gt=Grain.NOTHING,
    ).select_related("membership__user", "membership__group")
    rows = rows.order_by("membership__user__name", "membership", "week_on")
    members = {row.membership: 0 for row in rows}
    try:
        services.looked(viewer=request.user, kind=Kind.EXPORT, shown=members, at=now)
    except LogRefused as refused:
        return _refused(request, refused)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="weeks.csv"'
    table = csv.writer(response)
    table.writerow(["member", "week", *WeeklyReport.NUMBERS, "hours", "win", "ask", "commitment"])
    for row in rows:
        numbers = [getattr(row, name) for name in WeeklyReport.NUMBERS]
        words = [_cell(row.win), _cell(row.ask), _cell(row.commitment)]
        table.writerow(
            [_cell(row.membership.called), row.week_on.isoformat(), *numbers, row.hours, *words]
        )
    return response


def _cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _choices(page: showing.Review) -> list[tuple[str, str]]:
    return [(person.key, person.label) for person in page.people.people]


def _note_of(request: OwnerRequest, membership: Membership) -> str:
    rows = LeaderNote.objects.visible_to(request.user).filter(membership=membership)
    return rows.values_list("text", flat=True).first() or ""


def _refused(request: OwnerRequest, refused: LogRefused) -> HttpResponse:
    return render(request, "leader/refused.html", {"why": str(refused)}, status=503)
