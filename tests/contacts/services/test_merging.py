"""Two entries of one person become one and part again, and nothing is lost on either way."""

from __future__ import annotations

import contextlib
import threading
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import search, services
from contacts.models import (
    Contact,
    ContactPoint,
    ImportBatch,
    ImportRow,
    Interaction,
    Merge,
    Participation,
)
from contacts.services import imports, merge_rules
from followups.models import FollowUp, Rhythm, WroteAnyway
from introductions import services as services_of_introductions
from introductions.models import (
    Ask,
    Give,
    Introduction,
    Landing,
    Opportunity,
    Referral,
    ThankYou,
    TrustOverride,
    TrustState,
)
from netcrm.groups.models import Comment, NoteShare, PersonShare, Question, RoomMatch
from netcrm.kit import facts
from tests import make
from tests.conftest import NOW

LATER = NOW + timedelta(hours=2)


@pytest.fixture(autouse=True)
def clock():
    """Rows know when they were written; ``move_to`` lets time pass."""
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


def person(owner, name="Ann Lee", **details):
    return services.add_person(by=owner, at=NOW, name=name, **details)


def merge(owner, kept, *others, at=NOW):
    return services.merge_people(by=owner, at=at, kept=kept, others=others)


def undo(owner, merged, at=LATER):
    return services.undo_merge(by=owner, at=at, merge=merged)


def everything(owner) -> dict[str, Any]:
    """Every row about the owner's people, but for what counts versions and moments of change."""
    found: dict[str, Any] = {"contacts.Contact": _rows(Contact.objects.filter(owner=owner))}
    for model, column in merge_rules.relations():
        if model._meta.label not in {"contacts.Merge", "contacts.MergedPerson"}:
            rows = model._base_manager.filter(**{f"{column}__owner": owner})
            found[merge_rules.name_of(model, column)] = _rows(rows)
    return found


def _rows(rows):
    left_out = {"version", "updated_at"}
    columns = [f.attname for f in rows.model._meta.concrete_fields if f.name not in left_out]
    return {str(values["pk"]): values for values in rows.values("pk", *columns)}


# The rules


def test_every_relation_to_a_person_has_a_rule_and_every_rule_a_relation():
    there = {merge_rules.name_of(model, column) for model, column in merge_rules.relations()}
    assert there == merge_rules.RULES.keys()


def test_everything_of_the_other_is_with_the_one_kept(ana, lea):
    ann, anne = person(ana), person(ana, "Anne Lee", emails=["anne@x.test"], tags=["Choir"])
    bill, cleo = person(ana, "Bill Moss"), person(ana, "Cleo Marsh")
    acme = make.organization(ana)
    talk = services.log_interaction(
        by=ana, at=NOW, people=[anne, bill], kind="talk", promises=[services.Word(text="Send it")]
    )
    introduced = make.introduction(bill, anne)
    introducing = make.introduction(anne, cleo)
    referral = Referral.objects.create(
        giver=anne, giver_step=1, given_on=NOW.date(), to_contact=bill
    )
    named = Referral.objects.create(giver=bill, giver_step=1, given_on=NOW.date(), to_contact=anne)
    ask = Ask.objects.create(contact=anne, rung=1, asked_on=NOW.date())
    about = Ask.objects.create(contact=bill, rung=4, asked_on=NOW.date(), about=anne)
    give = Give.objects.create(contact=anne, given_on=NOW.date())
    role = Opportunity.objects.create(
        owner=ana, organization=acme, role="Lead", stage_on=NOW.date(), through=anne
    )
    role.people.add(ann, anne)
    rhythm = Rhythm.objects.create(owner=ana, contact=anne, best_days=20)
    batch = ImportBatch.objects.create(owner=ana, file_name="a.csv")
    row = ImportRow.objects.create(batch=batch, line=1, action="update", contact=anne)
    wrote = WroteAnyway.objects.create(contact=anne, at=NOW, opens_on=NOW.date())
    group = make.group(lea)
    member = make.member(group, ana, grain=2)
    share = PersonShare.objects.create(membership=member, contact=anne, grain=0)
    note = NoteShare.objects.create(membership=member, contact=anne, text="Kind")
    said = Comment.objects.create(membership=member, author=lea, about=anne, text="Write to her")
    question = Question.objects.create(
        asked_by=group.memberships.get(user=lea), company="Acme", asked_at=NOW
    )
    match = RoomMatch.objects.create(question=question, membership=member, contact=anne)

    merge(ana, ann, anne)

    assert list(talk.people.order_by("name")) == [ann, bill]
    assert list(role.people.all()) == [ann]
    assert list(ann.tags.values_list("name", flat=True)) == ["Choir"]
    assert ann.points.get().value == "anne@x.test"
    assert ann.promises.get().text == "Send it"
    assert ann.last_contact_at == NOW
    for row_, column in (
        (introduced, "introduced"), (introducing, "introducer"), (referral, "giver"),
        (named, "to_contact"), (ask, "contact"), (about, "about"), (give, "contact"),
        (role, "through"), (rhythm, "contact"), (row, "contact"), (wrote, "contact"),
        (share, "contact"), (note, "contact"), (said, "about"), (match, "contact"),
    ):  # fmt: skip
        row_.refresh_from_db()
        assert getattr(row_, column) == ann, (type(row_).__name__, column)
    anne.refresh_from_db()
    stays = {"contacts.SearchText.contact", "introductions.TrustState.contact"}
    left = {
        merge_rules.name_of(model, column)
        for model, column in merge_rules.relations()
        if model._base_manager.filter(**{column: anne}).exists()
    }
    assert left <= stays | {"contacts.MergedPerson.contact", "followups.FollowUp.contact"}
    assert not FollowUp.objects.open().filter(contact=anne).exists()


def test_no_list_shows_who_went_and_the_words_of_both_find_the_one_kept(ana):
    ann, anne = person(ana, "Ann Lee", notes="Likes tea"), person(ana, "Anne Lee", notes="Sings")
    merge(ana, ann, anne)
    assert list(Contact.objects.visible_to(ana).people()) == [ann]
    assert list(Contact.objects.in_trash_of(ana)) == []
    assert search.find(ana, "anne", most=5, set_aside=True).people == [ann]  # nearly so called
    assert search.find(ana, "sings", most=5).people == [ann]
    assert services.joined_into(ana, anne.pk) == ann
    assert services.joined_into(ana, ann.pk) is None


def test_addresses_are_all_kept_each_once_and_one_of_a_kind_is_first(ana):
    ann = person(ana, emails=["ann@x.test", "lee@x.test"], phones=["+44 20 7946 0018"])
    anne = person(ana, emails=["LEE@x.test", "anne@y.test"], links=["https://example.org/anne"])
    ContactPoint.objects.filter(contact=anne, key="lee@x.test").update(label="work")
    merge(ana, ann, anne)
    assert set(ann.points.values_list("kind", "value", "label", "is_primary")) == {
        ("email", "ann@x.test", "", True),
        ("email", "lee@x.test", "work", False),
        ("email", "anne@y.test", "", False),
        ("phone", "+44 20 7946 0018", "", True),
        ("link", "https://example.org/anne", "", True),
    }


def test_a_job_that_says_less_than_another_goes(ana):
    ann = person(ana, organization="Acme", title="Clerk")
    anne = person(ana, organization="Acme")
    services.save_position(by=ana, at=NOW, contact=anne, organization="Zenith", title="Cook",
                           started_on=None, ended_on=None, is_current=False)  # fmt: skip
    merge(ana, ann, anne)
    assert {str(job) for job in ann.positions.all()} == {"Clerk, Acme", "Cook, Zenith"}


def test_an_exchange_with_both_is_one_with_the_one_kept(ana):
    ann, anne = person(ana), person(ana, "Anne Lee")
    talk = services.log_interaction(by=ana, at=NOW, people=[ann, anne], kind="meeting")
    merge(ana, ann, anne)
    assert list(talk.people.all()) == [ann]
    assert talk.participations.count() == 1


def test_nobody_is_introduced_to_themselves_and_the_notes_remember_it(ana):
    ann, anne = person(ana), person(ana, "Anne Lee")
    row = make.introduction(ann, anne, reason="Both sing")
    merged = merge(ana, ann, anne)
    assert not Introduction.objects.visible_to(ana).exists()
    assert "Ann Lee introduced Anne Lee to Ana Ruiz" in ann.notes
    assert "Both sing" in ann.notes
    undo(ana, merged)
    assert list(Introduction.objects.visible_to(ana)) == [row]
    ann.refresh_from_db()
    assert ann.notes == ""


def test_two_whom_the_owner_introduced_to_each_other_can_be_joined_and_parted(ana):
    kept, gone = person(ana), person(ana, "Ann Leigh")
    services_of_introductions.record_introduction(
        owner=ana,
        introducer=services.ensure_self(by=ana),
        introducee=kept,
        introduced=gone,
        state="made",
        at=NOW,
    )
    Give.objects.create(contact=gone, given_on=NOW.date(), note="A book")
    done = merge(ana, kept, gone)
    assert sorted(give.note for give in kept.gives.all()) == ["A book", "Introduced to Ann Leigh"]
    services.undo_merge(by=ana, at=LATER, merge=done)
    assert [give.note for give in kept.gives.all()] == ["Introduced to Ann Leigh"]
    assert sorted(give.note for give in gone.gives.all()) == ["A book", "Introduced to Ann Lee"]


def test_a_referral_to_oneself_keeps_the_name(ana):
    ann, anne = person(ana), person(ana, "Anne Lee")
    row = Referral.objects.create(giver=ann, giver_step=1, given_on=NOW.date(), to_contact=anne)
    ask = Ask.objects.create(contact=anne, rung=4, asked_on=NOW.date(), about=ann)
    merge(ana, ann, anne)
    row.refresh_from_db()
    ask.refresh_from_db()
    assert (row.to_contact, row.to_name) == (None, "Anne Lee")
    assert (ask.contact, ask.about) == (ann, None)


@pytest.mark.parametrize(
    ("usual", "kept", "gone", "result"),
    [
        (3, None, None, None),
        (3, None, 0, 0),
        (3, 1, None, 1),
        (3, 2, 1, 1),
        (0, None, 3, None),
        (0, 3, None, None),
        (1, 3, 2, 2),
    ],
)
def test_a_group_sees_no_more_of_one_than_of_the_other(ana, lea, usual, kept, gone, result):
    ann, anne = person(ana), person(ana, "Anne Lee")
    member = make.member(make.group(lea), ana, grain=usual)
    for one, grain in ((ann, kept), (anne, gone)):
        if grain is not None:
            PersonShare.objects.create(membership=member, contact=one, grain=grain)
    merge(ana, ann, anne)
    left = PersonShare.objects.filter(membership=member).first()
    assert (left.grain if left else None) == result
    assert left is None or left.contact == ann


def test_where_being_careful_has_a_side_it_wins(ana):
    ann, anne, cy = person(ana, ring="A"), person(ana, "Anne Lee"), person(ana, "A. Lee")
    services.archive(by=ana, at=NOW, contact=anne)
    services.do_not_contact(by=ana, at=NOW, contact=cy)
    merge(ana, ann, anne, cy)
    assert ann.archived_at == NOW
    assert ann.do_not_contact
    assert not FollowUp.objects.open().filter(contact=ann).exists()


def test_the_later_of_two_judgements_holds(ana):
    ann, anne = person(ana), person(ana, "Anne Lee")
    for one, step, days in ((anne, 4, 9), (ann, 2, 1)):
        TrustOverride.objects.create(
            contact=one, step=step, reason="I say so", at=NOW - timedelta(days=days)
        )
    merge(ana, ann, anne)
    assert ann.trust_overrides.get(ended_at=None).step == 2
    assert ann.trust_overrides.count() == 2
    assert TrustState.objects.get(contact=ann).level == 2


def test_the_newest_day_they_named_is_the_open_one(ana):
    ann, anne = person(ana), person(ana, "Anne Lee")
    for one, days, back in ((ann, 10, 3), (anne, 20, 1)):
        services.log_interaction(
            by=ana, at=NOW, people=[one], kind="talk", on=NOW.date() - timedelta(days=back),
            their_date=NOW.date() + timedelta(days=days),
        )  # fmt: skip
    merge(ana, ann, anne)
    assert ann.their_dates.get(closed_at=None).on == NOW.date() + timedelta(days=20)
    assert ann.their_dates.count() == 2


def test_a_step_put_off_stays_put_off(ana):
    ann, anne = person(ana, ring="A"), person(ana, "Anne Lee", ring="A")
    until = NOW.date() + timedelta(days=40)
    mine, hers = FollowUp.objects.get(contact=ann), FollowUp.objects.get(contact=anne)
    assert mine.purpose == hers.purpose
    FollowUp.objects.filter(pk=hers.pk).update(
        deferred_until=until, deferred_for="date", deferred_at=NOW
    )
    merge(ana, ann, anne)
    mine.refresh_from_db()
    assert (mine.closed_at, mine.deferred_until) == (None, until)


def test_both_notes_of_thanks_are_kept(ana):
    ann, anne = person(ana), person(ana, "Anne Lee")
    role = Opportunity.objects.create(
        owner=ana, organization=make.organization(ana), role="Lead", stage_on=NOW.date()
    )
    landing = Landing.objects.create(owner=ana, opportunity=role, landed_on=NOW.date())
    for one, draft in ((ann, "Thank you"), (anne, "You opened the door")):
        ThankYou.objects.create(landing=landing, contact=one, draft=draft)
    merge(ana, ann, anne)
    assert ann.thank_yous.get().draft == "Thank you\n\nYou opened the door"


def test_fields_of_ones_own_are_all_kept(ana):
    ann = person(ana, "Ann Lee", extra={"Dog": "Rex"}, how_met="Choir " * 50)
    anne = person(ana, "Anne Fox", extra={"Dog": "Biscuit", "Cat": "Tom"}, how_met="Bus " * 80)
    merge(ana, ann, anne)
    assert ann.extra == {"Dog": "Rex", "Dog 2": "Biscuit", "Cat": "Tom", "other name": "Anne Fox"}
    assert "Bus Bus" in ann.notes
    assert ann.how_met.startswith("Choir")


# What is refused


def test_oneself_is_nobody_elses_double(ana):
    ann, me = person(ana), make.me(ana)
    for kept, other in ((ann, me), (me, ann)):
        with pytest.raises(ValidationError, match="This is you"):
            merge(ana, kept, other)


def test_anothers_people_and_those_in_the_trash_are_refused(ana, ben):
    ann, hers, gone = person(ana), person(ben), person(ana, "Gone")
    services.trash(by=ana, at=NOW, contact=gone)
    for other in (hers, gone):
        with pytest.raises(ValidationError, match="no longer in your list"):
            merge(ana, ann, other)
    with pytest.raises(ValidationError, match="each of them once"):
        merge(ana, ann, ann)
    assert not Merge.objects.exists()


# Parting


def test_undo_is_offered_for_thirty_days_and_works_once(ana):
    merged = merge(ana, person(ana), person(ana, "Anne Lee"))
    with pytest.raises(services.NotNow, match="thirty days"):
        undo(ana, merged, at=NOW + timedelta(days=30, seconds=1))
    assert undo(ana, merged, at=NOW + timedelta(days=30)) == []
    with pytest.raises(services.NotNow, match="parted already"):
        undo(ana, merged)
    assert Contact.objects.visible_to(ana).people().count() == 2


def test_joinings_of_one_person_are_undone_last_first(ana):
    ann, anne, annie = person(ana), person(ana, "Anne Lee"), person(ana, "Annie Lee")
    before = everything(ana)
    first = merge(ana, ann, anne)
    second = merge(ana, annie, ann)
    assert services.joined_into(ana, anne.pk) == annie
    with pytest.raises(services.NotNow, match="Part those two first"):
        undo(ana, first)
    undo(ana, second)
    undo(ana, first)
    assert everything(ana) == before


def test_what_was_changed_since_is_said_and_never_lost(ana, clock):
    ann, anne = person(ana, notes="Tea"), person(ana, "Anne Lee", notes="Dog", tags=["Choir"])
    talk = services.log_interaction(by=ana, at=NOW, people=[anne], kind="talk")
    merged = merge(ana, ann, anne)
    clock.move_to(LATER)
    services.edit_person(by=ana, at=LATER, contact=ann, version=ann.version, notes="New notes")
    services.edit_interaction(
        by=ana, at=LATER, interaction=talk, people=[ann], kind="meeting", direction="both",
        on=NOW.date(), note="We met",
    )  # fmt: skip
    new = services.log_interaction(by=ana, at=LATER, people=[ann], kind="talk")
    said = undo(ana, merged, at=LATER + timedelta(hours=1))
    assert said[0] == "Changed since you joined them, and left as it is now: notes."
    assert "1 exchange written down since stays with Ann Lee" in said[-1]
    ann.refresh_from_db()
    anne.refresh_from_db()
    assert (ann.notes, anne.notes) == ("New notes", "Dog")
    assert list(anne.interactions.all()) == [talk]
    assert Interaction.objects.get(pk=talk.pk).note == "We met"
    assert list(ann.interactions.all()) == [new]
    assert [tag.name for tag in anne.tags.all()] == ["Choir"]


def test_what_was_deleted_since_does_not_come_back(ana):
    ann, anne = person(ana), person(ana, "Anne Lee", emails=["a@x.test"])
    talk = services.log_interaction(by=ana, at=NOW, people=[ann, anne], kind="talk")
    merged = merge(ana, ann, anne)
    services.delete_interaction(by=ana, at=LATER, interaction=talk)
    services.remove_point(by=ana, at=LATER, point=ann.points.get())
    said = undo(ana, merged)
    assert said == ["2 things were changed or deleted since, and stay as they are now."]
    assert not Interaction.objects.exists()
    assert Contact.objects.visible_to(ana).people().count() == 2


def test_an_exchange_written_to_the_other_meanwhile_moves_on(ana, clock):
    ann, anne = person(ana), person(ana, "Anne Lee")
    merged = merge(ana, ann, anne)
    clock.move_to(NOW + timedelta(seconds=1))
    late = services.log_interaction(by=ana, at=NOW, people=[anne], kind="talk")
    assert services.gather_late(at=NOW + timedelta(minutes=5)) == 1
    assert services.gather_late(at=NOW + timedelta(minutes=5)) == 0
    assert list(late.people.all()) == [ann]
    undo(ana, merged)
    assert Contact.objects.visible_to(ana).people().count() == 2


def test_whoever_went_is_erased_with_the_trash_and_their_address_still_leads_on(ana):
    ann, anne = person(ana), person(ana, "Anne Lee", notes="Secret")
    services.log_interaction(by=ana, at=NOW, people=[anne], kind="talk")
    merged = merge(ana, ann, anne)
    services.log_interaction(by=ana, at=LATER, people=[anne], kind="meeting")  # came late
    much_later = NOW + timedelta(days=31)
    assert services.empty_old_trash(at=much_later) == 1
    assert services.joined_into(ana, anne.pk) == ann
    merged.refresh_from_db()
    assert merged.journal == {}
    assert ann.interactions.count() == 2
    with pytest.raises(services.NotNow):
        undo(ana, merged, at=LATER)


def test_journals_are_emptied_when_they_are_too_old(ana):
    old = merge(ana, person(ana), person(ana, "Anne Lee"))
    assert services.forget_old_journals(at=NOW + timedelta(days=30)) == 0
    assert services.forget_old_journals(at=NOW + timedelta(days=31)) == 1
    old.refresh_from_db()
    assert old.journal == {}


def test_the_file_they_came_with_brings_nobody_back(ana):
    cards = b"".join(
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:%b\r\nFN:%b\r\nORG:Acme\r\nEND:VCARD\r\n" % card
        for card in ((b"1", b"Ann Lee"), (b"2", b"Annabel Leigh"), (b"3", b"Nan Lee"))
    )

    def brought_in():
        batch = imports.start_import(by=ana, at=NOW, file_name="a.vcf", content=cards)
        imports.work_on(batch.pk, at=NOW)
        batch.refresh_from_db()
        imports.confirm(batch, at=NOW)
        imports.work_on(batch.pk, at=NOW)
        batch.refresh_from_db()
        return batch.created

    assert brought_in() == 3
    ann, annabel, nan = Contact.objects.visible_to(ana).people().order_by("source_uid")
    merge(ana, annabel, nan)
    merge(ana, ann, annabel)
    assert brought_in() == 0
    assert list(Contact.objects.visible_to(ana).people()) == [ann]


@pytest.mark.django_db(transaction=True)
def test_joining_while_others_write_leaves_one_person_with_everything():
    """D04: exchanges and an edit of the one who goes, at the same time, in threads."""
    owner = make.user("thea@example.test", name="Thea Vos")
    ann, anne = person(owner), person(owner, "Anne Lee", emails=["anne@x.test"])
    ready, troubles = threading.Barrier(4), []

    def write(what):
        try:
            ready.wait()
            what()
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    def talk(day):
        for number in range(5):
            services.log_interaction(
                by=owner, at=NOW, people=[anne], kind="talk", on=date(2026, day, number + 1)
            )

    def edit():
        with contextlib.suppress(services.Conflict):
            services.edit_person(
                by=owner, at=NOW, contact=anne, version=anne.version, how_met="Choir"
            )

    acts = [lambda: talk(3), lambda: talk(4), edit, lambda: merge(owner, ann, anne)]
    threads = [threading.Thread(target=write, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    Merge.objects.update(at=NOW - timedelta(seconds=1))  # what came in the same frozen moment
    services.gather_late(at=NOW)
    assert list(Contact.objects.visible_to(owner).people()) == [ann]
    assert ann.interactions.count() == Interaction.objects.count() == 10
    assert FollowUp.objects.open().filter(contact=anne).count() == 0
    undo(owner, Merge.objects.get())
    assert Contact.objects.visible_to(owner).people().count() == 2
    assert Interaction.objects.count() == 10


# The law


ACTS = st.sampled_from(
    (
        *("talk", "both", "introduce", "introduced", "between", "refer", "ask", "give", "tag"),
        *("email", "job", "promise", "date", "share", "judge", "rhythm", "ring", "archive"),
        *("follow", "role"),
    )
)


def act(owner, what, one, other, third, number):
    day = NOW.date() - timedelta(days=number)
    match what:
        case "talk":
            services.log_interaction(by=owner, at=NOW, people=[one], kind="talk", on=day)
        case "both":
            services.log_interaction(by=owner, at=NOW, people=[one, other], kind="meeting", on=day)
        case "introduce":
            make.introduction(one, third, at=NOW - timedelta(days=number))
        case "introduced":
            make.introduction(third, one, at=NOW - timedelta(days=number))
        case "between":
            make.introduction(one, other, at=NOW - timedelta(days=number))
        case "refer":
            Referral.objects.create(giver=one, giver_step=1, given_on=day, to_contact=other)
        case "ask":
            Ask.objects.create(contact=one, rung=number % 5 + 1, asked_on=day, about=other)
        case "give":
            Give.objects.create(contact=one, given_on=day)
        case "tag":
            services.set_tags(by=owner, at=NOW, contact=one, names=["Choir", f"Tag {number % 3}"])
        case "email":
            services.add_point(by=owner, at=NOW, contact=one, kind="email",
                               value=f"a{number % 3}@x.test")  # fmt: skip
        case "job":
            services.save_position(
                by=owner, at=NOW, contact=one, organization=f"Place {number % 2}", title="",
                started_on=None, ended_on=None, is_current=True,
            )  # fmt: skip
        case "promise":
            services.add_promise(by=owner, at=NOW, contact=one, text="Send it", by_me=True,
                                 due_on=date(2026, 12, 1))  # fmt: skip
        case "date":
            services.log_interaction(by=owner, at=NOW, people=[one], kind="talk", on=day,
                                     their_date=NOW.date() + timedelta(days=number))  # fmt: skip
        case "share":
            PersonShare.objects.update_or_create(
                membership=owner.memberships.get(), contact=one, defaults={"grain": number % 4}
            )
        case "judge":
            TrustOverride.objects.filter(contact=one).update(ended_at=NOW)
            TrustOverride.objects.create(contact=one, step=number % 6, reason="So", at=NOW)
        case "rhythm":
            Rhythm.objects.update_or_create(
                contact=one, defaults={"owner": owner, "best_days": number + 1}
            )
        case "ring":
            services.set_ring(by=owner, at=NOW, contact=one, ring="ABCD"[number % 4])
        case "archive":
            services.archive(by=owner, at=NOW, contact=one)
        case "follow":
            FollowUp.objects.filter(contact=one, closed_at=None).update(
                deferred_until=NOW.date() + timedelta(days=number + 1),
                deferred_for="date",
                deferred_at=NOW,
            )
        case "role":
            place = make.organization(owner, f"Firm {number}-{Opportunity.objects.count()}")
            role = Opportunity.objects.create(
                owner=owner, organization=place, role="Lead", stage_on=day, through=one
            )
            role.people.add(one, third)


@given(st.lists(st.tuples(ACTS, st.booleans(), st.integers(0, 30)), max_size=14), st.booleans())
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_joining_and_parting_leaves_every_row_as_it_was(ana, lea, history, other_way):
    with transaction.atomic():
        make.member(make.group(lea), ana, grain=1)
        people = [person(ana), person(ana, "Anne Lee"), person(ana, "Bill Moss")]
        for what, turned, number in history:
            one, other = (people[1], people[0]) if turned else (people[0], people[1])
            with facts.change(ana, at=NOW) as changed:
                act(ana, what, one, other, people[2], number)
                changed.add(one.pk, other.pk, people[2].pk)
        before = everything(ana)
        kept, gone = (people[1], people[0]) if other_way else (people[0], people[1])
        merged = merge(ana, kept, gone, at=NOW)
        assert Contact.objects.visible_to(ana).people().count() == 2
        assert _doubled() == 0
        assert undo(ana, merged, at=NOW) == []
        after = everything(ana)
        for label, rows in before.items():
            assert after[label] == rows, label
        transaction.set_rollback(True)


def _doubled():
    named_twice = Participation.objects.values("interaction", "contact").annotate(n=Count("pk"))
    return named_twice.filter(n__gt=1).count()


def test_nothing_of_another_owner_is_touched(ana, ben):
    make.introduction(person(ben, "Bill"), person(ben, "Carla"))
    before = everything(ben)
    merge(ana, person(ana), person(ana, "Anne Lee"))
    assert everything(ben) == before
