"""Who belongs to a group, in which role, and how they go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from netcrm.accounts.models import User
from netcrm.groups.models import Figures, Grain, Invitation, Membership, News, SupportGroup

Role = Membership.Role


class Refused(Exception):
    """This may not be done as things stand; the message says why and what to do instead."""


@transaction.atomic
def make_group(
    *, by: User, at: datetime, name: str, covenant: str = "", meets: str = ""
) -> SupportGroup:
    """Start a group; whoever starts it leads it."""
    group = SupportGroup.objects.create(name=name, covenant=covenant, meets=meets)
    Membership.objects.create(
        group=group, user=by, role=Role.LEADER, joined_at=at, agreed_at=at if covenant else None
    )
    return group


def edit_group(*, group: SupportGroup, name: str, covenant: str, meets: str) -> None:
    """Change what the group says of itself.  A new covenant asks everybody again."""
    with transaction.atomic():
        if covenant != group.covenant:
            group.memberships.present().update(agreed_at=None)
        group.name, group.covenant, group.meets = name, covenant, meets
        group.save(update_fields=["name", "covenant", "meets"])


def agree(*, membership: Membership, at: datetime) -> None:
    """The member says yes to the covenant as it stands."""
    Membership.objects.present().filter(pk=membership.pk, agreed_at=None).update(agreed_at=at)


@transaction.atomic
def appoint(*, membership: Membership, role: str) -> None:
    """Give a member another role.

    Raises:
        Refused: the group would have nobody to lead it.
    """
    _alone_at_the_door(membership.group)
    if role not in Membership.LEADING:
        _somebody_else_leads(membership)
    Membership.objects.present().filter(pk=membership.pk).update(role=role)
    membership.refresh_from_db()
    if not membership.leads:
        _withdraw_invitations(membership)


@transaction.atomic
def pair(*, membership: Membership, buddy: Membership | None) -> None:
    """Make two members each other's buddy, or leave ``membership`` without one.

    Raises:
        Refused: the two are not two members of one group.
    """
    if buddy and (buddy.group_id != membership.group_id or buddy.pk == membership.pk):
        raise Refused(_("A buddy is another member of the same group."))
    both = {membership.pk, *((buddy.pk,) if buddy else ())}
    Membership.objects.filter(buddy__in=both).update(buddy=None)
    Membership.objects.filter(pk__in=both).update(buddy=None)
    if buddy:
        Membership.objects.filter(pk=membership.pk).update(buddy=buddy)
        Membership.objects.filter(pk=buddy.pk).update(buddy=membership)


@transaction.atomic
def leave(*, membership: Membership, at: datetime, goodbye: str = "") -> None:
    """Go, and take back at once whatever was shared.

    With the last member the group closes.

    Raises:
        Refused: others would be left without a leader.
    """
    group = _alone_at_the_door(membership.group)
    others = group.memberships.present().exclude(pk=membership.pk)
    if others.exists():
        _somebody_else_leads(membership)
    else:
        SupportGroup.objects.filter(pk=group.pk).update(closed_at=at)
    if goodbye:
        News.objects.create(
            group=group, author=membership.user, kind=News.Kind.GOODBYE, text=goodbye, at=at
        )
    _end(membership, at)


@transaction.atomic
def remove(*, membership: Membership, at: datetime) -> None:
    """A leader ends somebody's membership; the same holds as when they leave."""
    _alone_at_the_door(membership.group)
    _somebody_else_leads(membership)
    _end(membership, at)


def tell_landed(*, membership: Membership, text: str, at: datetime) -> News:
    """Post the one line a member wrote on landing, word for word and nothing besides."""
    return News.objects.create(
        group=membership.group, author=membership.user, kind=News.Kind.LANDED, text=text, at=at
    )


@transaction.atomic
def hand_over(*, user: User, at: datetime) -> list[SupportGroup]:
    """Before an account goes: leave every group, the lead passing on where it must.

    The lead goes to whoever has belonged longest.  Returns the groups that got a new leader.
    """
    passed_on = []
    for membership in Membership.objects.present().filter(user=user).select_related("group"):
        group = _alone_at_the_door(membership.group)
        others = group.memberships.present().exclude(pk=membership.pk).order_by("joined_at", "id")
        if others.exists() and not others.leading().exists():
            heir = others[0]
            heir.role = Role.LEADER
            heir.save(update_fields=["role"])
            passed_on.append(group)
        leave(membership=membership, at=at)
    return passed_on


def _alone_at_the_door(group: SupportGroup) -> SupportGroup:
    """Let one change of roles at a time into a group, so that two leaders cannot both go."""
    return SupportGroup.objects.select_for_update().get(pk=group.pk)


def _somebody_else_leads(membership: Membership) -> None:
    rest = Membership.objects.present().filter(group=membership.group_id)
    if membership.leads and not rest.leading().exclude(pk=membership.pk).exists():
        raise Refused(
            _("Nobody else leads this group. Make another member its leader first, then go.")
        )


def _end(membership: Membership, at: datetime) -> None:
    """Everything that gave access is gone with this statement; every page asks again each time."""
    Membership.objects.filter(pk=membership.pk).update(
        left_at=at, grain=Grain.NOTHING, in_the_room=False, buddy=None
    )
    Membership.objects.filter(buddy=membership.pk).update(buddy=None)
    membership.person_shares.all().delete()
    membership.note_shares.all().delete()
    Figures.objects.filter(membership=membership).delete()
    _withdraw_invitations(membership, at=at)
    membership.refresh_from_db()


def _withdraw_invitations(membership: Membership, at: datetime | None = None) -> None:
    """What somebody offered as a leader ends with their leading."""
    offered = Invitation.objects.open().filter(
        group=membership.group_id, invited_by=membership.user_id
    )
    offered.update(withdrawn_at=at or Now())
