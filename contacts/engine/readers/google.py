"""Google Contacts' CSV, before and after the change of 2024: how to know it."""

from __future__ import annotations

from collections.abc import Collection

from contacts.engine.drafts import Format


def recognises(headings: Collection[str]) -> Format | None:
    """Known by the numbered value columns; the old layout also by its ``Type`` columns.

    Args:
        headings: folded headings.
    """
    if not any(
        name.startswith(("e mail 1 ", "phone 1 ", "organization name")) for name in headings
    ):
        return None
    if "group membership" in headings or "given name" in headings or "e mail 1 type" in headings:
        return Format.GOOGLE_OLD
    if "labels" in headings or "first name" in headings or "e mail 1 label" in headings:
        return Format.GOOGLE
    return None
