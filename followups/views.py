"""Today, what is coming up, and what one does with a follow-up."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact, Interaction
from contacts.services import log_interaction
from followups import reaching, selectors, services
from followups.forms import DoneForm, LaterForm, PauseForm, PeaceForm
from followups.models import FollowUp
from followups.services import Acted, AlreadyClosed, Undo
from followups.services.acts import HARD_AFTER, What
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.days import day_name, day_when
from netcrm.kit.notices import notice

UNDO_SALT = "followups.undo"
UNDO_SECONDS = 30 * 24 * 3600
LAST_EXCHANGES = 3  # shown beside what one is about to write


@require_safe
def today(request: OwnerRequest) -> HttpResponse:
    """At most five people, what to do and why, and what else is possible."""
    context = _day(request)
    context["reached"] = reaching.to_ask_about(request, at=timezone.now())
    return render(request, "followups/today.html", context)


@require_POST
def reached(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """They were reached: the step that was open is done, or else a message is written down."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    at = timezone.now()
    if request.POST.get("answer") != "yes":
        notice(request, _("All right. Everything stands as it did."))
        return redirect("followups:today")
    step = selectors.next_step(contact, request.user.day(at))
    if step is not None and step.shows_on <= request.user.day(at):
        follow_up = _follow_up(request, step.id)
        acted = services.done(by=request.user, at=at, follow_up=follow_up, what=What.WROTE)
        _say(request, _what_was_done(acted, at), acted.undo)
    else:
        log_interaction(by=request.user, at=at, people=[contact], kind=Interaction.Kind.MESSAGE)
        notice(request, _("Written down: you wrote to %(name)s.") % {"name": contact.short_name})
    return redirect("followups:today")


@require_safe
def upcoming(request: OwnerRequest) -> HttpResponse:
    """Whom each of the next thirty days will show, as the mails will."""
    day = request.user.day(timezone.now())
    days = selectors.upcoming(request.user, day)
    return render(
        request,
        "followups/upcoming.html",
        {
            "days": days,
            "day": day,
            "people": len({step.contact_id for ahead in days for step in ahead.steps}),
            "paused_until": selectors.paused(request.user, day),
        },
    )


@require_http_methods(["GET", "POST"])
def done(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """One press is enough; the page adds how it went."""
    follow_up = _follow_up(request, pk)
    form = DoneForm(
        request.POST if request.method == "POST" else None,
        initial={"what": services.usual_what(follow_up.purpose)},
    )
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        place = _place(request, follow_up, at)
        try:
            acted = services.done(by=request.user, at=at, follow_up=follow_up, **form.cleaned_data)
        except AlreadyClosed:
            messages.info(request, _("That one was done already."))
        else:
            _say(request, _what_was_done(acted, at), acted.undo)
        return _back(request, place)
    return render(
        request,
        "followups/done.html",
        {"form": form, "step": _step(follow_up), "follow_up": follow_up},
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
def later(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Put off, in meanings; the third time asks whether something makes it hard."""
    follow_up = _follow_up(request, pk)
    at = timezone.now()
    form = LaterForm(
        request.POST if request.method == "POST" else None,
        today=request.user.day(at),
        initial={"meaning": request.GET.get("meaning")},
    )
    hard = follow_up.times_deferred >= HARD_AFTER - 1 and "anyway" not in request.POST
    if request.method == "POST" and form.is_valid() and not hard:
        place = _place(request, follow_up, at)
        try:
            _put_off(request, follow_up, at, **form.cleaned_data)
        except AlreadyClosed:
            messages.info(request, _("That one was done already."))
        return _back(request, place)
    return render(
        request,
        "followups/hard.html" if hard else "followups/later.html",
        {"form": form, "step": _step(follow_up), "follow_up": follow_up},
        status=422 if form.is_bound and not hard else 200,
    )


@require_http_methods(["GET", "POST"])
def write(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """What to say and where; before the window opens, the date first (R5)."""
    contact = get_object_or_404(
        Contact.objects.visible_to(request.user).people().prefetch_related("points"), pk=pk
    )
    at = timezone.now()
    day = request.user.day(at)
    if request.method == "POST":
        services.write_anyway(by=request.user, at=at, contact=contact)
        return redirect(f"{request.path}?anyway=1")
    step = selectors.next_step(contact, day)
    too_soon = step is not None and day < step.window.opens_on
    exchanges = Interaction.objects.visible_to(request.user).filter(people=contact)
    guarded = too_soon and not _went_on(request, contact, step)
    if not guarded:
        reaching.remember(request, contact, at=at)
    return render(
        request,
        "followups/write.html",
        {
            "contact": contact,
            "step": step,
            "guarded": guarded,
            "too_soon": too_soon,
            "day": day,
            "exchanges": exchanges.order_by("-at")[:LAST_EXCHANGES],
        },
    )


@require_http_methods(["GET", "POST"])
def pause_person(request: OwnerRequest, pk: UUID) -> HttpResponse:
    contact = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    at = timezone.now()
    day = request.user.day(at)
    form = PeaceForm(
        request.POST if request.method == "POST" else None,
        today=day,
        initial={"until": contact.paused_until or day + dt.timedelta(weeks=4)},
    )
    if form.is_valid():
        until = form.cleaned_data["until"]
        taken = services.pause_person(by=request.user, at=at, contact=contact, until=until)
        text = _("%(name)s is left in peace until %(day)s.")
        values = {"name": contact.short_name, "day": day_name(until, today=day)}
        _say(request, text % values, taken)
        return redirect(contact)
    return render(
        request,
        "followups/peace.html",
        {"form": form, "contact": contact},
        status=422 if form.is_bound else 200,
    )


@require_POST
def undo(request: OwnerRequest, token: str) -> HttpResponse:
    """Take the act back that handed out this token; twice is once."""
    try:
        owner, act, about, values = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    if owner != str(request.user.pk):
        raise Http404
    taken = Undo(act=act, about=UUID(about), values=values)
    services.take_back(by=request.user, at=timezone.now(), undo=taken)
    messages.success(request, _("Taken back."))
    return _back(request, None)


@require_http_methods(["GET", "POST"])
def pause(request: OwnerRequest) -> HttpResponse:
    """One to four weeks of silence, or the end of it."""
    form = PauseForm(request.POST if request.method == "POST" else None)
    at = timezone.now()
    if form.is_valid():
        until = services.pause(by=request.user, at=at, weeks=form.cleaned_data["weeks"])
        messages.success(
            request,
            _("Paused. Nobody comes up, and no mail is sent, until %(day)s.")
            % {"day": day_name(until, today=request.user.day(at))},
        )
        return redirect("followups:today")
    return render(
        request,
        "followups/pause.html",
        {"form": form, "paused_until": selectors.paused(request.user, request.user.day(at))},
        status=422 if form.is_bound else 200,
    )


@require_POST
def resume(request: OwnerRequest) -> HttpResponse:
    services.resume(by=request.user, at=timezone.now())
    messages.success(request, _("Welcome back."))
    return redirect("followups:today")


@require_POST
def fresh_start(request: OwnerRequest) -> HttpResponse:
    taken = services.fresh_start(by=request.user, at=timezone.now())
    _say(request, _("A fresh start: everybody has a new day in the coming weeks."), taken)
    return _back(request, None)


def _follow_up(request: OwnerRequest, pk: UUID) -> FollowUp:
    rows = FollowUp.objects.visible_to(request.user).select_related("contact")
    return get_object_or_404(rows, pk=pk)


def _step(follow_up: FollowUp) -> selectors.Step | None:
    return selectors.step_of(follow_up, follow_up.contact.owner.day(timezone.now()))


def _day(request: OwnerRequest, *, focus: UUID | None = None) -> dict[str, Any]:
    day = request.user.day(timezone.now())
    return {"page": selectors.today_page(request.user, day), "day": day, "focus": focus}


def _place(request: OwnerRequest, follow_up: FollowUp, at: dt.datetime) -> int | None:
    """Return which card of Today this is, so that the one after it can take the focus."""
    if not request.htmx:
        return None
    cards = selectors.today_cards(request.user, request.user.day(at)).cards
    return next((n for n, step in enumerate(cards) if step.id == follow_up.pk), None)


def _back(request: OwnerRequest, place: int | None) -> HttpResponse:
    """Return to where the act was pressed: a fresh day for the page, or the page itself."""
    if request.htmx and request.htmx.target == "day":
        context = _day(request)
        cards = context["page"].today.cards
        if place is not None and cards:
            context["focus"] = cards[min(place, len(cards) - 1)].id
        return render(request, "followups/_day.html", context | {"partial": True})
    wanted = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        wanted = reverse("followups:today")
    return redirect(wanted)


def _say(request: OwnerRequest, text: str, taken: Undo | None) -> None:
    url = ""
    if taken is not None:
        values = [str(request.user.pk), taken.act, str(taken.about), taken.values]
        url = reverse("followups:undo", args=[signing.dumps(values, salt=UNDO_SALT, compress=True)])
    notice(request, text, undo_url=url)


def _what_was_done(acted: Acted, at: dt.datetime) -> str:
    contact = acted.follow_up.contact
    day = contact.owner.day(at)
    if acted.next is None:
        return _("%(name)s: done.") % {"name": contact.short_name}
    if acted.next.shows_on <= day:
        return _("%(name)s: done. Next: %(do)s.") % {
            "name": contact.short_name,
            "do": acted.next.do,
        }
    return _("%(name)s: done. Next %(when)s: %(do)s.") % {
        "name": contact.short_name,
        "when": day_when(acted.next.shows_on, today=day),
        "do": acted.next.do,
    }


def _put_off(
    request: OwnerRequest,
    follow_up: FollowUp,
    at: dt.datetime,
    *,
    meaning: str,
    on: dt.date | None,
) -> None:
    owner, contact = request.user, follow_up.contact
    if meaning == LaterForm.PARK:
        taken = services.park(by=owner, at=at, contact=contact)
        text = _("%(name)s is parked: kept, searchable and silent.")
        _say(request, text % {"name": contact.short_name}, taken)
        return
    if meaning == LaterForm.THEIRS and on is not None:
        acted = services.later_by_their_date(by=owner, at=at, follow_up=follow_up, on=on)
    else:
        acted = services.later(by=owner, at=at, follow_up=follow_up, meaning=meaning)
    until = acted.next.shows_on if acted.next else None
    if until is None:
        text = _("%(name)s waits.") % {"name": contact.short_name}
    else:
        text = _("%(name)s waits until %(day)s.") % {
            "name": contact.short_name,
            "day": day_name(until, today=owner.day(at)),
        }
    _say(request, text, acted.undo)


def _went_on(request: OwnerRequest, contact: Contact, step: selectors.Step | None) -> bool:
    if step is None:
        return True
    return contact.wrote_anyway.filter(opens_on=step.window.opens_on).exists()
