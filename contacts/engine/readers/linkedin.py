"""LinkedIn's ``Connections.csv``: how to know it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from contacts.engine.days import read_day
from contacts.engine.drafts import Format
from contacts.engine.points import email, linkedin_key

LAYOUT = ("given", "family", "link", "email", "organization", "title", "connected_on")
LAYOUT_2018 = ("given", "family", "email", "organization", "title", "connected_on")


def recognises(fields: Collection[str]) -> Format | None:
    """Known by its "Connected On" column, in any language we know the word in."""
    named = "given" in fields or "family" in fields or "full_name" in fields
    return Format.LINKEDIN if named and "connected_on" in fields else None


def by_shape(fields: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Know the export in a language we do not read, by what stands in its columns.

    The order of its columns is the same in every language: profile links third (since 2019),
    dates last, and e-mail addresses or nothing between.  Headings we do know must agree.
    """
    layout = {len(LAYOUT): LAYOUT, len(LAYOUT_2018): LAYOUT_2018}.get(len(fields))
    full = [row for row in rows if layout and len(row) == len(layout)]
    if layout is None or not full:
        return None
    if any(field not in (place, "") for field, place in zip(fields, layout, strict=True)):
        return None
    dates = [row[-1].strip() for row in full if row[-1].strip()]
    mails = [row[layout.index("email")].strip() for row in full]
    if not dates or not all(map(read_day, dates)):
        return None
    if any(mail and email(mail) is None for mail in mails):
        return None
    if "link" in layout:
        links = [row[2] for row in full if row[2].strip()]
        if not links or not all(map(linkedin_key, links)):
            return None
    elif not any(mails):
        return None
    return layout
