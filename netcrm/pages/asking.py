"""Give and ask: is now the time, and for what?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services as people
from contacts.fields import Named, OwnersForm, PersonField
from contacts.models import Contact, Interaction
from followups.selectors import ask_windows
from introductions import asks, selectors, services, words
from introductions.engine import chains, gives, readiness
from introductions.models import Ask, Introduction, Referral
from netcrm.accounts.http import OwnerRequest
from netcrm.groups import selectors as groups
from netcrm.groups.models import Playbook
from netcrm.kit.charts import ledger, substance
from netcrm.kit.text import ManyLinesField, OneLineField


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person on the page: how far an introduction could be asked of them."""

    person: Contact
    state: str
    word: str
    sentence: str


@require_safe
def index(request: OwnerRequest) -> HttpResponse:
    owner, day = request.user, request.user.day(timezone.now())
    listed = list(
        asks.closest_first(Contact.objects.visible_to(owner).active())[: asks.LISTED_AT_MOST]
    )
    windows = ask_windows(owner, [person.pk for person in listed])
    found = asks.readiness_of(owner, listed, windows, on=day)
    rows = [_row(person, found[person.pk], day) for person in listed]
    given = asks.referrals_given(owner)
    return render(
        request,
        "pages/asking/index.html",
        {
            "groups": [
                (word, [row for row in rows if row.state == state])
                for state, word in words.READINESS.items()
            ],
            "count": len(rows),
            "pairs": asks.could_use_each_other(owner),
            "lesson": words.LESSONS[asks.lesson_of_all(given).code],
            "chart": _substance_chart(given) if given else None,
            "ungraded": Referral.objects.visible_to(owner)
            .filter(substance=None)
            .select_related("giver", "to_contact", "to_organization")[:5],
            "unanswered": Ask.objects.visible_to(owner)
            .filter(answer="", introduction=None)
            .select_related("contact")[:5],
            "looked_back": [_looked_back(one) for one in asks.looked_back_on(owner)],
        },
    )


def _looked_back(one: asks.Compared) -> dict[str, Any]:
    """An ask of before, how ready it was then, and what came of it."""
    return {
        "ask": one.ask,
        "ready": words.READINESS[one.readiness],
        "given": one.came_of_it,
        "substance": one.came_of_it.get_substance_display()
        if one.came_of_it and one.came_of_it.substance is not None
        else "",
    }


def _row(person: Contact, found: readiness.Readiness, day: dt.date) -> Row:
    return Row(
        person=person,
        state=found.state.value,
        word=str(words.READINESS[found.state]),
        sentence=words.readiness_sentence(found, name=person.short_name, today=day),
    )


def _substance_chart(given: Sequence[Referral]) -> Any:
    return substance.substance_by_trust(
        [
            substance.Given(
                name=row.giver.name,
                step=row.giver_step,
                substance=row.substance or 0,
                on=row.given_on,
            )
            for row in given
        ],
        uid="substance",
    )


class AskForm(OwnersForm):
    """What is asked for, of whom, in which words, and once more if it is early."""

    about = PersonField(
        label=gettext_lazy("To whom?"),
        help_text=gettext_lazy("One person, by name."),
    )
    wording = ManyLinesField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For your memory; nothing is sent from here."),
    )
    anyway = forms.BooleanField(
        label=gettext_lazy("I’ll ask anyway"),
        required=False,
        help_text=gettext_lazy("It is written down with the ask, so that you can compare later."),
    )
    load_reason = OneLineField(
        label=gettext_lazy("Why one more is right"),
        max_length=300,
        help_text=gettext_lazy("For yourself, when you look back."),
    )

    def __init__(self, *args: Any, rung: readiness.Rung, over: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rung is not readiness.Rung.INTRODUCTION:
            del self.fields["about"]
        if rung is not readiness.Rung.INTRODUCTION or not over:
            del self.fields["load_reason"]
        if self.data.get("act") == NOTE:  # a note may be written at any time
            del self.fields["wording"], self.fields["anyway"]
            self.fields.pop("load_reason", None)


NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What the ask panel shows of one person and one rung."""

    person: Contact
    rung: readiness.Rung
    found: readiness.Readiness
    load: chains.Load | None


@require_http_methods(["GET", "POST"])
def ask(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The ask panel: five checks with their evidence, one repair, and the ask itself."""
    owner, now = request.user, timezone.now()
    day = owner.day(now)
    person = get_object_or_404(
        Contact.objects.visible_to(owner).people().select_related("trust_state"), pk=pk
    )
    person.owner = owner
    known = asks.standings_for_asks(owner, [person], ask_windows(owner, [person.pk]))[person.pk]
    rung = _rung(request.POST.get("rung") or request.GET.get("rung"))
    load = None
    if rung is readiness.Rung.INTRODUCTION:
        load = selectors.load_of(owner, person, today=day)
    form = AskForm(
        request.POST or None,
        owner=owner,
        rung=rung,
        over=bool(load and load.over),
        initial={
            "about": request.GET.get("about", ""),
            "wording": groups.note_to_start_from(owner, request.GET.get("from", "")),
        },
    )
    valid = form.is_valid()
    about = form.cleaned_data.get("about") if valid else _named(form, request)
    found = readiness.readiness(known, rung, to=asks.asked_for(known, about), on=day)
    panel = Panel(person=person, rung=rung, found=found, load=load)
    if not found.needs_confirmation:
        form.fields.pop("anyway", None)
    if valid and (answer := _act(request, panel, form, now)):
        return answer
    return _panel(request, panel, form, day)


def _named(form: AskForm, request: OwnerRequest) -> Named | None:
    """Whom an unsent form is about, if that is somebody."""
    if "about" not in form.fields:
        return None
    try:
        named: Named | None = form.fields["about"].clean(
            request.POST.get("about") or request.GET.get("about", "")
        )
    except forms.ValidationError:
        return None
    return named


def _act(
    request: OwnerRequest, panel: Panel, form: AskForm, now: dt.datetime
) -> HttpResponse | None:
    """Do what was pressed; None when the form has to be looked at again."""
    about, said = form.cleaned_data.get("about"), form.cleaned_data
    if about and about.contact and about.contact.pk == panel.person.pk:
        form.add_error("about", _("Nobody introduces themselves; name somebody else."))
        return None
    if request.POST.get("act") == NOTE and about:
        row = _introduction(panel.person, about, now)
        return redirect(f"{row.get_absolute_url()}#note")
    if panel.found.needs_confirmation and not said.get("anyway"):
        form.add_error("anyway", _("Not quite ready. Tick this if you want to ask now."))
        return None
    if about:
        row = _introduction(panel.person, about, now)
        _ask_for(row, panel.found, now, wording=said["wording"], why=said.get("load_reason", ""))
        messages.success(request, _("Asked and written down."))
        return redirect(row)
    _record(panel.person, panel.rung, said["wording"], panel.found, now)
    messages.success(request, _("Asked and written down."))
    return redirect(panel.person)


def _panel(request: OwnerRequest, panel: Panel, form: AskForm, day: dt.date) -> HttpResponse:
    owner, person, rung, found = request.user, panel.person, panel.rung, panel.found
    passed = asks.passed_between(owner, person)
    ledger_of = asks.ledger_of(passed)
    return render(
        request,
        "pages/asking/ask.html",
        {
            "form": form,
            "person": person,
            "rung": rung,
            "for_one": rung is readiness.Rung.INTRODUCTION,
            "state": found.state,
            "word": words.READINESS[found.state],
            "sentence": words.readiness_sentence(found, name=person.short_name, today=day),
            "checks": [
                (c.passed, words.check_line(c, name=person.short_name, today=day))
                for c in found.checks
            ],
            "early_until": _early_until(found),
            "last_on": owner.day(person.last_contact_at) if person.last_contact_at else None,
            "repair": words.repair_line(found, name=person.short_name, today=day),
            "instead": Ask.Rung(found.instead).label if found.instead else "",
            "instead_rung": found.instead,
            "lighter": found.repair is readiness.Repair.ASK_LOWER,
            "load": panel.load,
            "promises": person.promises.open().filter(by_me=True),
            "day": day,
            "give_first": gives.give_first(ledger_of),
            "ideas": asks.ideas_for(owner, person),
            "own_notes": groups.own_copies(owner, Playbook.Kind.NOTE),
            "ledger": ledger_of,
            "last_give": _ago(ledger_of.last_given_on, day),
            "strip": _strip(person, passed, day) if passed else None,
            "ladder": [(r.value, r.label, r.value == rung) for r in Ask.Rung],
        },
        status=422 if form.is_bound else 200,
    )


def _early_until(found: readiness.Readiness) -> dt.date | None:
    """The day to wait for, if it is too soon for this ask, whatever else is missing (R5)."""
    waits = (readiness.Repair.WAIT_UNTIL, readiness.Repair.LET_REST)
    days = [c.facts["on"] for c in found.checks if not c.passed and c.repair in waits]
    return next((on for on in days if isinstance(on, dt.date)), None)


def _ago(on: dt.date | None, day: dt.date) -> str:
    """“40 days ago”, and "" for never."""
    if on is None:
        return ""
    days = (day - on).days
    if days < 1:
        return _("today")
    return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}


@transaction.atomic
def _introduction(person: Contact, about: Named, now: dt.datetime) -> Introduction:
    """The introduction being prepared between these, made if there is none."""
    owner = person.owner
    wanted = Introduction.objects.visible_to(owner).with_people()
    if about.contact:
        row = wanted.filter(
            introducer=person, introduced=about.contact, state=Introduction.State.WANTED
        ).first()
        if row:
            return row
    return services.record_introduction(
        owner=owner,
        introducer=person,
        introducee=people.ensure_self(by=owner),
        introduced=about.contact or people.add_person(by=owner, at=now, name=about.name),
        state=Introduction.State.WANTED,
        at=now,
    )


@transaction.atomic
def _ask_for(
    row: Introduction, found: readiness.Readiness, now: dt.datetime, *, wording: str, why: str
) -> None:
    """Write down that an introduction has been asked for: a message, an ask, a step on."""
    exchange = people.log_interaction(
        by=row.owner,
        at=now,
        people=[row.introducer],
        kind=Interaction.Kind.MESSAGE,
        direction=Interaction.Direction.OUT,
        note=wording,
        is_ask=True,
    )
    services.move(
        row,
        to=Introduction.State.ASKED,
        at=now,
        load_reason=why,
        asked=services.Asked(
            wording=wording,
            readiness=found.state,
            overridden=found.needs_confirmation,
            interaction=exchange,
        ),
    )


@require_POST
def asked(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The note is on its way; where it is early or the introducer busy, the panel asks first."""
    owner, now = request.user, timezone.now()
    row = get_object_or_404(
        Introduction.objects.visible_to(owner)
        .select_related("introducer__trust_state", "introducee", "introduced", "owner")
        .filter(introducee__is_self=True),
        pk=pk,
    )
    person, day = row.introducer, owner.day(now)
    known = asks.standings_for_asks(owner, [person], ask_windows(owner, [person.pk]))[person.pk]
    about = Named(name=row.introduced.name, contact=row.introduced)
    found = readiness.readiness(
        known, readiness.Rung.INTRODUCTION, to=asks.asked_for(known, about), on=day
    )
    if found.needs_confirmation or selectors.load_of(owner, person, today=day).over:
        query = urlencode({"rung": int(readiness.Rung.INTRODUCTION), "about": row.introduced.name})
        return redirect(f"{reverse('introductions:ask', args=[person.pk])}?{query}")
    try:
        _ask_for(row, found, now, wording=selectors.note_text(row), why="")
    except services.IllegalMove as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Asked and written down."))
    return redirect(row)


def _rung(value: str | None) -> readiness.Rung:
    try:
        return readiness.Rung(int(value or readiness.Rung.ADVICE))
    except ValueError:
        return readiness.Rung.ADVICE


def _strip(person: Contact, passed: Sequence[asks.Passed], day: dt.date) -> Any:
    return ledger.ledger(
        [
            ledger.Entry(on=one.on, side="gave" if one.by_me else "received", label=one.label[:60])
            for one in passed
        ],
        name=person.short_name,
        today=day,
        uid="ledger",
    )


@transaction.atomic
def _record(
    person: Contact,
    rung: readiness.Rung,
    wording: str,
    found: readiness.Readiness,
    now: dt.datetime,
) -> None:
    row = people.log_interaction(
        by=person.owner,
        at=now,
        people=[person],
        kind=Interaction.Kind.MESSAGE,
        direction=Interaction.Direction.OUT,
        note=wording,
        is_ask=True,
    )
    services.record_ask(
        contact=person,
        rung=rung,
        wording=wording,
        asked_on=person.owner.day(now),
        at=now,
        readiness=found.state,
        overridden=found.needs_confirmation,
        interaction=row,
    )


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=Ask.Answer.choices)


@require_POST
def answer(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(
        Ask.objects.visible_to(request.user).select_related("contact__owner"), pk=pk
    )
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the answers."))
        return redirect("introductions:give_ask")
    now = timezone.now()
    said = form.cleaned_data["answer"]
    services.answer_ask(
        row,
        answer=said,
        on=request.user.day(now),
        at=now,
        not_before=readiness.ask_again_on(readiness.Answer(said), asked_on=row.asked_on),
    )
    if said == Ask.Answer.YES:
        messages.success(request, _("Noted. What did it bring?"))
        return redirect("introductions:given", row.contact_id)
    messages.success(request, _("Noted."))
    return redirect(row.contact)


class GivenForm(forms.Form):
    """What did they give you?  Six cards, asked once after a meeting."""

    substance = forms.TypedChoiceField(
        label=gettext_lazy("What did they give you?"),
        choices=Referral.Substance.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )
    to_name = OneLineField(
        label=gettext_lazy("Whom or what did they name?"),
        max_length=300,
        help_text=gettext_lazy("A person, an agency, an opening: as they said it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


@require_http_methods(["GET", "POST"])
def given(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Write down what a person gave, with how well they knew the owner by then."""
    person = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    form = GivenForm(request.POST or None)
    if form.is_valid():
        now = timezone.now()
        services.record_referral(
            giver=person,
            at=now,
            given_on=request.user.day(now),
            substance=form.cleaned_data["substance"],
            to_name=form.cleaned_data["to_name"],
        )
        messages.success(request, _("Written down, with how well they knew you today."))
        return redirect(person)
    return render(
        request,
        "pages/asking/given.html",
        {"form": form, "person": person},
        status=422 if form.is_bound else 200,
    )


class GradeForm(forms.Form):
    substance = forms.TypedChoiceField(choices=Referral.Substance.choices, coerce=int)


@require_POST
def grade(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """How much somebody put into a name that was noted before."""
    row = get_object_or_404(
        Referral.objects.visible_to(request.user).select_related("giver__owner"), pk=pk
    )
    form = GradeForm(request.POST)
    if form.is_valid():
        services.grade_referral(row, substance=form.cleaned_data["substance"], at=timezone.now())
        messages.success(request, _("Noted."))
    else:
        messages.error(request, _("Choose one of the six."))
    return redirect("introductions:give_ask")
