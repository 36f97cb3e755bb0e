"""What the leaders of a group may know of a member's introductions: what the grain allows.

Every function takes the member's ``Consent`` as it stands in this request, and returns words and
numbers, never rows.  People under the shape grain are in no value that leaves here; people who are
hidden are in no count either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.engine.names import fold
from contacts.models import Contact, Interaction
from introductions import words
from introductions.engine import workflow
from introductions.models import Ask, Give, Referral
from introductions.selectors import Standing, standings
from netcrm.groups.models import Grain
from netcrm.groups.selectors import Consent
from netcrm.kit.templatetags.look import initials

if TYPE_CHECKING:
    from netcrm.accounts.models import User

LATELY = timedelta(days=7)
ASKS_OF = timedelta(days=90)  # how far back an ask still waits for a give
INTRODUCERS_OF = timedelta(days=180)
OFTEN = 4  # introductions by one person, at least, before it is worth a word
MOST_REFERRALS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Loops:
    """Introductions of one member in numbers."""

    open: int  # introducers who have not heard how it went
    stalls: int
    closed_lately: int
    made_lately: int
    warm_lately: int  # introduced with a reason
    busiest: int  # introductions by the one introducer who made most
    made: int  # by anybody, in the same span


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedIntroduction:
    """One introduction as a leader may see it: labels are names or initials."""

    introducer: str
    other: str
    state: str
    loop_open: bool
    stall: str  # what would move it, or ""


def label(contact: Contact, grain: Grain) -> str:
    """What a leader reads for a person: the name, initials, or nothing at all."""
    return label_of(contact.name, grain)


def label_of(name: str, grain: Grain) -> str:
    if grain >= Grain.NAMES:
        return name
    return initials(name) if grain >= Grain.SHAPE else ""


def without_name(text: str, contact: Contact, grain: Grain) -> str:
    """A role or an organization as a leader may read it: what is named after the person is not.

    Under the names grain each word of the person's own name is its first letter, and a text that
    still spells the name is nothing at all.

    >>> without_name("Zoe Lind Consulting", Contact(name="Zoe Lind"), Grain.SHAPE)
    'Z. L. Consulting'
    """
    if grain >= Grain.NAMES or not text:
        return text
    called = fold(f"{contact.name} {contact.nickname}").split()
    words = {word for word in called if len(word) > 1}

    def short(found: re.Match[str]) -> str:
        word = found.group()
        plain = fold(word)
        if words.isdisjoint({plain, plain.removesuffix("s"), *plain.split()}):
            return word
        return f"{word[0]}."

    shown = _WORD.sub(short, text)
    whole = fold(contact.name).replace(" ", "")
    spelled = len(whole) > 3 or not whole.isascii()
    return "" if spelled and whole in fold(shown).replace(" ", "") else shown


_WORD = re.compile(r"[\w’'-]+")


def labels(owner: User, consent: Consent, contacts: Collection[UUID]) -> dict[UUID, str]:
    """What a leader reads for each of these people of the member's; one query.

    Whoever is set aside (C6) or in nothing the group sees is not among them.
    """
    rows = Contact.objects.visible_to(owner).reachable().filter(pk__in=contacts).only("name")
    rows = rows.exclude(pk__in=consent.hidden)
    return {row.pk: label(row, consent.of(row.pk)) for row in rows}


def loops(owner: User, consent: Consent, *, today: date) -> Loops:
    """Count the member's introductions, without anybody who is hidden."""
    if not consent.shares:
        raise PermissionError("nothing is shared")
    found = [s for s in standings(owner, today=today) if not _people(s) & consent.hidden]
    since = today - LATELY
    introducers = Counter(
        s.row.introducer_id
        for s in found
        if s.role is workflow.Role.INTRODUCEE
        and s.facts.made_on
        and s.facts.made_on > today - INTRODUCERS_OF
    )
    made = [s for s in found if s.facts.made_on and s.facts.made_on > since]
    return Loops(
        open=sum(s.loop_open for s in found),
        stalls=sum(s.stall is not None for s in found),
        closed_lately=sum(bool(s.facts.looped_on and s.facts.looped_on > since) for s in found),
        made_lately=len(made),
        warm_lately=sum(s.row.with_reason for s in made),
        busiest=max(introducers.values(), default=0),
        made=introducers.total(),
    )


def introductions(owner: User, consent: Consent, *, today: date) -> list[SharedIntroduction]:
    """Introductions under way of which every other person may at least be seen in shape."""
    if not consent.shares:
        raise PermissionError("nothing is shared")
    found = []
    for standing in standings(owner, today=today):
        if standing.state is workflow.State.CLOSED:
            continue
        if any(consent.of(key) < Grain.SHAPE for key in _people(standing)):
            continue
        if any(person.archived_at or person.do_not_contact for person in _others(standing)):
            continue  # set aside, and so in no group's view (C6)
        found.append(_shared(standing, consent))
    return found


def _people(standing: Standing) -> set[UUID]:
    return {person.pk for person in _others(standing)}


def _others(standing: Standing) -> list[Contact]:
    row = standing.row
    people = (row.introducer, row.introducee, row.introduced)
    return [person for person in people if not person.is_self]


def _shared(standing: Standing, consent: Consent) -> SharedIntroduction:
    def name(contact: Contact) -> str:
        return _("them") if contact.is_self else label(contact, consent.of(contact.pk))

    stall = standing.stall
    return SharedIntroduction(
        introducer=name(standing.row.introducer),
        other=name(standing.other),
        state=str(standing.row.get_state_display()),
        loop_open=standing.loop_open,
        stall=words.suggestion(stall.act, name=name(standing.person(stall.at))) if stall else "",
    )


def asks_without_gives(owner: User, consent: Consent, *, today: date) -> int:
    """How many people were asked something lately and given nothing, told nothing, since."""
    asked: dict[UUID, date] = {}
    asks = Ask.objects.visible_to(owner).filter(asked_on__gt=today - ASKS_OF)
    asks = asks.exclude(contact__in=consent.hidden)
    for contact, on in asks.values_list("contact_id", "asked_on"):
        asked[contact] = max(on, asked.get(contact, on))
    if not asked:
        return 0
    answered = set()
    gives = Give.objects.visible_to(owner).filter(by_me=True, contact__in=asked)
    for contact, on in gives.values_list("contact_id", "given_on"):
        if on >= asked[contact]:
            answered.add(contact)
    told = Interaction.objects.visible_to(owner).filter(people__in=asked, reported=True)
    for contact, at in told.values_list("people", "at"):
        if contact in asked and owner.day(at) >= asked[contact]:
            answered.add(contact)
    return len(asked.keys() - answered)


def substances(owner: User, consent: Consent) -> list[int]:
    """How much the last givers put into what they gave, oldest first."""
    rows = Referral.objects.visible_to(owner).exclude(substance=None)
    rows = rows.exclude(giver__in=consent.hidden).exclude(to_contact__in=consent.hidden)
    rows = rows.order_by("-given_on", "-id")
    last = rows.values_list("substance", flat=True)[:MOST_REFERRALS]
    return [given for given in last if given is not None][::-1]


def gives_since(owner: User, consent: Consent, *, since: date) -> int:
    rows = Give.objects.visible_to(owner).filter(by_me=True, given_on__gt=since)
    return rows.exclude(contact__in=consent.hidden).count()
