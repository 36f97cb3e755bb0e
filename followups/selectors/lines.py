"""The next step of many people, one line each: what a list shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from contacts.models import Contact, Promise
from followups import why
from followups.models import FollowUp
from followups.selectors.steps import STATE_LOOKS, STATE_WORDS, Names, item_of, soonest
from introductions.models import Introduction, Referral
from netcrm.kit.together import Together

if TYPE_CHECKING:
    from netcrm.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLine:
    """What to do (no full stop), and where the window stands: its word and its look."""

    do: str
    word: str
    look: str


_COLUMNS = (
    "contact",
    "purpose",
    "reason",
    "rule",
    "facts",
    "setting",
    "more",
    "introduction",
    "opens_on",
    "best_on",
    "fades_on",
    "quiet_on",
    "priority",
    "deferred_until",
)
# Of people who were loaded as the owner's: asked for the owner again, SQLite begins with
# everybody of theirs instead of with these few.
_LISTS = Together(
    lambda ask: {
        "rows": FollowUp.objects.open()
        .of_active_people()
        .filter(contact__in=ask.people)
        .only(*_COLUMNS),
        "introductions": Introduction.objects.filter(
            follow_ups__contact__in=ask.people, follow_ups__closed_at=None
        ).with_people(),
        "promises": Promise.objects.open().filter(contact__in=ask.people),
        "referrals": Referral.objects.filter(giver__in=ask.people).select_related(
            "to_contact", "to_organization"
        ),
    }
)


def next_lines(owner: User, people: Iterable[Contact], *, day: dt.date) -> dict[UUID, NextLine]:
    """Return what ``next_by_contact`` puts first, without the reasons, in one query.

    ``people`` are loaded already; nothing is loaded for them again.
    """
    known = {person.pk: person for person in people}
    lists = _LISTS.lists(people=list(known))
    introductions = {row.pk: row for row in lists["introductions"]}
    rows: dict[str, FollowUp] = {}
    for row in lists["rows"]:
        row.contact = known[row.contact_id]
        row.introduction = introductions.get(row.introduction_id)
        rows[str(row.pk)] = row
    items = soonest((item_of(row) for row in rows.values()), day)
    names = Names(
        owner,
        [rows[item.ref] for item in items],
        promises=lists["promises"],
        referrals=lists["referrals"],
    )
    found = {}
    for item in items:
        row, state = rows[item.ref], item.state_on(day)
        found[row.contact_id] = NextLine(
            do=why.do_line(row.purpose, row.facts, people=names.of(row), today=day),
            word=str(STATE_WORDS[state]),
            look=STATE_LOOKS[state],
        )
    return found
