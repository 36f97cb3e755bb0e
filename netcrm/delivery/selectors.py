"""What the pages about mail show."""

from __future__ import annotations

from dataclasses import dataclass

from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery, MailHost, Objection, PostRoom, Schedule, Suppression

LAST = 20

State = Delivery.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How mail to one member stands."""

    next: Schedule | None
    last_sent: Delivery | None
    last_error: Delivery | None
    held: list[Delivery]
    recent: list[Delivery]
    stopped: Suppression | None


def overview(owner: User) -> Overview:
    rows = Delivery.objects.visible_to(owner)
    recent = list(rows[:LAST])
    return Overview(
        next=Schedule.objects.visible_to(owner).order_by("next_at").first(),
        last_sent=rows.filter(state=State.SENT).order_by("-owed_at", "-sent_at").first(),
        last_error=next((row for row in recent if _is_trouble(row)), None),
        held=list(rows.filter(state=State.HELD)),
        recent=recent,
        stopped=stopped(owner),
    )


def _is_trouble(row: Delivery) -> bool:
    """Whether a mail has not gone as it should; one that need not go is no trouble."""
    return bool(row.last_error) and row.state not in Delivery.ENDED


def stopped(owner: User) -> Suppression | None:
    """What keeps every mail from the owner's address, if anything does."""
    return Suppression.objects.standing(owner.email, stream="").first()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an operator sees: rows that want somebody, and how the servers are."""

    rows: list[Delivery]
    more: int
    waiting: int  # due by now
    hosts: list[MailHost]
    room: PostRoom
    objections: list[Objection]


def desk(*, limit: int = 100) -> Desk:
    wanting = Delivery.objects.filter(state__in=[*Delivery.WANTS_SOMEBODY, State.UNKNOWN])
    count = wanting.count()
    return Desk(
        rows=list(wanting.order_by("-owed_at", "-id")[:limit]),
        more=max(count - limit, 0),
        waiting=Delivery.objects.due().count(),
        hosts=list(MailHost.objects.order_by("pk")),
        room=PostRoom.objects.filter(pk=1).first() or PostRoom(),
        objections=list(
            Objection.objects.filter(seen_at=None).select_related("owner").order_by("at")[:limit]
        ),
    )
