"""Pages of a long list, found by where the last one ended (keyset), never by counting rows.

The thousandth page costs what the first one costs, and a row added meanwhile neither repeats
nor hides another.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Model, Q, QuerySet

PAGE_ROWS = 50

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """One page; ``next`` and ``previous`` go into the address, "" where there is none."""

    rows: list[Row]
    next: str
    previous: str


def page_of(
    rows: QuerySet[Row],
    *,
    by: str,
    after: str = "",
    before: str = "",
    descending: bool = False,
    size: int = PAGE_ROWS,
) -> Page[Row]:
    """Return one page of ``rows`` in the order of ``by`` and then of their keys; one query.

    Args:
        by: a field, or one of a row it leads to (``trust_state__level``, which the queryset
            selects along); rows without a value in it come last.
        after: ``next`` of the page before; what it does not understand means the first page.
        before: ``previous`` of the page behind.
    """
    back = bool(before)
    # NULLS LAST would keep an index on a column that has no nulls from being used.
    nullable = "__" in by or bool(_field(rows.model, by).null)
    mark = _read(rows, by, before or after)
    if mark is None:
        back = False
    else:
        rows = rows.filter(_beyond(by, *mark, descending=descending, back=back, nullable=nullable))
    found = list(
        rows.order_by(*_order(by, descending=descending, back=back, nullable=nullable))[: size + 1]
    )
    return _page(found, by=by, size=size, back=back, is_first=mark is None)


def first_page(found: list[Row], *, by: str, size: int = PAGE_ROWS) -> Page[Row]:
    """Return the first page from rows loaded in its order, one more than ``size`` if there is."""
    return _page(found, by=by, size=size, back=False, is_first=True)


def _page(found: list[Row], *, by: str, size: int, back: bool, is_first: bool) -> Page[Row]:
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    has_next = bool(found) and (more or back)
    has_previous = bool(found) and (more if back else not is_first)
    return Page(
        rows=found,
        next=_write(found[-1], by) if has_next else "",
        previous=_write(found[0], by) if has_previous else "",
    )


def _order(by: str, *, descending: bool, back: bool, nullable: bool) -> Sequence[Any]:
    nulls = {"nulls_first": True} if back else {"nulls_last": True}
    first = F(by).desc if descending != back else F(by).asc
    return (first(**nulls) if nullable else first(), "-id" if back else "id")


def _beyond(by: str, value: Any, key: str, *, descending: bool, back: bool, nullable: bool) -> Q:
    """Rows that stand behind (``back``: before) the row with ``value`` and ``key``."""
    further = "id__lt" if back else "id__gt"
    if value is None:
        without = Q(**{f"{by}__isnull": True, further: key})
        return without | Q(**{f"{by}__isnull": False}) if back else without
    down = descending != back
    strictly, at_least = ("lt", "lte") if down else ("gt", "gte")
    # The first condition is implied by the rest; it lets an index find the place at once.
    behind = Q(**{f"{by}__{at_least}": value}) & (
        Q(**{f"{by}__{strictly}": value}) | Q(**{by: value, further: key})
    )
    return behind | Q(**{f"{by}__isnull": True}) if nullable and not back else behind


def _field(model: type[Model], by: str) -> Any:
    first, _, rest = by.partition("__")
    field: Any = model._meta.get_field(first)
    return _field(field.related_model, rest) if rest else field


def _value(row: Any, by: str) -> Any:
    for name in by.split("__"):
        row = getattr(row, name, None)  # a one-to-one that is not there is no attribute
    return row


def _write(row: Model, by: str) -> str:
    mark = json.dumps([_value(row, by), row.pk], cls=DjangoJSONEncoder)
    return urlsafe_b64encode(mark.encode()).decode().rstrip("=")


def _read(rows: QuerySet[Any], by: str, text: str) -> tuple[Any, str] | None:
    """What ``_write`` wrote, or None for anything else."""
    if not text:
        return None
    try:
        value, key = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return _field(rows.model, by).to_python(value), rows.model._meta.pk.to_python(key)
    except (ValueError, TypeError, ValidationError):  # also what is no base64 and no JSON
        return None
