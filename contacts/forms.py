"""Forms about people and exchanges.  They ask and shape; services judge and save.

No field carries a ``maxlength``: a browser would cut what is pasted without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import services
from contacts.engine import days
from contacts.models import Contact, ContactPoint, Ring
from netcrm.kit.text import ManyLinesField, OneLineField

RING_CHOICES = (
    (Ring.A, gettext_lazy("Walking with you: would put in a word for you")),
    (Ring.B, gettext_lazy("Getting to know: you are building this up")),
    (Ring.C, gettext_lazy("Good to keep: a word a few times a year")),
    (Ring.D, gettext_lazy("Parked: kept, and never brought up")),
)


class DayInput(forms.DateInput):
    """The browser's own date field, filled in the one format it takes."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs={"max": "9999-12-31", **attrs}, format="%Y-%m-%d")


def _lines(label: Any, hint: Any, *, rows: int = 2) -> ManyLinesField:
    return ManyLinesField(
        label=label,
        help_text=hint,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off", "spellcheck": "false"}),
    )


def _line(label: Any, hint: Any = "", *, required: bool = False) -> OneLineField:
    return OneLineField(
        label=label,
        help_text=hint,
        required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class PlainForm(forms.Form):
    """A form whose tag the template writes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False


class PersonForm(PlainForm):
    """One person.  Only the name is asked for; ``details()`` is what a service takes."""

    name = OneLineField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("The whole name, as they write it."),
        error_messages={
            "required": gettext_lazy("Write a name: what you call this person will do.")
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    organization = _line(gettext_lazy("Organization"), gettext_lazy("Where they work now."))
    title = _line(gettext_lazy("What they do there"))
    how_met = _line(gettext_lazy("How you met"))
    ring = forms.ChoiceField(
        label=gettext_lazy("How much attention do they get now?"),
        choices=RING_CHOICES,
        initial=Ring.B,
        widget=forms.RadioSelect,
    )
    role_kind = forms.ChoiceField(
        label=gettext_lazy("Who are they in your search?"),
        choices=Contact.RoleKind.choices,
        initial=Contact.RoleKind.OTHER,
        widget=forms.RadioSelect,
    )
    worked_together = forms.BooleanField(
        label=gettext_lazy("We worked together, so they know my work"), required=False
    )
    nickname = _line(gettext_lazy("What you call them"), gettext_lazy("If not by the first name."))
    emails = _lines(gettext_lazy("E-mail addresses"), gettext_lazy("One on each line."))
    phones = _lines(gettext_lazy("Telephone numbers"), gettext_lazy("One on each line."))
    links = _lines(gettext_lazy("Links"), gettext_lazy("A profile or a page; one on each line."))
    tags = _line(gettext_lazy("Tags"), gettext_lazy("Words to find them by, with commas between."))
    birthday = _line(gettext_lazy("Birthday"), gettext_lazy("Like 24 March or 24 March 1980."))
    extra = _lines(
        gettext_lazy("Fields of your own"), gettext_lazy("One on each line, like Dog: Biscuit.")
    )
    notes = _lines(
        gettext_lazy("Notes"),
        gettext_lazy("Only you see them. Leave out health, money and faith."),
        rows=4,
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    FIRST: tuple[str, ...] = ("name", "organization", "title", "how_met", "ring")
    MORE = (
        "role_kind",
        "worked_together",
        "nickname",
        "emails",
        "phones",
        "links",
        "tags",
        "birthday",
        "extra",
        "notes",
    )

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    @property
    def more_is_wanted(self) -> bool:
        """Whether what stands under “More” needs another look or says something."""
        return any(name in self.errors for name in self.MORE)

    def clean_birthday(self) -> services.Birthday | None:
        text = self.cleaned_data["birthday"]
        if not text:
            return None
        found, ambiguous = days.read_birthday(text)
        if found is None:
            raise ValidationError(
                _("Day and month could be swapped here; write the month as a word, like 4 March.")
                if ambiguous
                else _("We cannot read this day. Write it like 24 March or 24 March 1980.")
            )
        return {"year": found.year, "month": found.month, "day": found.day}

    def clean_extra(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        for line in self.cleaned_data["extra"].splitlines():
            label, colon, value = line.partition(":")
            if not line.strip():
                continue
            if not (colon and label.strip()):
                raise ValidationError(
                    _("“%(line)s” has no name before a colon. Write it like Dog: Biscuit."),
                    params={"line": line[:60]},
                )
            fields[label.strip()] = value.strip()
        return fields

    def details(self) -> services.Details:
        data = self.cleaned_data
        return {
            "nickname": data["nickname"],
            "ring": data["ring"],
            "role_kind": data["role_kind"],
            "how_met": data["how_met"],
            "worked_together": data["worked_together"],
            "notes": data["notes"],
            "birthday": data["birthday"],
            "extra": data["extra"],
            "organization": data["organization"],
            "title": data["title"],
            "emails": data["emails"].splitlines(),
            "phones": data["phones"].splitlines(),
            "links": data["links"].splitlines(),
            "tags": data["tags"].split(","),
        }

    @staticmethod
    def values_of(contact: Contact) -> dict[str, Any]:
        """What the form shows for a person as they are; three queries."""
        points = list(contact.points.all())
        job = contact.positions.select_related("organization").filter(is_current=True).first()

        def lines(kind: str) -> str:
            return "\n".join(point.value for point in points if point.kind == kind)

        return {
            "name": contact.name,
            "nickname": contact.nickname,
            "ring": contact.ring,
            "role_kind": contact.role_kind,
            "how_met": contact.how_met,
            "worked_together": contact.worked_together,
            "notes": contact.notes,
            "birthday": birthday_words(contact),
            "extra": "\n".join(f"{label}: {value}" for label, value in contact.extra.items()),
            "organization": str(job.organization or "") if job else "",
            "title": job.title if job else "",
            "emails": lines(ContactPoint.Kind.EMAIL),
            "phones": lines(ContactPoint.Kind.PHONE),
            "links": lines(ContactPoint.Kind.LINK),
            "tags": ", ".join(tag.name for tag in contact.tags.all()),
            "version": contact.version,
        }

    def differences(self, now: Mapping[str, Any]) -> list[Difference]:
        """Where what was typed is not what is saved by now, for a second tab (D03)."""
        found = []
        for name in (*self.FIRST, *self.MORE):
            bound = self[name]
            typed, saved = bound.value(), now[name]
            if name == "worked_together":
                typed, saved = bool(typed), bool(saved)
            elif str(typed or "").split() == str(saved or "").split():
                continue
            if typed != saved:
                found.append(
                    Difference(
                        label=str(bound.label),
                        typed=_shown(bound, typed),
                        saved=_shown(bound, saved),
                    )
                )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field as it was typed here and as it is saved by now."""

    label: str
    typed: str
    saved: str


def _shown(bound: forms.BoundField, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = dict(getattr(bound.field, "choices", ()))
    return str(choices.get(value, value) or _("nothing"))


def birthday_words(contact: Contact) -> str:
    """“24 March 1980”, “24 March”, or nothing."""
    if not (contact.birthday_month and contact.birthday_day):
        return ""
    day = date(contact.birthday_year or 2000, contact.birthday_month, contact.birthday_day)
    return format_date(day, "j F Y" if contact.birthday_year else "j F")


class PositionForm(PlainForm):
    """A job, now or earlier."""

    organization = _line(gettext_lazy("Organization"))
    title = _line(gettext_lazy("What they do or did there"))
    started_on = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput())
    ended_on = forms.DateField(
        label=gettext_lazy("Until"),
        help_text=gettext_lazy("Leave it empty while they still work there."),
        required=False,
        widget=DayInput(),
    )
    is_current = forms.BooleanField(label=gettext_lazy("They work there now"), required=False)


class PromiseForm(PlainForm):
    """Who promised what, by when."""

    text = _line(gettext_lazy("What was promised?"), required=True)
    by_me = forms.TypedChoiceField(
        label=gettext_lazy("Whose word is it?"),
        choices=(("me", gettext_lazy("Mine")), ("them", gettext_lazy("Theirs"))),
        coerce=lambda value: value == "me",
        initial="me",
        widget=forms.RadioSelect,
    )
    due_on = forms.DateField(label=gettext_lazy("By when?"), required=False, widget=DayInput())


class TheirDateForm(PlainForm):
    """From which day they would welcome a word."""

    on = forms.DateField(
        label=gettext_lazy("From which day would they welcome a word?"),
        help_text=gettext_lazy("Empty it, and your usual rhythm decides again."),
        required=False,
        widget=DayInput(),
    )


class TagForm(PlainForm):
    name = _line(gettext_lazy("Name of the tag"), required=True)
