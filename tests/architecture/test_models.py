"""Every model of ours says whose its rows are, and names its constraints."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

from netcrm.groups.models import SupportGroup

OURS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in {"netcrm", "contacts", "introductions", "followups"}
    and not model._meta.auto_created
]
# Tables of the house itself; no row of theirs is about a person.
NOBODYS = {
    "contacts.Erased",  # a keyed hash of an address; whose, nobody can say
    "delivery.MailEvent",  # what a mail server said of an address
    "delivery.MailHost",
    "delivery.PostRoom",
    "delivery.Suppression",  # of an address, whoever has it
    "delivery.Tally",
}

# Rows with a counted key, which the index behind them needs; no address names one.
COUNTED = {"contacts.SearchText"}


def leads_to_an_owner(model: type[models.Model], seen: frozenset[type] = frozenset()) -> bool:
    """Whether following required foreign keys from ``model`` reaches a user, or a group."""
    if model in (get_user_model(), SupportGroup):
        return True
    return any(
        leads_to_an_owner(field.related_model, seen | {model})
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and not field.null
        and isinstance(field.related_model, type)
        and field.related_model not in seen
    )


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_row_belongs_to_somebody(model):
    assert leads_to_an_owner(model) or model._meta.label in NOBODYS


@pytest.mark.parametrize(
    "model",
    [model for model in OURS if model._meta.label not in NOBODYS | COUNTED],
    ids=lambda model: model._meta.label,
)
def test_every_row_that_can_be_addressed_has_a_key_nobody_can_count(model):
    key = model._meta.pk
    while isinstance(key, models.OneToOneField):
        key = key.related_model._meta.pk
    assert isinstance(key, models.UUIDField)
