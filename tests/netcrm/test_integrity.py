"""What cannot be true is found; what is true is not complained of."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from contacts.models import Contact, ContactPoint, Participation
from netcrm.accounts.models import User
from netcrm.takeout import integrity
from tests import make


@pytest.fixture
def lists(ana: User, ben: User) -> None:
    for owner in (ana, ben):
        cleo = make.contact(owner, "Cleo Marsh")
        make.interaction(cleo)
        make.introduction(cleo, make.contact(owner, "Dora Field"))
        ContactPoint.objects.create(contact=cleo, kind="email", value="c@x.test", key="c@x.test")


def test_lists_that_hold_together_have_no_problem(lists: None) -> None:
    said = StringIO()
    call_command("check_integrity", stdout=said)
    assert said.getvalue() == "0 problems\n"


def test_a_row_that_points_into_another_owners_list_is_found(
    lists: None, ana: User, ben: User
) -> None:
    his = Contact.objects.get(owner=ben, name="Cleo Marsh")
    Participation.objects.filter(contact__owner=ana).update(contact=his)
    said = StringIO()
    with pytest.raises(CommandError, match="1 problems"):
        call_command("check_integrity", stdout=said)
    assert "contacts.Participation" in said.getvalue()
    assert "point to another owner's" in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_row_that_points_to_nothing_is_found_on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL lets no such row in")
    ana = make.user("ana@example.test")
    cleo = make.contact(ana)
    ContactPoint.objects.create(contact=cleo, kind="email", value="c@x.test", key="c@x.test")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("DELETE FROM contacts_contact WHERE id = %s", [cleo.pk.hex])
        found = list(integrity.problems())
        cursor.execute("DELETE FROM contacts_contactpoint")
        cursor.execute("PRAGMA foreign_keys = ON")
    assert any("contacts_contactpoint" in problem for problem in found)
