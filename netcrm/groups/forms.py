"""Forms of groups.  They ask and validate; services save."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from netcrm.groups.models import (
    MOST_DAYS,
    Grain,
    Membership,
    News,
    Playbook,
    WeeklyReport,
)
from netcrm.kit.text import ManyLinesField, OneLineField

GRAINS = [
    (Grain.NOTHING, _("Nothing: not even counts")),
    (Grain.NUMBERS, _("Numbers: my week and counts, nobody in them")),
    (Grain.SHAPE, _("Shape: also initials, role, organization, step and window of each person")),
    (Grain.NAMES, _("Names: also names; never notes, e-mail or phone")),
]
GRAINS_OF_ONE = [
    (Grain.NOTHING, _("Nothing: in no count either")),
    (Grain.NUMBERS, _("Numbers: counted, and not shown")),
    (Grain.SHAPE, _("Shape: initials, role, organization, step and window")),
    (Grain.NAMES, _("Names: also the name; never notes, e-mail or phone")),
]
ROLES = [
    (Membership.Role.MEMBER, _("Member")),
    (Membership.Role.CO_LEADER, _("Co-leader")),
    (Membership.Role.LEADER, _("Leader")),
]


class GroupsForm(forms.Form):
    """A form whose tag stands in the template."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


def grain_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("How much may the leaders see?"),
        choices=GRAINS,
        coerce=int,
        initial=Grain.NOTHING,
        widget=forms.RadioSelect,
    )


class GroupForm(GroupsForm):
    """What a group says of itself."""

    name = OneLineField(label=_("Name of the group"), max_length=120)
    meets = OneLineField(
        label=_("When and where do you meet?"),
        required=False,
        max_length=200,
        help_text=_("As you would say it: “Tuesdays 19:30, the library basement”."),
    )
    covenant = ManyLinesField(
        label=_("Our agreement"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_(
            "What members promise each other: come, report, keep what is said here. Whoever joins "
            "reads it first; when it changes, everybody is asked again."
        ),
    )


class InviteForm(GroupsForm):
    """A place for one address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The link works once, for a week, for this address only."),
    )
    role = forms.ChoiceField(
        label=_("As what?"), choices=ROLES, widget=forms.RadioSelect, initial="member"
    )


class RoleForm(GroupsForm):
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, widget=forms.Select(attrs={"class": "form-select"})
    )


class BuddyForm(GroupsForm):
    """Who checks in with whom."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = membership.group.memberships.present().exclude(pk=membership.pk).by_name()
        self.fields["buddy"] = forms.ModelChoiceField(
            label=_("Buddy"),
            queryset=others,
            required=False,
            empty_label=_("Nobody"),
            widget=forms.Select(attrs={"class": "form-select"}),
        )


class JoinForm(GroupsForm):
    """Yes to the agreement, and what to show."""

    grain = grain_field()
    in_the_room = forms.BooleanField(
        label=_("My people may be counted when somebody asks who can reach a company"),
        required=False,
        help_text=_("A count only. You are asked in private before anybody hears your name."),
    )
    agreed = forms.BooleanField(
        label=_("I agree to this"), error_messages={"required": _("Tick this to join.")}
    )

    def __init__(self, *args: Any, covenant: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not covenant:
            del self.fields["agreed"]


class SharingForm(GroupsForm):
    """How much the leaders of one group see."""

    grain = grain_field()
    in_the_room = forms.BooleanField(
        label=_("My people may be counted when somebody asks who can reach a company"),
        required=False,
        help_text=_(
            "A count only. You are asked in private before anybody hears your name. Whoever does "
            "not take part cannot ask either."
        ),
    )


class LeaveForm(GroupsForm):
    """Saying goodbye, if one likes."""

    goodbye = OneLineField(
        label=_("A line for the others"),
        required=False,
        max_length=500,
        help_text=_("They stay behind; a word is kinder than an empty chair."),
    )


class LandedForm(GroupsForm):
    """The one line the group reads."""

    text = OneLineField(
        label=_("What shall the group read?"),
        max_length=500,
        help_text=_("Exactly this line is posted, and nothing besides."),
    )
    kind = News.Kind.LANDED


class MeetingForm(GroupsForm):
    """What the evening is about."""

    agenda = ManyLinesField(
        label=_("Agenda"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One point a line."),
    )
    minutes_each = forms.IntegerField(
        label=_("Minutes for each"), min_value=1, max_value=60, initial=4
    )


class CaptureForm(GroupsForm):
    """What somebody says in their turn."""

    win = OneLineField(label=_("A win"), required=False, max_length=500)
    ask = OneLineField(label=_("An ask of the room"), required=False, max_length=500)
    commitment = OneLineField(
        label=_("I will…"),
        required=False,
        max_length=500,
        help_text=_("It stands on their Today until it is kept or let go."),
    )
    due_on = forms.DateField(
        label=_("By when?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ReportForm(GroupsForm):
    """One week on one screen; the numbers are filled in from the log."""

    deciders = forms.IntegerField(
        label=_("Conversations with people who could decide"), min_value=0, max_value=999
    )
    insiders = forms.IntegerField(
        label=_("Conversations with people inside a target"), min_value=0, max_value=999
    )
    others = forms.IntegerField(label=_("Other conversations"), min_value=0, max_value=999)
    new_targets = forms.IntegerField(label=_("New targets"), min_value=0, max_value=999)
    asked = forms.IntegerField(label=_("Introductions asked for"), min_value=0, max_value=999)
    received = forms.IntegerField(label=_("Introductions received"), min_value=0, max_value=999)
    looped = forms.IntegerField(label=_("Introducers told how it went"), min_value=0, max_value=999)
    gives = forms.IntegerField(label=_("Gives"), min_value=0, max_value=999)
    hours = forms.IntegerField(
        label=_("Hours on the search"), required=False, min_value=0, max_value=168
    )
    win = OneLineField(label=_("One win"), required=False, max_length=500)
    ask = OneLineField(label=_("One ask of the room"), required=False, max_length=500)
    commitment = OneLineField(label=_("This week I will…"), required=False, max_length=500)
    read_for_me = forms.BooleanField(
        label=_("I cannot come: my buddy, or another member, reads this out"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = (*WeeklyReport.NUMBERS, "hours")
        for name in numbers:
            self.fields[name].widget.attrs["inputmode"] = "numeric"
        words = [name for name in self.fields if name not in numbers]
        self.helper.layout = Layout(Div(*numbers, css_class="number-grid"), *words)


class PutOffForm(GroupsForm):
    """Until when."""

    on = forms.DateField(
        label=_("Until which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        if on <= self.today:
            raise forms.ValidationError(_("That day is not to come; choose a later one."))
        return on


class PlaybookForm(GroupsForm):
    """Something that works, for others to copy."""

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=Playbook.Kind.choices, widget=forms.RadioSelect
    )
    title = OneLineField(label=_("Title"), max_length=120)
    text = ManyLinesField(
        label=_("In your words"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Leave blanks where each member writes their own words."),
    )
    tag = OneLineField(
        label=_("For a rhythm: whose people?"),
        required=False,
        max_length=80,
        help_text=_(
            "A tag. Whoever copies this gets the tag, and gives it to people of their own."
        ),
    )
    every_days = forms.IntegerField(
        label=_("For a rhythm: every how many days?"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("kind") != Playbook.Kind.RHYTHM:
            return {**values, "tag": "", "every_days": None}
        if not values.get("tag"):
            self.add_error("tag", _("Say for whose people the rhythm is."))
        if not values.get("every_days") and "every_days" not in self.errors:
            self.add_error("every_days", _("Say every how many days."))
        return values


class CopyForm(GroupsForm):
    """One's own words; what kind it is was settled when it was copied."""

    title = OneLineField(label=_("Title"), max_length=120)
    text = ManyLinesField(
        label=_("In your words"), max_length=5_000, widget=forms.Textarea(attrs={"rows": 8})
    )


class OwnForm(CopyForm):
    """Something of one's own."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[(kind.value, kind.label) for kind in (Playbook.Kind.NOTE, Playbook.Kind.GIVE)],
        widget=forms.RadioSelect,
        initial=Playbook.Kind.NOTE,
    )

    field_order = ("kind", "title", "text")


class RoomForm(GroupsForm):
    """Which company one would like to reach."""

    company = OneLineField(
        label=_("Which company?"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
