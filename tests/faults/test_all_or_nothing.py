"""A process killed between any two statements of an act leaves all of it or nothing (D06)."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from contacts import services as contacts
from contacts.models import Contact, ImportBatch
from contacts.services.imports import LEASE, confirm, start_import, work_on
from followups import services as followups
from netcrm.accounts.models import User
from netcrm.groups import services as groups
from netcrm.takeout import integrity
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
Do = Callable[[], object]


class Killed(BaseException):
    """The process is gone: nobody catches this."""


class KillAt:
    """Ends the process, as far as the database can tell, before its ``nth`` statement from 0."""

    def __init__(self, nth: int) -> None:
        self.left = nth
        self.killed = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            self.killed = True
            raise Killed
        return execute(sql, params, many, context)


def all_rows() -> Counter[str]:
    models = [m for m in apps.get_models() if m._meta.app_label != "sessions"]
    return Counter(
        {
            f"{model._meta.label} {sorted(row.items(), key=str)}": 1
            for model in models
            for row in model._base_manager.values()
        }
    )


@pytest.fixture
def acts(transactional_db: None) -> dict[str, Do]:
    """Acts of several statements, each able to be done once."""
    ana = make.user("ana@example.test", name="Ana Ruiz")
    lea = make.user("lea@example.test", name="Lea Brandt")
    people = [make.contact(ana, name) for name in ("Cleo Marsh", "Dora Field")]
    for person in people:
        make.interaction(person, at=NOW)
    followups.plan(ana, at=NOW)
    group = make.group(lea)
    invited = groups.invite(by=lea, group=group, email=ana.email, role="member", at=NOW)
    return {
        "a person with everything": lambda: contacts.add_person(
            by=ana, at=NOW, name="Ann Lee", emails=["ann@example.test"], organization="Acme",
            title="Clerk", tags=["Choir"], notes="Met at the river", phones=["+1 212 555 0100"],
        ),
        "an exchange with promises": lambda: contacts.log_interaction(
            by=ana, at=NOW, people=people, kind="talk", note="Coffee", their_date=ana.day(NOW),
            promises=[contacts.Word(text="Send it"), contacts.Word(text="Call her")],
        ),
        "a pause": lambda: followups.pause(by=ana, at=NOW, weeks=2),
        "a fresh start": lambda: followups.fresh_start(by=ana, at=NOW),
        "an invitation": lambda: groups.invite(
            by=lea, group=group, email="zoe@example.test", role="member", at=NOW
        ),
        "joining a group": lambda: groups.accept(invitation=invited, by=ana, at=NOW),
    }  # fmt: skip


ACTS = [
    "a person with everything",
    "an exchange with promises",
    "a pause",
    "a fresh start",
    "an invitation",
    "joining a group",
]


@pytest.mark.parametrize("name", ACTS)
def test_killed_at_each_statement_in_turn_an_act_is_done_or_not(
    acts: dict[str, Do], name: str
) -> None:
    before = all_rows()
    for nth in itertools.count():
        hook = KillAt(nth)
        with connection.execute_wrapper(hook), contextlib.suppress(Killed):
            acts[name]()
        if not hook.killed:
            break
        assert all_rows() == before, f"half done when killed at statement {nth}"
    assert list(integrity.problems()) == []
    assert nth >= 3, "an act of several statements"
    assert all_rows() != before


# A kill closes no cursor: PostgreSQL's is closed with its connection.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_import_killed_at_each_statement_is_taken_up_and_brings_everybody_once(
    transactional_db: None,
) -> None:
    ana = make.user("ana@example.test")
    lines = ["First Name,Last Name,Email Address,Company,Position,Connected On"]
    lines += [f"Person,Number{n},p{n}@example.test,Acme,Clerk,01 Mar 2025" for n in range(5)]
    content = "\n".join(lines).encode()
    batch = start_import(by=ana, at=NOW, file_name="Connections.csv", content=content)
    kills = 0
    for nth in itertools.count(0, 3):
        at = NOW + 2 * nth * LEASE  # so that the lease of whoever was killed is over
        hook = KillAt(nth)
        with connection.execute_wrapper(hook), contextlib.suppress(Killed):
            work_on(batch.pk, at=at)
            batch.refresh_from_db()
            if batch.state == ImportBatch.State.PREVIEW:
                confirm(batch, at=at)
                work_on(batch.pk, at=at)
        kills += hook.killed
        people = Contact.objects.filter(owner=ana, is_self=False)
        names = list(people.values_list("name", flat=True))
        assert len(names) == len(set(names)) in (0, 5), "a chunk is written whole or not at all"
        batch.refresh_from_db()
        if batch.state == ImportBatch.State.DONE:
            break
    assert list(integrity.problems()) == []
    assert kills > 5
    assert len(names) == 5
    assert User.objects.count() == 1
