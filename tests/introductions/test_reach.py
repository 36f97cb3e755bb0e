"""Ways to a person or an organization, over the rows as they are now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts import services as people
from introductions import reach, route_words, services
from introductions.engine.paths import Place
from introductions.engine.ties import Bond
from introductions.models import Introduction, Reach
from introductions.tasks import draw_behind, draw_reach
from tests import make


def known(owner, name, *, level=0, **details):
    at = details.pop("at")
    person = people.add_person(by=owner, at=at, name=name, **details)
    services.override_trust(person, step=level, reason="I say so", at=at)
    return person


@pytest.fixture
def cast(ana, now):
    """Ann and Ken both know Dana from work; Dana is a name only.  Ann would vouch."""
    make.me(ana)
    return {
        "ann": known(ana, "Ann Lee", level=5, organization="Acme", at=now),
        "ken": known(ana, "Ken Ito", level=3, organization="Acme", at=now),
        "dana": known(ana, "Dana Wood", organization="Acme", at=now),
    }


def ways_to(owner, person, now):
    reach.draw(owner, at=now)
    return again_to(owner, person, now)


def again_to(owner, person, now):
    network = reach.drawing(owner).network
    return reach.ways(owner, [person.pk], network=network, today=owner.day(now))


def names(ways):
    return [[one.short_name for one in way.people] for way in ways]


def test_the_best_way_leads_through_whoever_trusts_most(ana, cast, now):
    found = ways_to(ana, cast["dana"], now)
    assert names(found)[0] == ["Ann", "Dana"]
    assert ["Ken", "Dana"] in names(found)
    assert ["Dana"] in names(found)
    assert all(len(way.hops) <= 4 for way in found)
    assert len(found) <= 5
    best = found[0]
    assert (best.why, best.weakest.taker.short_name) == (Place.LAST, "Dana")
    assert route_words.weakest_line(best) == (
        "The weakest step is the last, from Ann to Dana: Ann and Dana are both at Acme."
    )


def test_nobody_is_asked_for_somebody_the_owner_knows_as_well(ana, now):
    """Ann introduced Bill long ago; to Shirley the way is by Bill, and not by Ann to Bill."""
    make.me(ana)
    ann, bill = (known(ana, name, level=4, at=now) for name in ("Ann Lee", "Bill Moss"))
    shirley = known(ana, "Shirley Okoro", at=now)
    make.introduction(ann, bill, at=now)
    make.introduction(bill, shirley, at=now)
    found = names(ways_to(ana, shirley, now))
    assert ["Bill", "Shirley"] in found
    assert ["Ann", "Bill", "Shirley"] not in found
    services.override_trust(bill, step=0, reason="I never met him", at=now)
    assert ["Ann", "Bill", "Shirley"] in names(ways_to(ana, shirley, now))


def test_turning_one_trust_value_round_turns_the_order(ana, cast, now):
    before = names(ways_to(ana, cast["dana"], now))
    assert before.index(["Ann", "Dana"]) < before.index(["Ken", "Dana"])
    services.override_trust(cast["ann"], step=0, reason="It was somebody else", at=now)
    after = names(ways_to(ana, cast["dana"], now))
    assert after.index(["Ken", "Dana"]) < after.index(["Ann", "Dana"])


@pytest.mark.parametrize("act", [people.archive, people.do_not_contact, people.trash])
def test_who_is_set_aside_is_on_no_way_though_the_drawing_is_old(ana, cast, now, act):
    reach.draw(ana, at=now)
    act(by=ana, at=now, contact=cast["ann"])
    assert reach.drawing(ana).behind
    found = again_to(ana, cast["dana"], now)
    assert found
    assert all("Ann" not in way for way in names(found))
    reach.draw(ana, at=now)
    assert all("Ann" not in way for way in names(again_to(ana, cast["dana"], now)))


def test_what_a_tie_did_not_carry_makes_it_worth_less(ana, cast, now):
    services.record_introduction(
        owner=ana,
        introducer=cast["ann"],
        introducee=make.me(ana),
        introduced=cast["dana"],
        state=Introduction.State.ASKED,
        at=now,
    )
    first = ways_to(ana, cast["dana"], now)
    assert first[0].hops[1].bond is Bond.OFFERED
    assert first[0].asked.open == 1
    row = Introduction.objects.get()
    services.move(row, to="declined", at=now)
    later = ways_to(ana, cast["dana"], now)
    assert names(later)[0] == ["Ken", "Dana"]
    (ann,) = [way for way in later if names([way]) == [["Ann", "Dana"]]]
    assert ann.weakest.bond is Bond.DECLINED


def test_a_fact_that_moves_while_drawing_leaves_the_drawing_behind(ana, cast, now, monkeypatch):
    drawn = reach._ties

    def slow(owner, *, today):
        yield from drawn(owner, today=today)
        reach.changed(owner)

    monkeypatch.setattr(reach, "_ties", slow)
    reach.draw(ana, at=now)
    assert reach.drawing(ana).behind
    monkeypatch.undo()
    assert draw_behind() == 1
    assert not reach.drawing(ana).behind
    assert draw_behind() == 0


def test_an_owner_who_is_gone_is_drawn_without_a_fault(ana):
    draw_reach("01920000-0000-7000-8000-000000000000")
    assert not Reach.objects.exists()


def test_the_page_names_the_ways_and_looks_them_up_in_few_queries(client, ana, cast, now):
    client.force_login(ana)
    url = reverse("introductions:routes_person", args=[cast["dana"].pk])
    assert "The ways are being looked for" in client.get(url).text
    reach.draw(ana, at=now)
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as few:
        shown = client.get(url).text
    assert "To Dana Wood through Ann Lee" in shown
    assert "Ann and Dana are both at Acme" in shown
    for n in range(20):
        known(ana, f"Friend {n}", level=n % 6, at=now, organization="Acme")
    reach.draw(ana, at=now + timedelta(minutes=1))
    client.get(url)
    with CaptureQueriesContext(connection) as more:
        client.get(url)
    assert len(more) <= len(few) <= 16


def test_an_organization_without_anybody_inside_names_the_nearest(client, ana, cast, now):
    client.force_login(ana)
    target = services.add_target(by=ana, name="Northbank")
    url = reverse("introductions:routes_organization", args=[target.pk])
    reach.draw(ana, at=now)
    assert "No path yet" in client.get(url).text
    ken = cast["ken"]
    job = ken.positions.get()
    job.is_current, job.organization = False, target
    job.save()
    reach.draw(ana, at=now + timedelta(minutes=1))
    shown = client.get(url).text
    assert "No path yet" in shown
    assert "Used to work there" in shown
    assert "Ken Ito" in shown


def test_an_organization_is_reached_through_whoever_is_inside(client, ana, cast, now):
    client.force_login(ana)
    reach.draw(ana, at=now)
    acme = cast["ann"].positions.get().organization
    shown = client.get(reverse("introductions:routes_organization", args=[acme.pk])).text
    assert "To Ann Lee yourself" in shown


def test_somebody_set_aside_is_reached_by_no_way(client, ana, cast, now):
    client.force_login(ana)
    people.do_not_contact(by=ana, at=now, contact=cast["dana"])
    reach.draw(ana, at=now)
    shown = client.get(reverse("introductions:routes_person", args=[cast["dana"].pk])).text
    assert "asked not to be contacted" in shown
    assert "Ann Lee" not in shown


def test_a_name_is_looked_up_before_the_ways(client, ana, cast):
    client.force_login(ana)
    shown = client.get(reverse("introductions:routes"), {"q": "dana"}).text
    assert reverse("introductions:routes_person", args=[cast["dana"].pk]) in shown
    shown = client.get(reverse("introductions:routes"), {"q": "Zebra & Co"}).text
    assert "Nobody and nothing in your list is called “Zebra &amp; Co”" in shown
    found = client.get(reverse("contacts:search"), {"q": "acme"}).text
    assert "How do I reach…" in found
