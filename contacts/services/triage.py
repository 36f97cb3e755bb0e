"""Choosing, from a file brought in, the forty people to begin with.

Whoever comes in is parked, so choosing adds and nobody is left to be dealt with: what is said
of a person is a ``Pick``, and the last step gives rings to those kept, all in one change.
Source: ux.md 2.2, docs/decisions/0080-choosing-the-forty.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Length

from contacts.engine import names, triage
from contacts.models import (
    Contact,
    ContactPoint,
    ImportBatch,
    ImportRow,
    Organization,
    Pick,
    Position,
    Ring,
)
from contacts.selectors import matching_text
from netcrm.accounts.models import User
from netcrm.kit import facts

Choice, Step = Pick.Choice, Pick.Step
ENOUGH, LIKELY = triage.ENOUGH, triage.LIKELY
ticked_beforehand = triage.ticked
FOUND_AT_MOST = 8


def candidates(batch: ImportBatch) -> QuerySet[Contact]:
    """People of the file, new or known before, who are parked and may be brought up."""
    known = ImportRow.objects.filter(
        batch=batch,
        action__in=[ImportRow.Action.UPDATE, ImportRow.Action.SAME],
        contact__isnull=False,
    )
    return (
        Contact.objects.visible_to(batch.owner)
        .reachable()
        .filter(Q(batch=batch) | Q(pk__in=known.values("contact")), ring=Ring.D)
    )


def find(batch: ImportBatch, text: str) -> list[Contact]:
    """Whom a few typed letters may mean: names that begin so before others."""
    if not text.strip():
        return []
    kept = batch.picks.filter(choice=Choice.KEEP).values("contact")
    people = candidates(batch).exclude(pk__in=kept)
    found = list(matching_text(batch.owner, people, text).order_by("name_key", "id")[:80])
    start = text.casefold().strip()
    found.sort(key=lambda person: not person.name.casefold().startswith(start))
    return found[:FOUND_AT_MOST]


def pick(*, batch: ImportBatch, contact: Contact, step: Pick.Step, choice: Pick.Choice) -> None:
    """Say of one person whether to keep them; the last word holds."""
    Pick.objects.update_or_create(
        batch=batch, contact=contact, defaults={"step": step, "choice": choice}
    )


def take_back(*, batch: ImportBatch, contact: Contact) -> None:
    """Nothing has been said of this person."""
    Pick.objects.filter(batch=batch, contact=contact).delete()


def keep_inside(*, batch: ImportBatch, shown: Collection[UUID], ticked: Collection[UUID]) -> int:
    """Keep those ticked of the people shown as working at a target; return how many.

    Nothing changes about people who were not on the page.
    """
    there = set(candidates(batch).filter(pk__in=shown).values_list("pk", flat=True))
    mine = batch.picks.filter(step=Step.INSIDE, contact__in=there)
    mine.exclude(contact__in=ticked).delete()
    kept = there & set(ticked)
    Pick.objects.bulk_create(
        [
            Pick(batch=batch, contact_id=pk, step=Step.INSIDE, choice=Choice.KEEP)
            for pk in sorted(kept)
        ],
        ignore_conflicts=True,
    )
    return len(kept)


def finish(
    *, by: User, at: datetime, batch: ImportBatch, rings: Mapping[UUID, Ring]
) -> int:  # fmt: skip
    """Give those kept their rings, in one change; return how many are in use now.

    Who is in ``rings`` without having been kept is left out, and ``Ring.D`` leaves somebody
    parked.  Doing it twice changes nothing the second time.
    """
    kept = set(batch.picks.waiting().values_list("contact", flat=True))
    count = 0
    with facts.change(by, at=at) as changed:
        for ring in (Ring.A, Ring.B, Ring.C):
            mine = [pk for pk, chosen in rings.items() if chosen == ring and pk in kept]
            count += (
                candidates(batch)
                .filter(pk__in=mine)
                .update(ring=ring, version=F("version") + 1, updated_at=at)
            )
            changed.add(*mine)
        left = [pk for pk, chosen in rings.items() if chosen == Ring.D and pk in kept]
        batch.picks.filter(contact__in=left).update(choice=Choice.PARK)
        ImportBatch.objects.filter(pk=batch.pk).update(chosen_at=at)
    return count


def go_to(*, batch: ImportBatch, step: str) -> None:
    """Remember where to go on another day."""
    ImportBatch.objects.filter(pk=batch.pk).update(choosing_at_step=step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A file's people as they may be chosen from: the whole state of the pages."""

    batch: ImportBatch
    situation: triage.Situation
    everybody: tuple[triage.Candidate, ...]  # parked people of the file
    picked: Mapping[UUID, Pick]

    @property
    def inside(self) -> dict[str, tuple[triage.Candidate, ...]]:
        """People at each target; whoever came to mind already is not asked about again."""
        recalled = {pk for pk, said in self.picked.items() if said.step == Step.RECALL}
        return triage.inside(
            (one for one in self.everybody if one.id not in recalled), self.situation.targets
        )

    def likely(self, *, most: int = triage.LIKELY) -> list[triage.Suggestion]:
        """Others to look at who have not been decided on, of the ``most`` likeliest."""
        before = {pk for pk, said in self.picked.items() if said.step != Step.LIKELY}
        shown = triage.likely(
            (one for one in self.everybody if one.id not in before), self.situation, most=most
        )
        return [one for one in shown if one.candidate.id not in self.picked]

    def kept(self) -> list[Kept]:
        """Those kept, in the order they were, each with a ring to begin with."""
        by_key = {one.id: one for one in self.everybody}
        kept = []
        for pk, said in self.picked.items():
            if said.choice == Choice.KEEP and pk in by_key:
                reasons = triage.reasons_for(
                    by_key[pk], self.situation, recalled=said.step == Step.RECALL
                )
                ring = Ring(triage.ring_of(reasons))
                kept.append(Kept(candidate=by_key[pk], reasons=reasons, ring=ring))
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Somebody kept, and the ring suggested for them."""

    candidate: triage.Candidate
    reasons: tuple[triage.Reason, ...]
    ring: Ring


def choosing(
    batch: ImportBatch,
    *,
    today: date,
    named: Iterable[tuple[str, str]] = (),
    only_picked: bool = False,
) -> Choosing:
    """Everything the pages of one file need; seven queries however many people there are.

    Args:
        named: names somebody gave the owner, each with who did.
        only_picked: load nobody else; enough for ``kept``.
    """
    owner = batch.owner
    people = candidates(batch)
    if only_picked:
        people = people.filter(pk__in=batch.picks.values("contact"))
    return Choosing(
        batch=batch,
        situation=triage.Situation(
            today=today,
            targets=list(
                Organization.objects.visible_to(owner).targets().values_list("name", flat=True)
            ),
            employers=_employers_in_use(owner),
            target_line=owner.target_line,
            named={names.fold(name): giver for name, giver in named if names.fold(name)},
        ),
        everybody=tuple(_weighable(people)),
        picked={said.contact_id: said for said in batch.picks.all()},
    )


def _weighable(people: QuerySet[Contact]) -> Iterator[triage.Candidate]:
    there = people.order_by().values("pk")
    reachable = set(
        ContactPoint.objects.filter(contact__in=there)
        .exclude(kind=ContactPoint.Kind.LINK)
        .values_list("contact_id", flat=True)
    )
    tagged = set(
        Contact.tags.through.objects.filter(contact__in=there).values_list("contact_id", flat=True)
    )
    held_now = FilteredRelation("positions", condition=Q(positions__is_current=True))
    seen: set[UUID] = set()
    for pk, name, connected_on, notes, how_met, organization, title in (
        people.order_by()
        .annotate(job=held_now)
        .values_list(
            "pk", "name", "connected_on", Length("notes"), Length("how_met"),
            "job__organization__name", "job__title",
        )
    ):  # fmt: skip
        if pk in seen:
            continue
        seen.add(pk)
        yield triage.Candidate(
            id=pk,
            name=name,
            organization=organization or "",
            title=title or "",
            connected_on=connected_on,
            tagged=pk in tagged,
            noted=bool(notes or how_met),
            reachable=pk in reachable,
        )


def _employers_in_use(owner: User) -> list[str]:
    """Where the people work whom the owner has in use."""
    active = Contact.objects.visible_to(owner).active()
    return list(
        Position.objects.filter(contact__in=active, is_current=True, organization__isnull=False)
        .values_list("organization__name", flat=True)
        .distinct()
    )
