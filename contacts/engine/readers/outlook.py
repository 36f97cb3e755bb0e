"""Outlook's three CSV layouts: how to tell them apart."""

from __future__ import annotations

from collections.abc import Collection

from contacts.engine.drafts import Format


def recognises(headings: Collection[str], fields: Collection[str]) -> Format | None:
    """Known by columns only Outlook writes.

    Args:
        headings: folded headings.
        fields: the fields they stand for, which is what tells Outlook in other languages.
    """
    if "given yomi" in headings and "e mail address" in headings:
        return Format.OUTLOOK_COM
    if "e mail display name" in headings or "e mail type" in headings:
        return Format.OUTLOOK
    if "internet free busy" in headings or "organizational id number" in headings:
        return Format.OUTLOOK_VIA_GOOGLE
    if "e mail address" in headings and "business phone" in headings:
        return Format.OUTLOOK
    translated = {"phone:work", "phone:home", "phone:mobile", "email"} <= set(fields)
    return Format.OUTLOOK if translated and "given" in fields else None
