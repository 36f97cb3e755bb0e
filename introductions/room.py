"""Path search over the people of a group that members agreed to have counted.

A worker draws the network of a group when a consent or a tie has changed and lays it into a file; a
question maps it into memory (docs/decisions/0028 and 0062).  A hub stands for the room: whoever is
in it reaches everybody else in it.  Nothing a question finds leaves here before it has been checked
against consent and lists as they stand now.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from contacts.engine.names import fold
from contacts.models import Contact, Organization, Position
from introductions.engine.paths import Network, introducers
from introductions.models import Introduction
from netcrm.groups.models import Grain, Membership, PersonShare, SupportGroup

IN_THE_ROOM = 1.0  # people who meet every week
BY_STEP = (0.1, 0.2, 0.35, 0.55, 0.75, 0.9)  # how likely a tie carries an introduction, by step
BETWEEN_OTHERS = 0.5  # somebody who has introduced another once knows them
MOST_HOPS = 3  # from the hub: the member, their person, that person's
KEPT_SECONDS = 3600  # an older drawing may still be open in another process
TARGETS_AT_MOST = 5_000


def folder() -> Path:
    return Path(settings.VAR_DIR) / "rooms"


def present(group_id: UUID) -> list[Membership]:
    """Who lets their people be counted now."""
    rows = Membership.objects.present().filter(group=group_id, in_the_room=True)
    return list(rows.order_by("pk"))


def signature(members: list[Membership]) -> str:
    """Changes whenever a tie or a consent of one of them does."""
    said = ";".join(f"{m.pk}:{m.facts_version}:{m.consent_version}" for m in members)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def drawing(group_id: UUID, members: list[Membership]) -> Path:
    return folder() / f"{group_id}-{signature(members)}.ties"


def draw(group_id: UUID) -> bool:
    """Draw the network of a group anew where it is behind; return whether it was."""
    members = present(group_id)
    path = drawing(group_id, members)
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if members:
        Network.build(_ties(group_id, members)).save(path)
    for old in folder().glob(f"{group_id}-*.ties"):
        if old != path and (not members or time.time() - old.stat().st_mtime > KEPT_SECONDS):
            old.unlink(missing_ok=True)
    return bool(members)


def draw_all() -> int:
    """Draw every group that is behind; return how many were."""
    groups = SupportGroup.objects.filter(
        memberships__in=Membership.objects.present().filter(in_the_room=True)
    ).distinct()
    keys = set(groups.values_list("pk", flat=True))
    names = {str(key) for key in keys}
    for old in folder().glob("*.ties"):
        if old.name.rpartition("-")[0] not in names:
            old.unlink(missing_ok=True)  # nobody there lets their people be counted any more
    return sum(draw(key) for key in keys)


def who_may_know(asker: Membership, company: str) -> dict[UUID, UUID]:
    """Members who may reach somebody at ``company``: membership to the one of their people to ask.

    The asker is left out.  The drawing may be some minutes old; consent is not.
    """
    members = present(asker.group_id)
    network = _newest(asker.group_id, members)
    if network is None:
        return {}
    targets = _people_at(members, company)
    if not targets:
        return {}
    found = introducers(
        network,
        source=asker.group_id,
        targets=targets,
        records={},
        max_hops=MOST_HOPS,
        most=len(members) + 1,
        excluded=[asker.pk],
    )
    by_member = {
        UUID(str(one.person)): UUID(str(one.route.people[2]))
        for one in found
        if len(one.route.people) > 2
    }
    return _still_so(members, by_member)


def key_of(company: str) -> str:
    """What a company is looked up by, so that two spellings are one question."""
    return fold(company)


def counts_anybody(member: Membership) -> bool:
    """Whether the member hides none, or not all, of their own people from the room."""
    people = Contact.objects.reachable().filter(owner=member.user_id)
    hidden = PersonShare.objects.filter(membership=member, grain=Grain.NOTHING)
    seen = people.exclude(pk__in=hidden.values("contact"))
    return not people.exists() or seen.exists()


def _newest(group_id: UUID, members: list[Membership]) -> Network | None:
    path = drawing(group_id, members)
    if not path.exists():
        older = sorted(folder().glob(f"{group_id}-*.ties"), key=os.path.getmtime)
        if not older:
            return None
        path = older[-1]
    return Network.load(path)


def _people_at(members: list[Membership], company: str) -> list[UUID]:
    """People of these members who work there now, by the organization's folded name.

    Three small questions: in one, a database may begin with everybody there is.
    """
    key = key_of(company)
    if not key:
        return []
    owners = [m.user_id for m in members]
    places = Organization.objects.filter(owner__in=owners, key=key).values_list("pk", flat=True)
    rows = Position.objects.filter(is_current=True, organization__in=list(places)).order_by()
    there = list(rows.values_list("contact_id", flat=True)[:TARGETS_AT_MOST])
    found = Contact.objects.reachable().filter(pk__in=there).order_by()
    shares = PersonShare.objects.filter(
        membership__in=members, contact__in=there, grain=Grain.NOTHING
    )
    hidden = set(shares.values_list("contact_id", flat=True))
    return [pk for pk in found.values_list("pk", flat=True) if pk not in hidden]


def _still_so(members: list[Membership], found: dict[UUID, UUID]) -> dict[UUID, UUID]:
    """Those of ``found`` that hold by the rows of this moment."""
    hidden = set(
        PersonShare.objects.filter(
            membership__in=found, contact__in=found.values(), grain=Grain.NOTHING
        ).values_list("membership_id", "contact_id")
    )
    owners = {m.pk: m.user_id for m in members}
    people = dict(
        Contact.objects.reachable().filter(pk__in=found.values()).values_list("pk", "owner_id")
    )
    return {
        member: contact
        for member, contact in found.items()
        if (member, contact) not in hidden
        and member in owners
        and people.get(contact) == owners[member]
    }


def _ties(group_id: UUID, members: list[Membership]) -> Iterator[tuple[UUID, UUID, float]]:
    hidden: dict[UUID, set[UUID]] = {m.pk: set() for m in members}
    rows = PersonShare.objects.filter(membership__in=members, grain=Grain.NOTHING)
    for key, contact in rows.values_list("membership_id", "contact_id"):
        hidden[key].add(contact)
    for member in members:
        yield group_id, member.pk, IN_THE_ROOM
        people = Contact.objects.reachable().filter(owner=member.user_id)
        for contact, step in people.values_list("pk", "trust_state__level").iterator():
            if contact not in hidden[member.pk]:
                yield member.pk, contact, BY_STEP[step or 0]
        between = Introduction.objects.happened().filter(
            owner=member.user_id,
            introducer__in=people.values("pk"),
            introduced__in=people.values("pk"),
        )
        for giver, taker in between.values_list("introducer_id", "introduced_id").iterator():
            if giver not in hidden[member.pk] and taker not in hidden[member.pk]:
                yield giver, taker, BETWEEN_OTHERS
