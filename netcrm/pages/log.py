"""The quick log: one line, or three taps, into what happened and what comes next.

``read`` turns what was sent into an ``Entry`` and says what is still unsure; ``save`` writes the
entry down across the apps in one change; ``take_back`` undoes exactly that.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.http import QueryDict
from django.utils.functional import Promise as LazyText
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts import services as people
from contacts.engine import names, quicklog
from contacts.models import Contact, Interaction
from contacts.selectors import recognisable
from contacts.words import BESIDES
from followups import services as followups
from followups.models import FollowUp
from followups.selectors import Step, open_steps
from introductions import services as introductions
from introductions.models import Ask, Give, Introduction, Referral
from netcrm.kit import facts
from netcrm.kit.days import short_day

if TYPE_CHECKING:
    from netcrm.accounts.models import User

UNDO_SALT = "netcrm.pages.log.undo"
NEW = "new"
LEAVE_OUT = "none"
WEEKS_LATER = 2
ORDINARY = ("nurture", "give")  # purposes that spacing decides, unlike courtesies and loops


class What(StrEnum):
    """What happened, as it is asked for; ``introduced`` is only ever read from a line."""

    WROTE = "wrote"
    SPOKE = "spoke"
    MET = "met"
    HEARD_BACK = "heard_back"
    GAVE = "gave"
    ASKED = "asked"
    INTRODUCED = "introduced"


WHAT_LABELS: dict[What, LazyText] = {
    What.WROTE: gettext_lazy("Wrote"),
    What.SPOKE: gettext_lazy("Spoke"),
    What.MET: gettext_lazy("Met"),
    What.HEARD_BACK: gettext_lazy("Heard back"),
    What.GAVE: gettext_lazy("Gave"),
    What.ASKED: gettext_lazy("Asked"),
    What.INTRODUCED: gettext_lazy("Introduced you"),
}
TAPPED = [what for what in What if what is not What.INTRODUCED]

Kind = Interaction.Kind
Direction = Interaction.Direction

KINDS: dict[What, tuple[str, str]] = {
    What.WROTE: (Kind.MESSAGE, Direction.OUT),
    What.SPOKE: (Kind.TALK, Direction.BOTH),
    What.MET: (Kind.MEETING, Direction.BOTH),
    What.HEARD_BACK: (Kind.MESSAGE, Direction.IN),
    What.GAVE: (Kind.GAVE, Direction.OUT),
    What.ASKED: (Kind.MESSAGE, Direction.OUT),
    # The introduction itself is the fact that is planned from; this line keeps the words.
    What.INTRODUCED: (Kind.NOTE, Direction.IN),
}


class NextBy(StrEnum):
    """Who says when to be in touch next (I5)."""

    RULE = "rule"
    WEEKS = "weeks"
    THEM = "them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A name in the line that may mean several people, or somebody new."""

    field: str
    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """A name, a role or a meeting somebody gave: a referral, or an introduction already made."""

    name: str
    contact: Contact | None = None
    organization: str = ""
    introduced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What would be written down."""

    people: tuple[Contact, ...] = ()
    new_people: tuple[str, ...] = ()
    what: What | None = None
    direction: str = ""
    on: dt.date
    note: str = ""
    their_date: dt.date | None = None
    flags: frozenset[str] = frozenset()
    gives: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    gifts: tuple[Gift, ...] = ()
    substance: int | None = None
    next_by: NextBy = NextBy.RULE
    log_key: str = ""

    @property
    def kind(self) -> str:
        return KINDS[self.what or What.WROTE][0]

    @property
    def who(self) -> list[str]:
        return [*(person.name for person in self.people), *self.new_people]

    @property
    def was_given(self) -> bool:
        """Whether the other side gave something."""
        return bool(self.gifts) or (self.what is What.GAVE and self.direction == Direction.IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing read from the line, as it is shown before saving."""

    label: str
    text: str
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An entry, how sure it is, and what stands in its way."""

    line: str
    entry: Entry
    chips: tuple[Chip, ...]
    questions: tuple[Question, ...]
    unclear: tuple[str, ...]
    seen: bool
    also: frozenset[str] = frozenset()

    @property
    def sure(self) -> bool:
        """Nothing was guessed that the user has not looked at."""
        return self.seen or not (self.questions or self.unclear)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was tapped or typed beside the line, as the form cleaned it."""

    people: tuple[Contact, ...] = ()
    what: What | None = None
    on: dt.date | None = None
    their_date: dt.date | None = None
    note: str = ""
    flags: frozenset[str] = frozenset()
    substance: int | None = None
    next_by: NextBy = NextBy.RULE
    log_key: str = ""
    line: str = ""
    answers: QueryDict | dict[str, str] = field(default_factory=dict)


def read(owner: User, said: Said, *, today: dt.date) -> Reading:
    """Make an entry of the line and the taps; a tap outweighs what the line says."""
    line = said.line.strip()
    parsed = quicklog.parse(line, people=recognisable(owner, line), today=today)
    found, new, questions = _people(owner, parsed.who, said)
    gifts = _gifts(owner, parsed)
    what = said.what or (What(parsed.kind.value) if parsed.kind else None)
    direction = ""
    if said.what is None and parsed.direction is not None:
        direction = parsed.direction.value
    if what is None and any(gift.introduced for gift in gifts):
        what = What.INTRODUCED
    note = "\n".join(part for part in (parsed.note, said.note) if part)
    if what is What.GAVE and direction == Direction.IN and not gifts and _is_a_name(parsed.note):
        gifts = (Gift(name=parsed.note),)
    also = frozenset(flag.value for flag in parsed.besides)
    entry = Entry(
        people=found,
        new_people=new,
        what=what,
        direction=direction,
        on=said.on or parsed.happened_on,
        note=note,
        their_date=said.their_date or parsed.their_on,
        flags=said.flags | also,
        gives=parsed.gives,
        asks=parsed.asks,
        gifts=gifts,
        substance=said.substance,
        next_by=said.next_by,
        log_key=said.log_key,
    )
    unclear = tuple(chip.text for chip in parsed.chips if chip.says is quicklog.Says.UNCLEAR)
    return Reading(
        line=line,
        entry=entry,
        chips=tuple(_chips(entry, today)),
        questions=questions,
        unclear=unclear,
        seen=bool(line) and said.answers.get("seen") == line,
        also=also,
    )


def _people(
    owner: User, mentions: tuple[quicklog.Mention, ...], said: Said
) -> tuple[tuple[Contact, ...], tuple[str, ...], tuple[Question, ...]]:
    keys = {match.person.id for mention in mentions for match in mention.matches}
    known = _by_key(owner, keys)
    chosen: dict[UUID, Contact] = {person.pk: person for person in said.people}
    new: list[str] = []
    questions = []
    for mention in mentions:
        question = _question(mention, known, said)
        if question is not None:
            questions.append(question)
            answer = next((o.value for o in question.options if o.chosen), LEAVE_OUT)
        else:
            answer = mention.person.id if mention.person else LEAVE_OUT
        if answer == NEW:
            new.append(mention.text)
        elif person := known.get(answer):
            chosen.setdefault(person.pk, person)
    return tuple(chosen.values()), tuple(dict.fromkeys(new)), tuple(questions)


def _by_key(owner: User, keys: Collection[str]) -> dict[str, Contact]:
    if not keys:
        return {}
    rows = Contact.objects.visible_to(owner).people().in_bulk([UUID(key) for key in keys])
    return {str(key): person for key, person in rows.items()}


def _question(mention: quicklog.Mention, known: dict[str, Contact], said: Said) -> Question | None:
    """Ask about a name that is not surely one person; the likeliest answer is chosen."""
    if mention.person is not None:
        return None
    name = f"who-{slugify(names.fold(mention.text), allow_unicode=True)}"
    choices = [(match.person.id, known[match.person.id].name) for match in mention.matches]
    choices.append((NEW, _("Add “%(name)s” as somebody new") % {"name": mention.text}))
    choices.append((LEAVE_OUT, _("Nobody: it only belongs in the note")))
    given = said.answers.get(name, "")
    likeliest = given if given in dict(choices) else choices[0][0]
    return Question(
        field=name,
        text=mention.text,
        options=tuple(
            Option(value=value, label=label, chosen=value == likeliest) for value, label in choices
        ),
    )


def _gifts(owner: User, parsed: quicklog.ParsedLog) -> tuple[Gift, ...]:
    people_of = {
        offered.start: offered.who.person.id for offered in parsed.offered if offered.who.person
    }
    known = _by_key(owner, people_of.values())
    return tuple(
        Gift(
            name=offered.who.text,
            contact=known.get(people_of.get(offered.start, "")),
            organization=offered.organization,
            introduced=offered.introduced,
        )
        for offered in parsed.offered
    )


_NAME_WORDS = 5


def _is_a_name(text: str) -> bool:
    """“Acme Personnel”, but not “a book about shift planning”."""
    words = text.split()
    return 0 < len(words) <= _NAME_WORDS and all(word[:1].isupper() for word in words)


def _chips(entry: Entry, today: dt.date) -> list[Chip]:
    chips = []
    if entry.what:
        chips.append(Chip(label=_("What"), text=str(WHAT_LABELS[entry.what])))
    chips += [Chip(label=_("With"), text=person.name) for person in entry.people]
    chips += [
        Chip(label=_("With"), text=_("%(name)s (new)") % {"name": name}, unsure=True)
        for name in entry.new_people
    ]
    if entry.on != today:
        chips.append(Chip(label=_("On"), text=short_day(entry.on)))
    if entry.their_date:
        chips.append(Chip(label=_("They said from"), text=short_day(entry.their_date)))
    for gift in entry.gifts:
        label = _("Introduced you to") if gift.introduced else _("Offered you")
        text = gift.contact.name if gift.contact else gift.name
        if gift.organization:
            text = f"{text}, {gift.organization}"
        chips.append(Chip(label=label, text=text))
    chips += [Chip(label=_("You gave"), text=text) for text in entry.gives if text]
    chips += [Chip(label=_("You asked for"), text=text) for text in entry.asks if text]
    chips += [
        Chip(label=_("Besides"), text=str(word))
        for flag, word in BESIDES.items()
        if flag in entry.flags
    ]
    return chips


# Saving


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What was written down, what comes next, and the key that takes it back."""

    interaction: Interaction
    people: tuple[Contact, ...]
    step: Step | None
    undo: str


def save(entry: Entry, *, by: User, at: dt.datetime) -> Logged:
    """Write an entry down, with everything that came with it, in one change.

    Raises:
        ValidationError: by field; nothing was saved.
    """
    made: dict[str, list[str]] = {"people": [], "introductions": []}
    key = entry.log_key
    already = key and Interaction.objects.visible_to(by).filter(log_key=key).first()
    if already:
        return _logged(already, tuple(already.people.all()), made, by=by, at=at)
    with facts.change(by, at=at):
        added = [people.add_person(by=by, at=at, name=name) for name in entry.new_people]
        made["people"] += [str(person.pk) for person in added]
        everybody = (*entry.people, *added)
        row = _log(entry, everybody, by=by, at=at)
        _save_gifts(entry, everybody[0], row, made, by=by, at=at)
        _save_gives_and_asks(entry, everybody, row, at=at)
    if entry.next_by is NextBy.WEEKS:
        _not_before(everybody, by=by, at=at)
    return _logged(row, everybody, made, by=by, at=at)


def _logged(
    row: Interaction,
    everybody: tuple[Contact, ...],
    made: dict[str, list[str]],
    *,
    by: User,
    at: dt.datetime,
) -> Logged:
    everybody[0].owner = by
    steps = open_steps(everybody[0], by.day(at))
    return Logged(
        interaction=row,
        people=everybody,
        step=steps[0] if steps else None,
        undo=signing.dumps(
            {"owner": str(by.pk), "row": str(row.pk), **made}, salt=UNDO_SALT, compress=True
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What would come next with the first person: courtesies, then the ordinary next word.

    ``in_weeks`` is the day “not for two weeks” gives: never earlier than the rule does.
    """

    courtesy: Step | None
    ordinary: Step | None
    in_weeks: dt.date


def foresee(entry: Entry, *, by: User, at: dt.datetime) -> Foreseen:
    """What would come if ``entry`` were saved: it is saved, looked at and taken back (I5).

    Raises:
        ValidationError: it cannot be saved.
    """
    today = by.day(at)
    with transaction.atomic():
        entry = replace(entry, next_by=NextBy.RULE, their_date=None, log_key="")
        steps = open_steps(save(entry, by=by, at=at).people[0], today)
        transaction.set_rollback(True)
    ordinary = next((step for step in steps if step.purpose in ORDINARY), None)
    in_weeks = today + dt.timedelta(weeks=WEEKS_LATER)
    return Foreseen(
        courtesy=next((step for step in steps if step.purpose not in ORDINARY), None),
        ordinary=ordinary,
        in_weeks=max(in_weeks, ordinary.window.opens_on) if ordinary else in_weeks,
    )


def _log(entry: Entry, everybody: tuple[Contact, ...], *, by: User, at: dt.datetime) -> Interaction:
    kind, direction = KINDS[entry.what] if entry.what else ("", "")
    if entry.direction and entry.what is not What.INTRODUCED:
        direction = entry.direction
    asked = entry.what is What.ASKED and direction != Direction.IN
    told = [entry.note]
    told += [_("Asked for: %(what)s") % {"what": text} for text in entry.asks if text]
    return people.log_interaction(
        by=by,
        at=at,
        people=everybody,
        kind=kind,
        direction=direction,
        on=entry.on,
        note="\n".join(part for part in told if part),
        their_date=entry.their_date,
        log_key=entry.log_key,
        is_ask="is_ask" in entry.flags or asked or bool(entry.asks),
        is_give="is_give" in entry.flags
        or bool(entry.gives)
        or (kind == Kind.GAVE and direction != Direction.IN),
        told_target="told_target" in entry.flags,
        showed_work="showed_work" in entry.flags,
        reported="reported" in entry.flags,
        thanked="thanked" in entry.flags,
    )


def _save_gifts(
    entry: Entry,
    giver: Contact,
    row: Interaction,
    made: dict[str, list[str]],
    *,
    by: User,
    at: dt.datetime,
) -> None:
    for gift in entry.gifts:
        if gift.contact == giver:
            continue
        if gift.introduced:
            other = gift.contact
            if other is None:
                other = people.add_person(
                    by=by, at=at, name=gift.name, organization=gift.organization
                )
                made["people"].append(str(other.pk))
            introduction = introductions.record_introduction(
                owner=by,
                introducer=giver,
                introducee=people.ensure_self(by=by),
                introduced=other,
                state=Introduction.State.MADE,
                at=row.at,
            )
            made["introductions"].append(str(introduction.pk))
            if entry.substance is None:
                continue
        else:
            other, introduction = gift.contact, None
        introductions.record_referral(
            giver=giver,
            at=at,
            given_on=entry.on,
            substance=entry.substance,
            to_contact=other,
            to_name=gift.name,
            to_organization=people.get_or_make_organization(by, gift.organization),
            introduction=introduction,
            interaction=row,
        )
    if entry.was_given and not entry.gifts:
        if entry.substance is not None:
            introductions.record_referral(
                giver=giver,
                at=at,
                given_on=entry.on,
                substance=entry.substance,
                to_name=names.clean_line(entry.note)[:300],
                interaction=row,
            )
        else:
            introductions.record_give(
                contact=giver,
                kind=Give.Kind.OTHER,
                given_on=entry.on,
                at=at,
                by_me=False,
                note=entry.note,
                interaction=row,
            )


_RUNGS = (
    (Ask.Rung.REFERRAL, re.compile(r"\b(?:refer|recommend|vouch|reference)", re.IGNORECASE)),
    (Ask.Rung.INTRODUCTION, re.compile(r"\bintro|\bconnect|\bput me in touch", re.IGNORECASE)),
    (Ask.Rung.SECOND_LOOK, re.compile(r"\b(?:cv|résumé|resume|pitch|look over)\b", re.IGNORECASE)),
    (Ask.Rung.INFORMATION, re.compile(r"\bwho\b|\b(?:knows?|list)\b", re.IGNORECASE)),
)


def _rung(text: str) -> Ask.Rung:
    """How much was asked for, by its words; advice, the lightest, where they do not say."""
    return next((rung for rung, words in _RUNGS if words.search(text)), Ask.Rung.ADVICE)


def _save_gives_and_asks(
    entry: Entry, everybody: tuple[Contact, ...], row: Interaction, *, at: dt.datetime
) -> None:
    gives = [text for text in entry.gives if text]
    if entry.what is What.GAVE and row.is_give:
        gives.append(entry.note)
    for person in everybody:
        for text in gives:
            introductions.record_give(
                contact=person,
                kind=Give.Kind.OTHER,
                given_on=entry.on,
                at=at,
                note=text,
                interaction=row,
            )
    if row.is_ask:
        wording = "\n".join(part for part in (*entry.asks, entry.note) if part)
        introductions.record_ask(
            contact=everybody[0],
            rung=_rung(wording),
            asked_on=entry.on,
            at=at,
            wording=wording[:5_000],
            interaction=row,
        )


def _not_before(everybody: tuple[Contact, ...], *, by: User, at: dt.datetime) -> None:
    """Put the ordinary next word off for two weeks; courtesies keep their day."""
    until = by.day(at) + dt.timedelta(weeks=WEEKS_LATER)
    ordinary = (
        FollowUp.objects.visible_to(by)
        .open()
        .filter(contact__in=everybody, purpose__in=ORDINARY, opens_on__lt=until)
    )
    for row in ordinary:
        followups.later(by=by, at=at, follow_up=row, meaning=FollowUp.Later.DATE, on=until)


def take_back(undo: str, *, by: User, at: dt.datetime) -> None:
    """Take back what ``save`` wrote; a second time changes nothing.

    People it added go with it, unless something else has happened with them since.

    Raises:
        BadSignature: ``undo`` is not what we gave to this owner.
    """
    made: dict[str, Any] = signing.loads(undo, salt=UNDO_SALT)
    if made["owner"] != str(by.pk):
        raise signing.BadSignature("another owner's log")
    row = Interaction.objects.visible_to(by).filter(pk=made["row"]).first()
    with facts.change(by, at=at) as changed:
        for introduction in Introduction.objects.visible_to(by).filter(
            pk__in=made["introductions"]
        ):
            changed.add(introduction.introducer_id, introduction.introduced_id)
            introduction.delete()
        if row is not None:
            forget(row, by=by, at=at)
        untouched = Contact.objects.visible_to(by).filter(
            pk__in=made["people"],
            version=1,
            participations=None,
            introductions_made=None,
            introductions_to=None,
        )
        untouched.delete()


def forget(row: Interaction, *, by: User, at: dt.datetime) -> None:
    """Take an exchange back with the names that were given in it."""
    with facts.change(by, at=at) as changed:
        referrals = Referral.objects.visible_to(by).filter(interaction=row)
        changed.add(*referrals.values_list("giver", flat=True))
        referrals.delete()
        people.delete_interaction(by=by, at=at, interaction=row)
