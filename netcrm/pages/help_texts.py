"""What the help page says, taken from the rules themselves so that it cannot drift."""

from __future__ import annotations

from typing import Any

from contacts.models import Ring
from followups.engine.constants import RING_DAYS
from introductions.models import Referral
from introductions.words import STEP_SENTENCES, STEP_WORDS


def everything() -> dict[str, Any]:
    return {
        "steps": list(zip(STEP_WORDS, STEP_SENTENCES, strict=True)),
        "rings": [(ring.label, RING_DAYS[ring.value]) for ring in (Ring.A, Ring.B, Ring.C)],
        "substances": Referral.Substance.labels,
    }
