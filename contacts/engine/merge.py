"""Two records of one person made one, with nothing lost.  Decision record 0033."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from contacts.engine.drafts import Birthday, Job, Point
from contacts.engine.names import fold
from contacts.engine.points import email_key, link_key, phone_key

RINGS = "ABCD"  # closest first; D is parked


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a person's own record holds.  Relations (interactions, introductions …) are moved
    by the service and have no rule here."""

    name: str
    nickname: str = ""
    ring: str = "D"
    role_kind: str = "other"
    how_met: str = ""
    worked_together: bool = False
    notes: str = ""
    emails: tuple[Point, ...] = ()
    phones: tuple[Point, ...] = ()
    links: tuple[Point, ...] = ()
    positions: tuple[Job, ...] = ()
    tags: tuple[str, ...] = ()
    extras: tuple[tuple[str, str], ...] = ()
    birthday: Birthday | None = None
    connected_on: date | None = None
    paused_until: date | None = None
    do_not_contact: bool = False
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field the two records disagree on; the other's value is kept among the extras."""

    field: str
    kept: str
    set_aside: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    fields: Fields
    conflicts: tuple[Conflict, ...] = ()


def merge_fields(survivor: Fields, other: Fields) -> Merged:
    """Return the survivor's record with what the other adds.

    A value the survivor has stays; a blank one is filled.  Where both have one and they
    differ, the other's goes into the extras and is reported.  Addresses, numbers, links, tags,
    positions and extras are united, the survivor's first.  Where being careful has a side, that
    side wins: do-not-contact or archived if either is, the closer ring, the later pause, the
    earlier day of connecting.

    Merging the same record again changes nothing.
    """
    conflicts: list[Conflict] = []
    aside: list[tuple[str, str]] = []

    def one_of(field: str, kept: str, offered: str) -> str:
        if not kept or not offered or fold(kept) == fold(offered):
            return kept or offered
        conflicts.append(Conflict(field=field, kept=kept, set_aside=offered))
        aside.append((f"other {field}", offered))
        return kept

    name = one_of("name", survivor.name, other.name)
    nickname = one_of("nickname", survivor.nickname, other.nickname)
    birthday = survivor.birthday
    if birthday is None:
        birthday = other.birthday
    elif other.birthday is not None and other.birthday != birthday:
        if (other.birthday.month, other.birthday.day) != (birthday.month, birthday.day) or (
            None not in (other.birthday.year, birthday.year)
        ):
            one_of("birthday", str(birthday), str(other.birthday))
        elif birthday.year is None:
            birthday = other.birthday
    fields = Fields(
        name=name,
        nickname=nickname,
        ring=min(survivor.ring, other.ring, key=_ring_rank),
        role_kind=survivor.role_kind if survivor.role_kind != "other" else other.role_kind,
        how_met=_both(survivor.how_met, other.how_met, "; "),
        worked_together=survivor.worked_together or other.worked_together,
        notes=_both(survivor.notes, other.notes, "\n\n"),
        emails=_united(survivor.emails, other.emails, email_key),
        phones=_united(survivor.phones, other.phones, phone_key),
        links=_united(survivor.links, other.links, link_key),
        positions=tuple(dict.fromkeys((*survivor.positions, *other.positions))),
        tags=_united_tags((*survivor.tags, *other.tags)),
        extras=tuple(dict.fromkeys((*survivor.extras, *other.extras, *aside))),
        birthday=birthday,
        connected_on=min(filter(None, (survivor.connected_on, other.connected_on)), default=None),
        paused_until=max(filter(None, (survivor.paused_until, other.paused_until)), default=None),
        do_not_contact=survivor.do_not_contact or other.do_not_contact,
        archived=survivor.archived or other.archived,
    )
    return Merged(fields=fields, conflicts=tuple(conflicts))


def _ring_rank(ring: str) -> int:
    return RINGS.index(ring) if ring in RINGS else len(RINGS)


def _both(kept: str, offered: str, between: str) -> str:
    if not offered or offered in kept:
        return kept
    return f"{kept}{between}{offered}" if kept and kept not in offered else offered


def _united_tags(tags: Iterable[str]) -> tuple[str, ...]:
    united: dict[str, str] = {}
    for tag in tags:
        united.setdefault(tag.casefold(), tag)
    return tuple(united.values())


def _united(
    kept: Iterable[Point], offered: Iterable[Point], key: Callable[[str], str]
) -> tuple[Point, ...]:
    united: dict[str, Point] = {}
    for point in (*kept, *offered):
        united.setdefault(key(point.value), point)
    return tuple(united.values())
