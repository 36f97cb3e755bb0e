"""How far one person has come to trust the owner: the steps, why, and the owner's own view."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from contacts.models import Contact
from introductions import selectors, services, trust_words, words
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.text import OneLineField


class OverrideForm(forms.Form):
    """The owner's own judgement, and why."""

    step = forms.TypedChoiceField(
        label=gettext_lazy("What could they honestly say of you?"),
        coerce=int,
        widget=forms.RadioSelect,
    )
    reason = OneLineField(
        label=gettext_lazy("Why do you think so?"),
        max_length=500,
        help_text=gettext_lazy("It is shown with the step, as your own view."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.fields["step"].choices = [  # type: ignore[attr-defined]
            (level, f"{word}: {sentence}")
            for level, (word, sentence) in enumerate(
                zip(words.STEP_WORDS, words.STEP_SENTENCES, strict=True)
            )
        ]


@require_http_methods(["GET", "POST"])
def trust(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """The stairs of one person; a POST puts the owner's own judgement in their place."""
    owner, now = request.user, timezone.now()
    person = get_object_or_404(Contact.objects.visible_to(owner).people(), pk=pk)
    person.owner = owner
    form = OverrideForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.override_trust(
            person, step=form.cleaned_data["step"], reason=form.cleaned_data["reason"], at=now
        )
        messages.success(request, _("Noted as your own view. You can take it back here."))
        return redirect("introductions:trust", pk=person.pk)
    today = owner.day(now)
    step = selectors.trust_step(owner, person, at=now)
    exchanges = selectors.exchanges_by_contact(owner, [person.pk]).get(person.pk, [])
    return render(
        request,
        "introductions/trust.html",
        {
            "person": person,
            "form": form,
            "trust": words.shown(step, name=person.short_name, today=today),
            "earned": words.STEP_WORDS[step.earned],
            "since": trust_words.since(step, today=today),
            "because": trust_words.events(step.because, today=today),
            "history": trust_words.history(step, name=person.short_name, today=today),
            "chart": trust_words.chart(step, exchanges, person, today=today)
            if step.history
            else None,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def lift(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Let what happened speak again."""
    person = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    services.lift_override(person, at=timezone.now())
    messages.success(request, _("Taken back: what happened speaks again."))
    return redirect("introductions:trust", pk=person.pk)
