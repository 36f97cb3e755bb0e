"""Pages that show several apps at once: people, one person, the log, help."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services
from contacts.forms import birthday_words
from contacts.models import BulkEdit, Contact, Interaction, Ring
from contacts.selectors import Alike, similar_people
from contacts.views import RING_ACTS
from introductions import asks
from introductions.models import Introduction, Referral
from introductions.services import record_introduction
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.kit import facts
from netcrm.kit.days import short_day
from netcrm.kit.notices import notice
from netcrm.kit.places import back_to
from netcrm.pages import help_texts, log, people
from netcrm.pages import person as person_pages
from netcrm.pages.forms import AddPersonForm, ExchangeForm, QuickLogForm


def _person(request: OwnerRequest, pk: UUID) -> Contact:
    return get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)


@require_safe
def people_list(request: OwnerRequest) -> HttpResponse:
    owner = request.user
    filters = people.Filters.read(request.GET)
    page, lines = people.page_of_people(
        owner,
        filters,
        day=owner.day(timezone.now()),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    above = people.ABOVE_THE_LIST.lists(owner=owner.pk)
    choosing = {"choose": "1"} if request.GET.get("choose") else {}
    here = filters.query()
    return render(
        request,
        "pages/people/list.html",
        {
            "filters": filters,
            "query": here.removeprefix("?"),
            "lines": lines,
            "views": [
                {
                    "label": view.label,
                    "url": filters.query(view=view.value, **choosing),
                    "current": view is filters.view,
                }
                for view in people.View
                if not view.set_aside
            ],
            "set_aside": [
                (view.label, people.Filters(view=view).query())
                for view in people.View
                if view.set_aside
            ],
            "rings": Ring.choices,
            "tags": above["tags"],
            "orders": people.ORDER_LABELS.items(),
            "further": people.in_words(owner, filters),
            "saved_views": above["views"],
            "saved_here": next((one for one in above["views"] if f"?{one.query}" == here), None),
            "choosing": bool(choosing),
            "choose_url": filters.query(choose="1"),
            "acts": BulkEdit.Act.choices,
            "next_url": filters.query(after=page.next, **choosing) if page.next else "",
            "previous_url": filters.query(before=page.previous, **choosing)
            if page.previous
            else "",
            "nobody_yet": not lines
            and not page.previous
            and not Contact.objects.visible_to(owner).people().exists(),
        },
    )


# One person


@require_safe
def detail(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One person; the old address of somebody who was joined into another leads to them."""
    try:
        page = _page_of(request, pk)
    except Http404:
        if now := services.joined_into(request.user, pk):
            return redirect(now)
        raise
    person, timeline = page.person, page.timeline
    url = person.get_absolute_url()
    shown = f"&show={timeline.show}" if timeline.show else ""
    return render(
        request,
        "pages/person/detail.html",
        {
            "page": page,
            "birthday": birthday_words(person),
            "ring_acts": [(ring.value, ring.label, RING_ACTS[ring]) for ring in Ring],
            "timeline_views": person_pages.views_of(timeline, url),
            "earlier_url": f"{url}?after={timeline.earlier}{shown}#timeline"
            if timeline.earlier
            else "",
            "later_url": f"{url}?before={timeline.later}{shown}#timeline" if timeline.later else "",
        },
    )


GIVES_TO_BRING = 3


@require_safe
def prepare(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One page to print before a meeting (I6)."""
    page = _page_of(request, pk)
    ideas = asks.ideas_for(request.user, page.person)[:GIVES_TO_BRING]
    return render(request, "pages/person/prepare.html", {"page": page, "ideas": ideas})


def _page_of(request: OwnerRequest, pk: UUID) -> person_pages.PersonPage:
    owner = request.user
    show = request.GET.get("show", "")
    page = person_pages.person_page(
        owner,
        pk,
        day=owner.day(timezone.now()),
        show=person_pages.Show(show) if show in list(person_pages.Show) else person_pages.Show.ALL,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    if page is None:
        raise Http404
    return page


@require_http_methods(["GET", "POST"])
def add(request: OwnerRequest) -> HttpResponse:
    """Add a person.  Somebody like them in the list is shown once, and never in the way."""
    owner = request.user
    initial = {field: request.GET[field] for field in ("name", "links") if field in request.GET}
    form = AddPersonForm(request.POST or None, owner=owner, initial=initial)
    alike: list[Alike] = []
    asked = False
    if form.is_valid():
        details = form.details()
        if "anyway" not in request.POST:
            asked = services.has_asked(
                emails=details["emails"], phones=details["phones"], country=owner.country
            )
            alike = similar_people(
                owner,
                name=form.cleaned_data["name"],
                emails=details["emails"],
                phones=details["phones"],
                links=details["links"],
                organization=details["organization"],
            )
        if not (alike or asked):
            try:
                person = _add(owner, form, at=timezone.now())
            except ValidationError as problem:
                form.add_error(None, problem)
            else:
                notice(request, _("%(name)s is in your list.") % {"name": person.name})
                return redirect(person)
    return render(
        request,
        "contacts/add.html",
        {"form": form, "similar": alike, "asked": asked},
        status=422 if form.is_bound and form.errors else 200,
    )


def _add(owner: User, form: AddPersonForm, *, at: datetime) -> Contact:
    by = form.cleaned_data["introduced_by"]
    with facts.change(owner, at=at):
        person = services.add_person(
            by=owner, at=at, name=form.cleaned_data["name"], **form.details()
        )
        if by:
            introducer = by.contact or services.add_person(by=owner, at=at, name=by.name)
            record_introduction(
                owner=owner,
                introducer=introducer,
                introducee=services.ensure_self(by=owner),
                introduced=person,
                state=Introduction.State.MADE,
                at=at,
            )
    return person


# The log


@require_http_methods(["GET", "POST"])
def log_page(request: OwnerRequest) -> HttpResponse:
    form = QuickLogForm(
        request.POST if request.method == "POST" else None,
        owner=request.user,
        with_person=request.GET.get("with", ""),
    )
    if not form.is_bound:
        return _log_page(request, form, None)
    if not form.is_valid():
        return _log_page(request, form, None, status=422)
    now = timezone.now()
    reading = log.read(request.user, form.said(), today=request.user.day(now))
    unseen = bool(reading.line) and not reading.seen
    if unseen and not (request.htmx and reading.sure and not _lacks(form, reading)):
        # What was read from the line is looked at first: always without script, and with it
        # whenever something is missing or was guessed.
        status = 422 if _lacks(form, reading) else 200
        return _log_page(request, form, reading, status=status)
    try:
        logged = log.save(reading.entry, by=request.user, at=now)
    except ValidationError as problem:
        _say_in(form, problem)
        return _log_page(request, form, reading, status=422)
    return _after_log(request, logged)


def _lacks(form: QuickLogForm, reading: log.Reading) -> bool:
    """Say in the form what has still to be said."""
    if not reading.entry.who and not form.has_error("who"):
        form.add_error("who", _("Say who it was with."))
    if reading.entry.what is None and not form.has_error("what"):
        form.add_error("what", _("Say what happened."))
    return bool(form.errors)


_FIELDS = {"people": "who", "kind": "what", "direction": "what"}


def _say_in(form: Form, problem: ValidationError) -> None:
    """Put a service's refusal beside the fields it is about."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for name, errors in problem.error_dict.items():
        field = _FIELDS.get(name, name)
        form.add_error(field if field in form.fields else None, ValidationError(errors))


def _log_page(
    request: OwnerRequest, form: QuickLogForm, reading: log.Reading | None, *, status: int = 200
) -> HttpResponse:
    return render(
        request,
        "pages/log/page.html",
        {
            "form": form,
            "faces": form.faces(),
            "tapped": [(what.value, log.WHAT_LABELS[what]) for what in log.TAPPED],
            "what": form["what"].value() or "",
            **_reading_context(request, form, reading),
        },
        status=status,
    )


@require_POST
def read_line(request: OwnerRequest) -> HttpResponse:
    """What a line says so far, while it is being typed.  Changes nothing."""
    form = QuickLogForm(request.POST, owner=request.user)
    reading = None
    if form.is_valid():
        reading = log.read(request.user, form.said(), today=request.user.day(timezone.now()))
    context = _reading_context(request, form, reading)
    return render(request, "pages/log/_read.html", context)


def _reading_context(
    request: OwnerRequest, form: QuickLogForm, reading: log.Reading | None
) -> dict[str, object]:
    if reading is None:
        return {"reading": None}
    foreseen = None
    if reading.entry.who and reading.entry.what and not reading.entry.their_date:
        try:
            foreseen = log.foresee(reading.entry, by=request.user, at=timezone.now())
        except ValidationError:
            foreseen = None  # saving will say what is wrong, beside the field
    return {
        "reading": reading,
        "foreseen": foreseen,
        "next_by": form["next_by"].value() or log.NextBy.RULE,
        "substances": Referral.Substance.choices,
        "substance": form["substance"].value(),
    }


def _after_log(request: OwnerRequest, logged: log.Logged) -> HttpResponse:
    notice(
        request,
        _said(request.user, logged),
        undo_url=reverse("contacts:undo_log", args=[logged.undo]),
    )
    person_url = logged.people[0].get_absolute_url()
    if not request.htmx:
        return redirect(back_to(request, person_url) if "next" in request.POST else person_url)
    if request.htmx.current_url_abs_path == request.path:
        answer = HttpResponse()
        answer["HX-Redirect"] = person_url
        return answer
    answer = render(request, "components/_oob_toasts.html")
    answer["HX-Reswap"] = "none"
    answer["HX-Trigger"] = json.dumps({"logged": True, "closeSheet": True})
    return answer


def _said(owner: User, logged: log.Logged) -> str:
    """What was written down, the next step and its reason."""
    names = ", ".join(person.short_name for person in logged.people)
    step = logged.step
    if step is None:
        return _("Logged with %(names)s. Nothing is planned next.") % {"names": names}
    said = {"names": names, "do": step.do, "why": step.why, "day": short_day(step.shows_on)}
    if step.shows_on <= owner.day(timezone.now()):
        return _("Logged with %(names)s. Next: %(do)s. %(why)s") % said
    return _("Logged with %(names)s. Next, from %(day)s: %(do)s. %(why)s") % said


@require_POST
def talked_today(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One tap (I1): pressed again on the same day, it is the same talk."""
    person = _person(request, pk)
    now = timezone.now()
    day = request.user.day(now)
    entry = log.Entry(
        people=(person,), what=log.What.SPOKE, on=day, log_key=f"talked:{person.pk}:{day}"
    )
    logged = log.save(entry, by=request.user, at=now)
    notice(
        request,
        _said(request.user, logged),
        undo_url=reverse("contacts:undo_log", args=[logged.undo]),
    )
    return redirect(back_to(request, person.get_absolute_url()))


@require_POST
def undo_log(request: OwnerRequest, token: str) -> HttpResponse:
    try:
        log.take_back(token, by=request.user, at=timezone.now())
    except BadSignature:
        raise Http404 from None
    notice(request, _("Taken back. Everything is as it was before."))
    return redirect(_still_there(request))


def _still_there(request: OwnerRequest) -> str:
    """The page the undo was pressed on, unless it showed a person who went with it."""
    return back_to(request, reverse("contacts:list"))


@require_http_methods(["GET", "POST"])
def exchange(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One exchange, to correct it or to take it back."""
    owner = request.user
    row = get_object_or_404(Interaction.objects.visible_to(owner), pk=pk)
    form = ExchangeForm(request.POST or None, owner=owner, interaction=row)
    everybody = list(row.people.all())
    if form.is_valid():
        now, data = timezone.now(), form.cleaned_data
        named = data["also_with"]
        try:
            with facts.change(owner, at=now):
                chosen = list(data["people"])
                if named:
                    chosen.append(
                        named.contact or services.add_person(by=owner, at=now, name=named.name)
                    )
                services.edit_interaction(
                    by=owner,
                    at=now,
                    interaction=row,
                    people=chosen,
                    kind=data["kind"],
                    direction=data["direction"],
                    on=data["on"],
                    note=data["note"],
                    their_date=data["their_date"],
                    **form.flag_values(),
                )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            notice(request, _("Saved."))
            return redirect(chosen[0])
    return render(
        request,
        "pages/log/exchange.html",
        {"form": form, "exchange": row, "person": everybody[0] if everybody else None},
        status=422 if form.is_bound else 200,
    )


@require_POST
def delete_exchange(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk)
    person = row.people.first()
    log.forget(row, by=request.user, at=timezone.now())
    notice(request, _("Deleted. Dates are as if it had not been written down."))
    return redirect(person or "contacts:list")


@login_not_required
@require_safe
def help_page(request: OwnerRequest) -> HttpResponse:
    """How the product decides, in full."""
    return render(request, "pages/help.html", help_texts.everything())
