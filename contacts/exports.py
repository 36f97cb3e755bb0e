"""This app's people in the words other programs read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from contacts.engine.drafts import Birthday, Draft, Point
from contacts.models import Contact, ContactPoint

if TYPE_CHECKING:
    from netcrm.accounts.models import User

AT_ONCE = 500  # people loaded together


def drafts_of(owner: User) -> Iterator[Draft]:
    """Everybody in the owner's list but the trash, by name, as a file describes people."""
    people = (
        Contact.objects.visible_to(owner)
        .people()
        .by_name()
        .prefetch_related("positions__organization", "points", "tags")
    )
    for person in people.iterator(chunk_size=AT_ONCE):
        yield _draft(person)


def _draft(person: Contact) -> Draft:
    points: dict[str, list[Point]] = {kind: [] for kind in ContactPoint.Kind.values}
    for point in person.points.all():
        points[point.kind].append(Point(value=point.value, label=point.label))
    job = next((one for one in person.positions.all() if one.is_current), None)
    birthday = None
    if person.birthday_month and person.birthday_day:
        birthday = Birthday(
            year=person.birthday_year, month=person.birthday_month, day=person.birthday_day
        )
    return Draft(
        full_name=person.name,
        nickname=person.nickname,
        emails=tuple(points[ContactPoint.Kind.EMAIL]),
        phones=tuple(points[ContactPoint.Kind.PHONE]),
        links=tuple(points[ContactPoint.Kind.LINK]),
        organization=str(job.organization or "") if job else "",
        title=job.title if job else "",
        tags=tuple(tag.name for tag in person.tags.all()),
        notes=person.notes,
        birthday=birthday,
        connected_on=person.connected_on,
        extras=tuple((str(key), str(value)) for key, value in person.extra.items()),
        uid=person.source_uid,
    )
