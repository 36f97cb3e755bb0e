"""Builders: the smallest valid row, so that a test says only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from allauth.account.models import EmailAddress

from contacts.models import Contact, Interaction, Organization, Participation
from followups.models import FollowUp
from introductions.models import Introduction
from netcrm.accounts.models import User
from netcrm.groups.models import Membership, SupportGroup

PASSWORD = "a-long-walk-by-the-river"
LONG_AGO = datetime(2026, 1, 5, 12, tzinfo=UTC)


def user(email: str, **fields: Any) -> User:
    """A user with a proven address and a self contact."""
    made = User.objects.create_user(email, PASSWORD, **{"time_zone": "Europe/London", **fields})
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    me(made)
    return made


def me(owner: User) -> Contact:
    """The owner's own contact."""
    return Contact.objects.get_or_create(
        owner=owner, is_self=True, defaults={"name": owner.name or owner.email}
    )[0]


def contact(owner: User, name: str = "Cleo Marsh", **fields: Any) -> Contact:
    return Contact.objects.create(owner=owner, name=name, **fields)


def organization(owner: User, name: str = "Acme", **fields: Any) -> Organization:
    return Organization.objects.create(owner=owner, name=name, key=name.casefold(), **fields)


def interaction(*people: Contact, at: datetime = LONG_AGO, **fields: Any) -> Interaction:
    """An exchange with ``people``, a talk both ways unless said otherwise."""
    made = Interaction.objects.create(
        owner=people[0].owner,
        at=at,
        **{
            "kind": Interaction.Kind.TALK,
            "direction": Interaction.Direction.BOTH,
            **fields,
        },
    )
    Participation.objects.bulk_create(
        Participation(interaction=made, contact=person) for person in people
    )
    return made


def introduction(
    introducer: Contact, introduced: Contact, /, *, at: datetime = LONG_AGO, **fields: Any
) -> Introduction:
    """``introducer`` introduced the owner to ``introduced``."""
    return Introduction.objects.create(
        **{
            "owner": introducer.owner,
            "introducer": introducer,
            "introducee": me(introducer.owner),
            "introduced": introduced,
            "state": Introduction.State.MADE,
            "state_at": at,
            "made_at": at,
            **fields,
        }
    )


def follow_up(person: Contact, *, opens_on: date, **fields: Any) -> FollowUp:
    return FollowUp.objects.create(
        contact=person,
        opens_on=opens_on,
        **{
            "purpose": "nurture",
            "best_on": opens_on,
            "fades_on": opens_on,
            "quiet_on": opens_on,
            "reason": "date.window_best",
            "rule": "ring",
            **fields,
        },
    )


def group(leader: User, *, at: datetime = LONG_AGO, **fields: Any) -> SupportGroup:
    """A group that ``leader`` leads."""
    made = SupportGroup.objects.create(**{"name": "Tuesday group", **fields})
    member(made, leader, role=Membership.Role.LEADER, at=at)
    return made


def member(
    group: SupportGroup, user: User, *, at: datetime = LONG_AGO, **fields: Any
) -> Membership:
    return Membership.objects.create(group=group, user=user, joined_at=at, **fields)
