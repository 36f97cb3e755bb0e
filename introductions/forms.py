"""Forms of introductions.  They ask and validate; services save."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.fields import Named, OwnersForm, PersonField
from introductions.engine import workflow
from introductions.models import Introduction
from netcrm.kit.text import ManyLinesField, OneLineField


class RecordForm(OwnersForm):
    """Who introduced you to whom, or whom you would like to be introduced to."""

    introducer = PersonField(
        label=_("Who introduces?"), help_text=_("Type a name; somebody new is added.")
    )
    introduced = PersonField(label=_("To whom?"))
    state = forms.ChoiceField(
        label=_("Where does it stand?"),
        widget=forms.RadioSelect,
        initial=workflow.State.MADE,
        choices=[
            (workflow.State.MADE, _("They introduced us")),
            (workflow.State.ASKED, _("I asked for it")),
            (workflow.State.WANTED, _("I would like to ask for it")),
        ],
    )
    on = forms.DateField(
        label=_("On which day?"),
        required=False,
        help_text=_("Today, unless you say otherwise."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    medium = forms.ChoiceField(
        label=_("How?"),
        required=False,
        choices=[("", _("Not said")), *Introduction.Medium.choices],
    )
    reason = OneLineField(
        label=_("What did they say about you?"),
        required=False,
        max_length=500,
        help_text=_("If they gave a reason, it is a warmer introduction."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        introducer, introduced = data.get("introducer"), data.get("introduced")
        if introducer and introduced and _same(introducer, introduced):
            self.add_error("introduced", _("Nobody introduces themselves; name somebody else."))
        return data


def _same(one: Named, other: Named) -> bool:
    if one.contact and other.contact:
        return one.contact.pk == other.contact.pk
    return one.contact is other.contact and one.name.casefold() == other.name.casefold()


class MoveForm(forms.Form):
    """The next step of an introduction, and how it ended if that is the step."""

    to = forms.ChoiceField(choices=Introduction.State.choices)
    outcome = forms.ChoiceField(
        label=_("How did it end?"), required=False, widget=forms.RadioSelect
    )
    note = OneLineField(label=_("A word about it"), required=False, max_length=500)

    def __init__(self, *args: Any, introduction: Introduction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = workflow.State(introduction.state)
        endings = [
            (outcome.value, Introduction.Outcome(outcome).label)
            for outcome in workflow.next_outcomes(state)
        ]
        self.fields["outcome"] = forms.ChoiceField(
            label=_("How did it end?"),
            required=False,
            widget=forms.RadioSelect,
            choices=endings,
        )


class NoteForm(forms.Form):
    """The note the introducer can pass on."""

    note = ManyLinesField(
        label=_("Note they can forward"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 9}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
