"""What works, shared by leaders and copied by members."""

from __future__ import annotations

from netcrm.accounts.models import User
from netcrm.groups.models import Playbook, PlaybookCopy, SupportGroup


def save_playbook(
    *,
    group: SupportGroup,
    kind: str,
    title: str,
    text: str,
    tag: str = "",
    every_days: int | None = None,
    playbook: Playbook | None = None,
) -> Playbook:
    """Share something that works, or put it better; copies stay as they were."""
    row = playbook or Playbook(group=group)
    row.kind, row.title, row.text, row.tag, row.every_days = kind, title, text, tag, every_days
    row.save()
    return row


def withdraw_playbook(*, playbook: Playbook) -> None:
    playbook.delete()


def copy_playbook(*, playbook: Playbook, by: User) -> tuple[PlaybookCopy, bool]:
    """Take one's own copy, once, and say whether it was taken now.

    Later edits of the original do not reach it.
    """
    same = ("kind", "title", "text", "tag", "every_days")
    return PlaybookCopy.objects.get_or_create(
        owner=by,
        copied_from=playbook,
        defaults={name: getattr(playbook, name) for name in same},
    )


def write_copy(
    *, by: User, title: str, text: str, kind: str = "", copy: PlaybookCopy | None = None
) -> PlaybookCopy:
    """Put one's own copy into other words, or add a note or an idea of one's own."""
    row = copy or PlaybookCopy(owner=by, kind=kind)
    row.title, row.text = title, text
    row.save()
    return row


def drop_copy(*, copy: PlaybookCopy) -> None:
    copy.delete()
