"""Giving when one feels one has nothing: ideas, matches, and a memory that is not a balance.

Source: docs/decisions/0027-gives.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import log

from introductions.engine.words import topics


def gettext_noop(text: str) -> str:
    """Marks a sentence for the translators; Django's own function is not for engines."""
    return text


class Kind(StrEnum):
    INTRODUCTION = "introduction"
    REFERRAL = "referral"
    INFORMATION = "information"
    FEEDBACK = "feedback"
    TIME = "time"
    THANKS = "thanks"
    PRAISE = "praise"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """Something to give that needs neither money nor standing.

    ``fits`` are topic words; an idea without any fits everybody.  ``minutes`` is a rough effort.
    """

    key: str
    kind: Kind
    text: str
    minutes: int
    fits: frozenset[str] = frozenset()


def _idea(key: str, kind: Kind, minutes: int, text: str, fits: str = "") -> Idea:
    return Idea(key=key, kind=kind, text=text, minutes=minutes, fits=topics(fits))


_ = gettext_noop
IDEAS: tuple[Idea, ...] = (
    _idea(
        "report", Kind.THANKS, 5, _("Tell them what you did with their advice, and what happened.")
    ),
    _idea(
        "name_credit",
        Kind.THANKS,
        5,
        _("Tell somebody they respect how they helped you, and let them know that you did."),
    ),
    _idea(
        "handwritten",
        Kind.THANKS,
        10,
        _("Post a short handwritten card about the one thing that stayed with you."),
    ),
    _idea(
        "remember_date",
        Kind.THANKS,
        3,
        _("Wish them luck on the day of something they told you about."),
        "launch exam move wedding talk race audit deadline holiday interview",
    ),
    _idea(
        "public_thanks",
        Kind.PRAISE,
        10,
        _("Thank them in public, by name, for something exact they did."),
        "award post blog team volunteer community",
    ),
    _idea(
        "recommend",
        Kind.PRAISE,
        15,
        _("Write them a recommendation for something you saw them do."),
        "profile recruiting team mentor teaching course",
    ),
    _idea(
        "review",
        Kind.PRAISE,
        10,
        _("Leave an honest review of what they made or sell."),
        "shop book restaurant app podcast product business startup",
    ),
    _idea(
        "article",
        Kind.INFORMATION,
        10,
        _("Send one article on a problem they mentioned, with the line that matters."),
        "problem research trend market strategy rules regulation",
    ),
    _idea(
        "numbers",
        Kind.INFORMATION,
        20,
        _("Look up one figure they wished they had, and send it with its source."),
        "price cost salary market figures benchmark budget survey data",
    ),
    _idea(
        "event",
        Kind.INFORMATION,
        5,
        _("Tell them about a talk or a meeting that fits what they are working on."),
        "conference talk meetup event speaker training learning",
    ),
    _idea(
        "tool",
        Kind.INFORMATION,
        10,
        _("Show them a tool that saved you time at something they find tedious."),
        "software spreadsheet tool payroll planning scheduling automation report",
    ),
    _idea(
        "vacancy_for_them",
        Kind.REFERRAL,
        5,
        _("Pass on an opening that does not fit you and may fit somebody they know."),
        "hiring vacancy recruiting team role candidate job",
    ),
    _idea(
        "candidate",
        Kind.REFERRAL,
        10,
        _("Name a good person for a place they are trying to fill, once that person agrees."),
        "hiring vacancy recruiting team role candidate staff",
    ),
    _idea(
        "customer",
        Kind.REFERRAL,
        10,
        _("Mention their work to somebody who could become their customer."),
        "sales client customer business freelance startup shop",
    ),
    _idea(
        "supplier",
        Kind.REFERRAL,
        5,
        _("Recommend somebody reliable for a job they need done."),
        "builder plumber designer lawyer accountant translator repair moving house",
    ),
    _idea(
        "connect_two",
        Kind.INTRODUCTION,
        15,
        _("Introduce them to one of your people who works on the same thing, after asking both."),
    ),
    _idea(
        "connect_newcomer",
        Kind.INTRODUCTION,
        15,
        _("Put them in touch with somebody who knows the place they are new to."),
        "move city country school start new language",
    ),
    _idea(
        "proofread",
        Kind.FEEDBACK,
        30,
        _("Offer to read something before they send it out."),
        "writing report article talk presentation slides proposal book application",
    ),
    _idea(
        "test_drive",
        Kind.FEEDBACK,
        30,
        _("Try what they built as a newcomer would, and write down where you got stuck."),
        "app website product prototype shop course form launch",
    ),
    _idea(
        "rehearse",
        Kind.FEEDBACK,
        30,
        _("Be the audience for a rehearsal of their talk or pitch."),
        "talk pitch presentation interview speech lecture",
    ),
    _idea(
        "young_person",
        Kind.TIME,
        30,
        _("Offer their son, daughter or trainee a talk about your trade."),
        "daughter son child student school apprentice trainee college",
    ),
    _idea(
        "hour",
        Kind.TIME,
        60,
        _("Give an hour at something they organise."),
        "volunteer charity community event parish club school fundraiser",
    ),
    _idea(
        "skill_hour",
        Kind.TIME,
        60,
        _("Do one small thing in your own trade for them."),
        "spreadsheet website translation photo repair design budget contract garden",
    ),
    _idea(
        "cover",
        Kind.TIME,
        45,
        _("Take a small errand off them in a hard week."),
        "ill illness move baby family deadline busy travel",
    ),
    _idea(
        "notes",
        Kind.INFORMATION,
        20,
        _("Share your notes from a talk or a course they could not go to."),
        "conference course training talk webinar workshop",
    ),
    _idea(
        "book",
        Kind.OTHER,
        5,
        _("Lend them the book you kept thinking of while they talked."),
        "book reading history leadership design psychology",
    ),
    _idea(
        "recall",
        Kind.OTHER,
        5,
        _("Ask how the thing they worried about turned out, and want nothing."),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something the person said or is tagged with, as the owner wrote it down."""

    text: str
    on: date | None = None
    ref: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An idea with the word that brought it up, and when they said it; no word: fits everybody."""

    idea: Idea
    topic: str = ""
    on: date | None = None
    ref: Hashable = None


def suggest(
    said: Iterable[Said],
    *,
    ideas: Iterable[Idea] = IDEAS,
    done: Collection[str] = (),
    most: int = 5,
) -> tuple[Suggestion, ...]:
    """Ideas for one person: those that meet their own words first, then those that fit everybody.

    More shared words come first, then what was said last, then the smaller effort.  ``done`` are
    the keys of ideas given to them already.  Same facts, same list.
    """
    heard = [(s, topics(s.text)) for s in said]
    matched: list[tuple[tuple[int, int, int, str], Suggestion]] = []
    general: list[Suggestion] = []
    for idea in ideas:
        if idea.key in done:
            continue
        shared = [(s, words & idea.fits) for s, words in heard if words & idea.fits]
        if shared:
            last, words = max(shared, key=lambda x: (x[0].on or date.min, len(x[1]), x[0].text))
            union = frozenset().union(*(w for _, w in shared))
            when = -(last.on or date.min).toordinal()
            key = (-len(union), when, idea.minutes, idea.key)
            matched.append((key, Suggestion(idea=idea, topic=min(words), on=last.on, ref=last.ref)))
        elif not idea.fits:
            general.append(Suggestion(idea=idea))
    matched.sort(key=lambda pair: pair[0])
    return tuple([s for _, s in matched] + general)[:most]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One need or one offer of one of the owner's people."""

    person: Hashable
    text: str
    on: date | None = None
    ref: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """``offer`` may answer ``need``; ``topic`` is the rarest word they share."""

    need: Wish
    offer: Wish
    topic: str
    shared: frozenset[str]


def who_could_use_whom(
    needs: Iterable[Wish],
    offers: Iterable[Wish],
    *,
    acquainted: Collection[frozenset[Hashable]] = frozenset(),
    most: int = 10,
) -> tuple[Match, ...]:
    """Pairs of the owner's people worth introducing, rarest shared words first.

    A word shared by few people says more than one that many use (inverse document frequency,
    Spärck Jones 1972).  Each pair appears once, with its best match; people who already know each
    other (``acquainted``) and a person's own offer are left out.
    """
    wants, has = list(needs), list(offers)
    holders: dict[str, list[int]] = {}
    for n, offer in enumerate(has):
        for word in topics(offer.text):
            holders.setdefault(word, []).append(n)
    spread = Counter(word for wish in wants + has for word in topics(wish.text))
    total = len(wants) + len(has)
    best: dict[frozenset[Hashable], tuple[float, Match]] = {}
    for need in wants:
        shared: dict[int, set[str]] = {}
        for word in topics(need.text):
            for n in holders.get(word, ()):
                shared.setdefault(n, set()).add(word)
        for n, words in sorted(shared.items()):
            offer = has[n]
            pair = frozenset({need.person, offer.person})
            if len(pair) < 2 or pair in acquainted:
                continue
            weight = sum(log(1 + total / spread[word]) for word in sorted(words))
            topic = min(words, key=lambda word: (spread[word], word))
            match = Match(need=need, offer=offer, topic=topic, shared=frozenset(words))
            if pair not in best or weight > best[pair][0]:
                best[pair] = (weight, match)
    ranked = sorted(best.values(), key=lambda found: -found[0])
    return tuple(match for _, match in ranked[:most])


class Effort(StrEnum):
    """Networking behaviours, as research counts them (Wolff & Moser 2009)."""

    BUILDING = "building"
    MAINTAINING = "maintaining"
    USING = "using"


BUILDING_CONTACTS = 2  # the first exchanges with somebody are building


def effort(*, is_ask: bool, earlier_contacts: int) -> Effort:
    """What one exchange was.  An ask uses a contact, whenever it comes."""
    if is_ask:
        return Effort.USING
    return Effort.BUILDING if earlier_contacts < BUILDING_CONTACTS else Effort.MAINTAINING


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing given or received."""

    by_me: bool
    kind: Kind
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A memory in words: how often each way, and when last.  There is no balance, on purpose."""

    given: int
    received: int
    last_given_on: date | None
    last_received_on: date | None
    given_kinds: Mapping[Kind, int]
    received_kinds: Mapping[Kind, int]


def ledger(entries: Iterable[Entry]) -> Ledger:
    """Sum up the entries; the same entries in any order give the same ledger."""
    everything = list(entries)
    mine = [e for e in everything if e.by_me]
    theirs = [e for e in everything if not e.by_me]
    return Ledger(
        given=len(mine),
        received=len(theirs),
        last_given_on=max((e.on for e in mine), default=None),
        last_received_on=max((e.on for e in theirs), default=None),
        given_kinds=_by_kind(mine),
        received_kinds=_by_kind(theirs),
    )


def _by_kind(entries: list[Entry]) -> Mapping[Kind, int]:
    count = Counter(e.kind for e in entries)
    return {kind: count[kind] for kind in Kind if count[kind]}


MARGIN = 3


def give_first(memory: Ledger, *, margin: int = MARGIN) -> bool:
    """Whether give ideas should stand above the ask: much was received and little given."""
    return memory.received - memory.given >= margin
