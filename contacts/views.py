"""Pages that change one person: editing, setting aside, jobs, promises, tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services
from contacts.forms import PersonForm, PositionForm, PromiseForm, TagForm, TheirDateForm
from contacts.models import Contact, Position, Promise, Ring, Tag
from contacts.selectors import Alike, similar_people
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.notices import notice
from netcrm.kit.paging import page_of
from netcrm.kit.places import back_to


def _person(request: OwnerRequest, pk: UUID) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)


@require_http_methods(["GET", "POST"])
def edit(request: OwnerRequest, pk: UUID) -> HttpResponse:
    now = services.joined_into(request.user, pk)
    if now is not None and request.method == "GET":
        return redirect("contacts:edit", now.pk)
    person = now or _person(request, pk)
    data = request.POST.copy()
    if now is not None:
        data["version"] = "0"  # the form was of somebody who is another since: show both
    form = PersonForm(data or None, initial=PersonForm.values_of(person))
    conflict = None
    similar: list[Alike] = []
    if form.is_valid() and "anyway" not in request.POST:
        similar = _newly_alike(request, person, form)
    if form.is_valid() and not similar:
        try:
            services.edit_person(
                by=request.user,
                at=timezone.now(),
                contact=person,
                version=form.cleaned_data["version"] or 0,
                name=form.cleaned_data["name"],
                **form.details(),
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        except services.Conflict as other:
            person = other.now
            conflict = form.differences(PersonForm.values_of(person))
            data["version"] = str(other.now.version)  # saving again is a choice now
        else:
            notice(request, _("Saved."))
            return redirect(person)
    status = 409 if conflict is not None else 422 if form.errors else 200
    return render(
        request,
        "contacts/edit.html",
        {"person": person, "form": form, "conflict": conflict, "similar": similar},
        status=status,
    )


def _newly_alike(request: OwnerRequest, person: Contact, form: PersonForm) -> list[Alike]:
    """Others whom this person is like only since what was typed: a known address, a name."""
    if not {"name", "organization", "emails", "phones", "links"} & set(form.changed_data):
        return []

    def alike(values: dict[str, str]) -> list[Alike]:
        return similar_people(
            request.user,
            name=values["name"],
            emails=values["emails"].splitlines(),
            phones=values["phones"].splitlines(),
            links=values["links"].splitlines(),
            organization=values["organization"],
            leave_out=person.pk,
        )

    before = {one.person.pk: set(one.reasons) for one in alike(PersonForm.values_of(person))}
    return [
        one
        for one in alike(form.cleaned_data)
        if set(one.reasons) - before.get(one.person.pk, set())
    ]


@require_POST
def similar(request: OwnerRequest) -> HttpResponse:
    """The hint beside a form that is being filled in: people who may be this one already."""
    return render(
        request,
        "contacts/_similar.html",
        {
            "similar": similar_people(
                request.user,
                name=request.POST.get("name", ""),
                emails=request.POST.get("emails", "").splitlines(),
                phones=request.POST.get("phones", "").splitlines(),
                links=request.POST.get("links", "").splitlines(),
                organization=request.POST.get("organization", ""),
            )
        },
    )


# Setting aside


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One press of a button about a person, what is said of it, and what takes it back."""

    do: Callable[..., None]
    said: LazyText
    undo: str


def _ring(ring: Ring) -> Callable[..., None]:
    def put(**how: object) -> None:
        services.set_ring(ring=ring, **how)  # type: ignore[arg-type]

    return put


ACTS = {
    "archive": Act(
        do=services.archive,
        said=gettext_lazy("%(name)s is archived, and in no list or reminder."),
        undo="unarchive",
    ),
    "unarchive": Act(
        do=services.unarchive,
        said=gettext_lazy("%(name)s is back in your lists."),
        undo="archive",
    ),
    "do-not-contact": Act(
        do=services.do_not_contact,
        said=gettext_lazy("Nothing will bring up %(name)s any more."),
        undo="contact-again",
    ),
    "contact-again": Act(
        do=services.may_contact_again,
        said=gettext_lazy("%(name)s may come up again."),
        undo="do-not-contact",
    ),
    "trash": Act(
        do=services.trash,
        said=gettext_lazy("%(name)s is in the trash for thirty days."),
        undo="restore",
    ),
    "restore": Act(
        do=services.restore,
        said=gettext_lazy("%(name)s is back, with everything."),
        undo="trash",
    ),
    "ring-a": Act(do=_ring(Ring.A), said=gettext_lazy("%(name)s walks with you."), undo=""),
    "ring-b": Act(
        do=_ring(Ring.B), said=gettext_lazy("You are getting to know %(name)s."), undo=""
    ),
    "ring-c": Act(do=_ring(Ring.C), said=gettext_lazy("%(name)s is good to keep."), undo=""),
    "park": Act(
        do=_ring(Ring.D),
        said=gettext_lazy("%(name)s is parked: kept, and not brought up."),
        undo="",
    ),
}
RING_ACTS = {Ring.A: "ring-a", Ring.B: "ring-b", Ring.C: "ring-c", Ring.D: "park"}


@require_POST
def act(request: OwnerRequest, pk: UUID, act: str) -> HttpResponse:
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    found = Contact.objects
    door = found.in_trash_of if act == "restore" else found.visible_to
    person = get_object_or_404(door(request.user).filter(is_self=False), pk=pk)
    undo = chosen.undo or RING_ACTS[Ring(person.ring)]
    chosen.do(by=request.user, at=timezone.now(), contact=person)
    notice(
        request,
        chosen.said % {"name": person.name},
        undo_url=reverse("contacts:act", args=[person.pk, undo]) if undo != act else "",
    )
    if act == "trash":
        return redirect("contacts:list")
    return redirect(person if act == "restore" else back_to(request, person.get_absolute_url()))


@require_safe
def trash(request: OwnerRequest) -> HttpResponse:
    page = page_of(
        Contact.objects.in_trash_of(request.user),
        by="trashed_at",
        descending=True,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return render(
        request,
        "contacts/trash.html",
        {
            "people": page.rows,
            "next_url": f"?after={page.next}" if page.next else "",
            "previous_url": f"?before={page.previous}" if page.previous else "",
        },
    )


# Jobs


@require_http_methods(["GET", "POST"])
def jobs(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Where a person works and worked, and a form for one more."""
    return _job_page(request, _person(request, pk), None)


@require_http_methods(["GET", "POST"])
def job(request: OwnerRequest, pk: UUID) -> HttpResponse:
    position = get_object_or_404(Position.objects.select_related("organization"), pk=pk)
    return _job_page(request, _person(request, position.contact_id), position)


def _job_page(request: OwnerRequest, person: Contact, position: Position | None) -> HttpResponse:
    initial: dict[str, object] = {"is_current": True}
    if position:
        initial = {
            "organization": str(position.organization or ""),
            "title": position.title,
            "started_on": position.started_on,
            "ended_on": position.ended_on,
            "is_current": position.is_current,
        }
    form = PositionForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            services.save_position(
                by=request.user,
                at=timezone.now(),
                contact=person,
                position=position,
                **form.cleaned_data,
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            notice(request, _("Saved."))
            return redirect("contacts:jobs", person.pk)
    return render(
        request,
        "contacts/jobs.html",
        {
            "person": person,
            "form": form,
            "position": position,
            "positions": person.positions.select_related("organization"),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def remove_job(request: OwnerRequest, pk: UUID) -> HttpResponse:
    position = get_object_or_404(Position, pk=pk)
    person = _person(request, position.contact_id)
    services.remove_position(by=request.user, at=timezone.now(), position=position)
    notice(request, _("Removed."))
    return redirect("contacts:jobs", person.pk)


# Promises, and days they named


@require_http_methods(["GET", "POST"])
def promise(request: OwnerRequest, pk: UUID) -> HttpResponse:
    person = _person(request, pk)
    form = PromiseForm(request.POST or None)
    if form.is_valid():
        try:
            services.add_promise(
                by=request.user, at=timezone.now(), contact=person, **form.cleaned_data
            )
        except ValidationError as problem:
            form.add_error("text", problem)
        else:
            notice(request, _("Written down."))
            return redirect(person)
    return render(
        request,
        "contacts/promise.html",
        {"person": person, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_POST
def settle_promise(request: OwnerRequest, pk: UUID, how: str) -> HttpResponse:
    """A promise was ``kept``, is ``let-go``, or is open again (``reopen``)."""
    found = get_object_or_404(
        Promise.objects.visible_to(request.user).select_related("contact"), pk=pk
    )
    again = reverse("contacts:settle_promise", args=[found.pk, "reopen"])
    now = timezone.now()
    match how:
        case "kept":
            services.close_promise(by=request.user, at=now, promise=found, kept=True)
            notice(request, _("Kept: %(text)s") % {"text": found.text}, undo_url=again)
        case "let-go":
            services.close_promise(by=request.user, at=now, promise=found, kept=False)
            notice(request, _("Let go: %(text)s") % {"text": found.text}, undo_url=again)
        case "reopen":
            services.reopen_promise(by=request.user, at=now, promise=found)
            notice(request, _("Open again: %(text)s") % {"text": found.text})
        case _other:
            raise Http404
    return redirect(back_to(request, found.contact.get_absolute_url()))


@require_http_methods(["GET", "POST"])
def their_date(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The day they named, which beats every rule; an empty day takes it back."""
    person = _person(request, pk)
    known = person.their_dates.filter(closed_at=None).first()
    form = TheirDateForm(request.POST or None, initial={"on": known.on if known else None})
    if form.is_valid():
        on, now = form.cleaned_data["on"], timezone.now()
        try:
            if on:
                services.set_their_date(by=request.user, at=now, contact=person, on=on)
            elif known:
                services.drop_their_date(by=request.user, at=now, their_date=known)
        except ValidationError as problem:
            form.add_error("on", problem)
        else:
            notice(request, _("Saved."))
            return redirect(person)
    return render(
        request,
        "contacts/their_date.html",
        {"person": person, "form": form},
        status=422 if form.is_bound else 200,
    )


# Tags


@require_safe
def tags(request: OwnerRequest) -> HttpResponse:
    in_lists = Q(
        contacts__archived_at=None, contacts__do_not_contact=False, contacts__trashed_at=None
    )
    found = Tag.objects.visible_to(request.user).annotate(people=Count("contacts", filter=in_lists))
    return render(request, "contacts/tags.html", {"tags": found})


@require_http_methods(["GET", "POST"])
def tag(request: OwnerRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Tag.objects.visible_to(request.user), pk=pk)
    form = TagForm(request.POST or None, initial={"name": found.name})
    if form.is_valid():
        try:
            services.rename_tag(
                by=request.user, at=timezone.now(), tag=found, name=form.cleaned_data["name"]
            )
        except ValidationError as problem:
            form.add_error("name", problem)
        else:
            notice(request, _("Saved."))
            return redirect("contacts:tags")
    return render(
        request,
        "contacts/tag.html",
        {"tag": found, "form": form},
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
def delete_tag(request: OwnerRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Tag.objects.visible_to(request.user), pk=pk)
    if request.method == "POST":
        services.delete_tag(by=request.user, at=timezone.now(), tag=found)
        notice(request, _("The tag is gone; its people stay."))
        return redirect("contacts:tags")
    return render(request, "contacts/delete_tag.html", {"tag": found})
