"""LinkedIn's ``Connections.csv``: how to know it."""

from __future__ import annotations

from collections.abc import Collection

from contacts.engine.drafts import Format


def recognises(fields: Collection[str]) -> Format | None:
    """Known by its "Connected On" column, or by the five columns of the 2018 layout.

    The heading's language does not matter.
    """
    named = "given" in fields or "family" in fields or "full_name" in fields
    if named and "connected_on" in fields:
        return Format.LINKEDIN
    return None
