"""What a member shows a group.  Every change counts from the next request on: nothing is kept."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from netcrm.accounts.models import User
from netcrm.groups.models import Figures, Grain, Membership, NoteShare, PersonShare


@transaction.atomic
def change_sharing(*, membership: Membership, grain: int, in_the_room: bool) -> None:
    """Choose how much the leaders of a group see, and whether the room may count one's people."""
    _consent_moved(
        membership, narrowed=grain < membership.grain, grain=grain, in_the_room=in_the_room
    )
    if grain == Grain.NOTHING:
        Figures.objects.filter(membership=membership).delete()


@transaction.atomic
def share_person(*, membership: Membership, contact_id: UUID, grain: int) -> None:
    """Show one person more, or less, than the rest.

    The caller has made sure that the person is the member's own.
    """
    before = PersonShare.objects.filter(membership=membership, contact=contact_id).first()
    PersonShare.objects.update_or_create(
        membership=membership, contact_id=contact_id, defaults={"grain": grain}
    )
    _consent_moved(membership, narrowed=grain < (before or membership).grain)


@transaction.atomic
def forget_person_share(*, share: PersonShare) -> None:
    """The person is shown as the rest are again."""
    membership = share.membership
    share.delete()
    _consent_moved(membership, narrowed=membership.grain < share.grain)


@transaction.atomic
def share_note(*, membership: Membership, contact_id: UUID, text: str) -> NoteShare:
    """Show one note on purpose, as it reads now."""
    share, _made = NoteShare.objects.get_or_create(
        membership=membership, contact_id=contact_id, text=text
    )
    _consent_moved(membership)
    return share


@transaction.atomic
def take_note_back(*, share: NoteShare) -> None:
    """The note is shown no more, on an open page neither."""
    share.delete()
    _consent_moved(share.membership, narrowed=True)


def facts_changed(owner: User) -> None:
    """Something happened in ``owner``'s list: what was counted of it, or drawn, is behind now.

    One statement, and none for whoever is in no group.  It touches the owner's own rows only, so
    that members of one group never wait for each other.
    """
    if owner.in_a_group:
        Membership.objects.present().filter(user=owner).update(facts_version=F("facts_version") + 1)


def _consent_moved(membership: Membership, *, narrowed: bool = False, **values: object) -> None:
    """Count a change of consent; one that shows less is marked, for what leaders said before it."""
    if narrowed:
        values["narrowed_version"] = F("consent_version") + 1
    Membership.objects.present().filter(pk=membership.pk).update(
        consent_version=F("consent_version") + 1, **values
    )
    membership.refresh_from_db()
