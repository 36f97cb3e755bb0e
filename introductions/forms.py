"""Forms of introductions.  They ask and validate; services save."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.fields import Named, OwnersForm, PersonField
from introductions import opt_in, words
from introductions.engine import workflow
from introductions.engine.note import Lines
from introductions.models import Introduction, OptIn
from introductions.selectors import load_of
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

    load_reason = OneLineField(
        label=_("Why one more is right"),
        required=False,
        max_length=300,
        help_text=_("For yourself, when you look back."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not self.is_bound:
            del self.fields["load_reason"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        introducer, introduced = data.get("introducer"), data.get("introduced")
        if introducer and introduced and _same(introducer, introduced):
            self.add_error("introduced", _("Nobody introduces themselves; name somebody else."))
        if data.get("state") == workflow.State.ASKED and introducer and introducer.contact:
            load = load_of(self.owner, introducer.contact, today=self.today)
            if load.over and not data.get("load_reason"):
                self.add_error("load_reason", words.load_line(load, name=introducer.name))
        if not data.get("load_reason") and not self.has_error("load_reason"):
            del self.fields["load_reason"]
        return data


class BetweenForm(OwnersForm):
    """Whom of their people the owner introduces to whom: a give to both."""

    introducee = PersonField(
        label=_("Whom do you introduce?"), help_text=_("Type a name; somebody new is added.")
    )
    introduced = PersonField(label=_("To whom?"))
    state = forms.ChoiceField(
        label=_("Where does it stand?"),
        widget=forms.RadioSelect,
        initial=workflow.State.WANTED,
        choices=[
            (workflow.State.WANTED, _("I would like to, and ask both first")),
            (workflow.State.MADE, _("I have introduced them")),
        ],
    )
    on = forms.DateField(
        label=_("On which day?"),
        required=False,
        help_text=_("Today, unless you say otherwise."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = OneLineField(
        label=_("Why these two?"),
        required=False,
        max_length=500,
        help_text=_("What one needs and the other knows. It stands here for you alone."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        one, other = data.get("introducee"), data.get("introduced")
        if one and other and _same(one, other):
            self.add_error("introduced", _("That is the same person; name somebody else."))
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


class AskBothForm(forms.Form):
    """Where each of the two is asked, and what each is told of the other, without a name."""

    introducee_address = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    introducee_about = ManyLinesField(label=_("About"), max_length=1_000)
    introduced_address = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    introduced_about = ManyLinesField(label=_("About"), max_length=1_000)

    def __init__(self, *args: Any, introduction: Introduction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        pairs = (
            ("introducee", introduction.introducee, introduction.introduced),
            ("introduced", introduction.introduced, introduction.introducee),
        )
        for side, person, other in pairs:
            names = {"name": person.short_name, "other": other.short_name}
            self.fields[f"{side}_address"].label = _("The e-mail address of %(name)s") % names
            about = self.fields[f"{side}_about"]
            about.label = _("What you tell %(name)s about %(other)s") % names
            about.help_text = _("What they do, and why it may be worth a talk; not who they are.")
            about.widget = forms.Textarea(attrs={"rows": 4})

    def words(self) -> dict[str, opt_in.Words]:
        said = self.cleaned_data
        return {
            side: opt_in.Words(address=said[f"{side}_address"], about_other=said[f"{side}_about"])
            for side in OptIn.Side.values
        }


class AnswerForm(forms.Form):
    """Yes, later or no, from somebody who is not a member."""

    answer = forms.ChoiceField(
        label=_("Would you like that?"),
        choices=[
            (OptIn.Answer.YES, _("Yes, gladly")),
            (OptIn.Answer.LATER, _("Later, perhaps")),
            (OptIn.Answer.NO, _("No, thank you")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes, later or no.")},
    )
    word = OneLineField(label=_("A word to them"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


def _line(label: Any, hint: Any) -> ManyLinesField:
    return ManyLinesField(
        label=label,
        help_text=hint,
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoteForm(forms.Form):
    """The note the introducer can pass on: a line for each of the five checks."""

    all_optional = True  # the checks beside it say what is missing

    subject = OneLineField(
        label=_("Subject"),
        required=False,
        max_length=150,
        help_text=_("Its own, so that it can be passed on as it is."),
    )
    who_i_am = _line(
        _("Who you are"), _("In one line: your name, your work, and what you look for.")
    )
    why_them = _line(
        _("Why this person"),
        _("Name them, and the one thing about their work that made you think of them."),
    )
    what_i_want = _line(
        _("What you would like"), _("Small and exact: how many minutes, how many questions.")
    )
    what_they_get = _line(
        _("What may be in it for them"), _("Something you know, have, or could send.")
    )
    easy_no = _line(_("An easy way to say no"), _("In your own words: a no is fine."))

    def __init__(self, *args: Any, introduction: Introduction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = introduction.introduced.short_name
        self.fields["why_them"].label = _("Why %(name)s") % {"name": name}
        self.fields["what_they_get"].label = _("What may be in it for %(name)s") % {"name": name}
        self.helper = FormHelper()
        self.helper.form_tag = False

    def lines(self) -> Lines:
        """What stands in the blanks, checked or not."""
        said = self.cleaned_data if self.is_bound else self.initial
        return Lines(**{field.name: said.get(field.name, "") for field in fields(Lines)})

    @property
    def subject_line(self) -> str:
        said = self.cleaned_data if self.is_bound else self.initial
        return str(said.get("subject", ""))
