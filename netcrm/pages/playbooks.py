"""Taking something that works for oneself: a copy, and for a rhythm the days of one's own tag."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.services import tags
from followups.services import rhythms
from netcrm.accounts.http import OwnerRequest
from netcrm.groups import services
from netcrm.groups.models import Playbook


@require_POST
def copy(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Copy it, once; a rhythm that would move people is shown before it is taken (R3)."""
    row = get_object_or_404(
        Playbook.objects.visible_to(request.user).select_related("group"), pk=pk
    )
    now = timezone.now()

    @transaction.atomic
    def take() -> None:
        _copy, taken = services.copy_playbook(playbook=row, by=request.user)
        if taken and row.every_days:
            (tag,) = tags.get_or_make(request.user, [row.tag])
            rhythms.set_tag(by=request.user, at=now, tag=tag, days=row.every_days)

    if row.every_days and "seen" not in request.POST:
        moved = rhythms.preview(request.user, take)
        if moved.people:
            context = {"moved": moved, "sent": [], "title": row.title}
            context |= {"back": row.group.get_absolute_url(), "day": request.user.day(now)}
            return render(request, "followups/moves.html", context)
    take()
    messages.success(
        request,
        _("The tag “%(tag)s” has this rhythm now; give it to people of yours.") % {"tag": row.tag}
        if row.every_days
        else _("Your own copy; nobody changes it but you."),
    )
    return redirect("groups:copies")
