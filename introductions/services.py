"""What changes introductions, and what passes between people because of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contacts import services as people
from contacts.models import Contact, Interaction, Organization
from introductions import selectors
from introductions.engine import readiness, trust, workflow
from introductions.engine.days import add_business_days
from introductions.engine.note import Lines
from introductions.models import (
    Ask,
    ForwardNote,
    Give,
    Introduction,
    IntroductionEvent,
    Opportunity,
    Referral,
    TrustOverride,
    TrustState,
)
from netcrm.kit import facts
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User


class IllegalMove(Exception):
    """The introduction may not go there from where it is; the message says what it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is known of the ask when an introduction is asked for."""

    wording: str = ""
    readiness: str = ""
    overridden: bool = False
    interaction: Interaction | None = None


def record_introduction(
    *,
    owner: User,
    introducer: Contact,
    introducee: Contact,
    introduced: Contact,
    state: str,
    at: datetime,
    medium: str = "",
    reason: str = "",
    load_reason: str = "",
    asked: Asked | None = None,
) -> Introduction:
    """Write down an introduction that is wanted, under way or made.

    One that was asked for is an ask as well; one the owner made is a give to both.

    Args:
        at: when it came to ``state``.  For a day gone by, open a ``facts.change`` of now around
            this, or trust and plans are settled as they were then.
        load_reason: why one more request to a busy introducer is right.
        asked: what is known of the ask, where ``state`` is *asked*.

    Raises:
        ValueError: the three are not three different people of ``owner``.
        IllegalMove: no introduction begins in ``state``.
    """
    first = workflow.State(state)
    three = (introducer, introducee, introduced)
    if len({person.pk for person in three}) < 3:
        raise ValueError(_("An introduction needs three different people."))
    if any(person.owner_id != owner.pk for person in three):
        raise ValueError("an introduction is between people of one owner")
    if not workflow.may(None, first):
        raise IllegalMove(_("An introduction cannot begin there."))
    with facts.change(owner, at=at) as changed:
        row = Introduction.objects.create(
            owner=owner,
            introducer=introducer,
            introducee=introducee,
            introduced=introduced,
            state=first,
            state_at=at,
            medium=medium,
            reason=reason,
            with_reason=bool(reason),
            load_reason=load_reason[:300],
            made_at=at if first is workflow.State.MADE else None,
        )
        IntroductionEvent.objects.create(introduction=row, state=first, at=at)
        _entered(row, first, at=at, asked=asked or Asked())
        changed.add(*(person.pk for person in three))
    return row


def move(
    introduction: Introduction,
    *,
    to: str,
    at: datetime,
    outcome: workflow.Outcome | None = None,
    note: str = "",
    load_reason: str = "",
    asked: Asked | None = None,
) -> None:
    """Take an introduction one step on.  The row is moved by whoever comes first.

    Asking for it is an ask, its answer follows from where it goes, and one that the owner makes
    is a give to both: whoever marks it, nothing is entered twice.

    Raises:
        IllegalMove: the step is not in the table, or somebody else moved it meanwhile.
    """
    old, to = workflow.State(introduction.state), workflow.State(to)
    if not workflow.may(old, to):
        raise IllegalMove(
            _("“%(old)s” cannot become “%(new)s”.")
            % {
                "old": Introduction.State(old).label,
                "new": Introduction.State(to).label,
            }
        )
    if to is workflow.State.CLOSED and (outcome is None or not workflow.may_close(old, outcome)):
        raise IllegalMove(_("Say how it ended, with one of the endings offered."))
    values: dict[str, object] = {
        "state": to,
        "state_at": at,
        "outcome": outcome if to is workflow.State.CLOSED else "",
        "nudged_at": None,
    }
    if load_reason:
        values["load_reason"] = load_reason[:300]
    if to is workflow.State.MADE:
        values["made_at"] = at
    with facts.change(introduction.owner, at=at) as changed:
        moved = Introduction.objects.filter(pk=introduction.pk, state=old).update(**values)
        if not moved:
            raise IllegalMove(_("This introduction has just changed. Look again."))
        IntroductionEvent.objects.create(
            introduction=introduction, state=to, at=at, note=note[:500]
        )
        _entered(introduction, to, at=at, asked=asked or Asked())
        changed.add(
            introduction.introducer_id, introduction.introducee_id, introduction.introduced_id
        )
    introduction.refresh_from_db()


def note_nudge(introduction: Introduction, *, at: datetime) -> None:
    """Remember the one reminder sent to whoever the introduction waits for."""
    with facts.change(introduction.owner, at=at) as changed:
        Introduction.objects.filter(pk=introduction.pk).update(nudged_at=at)
        changed.add(introduction.introducer_id, introduction.introduced_id)
    introduction.nudged_at = at


# What the introducer's doing answers, by the state it leads to.
_ANSWERS = {
    workflow.State.AGREED: readiness.Answer.YES,
    workflow.State.MADE: readiness.Answer.YES,
    workflow.State.DECLINED: readiness.Answer.NO,
    workflow.State.NO_ANSWER: readiness.Answer.NONE,
}


def _entered(row: Introduction, state: workflow.State, *, at: datetime, asked: Asked) -> None:
    """What coming into ``state`` writes down besides: an ask, its answer, a give to both."""
    day = row.owner.day(at)
    role = selectors.role_of(row)
    if role is workflow.Role.INTRODUCER and state is workflow.State.MADE:
        for person, other in (
            (row.introducee, row.introduced),
            (row.introduced, row.introducee),
        ):
            Give.objects.get_or_create(
                contact=person,
                introduction=row,
                defaults={
                    "kind": Give.Kind.INTRODUCTION,
                    "given_on": day,
                    "note": _("Introduced to %(name)s") % {"name": other.name},
                },
            )
    if row.promise and state in (
        workflow.State.MADE,
        workflow.State.DECLINED,
        workflow.State.CLOSED,
    ):
        kept = state is workflow.State.MADE
        people.close_promise(by=row.owner, at=at, promise=row.promise, kept=kept)
    if role is not workflow.Role.INTRODUCEE:
        return
    if state is workflow.State.ASKED:
        Ask.objects.get_or_create(
            introduction=row,
            defaults={
                "contact": row.introducer,
                "rung": Ask.Rung.INTRODUCTION,
                "about": row.introduced,
                "asked_on": day,
                "wording": asked.wording[:5_000],
                "readiness": asked.readiness,
                "overridden": asked.overridden,
                "interaction": asked.interaction,
            },
        )
    elif answer := _ANSWERS.get(state):
        for ask in Ask.objects.filter(introduction=row, answer=""):
            answer_ask(
                ask,
                answer=answer,
                on=day,
                at=at,
                not_before=readiness.ask_again_on(answer, asked_on=ask.asked_on),
            )


INTRODUCE_WITHIN = 2  # business days after both said yes


def promise_to_introduce(introduction: Introduction, *, at: datetime) -> None:
    """Both said yes and wait for the owner's word: that is a promise, and Today shows it."""
    row = introduction
    promise = people.add_promise(
        by=row.owner,
        at=at,
        contact=row.introducee,
        text=_("Introduce %(one)s and %(other)s; both said yes")
        % {"one": row.introducee.name, "other": row.introduced.name},
        due_on=add_business_days(row.owner.day(at), INTRODUCE_WITHIN),
    )
    Introduction.objects.filter(pk=row.pk).update(promise=promise)
    row.promise = promise


NOTE_LINES = tuple(field.name for field in fields(Lines))


def save_note(introduction: Introduction, *, subject: str, lines: Lines, at: datetime) -> None:
    """Keep the forwardable note; nothing is planned from it, and nothing is sent."""
    said = {name: getattr(lines, name) for name in NOTE_LINES}
    ForwardNote.objects.update_or_create(
        introduction=introduction, defaults={"subject": subject, "saved_at": at, **said}
    )


def record_referral(
    *,
    giver: Contact,
    at: datetime,
    given_on: date,
    substance: int | None = None,
    to_contact: Contact | None = None,
    to_name: str = "",
    to_organization: Organization | None = None,
    introduction: Introduction | None = None,
    interaction: Interaction | None = None,
    note: str = "",
) -> Referral:
    """Write down what somebody gave, with the step their trust had reached by then."""
    with facts.change(giver.owner, at=at) as changed:
        evidence = selectors.evidence_by_contact(giver.owner, [giver.pk])
        row = Referral.objects.create(
            giver=giver,
            giver_step=trust.step(evidence.get(giver.pk, ()), at=given_on).level,
            given_on=given_on,
            substance=substance,
            to_contact=to_contact,
            to_name=to_name,
            to_organization=to_organization,
            introduction=introduction,
            interaction=interaction,
            note=note,
        )
        changed.add(giver.pk, *((to_contact.pk,) if to_contact else ()))
    return row


def grade_referral(referral: Referral, *, substance: int, at: datetime) -> None:
    """Say how much the giver put into it."""
    with facts.change(referral.giver.owner, at=at) as changed:
        Referral.objects.filter(pk=referral.pk).update(substance=substance)
        changed.add(referral.giver_id)
    referral.substance = substance


def use_referral(referral: Referral, *, on: date, at: datetime) -> None:
    """The owner has acted on it; a second time changes nothing."""
    with facts.change(referral.giver.owner, at=at) as changed:
        if Referral.objects.filter(pk=referral.pk, used_on=None).update(used_on=on):
            changed.add(referral.giver_id)
    referral.refresh_from_db(fields=["used_on"])


def unuse_referral(referral: Referral, *, at: datetime) -> None:
    """Take back that the owner has acted on it."""
    with facts.change(referral.giver.owner, at=at) as changed:
        if Referral.objects.filter(pk=referral.pk).exclude(used_on=None).update(used_on=None):
            changed.add(referral.giver_id)
    referral.refresh_from_db(fields=["used_on"])


def record_ask(
    *,
    contact: Contact,
    rung: int,
    asked_on: date,
    at: datetime,
    wording: str = "",
    about: Contact | None = None,
    readiness: str = "",
    overridden: bool = False,
    interaction: Interaction | None = None,
) -> Ask:
    with facts.change(contact.owner, at=at) as changed:
        row = Ask.objects.create(
            contact=contact,
            rung=rung,
            asked_on=asked_on,
            wording=wording,
            about=about,
            readiness=readiness,
            overridden=overridden,
            interaction=interaction,
        )
        changed.add(contact.pk)
    return row


def answer_ask(
    ask: Ask, *, answer: str, on: date, at: datetime, not_before: date | None = None
) -> None:
    with facts.change(ask.contact.owner, at=at) as changed:
        Ask.objects.filter(pk=ask.pk).update(answer=answer, answered_on=on, not_before=not_before)
        changed.add(ask.contact_id)
    ask.refresh_from_db()


def record_give(
    *,
    contact: Contact,
    kind: str,
    given_on: date,
    at: datetime,
    by_me: bool = True,
    note: str = "",
    interaction: Interaction | None = None,
) -> Give:
    with facts.change(contact.owner, at=at) as changed:
        row = Give.objects.create(
            contact=contact,
            kind=kind,
            given_on=given_on,
            by_me=by_me,
            note=note[:500],
            interaction=interaction,
        )
        changed.add(contact.pk)
    return row


def override_trust(contact: Contact, *, step: int, reason: str, at: datetime) -> TrustOverride:
    """Put the owner's own judgement, with its reason, in place of what the events say."""
    with facts.change(contact.owner, at=at) as changed:
        TrustOverride.objects.filter(contact=contact, ended_at=None).update(ended_at=at)
        row = TrustOverride.objects.create(contact=contact, step=step, reason=reason, at=at)
        changed.add(contact.pk)
    return row


def lift_override(contact: Contact, *, at: datetime) -> None:
    """Let the events speak again."""
    with facts.change(contact.owner, at=at) as changed:
        if TrustOverride.objects.filter(contact=contact, ended_at=None).update(ended_at=at):
            changed.add(contact.pk)


def _lists_of_trust(ask: Any) -> dict[str, QuerySet[Any, Any]]:
    people = Contact.objects.filter(owner=ask.owner, is_self=False)
    if ask.people is not None:
        people = people.filter(pk__in=ask.people)
    return {
        "people": people.values_list("pk"),
        "stored": TrustState.objects.filter(contact__in=people),
        **selectors.lists_of_evidence(ask),
    }


_OF_TRUST = Together(_lists_of_trust)


def settle_trust(owner: User, *, contacts: Collection[UUID] | None, at: datetime) -> int:
    """Make the stored steps match the evidence; return how many rows had to change.

    Idempotent; unchanged rows are not written.  ``contacts`` None means everyone.
    """
    people = None if contacts is None else list(contacts)
    lists = _OF_TRUST.lists(owner=owner.pk, people=people)
    evidence = selectors.evidence_from(owner, lists)
    stored = {row.pk: row for row in lists["stored"]}
    today = owner.day(at)
    changed = []
    for (key,) in lists["people"]:
        events = evidence.get(key)
        old = stored.get(key)
        if not events and old is None:
            continue
        row = _trust_row(key, trust.step(events or (), at=today))
        if old is None or any(getattr(row, one) != getattr(old, one) for one in _TRUST_FIELDS):
            changed.append(row)
    TrustState.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["contact"],
        update_fields=_TRUST_FIELDS,
        batch_size=500,
    )
    return len(changed)


_TRUST_FIELDS = [field.name for field in TrustState._meta.concrete_fields if not field.primary_key]


def _trust_row(contact: UUID, step: trust.Step) -> TrustState:
    return TrustState(
        contact_id=contact,
        level=step.level,
        earned=step.earned,
        since_on=step.since,
        reason=step.reasons[0].code,
        facts=_plain(step.reasons[0]),
        next_code=step.next.code,
        next_facts=_plain(step.next),
        slipped=step.slipped,
        overridden=step.overridden,
    )


def _plain(reason: trust.Reason) -> dict[str, str | int]:
    """Facts as JSON keeps them: days as ISO 8601."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in reason.facts.items()
    }


def add_target(*, by: User, name: str, interest: str = "") -> Organization:
    """Put an organization on the list of targets, made if there is none of that name."""
    row = people.get_or_make_organization(by, name)
    if row is None:
        raise ValueError("an organization needs a name")
    Organization.objects.filter(pk=row.pk).update(is_target=True, interest=interest or row.interest)
    row.refresh_from_db()
    return row


def drop_target(organization: Organization) -> None:
    """Take it off the list; everybody there stays."""
    Organization.objects.filter(pk=organization.pk).update(is_target=False)


def add_opportunity(
    *,
    by: User,
    at: datetime,
    role: str,
    organization: Organization | None,
    through: Contact | None = None,
    **said: Unpack[Said],
) -> Opportunity:
    """Write down a role; ``through`` nobody means that it was found cold."""
    if organization is None:
        raise ValueError("an opportunity is at an organization")
    with facts.change(by, at=at) as changed:
        people = said.pop("people", [])
        row = Opportunity.objects.create(
            owner=by,
            organization=organization,
            role=role,
            through=through,
            stage_on=by.day(at),
            **said,
        )
        row.people.set(people)
        changed.add(*_concerned(row))
    return row


class Said(TypedDict, total=False):
    """What else is known of an opportunity."""

    link: str
    notes: str
    next_action: str
    next_action_on: date | None
    replied_on: date | None
    interviewed_on: date | None
    offered_on: date | None
    people: Sequence[Contact]


def edit_opportunity(
    opportunity: Opportunity,
    *,
    at: datetime,
    role: str,
    organization: Organization,
    through: Contact | None,
    **said: Unpack[Said],
) -> None:
    """Put right what is written down; the stage is moved by ``move_opportunity``."""
    with facts.change(opportunity.owner, at=at) as changed:
        changed.add(*_concerned(opportunity))
        people = said.pop("people", None)
        for name, value in {
            "role": role,
            "organization": organization,
            "through": through,
            **said,
        }.items():
            setattr(opportunity, name, value)
        opportunity.save()
        if people is not None:
            opportunity.people.set(people)
        changed.add(*_concerned(opportunity))


def drop_opportunity(opportunity: Opportunity, *, at: datetime) -> None:
    """Take it off the plan for good; nobody is taken off with it."""
    with facts.change(opportunity.owner, at=at) as changed:
        changed.add(*_concerned(opportunity))
        opportunity.delete()


def _concerned(opportunity: Opportunity) -> list[UUID]:
    return [opportunity.through_id] if opportunity.through_id else []


# The stage that shows each milestone; a later stage implies the earlier ones.
_MILESTONES = (
    ("replied_on", ("replied", "interview", "offer", "accepted")),
    ("interviewed_on", ("interview", "offer", "accepted")),
    ("offered_on", ("offer", "accepted")),
)


def move_opportunity(opportunity: Opportunity, *, stage: str, at: datetime) -> None:
    """Move it to ``stage``; the day a milestone is first reached is kept.

    Whoever it came through hears of an interview or an offer, and everybody up that chain.
    """
    with facts.change(opportunity.owner, at=at) as changed:
        day = opportunity.owner.day(at)
        opportunity.stage, opportunity.stage_on = stage, day
        for field, stages in _MILESTONES:
            if stage in stages and getattr(opportunity, field) is None:
                setattr(opportunity, field, day)
        opportunity.save(
            update_fields=["stage", "stage_on", "replied_on", "interviewed_on", "offered_on"]
        )
        changed.add(*_concerned(opportunity))
