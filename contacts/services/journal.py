"""Rows as they were and as they became, so that a change of many tables can be taken back.

A snapshot holds rows by table and key.  The difference of two is kept; putting it back sets
again what still is as the change left it, and leaves alone what somebody has changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

Values = dict[str, Any]  # column to value, as JSON has it
Snapshot = dict[str, dict[str, Values]]  # label of a model → key → values
Difference = dict[str, dict[str, list[Values | None]]]  # … → [before, after]; None is no row
AT_ONCE = 400  # keys in one statement; SQLite takes 999 parameters


def snapshot(rows: Iterable[models.QuerySet[Any]]) -> Snapshot:
    """Every row of these querysets, each once."""
    found: Snapshot = {}
    for some in rows:
        table = found.setdefault(some.model._meta.label, {})
        columns = [field.attname for field in some.model._meta.concrete_fields]
        key = some.model._meta.pk.attname
        for values in some.order_by().values(*columns):
            table[str(values[key])] = {name: _plain(value) for name, value in values.items()}
    return found


def difference(before: Snapshot, after: Snapshot) -> Difference:
    """What was removed, added and changed; of a changed row only the columns that differ."""
    found: Difference = {}
    for label in before.keys() | after.keys():
        old, new = before.get(label, {}), after.get(label, {})
        rows: dict[str, list[Values | None]] = {}
        for key in old.keys() | new.keys():
            was, became = old.get(key), new.get(key)
            if was is None or became is None:
                rows[key] = [was, became]
            elif was != became:
                changed = [name for name in was if was[name] != became[name]]
                rows[key] = [{n: was[n] for n in changed}, {n: became[n] for n in changed}]
        if rows:
            found[label] = rows
    return found


@dataclass(slots=True)
class Left:
    """What could not be put back, because it was changed since: columns, by table and key."""

    rows: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def add(self, label: str, key: str, columns: Iterable[str] = ()) -> None:
        self.rows.setdefault(label, {})[key] = list(columns)

    def count(self, labels: Iterable[str]) -> int:
        return sum(len(self.rows.get(label, ())) for label in labels)


def put_back(said: Difference, *, by_column: Iterable[str] = ()) -> Left:
    """Undo a difference; return what had been changed since and so stays as it is.

    Args:
        by_column: labels of models of which each column is put back by itself.  A row of any
            other is put back whole, or, changed since, as far as its foreign keys go.
    """
    left = Left()
    models_of = {label: apps.get_model(label) for label in said}
    for label, model in models_of.items():
        _remove_added(model, said[label], left)
    waiting = [
        (model, key, values)
        for label, model in models_of.items()
        for key, values in _owed(model, said[label], label in set(by_column), left)
    ]
    missing = [
        (model, key, was)
        for label, model in models_of.items()
        for key, (was, became) in said[label].items()
        if became is None and was is not None
    ]
    # One row may stand in the way of another (one open of its kind), so what fails waits.
    for _attempt in range(3):
        waiting = _update(waiting)
        missing = [row for row in missing if not _insert(*row)]
        if not waiting and not missing:
            break
    for model, key, _values in (*waiting, *missing):
        left.add(model._meta.label, key)
    return left


Model = type[models.Model]
Owed = tuple[Model, str, Values]


def _remove_added(model: Model, rows: Mapping[str, list[Values | None]], left: Left) -> None:
    added = {key: became for key, (was, became) in rows.items() if was is None and became}
    for key, values in _as_they_are(model, added).items():
        if values == added[key]:
            model._base_manager.filter(pk=key).delete()
        else:
            left.add(model._meta.label, key)


def _owed(
    model: Model, rows: Mapping[str, list[Values | None]], by_column: bool, left: Left
) -> Iterable[tuple[str, Values]]:
    """Columns to set again, by key."""
    changed = {key: (was, became) for key, (was, became) in rows.items() if was and became}
    now = _as_they_are(model, changed)
    links = {f.attname for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey)}
    for key, (was, became) in changed.items():
        is_now = now.get(key)
        if is_now is None:
            left.add(model._meta.label, key)  # deleted since
            continue
        same = {name for name, value in became.items() if is_now[name] == value}
        if not by_column and len(same) < len(became):
            same &= links
        if len(same) < len(became):
            left.add(model._meta.label, key, sorted(became.keys() - same))
        if same:
            yield key, {name: was[name] for name in same}


def _as_they_are(model: Model, keys: Iterable[str]) -> dict[str, Values]:
    wanted = list(keys)
    found: dict[str, Values] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = model._base_manager.filter(pk__in=wanted[start : start + AT_ONCE])
        found |= snapshot([some])[model._meta.label]
    return found


def _update(owed: list[Owed]) -> list[Owed]:
    """Set columns, rows that take the same ones together; return what was refused."""
    alike: dict[tuple[Model, str], list[Owed]] = {}
    for row in owed:
        alike.setdefault((row[0], repr(sorted(row[2].items()))), []).append(row)
    refused: list[Owed] = []
    for (model, _same), rows in alike.items():
        values = _read(model, rows[0][2])
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            if not _try(model, [key for _, key, _ in some], values):
                refused += [row for row in some if not _try(model, [row[1]], values)]
    return refused


def _try(model: Model, keys: list[str], values: Values) -> bool:
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=keys).update(**values)
    except IntegrityError:
        return False
    return True


def _insert(model: Model, key: str, values: Values) -> bool:
    if model._base_manager.filter(pk=key).exists() or not _parents_are_there(model, values):
        return False
    try:
        with transaction.atomic():
            row = model(**_read(model, values))
            row.save_base(raw=True, force_insert=True)
    except IntegrityError:
        return False
    return True


def _parents_are_there(model: Model, values: Values) -> bool:
    """Foreign keys are checked when a transaction ends, which is too late to leave a row out."""
    return all(
        values[link.attname] is None
        or link.related_model._base_manager.filter(pk=values[link.attname]).exists()
        for link in model._meta.concrete_fields
        if isinstance(link, models.ForeignKey) and isinstance(link.related_model, type)
    )


def _read(model: Model, values: Values) -> Values:
    columns: dict[str, Any] = {column.attname: column for column in model._meta.concrete_fields}
    return {
        name: None if value is None else _target(columns[name]).to_python(value)
        for name, value in values.items()
    }


def _target(column: Any) -> Any:
    return column.target_field if column.is_relation else column


def _plain(value: Any) -> Any:
    """As JSON has it; days and moments in ISO 8601, to the microsecond."""
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
