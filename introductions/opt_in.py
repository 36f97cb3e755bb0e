"""Asking two people before they are introduced: one question to each, and what they answer.

The only mail of introductions that goes to people who are not members.  It names nobody to the
other, is owed like every mail and held when nobody can tell whether it went, and it ends for good
when whoever gets it says so.  Source: docs/decisions/0097-double-opt-in.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.translation import gettext as _

from introductions import selectors, services
from introductions.engine import opt_in, workflow
from introductions.links import Bad, unseal_question
from introductions.models import Introduction, OptIn
from netcrm.accounts.models import User
from netcrm.delivery import services as delivery
from netcrm.delivery.models import Delivery, Objection
from netcrm.kit import facts

if TYPE_CHECKING:
    from contacts.models import Contact

LASTS = timedelta(days=14)
ASKABLE = (workflow.State.WANTED, workflow.State.ASKED, workflow.State.CHECKING)


class Refused(Exception):
    """The questions may not be sent; the message says why and what to do."""


class Gone(Exception):
    """The question no longer holds: it lapsed, was taken back, or has its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one side is asked: where, and what they are told of the other."""

    address: str
    about_other: str


def may_be_asked(introduction: Introduction) -> bool:
    return (
        selectors.role_of(introduction) is workflow.Role.INTRODUCER
        and workflow.State(introduction.state) in ASKABLE
    )


def check(introduction: Introduction, words: Mapping[str, Words]) -> None:
    """Whether both can be asked in these words.

    Raises:
        Refused: an address is none, both are one, somebody objected, or a text names the other.
    """
    row = introduction
    if not may_be_asked(row):
        raise Refused(_("These two can no longer be asked; look at where it stands."))
    if set(words) != set(OptIn.Side.values):
        raise ValueError("two sides are asked, and each once")
    addresses = {said.address.strip().lower() for said in words.values()}
    if len(addresses) < len(words):
        raise Refused(_("Both have the same address. Each has to answer for themselves."))
    for side, said in words.items():
        person, other = _sides(row, side)
        try:
            validate_email(said.address.strip())
        except ValidationError:
            raise Refused(
                _("“%(address)s” is no e-mail address. Give one address for %(name)s.")
                % {"address": said.address, "name": person.short_name}
            ) from None
        if Objection.objects.filter(owner=row.owner, address=said.address.strip().lower()).exists():
            raise Refused(
                _("Whoever has the address of %(name)s asked for no more such mail from you.")
                % {"name": person.short_name}
            )
        if found := opt_in.reveals(said.about_other, name=other.name):
            raise Refused(
                _("What you tell %(name)s gives the other away: %(found)s. Say it without.")
                % {"name": person.short_name, "found": ", ".join(found)}
            )


def _sides(row: Introduction, side: str) -> tuple[Contact, Contact]:
    one, other = row.introducee, row.introduced
    return (one, other) if side == OptIn.Side.INTRODUCEE else (other, one)


def left_today(owner: User, *, at: datetime) -> int:
    """How many more people ``owner`` may have asked now (E08)."""
    allowed = opt_in.allowance(joined_on=owner.day(owner.created_at), on=owner.day(at))
    asked = OptIn.objects.filter(introduction__owner=owner, asked_at__gt=at - timedelta(days=1))
    return max(allowed - asked.count(), 0)


def ask_both(
    *, introduction: Introduction, words: Mapping[str, Words], at: datetime
) -> list[OptIn]:
    """Owe each side its question; asking again ends the older links.

    A side that said yes keeps its answer and is not asked again.

    Raises:
        Refused: see ``check``; or it is too many for one day.
    """
    check(introduction, words)
    with facts.change(introduction.owner, at=at) as changed:
        # The owner's row is the lock under which the day's mails are counted.
        owner = User.objects.select_for_update().get(pk=introduction.owner_id)
        standing = OptIn.objects.standing().filter(introduction=introduction)
        settled = set(standing.filter(answer=OptIn.Answer.YES).values_list("side", flat=True))
        wanted = [side for side in words if side not in settled]
        if left_today(owner, at=at) < len(wanted):
            raise Refused(_("That is enough for one day. Go on tomorrow; nothing was sent."))
        standing.filter(side__in=wanted).update(withdrawn_at=at)
        asked = [_ask(introduction, side, words[side], at=at) for side in wanted]
        for state in (workflow.State.ASKED, workflow.State.CHECKING):
            if workflow.may(workflow.State(introduction.state), state):
                services.move(introduction, to=state, at=at)
        changed.add(introduction.introducee_id, introduction.introduced_id)
    return asked


def _ask(introduction: Introduction, side: str, said: Words, *, at: datetime) -> OptIn:
    row = OptIn.objects.create(
        introduction=introduction,
        side=side,
        address=said.address.strip().lower(),
        about_other=said.about_other,
        nonce=uuid4(),
        asked_at=at,
        expires_at=at + LASTS,
    )
    delivery.owe(
        owner=introduction.owner,
        kind=Delivery.Kind.THIRD_PARTY,
        letter="opt_in",
        about=row.pk,
        recipient=row.address,
        slot=f"opt_in:{row.pk}",
        at=at,
    )
    return row


def take_back(introduction: Introduction, *, at: datetime) -> int:
    """End the questions that wait for an answer; return how many."""
    open_ones = OptIn.objects.standing().filter(
        Q(answer="") | Q(answer=OptIn.Answer.LATER), introduction=introduction
    )
    return open_ones.update(withdrawn_at=at)


def question(token: str, *, at: datetime) -> OptIn:
    """The question a link opens.

    Raises:
        Bad: the link is none of ours, or its question is gone without a trace.
        Gone: it has lapsed, was taken back or replaced.
    """
    said, row = unseal_question(token), reported(token)
    lapsed = row.expires_at <= at and not opt_in.is_final(_answer_of(row))
    if row.nonce != said.nonce or row.withdrawn_at or lapsed or row.introduction.owner.leaves_at:
        raise Gone
    return row


def reported(token: str) -> OptIn:
    """The question a link is about, whether it still holds or not: reporting it never lapses.

    Raises:
        Bad: the link is none of ours, or its question is gone without a trace.
    """
    row = (
        OptIn.objects.filter(
            pk=unseal_question(token).question, introduction__owner__is_active=True
        )
        .select_related("introduction__owner", "introduction__introducer")
        .select_related("introduction__introducee", "introduction__introduced")
        .first()
    )
    if row is None:
        raise Bad("no such question")
    return row


def _answer_of(row: OptIn) -> opt_in.Answer | None:
    return opt_in.Answer(row.answer) if row.answer else None


def answer(row: OptIn, *, answer: str, word: str = "", at: datetime) -> opt_in.Outcome:
    """Take one side's answer, and do what both answers come to.

    *Later* may be changed until the question lapses; *yes* and *no* stand.  Whoever answers first
    of two presses at once is heard, and both sides may answer at the same moment.

    Raises:
        Gone: it has its answer, or no longer holds.
    """
    introduction = row.introduction
    with facts.change(introduction.owner, at=at) as changed:
        # One side at a time: the second to answer sees the first one's answer.
        Introduction.objects.select_for_update().get(pk=introduction.pk)
        open_one = OptIn.objects.standing().filter(
            Q(answer="") | Q(answer=OptIn.Answer.LATER), pk=row.pk, expires_at__gt=at
        )
        if not open_one.update(answer=answer, word=word[:300], answered_at=at):
            raise Gone
        row.refresh_from_db(fields=["answer", "word", "answered_at"])
        introduction.refresh_from_db(fields=["state"])
        both = OptIn.objects.standing().filter(introduction=introduction)
        answers = [_answer_of(one) for one in both]
        answers += [None] * (2 - len(answers))
        came_to = opt_in.outcome(answers)
        _settle(introduction, came_to, at=at)
        changed.add(introduction.introducee_id, introduction.introduced_id)
    return came_to


def _settle(introduction: Introduction, came_to: opt_in.Outcome, *, at: datetime) -> None:
    """Move on what both answers settle, unless the owner has moved it elsewhere meanwhile."""
    if introduction.state != workflow.State.CHECKING:
        return
    if came_to is opt_in.Outcome.AGREED:
        services.move(introduction, to=workflow.State.AGREED, at=at)
        services.promise_to_introduce(introduction, at=at)
    elif came_to is opt_in.Outcome.DECLINED:
        services.move(introduction, to=workflow.State.DECLINED, at=at)
        take_back(introduction, at=at)


def report(row: OptIn, *, detail: str, at: datetime) -> None:
    """Whoever was asked does not want such mail: it ends for good, and the operators hear of it."""
    owner = row.introduction.owner
    delivery.object_to(owner=owner, address=row.address, detail=detail, at=at)
    OptIn.objects.standing().filter(
        Q(answer="") | Q(answer=OptIn.Answer.LATER),
        introduction__owner=owner,
        address=row.address,
    ).update(withdrawn_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One side as the owner sees it: the question, its answer, and whether its mail went.

    ``mail`` is None once it is so old that only counts are kept of it.
    """

    person: Contact
    question: OptIn
    mail: Delivery | None
    lapsed: bool


def standing(introduction: Introduction, *, at: datetime) -> list[Asked]:
    """The questions of an introduction that stand, with their mail; two queries."""
    rows = list(OptIn.objects.standing().filter(introduction=introduction))
    owed = Delivery.objects.visible_to(introduction.owner).filter(about__in=[r.pk for r in rows])
    mails: dict[UUID | None, Delivery] = {mail.about: mail for mail in owed}
    for row in rows:
        row.introduction = introduction
    return [
        Asked(
            person=row.person,
            question=row,
            mail=mails.get(row.pk),
            lapsed=row.expires_at <= at and not opt_in.is_final(_answer_of(row)),
        )
        for row in rows
    ]
