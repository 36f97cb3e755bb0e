"""Who in a file is somebody the owner already has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.engine import limits, names
from contacts.engine.drafts import Draft
from contacts.models import Contact, ContactPoint, ImportRow, MergedPerson, Position
from contacts.services.points import VALUE_CHARS, normalised
from netcrm.accounts.models import User

Kind = ContactPoint.Kind
Points = list[tuple[str, str, str, str]]  # kind, key, value, label
Action = ImportRow.Action
NAMESAKES = 50  # of one organization looked at, so that a file of one name takes no hour


@dataclass(slots=True)
class Person:
    """What is known of one person, whether from the list or from an earlier row of the file."""

    id: UUID
    names: list[tuple[str, str]] = field(default_factory=list)  # folded; its first and last word
    keys: set[tuple[str, str]] = field(default_factory=set)  # (kind, normalised value)
    work: str = ""  # as ``_work`` puts it
    title: str = ""  # folded
    has_position: bool = False
    has_birthday: bool = False
    has_notes: bool = False
    has_connected_on: bool = False
    source_uid: str = ""
    tags: set[str] = field(default_factory=set)


class Matcher:
    """The owner's people by every strong sign (address, link, the source's own id) and by name."""

    def __init__(self, owner: User) -> None:
        self._by_key: dict[tuple[str, str], Person] = {}
        self._by_uid: dict[str, Person] = {}
        self._first: dict[str, Person] = {}  # of those called so
        self._without_keys: dict[str, list[Person]] = {}  # called so when they came in
        self._colleagues: dict[tuple[str, str], list[Person]] = {}  # first and last word, work
        self._by_number: dict[tuple[str, str], Person] = {}  # first and last word, number
        people: dict[UUID, Person] = {}
        rows = Contact.objects.visible_to(owner).people()
        for pk, name, uid, month, connected_on, notes in rows.values_list(
            "pk", "name", "source_uid", "birthday_month", "connected_on", "notes"
        ).iterator():
            people[pk] = Person(
                id=pk,
                source_uid=uid,
                has_birthday=month is not None,
                has_connected_on=connected_on is not None,
                has_notes=bool(notes),
            )
            people[pk].names.append(_folded(name))
            if uid:
                self._by_uid[uid] = people[pk]
        self._remember_joined(owner, people)
        mine = {"contact__owner": owner, "contact__trashed_at": None}
        for pk, kind, key in (
            ContactPoint.objects.filter(**mine).values_list("contact_id", "kind", "key").iterator()
        ):
            if pk in people:
                people[pk].keys.add((kind, key))
                self._by_key.setdefault((kind, key), people[pk])
        for pk, organization, title, current in (
            Position.objects.filter(**mine)
            .values_list("contact_id", "organization__key", "title", "is_current")
            .iterator()
        ):
            if pk in people:
                people[pk].has_position = True
                if current and (work := _work(organization or "", title)):
                    people[pk].work, people[pk].title = work, names.fold(title)
        for pk, tag in Contact.tags.through.objects.filter(contact__owner=owner).values_list(
            "contact_id", "tag__name"
        ):
            if pk in people:
                people[pk].tags.add(tag.casefold())
        for person in people.values():
            self._enter(person)

    def _remember_joined(self, owner: User, people: dict[UUID, Person]) -> None:
        """Whoever was joined into another is that person, by name and by the source's own id."""
        away = MergedPerson.objects.filter(merge__owner=owner).values_list(
            "key", "name", "contact__source_uid", "merge__kept_key"
        )
        rows = {key: (name, uid, kept) for key, name, uid, kept in away}
        for name, uid, kept in rows.values():
            while kept in rows:
                kept = rows[kept][2]
            if kept in people:
                people[kept].names.append(_folded(name))
                if uid:
                    self._by_uid.setdefault(uid, people[kept])

    def decide(self, draft: Draft, row: UUID, points: Points) -> tuple[str, UUID | None]:
        """What to do with ``draft``, and whom it is, if it is somebody.

        ``points`` are the draft's own, from ``draft_points``.  An address that is already
        somebody else's is taken out of them: no address is in two people's entries.

        A new person is remembered under ``row``, so that the same person further down the
        file is found.  Two with one name and nothing else in common are not taken for one:
        they are held back for the owner to say.
        """
        keys = {(kind, key) for kind, key, _value, _label in points}
        name = _folded(draft.full_name)
        same = self._same(draft, name[1], keys)
        if same is not None:
            others = {
                key for key in keys if key[0] == Kind.EMAIL and self._is_of_another(key, same)
            }
            if others:
                keys -= others
                points[:] = [point for point in points if point[:2] not in others]
            return self._met_again(draft, keys, same)
        folded, ends = name
        work = _work(organization_key(draft.organization), draft.title)
        alike = self._told_apart_by_nothing(ends, work, keys)
        called_so = [one for one in alike if any(folded == called for called, _ends in one.names)]
        if len(called_so) > 1:
            title = names.fold(draft.title)
            called_so = [one for one in called_so if one.title == title] or called_so
        if draft.organization and len(called_so) == 1:
            return self._met_again(draft, keys, called_so[0])
        alike = called_so or alike
        unsure = (
            self._namesake(folded, keys)
            or next(iter(alike), None)
            or self._of_the_number(draft, work, keys)
        )
        if unsure:
            return Action.DUPLICATE, unsure.id
        person = Person(id=row, names=[name], source_uid=draft.uid)
        self._learn(draft, keys, person)
        self._first.setdefault(folded, person)
        if not keys:
            self._without_keys.setdefault(folded, []).append(person)
        return Action.NEW, None

    def _met_again(
        self, draft: Draft, keys: set[tuple[str, str]], person: Person
    ) -> tuple[str, UUID]:
        action = Action.UPDATE if self._adds(draft, keys, person) else Action.SAME
        self._learn(draft, keys, person)
        return action, person.id

    def _same(self, draft: Draft, ends: str, keys: Iterable[tuple[str, str]]) -> Person | None:
        if draft.uid and draft.uid in self._by_uid:
            return self._by_uid[draft.uid]
        for key in sorted(keys):  # an address before a link
            if key[0] != Kind.PHONE and key in self._by_key:
                return self._by_key[key]
        # A number is often a family's or an office's, so it takes the name as well.
        for kind, number in keys:
            if kind == Kind.PHONE and (ends, number) in self._by_number:
                return self._by_number[ends, number]
        return None

    def _is_of_another(self, key: tuple[str, str], person: Person) -> bool:
        return key not in person.keys and self._by_key.get(key, person) is not person

    def _enter(self, person: Person) -> None:
        """Let ``person`` be found by name."""
        for folded, ends in person.names:
            self._first.setdefault(folded, person)
            if not person.keys:
                self._without_keys.setdefault(folded, []).append(person)
            if person.work:
                self._colleagues.setdefault((ends, person.work), []).append(person)
            for kind, number in person.keys:
                if kind == Kind.PHONE:
                    self._by_number.setdefault((ends, number), person)

    def _namesake(self, folded: str, keys: Collection[tuple[str, str]]) -> Person | None:
        """Somebody called so of whom only one side has an address, a link or a number."""
        if not keys:
            return self._first.get(folded)
        waiting = self._without_keys.get(folded, [])
        while waiting and waiting[-1].keys:
            waiting.pop()
        return waiting[-1] if waiting else None

    def _of_the_number(
        self, draft: Draft, work: str, keys: Iterable[tuple[str, str]]
    ) -> Person | None:
        """Whose number and work stand in a row that has lost its name.

        Outlook writes ``?`` for letters it cannot, and then leaves names out altogether.
        """
        name, title = draft.full_name, names.fold(draft.title)
        has_name = any(map(str.isalpha, name)) and name != draft.organization
        if has_name and "?" not in name:
            return None
        for key in sorted(keys):
            person = self._by_key.get(key) if key[0] == Kind.PHONE else None
            if person and ((work and work == person.work) or (title and title == person.title)):
                return person
        return None

    def _told_apart_by_nothing(
        self, ends: str, work: str, keys: Iterable[tuple[str, str]]
    ) -> list[Person]:
        """People of the same work with the same first and last name, and no address, profile or
        number to tell them apart by.

        One file has a middle name, a title or a degree that the other leaves out.
        """
        telling = _telling(keys)
        return [
            person
            for person in self._colleagues.get((ends, work), ())[:NAMESAKES]
            if not telling & _telling(person.keys)
        ]

    def _adds(self, draft: Draft, keys: set[tuple[str, str]], person: Person) -> bool:
        return bool(
            keys - person.keys
            or ((draft.organization or draft.title) and not person.has_position)
            or (draft.birthday and not person.has_birthday)
            or (draft.notes and not person.has_notes)
            or (draft.connected_on and not person.has_connected_on)
            or {tag.casefold() for tag in draft.tags} - person.tags
        )

    def _learn(self, draft: Draft, keys: set[tuple[str, str]], person: Person) -> None:
        for kind, number in keys - person.keys:
            self._by_key.setdefault((kind, number), person)
            if kind == Kind.PHONE:
                for _name, ends in person.names:
                    self._by_number.setdefault((ends, number), person)
        person.keys |= keys
        if draft.uid:
            self._by_uid.setdefault(draft.uid, person)
        if draft.organization or draft.title:
            person.has_position = True
            if not person.work:
                person.work = _work(organization_key(draft.organization), draft.title)
                person.title = names.fold(draft.title)
                for _name, ends in person.names:
                    self._colleagues.setdefault((ends, person.work), []).append(person)
        person.has_birthday |= draft.birthday is not None
        person.has_notes |= bool(draft.notes)
        person.has_connected_on |= draft.connected_on is not None
        person.tags |= {tag.casefold() for tag in draft.tags}


def _telling(keys: Iterable[tuple[str, str]]) -> set[str]:
    """The kinds of address of which two different ones speak of two people.

    Of profiles everybody has one; a page of their own says nothing against it.
    """
    return {kind for kind, key in keys if kind != Kind.LINK or key.startswith("linkedin.com/in/")}


def _folded(name: str) -> tuple[str, str]:
    folded = names.fold(name)
    return folded, _ends(folded, name)


def _ends(folded: str, name: str) -> str:
    """First and last word of a name, without titles and degrees; names of one word as they are."""
    if folded.count(" ") == 1:
        return folded
    words = names.name_words(name.replace(".", ""))  # M.D. is one word
    return f"{words[0]} {words[-1]}" if len(words) > 1 else folded


def _work(organization: str, title: str) -> str:
    """What tells namesakes apart: the employer's key, or the title where there is no employer."""
    return organization or (f"/{names.fold(title)}" if title else "")


def organization_key(name: str) -> str:
    return (names.fold(name) or name.casefold())[:200]


def draft_points(draft: Draft, *, country: str) -> Points:
    """Each way to reach the person as (kind, key, value, label), no key twice."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, given in (
        (Kind.EMAIL, draft.emails),
        (Kind.PHONE, draft.phones),
        (Kind.LINK, draft.links),
    ):
        for point in given:
            try:
                value, key = normalised(kind, point.value, country=country)
            except ValidationError:
                continue  # the reader has already said what was wrong with it
            if len(value) <= VALUE_CHARS:
                found.setdefault((kind.value, key[:VALUE_CHARS]), (value, point.label[:80]))
    return [(kind, key, value, label) for (kind, key), (value, label) in found.items()]


def as_json(draft: Draft) -> dict[str, Any]:
    """A draft as a row keeps it: only what is said, days as ISO 8601."""
    said: dict[str, Any] = {"name": draft.full_name}
    for name in ("nickname", "organization", "title", "notes", "uid"):
        if value := getattr(draft, name):
            said[name] = value
    for name in ("emails", "phones", "links"):
        if values := getattr(draft, name):
            said[name] = [[point.value, point.label] for point in values]
    if draft.tags:
        said["tags"] = list(draft.tags)
    if draft.birthday:
        said["birthday"] = [draft.birthday.year, draft.birthday.month, draft.birthday.day]
    if draft.connected_on:
        said["connected_on"] = draft.connected_on.isoformat()
    if draft.met_through:
        said["how_met"] = (_("Introduced by %(name)s") % {"name": draft.met_through})[
            : limits.HOW_MET_CHARS
        ]
    if draft.archived:
        said["archived"] = True
    if extras := (*draft.extras, *_wishes(draft)):
        said["extras"] = extras  # the draft's own pairs: copies of thousands would be felt
    return said


def _wishes(draft: Draft) -> Iterator[tuple[str, str]]:
    """A rhythm and reminders of another program, kept as words: a parked person has neither."""
    if draft.every_days:
        yield (
            _("Stay in touch"),
            ngettext("every %(n)s day", "every %(n)s days", draft.every_days)
            % {"n": draft.every_days},
        )
    for reminder in draft.reminders:
        yield _("Reminder"), f"{reminder.on.isoformat()} {reminder.title}".strip()
