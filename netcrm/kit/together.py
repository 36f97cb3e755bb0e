"""Many lists of rows in one statement that is worked out once: for pages and plans of one person.

Django takes longer to write a query than a database takes to answer it, and a server is one trip
away for each.  What needs ten short lists about one person asks for all of them at once::

    _ABOUT = Together(
        lambda ask: {
            "points": ContactPoint.objects.filter(contact=ask.person),
            "heard": Participation.objects.filter(contact__in=ask.people).values_list("contact"),
        }
    )
    found = _ABOUT.lists(person=person.pk, people=[person.pk, friend.pk])
    found["points"]  # rows as the queryset would give them; found["heard"]: tuples

The statement is written once, with keys of nobody in their place; after that only the keys are
put in: keys of rows, days and moments.  So what is made may depend on nothing but ``ask``.
Several keys stand in an IN alone: to write few statements there may be more of them, some twice.
About more than ``FEW`` people, or everybody (None), each list is asked for by itself.
Source: docs/decisions/0075-lists-asked-for-together.md.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import ForeignKey, QuerySet
from django.db.models.query import ModelIterable, get_related_populators

Key = UUID | dt.date  # a moment is a date too
Keys = Key | Sequence[UUID] | None
Row = tuple[Any, ...]

# Values an array of JSON may have: PostgreSQL takes 100 arguments in a call, SQLite 127.
_IN_ONE_CALL = 50
_KEPT = 100  # statements, for as many numbers of keys
FEW = 64


class Together:
    """Lists about given keys; ``build`` gets them as attributes and names the lists."""

    def __init__(self, build: Callable[[Any], Mapping[str, QuerySet[Any, Any]]]) -> None:
        self._build = build
        self._written: dict[tuple[Any, ...], _Statement] = {}

    def lists(self, **keys: Keys) -> dict[str, list[Any]]:
        """Return every list by its name; one query.

        Args:
            keys: a key, several, or None for everybody, under the name ``build`` asks for.
        """
        if any(map(_many, keys.values())):
            return {name: list(rows) for name, rows in self._build(SimpleNamespace(**keys)).items()}
        keys = {name: _enough(key) for name, key in keys.items()}
        shape = tuple((name, _kind_of(key)) for name, key in keys.items())
        statement = self._written.get((connection.vendor, shape))
        if statement is None:
            if len(self._written) >= _KEPT:
                self._written.clear()
            statement = _write(self._build, shape)
            self._written[connection.vendor, shape] = statement
        return statement.ask(keys)


def _many(key: Keys) -> bool:
    return key is None or (isinstance(key, Sequence) and len(key) > FEW)


def _kind_of(key: Keys) -> type | int:
    """Return the type of one key, or how many there are."""
    return len(key) if isinstance(key, Sequence) else type(key)


def _nobodys(kind: type | int, n: int) -> Any:
    """Return the ``n``-th key of that kind that stands for another, unlike any other value."""
    if isinstance(kind, int):
        return [uuid4() for _ in range(kind)]
    if kind is UUID:
        return uuid4()
    at = dt.datetime(1811, 1, 1, 2, 3, 4, 567891, tzinfo=dt.UTC) + dt.timedelta(days=n)
    return at if kind is dt.datetime else at.date()


def _stored(key: Key) -> Any:
    """Return a key as the database is given it."""
    if isinstance(key, UUID):
        return key.hex if connection.vendor == "sqlite" else key
    if isinstance(key, dt.datetime):
        return connection.ops.adapt_datetimefield_value(key)
    return connection.ops.adapt_datefield_value(key)


def _enough(key: Keys) -> Keys:
    """Repeat a key until there are 1, 2, 4, 8 … of them."""
    if not isinstance(key, Sequence) or not key:
        return key
    wanted = 1 << (len(key) - 1).bit_length()
    return [*key, *[key[0]] * (wanted - len(key))]


@dataclass(frozen=True, slots=True)
class _List:
    """How the rows of one list are read back."""

    reads: tuple[tuple[int, Callable[[Any], Any]], ...]  # of the columns JSON does not know
    make: Callable[[Row], Any]

    def rows(self, found: Iterable[Iterable[Iterable[Any]]]) -> Iterator[Any]:
        for parts in found:
            row = list(chain.from_iterable(parts))
            for place, read in self.reads:
                if row[place] is not None:
                    row[place] = read(row[place])
            yield self.make(tuple(row))


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    # A value as it is, or the key to put there: its name and its place among those of that name.
    parameters: tuple[tuple[str, int | None] | _Value, ...]
    lists: Mapping[str, _List]

    def ask(self, keys: Mapping[str, Keys]) -> dict[str, list[Any]]:
        values = []
        for parameter in self.parameters:
            if isinstance(parameter, _Value):
                values.append(parameter.value)
            else:
                name, place = parameter
                key: Any = keys[name]
                values.append(_stored(key if place is None else key[place]))
        with connection.cursor() as cursor:
            cursor.execute(self.sql, values)
            row = cursor.fetchone()
        return {
            name: list(one.rows(json.loads(text))) if text else []
            for (name, one), text in zip(self.lists.items(), row, strict=True)
        }


@dataclass(frozen=True, slots=True)
class _Value:
    value: Any


def _write(
    build: Callable[[Any], Mapping[str, QuerySet[Any, Any]]],
    shape: Sequence[tuple[str, type | int]],
) -> _Statement:
    nobody = {name: _nobodys(kind, n) for n, (name, kind) in enumerate(shape)}
    places: dict[Any, tuple[str, int | None]] = {}
    for name, key in nobody.items():
        if isinstance(key, list):
            places |= {_stored(one): (name, n) for n, one in enumerate(key)}
        else:
            places[_stored(key)] = (name, None)
    parts: list[str] = []
    parameters: list[tuple[str, int | None] | _Value] = []
    lists: dict[str, _List] = {}
    for name, rows in build(SimpleNamespace(**nobody)).items():
        sql, values, lists[name] = _one(rows)
        parts.append(sql)
        parameters += [places.get(value) or _Value(value) for value in values]
    return _Statement(f"SELECT {', '.join(parts)}", tuple(parameters), lists)


def _one(rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any], _List]:
    """Write one list as a value of JSON: an array of rows, each an array of parts."""
    compiler = rows.query.get_compiler(connection=connection)
    try:
        inner, values = compiler.as_sql(with_col_aliases=True)
    except EmptyResultSet:  # among no keys
        return "NULL", (), _List((), tuple)
    postgres = connection.vendor == "postgresql"
    columns, reads = [], []
    for place, (expression, _sql, alias) in enumerate(compiler.select):
        kind = _kind(expression.output_field)
        column = f't."{alias}"'
        if kind == "FloatField" and not postgres:
            column = f"printf('%%!.17g', {column})"  # its JSON keeps 15 digits
        elif kind == "JSONField" and postgres:
            column = f"{column}::text"
        columns.append(column)
        if kind in _READS:
            reads.append((place, _READS[kind]))
    array = "json_build_array" if postgres else "json_array"
    together = "json_agg" if postgres else "json_group_array"
    calls = ", ".join(
        f"{array}({', '.join(columns[n : n + _IN_ONE_CALL])})"
        for n in range(0, len(columns), _IN_ONE_CALL)
    )
    value = f"{together}({array}({calls}))" + ("::text" if postgres else "")
    sql = f"(SELECT {value} FROM ({inner}) t)"  # noqa: S608 - written by Django but for the keys
    return sql, values, _List(tuple(reads), _maker(rows, compiler))


def _maker(rows: QuerySet[Any, Any], compiler: Any) -> Callable[[Row], Any]:
    """Return what makes of a row what the queryset would: a model, or the tuple itself."""
    if rows._iterable_class is not ModelIterable:
        return lambda row: row
    database, info = rows.db, compiler.klass_info
    fields = info["select_fields"]
    first, last = fields[0], fields[-1] + 1
    names = [column.target.attname for column, _sql, _alias in compiler.select[first:last]]
    related = get_related_populators(info, compiler.select, database)  # type: ignore[call-arg]  # its stubs are of Django 6
    annotated = dict(compiler.annotation_col_map or {})
    model = info["model"]

    def make(row: Row) -> Any:
        made = model.from_db(database, names, row[first:last])
        for one in related:
            one.populate(row, made)
        for name, place in annotated.items():
            setattr(made, name, row[place])
        return made

    return make


def _kind(field: Any) -> str:
    while isinstance(field, ForeignKey):
        field = field.target_field
    return str(field.get_internal_type())


def _moment(text: str) -> dt.datetime:
    """Read a moment; SQLite keeps them in UTC and does not say so."""
    at = dt.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


_READS: dict[str, Callable[[Any], Any]] = {
    "UUIDField": UUID,
    "DateTimeField": _moment,
    "DateField": dt.date.fromisoformat,
    "BooleanField": bool,
    "FloatField": float,
    "JSONField": json.loads,
}
