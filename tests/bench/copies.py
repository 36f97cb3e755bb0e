"""Many owners from a few: PostgreSQL copies every row they have, under keys of its own.

A copy's keys are its original's, made an hour earlier for each copy (a UUIDv7 begins with its
moment): they sort as the original's do, and an owner's rows lie together, as if every owner had
come at an hour of their own.  What the planner writes is not copied: copies are not planned yet.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import AutoField, Field, ForeignKey, Model, UUIDField

NOT_COPIED_APPS = {"auth", "contenttypes", "sessions"}
PLANNED = {"followups.followup", "followups.pace", "introductions.truststate"}
# The first 8 hex digits of a UUIDv7 count spans of 65.536 s: a copy is 70 minutes from the next.
KEY_OF_COPY = """
CREATE OR REPLACE FUNCTION pg_temp.key_of_copy(key uuid, number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT (lpad(to_hex(('x' || left(key::text, 8))::bit(32)::bigint - 64 * number), 8, '0')
            || substr(key::text, 9))::uuid
$$
"""


def copy_owners(times: int) -> None:
    """Copy all owners there are, with everything they have, ``times`` times each."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(KEY_OF_COPY)
        statements = []
        for number, model in enumerate(_models()):
            original = f"original_{number}"
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"CREATE TEMP TABLE {original} ON COMMIT DROP AS TABLE {table}")
            if cursor.rowcount:
                statements.append(_statement(model, table, original))
        cursor.execute("SET LOCAL session_replication_role = replica")  # what they name is copied
        for number in range(1, times + 1):
            for statement in statements:
                cursor.execute(statement, {"number": number})


def _models() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.app_label not in NOT_COPIED_APPS
        and model._meta.label_lower not in PLANNED
    ]


def _statement(model: type[Model], table: str, original: str) -> str:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(map(_value, fields))
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {original}"  # noqa: S608


def _value(field: Field[Any, Any]) -> str:
    key = field
    while isinstance(key, ForeignKey):  # one to one is one, too
        key = key.target_field
    if isinstance(key, UUIDField):
        return f'pg_temp.key_of_copy("{field.column}", %(number)s)'
    return (
        f"%(number)s || '.' || \"{field.column}\"" if field.name == "email" else f'"{field.column}"'
    )
