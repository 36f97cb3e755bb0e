"""An outcome is told to everybody up the chain, each once, whatever happens besides (N7)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from random import Random

import pytest
import time_machine

from contacts import services as people
from contacts.models import Interaction
from followups.models import FollowUp
from followups.services import plan
from introductions import selectors, services
from introductions.engine import workflow
from introductions.models import Introduction, Opportunity
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def introduce(owner, introducer, introduced, *, at):
    return services.record_introduction(
        owner=owner,
        introducer=introducer,
        introducee=people.ensure_self(by=owner),
        introduced=introduced,
        state="made",
        at=at,
    )


def owed(owner):
    rows = FollowUp.objects.open().filter(contact__owner=owner, purpose="outcome")
    return Counter(rows.values_list("contact__name", flat=True))


def tell(person, *, at):
    people.log_interaction(
        by=person.owner,
        at=at,
        people=[person],
        kind=Interaction.Kind.MESSAGE,
        reported=True,
    )


@pytest.fixture
def diamond(ana):
    """Ann introduced Bill and Marco; both introduced Shirley: two chains that share Ann."""
    names = ("Ann", "Bill", "Marco", "Shirley")
    ann, bill, marco, shirley = (
        people.add_person(by=ana, at=NOW - 60 * DAY, name=n) for n in names
    )
    introduce(ana, ann, bill, at=NOW - 40 * DAY)
    introduce(ana, ann, marco, at=NOW - 39 * DAY)
    introduce(ana, bill, shirley, at=NOW - 30 * DAY)
    introduce(ana, marco, shirley, at=NOW - 29 * DAY)
    return ann, bill, marco, shirley


def close(introduction, outcome, *, at):
    services.move(introduction, to="closed", outcome=workflow.Outcome(outcome), at=at)


def test_two_chains_that_share_an_introducer_owe_them_one_thank_you(ana, diamond):
    ann, _bill, _marco, shirley = diamond
    first, second = Introduction.objects.filter(introduced=shirley).order_by("pk")
    close(first, "interview", at=NOW)
    assert owed(ana) == {"Ann": 1, "Bill": 1, "Marco": 1}
    close(second, "offer", at=NOW)
    assert owed(ana) == {"Ann": 1, "Bill": 1, "Marco": 1}
    tell(ann, at=NOW + DAY / 24)
    assert owed(ana) == {"Bill": 1, "Marco": 1}


def test_a_good_talk_is_told_to_the_one_who_introduced_and_goes_no_further(ana, diamond):
    introduction = Introduction.objects.filter(introduced__name="Shirley").first()
    close(introduction, "advice", at=NOW)
    assert owed(ana) == {}
    assert selectors.who_hears(ana, introduction) == []


def test_the_page_names_everybody_once_and_says_who_was_told(ana, client, diamond):
    ann, *_ = diamond
    introduction = Introduction.objects.filter(introduced__name="Shirley").first()
    close(introduction, "offer", at=NOW)
    tell(ann, at=NOW + DAY)
    hears = selectors.who_hears(ana, introduction)
    assert sorted((one.person.name, bool(one.told_on)) for one in hears) == [
        ("Ann", True),
        ("Bill", False),
        ("Marco", False),
    ]
    client.force_login(ana)
    page = client.get(introduction.get_absolute_url()).text
    assert "told on 18 November" in page
    assert page.count("not told yet") == 2


@pytest.mark.parametrize("seed", range(6))
def test_never_two_whatever_is_marked_repeated_or_planned_again(ana, seed):
    random = Random(seed)
    everybody = [people.add_person(by=ana, at=NOW - 90 * DAY, name=f"P{n}") for n in range(7)]
    rows = []
    for n in range(9):
        one, other = random.sample(everybody, 2)
        rows.append(introduce(ana, one, other, at=NOW - (60 - n) * DAY))
    roles = [
        Opportunity.objects.create(
            owner=ana,
            organization=make.organization(ana, f"Firm {n}"),
            role="Lead",
            through=random.choice(everybody),
            stage_on=ana.day(NOW),
        )
        for n in range(2)
    ]
    at = NOW - 20 * DAY
    for _ in range(14):
        at += DAY * random.choice([0, 0.1, 1, 3])
        act = random.choice(["close", "close", "role", "role", "tell", "plan"])
        with time_machine.travel(at, tick=False):
            if act == "close" and (open_ones := [r for r in rows if r.state != "closed"]):
                outcome = random.choice(["offer", "interview", "offer", "nothing"])
                close(random.choice(open_ones), outcome, at=at)
            elif act == "role":
                stage = random.choice(["interview", "offer", "accepted", "interview"])
                services.move_opportunity(random.choice(roles), stage=stage, at=at)
            elif act == "tell":
                tell(random.choice(everybody), at=at)
            plan(ana, at=at)
            plan(ana, at=at)
        assert set(owed(ana).values()) <= {1}
        assert set(owed(ana)) == still_to_be_told(ana, rows, roles)


def still_to_be_told(owner, rows, roles):
    """By hand: whoever is above an outcome and has not been told since its day."""
    outcomes = [
        (row.introduced_id, owner.day(row.state_at), False)
        for row in rows
        if row.outcome in ("offer", "interview")
    ]
    outcomes += [
        (role.through_id, role.offered_on or role.interviewed_on, True)
        for role in roles
        if role.offered_on or role.interviewed_on
    ]
    above = {row.introduced_id: set() for row in rows}
    for row in rows:
        above[row.introduced_id].add(row.introducer_id)
    names = {p.pk: p.name for row in rows for p in (row.introducer, row.introduced)}
    reports = Interaction.objects.filter(owner=owner, reported=True)
    told = [
        (p, owner.day(row.at)) for row in reports for p in row.people.values_list("pk", flat=True)
    ]
    found = set()
    for person, on, with_themselves in outcomes:
        seen, queue = set(), [person]
        while queue:
            for up in above.get(queue.pop(), ()):
                if up not in seen and up != person:
                    seen.add(up)
                    queue.append(up)
        for one in seen | ({person} if with_themselves else set()):
            if not any(who == one and day >= on for who, day in told):
                found.add(names.get(one) or one)
    known = {**names, **{role.through_id: role.through.name for role in roles}}
    return {known.get(one, one) for one in found}
