"""What the owner says of a file before anybody is added: its columns, and who is who."""

from __future__ import annotations

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real

from contacts.engine.drafts import Code
from contacts.models import ColumnMapping, Contact, ImportBatch, ImportFile, problem_words
from contacts.services import imports
from tests import make
from tests.contacts.test_imports import bring_in, linkedin, people, read

ODD = b"Q,W,E\n17,03/06/2025,5\n18,04/06/2025,6\n"
PLAIN = b"Name,Born,Notes\nAnn Lee,03/06/1980,met at the fair\nBo Hale,04/06/1981,\n"


def choose(client, batch, *fields, **more):
    """Press “Read it like this” with a field for each column."""
    said = {f"column-{place}": field for place, field in enumerate(fields)}
    return client.post(reverse("contacts:import_columns", args=[batch.pk]), {**said, **more})


def test_a_table_nobody_can_be_found_in_asks_what_its_columns_hold(client, ana, now):
    client.force_login(ana)
    batch = read(ana, now, ODD)
    assert batch.state == "mapping"
    assert "Say what the columns hold" in client.get(batch.get_absolute_url()).text
    page = client.get(reverse("contacts:import_columns", args=[batch.pk])).text
    for shown in ("17<br>18", "03/06/2025", "Leave this column out"):
        assert shown in page
    assert choose(client, batch, "full_name", "connected_on", "", day_first="month").url
    assert imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    assert batch.state == "preview"
    assert [row.draft["connected_on"] for row in batch.rows.all()] == ["2025-03-06", "2025-04-06"]


def test_columns_without_anybody_are_not_taken_and_the_answers_stay(client, ana, now):
    client.force_login(ana)
    batch = read(ana, now, ODD)
    answer = choose(client, batch, "notes", "tags", "extra")
    assert answer.status_code == 422
    assert "at least one column that names people" in answer.text
    assert re.search(r'<option value="tags" selected>', answer.text)
    batch.refresh_from_db()
    assert batch.state == "mapping"
    assert choose(client, batch, "no such field", "", "").status_code == 422


def test_headings_are_remembered_for_their_owner_alone(client, ana, ben, now):
    client.force_login(ana)
    batch = read(ana, now, PLAIN)
    assert [column["field"] for column in batch.columns] == ["full_name", "extra", "notes"]
    choose(client, batch, "full_name", "birthday", "notes", day_first="day")
    imports.work_on(batch.pk, at=now)
    other = b"name , BORN,notes\nCy Dale,05/06/1982,\n"
    again = read(ana, now, other)
    assert again.rows.get().draft["birthday"] == [1982, 6, 5]
    assert "birthday" not in read(ben, now, other).rows.get().draft
    assert ColumnMapping.objects.count() == 1


def test_the_columns_can_be_changed_from_the_preview_and_not_after(client, ana, now):
    client.force_login(ana)
    batch = read(ana, now, PLAIN)
    page = client.get(batch.get_absolute_url()).text
    assert "Change what the columns hold" in page
    choose(client, batch, "nickname", "", "full_name")
    imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    names = sorted(row.draft.get("name", "") for row in batch.rows.all())
    assert names == ["Bo Hale", "met at the fair"]
    imports.confirm(batch, at=now)
    with pytest.raises(imports.NotNow):
        imports.say_columns(batch, at=now, fields=["full_name", "", ""], day_first=None)
    assert choose(client, batch, "full_name", "", "").url == batch.get_absolute_url()


def test_our_own_csv_and_vcards_ask_for_no_columns(client, ana, now):
    client.force_login(ana)
    own = read(ana, now, b"Name,Notes,NetCRM\nAnn Lee,,1\n")
    cards = read(ana, now, b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann Lee\nEND:VCARD\n", name="a.vcf")
    for batch in (own, cards):
        assert not batch.takes_a_mapping
        url = reverse("contacts:import_columns", args=[batch.pk])
        assert client.get(url).url == batch.get_absolute_url()


def test_columns_are_somebody_elses_secret(client, ana, ben, now):
    batch = read(ana, now, ODD)
    client.force_login(ben)
    assert choose(client, batch, "full_name", "", "").status_code == 404
    where = reverse("contacts:import_decide", args=[batch.pk])
    assert client.post(where, {"others": "new"}).status_code == 404


def test_letters_that_were_read_wrongly_are_read_as_the_owner_says(client, ana, now):
    client.force_login(ana)
    batch = read(ana, now, "Name,Email\nJosé Núñez,j@x.test\n".encode("mac-roman"))
    assert batch.rows.get().draft["name"] != "José Núñez"
    choose(client, batch, "full_name", "email", letters="mac-roman")
    imports.work_on(batch.pk, at=now)
    assert batch.rows.get().draft["name"] == "José Núñez"
    page = client.get(reverse("contacts:import_columns", args=[batch.pk])).text
    assert '<option value="mac-roman" selected>' in page
    choose(client, batch, "nickname", "email", letters="mac-roman")
    imports.work_on(batch.pk, at=now)
    assert batch.rows.get().draft["nickname"] == "José Núñez", "columns keep the letters"
    assert choose(client, batch, "full_name", "email", letters="klingon").status_code == 422


# Held back

TWINS = ["Ann,Lee,,,Acme,,", "Bo,Hale,,,,,", "Cy,Dale,,,,,"]


@pytest.fixture
def held(ana, now) -> ImportBatch:
    """A file with three namesakes of people who are there."""
    for name in ("Ann Lee", "Bo Hale", "Cy Dale"):
        make.contact(ana, name)
    batch = read(ana, now, linkedin(*TWINS))
    assert set(batch.rows.values_list("action", "was_held")) == {("duplicate", True)}
    return batch


def test_whoever_is_held_back_is_who_the_owner_says(client, ana, held, now):
    client.force_login(ana)
    page = client.get(held.get_absolute_url()).text
    assert page.count("May be:") == 3
    rows = {row.draft["name"]: row for row in held.rows.all()}
    where = reverse("contacts:import_decide", args=[held.pk])
    client.post(where, {f"row-{rows['Ann Lee'].pk}": "same", f"row-{rows['Bo Hale'].pk}": "new"})
    client.post(where, {"others": "skip", f"row-{rows['Bo Hale'].pk}": "new"})
    imports.confirm(held, at=now)
    imports.work_on(held.pk, at=now)
    held.refresh_from_db()
    assert (held.created, held.updated, held.skipped) == (1, 1, 1)
    assert people(ana).filter(name="Bo Hale").count() == 2
    assert str(people(ana).get(name="Ann Lee").positions.get()) == "Acme"
    assert people(ana).get(name="Cy Dale").batch is None


def test_an_answer_can_be_changed_and_one_left_open_adds_nobody(ana, held, now):
    row = held.rows.first()
    assert imports.decide(held, answers={row.pk: "new"}) == 1
    assert imports.decide(held, answers={row.pk: "skip"}) == 1
    imports.confirm(held, at=now)
    imports.work_on(held.pk, at=now)
    assert people(ana).count() == 3
    with pytest.raises(imports.NotNow):
        imports.decide(held, answers={}, others="new")


def test_all_at_once_and_undone_at_once(ana, held, now):
    assert imports.decide(held, answers={}, others="new") == 3
    imports.confirm(held, at=now)
    imports.work_on(held.pk, at=now)
    assert people(ana).count() == 6
    held.refresh_from_db()
    assert imports.undo_import(held, at=now) == 3


def test_rows_that_are_not_held_back_cannot_be_decided(ana, now):
    batch = read(ana, now, linkedin("Ann,Lee,https://www.linkedin.com/in/ann,,,,"))
    row = batch.rows.get()
    assert imports.decide(batch, answers={row.pk: "skip"}, others="skip") == 0
    assert batch.rows.get().action == "new"


def test_a_namesake_further_up_in_the_file_can_be_the_same(ana, now):
    batch = read(ana, now, linkedin("Ann,Lee,,,,,", "Ann,Lee,,,Acme,Cook,"))
    second = batch.rows.get(action="duplicate")
    imports.decide(batch, answers={second.pk: "same"})
    imports.confirm(batch, at=now)
    imports.work_on(batch.pk, at=now)
    assert str(people(ana).get().positions.get()) == "Cook, Acme"


@pytest.mark.parametrize(
    "name", ["Robert,O’Sullivan Jr.", "Robert Q.,O'Sullivan", 'Dr Robert,"O’Sullivan, M.D."']
)
def test_a_colleague_whose_name_another_file_writes_longer_is_held_back(ana, now, name):
    bring_in(ana, now, linkedin("Robert,O’Sullivan,https://www.linkedin.com/in/r,,Acme,Cook,"))
    assert read(ana, now, linkedin(f"{name},,,Acme,,")).rows.get().action == "duplicate"
    assert read(ana, now, linkedin(f"{name},,,Zeta,,")).rows.get().action == "new"
    other = f"{name},https://www.linkedin.com/in/other,,Acme,,"
    assert read(ana, now, linkedin(other)).rows.get().action == "new", "another profile"


def test_the_same_number_and_a_longer_name_are_one_person(ana, now):
    bring_in(ana, now, b"Name,Phone,NetCRM\nMary Smith,+44 20 7946 0018,1\n")
    again = read(ana, now, b"Name,Phone,NetCRM\nMary Q. Smith,+44 20 7946 0018,1\n")
    assert again.rows.get().action == "same"


# Messages


def test_what_is_wrong_is_kept_as_a_code_and_said_in_the_readers_language(ana, now):
    batch = read(ana, now, b"%PDF-1.7 ...")
    assert (batch.state, batch.problem_code) == ("refused", Code.IS_PDF)
    assert not ImportFile.objects.exists(), "a refused file is not kept"
    english = batch.problem
    german = "Das ist ein PDF."
    with translation.override("de"):
        catalog = trans_real.catalog()
        catalog._catalog._catalogs.insert(0, {english: german})
        try:
            assert batch.problem == german
        finally:
            catalog._catalog._catalogs.pop(0)
    assert batch.problem == english


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence_on_the_page(code):
    facts = dict.fromkeys(
        ("count", "limit", "name", "text", "encoding", "chars", "field", "first"), "month"
    )
    assert len(problem_words(code, facts)) > 10


def test_remarks_that_cost_nobody_are_shown_with_their_lines(client, ana, now):
    client.force_login(ana)
    batch = read(ana, now, linkedin("Ann,Lee,,not an address,,,", "Bo,Hale,,,,,99 Xyz 2025"))
    page = client.get(batch.get_absolute_url()).text
    assert "not an address is not one e-mail address" in page
    assert "Line 5" in page


def test_what_has_no_place_is_kept_as_words_and_the_dead_are_set_aside(ana, now):
    reminder = {"initial_date": "2026-01-31", "title": "Call", "frequency_type": "one_time"}
    told = [
        {"uuid": "a", "properties": {"first_name": "Bill", "is_dead": True}},
        {
            "uuid": "b",
            "properties": {
                "first_name": "Ann",
                "stay_in_touch_frequency": 30,
                "first_met_through": "a",
            },
            "data": [{"type": "reminder", "values": [{"properties": reminder}] * 2}],
        },
    ]
    account = {"data": [{"type": "contact", "values": told}]}
    bring_in(ana, now, json.dumps({"version": "1.0", "account": account}).encode())
    ann = people(ana).get(name="Ann")
    assert ann.how_met == "Introduced by Bill"
    assert ann.extra == {
        "Stay in touch": "every 30 days",
        "Reminder": "2026-01-31 Call; 2026-01-31 Call",
    }
    assert people(ana).get(name="Bill").archived_at == now


def test_a_file_is_uploaded_mapped_and_read_on_the_pages(client, ana, now):
    client.force_login(ana)
    file = SimpleUploadedFile("odd.csv", ODD)
    page = client.post(reverse("contacts:import_begin"), {"file": file}).url
    batch = ImportBatch.objects.get()
    imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    choose(client, batch, "full_name", "", "notes")
    assert "Reading the file." in client.get(page).text
    imports.work_on(batch.pk, at=now)
    client.post(page + "confirm/")
    imports.work_on(batch.pk, at=now)
    assert set(Contact.objects.people().values_list("name", "notes")) >= {("17", "5"), ("18", "6")}


def test_what_a_page_shows_of_a_file_holds_nothing_a_database_refuses(ana, now):
    batch = read(ana, now, b"Name,Bo\0rn,Name\nAnn\0 Lee,12 F\0e\xed\xa0\x80,x\nBo,99/99/9999\0,\n")
    shown = json.dumps([batch.columns, batch.remarks])
    assert batch.columns[1]["samples"]
    assert "\\u0000" not in shown
    assert "\\ud8" not in shown
