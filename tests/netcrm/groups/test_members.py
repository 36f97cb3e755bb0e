"""Roles, coming and going: somebody always leads, and whoever goes takes back what they showed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from netcrm.accounts.services import ask_to_leave, remove_leavers
from netcrm.groups import selectors, services
from netcrm.groups.models import Grain, Membership, News, PersonShare
from netcrm.groups.services import Refused
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
Role = Membership.Role


@pytest.fixture
def group(lea):
    return make.group(lea, covenant="Come every week.")


@pytest.fixture
def mine(group, ana):
    return make.member(group, ana, grain=Grain.NAMES, in_the_room=True)


def test_whoever_starts_a_group_leads_it(lea):
    group = services.make_group(by=lea, at=NOW, name="Buddies")
    assert [(m.user, m.role) for m in group.memberships.all()] == [(lea, Role.LEADER)]


def test_joining_shows_nothing_until_the_member_says_so(group, ben):
    fresh = make.member(group, ben)
    assert (fresh.grain, fresh.in_the_room) == (Grain.NOTHING, False)
    assert not selectors.consent(fresh).shares


def test_leaving_takes_everything_back_at_once(group, mine, ana, lea, client):
    person = make.contact(ana, "Ann Lee")
    services.share_person(membership=mine, contact_id=person.pk, grain=Grain.NAMES)
    services.share_note(membership=mine, contact_id=person.pk, text="Kind")
    services.send_report(membership=mine, on=NOW.date(), at=NOW, values={"win": "Tea with Ann"})
    client.force_login(lea)
    overview = reverse("groups:overview", args=[group.pk])
    assert client.get(overview).context["page"].briefs
    services.leave(membership=mine, at=NOW, goodbye="It was good to be here.")
    assert not client.get(overview).context["page"].briefs
    assert client.get(reverse("groups:review", args=[mine.pk])).status_code == 404
    assert "Tea" not in client.get(reverse("groups:export", args=[group.pk])).content.decode()
    assert not PersonShare.objects.exists()
    assert not mine.note_shares.exists()
    assert person.owner.contacts.filter(pk=person.pk).exists()
    assert News.objects.get().text == "It was good to be here."
    client.force_login(ana)
    assert client.get(reverse("groups:group", args=[group.pk])).status_code == 404


def test_the_last_leader_cannot_vanish(group, mine, lea):
    lead = group.memberships.get(user=lea)
    for go in (
        lambda: services.leave(membership=lead, at=NOW),
        lambda: services.remove(membership=lead, at=NOW),
        lambda: services.appoint(membership=lead, role=Role.MEMBER),
    ):
        with pytest.raises(Refused):
            go()
    services.appoint(membership=mine, role=Role.CO_LEADER)
    services.leave(membership=lead, at=NOW)
    assert [m.user for m in group.memberships.present().leading()] == [mine.user]


def test_a_group_closes_with_its_last_member(group, lea, client):
    services.leave(membership=group.memberships.get(user=lea), at=NOW)
    client.force_login(lea)
    assert client.get(reverse("groups:group", args=[group.pk])).status_code == 404
    group.refresh_from_db()
    assert group.closed_at == NOW


def test_before_an_account_goes_the_lead_passes_to_who_belonged_longest(group, mine, lea, ben):
    make.member(group, ben, at=NOW)
    assert services.hand_over(user=lea, at=NOW) == [group]
    assert [m.user for m in group.memberships.present().leading()] == [mine.user]
    assert services.hand_over(user=ben, at=NOW) == []


def test_an_account_that_is_deleted_leaves_no_group_without_a_leader(group, mine, lea, client):
    ask_to_leave(lea, at=NOW)
    assert [m.user for m in group.memberships.present().leading()] == [lea]
    assert remove_leavers(at=NOW + dt.timedelta(days=14)) == 1
    assert [m.user for m in group.memberships.present().leading()] == [mine.user]
    client.force_login(mine.user)
    assert client.get(reverse("groups:overview", args=[group.pk])).status_code == 200


def test_whoever_stops_leading_invites_nobody_any_more(group, mine, lea):
    services.appoint(membership=mine, role=Role.CO_LEADER)
    kept = services.invite(by=lea, group=group, email="e@example.test", role="member", at=NOW)
    gone = services.invite(by=mine.user, group=group, email="d@example.test", role="member", at=NOW)
    mine.refresh_from_db()
    services.appoint(membership=mine, role=Role.MEMBER)
    gone.refresh_from_db()
    kept.refresh_from_db()
    assert gone.withdrawn_at is not None
    assert kept.withdrawn_at is None


def test_buddies_are_each_others_and_of_one_group(group, mine, ben, lea):
    other = make.member(group, ben)
    services.pair(membership=mine, buddy=other)
    other.refresh_from_db()
    assert other.buddy == mine
    third = make.member(group, make.user("cy@example.test"))
    services.pair(membership=third, buddy=other)
    mine.refresh_from_db()
    assert mine.buddy is None
    elsewhere = make.member(make.group(make.user("x@example.test")), make.user("y@example.test"))
    with pytest.raises(Refused):
        services.pair(membership=mine, buddy=elsewhere)


def test_a_new_covenant_asks_everybody_again(group, mine, ana, client):
    services.agree(membership=mine, at=NOW)
    services.edit_group(group=group, name="T", meets="", covenant="Come every week.")
    mine.refresh_from_db()
    assert mine.agreed_at == NOW
    services.edit_group(group=group, name="T", meets="", covenant="Come, and report.")
    mine.refresh_from_db()
    assert mine.agreed_at is None
    client.force_login(ana)
    page = client.get(reverse("groups:group", args=[group.pk])).content.decode()
    assert "I agree to this" in page


@pytest.mark.parametrize(
    "values",
    [
        {"grain": 4},
        {"left_at": NOW},
        {"left_at": NOW, "grain": 0},
    ],
    ids=["a grain there is not", "gone and sharing", "gone and in the room"],
)
def test_the_database_refuses_what_cannot_be(mine, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=mine.pk).update(**values)


def test_nobody_belongs_twice_at_a_time(group, mine, ana):
    with pytest.raises(IntegrityError), transaction.atomic():
        make.member(group, ana)


def test_the_signed_in_user_knows_of_a_group_without_a_query_more(
    group, mine, ana, ben, client, django_assert_num_queries
):
    client.force_login(ana)
    assert client.get(reverse("accounts:settings")).context["request"].user.in_a_group is True
    client.force_login(ben)
    with django_assert_num_queries(2):  # the session, and the user
        page = client.get(reverse("accounts:appearance"))
    assert page.context["request"].user.in_a_group is False
