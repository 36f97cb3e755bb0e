"""Monica v4's JSON export: people, who introduced whom, labels, rhythms and reminders.

The file is an ``account`` holding typed collections (``{"type": "contact", "values": […]}``);
people point at each other and at kinds of contact field by ``uuid``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from contacts.engine import limits
from contacts.engine.days import read_birthday, read_day
from contacts.engine.drafts import (
    Birthday,
    Code,
    Draft,
    Format,
    Reading,
    Reminder,
)
from contacts.engine.readers.building import Log, Raw, finish

# More than any export of our size holds; beyond it the values alone would fill the memory.
_CONTAINERS = 500_000
_COMMAS = 1_000_000
_REMINDERS = 20

_HALF = re.compile("[\ud800-\udfff]")  # of a character, which an escape can name alone


def read_monica(data: bytes, log: Log) -> Reading:
    """Read an export.  A person's ``line`` is their place in its list of contacts, from 1."""
    account = _account(data, log)
    if account is None:
        return Reading(problems=log.finished())
    contacts = [item for kind, item in _collections(account) if kind == "contact"]
    if len(contacts) > limits.ROWS:
        log.refuse(Code.TOO_MANY_ROWS, limit=limits.ROWS)
        return Reading(problems=log.finished(), format=Format.MONICA)
    if not contacts:
        log.refuse(Code.NO_ROWS)
        return Reading(problems=log.finished(), format=Format.MONICA)
    kinds = _field_kinds(account)
    names = {_text(_get(item, "uuid")): _name(_dict(_get(item, "properties"))) for item in contacts}
    drafts: list[Draft] = []
    account.clear()  # each person is let go as soon as they are read: the tree is the memory
    for number, item in enumerate(contacts, 1):
        contacts[number - 1] = None
        if not isinstance(item, dict):
            log.skip(number, Code.PERSON_MALFORMED)
            continue
        if _dict(item.get("properties")).get("is_partial") is True:
            log.skip(number, Code.PERSON_PARTIAL, name=_name(_dict(item.get("properties")))[:80])
            continue
        draft = finish(_person(item, number, kinds, names), log)
        if draft is not None:
            drafts.append(draft)
    return Reading(
        drafts=tuple(drafts),
        problems=log.finished(),
        format=Format.MONICA,
        counts=log.counts(len(drafts)),
        encoding="utf-8",
    )


def _account(data: bytes, log: Log) -> dict[str, Any] | None:
    opened = data.count(b"{") + data.count(b"[")
    if opened > _CONTAINERS or data.count(b",") > _COMMAS:
        log.refuse(Code.TOO_MANY_PARTS)
        return None
    try:
        whole = json.loads(_decoded(data, log), parse_int=_number, object_hook=_leaner({}))
    except (ValueError, RecursionError):
        log.refuse(Code.BROKEN_JSON)
        return None
    account = _dict(_get(whole, "account"))
    if not account or not any(kind for kind, _ in _collections(account)):
        log.refuse(Code.IS_OTHER_JSON)
        return None
    return account


def _leaner(known: dict[str, str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return what lets go of moments nobody asks for, and keeps one copy of each type's name.

    The tree of a whole export is the most memory an import takes.
    """

    def lean(told: dict[str, Any]) -> dict[str, Any]:
        told.pop("created_at", None)
        told.pop("updated_at", None)
        kind = told.get("type")
        if isinstance(kind, str):
            told["type"] = known.setdefault(kind, kind)
        return told

    return lean


def _collections(holder: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every value of every collection in ``data`` with the collection's type.

    ``data`` is a list, or an object with numbers for keys where empty collections were left out.
    """
    for collection in _items(holder.get("data")):
        kind = _text(_get(collection, "type"))
        for value in _items(_get(collection, "values")):
            yield kind, value


def _person(
    item: dict[str, Any], number: int, kinds: dict[str, str], names: dict[str, str]
) -> Raw:  # fmt: skip
    told = _dict(item.get("properties"))
    raw = Raw(number)
    raw.uid = _text(item.get("uuid"))
    raw.given = _text(told.get("first_name"))
    raw.middle = _text(told.get("middle_name"))
    raw.family = _text(told.get("last_name"))
    raw.nickname = _text(told.get("nickname"))
    raw.organization = _text(told.get("company"))
    raw.title = _text(told.get("job"))
    raw.tags = [_text(tag) for tag in _items(told.get("tags"))]
    if told.get("is_starred") is True:
        raw.tags = [*raw.tags, "starred"]
    raw.archived = told.get("is_dead") is True or told.get("is_active") is False
    raw.birthday = _birthday(_dict(told.get("birthdate")))
    raw.met_through_uid = _text(told.get("first_met_through"))
    raw.met_through = names.get(raw.met_through_uid, "")
    frequency = told.get("stay_in_touch_frequency")
    if isinstance(frequency, int) and not isinstance(frequency, bool) and 0 < frequency <= 3_650:
        raw.every_days = frequency

    notes = [_text(told.get("description"))]
    extras: list[tuple[str, str]] = []
    for key, label in (
        ("food_preferences", "food preferences"),
        ("last_talked_to", "last talked to"),
    ):
        extras.append((_text(told.get(key)), label))
    met_on = _text(_get(told.get("first_met_date"), "date"))[:10]
    extras.append((met_on, "first met on"))
    if told.get("is_dead") is True:
        extras.append((_text(_get(told.get("deceased_date"), "date"))[:10] or "yes", "deceased"))

    points: dict[str, list[tuple[str, str]]] = {"email": [], "phone": [], "link": []}
    reminders: list[Reminder] = []
    for kind, value in _collections(item):
        properties = _dict(_get(value, "properties"))
        if kind == "contact_field":
            text = _text(properties.get("data"))
            field = _field(text, kinds.get(_text(properties.get("type")), ""))
            if field in points:
                points[field].append((text, ""))
            else:
                extras.append((text, field or "contact"))
        elif kind == "note":
            notes.append(_text(properties.get("body")))
        elif kind == "address":
            extras.append((_address(properties), _text(properties.get("name")) or "address"))
        elif kind == "reminder" and len(reminders) < _REMINDERS:
            reminder = _reminder(properties)
            if reminder is not None:
                reminders.append(reminder)
    raw.emails, raw.phones, raw.links = points["email"], points["phone"], points["link"]
    raw.reminders = tuple(reminders)
    raw.notes = "\n\n".join(filter(None, notes))
    raw.extras = [pair for pair in extras if pair[0]]
    return raw


def _birthday(told: dict[str, Any]) -> Birthday | None:
    birthday, _ = read_birthday(_text(told.get("date"))[:10])
    if birthday is None or told.get("is_age_based") is True:
        return None  # an age gives a year and no day
    if told.get("is_year_unknown") is True:
        return Birthday(month=birthday.month, day=birthday.day)
    return birthday


def _reminder(told: dict[str, Any]) -> Reminder | None:
    day = read_day(_text(told.get("initial_date"))[:10])
    title = _text(told.get("title")).strip()
    if day is None or told.get("inactive") is True:
        return None
    count = told.get("frequency_number")
    every = count if isinstance(count, int) and 0 < count <= 1_000 else 1
    unit = _text(told.get("frequency_type"))
    return Reminder(
        title=title[: limits.LINE_CHARS],
        on=day.value,
        every_days={"day": 1, "week": 7}.get(unit, 0) * every,
        every_months={"month": 1, "year": 12}.get(unit, 0) * every,
    )


def _field_kinds(account: dict[str, Any]) -> dict[str, str]:
    """What each kind of contact field holds: ``email``, ``phone`` or its own name."""
    kinds: dict[str, str] = {}
    for item in _items(_dict(account.get("instance")).get("contact_field_types")):
        told = _dict(_get(item, "properties"))
        kind = _text(told.get("type")) or _text(told.get("name"))
        kinds[_text(_get(item, "uuid"))] = kind.casefold()
    return kinds


def _field(text: str, kind: str) -> str:
    if kind in ("email", "phone"):
        return kind
    if text.lower().startswith(("http://", "https://")):
        return "link"
    if kind in ("linkedin", "website") and "." in text:
        return "link"
    if not kind and "@" in text:
        return "email"
    return kind


def _address(told: dict[str, Any]) -> str:
    parts = ("street", "city", "province", "postal_code", "country")
    return ", ".join(filter(None, (_text(told.get(part)).strip() for part in parts)))


def _name(told: dict[str, Any]) -> str:
    parts = (_text(told.get(part)) for part in ("first_name", "middle_name", "last_name"))
    return " ".join(filter(None, parts))


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _decoded(data: bytes, log: Log) -> str:
    """The text of UTF-8, -16 or -32, with or without a mark; a wrong byte costs its letter."""
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        log.warn(0, Code.BYTES_UNREADABLE, count=text.count("\ufffd"))
        return text


def _number(digits: str) -> int | str:
    """What stands for a number; one longer than any of ours is text and nothing is lost."""
    return int(digits) if len(digits) < 20 else digits


def _text(value: Any) -> str:
    """A string as it is, a number as text, anything else as nothing."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""
