"""Erase somebody who asked for it from every member's list; see docs/privacy.md."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from netcrm.takeout import erasure


class Command(BaseCommand):
    help = "Lists every copy of a person by e-mail or phone; with --yes, erases them."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("address", nargs="?", help="e-mail address, or +44… number")
        parser.add_argument("--named", default="", help="only people with these words in the name")
        parser.add_argument("--yes", action="store_true", help="erase; without it, only list")
        parser.add_argument(
            "--again", action="store_true", help="after a restore: erase whoever came back"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["again"]:
            self.stdout.write(f"Erased again: {erasure.again(at=timezone.now())}")
            return
        if not options["address"]:
            raise CommandError("Give an e-mail address or a telephone number.")
        try:
            key = erasure.key_of(options["address"])
        except ValidationError as problem:
            raise CommandError(problem.messages[0]) from None
        found = erasure.copies(key, named=options["named"])
        for copy in found:
            held = ", ".join(f"{label} {n}" for label, n in copy.counts.items())
            self.stdout.write(f"{copy.contact.pk} in the list of {copy.contact.owner_id}: {held}")
        self.stdout.write(f"Copies found: {len(found)}")
        if options["yes"]:
            count = erasure.erase(key, at=timezone.now(), named=options["named"])
            self.stdout.write(f"Erased: {count}. Their owners are told by mail.")
        elif found:
            self.stdout.write("Nothing was erased. Add --yes to erase them.")
