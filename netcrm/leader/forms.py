"""What a leader writes about a member: a word to them, and a note to self."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from netcrm.kit.text import ManyLinesField, OneLineField

TO_THE_WEEK = ""


class _Form(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class CommentForm(_Form):
    """A word on one of the people shown, or on how it goes."""

    text = OneLineField(
        label=_("Your word"),
        max_length=1_000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("It stands on their Today and in their next reminder. Say what went well."),
    )
    about = forms.ChoiceField(label=_("About whom?"), required=False)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"] = forms.ChoiceField(
            label=_("About whom?"),
            required=False,
            choices=[(TO_THE_WEEK, _("How it goes in general")), *people],
            error_messages={
                "invalid_choice": _("That person is not shown to you in this way. Choose again.")
            },
        )
        if not people:  # nobody to choose from, so no field; whoever is named is not shown
            del self.fields["about"]

    def clean(self) -> dict[str, Any]:
        if "about" not in self.fields and self.data.get("about"):
            raise forms.ValidationError(_("That person is not shown to you."))
        return super().clean() or self.cleaned_data


class NoteForm(_Form):
    """Seen by whoever wrote it and by nobody else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="note_%s", **kwargs)  # stands beside a CommentForm

    text = ManyLinesField(
        label=_("My private note"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Only you read this; other leaders and the member do not. Keep to the job search: "
            "nothing about health, money, faith or family. Members may ask for what is kept about "
            "them."
        ),
    )
