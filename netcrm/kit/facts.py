"""One transaction around a change of facts, and one telling of whoever plans from facts.

What is due follows from facts (domain.md 3), and the planner sits above the apps that
hold them.  So a service does not call the planner; it wraps its writes::

    with facts.change(owner, at=now) as changed:
        ...
        changed.add(contact.pk)

and on leaving the outermost ``change`` the listener named in ``settings.FACTS_LISTENER``
is called once, inside the same transaction, with every contact named on the way.
An error anywhere undoes the facts and the plan together.

Source: docs/decisions/0004-facts-and-plans.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.module_loading import import_string


class Listener(Protocol):
    def __call__(self, owner: Any, *, contacts: frozenset[UUID] | None, at: datetime) -> None: ...


class Changed:
    """The contacts whose facts moved; ``everyone()`` when a rule for all of them did."""

    def __init__(self, owner: AbstractBaseUser) -> None:
        self.owner = owner
        self._contacts: set[UUID] = set()
        self._everyone = False

    def add(self, *contacts: UUID) -> None:
        self._contacts.update(contacts)

    def everyone(self) -> None:
        self._everyone = True

    @property
    def contacts(self) -> frozenset[UUID] | None:
        """The contacts named, or None for everyone."""
        return None if self._everyone else frozenset(self._contacts)


_open: ContextVar[Changed | None] = ContextVar("open_change", default=None)


@contextmanager
def change(owner: AbstractBaseUser, *, at: datetime) -> Iterator[Changed]:
    """Open a change of ``owner``'s facts, or join the one that is open.

    Args:
        owner: whose facts these are; a change never spans two owners.
        at: the moment of the change (aware); planning is told this time.

    Raises:
        ValueError: a change of another owner is open.
    """
    outer = _open.get()
    if outer is not None:
        if outer.owner.pk != owner.pk:
            raise ValueError("a change of facts belongs to one owner, and another's is open")
        with transaction.atomic():
            yield outer
        return
    changed = Changed(owner)
    token = _open.set(changed)
    try:
        with transaction.atomic():
            yield changed
            if changed.contacts is None or changed.contacts:
                listener = cast(Listener, import_string(settings.FACTS_LISTENER))
                listener(owner, contacts=changed.contacts, at=at)
    finally:
        _open.reset(token)
