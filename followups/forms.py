"""What one may say about a follow-up.  Forms ask and check; services do."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from followups.services import What
from followups.services.breaks import MOST_WEEKS


class DoneForm(forms.Form):
    """What happened?  Nothing has to be said."""

    what = forms.TypedChoiceField(
        choices=What.choices,
        coerce=What,
        required=False,
        empty_value=None,
        label=_("What happened?"),
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        required=False,
        max_length=2_000,
        label=_("A line to remember it by"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class LaterForm(forms.Form):
    """Until when, in meanings rather than dates."""

    TOMORROW, BEST, THEIRS, ANSWER, PARK = "tomorrow", "best", "theirs", "answer", "park"
    MEANINGS = (
        (TOMORROW, _("Tomorrow")),
        (BEST, _("When the window is best")),
        (THEIRS, _("They told me when")),
        (ANSWER, _("When they answer")),
        (PARK, _("Park them")),
    )

    meaning = forms.ChoiceField(choices=MEANINGS, widget=forms.RadioSelect, label=_("Until when?"))
    on = forms.DateField(
        required=False,
        label=_("The day they named"),
        help_text=_("Only for “They told me when”. Nothing comes up before it."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("meaning") == self.THEIRS and "on" not in self.errors:
            on = values.get("on")
            if on is None:
                self.add_error("on", _("Say which day they named."))
            elif on <= self.today:
                self.add_error("on", _("That day is not to come; choose a later one."))
        return values


class PauseForm(forms.Form):
    """How long to keep silent."""

    weeks = forms.TypedChoiceField(
        coerce=int,
        choices=[
            (n, ngettext_lazy("%(n)d week", "%(n)d weeks", n) % {"n": n})
            for n in range(1, MOST_WEEKS + 1)
        ],
        initial=1,
        widget=forms.RadioSelect,
        label=_("For how long?"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
