"""The link of a question to somebody who is not a member: signed, for one question alone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from introductions.models import OptIn
from netcrm.delivery.links import Bad, seal, unseal

__all__ = ["Bad", "Said", "seal_question", "unseal_question"]

PURPOSE = "opt_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    question: UUID
    nonce: UUID


def seal_question(row: OptIn) -> str:
    return seal(PURPOSE, {"q": str(row.pk), "n": str(row.nonce)})


def unseal_question(token: str) -> Said:
    """What a link says.

    Raises:
        Bad: it was changed, or made for another purpose.
    """
    values = unseal(PURPOSE, token)
    try:
        return Said(question=UUID(str(values["q"])), nonce=UUID(str(values["n"])))
    except (KeyError, ValueError) as wrong:
        raise Bad("not a question of ours") from wrong
