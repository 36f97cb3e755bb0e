"""Invitations: one address, one use, one week, and never a way to sign somebody in."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from netcrm.accounts.models import User
from netcrm.delivery import services as delivery
from netcrm.delivery.models import Delivery
from netcrm.groups.models import Grain, Invitation, Membership, SupportGroup
from netcrm.groups.services.members import Refused

LASTS = timedelta(days=7)
A_DAY_AT_MOST = 50  # invitations of one leader; a stolen session is no mailing list


@transaction.atomic
def invite(*, by: User, group: SupportGroup, email: str, role: str, at: datetime) -> Invitation:
    """Offer a place to an address; asking again kills the older link.

    Raises:
        Refused: the address belongs to a member already, or it is too many for one day.
    """
    email = email.strip().lower()
    if group.memberships.present().filter(user__email__iexact=email).exists():
        raise Refused(_("Whoever has that address is in the group already."))
    day_ago = at - timedelta(days=1)
    if Invitation.objects.filter(invited_by=by, created_at__gte=day_ago).count() >= A_DAY_AT_MOST:
        raise Refused(_("That is enough invitations for one day. Go on tomorrow."))
    Invitation.objects.open().filter(group=group, email=email).update(withdrawn_at=at)
    invitation = Invitation.objects.create(
        group=group,
        email=email,
        role=role,
        invited_by=by,
        nonce=uuid4(),
        expires_at=at + LASTS,
    )
    delivery.owe(
        owner=by,
        kind=Delivery.Kind.THIRD_PARTY,
        letter="invitation",
        about=invitation.pk,
        recipient=email,
        slot=f"invitation:{invitation.pk}",
        at=at,
    )
    return invitation


def change_role_offered(*, invitation: Invitation, role: str) -> None:
    """What is offered now counts when it is accepted."""
    Invitation.objects.open().filter(pk=invitation.pk).update(role=role)
    invitation.refresh_from_db()


def withdraw(*, invitation: Invitation, at: datetime) -> None:
    Invitation.objects.open().filter(pk=invitation.pk).update(withdrawn_at=at)


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether ``user`` has proven the invited address.

    Both are kept in lower case, so they are compared as they stand: in capitals “ı” and “i” are
    one letter to PostgreSQL (CVE-2019-19844).
    """
    proven = EmailAddress.objects.filter(user=user, verified=True)
    return bool(proven.filter(email=invitation.email).exists())


@transaction.atomic
def accept(
    *,
    invitation: Invitation,
    by: User,
    at: datetime,
    grain: int = Grain.NOTHING,
    in_the_room: bool = False,
) -> Membership:
    """Take the place that was offered; whoever comes first uses it up.

    Raises:
        PermissionError: the invitation is for another address, or this one is not proven.
        Refused: it has been used, withdrawn or is too old.
    """
    if not is_for(invitation, by):
        raise PermissionError("the invitation is for another address")
    taken = (
        Invitation.objects.open()
        .filter(pk=invitation.pk, expires_at__gt=at, group__closed_at=None)
        .update(used_at=at)
    )
    if not taken:
        raise Refused(_("This invitation has been used or is too old. Ask for a new one."))
    invitation.refresh_from_db()
    membership, _made = Membership.objects.get_or_create(
        group=invitation.group,
        user=by,
        left_at=None,
        defaults={
            "role": invitation.role,
            "joined_at": at,
            "agreed_at": at,
            "grain": grain,
            "in_the_room": in_the_room,
        },
    )
    return membership
