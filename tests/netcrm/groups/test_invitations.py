"""Invitations: one address, one use, one week; never a way in for anybody else (A04, A05)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from netcrm.accounts.models import User
from netcrm.delivery import letters
from netcrm.delivery.models import Delivery
from netcrm.groups import services
from netcrm.groups.links import token_of
from netcrm.groups.models import Grain, Invitation, Membership
from netcrm.groups.services import Refused
from netcrm.groups.services.invitations import A_DAY_AT_MOST
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
YES = {"grain": Grain.NUMBERS, "agreed": "on"}


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def group(clock, lea):
    return make.group(lea, covenant="Come every week.")


@pytest.fixture
def invitation(group, lea):
    return services.invite(by=lea, group=group, email="Ana@Example.test", role="member", at=NOW)


def link(invitation: Invitation) -> str:
    return reverse("groups:join", args=[token_of(invitation)])


def test_the_invited_address_joins_by_one_press_and_chooses_what_to_show(invitation, ana, client):
    client.force_login(ana)
    page = client.get(link(invitation))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Lea Brandt" in text
    assert "Tuesday group" in text
    assert "Come every week." in text
    assert page["Referrer-Policy"] == "no-referrer"
    assert not Membership.objects.filter(user=ana).exists()
    assert client.post(link(invitation), YES).status_code == 302
    joined = Membership.objects.get(user=ana)
    assert (joined.role, joined.grain, joined.agreed_at) == ("member", Grain.NUMBERS, NOW)


def test_the_agreement_comes_first(invitation, ana, client):
    client.force_login(ana)
    assert client.post(link(invitation), {"grain": 0}).status_code == 422
    assert not Membership.objects.filter(user=ana).exists()


def test_somebody_else_is_refused_whatever_they_press(invitation, ben, client):
    client.force_login(ben)
    assert client.get(link(invitation)).status_code == 403
    assert client.post(link(invitation), YES).status_code == 403
    with pytest.raises(PermissionError):
        services.accept(invitation=invitation, by=ben, at=NOW)
    assert "ana@example.test" not in client.get(link(invitation)).content.decode()


def test_signed_out_it_shows_who_invites_and_signs_nobody_in(invitation, ana, client):
    for method in (client.get, client.post):
        answer = method(link(invitation), YES)
        assert answer.status_code == 200
        assert "Lea Brandt" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert not Membership.objects.filter(user=ana).exists()


def test_an_address_that_is_not_proven_opens_nothing(invitation, ben, client):
    EmailAddress.objects.create(user=ben, email="ana@example.test", verified=False)
    client.force_login(ben)
    assert client.post(link(invitation), YES).status_code == 403
    EmailAddress.objects.filter(user=ben).update(verified=True)
    assert client.post(link(invitation), YES).status_code == 302


def test_it_works_once(invitation, ana, client):
    client.force_login(ana)
    client.post(link(invitation), YES)
    assert client.get(link(invitation)).status_code == 410
    with pytest.raises(Refused):
        services.accept(invitation=invitation, by=ana, at=NOW)
    services.leave(membership=Membership.objects.get(user=ana), at=NOW)
    assert client.post(link(invitation), YES).status_code == 410


def test_after_a_week_it_is_gone(invitation, ana, client, clock):
    clock.move_to(NOW + dt.timedelta(days=7))
    client.force_login(ana)
    assert client.get(link(invitation)).status_code == 410
    with pytest.raises(Refused):
        services.accept(invitation=invitation, by=ana, at=NOW + dt.timedelta(days=7))


def test_inviting_again_kills_the_older_link(invitation, group, lea, ana, client):
    again = services.invite(by=lea, group=group, email="ana@example.test", role="member", at=NOW)
    client.force_login(ana)
    assert client.get(link(invitation)).status_code == 410
    assert client.get(link(again)).status_code == 200


def test_the_role_offered_last_is_the_one_applied(invitation, lea, ana, client):
    client.force_login(lea)
    client.post(reverse("groups:offer_role", args=[invitation.pk]), {"role": "co_leader"})
    client.force_login(ana)
    client.post(link(invitation), YES)
    assert Membership.objects.get(user=ana).role == "co_leader"


def test_taken_back_it_leads_nowhere(invitation, lea, ana, client):
    client.force_login(lea)
    client.post(reverse("groups:withdraw", args=[invitation.pk]))
    client.force_login(ana)
    assert client.get(link(invitation)).status_code == 410


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", lambda t: t])
def test_a_token_of_our_own_making_is_the_only_one(invitation, ana, client, change, settings):
    token = change(token_of(invitation)) or "nothing"
    if token == token_of(invitation):
        settings.SECRET_KEY = "another"
    client.force_login(ana)
    assert client.get(reverse("groups:join", args=[token])).status_code == 404


def test_the_mail_names_who_invites_and_its_link_is_the_page(invitation, ana, client):
    row = Delivery.objects.get(letter="invitation")
    assert row.recipient == "ana@example.test"
    letter = letters.write(row, at=NOW)
    assert "Lea Brandt" in letter.subject
    (address,) = set(re.findall(r"/groups/join/\S+/", letter.text))
    client.force_login(ana)
    assert client.get(address).status_code == 200
    assert not mail.outbox


def test_nothing_is_written_for_an_invitation_that_does_not_hold(invitation, group, lea, ana):
    row = Delivery.objects.get(letter="invitation")
    make.member(group, ana, role="leader")
    lead = group.memberships.get(user=lea)
    services.leave(membership=lead, at=NOW)
    assert letters.write(row, at=NOW) is None


def test_members_are_not_invited_again_and_nobody_can_flood(invitation, group, lea, ana):
    make.member(group, ana)
    with pytest.raises(Refused):
        services.invite(by=lea, group=group, email="ANA@example.test", role="member", at=NOW)
    for n in range(A_DAY_AT_MOST - 1):
        services.invite(by=lea, group=group, email=f"p{n}@example.test", role="member", at=NOW)
    with pytest.raises(Refused):
        services.invite(by=lea, group=group, email="more@example.test", role="member", at=NOW)


def test_a_sign_up_with_an_invited_address_gets_nothing_until_it_is_proven(invitation, client):
    client.post(
        reverse("account_signup"), {"email": "cleo@example.test", "password1": make.PASSWORD}
    )
    cleo = User.objects.get(email="cleo@example.test")
    invitation.email = cleo.email
    invitation.save()
    assert "_auth_user_id" not in client.session
    with pytest.raises(PermissionError):
        services.accept(invitation=invitation, by=cleo, at=NOW)


@pytest.mark.parametrize("letter", ["ı", "ſ", "K", "İ"])
def test_a_letter_that_only_looks_the_same_in_capitals_is_another_address(group, lea, ben, letter):
    """CVE-2019-19844: to PostgreSQL both are one address in capitals."""
    plain = {"ı": "i", "ſ": "s", "K": "k", "İ": "i"}[letter]
    offered = services.invite(
        by=lea, group=group, email=f"m{plain}ke@example.test", role="member", at=NOW
    )
    EmailAddress.objects.create(user=ben, email="placeholder@example.test", verified=True)
    EmailAddress.objects.filter(user=ben, email="placeholder@example.test").update(
        email=f"m{letter}ke@example.test"
    )
    with pytest.raises(PermissionError):
        services.accept(invitation=offered, by=ben, at=NOW)
