"""George's practice story."""

from __future__ import annotations

import re

from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from introductions import selectors
from introductions.models import TrustState
from netcrm.accounts.models import User
from netcrm.groups.models import SupportGroup
from netcrm.pages import practice_group, story
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
    assert User.objects.count() == 6


def test_the_command_makes_a_group_that_its_leader_can_open(client, db, capsys):
    """Everybody shares in another way; nothing in it names anybody the leader may not read of."""
    call_command("demo")
    password = re.search(r"with (\S+)", capsys.readouterr().out).group(1)
    assert client.login(email=practice_group.LEADER, password=password)
    group = SupportGroup.objects.get()
    page = client.get(reverse("groups:overview", args=[group.pk]))
    shared = {brief.name: brief.grain for brief in page.context["page"].briefs}
    assert shared == {
        "Ana Ruiz": "Shape",
        "Dev Rao": "Numbers",
        "George Ames": "Names",
        "Joy Adeyemi": "Numbers",
        "Ken Ito": "Nothing",
    }
    assert client.post(reverse("groups:start_meeting", args=[group.pk])).status_code == 302
    meeting = client.get(reverse("groups:meeting", args=[group.meetings.first().pk])).text
    assert "Tell Bill how the survey went" in meeting
    assert "read out by George Ames" in meeting
    assert "Mara Stone" not in page.text + meeting
    assert "Being counted" not in page.text


def test_the_story_can_begin_afresh(db, capsys):
    call_command("demo")
    Contact.objects.filter(name="Ann Lindqvist").delete()
    call_command("demo", again=True)
    assert Contact.objects.filter(name="Ann Lindqvist").exists()
    assert SupportGroup.objects.count() == 1
    assert User.objects.count() == 6
