"""What works, shared by leaders and copied by members."""

from __future__ import annotations

from netcrm.accounts.models import User
from netcrm.groups.models import Playbook, PlaybookCopy, SupportGroup


def save_playbook(
    *, group: SupportGroup, kind: str, title: str, text: str, playbook: Playbook | None = None
) -> Playbook:
    """Share something that works, or put it better; copies stay as they were."""
    row = playbook or Playbook(group=group)
    row.kind, row.title, row.text = kind, title, text
    row.save()
    return row


def withdraw_playbook(*, playbook: Playbook) -> None:
    playbook.delete()


def copy_playbook(*, playbook: Playbook, by: User) -> PlaybookCopy:
    """Take one's own copy, once; later edits of the original do not reach it."""
    return PlaybookCopy.objects.get_or_create(
        owner=by,
        copied_from=playbook,
        defaults={"kind": playbook.kind, "title": playbook.title, "text": playbook.text},
    )[0]


def drop_copy(*, copy: PlaybookCopy) -> None:
    copy.delete()
