"""George's practice story."""

from __future__ import annotations

import re

from django.core.management import call_command
from django.utils import timezone

from contacts.models import Contact
from introductions import selectors
from introductions.models import TrustState
from netcrm.accounts.models import User
from netcrm.pages import story
from tests import make


def test_the_story_shows_that_trust_starts_again_at_each_hop(db):
    george = story.tell(password=make.PASSWORD, at=timezone.now())
    shirley = Contact.objects.get(owner=george, name="Shirley Okoro")
    (chain,) = selectors.chains_to(george, shirley)
    assert [person.name for person in chain.people] == [
        "Ann Lindqvist",
        "Bill Moss",
        "Shirley Okoro",
    ]
    levels = dict(TrustState.objects.values_list("contact__name", "level"))
    assert levels["Ann Lindqvist"] > levels["Bill Moss"] > levels["Shirley Okoro"]
    assert levels["Lee Park"] == 1
    assert set(shirley.referrals_given.values_list("giver_step", flat=True)) == {2}


def test_the_command_prints_a_password_that_works(client, db, capsys):
    call_command("demo")
    call_command("demo")
    email, password = re.search(r"sign in as (\S+) with (\S+)", capsys.readouterr().out).groups()
    assert client.login(email=email, password=password)
    assert User.objects.count() == 1


def test_the_story_can_begin_afresh(db, capsys):
    call_command("demo")
    Contact.objects.filter(name="Ann Lindqvist").delete()
    call_command("demo", again=True)
    assert Contact.objects.filter(name="Ann Lindqvist").exists()
