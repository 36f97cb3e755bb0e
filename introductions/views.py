"""Introductions: chains and loops, one introduction, and writing one down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services as people
from contacts.fields import Named
from contacts.models import Contact, Interaction, local_noon
from introductions import charts, opt_in, selectors, services, words
from introductions.engine import note as notes
from introductions.engine import workflow
from introductions.forms import BetweenForm, MoveForm, NoteForm, RecordForm
from introductions.models import Introduction
from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.groups import selectors as groups
from netcrm.groups.models import Playbook
from netcrm.kit import facts

SHOWN = 10  # of each list beside the map; the rest has a page of its own
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One list of the introductions page, as far as it is shown."""

    kind: str
    title: str
    rows: list[dict[str, object]]
    count: int


def _lists(
    found: Sequence[selectors.Standing], offers: Sequence[selectors.Offer]
) -> dict[str, tuple[str, Sequence[object]]]:
    """Every list with its title, what wants something done first."""
    return {
        "loops": (_("Close a loop"), [s for s in found if s.loop_open]),
        "stalls": (_("Standing still"), [s for s in found if s.stall]),
        "offers": (_("Offered, not used yet"), offers),
        "under_way": (_("Under way"), [s for s in found if s.state not in ENDED]),
        "closed": (_("Ended"), [s for s in found if s.state in ENDED]),
    }


def _listed(kind: str, title: str, rows: Sequence[object], *, start: int, most: int) -> Listed:
    return Listed(
        kind=kind,
        title=title,
        rows=[
            {"offer": row}
            if isinstance(row, selectors.Offer)
            else {"standing": row, "suggested": _suggested(row) if kind == "stalls" else ""}
            for row in cast(
                "Sequence[selectors.Standing | selectors.Offer]", rows[start : start + most]
            )
        ],
        count=len(rows),
    )


@require_safe
def index(request: OwnerRequest) -> HttpResponse:
    """The map, the same as lists, and the loops that are open."""
    owner, today = request.user, request.user.day(timezone.now())
    found = selectors.standings(owner, today=today)
    offers = selectors.offers(owner)
    branch = request.GET.get("from", "")
    return render(
        request,
        "introductions/list.html",
        {
            "map": charts.chain_map(owner, found, offers, branch=branch, uid="map"),
            "branch": branch,
            "lists": [
                _listed(kind, title, rows, start=0, most=SHOWN)
                for kind, (title, rows) in _lists(found, offers).items()
                if rows
            ],
            "health": selectors.chain_health(owner, found),
            "count": len(found),
        },
    )


@require_safe
def every(request: OwnerRequest, kind: str) -> HttpResponse:
    """One of those lists to its end, fifty at a time."""
    owner = request.user
    found = selectors.standings(owner, today=owner.day(timezone.now()))
    lists = _lists(found, selectors.offers(owner))
    if kind not in lists:
        raise Http404
    title, rows = lists[kind]
    page = Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))
    return render(
        request,
        "introductions/every.html",
        {
            "list": _listed(kind, title, rows, start=page.start_index() - 1, most=PAGE_ROWS),
            "page": page,
        },
    )


ENDED = (workflow.State.CLOSED, workflow.State.DECLINED, workflow.State.NO_ANSWER)


def _suggested(standing: selectors.Standing) -> str:
    stall = standing.stall
    if stall is None:
        return ""
    name = standing.person(stall.at).short_name
    if stall.mine:
        name = (
            standing.other.short_name
            if stall.act in TO_THE_OTHER
            else (standing.row.introducer.short_name)
        )
    return words.suggestion(stall.act, name=name)


TO_THE_OTHER = (workflow.Act.WRITE_NOW, workflow.Act.THANK, workflow.Act.CHECK_FIRST)


@require_http_methods(["GET", "POST"])
def record(request: OwnerRequest) -> HttpResponse:
    form = RecordForm(
        request.POST or None,
        owner=request.user,
        today=request.user.day(timezone.now()),
        initial=_from_links(request),
    )
    if form.is_valid():
        now = timezone.now()
        try:
            made = _record(request.user, form, now)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Written down."))
            return redirect(made)
    return render(
        request,
        "introductions/record.html",
        {"form": form},
        status=422 if form.is_bound else 200,
    )


def _from_links(request: HttpRequest) -> dict[str, str]:
    """Names another page has filled in already."""
    return {
        key: request.GET[key]
        for key in ("introducer", "introducee", "introduced", "state")
        if key in request.GET
    }


@require_http_methods(["GET", "POST"])
def between(request: OwnerRequest) -> HttpResponse:
    """The owner introduces two of their own people to each other."""
    form = BetweenForm(request.POST or None, owner=request.user, initial=_from_links(request))
    if form.is_valid():
        now = timezone.now()
        try:
            made = _record_between(request.user, form, now)
        except (ValidationError, ValueError) as refused:
            form.add_error(None, str(refused) if isinstance(refused, ValueError) else refused)
        else:
            messages.success(request, _("Written down."))
            return redirect(made)
    return render(
        request,
        "introductions/between.html",
        {"form": form},
        status=422 if form.is_bound else 200,
    )


def _moment(owner: User, on: date | None, now: datetime) -> datetime:
    """The moment a thing of day ``on`` is written down with; today's is now.

    Raises:
        ValidationError: the day is still to come.
    """
    if on is None or on == owner.day(now):
        return now
    if (at := local_noon(on, owner)) > now:
        raise ValidationError({"on": _("That day is still to come.")})
    return at


def _record(owner: User, form: RecordForm, now: datetime) -> Introduction:
    """Write it down with its own day; what follows from it is settled as of now."""
    at = _moment(owner, form.cleaned_data["on"], now)
    with facts.change(owner, at=now):
        return _recorded(owner, form, at=at, now=now)


def _recorded(owner: User, form: RecordForm, *, at: datetime, now: datetime) -> Introduction:
    introducer = _person(owner, form.cleaned_data["introducer"], now)
    asked = services.Asked()
    if form.cleaned_data["state"] == workflow.State.ASKED:
        exchange = people.log_interaction(
            by=owner,
            at=now,
            on=owner.day(at),
            people=[introducer],
            kind=Interaction.Kind.MESSAGE,
            is_ask=True,
        )
        asked = services.Asked(interaction=exchange)
    return services.record_introduction(
        owner=owner,
        introducer=introducer,
        introducee=people.ensure_self(by=owner),
        introduced=_person(owner, form.cleaned_data["introduced"], now),
        state=form.cleaned_data["state"],
        at=at,
        medium=form.cleaned_data["medium"],
        reason=form.cleaned_data["reason"],
        load_reason=form.cleaned_data.get("load_reason", ""),
        asked=asked,
    )


def _record_between(owner: User, form: BetweenForm, now: datetime) -> Introduction:
    at = _moment(owner, form.cleaned_data["on"], now)
    with facts.change(owner, at=now):
        return services.record_introduction(
            owner=owner,
            introducer=people.ensure_self(by=owner),
            introducee=_person(owner, form.cleaned_data["introducee"], now),
            introduced=_person(owner, form.cleaned_data["introduced"], now),
            state=form.cleaned_data["state"],
            at=at,
            reason=form.cleaned_data["reason"],
        )


def _person(owner: User, named: Named, now: datetime) -> Contact:
    return named.contact or people.add_person(by=owner, at=now, name=named.name)


def _get(request: OwnerRequest, pk: UUID) -> Introduction:
    return get_object_or_404(Introduction.objects.visible_to(request.user).with_people(), pk=pk)


@require_safe
def detail(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    own = groups.note_to_start_from(request.user, request.GET.get("from", ""))
    begun = {**selectors.note_of(row), **({"why_them": own} if own else {})}
    return _detail(request, row, NoteForm(introduction=row, initial=begun))


def _detail(
    request: OwnerRequest, row: Introduction, form: NoteForm | None = None, *, status: int = 200
) -> HttpResponse:
    today = request.user.day(timezone.now())
    (standing,) = selectors.standings(request.user, today=today, only=[row.pk])
    stored, clocks = workflow.State(row.state), _clocks(standing)
    return render(
        request,
        "introductions/detail.html",
        {
            "introduction": row,
            "standing": standing,
            "steps": _rail(standing),
            "owed": [
                (
                    o,
                    words.owed_line(o.duty, name=standing.person(o.to).short_name),
                    standing.person(o.to),
                    clocks.get(o.duty, ""),
                )
                for o in standing.owed
            ],
            "suggested": _suggested(standing),
            "moves": _moves(standing, stored),
            "endings": [
                (outcome, Introduction.Outcome(outcome).label)
                for outcome in workflow.next_outcomes(stored)
            ],
            "events": row.events.all(),
            "hears": selectors.who_hears(request.user, row),
            "ways": selectors.other_ways(request.user, row)
            if standing.state in NOT_THIS_WAY and standing.role is workflow.Role.INTRODUCEE
            else [],
            "not_this_way": standing.state in NOT_THIS_WAY,
            **_asking(row, standing, form, today),
            **_both(row, standing),
        },
        status=status,
    )


def _moves(standing: selectors.Standing, stored: workflow.State) -> list[tuple[str, str]]:
    """What may have happened next, what takes it on before what ends it."""
    states = [
        state
        for state in workflow.next_states(stored)
        if state is not workflow.State.CLOSED and not _has_a_page(state, standing)
    ]
    states.sort(key=lambda state: state in NOT_THIS_WAY)
    return [(state, str(Introduction.State(state).label)) for state in states]


NOT_THIS_WAY = (workflow.State.DECLINED, workflow.State.NO_ANSWER)


def _clocks(standing: selectors.Standing) -> dict[workflow.Duty, str]:
    """The two clocks in words: what is soonest to the other person, and what the introducer
    waits for once they were asked."""
    ticking = standing.clocks
    found = {}
    if ticking.yours:
        found[ticking.yours.duty] = _("your clock runs")
    if ticking.introducers and standing.state is not workflow.State.WANTED:
        name = standing.row.introducer.short_name
        found[ticking.introducers.duty] = _("%(name)s is waiting") % {"name": name}
    return found


def _has_a_page(state: workflow.State, standing: selectors.Standing) -> bool:
    """Asking for it is more than a mark: the panel looks at it first."""
    return state is workflow.State.ASKED and standing.role is workflow.Role.INTRODUCEE


def _asking(
    row: Introduction, standing: selectors.Standing, form: NoteForm | None, today: date
) -> dict[str, object]:
    """The note that can be forwarded and the introducer's load, until the two are introduced."""
    if standing.role is not workflow.Role.INTRODUCEE or row.made_at or standing.state in ENDED:
        return {}
    form = form or NoteForm(introduction=row, initial=selectors.note_of(row))
    return {
        "form": form,
        "own_notes": groups.own_copies(row.owner, Playbook.Kind.NOTE),
        "note": _review(row, form),
        "load": selectors.load_of(row.owner, row.introducer, today=today),
    }


def _both(row: Introduction, standing: selectors.Standing) -> dict[str, object]:
    """What both were asked and said, while the owner has not yet introduced them."""
    if standing.role is not workflow.Role.INTRODUCER or row.made_at:
        return {}
    asked = opt_in.standing(row, at=timezone.now())
    return {
        "both": True,
        "asked": asked,
        "waiting": any(one.question.answer in ("", "later") for one in asked),
        "can_ask": opt_in.may_be_asked(row),
        "together": _together(row, asked),
    }


def _together(row: Introduction, asked: list[opt_in.Asked]) -> dict[str, str]:
    """A first draft of the mail to both, from what each was told, for the owner to finish."""
    one, other = row.introducee, row.introduced
    subject = _("%(one)s, meet %(other)s") % {"one": one.short_name, "other": other.short_name}
    told = {item.question.side: item.question.about_other for item in asked}
    text = "\n\n".join(
        part
        for part in (
            f"{one.short_name}, {other.short_name},",
            f"{other.name}: {told['introducee']}" if "introducee" in told else "",
            f"{one.name}: {told['introduced']}" if "introduced" in told else "",
        )
        if part
    )
    return {"text": text, "mailto": selectors.mailto(one, other, subject=subject, body=text)}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """A note as it stands: its text, the five ticks in words, and where it can go."""

    text: str
    ticks: tuple[tuple[bool, str], ...]
    words: int
    most_words: int
    too_long: bool
    ready: bool
    has_subject: bool
    mailto: str

    @property
    def state(self) -> str:
        """Changes when there is something to say aloud, and not at every key."""
        return f"{sum(passed for passed, _line in self.ticks)}{'!' if self.too_long else ''}"


def _review(row: Introduction, form: NoteForm) -> NoteShown:
    if form.is_bound:
        form.is_valid()
    lines, subject = form.lines(), form.subject_line
    found = notes.review_lines(lines, about=selectors.about_of(row), subject=subject)
    name = row.introduced.short_name
    return NoteShown(
        text=lines.text,
        ticks=tuple((t.passed, words.tick_line(t.check, name=name)) for t in found.ticks),
        words=found.words,
        most_words=notes.MOST_WORDS,
        too_long=found.too_long,
        ready=found.ready,
        has_subject=found.has_subject,
        mailto=selectors.mailto(row.introducer, subject=subject, body=lines.text),
    )


def _rail(standing: selectors.Standing) -> list[dict[str, str]]:
    """The usual course with the present step marked; an ending off the rail stands last."""
    course = [
        workflow.State.ASKED,
        workflow.State.AGREED,
        workflow.State.MADE,
        workflow.State.ACKNOWLEDGED,
        workflow.State.MET,
        workflow.State.LOOPED,
    ]
    place = _PLACES[standing.state]
    steps = [
        {
            "label": str(Introduction.State(state).label),
            "state": "done" if n < place else "now" if n == place else "next",
        }
        for n, state in enumerate(course)
    ]
    if standing.state in ENDED:
        label = standing.row.get_outcome_display() or Introduction.State(standing.state).label
        return [step for step in steps if step["state"] == "done"] + [
            {"label": str(label), "state": "now"}
        ]
    return steps


_PLACES = {
    workflow.State.WANTED: -1,
    workflow.State.ASKED: 0,
    workflow.State.CHECKING: 0,
    workflow.State.DECLINED: 1,
    workflow.State.NO_ANSWER: 1,
    workflow.State.AGREED: 1,
    workflow.State.MADE: 2,
    workflow.State.ACKNOWLEDGED: 3,
    workflow.State.MET: 4,
    workflow.State.THANKED: 4,
    workflow.State.LOOPED: 5,
    workflow.State.CLOSED: 6,
}


@require_POST
def move(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    form = MoveForm(request.POST, introduction=row)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for errors in form.errors.values() for e in errors))
        return redirect(row)
    outcome = form.cleaned_data["outcome"]
    try:
        services.move(
            row,
            to=workflow.State(form.cleaned_data["to"]),
            at=timezone.now(),
            outcome=workflow.Outcome(outcome) if outcome else None,
            note=form.cleaned_data["note"],
        )
    except services.IllegalMove as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Noted."))
    return redirect(row)


@require_POST
def note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Keep the note.  Nothing is sent from here: it is copied, or opened in one's own mail."""
    row = _get(request, pk)
    form = NoteForm(request.POST, introduction=row)
    if not form.is_valid():
        return _detail(request, row, form, status=422)
    services.save_note(row, subject=form.subject_line, lines=form.lines(), at=timezone.now())
    messages.success(request, _("The note is saved."))
    return redirect(f"{row.get_absolute_url()}#note")


@require_POST
def check_note(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The ticks of a note while it is being typed.  Changes nothing."""
    row = _get(request, pk)
    shown = _review(row, NoteForm(request.POST, introduction=row))
    answer = render(request, "introductions/_note_review.html", {"note": shown})
    if request.POST.get("said") != shown.state:
        answer["HX-Trigger"] = json.dumps({"announce": words.note_said(shown.words, shown.ticks)})
    return answer


@require_POST
def nudged(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    services.note_nudge(row, at=timezone.now())
    messages.success(request, _("Noted. One reminder is enough; now leave it be."))
    return redirect(row)
