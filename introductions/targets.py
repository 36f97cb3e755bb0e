"""The search itself: targets with people inside, opportunities with their source, conversations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, F, When

from contacts.models import Contact, Interaction, Organization, Participation, Position
from introductions import selectors
from introductions.models import Introduction, Opportunity

if TYPE_CHECKING:
    from netcrm.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Somebody who works at a target, and how many introductions away they came in."""

    person: Contact
    hops: int  # 0: known without an introduction


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    organization: Organization
    inside: tuple[Inside, ...]
    last_news_on: date | None

    @property
    def nearest(self) -> Inside | None:
        """Whom to begin with: the fewest introductions away, then by name."""
        return min(self.inside, key=lambda one: (one.hops, one.person.name), default=None)


def targets(owner: User) -> list[Target]:
    """Every target by name, with the people inside whom the owner may reach; four queries."""
    wanted = list(Organization.objects.visible_to(owner).targets())
    rows = (
        Position.objects.filter(
            organization__in=wanted,
            is_current=True,
            contact__in=Contact.objects.visible_to(owner).reachable(),
        )
        .select_related("contact")
        .order_by("contact__name_key", "pk")
    )
    web = selectors.web(owner, list(Introduction.objects.visible_to(owner)))
    inside: dict[UUID, dict[UUID, Contact]] = defaultdict(dict)
    for row in rows:
        if row.organization_id:
            inside[row.organization_id][row.contact_id] = row.contact
    return [
        Target(
            organization=one,
            inside=tuple(
                Inside(person=person, hops=web.depth(key) or 0)
                for key, person in inside[one.pk].items()
            ),
            last_news_on=max(
                (
                    owner.day(person.last_contact_at)
                    for person in inside[one.pk].values()
                    if person.last_contact_at
                ),
                default=None,
            ),
        )
        for one in wanted
    ]


# What the list may be sorted by, and how; ties by the newest.
SORTS = {
    "role": ("role",),
    "where": ("organization__name",),
    "through": ("through__name_key",),
    "stage": ("stage_place", "-stage_on"),
    "since": ("-stage_on",),
    "next": (F("next_action_on").asc(nulls_last=True),),
}
_STAGES = list(Opportunity.Stage)


def opportunities(owner: User, *, sort: str = "since") -> list[Opportunity]:
    """Every opportunity in the order asked for, with what a row shows; two queries."""
    place = Case(*(When(stage=stage, then=n) for n, stage in enumerate(_STAGES)), default=0)
    rows = Opportunity.objects.visible_to(owner).select_related("organization", "through")
    rows = rows.annotate(stage_place=place).order_by(*SORTS.get(sort, SORTS["since"]), "-id")
    return list(rows.prefetch_related("people"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One stage of the board.  ``before`` and ``after``: where a card may be moved from it."""

    stage: str
    label: str
    rows: list[Opportunity]
    before: tuple[str, str] | None
    after: tuple[str, str] | None


def board(rows: Sequence[Opportunity]) -> list[Column]:
    """The same rows by stage; an empty stage stands only where the search goes through it."""
    choices = [(stage.value, str(stage.label)) for stage in _STAGES]
    columns = []
    for n, (stage, label) in enumerate(choices):
        mine = [row for row in rows if row.stage == stage]
        if mine or stage not in (Opportunity.Stage.ACCEPTED, Opportunity.Stage.CLOSED):
            columns.append(
                Column(
                    stage=stage,
                    label=label,
                    rows=mine,
                    before=choices[n - 1] if n else None,
                    after=choices[n + 1] if n + 1 < len(choices) else None,
                )
            )
    return columns


@dataclass(frozen=True, slots=True, kw_only=True)
class BySource:
    """What came of opportunities that came through somebody, or through nobody."""

    through_somebody: bool
    count: int
    replied: int
    interviewed: int
    offered: int


def by_source(rows: Sequence[Opportunity]) -> list[BySource]:
    """Replies, interviews and offers by source; a source without opportunities is left out."""
    found = []
    for through_somebody in (True, False):
        mine = [row for row in rows if bool(row.through_id) is through_somebody]
        if mine:
            found.append(
                BySource(
                    through_somebody=through_somebody,
                    count=len(mine),
                    replied=sum(row.replied_on is not None for row in mine),
                    interviewed=sum(row.interviewed_on is not None for row in mine),
                    offered=sum(row.offered_on is not None for row in mine),
                )
            )
    return found


def conversations(owner: User) -> int:
    """Talks and meetings with people who could hire the owner; one query."""
    return (
        Participation.objects.filter(
            interaction__owner=owner,
            interaction__kind__in=(Interaction.Kind.TALK, Interaction.Kind.MEETING),
            contact__role_kind=Contact.RoleKind.HIRES,
            contact__trashed_at=None,
        )
        .values("interaction")
        .distinct()
        .count()
    )
