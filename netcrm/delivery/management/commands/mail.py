"""Holds all mail, and lets it go: python manage.py mail hold|send|digest|skip."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from netcrm.delivery import services
from netcrm.delivery.services import Release

HOLD = "hold"


class Command(BaseCommand):
    help = (
        "hold: send nothing until told otherwise, as before a restored database is used."
        " send, digest, skip: begin again with all that waits, with one summary a person, or"
        " with none of it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=[HOLD, *Release])
        parser.add_argument("--because", default="Held by an operator.", help="shown on the page")

    def handle(self, *args: Any, what: str, because: str, **options: Any) -> None:
        now = timezone.now()
        if what == HOLD:
            services.hold(because=because, at=now)
            self.stdout.write("No mail is sent until: manage.py mail send, digest or skip.")
            return
        gone = services.release(Release(what), at=now)
        self.stdout.write(f"Mail is sent again; {gone} that waited will not go as they were.")
