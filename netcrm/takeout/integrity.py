"""Does what is stored hold together?  Asked after a crash or a restore (reliability.md D06).

Most of what must be true the database enforces itself.  What it cannot word is that a row and
the rows it points to belong to the same owner; and a SQLite file may be damaged.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, models
from django.db.models import F

from netcrm.takeout.everything import is_private, models_with_an_owner


def problems() -> Iterator[str]:
    """Say, in words for an operator, whatever does not hold; nothing when all does."""
    yield from _of_the_database()
    yield from _of_owners()


def _of_the_database() -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            yield from (str(said) for (said,) in cursor.fetchall() if said != "ok")
            cursor.execute("PRAGMA foreign_key_check")
            for table, row, parent, _number in cursor.fetchall():
                yield f"{table}, row {row}: what it points to in {parent} is gone"
        else:
            cursor.execute(
                "SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated"
            )
            for table, name in cursor.fetchall():
                yield f"{table}: the constraint {name} was never checked"


def _of_owners() -> Iterator[str]:
    owned = models_with_an_owner()
    for model, path in owned.items():
        if not is_private(model):
            continue  # rows of a group point to rows of several people
        for field in model._meta.concrete_fields:
            other = field.related_model
            if not isinstance(field, models.ForeignKey) or other not in owned or field.name == path:
                continue
            if not is_private(other):
                continue
            theirs = f"{field.name}__{owned[other]}"
            strangers = model._base_manager.filter(**{f"{theirs}__isnull": False})
            if count := strangers.exclude(**{theirs: F(path)}).count():
                yield f"{model._meta.label}.{field.name}: {count} rows point to another owner's"
