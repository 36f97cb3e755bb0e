"""What one may say about a follow-up.  Forms ask and check; services do."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from followups.engine.constants import RingDays
from followups.services import What
from followups.services.breaks import MOST_WEEKS


class PlainForm(forms.Form):
    """A form whose tag and button stand in the template."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class DoneForm(PlainForm):
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


class LaterForm(PlainForm):
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

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("meaning") == self.THEIRS and "on" not in self.errors:
            on = values.get("on")
            if on is None:
                self.add_error("on", _("Say which day they named."))
            elif on <= self.today:
                self.add_error("on", _("That day is not to come; choose a later one."))
        return values


class PauseForm(PlainForm):
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


class PeaceForm(PlainForm):
    """Until when to leave one person in peace."""

    until = forms.DateField(
        label=_("Until"),
        help_text=_("The first day on which they may come up again."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> dt.date:
        until: dt.date = self.cleaned_data["until"]
        if until <= self.today:
            raise forms.ValidationError(_("Choose a day that is to come."))
        return until


DAYS_AT_MOST = 1_000


class WeekForm(PlainForm):
    """How much a day and a week may ask."""

    daily_budget = forms.IntegerField(
        min_value=1,
        max_value=20,
        label=_("People a day, at most"),
        help_text=_("One place is kept for people one step outside your circle."),
    )
    touches_per_week = forms.IntegerField(
        min_value=1,
        max_value=140,
        label=_("Notes and talks a week, as many as fit yours"),
        help_text=_("When more would come up, everybody's spacing widens a little."),
    )


class RingForm(PlainForm):
    """The four days of a ring, counted from the last contact."""

    opens_days = forms.IntegerField(min_value=1, max_value=DAYS_AT_MOST, label=_("Opens after"))
    best_days = forms.IntegerField(min_value=1, max_value=DAYS_AT_MOST, label=_("Best after"))
    fades_days = forms.IntegerField(min_value=1, max_value=DAYS_AT_MOST, label=_("Good until"))
    quiet_days = forms.IntegerField(min_value=1, max_value=DAYS_AT_MOST, label=_("Quiet after"))

    IN_ORDER = (
        ("best_days", "opens_days", _("The best day cannot come before the window opens.")),
        ("fades_days", "best_days", _("The window cannot end before its best day.")),
        ("quiet_days", "fades_days", _("It cannot be quiet while the window is good.")),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for later, earlier, problem in self.IN_ORDER:
            if later in values and earlier in values and values[later] < values[earlier]:
                self.add_error(later, problem)
        return values

    def days(self) -> RingDays:
        """The days as the engine speaks of them; only of a valid form."""
        values = self.cleaned_data
        return RingDays(
            opens=values["opens_days"],
            best=values["best_days"],
            fades=values["fades_days"],
            quiet=values["quiet_days"],
        )


class RhythmForm(PlainForm):
    """Every so many days, or every so many months, perhaps on a day of the month."""

    DAYS, MONTHS = "days", "months"

    every = forms.IntegerField(min_value=1, max_value=DAYS_AT_MOST, label=_("Every"))
    unit = forms.ChoiceField(
        choices=((DAYS, _("days")), (MONTHS, _("months"))),
        initial=DAYS,
        widget=forms.RadioSelect,
        label=_("Counted in"),
    )
    on_day = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=31,
        label=_("On this day of the month"),
        help_text=_("Only for months. A shorter month gives its last day."),
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("unit") == self.MONTHS and values.get("every", 0) > MONTHS_AT_MOST:
            self.add_error("every", _("At most five years: sixty months."))
        return values

    def rhythm(self) -> dict[str, Any]:
        """The rhythm as the services take it; only of a valid form."""
        values = self.cleaned_data
        if values["unit"] == self.MONTHS:
            return {"months": values["every"], "on_day": values["on_day"]}
        return {"days": values["every"]}


MONTHS_AT_MOST = 60


class CalendarForm(PlainForm):
    """What stands in one's calendar, and how openly."""

    people = forms.BooleanField(
        label=_("The people of each day, as “Upcoming” shows them"), required=False, initial=True
    )
    promised = forms.BooleanField(
        label=_("What I promised in a group, on its day"), required=False, initial=True
    )
    interviews = forms.BooleanField(
        label=_("Interviews, and the next step of each application"), required=False
    )
    names = forms.BooleanField(
        label=_("Whole names instead of initials"),
        required=False,
        help_text=_("Whoever can see your calendar can read them."),
    )
    notes = forms.BooleanField(
        label=_("My last note on each person"),
        required=False,
        help_text=_("The note leaves NetCRM for the company that keeps your calendar."),
    )
