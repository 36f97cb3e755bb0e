"""Forms of the pages that show several apps."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.fields import OwnersForm, PersonField
from contacts.forms import DayInput, PersonForm
from contacts.models import Contact, Interaction
from contacts.selectors import recently_met
from contacts.words import BESIDES
from introductions.models import Referral
from netcrm.accounts.models import User
from netcrm.kit.text import ManyLinesField
from netcrm.pages.log import TAPPED, WHAT_LABELS, NextBy, Said, What


class AddPersonForm(OwnersForm, PersonForm):
    """A new person, and who introduced them if somebody did."""

    introduced_by = PersonField(
        label=_("Who introduced you?"),
        help_text=_("Type a name. Somebody new is added; leave it empty if nobody did."),
        required=False,
    )
    FIRST = ("name", "organization", "title", "introduced_by", "how_met", "ring")


class QuickLogForm(forms.Form):
    """One line, or a face and a word; everything else may follow."""

    line = ManyLinesField(
        required=False,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autofocus": True,
                "class": "form-control",
                "aria-describedby": "log-hint",
                "enterkeyhint": "done",
            }
        ),
    )
    who = forms.ModelMultipleChoiceField(
        queryset=Contact.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("Choose people from your own list."),
            "invalid_pk_value": _("Choose people from your own list."),
        },
    )
    what = forms.ChoiceField(
        required=False, choices=[(what.value, WHAT_LABELS[what]) for what in TAPPED]
    )
    on = forms.DateField(
        label=_("On which day?"),
        help_text=_("Today, unless you say otherwise."),
        required=False,
        widget=DayInput(),
    )
    their_date = forms.DateField(
        label=_("From which day would they welcome a word?"),
        help_text=_("Only if they named one; it beats every rule."),
        required=False,
        widget=DayInput(),
    )
    flags = forms.MultipleChoiceField(
        label=_("What it was besides"),
        required=False,
        choices=[
            ("told_target", _("They heard what I am looking for")),
            ("showed_work", _("They saw a piece of my work")),
            ("reported", _("I told them what came of it")),
            ("thanked", _("I thanked them")),
            ("is_ask", _("I asked for something")),
            ("is_give", _("I gave something")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    note = ManyLinesField(
        label=_("A note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    substance = forms.TypedChoiceField(
        required=False,
        choices=Referral.Substance.choices,
        coerce=int,
        empty_value=None,
    )
    next_by = forms.ChoiceField(
        required=False, choices=[(by.value, by.value) for by in NextBy if by is not NextBy.THEM]
    )
    log_key = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, owner: User, with_person: str = ""
    ) -> None:
        super().__init__(data, initial={"log_key": uuid4().hex})
        people = Contact.objects.visible_to(owner).people()
        self.fields["who"].queryset = people  # type: ignore[attr-defined]
        self.owner = owner
        self.with_person = with_person

    @property
    def ticked(self) -> list[str]:
        """Keys of the people chosen so far, whether or not the rest is in order."""
        value = self["who"].value() if self.is_bound else [self.with_person]
        return [str(key) for key in value or [] if key]

    def faces(self) -> list[tuple[Contact, bool]]:
        """Recent people, those already chosen first, and whether each is chosen."""
        ticked = self.ticked
        recent = recently_met(self.owner)
        shown = {str(person.pk) for person in recent}
        queryset = self.fields["who"].queryset  # type: ignore[attr-defined]
        others = queryset.filter(
            pk__in=[key for key in ticked if key not in shown and _is_key(key)]
        )
        return [(person, str(person.pk) in ticked) for person in [*others, *recent]]

    def said(self) -> Said:
        """What was said beside the line; only of a valid form."""
        data = self.cleaned_data
        return Said(
            people=tuple(data["who"]),
            what=What(data["what"]) if data["what"] else None,
            on=data["on"],
            their_date=data["their_date"],
            note=data["note"],
            flags=frozenset(data["flags"]),
            substance=data["substance"],
            next_by=NextBy(data["next_by"] or NextBy.RULE),
            log_key=data["log_key"],
            line=data["line"],
            answers=self.data,  # type: ignore[arg-type]
        )


def _is_key(text: str) -> bool:
    try:
        Contact._meta.pk.to_python(text)
    except forms.ValidationError:
        return False
    return True


class ExchangeForm(OwnersForm):
    """What was written down about an exchange, to correct it."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=[
            (Interaction.Kind.MESSAGE, _("A message")),
            (Interaction.Kind.TALK, _("A talk")),
            (Interaction.Kind.MEETING, _("A meeting")),
            (Interaction.Kind.GAVE, _("Something given")),
            (Interaction.Kind.NOTE, _("Only a note; no contact")),
            (Interaction.Kind.INVITATION, _("An invitation; no contact yet")),
        ],
        widget=forms.RadioSelect,
    )
    direction = forms.ChoiceField(
        label=_("Which way?"), choices=Interaction.Direction.choices, widget=forms.RadioSelect
    )
    on = forms.DateField(label=_("On which day?"), widget=DayInput())
    people = forms.ModelMultipleChoiceField(
        label=_("With whom?"),
        queryset=Contact.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    also_with = PersonField(label=_("And with"), required=False)
    note = ManyLinesField(
        label=_("A note"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    flags = forms.MultipleChoiceField(
        label=_("What it was besides"),
        required=False,
        choices=QuickLogForm.base_fields["flags"].choices,  # type: ignore[attr-defined]
        widget=forms.CheckboxSelectMultiple,
    )
    their_date = forms.DateField(
        label=_("From which day would they welcome a word?"),
        help_text=_("Only if they named one."),
        required=False,
        widget=DayInput(),
    )

    def __init__(self, *args: Any, owner: User, interaction: Interaction, **kwargs: Any) -> None:
        given = interaction.their_dates.filter(dropped=False).first()
        initial = {
            "kind": interaction.kind,
            "direction": interaction.direction,
            "on": owner.day(interaction.at),
            "people": [person.pk for person in interaction.people.all()],
            "note": interaction.note,
            "flags": [flag for flag in BESIDES if getattr(interaction, flag)],
            "their_date": given.on if given else None,
        }
        super().__init__(*args, owner=owner, initial=initial, **kwargs)
        self.fields["people"].queryset = interaction.people.all()  # type: ignore[attr-defined]

    def flag_values(self) -> dict[str, bool]:
        return {flag: flag in self.cleaned_data["flags"] for flag in BESIDES}
