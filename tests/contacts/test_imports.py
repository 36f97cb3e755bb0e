"""Bringing people in: nothing before it is seen, nobody twice, and back again."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.urls import reverse

from contacts import search
from contacts.engine.drafts import Draft, Point
from contacts.models import Contact, ImportBatch, ImportRow, Ring, SearchText
from contacts.services import imports
from contacts.services.matching import Matcher, draft_points
from followups.models import FollowUp
from tests import make

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
NOTES = 'Notes:\n"When exporting your connection data, some addresses are missing."\n\n'
ROWS = [
    "Shirley,Okoro,https://www.linkedin.com/in/shirley,,Acme,Head of operations,03 Jun 2025",
    "Bob,Hale,https://www.linkedin.com/in/bob,bob@acme.test,Acme,,04 Jun 2025",
    ",,,,,,05 Jun 2025",
]


def linkedin(*rows):
    return ("\ufeff" + NOTES + "\n".join([HEADER, *rows]) + "\n").encode()


def people(owner):
    return Contact.objects.visible_to(owner).people()


def read(owner, now, content, *, name="Connections.csv"):
    batch = imports.start_import(by=owner, at=now, file_name=name, content=content)
    assert imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    return batch


def bring_in(owner, now, content):
    batch = read(owner, now, content)
    imports.confirm(batch, at=now)
    assert imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    return batch


def test_nothing_is_added_before_it_was_seen(ana, now):
    batch = read(ana, now, linkedin(*ROWS))
    assert batch.state == "preview"
    assert [row.action for row in batch.rows.all()] == ["new", "new", "skip"]
    assert not people(ana).exists()


def test_confirming_adds_what_was_shown(ana, now):
    batch = bring_in(ana, now, linkedin(*ROWS))
    assert (batch.state, batch.created, batch.skipped) == ("done", 2, 1)
    shirley = people(ana).get(name="Shirley Okoro")
    assert (shirley.ring, shirley.last_contact_at) == (Ring.D, None)
    assert f"{shirley.connected_on:%d %m %Y}" == "03 06 2025"
    assert str(shirley.positions.get()) == "Head of operations, Acme"
    assert not FollowUp.objects.exists()


def test_the_same_file_again_adds_and_changes_nobody(ana, now):
    bring_in(ana, now, linkedin(*ROWS))
    again = bring_in(ana, now, linkedin(*ROWS))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert people(ana).count() == 2


def test_somebody_there_is_completed_and_never_overwritten(ana, now):
    bob = make.contact(ana, "Robert Hale", notes="Mine")
    bob.points.create(kind="email", value="bob@acme.test", key="bob@acme.test", is_primary=True)
    batch = bring_in(ana, now, linkedin(ROWS[1]))
    bob.refresh_from_db()
    assert (batch.created, batch.updated) == (0, 1)
    assert (bob.name, bob.notes) == ("Robert Hale", "Mine")
    assert sorted(bob.points.values_list("kind", flat=True)) == ["email", "link"]
    assert str(bob.positions.get()) == "Acme"


def test_a_namesake_is_held_back_for_the_owner_to_say(ana, now):
    make.contact(ana, "Shirley Okoro")
    batch = bring_in(ana, now, linkedin(ROWS[0]))
    assert batch.rows.get().action == ImportRow.Action.DUPLICATE
    assert people(ana).count() == 1


def test_one_person_twice_in_a_file_is_added_once(ana, now):
    twin = ROWS[1].replace("bob@", "BOB@").replace("/in/bob", "/in/bob-hale")
    bring_in(ana, now, linkedin(ROWS[1], twin))
    bob = people(ana).get()
    assert bob.points.filter(kind="link").count() == 2


def test_undoing_takes_out_who_was_added_and_not_touched_since(ana, now):
    batch = bring_in(ana, now, linkedin(*ROWS))
    make.interaction(people(ana).get(name="Bob Hale"), at=now)
    assert imports.undo_import(batch, at=now) == 1
    assert people(ana).get().name == "Bob Hale"
    with pytest.raises(imports.NotNow):
        imports.undo_import(batch, at=now)


def test_undoing_takes_back_what_was_completed(ana, now):
    bob = make.contact(ana, "Robert Hale")
    bob.points.create(kind="email", value="bob@acme.test", key="bob@acme.test", is_primary=True)
    batch = bring_in(ana, now, linkedin(ROWS[1]))
    imports.undo_import(batch, at=now)
    bob.refresh_from_db()
    assert (bob.connected_on, bob.positions.count(), bob.points.count()) == (None, 0, 1)


def test_an_undo_after_a_week_is_refused(ana, now):
    batch = bring_in(ana, now, linkedin(*ROWS))
    with pytest.raises(imports.NotNow, match="seven days"):
        imports.undo_import(batch, at=now + timedelta(days=8))


def test_two_workers_add_nobody_twice(ana, now):
    batch = read(ana, now, linkedin(*ROWS))
    imports.confirm(batch, at=now)
    ImportBatch.objects.filter(pk=batch.pk).update(lease_until=now + timedelta(minutes=1))
    assert imports.work_on(batch.pk, at=now) is False
    assert imports.work_on(batch.pk, at=now + timedelta(minutes=2)) is True
    assert imports.work_on(batch.pk, at=now + timedelta(minutes=2)) is False
    assert people(ana).count() == 2


def test_a_worker_that_dies_half_way_is_taken_over(ana, now, monkeypatch):
    rows = [f"P{n},Lee,https://www.linkedin.com/in/p{n},,,,03 Jun 2025" for n in range(5)]
    batch = read(ana, now, linkedin(*rows))
    imports.confirm(batch, at=now)
    monkeypatch.setattr(imports, "CHUNK_ROWS", 2)
    write_chunk, chunks = imports._write_chunk, []

    def die_in_the_second(*args):
        chunks.append(1)
        if len(chunks) == 2:
            raise KeyboardInterrupt
        return write_chunk(*args)

    monkeypatch.setattr(imports, "_write_chunk", die_in_the_second)
    with pytest.raises(KeyboardInterrupt):
        imports.work_on(batch.pk, at=now)
    assert people(ana).count() == 2
    monkeypatch.setattr(imports, "_write_chunk", write_chunk)
    assert imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    assert (batch.created, people(ana).count()) == (5, 5)


def test_stopping_leaves_the_rest_alone(ana, now):
    batch = read(ana, now, linkedin(*ROWS))
    imports.cancel(batch, at=now)
    assert imports.work_on(batch.pk, at=now) is False
    assert not people(ana).exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "picture"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"a" * 25_000_001, "25 MB"),
    ],
    ids=["empty", "picture", "pdf", "huge"],
)
def test_a_file_that_is_none_is_refused_in_words(client, ana, now, content, says):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(ana)
    answer = client.post(
        reverse("contacts:import_begin"), {"file": SimpleUploadedFile("x.csv", content)}
    )
    if answer.status_code == 302:
        (batch,) = ImportBatch.objects.all()
        imports.work_on(batch.pk, at=now)
        answer = client.get(batch.get_absolute_url())
        assert "Nothing was added." in answer.text
    assert says in answer.text


def test_the_pages_lead_from_upload_to_undo(client, ana, now):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(ana)
    file = SimpleUploadedFile("Connections.csv", linkedin(*ROWS))
    page = client.post(reverse("contacts:import_begin"), {"file": file}).url
    assert "Reading the file." in client.get(page).text
    imports.work_on(ImportBatch.objects.get().pk, at=now)
    preview = client.get(page).text
    assert "2 people would be added" in preview
    assert "Shirley Okoro" in preview
    client.post(page + "confirm/")
    imports.work_on(ImportBatch.objects.get().pk, at=now)
    assert "2 people are here now, parked" in client.get(page).text
    client.post(page + "undo/")
    assert not people(ana).exists()


def test_whoever_was_brought_in_is_found_as_if_typed_in(ana, now):
    """The words written with an import are the words the services would write."""
    bring_in(ana, now, linkedin(*ROWS))
    before = dict(SearchText.objects.values_list("contact", "text"))
    search.index_people(ana, list(before))
    assert dict(SearchText.objects.values_list("contact", "text")) == before
    assert [one.name for one in search.find(ana, "acme shirley", most=5).people] == [
        "Shirley Okoro"
    ]


def test_a_cancel_while_it_is_read_leaves_nothing(ana, now, monkeypatch):
    batch = imports.start_import(by=ana, at=now, file_name="a.csv", content=linkedin(*ROWS))
    rows_of = imports._rows

    def cancelled_meanwhile(*args):
        imports.cancel(batch, at=now)
        return rows_of(*args)

    monkeypatch.setattr(imports, "_rows", cancelled_meanwhile)
    imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count()) == ("cancelled", 0)


@pytest.mark.parametrize("number", ["", "+4420{n:08d}"], ids=["addresses", "numbers"])
def test_thousands_of_one_name_take_no_longer_than_others(ana, now, number):
    """Looking through every namesake for every row would take minutes here."""
    matcher, row = Matcher(ana), Contact(owner=ana).pk
    drafts = [
        Draft(
            full_name="Ann Lee",
            organization="Acme",
            emails=() if number else (Point(value=f"a{n}@x.test"),),
            phones=(Point(value=number.format(n=n)),) if number else (),
        )
        for n in range(10_000)
    ]
    start = time.process_time()
    said = [matcher.decide(one, row, draft_points(one, country="")) for one in drafts]
    assert {action for action, _whom in said} == {"new"}
    assert time.process_time() - start < 5


CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:{}\n{}\nEND:VCARD\n"


def cards(*people):
    return "".join(CARD.format(name, lines) for name, lines in people).encode()


def profile(name, slug, work=""):
    given, family = name.split()
    return linkedin(f"{given},{family},https://www.linkedin.com/in/{slug},,{work},")


def test_a_page_of_ones_own_does_not_speak_against_a_profile(ana, now):
    bring_in(ana, now, profile("Ann Lee", "ann-lee", "Acme,Clerk"))
    own = "ORG:Acme\nEMAIL:ann@acme.test\nURL:https://ann.test"
    batch = bring_in(ana, now, cards(("Ann Lee", own)))
    assert (batch.created, batch.updated, people(ana).count()) == (0, 1, 1)


def test_two_profiles_are_two_people(ana, now):
    bring_in(ana, now, profile("Ann Lee", "ann-lee", "Acme,Clerk"))
    assert bring_in(ana, now, profile("Ann Lee", "ann-lee-2", "Acme,Clerk")).created == 1


def test_among_colleagues_of_one_name_the_title_decides_or_the_owner(ana, now):
    for slug, title in ("a", "Clerk"), ("b", "Nurse"):
        bring_in(ana, now, profile("Ann Lee", slug, f"Acme,{title}"))
    nurse = "ORG:Acme\nTITLE:Nurse\nEMAIL:nurse@acme.test"
    assert bring_in(ana, now, cards(("Ann Lee", nurse))).updated == 1
    assert people(ana).get(points__key="nurse@acme.test").positions.get().title == "Nurse"
    batch = read(ana, now, cards(("Ann Lee", "ORG:Acme\nTEL:+442079460001")))
    assert [row.action for row in batch.rows.all()] == ["duplicate"]


def test_one_name_and_title_without_employer_is_asked_about(ana, now):
    bring_in(ana, now, profile("Ann Lee", "ann-lee", ",Clerk"))
    batch = read(ana, now, cards(("Ann Lee", "TITLE:Clerk\nEMAIL:ann@x.test")))
    assert [row.action for row in batch.rows.all()] == ["duplicate"]


def test_no_address_comes_into_two_peoples_entries(ana, now):
    """A card that has the address of one and the profile of another completes the first."""
    bring_in(ana, now, profile("Ann Lee", "ann-lee"))
    mine = "EMAIL:ann@x.test\nURL:https://ann.test\nTITLE:Clerk"
    bring_in(ana, now, cards(("Annette Lee", mine), ("Bo Li", "EMAIL:bo@x.test")))
    link = "URL:https://www.linkedin.com/in/ann-lee"
    both = cards(("Ann Lee", f"EMAIL:bo@x.test\nEMAIL:ann@x.test\n{link}"))
    bring_in(ana, now, both)
    assert people(ana).filter(points__key="ann@x.test").count() == 1
    assert people(ana).filter(points__key="bo@x.test").count() == 1
    again = bring_in(ana, now, both)
    assert (again.created, again.updated) == (0, 0)


def test_a_row_that_lost_its_name_is_asked_about_where_its_number_is_known(ana, now):
    number = "TITLE:Clerk\nTEL:+442079460001"
    bring_in(ana, now, cards(("王 小明", f"ORG:Acme\n{number}"), ("Bo Li", "TEL:+442079460002")))
    lost = cards(
        ("? ??", number),
        ("Acme", "ORG:Acme\nTEL:+442079460001"),
        ("Cy Oz", number),
        ("? ??, Jr.", "ORG:Zenith\nTEL:+442079460001"),
    )
    rows = list(read(ana, now, lost).rows.select_related("contact"))
    assert [row.action for row in rows] == ["duplicate", "duplicate", "new", "new"]
    assert {row.contact.name for row in rows[:2]} == {"王 小明"}
