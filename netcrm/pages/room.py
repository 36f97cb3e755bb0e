"""“Who here can reach this company?”, asked of the people the room agreed to have counted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from introductions import room as paths
from netcrm.accounts.http import OwnerRequest
from netcrm.groups import selectors, services
from netcrm.groups.forms import RoomForm
from netcrm.groups.models import Membership, RoomMatch
from netcrm.groups.services import Refused


@require_http_methods(["GET", "POST"])
def room(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Ask, and see what came of earlier questions: a count, and whoever said yes."""
    rows = Membership.objects.present().filter(user=request.user)
    mine = get_object_or_404(rows.select_related("group", "user"), group=pk)
    form = RoomForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        now, company = timezone.now(), form.cleaned_data["company"]
        try:
            key = paths.key_of(company)
            services.may_ask(mine, at=now, key=key)
            if not paths.counts_anybody(mine):
                raise Refused(
                    _("You hide all of your own people. Let some be counted first, then ask.")
                )
            found = paths.who_may_know(mine, company)
            services.ask_room(by=mine, company=company, key=key, matches=found, at=now)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("groups:room", pk=pk)
    return render(
        request,
        "groups/room.html",
        {
            "form": form,
            "group": mine.group,
            "membership": mine,
            "questions": selectors.questions_of(mine),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def answer(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The one who may know decides; a no is told to nobody."""
    match = get_object_or_404(RoomMatch.objects.visible_to(request.user), pk=pk)
    says = request.POST.get("says")
    if says not in RoomMatch.Answer.values:
        messages.error(request, _("Say yes or not now."))
        return redirect("groups:home")
    services.answer(match=match, says=says, at=timezone.now())
    messages.success(
        request,
        _("They will see your name; talk when you meet.")
        if says == RoomMatch.Answer.YES
        else _("Nobody hears of it."),
    )
    return redirect("groups:home")
