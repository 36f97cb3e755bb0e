"""Looks whether what is stored holds together: python manage.py check_integrity."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from netcrm.takeout import integrity


class Command(BaseCommand):
    help = "Say what does not hold together in the database; ends with 1 when anything does not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(integrity.problems())
        for problem in found:
            self.stdout.write(problem)
        if found:
            raise CommandError(f"{len(found)} problems")
        self.stdout.write("0 problems")
