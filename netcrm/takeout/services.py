"""Exports made by a worker: owed, put together, kept for seven days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from contacts.models import Contact, Interaction
from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe
from netcrm.takeout import everything
from netcrm.takeout.models import KEPT_DAYS, Takeout, TakeoutPart

AT_ONCE = 5_000  # people and exchanges up to which a page answers with the file itself
LEASE = dt.timedelta(minutes=5)
PART_BYTES = 1_000_000
ROWS_TOLD = 1_000  # between two words on how far it is


def is_large(owner: User) -> bool:
    """Whether putting it together would keep a web worker too long."""
    people = Contact.objects.filter(owner=owner).count()
    return people + Interaction.objects.filter(owner=owner).count() > AT_ONCE


def ask_for(owner: User) -> Takeout:
    """Owe an export; the one that is under way, if there is one."""
    total = sum(
        model._base_manager.filter(**{path: owner}).count()
        for model, path in everything.exported_models().items()
    )
    return Takeout.objects.get_or_create(
        owner=owner, state=Takeout.State.WAITING, defaults={"rows_total": total}
    )[0]


def owed(*, at: dt.datetime) -> list[UUID]:
    return list(Takeout.objects.owed(at).values_list("pk", flat=True))


def make(takeout_pk: UUID, *, at: dt.datetime) -> bool:
    """Put an export together and owe the mail with its link; True when this call did it.

    Safe to call any number of times: the parts of a worker that died are made anew.
    """
    mine = Takeout.objects.owed(at).filter(pk=takeout_pk)
    if not mine.update(lease_until=at + LEASE, rows_done=0):
        return False
    row = Takeout.objects.select_related("owner").get(pk=takeout_pk)

    def tell(rows: int) -> None:
        if rows % ROWS_TOLD == 0:
            Takeout.objects.filter(pk=row.pk).update(rows_done=rows)

    size = 0
    with everything.archive_of(row.owner, tell=tell) as archive, transaction.atomic():
        row.parts.all().delete()
        for place, content in enumerate(iter(lambda: archive.read(PART_BYTES), b"")):
            TakeoutPart.objects.create(takeout=row, place=place, content=content)
            size += len(content)
        Takeout.objects.filter(pk=row.pk).update(
            state=Takeout.State.DONE, finished_at=at, size_bytes=size, lease_until=None
        )
        owe(
            owner=row.owner,
            kind=Delivery.Kind.NOTICE,
            at=at,
            slot=f"takeout {row.pk}",
            letter="takeout",
            about=row.pk,
        )
    return True


def content_of(takeout: Takeout) -> Iterator[bytes]:
    for part in takeout.parts.order_by("place").iterator(chunk_size=4):
        yield bytes(part.content)


def delete_old(*, at: dt.datetime) -> int:
    """Delete exports whose link has run out; return how many."""
    old = Q(finished_at__lte=at - dt.timedelta(days=KEPT_DAYS))
    return Takeout.objects.filter(old).delete()[1].get("takeout.Takeout", 0)
