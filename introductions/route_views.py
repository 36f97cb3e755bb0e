"""“How do I reach …?”: a person or an organization, through the people one knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from contacts import search
from contacts.models import Contact, Organization
from introductions import reach, route_words
from introductions.tasks import draw_reach
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.wake import wake

if TYPE_CHECKING:
    from netcrm.accounts.models import User

FOUND_AT_MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A way with its sentences."""

    way: reach.Way
    steps: list[tuple[Contact, str]]
    weakest: str
    helps: str
    load: str


@require_safe
def index(request: OwnerRequest) -> HttpResponse:
    """Ask for somebody or somewhere by name."""
    typed = request.GET.get("q", "")[: search.ASKED_CHARS]
    found = search.find(request.user, typed, most=FOUND_AT_MOST, set_aside=False) if typed else None
    return render(
        request,
        "introductions/routes.html",
        {
            "typed": typed,
            "people": found.people if found else [],
            "organizations": found.organizations if found else [],
        },
    )


@require_safe
def person(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    may = Contact.objects.visible_to(request.user).reachable().filter(pk=pk).exists()
    return _ways(
        request,
        name=row.name,
        targets=[row.pk] if may else [],
        context={"person": row, "shut": not may, "back": row.get_absolute_url()},
    )


@require_safe
def organization(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Organization.objects.visible_to(request.user), pk=pk)
    targets = reach.inside(request.user, row)
    return _ways(
        request,
        name=row.name,
        targets=targets,
        context={
            "organization": row,
            "nearest": [] if targets else reach.nearest(request.user, row),
            "back": reverse("introductions:plan"),
        },
    )


def _ways(
    request: OwnerRequest, *, name: str, targets: list[UUID], context: dict[str, object]
) -> HttpResponse:
    owner = request.user
    drawn = reach.drawing(owner)
    if drawn.behind:
        wake(draw_reach, str(owner.pk))
    today = owner.day(timezone.now())
    found = reach.ways(owner, targets, network=drawn.network, today=today) if drawn.network else []
    return render(
        request,
        "introductions/ways.html",
        {
            **context,
            "name": name,
            "ways": [shown(owner, way) for way in found],
            "drawing": drawn.network is None,
            "behind": drawn.behind,
        },
    )


def shown(owner: User, way: reach.Way) -> Shown:
    return Shown(
        way=way,
        steps=[(hop.taker, route_words.hop_line(hop)) for hop in way.hops],
        weakest=route_words.weakest_line(way),
        helps=route_words.what_helps(way.weakest) if len(way.hops) > 1 else "",
        load=route_words.load_line(way) if len(way.hops) > 1 else "",
    )
