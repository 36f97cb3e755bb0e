"""Makes the practice accounts, George and his group, and says how to sign in to them."""

from __future__ import annotations

import base64
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.crypto import salted_hmac

from netcrm.accounts.models import User
from netcrm.pages import practice_group, story


class Command(BaseCommand):
    help = "Make the practice account George, with his story up to today, and his group."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="begin his story afresh")

    def handle(self, *args: Any, **options: Any) -> None:
        password = _password()
        there = User.objects.filter(email=story.EMAIL)
        if options["again"]:
            practice_group.disband()
            there.delete()
        now = timezone.now()
        if not there.exists():
            george = story.tell(password=password, at=now)
            practice_group.gather(george, password=password, at=now)
        self.stdout.write(f"To look around, sign in as {story.EMAIL} with {password}")
        if User.objects.filter(email=practice_group.LEADER).exists():
            self.stdout.write(f"or, with the same, as {practice_group.LEADER}, who leads his group")


def _password() -> str:
    """Known to whoever runs this installation, and different on every one."""
    digest = salted_hmac("netcrm.pages.demo", story.EMAIL, algorithm="sha256").digest()
    return base64.b32encode(digest).decode()[:16].lower()
