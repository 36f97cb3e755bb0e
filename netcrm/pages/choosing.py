"""Choosing whom to begin with, after a file was brought in: five steps from 800 to 40.

Every answer is saved as it is given, so any page may be left and come back to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.engine.triage import Candidate, Reason, Why
from contacts.models import Contact, ImportBatch, ImportRow, Pick, Ring
from contacts.selectors import current_positions, work_of
from contacts.services import triage
from introductions.selectors import offers
from introductions.services import add_target
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.notices import notice

LABELS: dict[str, Promise] = {
    "result": gettext_lazy("What came in"),
    "recall": gettext_lazy("Who comes to mind"),
    "inside": gettext_lazy("Where you want to work"),
    "likely": gettext_lazy("Likely others"),
    "check": gettext_lazy("Check"),
}
STEPS = list(LABELS)
SHOWN_INSIDE_ONE = 20
ROUNDS_AT_MOST = 50

REASONS: dict[Why, Promise] = {
    Why.RECALLED: gettext_lazy("Came to your mind."),
    Why.NAMED: gettext_lazy("%(fact)s gave you this name."),
    Why.AT_TARGET: gettext_lazy("Works at %(fact)s, which is on your list."),
    Why.NOTED: gettext_lazy("You have written something about them."),
    Why.TAGGED: gettext_lazy("You have filed them under a tag."),
    Why.SAME_EMPLOYER: gettext_lazy("Works at %(fact)s, where you are in touch with somebody."),
    Why.FITS_THE_LINE: gettext_lazy("“%(fact)s” is close to what you are looking for."),
    Why.HIRES: gettext_lazy("As “%(fact)s” they may hire, or know who does."),
    Why.REACHABLE: gettext_lazy("You have an address or number of theirs."),
    Why.RECENT: gettext_lazy("You connected within the last year or so."),
}


def sentences(reasons: Iterable[Reason], *, most: int = 2) -> str:
    """The strongest reasons, each a whole sentence; no two that rest on the same fact."""
    by_fact: dict[str, Reason] = {}
    for one in reasons:
        by_fact.setdefault(one.fact or one.why, one)
    said = [str(REASONS[one.why]) % {"fact": one.fact} for one in by_fact.values()]
    return " ".join(said[:most])


def _batch(request: OwnerRequest, pk: UUID) -> ImportBatch:
    """A batch of the owner's that has ended with people added."""
    found = get_object_or_404(
        ImportBatch.objects.visible_to(request.user),
        pk=pk,
        state__in=[ImportBatch.State.DONE, ImportBatch.State.CANCELLED],
    )
    found.owner = request.user
    return found


def _choosing(
    request: OwnerRequest, batch: ImportBatch, *, only_picked: bool = False
) -> triage.Choosing:
    return triage.choosing(
        batch,
        only_picked=only_picked,
        today=request.user.day(timezone.now()),
        named=((offer.to, offer.giver.short_name) for offer in offers(request.user)),
    )


def _progress(batch: ImportBatch) -> dict[str, object]:
    """How many of forty are kept, whether they have their rings already or not."""
    kept = (
        batch.picks.filter(choice=Pick.Choice.KEEP, contact__in=Contact.objects.reachable())
    ).count()
    return {"kept": kept, "enough": triage.ENOUGH, "full": kept >= triage.ENOUGH}


def _steps(now: str) -> list[dict[str, object]]:
    at = STEPS.index(now)
    return [
        {
            "label": label,
            "state": "now" if step == now else "done" if place < at else "next",
        }
        for place, (step, label) in enumerate(LABELS.items())
    ]


@require_safe
def choose(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Where the owner left off."""
    batch = _batch(request, pk)
    step = batch.choosing_at_step
    return redirect("contacts:choose_step", batch.pk, step if step in LABELS else "result")


@require_http_methods(["GET", "POST"])
def choose_step(request: OwnerRequest, pk: UUID, step: str) -> HttpResponse:
    batch = _batch(request, pk)
    if step not in LABELS:
        raise Http404
    if request.method == "POST":
        return ANSWERED[step](request, batch)
    return _page(request, batch, step, PAGES[step](request, batch))


def _page(
    request: OwnerRequest, batch: ImportBatch, step: str, more: dict[str, object], status: int = 200
) -> HttpResponse:  # fmt: skip
    at = STEPS.index(step)
    return render(
        request,
        f"pages/choosing/{step}.html",
        {
            "batch": batch,
            "step": step,
            "steps": _steps(step),
            "here": reverse("contacts:choose_step", args=[batch.pk, step]),
            "back": STEPS[at - 1] if at else "",
            **_progress(batch),
            **more,
        },
        status=status,
    )


def _on(batch: ImportBatch, step: str) -> HttpResponse:
    triage.go_to(batch=batch, step=step)
    return redirect("contacts:choose_step", batch.pk, step)


# 1. What came in


def _result(request: OwnerRequest, batch: ImportBatch) -> dict[str, object]:
    return {
        "parked": triage.candidates(batch).count(),
        "held_back": batch.rows.filter(action=ImportRow.Action.DUPLICATE).count(),
    }


def _result_seen(request: OwnerRequest, batch: ImportBatch) -> HttpResponse:
    return _on(batch, "recall")


# 2. Who comes to mind


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A person with where they work."""

    person: Contact
    work: str


def _lines(people: Iterable[Contact]) -> list[Line]:
    return [Line(person=person, work=work_of(person)) for person in people]


def _recall(request: OwnerRequest, batch: ImportBatch) -> dict[str, object]:
    text = request.GET.get("q", "")[:200]
    return {"q": text, **_found(batch, text)}


def _found(batch: ImportBatch, text: str) -> dict[str, object]:
    kept = Contact.objects.reachable().filter(
        picks__batch=batch, picks__step=Pick.Step.RECALL, picks__choice=Pick.Choice.KEEP
    )
    return {
        "found": _lines(triage.find(batch, text)),
        "recalled": _lines(kept.prefetch_related(current_positions()).order_by("-picks__id")),
    }


def _recall_answered(request: OwnerRequest, batch: ImportBatch) -> HttpResponse:
    """Enter in the field keeps somebody when the letters mean one person only."""
    if "on" in request.POST:
        return _on(batch, "inside")
    text = request.POST.get("q", "")[:200]
    found = triage.find(batch, text)
    if len(found) == 1:
        triage.pick(batch=batch, contact=found[0], step=Pick.Step.RECALL, choice=Pick.Choice.KEEP)
        text = ""
    if request.htmx:
        more = {"q": text, **_found(batch, text), "swapped": True}
        return render(
            request,
            "pages/choosing/_recall.html",
            {"batch": batch, "step": "recall", **more, **_progress(batch)},
        )
    return redirect(f"{reverse('contacts:choose_step', args=[batch.pk, 'recall'])}?q={quote(text)}")


# 3. Where you want to work


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A person at a target, and whether their box is ticked."""

    candidate: Candidate
    ticked: bool


def _inside(request: OwnerRequest, batch: ImportBatch) -> dict[str, object]:
    state = _choosing(request, batch)
    groups = {name: people[:SHOWN_INSIDE_ONE] for name, people in state.inside.items()}
    answered = {pk for pk, said in state.picked.items() if said.step == Pick.Step.INSIDE}
    ticked = answered or triage.ticked_beforehand(groups)
    return {
        "targets": state.situation.targets,
        "groups": [
            {
                "name": name,
                "people": [Tick(candidate=one, ticked=one.id in ticked) for one in people],
            }
            for name, people in groups.items()
        ],
        "none_inside": [name for name in state.situation.targets if name not in groups],
    }


def _inside_answered(request: OwnerRequest, batch: ImportBatch) -> HttpResponse:
    if "organizations" in request.POST:
        return _more_targets(request, batch)
    count = triage.keep_inside(
        batch=batch,
        shown=_uuids(request.POST.getlist("shown")),
        ticked=_uuids(request.POST.getlist("keep")),
    )
    if count:
        notice(
            request,
            ngettext("%(n)s person kept.", "%(n)s people kept.", count) % {"n": count},
        )
    return _on(batch, "likely")


def _more_targets(request: OwnerRequest, batch: ImportBatch) -> HttpResponse:
    typed = request.POST["organizations"]
    try:
        for name in typed.splitlines()[:100]:
            if name.strip():
                add_target(by=request.user, name=name)
    except ValidationError as problem:
        more = {**_inside(request, batch), "typed": typed, "problem": problem.messages[0]}
        return _page(request, batch, "inside", more, status=422)
    return redirect("contacts:choose_step", batch.pk, "inside")


def _uuids(texts: Iterable[str]) -> set[UUID]:
    """The keys a form sent; what is none is left out."""
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


# 4. Likely others


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    candidate: Candidate
    why: str


def _likely(request: OwnerRequest, batch: ImportBatch) -> dict[str, object]:
    try:
        rounds = min(max(int(request.GET.get("rounds", "1")), 1), ROUNDS_AT_MOST)
    except ValueError:
        rounds = 1
    suggested = _choosing(request, batch).likely(most=rounds * triage.LIKELY)
    return {
        "cards": [Card(candidate=one.candidate, why=sentences(one.reasons)) for one in suggested],
        "next_round": rounds + 1,
        "shown": rounds * triage.LIKELY,
    }


def _likely_answered(request: OwnerRequest, batch: ImportBatch) -> HttpResponse:
    return _on(batch, "check")


@require_POST
def pick(request: OwnerRequest, pk: UUID, contact: UUID) -> HttpResponse:
    """Keep, park or skip one person, or take that back."""
    batch = _batch(request, pk)
    person = get_object_or_404(triage.candidates(batch), pk=contact)
    step, choice = request.POST.get("step", ""), request.POST.get("choice", "")
    if step not in Pick.Step.values or choice not in {*Pick.Choice.values, "back"}:
        raise Http404
    if choice == "back":
        triage.take_back(batch=batch, contact=person)
    else:
        triage.pick(batch=batch, contact=person, step=Pick.Step(step), choice=Pick.Choice(choice))
    here = reverse("contacts:choose_step", args=[batch.pk, step])
    if not request.htmx:
        return redirect(here)
    more: dict[str, object] = {"last": person, "choice": choice}
    if step == Pick.Step.RECALL:
        more |= {"q": "", **_found(batch, "")}
    return render(
        request,
        f"pages/choosing/_{step}.html",
        {"batch": batch, "step": step, "here": here, "swapped": True, **more, **_progress(batch)},
    )


# 5. Check


def _check(request: OwnerRequest, batch: ImportBatch) -> dict[str, object]:
    kept = _choosing(request, batch, only_picked=True).kept()
    return {
        "kept_people": [
            {"candidate": one.candidate, "why": sentences(one.reasons, most=1), "ring": one.ring}
            for one in kept
        ],
        "rings": Ring.choices,
        "parked": triage.candidates(batch).count() - len(kept),
        "in_use": batch.picks.filter(
            choice=Pick.Choice.KEEP, contact__in=Contact.objects.active()
        ).count(),
    }


def _check_answered(request: OwnerRequest, batch: ImportBatch) -> HttpResponse:
    rings = {
        pk: Ring(ring)
        for pk in _uuids(request.POST.getlist("kept"))
        if (ring := request.POST.get(f"ring-{pk}", "")) in Ring.values
    }
    count = triage.finish(by=request.user, at=timezone.now(), batch=batch, rings=rings)
    if count:
        notice(
            request,
            ngettext(
                "%(n)s person is in your lists. Everybody else stays parked.",
                "%(n)s people are in your lists. Everybody else stays parked.",
                count,
            )
            % {"n": count},
        )
    else:
        notice(request, _("Nothing has changed: everybody stays parked."))
    return _on(batch, "check")


Page = Callable[[OwnerRequest, ImportBatch], dict[str, object]]
PAGES: dict[str, Page] = {
    "result": _result,
    "recall": _recall,
    "inside": _inside,
    "likely": _likely,
    "check": _check,
}
ANSWERED: dict[str, Callable[[OwnerRequest, ImportBatch], HttpResponse]] = {
    "result": _result_seen,
    "recall": _recall_answered,
    "inside": _inside_answered,
    "likely": _likely_answered,
    "check": _check_answered,
}
