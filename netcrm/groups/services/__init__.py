"""Everything that changes groups: keyword-only, told ``by`` whom and ``at`` what moment.

What is refused raises ``Refused`` with a sentence for the page, before anything is written.
"""

from netcrm.groups.services.consent import (
    change_sharing,
    facts_changed,
    forget_person_share,
    share_note,
    share_person,
    take_note_back,
)
from netcrm.groups.services.figures import keep_figures
from netcrm.groups.services.invitations import (
    accept,
    change_role_offered,
    invite,
    is_for,
    withdraw,
)
from netcrm.groups.services.looking import LogRefused, looked, prune_view_log
from netcrm.groups.services.meetings import (
    arrive,
    capture,
    commit,
    end_meeting,
    finish_commitment,
    next_turn,
    put_off_commitment,
    read_for,
    reopen_commitment,
    set_projector,
    start_meeting,
)
from netcrm.groups.services.members import (
    Refused,
    agree,
    appoint,
    edit_group,
    hand_over,
    leave,
    make_group,
    pair,
    remove,
    tell_landed,
)
from netcrm.groups.services.playbooks import (
    copy_playbook,
    drop_copy,
    save_playbook,
    withdraw_playbook,
    write_copy,
)
from netcrm.groups.services.room import answer, ask_room, may_ask
from netcrm.groups.services.words import comment, read_comments, save_note, send_report

__all__ = [
    "LogRefused",
    "Refused",
    "accept",
    "agree",
    "answer",
    "appoint",
    "arrive",
    "ask_room",
    "capture",
    "change_role_offered",
    "change_sharing",
    "comment",
    "commit",
    "copy_playbook",
    "drop_copy",
    "edit_group",
    "end_meeting",
    "facts_changed",
    "finish_commitment",
    "forget_person_share",
    "hand_over",
    "invite",
    "is_for",
    "keep_figures",
    "leave",
    "looked",
    "make_group",
    "may_ask",
    "next_turn",
    "pair",
    "prune_view_log",
    "put_off_commitment",
    "read_comments",
    "read_for",
    "remove",
    "reopen_commitment",
    "save_note",
    "save_playbook",
    "send_report",
    "set_projector",
    "share_note",
    "share_person",
    "start_meeting",
    "take_note_back",
    "tell_landed",
    "withdraw",
    "withdraw_playbook",
    "write_copy",
]
