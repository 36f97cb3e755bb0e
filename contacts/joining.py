"""Pages on which entries of one person are found, compared, joined and parted again (C3, C4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import search, services
from contacts.forms import PersonForm
from contacts.models import Contact, DuplicatePair, DuplicateSearch, Merge, Position
from contacts.selectors import work_of
from contacts.services import duplicates
from contacts.tasks import work_on_duplicates
from contacts.words import reasons_in_words
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.days import ago
from netcrm.kit.notices import notice
from netcrm.kit.paging import page_of
from netcrm.kit.places import back_to
from netcrm.kit.wake import wake

PAIRS = 20  # on a page
FOUND = 10  # people a search for the other entry shows
JOINED_SHOWN = 10


def _person(request: OwnerRequest, pk: UUID) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)


# Pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two entries, as a pair shows it."""

    person: Contact
    work: str
    points: list[str]
    last: str


@require_safe
def pairs(request: OwnerRequest) -> HttpResponse:
    """Who may stand twice, the surest first; asked again while a worker is looking."""
    owner = request.user
    found = DuplicateSearch.objects.filter(owner=owner).first()
    mine = DuplicatePair.objects.visible_to(owner)
    jobs = Position.objects.filter(is_current=True).select_related("organization")
    page = page_of(
        mine.open()
        .select_related("first", "second")
        .prefetch_related(
            "first__points",
            "second__points",
            Prefetch("first__positions", jobs, to_attr="current_positions"),
            Prefetch("second__positions", jobs, to_attr="current_positions"),
        ),
        by="place",
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAIRS,
    )
    joined = Merge.objects.visible_to(owner).standing().exclude(journal={})
    return render(
        request,
        "contacts/_duplicates.html" if request.htmx else "contacts/duplicates.html",
        {
            "search": found,
            "at_work": found is not None and found.state in duplicates.OWED,
            "pairs": [
                {
                    "pair": pair,
                    "why": reasons_in_words(pair.reasons),
                    "sides": [_side(request, pair.first), _side(request, pair.second)],
                }
                for pair in page.rows
            ],
            "certain": mine.certain().count(),
            "joined": joined.defer("journal")
            .select_related("kept")
            .prefetch_related("gone")[:JOINED_SHOWN],
            "next_url": f"?after={page.next}" if page.next else "",
            "previous_url": f"?before={page.previous}" if page.previous else "",
        },
    )


def _side(request: OwnerRequest, person: Contact) -> Side:
    last = person.last_contact_at
    today = request.user.day(timezone.now())
    return Side(
        person=person,
        work=work_of(person),
        points=[point.value for point in person.points.all()],
        last=ago(request.user.day(last), today=today) if last else "",
    )


@require_POST
def look(request: OwnerRequest) -> HttpResponse:
    """Have a worker look through everybody."""
    asked = duplicates.ask_for_search(by=request.user)
    wake(work_on_duplicates, str(asked.pk))
    return redirect("contacts:duplicates")


@require_POST
def join_certain(request: OwnerRequest) -> HttpResponse:
    """Have a worker join every pair that is sure."""
    if duplicates.join_all_certain(by=request.user):
        wake(work_on_duplicates, str(DuplicateSearch.objects.get(owner=request.user).pk))
    else:
        messages.info(request, _("No pair is sure enough to be joined without a look."))
    return redirect("contacts:duplicates")


@require_POST
def answer(request: OwnerRequest, pk: UUID, said: str) -> HttpResponse:
    """What the owner says of a pair: ``same``, ``different``, ``later``, or ``again`` open."""
    mine = DuplicatePair.objects.visible_to(request.user).select_related("first", "second")
    pair = get_object_or_404(mine, pk=pk)
    names = {"one": pair.first.name, "other": pair.second.name}
    answers = {
        "different": DuplicatePair.Answer.APART,
        "later": DuplicatePair.Answer.LATER,
        "again": "",
    }
    if said == "same":
        kept, gone = duplicates.which_to_keep(pair.first, pair.second)
        return _join(request, kept, gone, then=reverse("contacts:duplicates"))
    if said not in answers:
        raise Http404
    duplicates.answer(by=request.user, pair=pair, said=answers[said])
    text = {
        "different": _("%(one)s and %(other)s are two people. This is remembered."),
        "later": _("%(one)s and %(other)s come up again the next time you look."),
        "again": _("%(one)s and %(other)s stand in the list again."),
    }[said]
    again = reverse("contacts:duplicate", args=[pair.pk, "again"])
    notice(request, text % names, undo_url="" if said == "again" else again)
    return redirect("contacts:duplicates")


# Two entries


@require_safe
def choose(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Find the other entry of a person."""
    person = _person(request, pk)
    typed = request.GET.get("q", person.name)
    found = search.find(request.user, typed, most=FOUND, set_aside=True)
    return render(
        request,
        "contacts/join_choose.html",
        {
            "person": person,
            "typed": typed,
            "found": [one for one in (*found.people, *found.set_aside) if one.pk != person.pk],
        },
    )


@require_http_methods(["GET", "POST"])
def join(request: OwnerRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Two entries side by side; which of them keeps its words is asked."""
    people = [_person(request, pk), _person(request, other)]
    if people[0] == people[1]:
        raise Http404
    first, _second = duplicates.which_to_keep(*people)
    for kept, gone in (people, people[::-1]):
        if request.method == "POST" and request.POST.get("keep") == str(kept.pk):
            return _join(request, kept, gone)
    values = [PersonForm.values_of(one) for one in people]
    form = PersonForm()
    rows = []
    for name in (*PersonForm.FIRST, *PersonForm.MORE):
        one, two = (_shown(form, name, said) for said in values)
        if one or two:
            rows.append({"label": form[name].label, "cells": [one, two], "same": one == two})
    return render(
        request,
        "contacts/join.html",
        {
            "people": people,
            "keep": first,
            "rows": rows,
            "archived": any(one.archived_at for one in people),
            "do_not_contact": any(one.do_not_contact for one in people),
        },
        status=422 if request.method == "POST" else 200,
    )


def _shown(form: PersonForm, name: str, values: dict[str, object]) -> str:
    value = values[name]
    if isinstance(value, bool):
        return _("yes") if value else ""
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, value))


def _join(request: OwnerRequest, kept: Contact, gone: Contact, *, then: str = "") -> HttpResponse:
    try:
        merge = services.merge_people(by=request.user, at=timezone.now(), kept=kept, others=[gone])
    except ValidationError as problem:
        messages.info(request, " ".join(problem.messages))
        return redirect("contacts:duplicates")
    notice(
        request,
        _("%(kept)s and %(gone)s are one person now. You can part them for thirty days.")
        % {"kept": kept.name, "gone": gone.name},
        undo_url=reverse("contacts:part", args=[merge.pk]),
    )
    return redirect(then or kept)


@require_POST
def part(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Undo a joining."""
    merge = get_object_or_404(Merge.objects.visible_to(request.user), pk=pk)
    try:
        left = services.undo_merge(by=request.user, at=timezone.now(), merge=merge)
    except services.NotNow as no:
        messages.info(request, str(no))
    else:
        gone = merge.journal.get("contacts.Contact", {})
        messages.success(
            request,
            ngettext(
                "Parted again, everything as it was before.",
                "Parted again into %(n)s people, everything as it was before.",
                len(gone),
            )
            % {"n": len(gone)},
        )
        for sentence in left:
            messages.info(request, sentence)
    return redirect(back_to(request, reverse("contacts:duplicates")))


urlpatterns = [
    path("duplicates/", pairs, name="duplicates"),
    path("duplicates/look/", look, name="look_for_duplicates"),
    path("duplicates/join-certain/", join_certain, name="join_certain"),
    path("duplicates/<uuid:pk>/<slug:said>/", answer, name="duplicate"),
    path("joined/<uuid:pk>/part/", part, name="part"),
    path("<uuid:pk>/join/", choose, name="join_choose"),
    path("<uuid:pk>/join/<uuid:other>/", join, name="join"),
]
