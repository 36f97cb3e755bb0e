"""Thousands of new rows at once, without building a model instance for each.

``bulk_create`` spends most of its time on instances and on statements of a thousand
parameters; one prepared statement run for every row takes a quarter of that
(``python -m tests.bench.data``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import connection, models

# As they are in Python, so they go to every database we know.
_PLAIN = (models.CharField, models.TextField, models.BooleanField, models.IntegerField)


def insert(
    model: type[models.Model],
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    **same: Any,
) -> None:
    """Insert ``rows``, each the values of ``columns`` (names of fields, foreign keys by ``_id``).

    Args:
        same: values that every row has.  What is in neither takes the field's default.

    Neither ``save`` nor a signal runs, and the moments ``auto_now`` and ``auto_now_add`` would
    write must be given.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = [name for name in fields if name not in columns and not fields[name].generated]
    if model._meta.pk.attname in rest and isinstance(model._meta.pk, models.AutoField):
        rest.remove(model._meta.pk.attname)
    constants = tuple(_value(fields[name], _given(fields[name], same)) for name in rest)
    converters = [_converter(fields[name]) for name in columns]
    name_of = connection.ops.quote_name
    everything = [*columns, *rest]
    names = ", ".join(name_of(str(fields[name].column)) for name in everything)
    places = ", ".join(["%s"] * len(everything))
    table = name_of(model._meta.db_table)
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608 - names of ours
    values: Any = (  # one at a time: of thousands, a list would fill the memory
        (
            *(
                value if convert is None or value is None else convert(value)
                for convert, value in zip(converters, row, strict=True)
            ),
            *constants,
        )
        for row in rows
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _given(field: models.Field[Any, Any], same: Mapping[str, Any]) -> Any:
    return same[field.attname] if field.attname in same else field.get_default()


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    return field.get_db_prep_save(value, connection=connection)


def _converter(field: models.Field[Any, Any]) -> Any:
    if isinstance(field, _PLAIN):
        return None
    if isinstance(field, models.ForeignKey):
        return _converter(field.target_field)
    if isinstance(field, models.UUIDField) and not connection.features.has_native_uuid_field:
        return _hex
    return partial(field.get_db_prep_save, connection=connection)


def _hex(key: Any) -> str:
    return str(key.hex)
