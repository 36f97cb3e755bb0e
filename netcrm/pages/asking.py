"""Give and ask: is now the time, and for what?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import services as people
from contacts.models import Contact, Interaction
from followups import selectors
from introductions import asks, services, words
from introductions.engine import readiness
from introductions.models import Ask, Referral
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
    windows = selectors.ask_windows(owner, [person.pk for person in listed])
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
            .filter(answer="")
            .select_related("contact")[:5],
        },
    )


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


class AskForm(forms.Form):
    """What is asked for, in which words, and once more if it is early."""

    rung = forms.TypedChoiceField(
        label=gettext_lazy("Ask for…"),
        choices=Ask.Rung.choices,
        coerce=int,
        widget=forms.RadioSelect,
        initial=Ask.Rung.ADVICE,
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


@require_http_methods(["GET", "POST"])
def ask(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The ask panel: five checks with their evidence, one repair, and the ask itself."""
    owner, now = request.user, timezone.now()
    day = owner.day(now)
    person = get_object_or_404(
        Contact.objects.visible_to(owner).people().select_related("trust_state"), pk=pk
    )
    windows = selectors.ask_windows(owner, [person.pk])
    known = asks.standings_for_asks(owner, [person], windows)[person.pk]
    rung = _rung(request.POST.get("rung") or request.GET.get("rung"))
    found = readiness.readiness(known, rung, on=day)
    own = groups.note_to_start_from(owner, request.GET.get("from", ""))
    form = AskForm(request.POST or None, initial={"rung": rung, "wording": own})
    if found.state is readiness.State.READY:
        del form.fields["anyway"]
    if form.is_valid():
        if found.needs_confirmation and not form.cleaned_data.get("anyway"):
            form.add_error("anyway", _("Not quite ready. Tick this if you want to ask now."))
        else:
            _record(person, rung, form.cleaned_data["wording"], found, now)
            messages.success(request, _("Asked and written down."))
            return redirect(person)
    passed = asks.passed_between(owner, person)
    return render(
        request,
        "pages/asking/ask.html",
        {
            "form": form,
            "person": person,
            "rung": rung,
            "state": found.state,
            "word": words.READINESS[found.state],
            "sentence": words.readiness_sentence(found, name=person.short_name, today=day),
            "checks": [
                (c.passed, words.check_line(c, name=person.short_name, today=day))
                for c in found.checks
            ],
            "repair": words.repair_line(found, name=person.short_name, today=day),
            "instead": Ask.Rung(found.instead).label if found.instead else "",
            "instead_rung": found.instead,
            "ideas": asks.ideas_for(owner, person),
            "own_notes": groups.own_copies(owner, Playbook.Kind.NOTE),
            "ledger": asks.ledger_of(passed),
            "strip": _strip(person, passed, day) if passed else None,
            "ladder": [(r.value, r.label, r.value == rung) for r in Ask.Rung],
        },
        status=422 if form.is_bound else 200,
    )


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
