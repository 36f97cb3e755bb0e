"""Who helped towards a landing, whether they have been thanked, and what the search was."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

from contacts.models import Contact, Interaction, Participation
from introductions import selectors, targets
from introductions.engine import landed
from introductions.engine.landed import Help, Kind
from introductions.models import (
    Ask,
    Give,
    Introduction,
    Landing,
    Opportunity,
    Referral,
    ThankYou,
)

if TYPE_CHECKING:
    from netcrm.accounts.models import User

_ADVICE = (Give.Kind.INFORMATION, Give.Kind.FEEDBACK)
_LIGHT_RUNGS = (Ask.Rung.ADVICE, Ask.Rung.INFORMATION, Ask.Rung.SECOND_LOOK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanked:
    """The word of thanks that was logged: when, and which exchange it was."""

    on: date
    interaction: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Somebody to thank, as the page shows them."""

    person: Contact
    helper: landed.Helper
    thanked: Thanked | None
    draft: str
    left_out: bool

    @property
    def first(self) -> bool:
        """Whether they stand on the chain to the offer."""
        return self.helper.winning is not None

    @property
    def waiting(self) -> bool:
        return self.thanked is None and not self.left_out


def current(owner: User) -> Landing | None:
    found = Landing.objects.visible_to(owner).current()
    landing = found.select_related("opportunity__organization", "opportunity__through").first()
    if landing is not None:
        landing.owner = owner
    return landing


def who_helped(landing: Landing) -> list[Row]:
    """Everybody on any path or give who may be written to, in the order of thanking."""
    owner = landing.owner
    helpers = _helpers(owner, landing.opportunity)
    people = {
        row.pk: row
        for row in Contact.objects.visible_to(owner)
        .reachable()
        .filter(pk__in=[helper.person for helper in helpers])
    }
    kept = {row.contact_id: row for row in ThankYou.objects.filter(landing=landing)}
    done = thanked(owner, people, since_on=landing.landed_on)
    return [
        Row(
            person=people[key],
            helper=helper,
            thanked=done.get(key),
            draft=kept[key].draft if key in kept else "",
            left_out=key in kept and kept[key].left_out,
        )
        for helper in helpers
        if (key := _key(helper)) in people
    ]


def helped(landing: Landing) -> frozenset[UUID]:
    """Everybody who helped towards a landing loaded with ``current``."""
    return frozenset(map(_key, _helpers(landing.owner, landing.opportunity)))


def thanked(owner: User, people: Collection[UUID], *, since_on: date) -> dict[UUID, Thanked]:
    """Whom the owner has thanked since that day, and in which exchange; one query."""
    rows = Participation.objects.filter(
        interaction__owner=owner,
        interaction__thanked=True,
        interaction__direction__in=(Interaction.Direction.OUT, Interaction.Direction.BOTH),
        contact__in=people,
    ).order_by("interaction__at", "interaction_id")
    found: dict[UUID, Thanked] = {}
    for contact, interaction, at in rows.values_list(
        "contact_id", "interaction_id", "interaction__at"
    ):
        on = owner.day(at)
        if on >= since_on:
            found.setdefault(contact, Thanked(on=on, interaction=interaction))
    return found


def _key(helper: landed.Helper) -> UUID:
    return cast(UUID, helper.person)


def _helpers(owner: User, opportunity: Opportunity) -> tuple[landed.Helper, ...]:
    introductions = list(Introduction.objects.visible_to(owner).with_people().happened())
    chain: tuple[UUID, ...] = ()
    if opportunity.through_id:
        up = selectors.web(owner, introductions).introducers_up(opportunity.through_id)
        chain = (opportunity.through_id, *cast(tuple[UUID, ...], up))
    return landed.helpers(_helps(owner, opportunity, introductions, chain), winning=chain)


def _helps(
    owner: User,
    opportunity: Opportunity,
    introductions: Collection[Introduction],
    chain: tuple[UUID, ...],
) -> Iterator[Help]:
    for place, person in enumerate(chain):
        kind = Kind.ON_THE_WAY if place else Kind.OFFER
        yield Help(
            person=person,
            kind=kind,
            on=opportunity.stage_on,
            other=opportunity.organization.name,
        )
    for row in introductions:
        if row.made_at is None or not (row.introducee.is_self or row.introduced.is_self):
            continue
        on = owner.day(row.made_at)
        met = row.introduced if row.introducee.is_self else row.introducee
        yield Help(person=row.introducer_id, kind=Kind.INTRODUCED, on=on, other=met.short_name)
        yield Help(person=met.pk, kind=Kind.MET, on=on, other=row.introducer.short_name)
    others = Opportunity.objects.visible_to(owner).exclude(pk=opportunity.pk)
    for role in others.exclude(through=None).select_related("organization"):
        if role.through_id:
            yield Help(
                person=role.through_id,
                kind=Kind.OPENING,
                on=role.stage_on,
                other=role.organization.name,
            )
    referrals = Referral.objects.visible_to(owner)
    for given in referrals.select_related("to_contact", "to_organization"):
        useful = (given.substance or 0) >= landed.OPENS_A_DOOR
        yield Help(
            person=given.giver_id,
            kind=Kind.REFERRED if useful else Kind.NAMED,
            on=given.given_on,
            other=str(given),
        )
    for ask in Ask.objects.visible_to(owner).filter(answer=Ask.Answer.YES, rung__in=_LIGHT_RUNGS):
        yield Help(person=ask.contact_id, kind=Kind.ADVISED, on=ask.answered_on or ask.asked_on)
    exchanges = Participation.objects.filter(interaction__owner=owner, interaction__is_give=True)
    for person, direction, at in exchanges.values_list(
        "contact_id", "interaction__direction", "interaction__at"
    ):
        kind = Kind.GAVE if direction == Interaction.Direction.IN else Kind.RECEIVED
        yield Help(person=person, kind=kind, on=owner.day(at))
    for give in Give.objects.visible_to(owner):
        kind = Kind.GAVE
        if give.by_me:
            kind = Kind.RECEIVED
        elif give.kind in _ADVICE:
            kind = Kind.ADVISED
        yield Help(person=give.contact_id, kind=kind, on=give.given_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The search in a few numbers, none of them a judgement."""

    began_on: date | None  # the first thing that was logged
    weeks: int
    people_met: int  # through an introduction
    conversations: int
    introductions: int
    gives: int
    opportunities: list[targets.BySource]


def summary(landing: Landing) -> Summary:
    """What the search was, from its first entry to the day of landing; six queries."""
    owner = landing.owner
    exchanges = Interaction.objects.visible_to(owner).counting()
    over = owner.begin_of(landing.landed_on + timedelta(days=1))
    moments = exchanges.filter(at__lt=over)
    first = moments.order_by("at").values_list("at", flat=True).first()
    began_on = owner.day(first) if first else None
    made = [
        row
        for row in Introduction.objects.visible_to(owner).with_people().happened()
        if row.introducee.is_self or row.introduced.is_self
    ]
    talks = (Interaction.Kind.TALK, Interaction.Kind.MEETING)
    return Summary(
        began_on=began_on,
        weeks=max(1, -(-(landing.landed_on - began_on).days // 7)) if began_on else 0,
        people_met=len(
            {row.introduced_id if row.introducee.is_self else row.introducee_id for row in made}
        ),
        conversations=moments.filter(kind__in=talks).count(),
        introductions=len(made),
        gives=Give.objects.visible_to(owner).filter(by_me=True, interaction=None).count()
        + moments.filter(is_give=True).exclude(direction=Interaction.Direction.IN).count(),
        opportunities=targets.by_source(list(Opportunity.objects.visible_to(owner))),
    )
