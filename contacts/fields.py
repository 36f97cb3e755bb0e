"""Form fields that name people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from netcrm.accounts.models import User
from netcrm.kit.text import OneLineField

LISTED_AT_MOST = 200  # names offered while typing; anybody else can be typed in full


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A person as typed: one the owner has, or the name of one to add."""

    name: str
    contact: Contact | None


class DataList(forms.TextInput):
    """A line with names to choose from while typing; works without script."""

    template_name = "contacts/_datalist.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.names: list[str] = []

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{context['widget']['attrs']['id']}_names"
        context["widget"]["names"] = self.names
        return context


class PersonField(OneLineField):
    """Asks for a person by name; a name nobody has yet becomes a person to add."""

    widget = DataList
    owner: User

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)

    def clean(self, value: Any) -> Named | None:
        name = super().clean(value)
        if not name:
            return None
        people = Contact.objects.visible_to(self.owner).people()
        same = list(people.filter(Q(name__iexact=name) | Q(nickname__iexact=name))[:2])
        if not same:
            same = list(people.filter(name__istartswith=f"{name} ")[:2])
        if len(same) > 1:
            raise forms.ValidationError(
                _("You have more than one “%(name)s”. Type the whole name."),
                params={"name": name},
            )
        return Named(name=name, contact=same[0] if same else None)


class OwnersForm(forms.Form):
    """A form that knows whose people it may name."""

    def __init__(self, *args: Any, owner: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner = owner
        self.helper = FormHelper()
        self.helper.form_tag = False
        asked = [field for field in self.fields.values() if isinstance(field, PersonField)]
        names = []
        if asked:
            people = Contact.objects.visible_to(owner).reachable().order_by("-updated_at")
            names = sorted(people.values_list("name", flat=True)[:LISTED_AT_MOST])
        for field in asked:
            field.owner = owner
            field.widget.names = names
