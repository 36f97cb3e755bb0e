"""Everything that changes people and what happened with them.

Each function is one change: keyword-only, told ``by`` whom and ``at`` what moment, whole or
not at all, and told to whoever plans from it (netcrm.kit.facts).  Bad input raises Django's
``ValidationError`` with the name of the argument, before anything is written.
"""

from contacts.services.erased import has_asked
from contacts.services.interactions import (
    Word,
    delete_interaction,
    edit_interaction,
    log_interaction,
    settle,
)
from contacts.services.merging import (
    NotNow,
    forget_old_journals,
    gather_late,
    joined_into,
    merge_people,
    undo_merge,
    undoable_until,
)
from contacts.services.people import (
    Birthday,
    Conflict,
    Details,
    add_person,
    archive,
    do_not_contact,
    edit_person,
    empty_old_trash,
    ensure_self,
    erase,
    may_contact_again,
    park,
    restore,
    set_ring,
    trash,
    unarchive,
)
from contacts.services.points import add_point, normalised, remove_point
from contacts.services.positions import get_or_make_organization, remove_position, save_position
from contacts.services.promises import (
    add_promise,
    close_promise,
    drop_their_date,
    reopen_promise,
    set_their_date,
)
from contacts.services.tags import delete_tag, rename_tag, set_tags

__all__ = [
    "Birthday",
    "Conflict",
    "Details",
    "NotNow",
    "Word",
    "add_person",
    "add_point",
    "add_promise",
    "archive",
    "close_promise",
    "delete_interaction",
    "delete_tag",
    "do_not_contact",
    "drop_their_date",
    "edit_interaction",
    "edit_person",
    "empty_old_trash",
    "ensure_self",
    "erase",
    "forget_old_journals",
    "gather_late",
    "get_or_make_organization",
    "has_asked",
    "joined_into",
    "log_interaction",
    "may_contact_again",
    "merge_people",
    "normalised",
    "park",
    "remove_point",
    "remove_position",
    "rename_tag",
    "reopen_promise",
    "restore",
    "save_position",
    "set_ring",
    "set_tags",
    "set_their_date",
    "settle",
    "trash",
    "unarchive",
    "undo_merge",
    "undoable_until",
]
