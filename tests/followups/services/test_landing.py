"""Landing: everybody who helped, the pace lowered, and all of it taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from contacts import services as people
from contacts.models import Interaction
from followups.engine.constants import KEEP_WARM, RingDays
from followups.models import FollowUp, Rhythm
from followups.services import landing as services
from followups.services import plan_nightly, rhythms
from introductions import landed
from introductions.engine.landed import Part
from introductions.models import Landing, Opportunity
from introductions.services import add_opportunity, record_give, record_referral
from tests import make


@pytest.fixture
def chain(ana, now):
    """Ann introduced Ana to Bill, Bill to Shirley; Ken advised, Raj was given something."""
    then = now - timedelta(days=40)
    made = {}
    for name in ("Ann Lee", "Bill Moss", "Shirley Okoro", "Ken Ito", "Raj Patel", "Eve Stone"):
        made[name.split()[0]] = people.add_person(by=ana, at=then, name=name)
    make.introduction(made["Ann"], made["Bill"], at=then)
    make.introduction(made["Bill"], made["Shirley"], at=then)
    record_give(
        contact=made["Ken"], kind="information", given_on=ana.day(then), at=then, by_me=False
    )
    record_give(contact=made["Raj"], kind="time", given_on=ana.day(then), at=then)
    return made


def land(ana, now, **said):
    return services.land(
        by=ana,
        at=now,
        **{"organization": "Acme", "role": "Lead", "on": ana.day(now), **said},
    )


def test_everybody_on_a_path_or_give_is_on_the_list(ana, now, chain):
    rows = landed.who_helped(land(ana, now, through=chain["Shirley"]))
    assert [row.person.short_name for row in rows[:3]] == ["Shirley", "Bill", "Ann"]
    assert all(row.first for row in rows[:3])
    assert [(row.person.short_name, row.helper.part) for row in rows[3:]] == [
        ("Ken", Part.ADVICE),
        ("Raj", Part.COMPANY),
    ]


def test_a_give_noted_with_an_exchange_counts(ana, now, chain):
    people.log_interaction(by=ana, at=now, people=[chain["Eve"]], kind="gave", note="An article")
    landing = land(ana, now)
    assert chain["Eve"].pk in landed.helped(landing)
    assert landed.summary(landing).gives == 2


def test_who_may_not_be_contacted_is_not_on_the_list(ana, now, chain):
    people.do_not_contact(by=ana, at=now, contact=chain["Ken"])
    people.archive(by=ana, at=now, contact=chain["Raj"])
    rows = landed.who_helped(land(ana, now, through=chain["Shirley"]))
    assert {row.person.short_name for row in rows} == {"Shirley", "Bill", "Ann"}


def test_notes_are_planned_now_and_after_30_and_90_days(ana, now, chain):
    landing = land(ana, now)
    asked = FollowUp.objects.open().filter(contact=chain["Ken"])
    assert asked.filter(purpose="landed").exists()
    assert asked.get(purpose="settled").best_on == landing.landed_on + timedelta(days=30)
    assert not FollowUp.objects.open().filter(contact=chain["Eve"], purpose="landed").exists()
    services.thank(by=ana, at=now, landing=landing, whom=[chain["Ken"]])
    assert not asked.filter(purpose="landed").exists()
    later = now + timedelta(days=31)
    people.log_interaction(by=ana, at=later, people=[chain["Ken"]], kind="talk")
    assert asked.get(purpose="settled").best_on == landing.landed_on + timedelta(days=90)


def test_the_giver_of_a_name_that_was_used_helped_too(ana, now, chain):
    day = ana.day(now)
    given = record_referral(giver=chain["Eve"], at=now, given_on=day, substance=3, to_name="Bob")
    given.used_on = day
    given.save()
    landing = land(ana, now)
    assert chain["Eve"].pk in landed.helped(landing)
    assert FollowUp.objects.open().filter(contact=chain["Eve"], purpose="landed").exists()


def test_rings_rest_at_two_or_three_times_a_year(ana, now, chain):
    land(ana, now)
    for ring, days in KEEP_WARM.items():
        assert 2 <= 365 // days.best <= 3
        assert Rhythm.objects.get(owner=ana, ring=ring).best_days == days.best
    people.log_interaction(by=ana, at=now, people=[chain["Eve"]], kind="talk")
    next_one = FollowUp.objects.open().get(contact=chain["Eve"], purpose="nurture")
    assert 90 <= (next_one.best_on - ana.day(now)).days <= 200


def test_thanking_twice_logs_once(ana, now, chain):
    landing = land(ana, now)
    whom = [chain["Ken"], chain["Raj"]]
    assert services.thank(by=ana, at=now, landing=landing, whom=whom) == whom
    assert services.thank(by=ana, at=now, landing=landing, whom=whom) == []
    assert Interaction.objects.filter(owner=ana, thanked=True).count() == 2


def test_taking_it_back_puts_rings_and_opportunities_as_they_were(ana, now, chain):
    own = RingDays(opens=10, best=11, fades=12, quiet=13)
    rhythms.set_ring(by=ana, at=now, ring="B", days=own)
    where = people.get_or_make_organization(ana, "Northbank")
    other = add_opportunity(by=ana, at=now, role="Planner", organization=where)
    landing = land(ana, now, through=chain["Shirley"])
    other.refresh_from_db()
    assert other.stage == Opportunity.Stage.CLOSED
    services.take_back(by=ana, at=now, landing=landing)
    ana.refresh_from_db()
    other.refresh_from_db()
    assert ana.landed_at is None
    assert (other.stage, other.stage_on) == (Opportunity.Stage.SEEN, ana.day(now))
    assert list(Opportunity.objects.all()) == [other]
    assert list(Rhythm.objects.values_list("ring", "best_days")) == [("B", 11)]
    assert not FollowUp.objects.open().filter(purpose__in=("landed", "settled")).exists()
    assert plan_nightly(ana, at=now).total == 0


def test_an_opportunity_of_that_role_is_the_one_accepted(ana, now, chain):
    where = people.get_or_make_organization(ana, "Acme")
    row = add_opportunity(by=ana, at=now, role="Lead", organization=where)
    landing = land(ana, now, organization="ACME", role="lead", through=chain["Bill"])
    row.refresh_from_db()
    assert (landing.opportunity, row.stage, row.through) == (row, "accepted", chain["Bill"])
    services.take_back(by=ana, at=now, landing=landing)
    row.refresh_from_db()
    assert (row.stage, row.through) == ("seen", None)


def test_looking_again_ends_the_landing_and_a_second_one_may_follow(ana, now, chain):
    first = land(ana, now)
    with pytest.raises(services.AlreadyLanded):
        land(ana, now)
    services.search_again(by=ana, at=now, landing=first)
    ana.refresh_from_db()
    assert (ana.landed_at, Rhythm.objects.count()) == (None, 0)
    later = now + timedelta(days=400)
    land(ana, later, role="Head")
    assert Landing.objects.count() == 2


def test_a_day_to_come_is_refused_and_nothing_is_written(ana, now):
    with pytest.raises(ValidationError):
        land(ana, now, on=ana.day(now) + timedelta(days=1))
    assert not Landing.objects.exists()
    assert not Opportunity.objects.exists()
