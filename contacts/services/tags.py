"""Words the owner files people under."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts import search
from contacts.engine import limits
from contacts.models import Contact, Tag
from contacts.services import fields
from netcrm.accounts.models import User
from netcrm.kit import facts


def cleaned(names: Iterable[str]) -> list[str]:
    """Tag names as kept, each once whatever its case.

    Raises:
        ValidationError: one of them is no tag, or there are too many.
    """
    found: dict[str, str] = {}
    for name in names:
        if name.strip():
            tag = fields.tag(name)
            found.setdefault(tag.casefold(), tag)
    if len(found) > limits.VALUES:
        raise ValidationError(
            _("One person can have %(most)s tags; here are %(count)s."),
            code="too_many",
            params={"most": limits.VALUES, "count": len(found)},
        )
    return list(found.values())


def get_or_make(owner: User, names: Iterable[str]) -> list[Tag]:
    """The owner's tags of these names in any case; those that are missing are made."""
    wanted = {name.casefold(): name for name in names}
    if not wanted:
        return []
    known = {tag.name.casefold(): tag for tag in Tag.objects.visible_to(owner)}
    return [
        known.get(key)
        or Tag.objects.get_or_create(owner=owner, name__iexact=name, defaults={"name": name})[0]
        for key, name in wanted.items()
    ]


def set_tags(*, by: User, at: datetime, contact: Contact, names: Iterable[str]) -> None:
    """Give ``contact`` exactly these tags."""
    kept = cleaned(names)
    with facts.change(by, at=at) as changed:
        contact.tags.set(get_or_make(by, kept))
        search.index_people(by, [contact.pk])
        changed.add(contact.pk)


def rename_tag(*, by: User, at: datetime, tag: Tag, name: str) -> Tag:
    """Rename a tag; onto a name that exists already, the two become one.

    Returns:
        The tag that carries the name now.
    """
    name = fields.tag(name)
    with facts.change(by, at=at) as changed:
        others = Tag.objects.visible_to(by).exclude(pk=tag.pk)
        other = next((one for one in others if one.name.casefold() == name.casefold()), None)
        if other is None:
            tag.name = name
            tag.save(update_fields=["name"])
            search.index_people(by, tag.contacts.values_list("pk", flat=True))
            return tag
        people = list(tag.contacts.all())
        other.contacts.add(*people)
        tag.delete()
        search.index_people(by, [person.pk for person in people])
        changed.add(*(person.pk for person in people))
        return other


def delete_tag(*, by: User, at: datetime, tag: Tag) -> None:
    """Take a tag off everybody and forget it, with its rhythm."""
    with facts.change(by, at=at) as changed:
        people = list(tag.contacts.values_list("pk", flat=True))
        tag.delete()
        search.index_people(by, people)
        changed.add(*people)
