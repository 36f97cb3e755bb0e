"""Choosing from a file: picks wait until the last step, which may come twice."""

from __future__ import annotations

import pytest

from contacts.models import Contact, ImportBatch, Pick, Ring
from contacts.services import triage
from followups.models import FollowUp
from tests import make

KEEP, PARK = Pick.Choice.KEEP, Pick.Choice.PARK
RECALL, LIKELY = Pick.Step.RECALL, Pick.Step.LIKELY


@pytest.fixture
def batch(ana) -> ImportBatch:
    return ImportBatch.objects.create(owner=ana, file_name="Connections.csv", state="done")


def brought(batch: ImportBatch, name: str, **said) -> Contact:
    return make.contact(batch.owner, name, batch=batch, ring=Ring.D, **said)


def test_only_parked_people_of_the_file_may_be_chosen(ana, batch, now):
    ann = brought(batch, "Ann Lee")
    brought(batch, "Put Away", archived_at=now)
    brought(batch, "Wants No Word", do_not_contact=True)
    make.contact(ana, "Not Of It", ring=Ring.D)
    known = make.contact(ana, "Known Before", ring=Ring.D)
    batch.rows.create(line=1, action="same", contact=known)
    in_use = make.contact(ana, "In Use", ring=Ring.B)
    batch.rows.create(line=2, action="update", contact=in_use)
    assert set(triage.candidates(batch)) == {ann, known}


def test_a_few_letters_find_people_whatever_their_accents(batch):
    zoe = brought(batch, "Zoë Ångström")
    brought(batch, "Bo Zoeller")
    assert triage.find(batch, "zoe ang") == [zoe]
    assert triage.find(batch, "  ") == []
    triage.pick(batch=batch, contact=zoe, step=RECALL, choice=KEEP)
    assert triage.find(batch, "zoe ang") == []


def test_rings_are_given_in_one_go_and_the_second_time_changes_nothing(ana, batch, now):
    ann, bea, cy = (brought(batch, name) for name in ("Ann Lee", "Bea Moss", "Cy Dale"))
    triage.pick(batch=batch, contact=ann, step=RECALL, choice=KEEP)
    triage.pick(batch=batch, contact=bea, step=LIKELY, choice=KEEP)
    triage.pick(batch=batch, contact=cy, step=LIKELY, choice=PARK)
    rings = {ann.pk: Ring.A, bea.pk: Ring.D, cy.pk: Ring.B}
    assert triage.finish(by=ana, at=now, batch=batch, rings=rings) == 1
    assert triage.finish(by=ana, at=now, batch=batch, rings=rings) == 0
    assert [Contact.objects.get(pk=one.pk).ring for one in (ann, bea, cy)] == ["A", "D", "D"]
    assert not FollowUp.objects.exclude(contact=ann).exists()
    assert Pick.objects.get(contact=bea).choice == PARK


def test_ticks_of_people_who_were_not_on_the_page_stay(batch):
    ann, bea = brought(batch, "Ann Lee"), brought(batch, "Bea Moss")
    strange = make.contact(make.user("x@example.test"), "Elsewhere", ring=Ring.D)
    keep = triage.keep_inside
    assert keep(batch=batch, shown=[ann.pk, bea.pk], ticked=[ann.pk, strange.pk]) == 1
    assert keep(batch=batch, shown=[bea.pk], ticked=[bea.pk]) == 1
    assert keep(batch=batch, shown=[bea.pk], ticked=[]) == 0
    assert [pick.contact for pick in batch.picks.all()] == [ann]


def test_choosing_takes_the_same_queries_for_three_people_as_for_sixty(
    batch, now, django_assert_max_num_queries
):
    for number in range(3):
        brought(batch, f"Person {number}")
    with django_assert_max_num_queries(8):
        triage.choosing(batch, today=now.date())
    for number in range(60):
        brought(batch, f"Other {number}", notes="Met at the fair")
    with django_assert_max_num_queries(8):
        state = triage.choosing(batch, today=now.date())
    assert len(state.likely()) == 30


def test_who_came_to_mind_is_not_asked_about_again(ana, batch, now):
    ann = brought(batch, "Ann Lee", notes="Met at the fair")
    acme = make.organization(ana, is_target=True)
    ann.positions.create(organization=acme)
    triage.pick(batch=batch, contact=ann, step=RECALL, choice=KEEP)
    state = triage.choosing(batch, today=now.date())
    assert state.inside == {}
    assert state.likely() == []
    assert [one.ring for one in state.kept()] == [Ring.A]
