"""The next step of many people, one line each: what a list shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Prefetch

from contacts.models import Contact
from followups import why
from followups.models import FollowUp
from followups.selectors.steps import STATE_LOOKS, STATE_WORDS, Names, next_items
from introductions.models import Introduction

if TYPE_CHECKING:
    from netcrm.accounts.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLine:
    """What to do (no full stop), and where the window stands: its word and its look."""

    do: str
    word: str
    look: str


def next_lines(owner: User, people: Iterable[Contact], *, day: dt.date) -> dict[UUID, NextLine]:
    """Return what ``next_by_contact`` puts first, without the reasons, in a few queries.

    ``people`` are loaded already; nothing is loaded for them again.
    """
    known = {person.pk: person for person in people}
    items = {item.ref: item for item in next_items(owner, known, day=day)}
    rows = list(
        FollowUp.objects.filter(pk__in=items)
        .only("contact", "purpose", "reason", "rule", "facts", "setting", "more", "introduction")
        .prefetch_related(Prefetch("introduction", Introduction.objects.with_people()))
    )
    for row in rows:
        row.contact = known[row.contact_id]
    names = Names(owner, rows)
    found = {}
    for row in rows:
        state = items[str(row.pk)].window.state_on(day)
        found[row.contact_id] = NextLine(
            do=why.do_line(row.purpose, row.facts, people=names.of(row), today=day),
            word=str(STATE_WORDS[state]),
            look=STATE_LOOKS[state],
        )
    return found
