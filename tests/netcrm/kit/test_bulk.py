"""Rows inserted without instances are the rows that instances would have made."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from contacts.models import Contact, ContactPoint
from netcrm.kit import bulk
from netcrm.kit.ids import new_id
from tests import make


def test_a_row_is_as_one_that_was_saved(ana, now):
    pk = new_id()
    columns = ["id", "name", "name_key", "extra", "connected_on"]
    values = (pk, "Zoë", "zoe", {"Hobby": "é"}, date(2024, 2, 29))
    bulk.insert(Contact, columns, [values], owner_id=ana.pk, created_at=now, updated_at=now)
    made = Contact.objects.get(pk=pk)
    same = make.contact(ana, "Zoë", extra={"Hobby": "é"}, connected_on=date(2024, 2, 29))
    for field in Contact._meta.concrete_fields:
        if field.name not in {"id", "created_at", "updated_at"}:
            assert getattr(made, field.attname) == getattr(same, field.attname), field.name
    assert made.created_at == now


def test_no_rows_are_no_rows(ana, now):
    bulk.insert(ContactPoint, ["id"], [])
    assert not ContactPoint.objects.exists()


def test_what_the_database_forbids_stays_forbidden(ana, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(
            Contact,
            ["id", "name", "name_key"],
            [(new_id(), "", "")],
            owner_id=ana.pk,
            created_at=now,
            updated_at=now,
        )
