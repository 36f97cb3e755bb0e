"""The Tuesday group of J9, J10 and J11: Lea leads; Ana, Dev, George, Joy and Ken belong."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from contacts import services as people
from contacts.models import Interaction
from netcrm.accounts.models import User
from netcrm.groups import services
from netcrm.groups.models import Grain, Membership, SupportGroup
from netcrm.leader import counting
from netcrm.pages import story
from tests import make

GRAINS = {
    "Ana Ruiz": Grain.SHAPE,
    "Dev Rao": Grain.NUMBERS,
    "Joy Adeyemi": Grain.NUMBERS,
    "Ken Ito": Grain.SHAPE,
}


@dataclass(frozen=True, kw_only=True)
class TuesdayGroup:
    group: SupportGroup
    lea: User
    members: dict[str, Membership]

    def user(self, name: str) -> User:
        return self.members[name].user


def gather(*, at: dt.datetime) -> TuesdayGroup:
    """Everybody with something in their list; George with his whole story."""
    lea = make.user("lea@example.test", name="Lea Brandt", first_steps_done_at=at)
    group = services.make_group(
        by=lea, at=at, name="Tuesday group", covenant="What is said here stays here."
    )
    george = story.tell(password=make.PASSWORD, at=at)
    members = {"George": join(group, george, Grain.NAMES, at=at)}
    for name, grain in GRAINS.items():
        first = name.split()[0]
        user = make.user(f"{first.lower()}@example.test", name=name, first_steps_done_at=at)
        members[first] = join(group, user, grain, at=at)
    dana = people.add_person(by=members["Ken"].user, at=at, name="Dana Ýrsa", organization="Acme")
    met = people.add_person(
        by=members["Dev"].user, at=at, name="Zephyrine Ýrsdóttir", organization="Quokkaworks"
    )
    for member, person in (("Ken", dana), ("Dev", met)):
        people.log_interaction(
            by=members[member].user,
            at=at - dt.timedelta(days=2),
            people=[person],
            kind=Interaction.Kind.MEETING,
            note="whispered about a merger",
        )
    services.pair(membership=members["Ana"], buddy=members["George"])
    counting.recount(at=at)
    return TuesdayGroup(group=group, lea=lea, members=members)


def join(group: SupportGroup, user: User, grain: Grain, *, at: dt.datetime) -> Membership:
    membership = make.member(group, user, at=at, agreed_at=at)
    services.change_sharing(membership=membership, grain=grain, in_the_room=True)
    return membership
