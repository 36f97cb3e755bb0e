"""Any file at all through the whole of importing: an answer in words, never a broken page (I05)."""

from __future__ import annotations

import io
import logging
import random
import time
import zipfile
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.urls import reverse

from contacts.engine import limits
from contacts.models import Contact, ImportBatch
from contacts.services import imports
from tests.architecture.routes import every_route
from tests.contacts.test_imports import bring_in, linkedin, people, read

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(path for path in FIXTURES.rglob("*") if path.suffix in (".csv", ".vcf", ".zip"))


def through(client, content: bytes, now, name: str = "file.csv") -> ImportBatch | None:
    """Upload, look, say that everybody held back is new, add, look, and take back."""
    where = reverse("contacts:import_begin")
    answer = client.post(where, {"file": SimpleUploadedFile(name, content)})
    if answer.status_code == 422:
        return None
    batch = ImportBatch.objects.latest("id")
    imports.work_on(batch.pk, at=now)
    for page in ("import", "import_columns"):
        assert client.get(reverse(f"contacts:{page}", args=[batch.pk])).status_code in (200, 302)
    batch.refresh_from_db()
    if batch.state == "preview":
        client.post(reverse("contacts:import_decide", args=[batch.pk]), {"others": "new"})
        client.post(reverse("contacts:import_confirm", args=[batch.pk]))
        imports.work_on(batch.pk, at=now)
        assert client.get(batch.get_absolute_url()).status_code == 200
    batch.refresh_from_db()
    assert batch.state in ("done", "refused", "mapping")
    assert batch.state != "refused" or batch.problem
    return batch


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_breaks_a_page(client, ana, now, path):
    client.force_login(ana)
    batch = through(client, path.read_bytes(), now, path.name)
    if batch and batch.state == "done":
        assert people(ana).count() == batch.created
        client.post(reverse("contacts:import_undo", args=[batch.pk]))
        assert not people(ana).exists()


def broken(rng: random.Random) -> bytes:
    """A fixture with bytes cut out, doubled, swapped and put in."""
    data = bytearray(rng.choice(FILES).read_bytes())
    for _time in range(rng.choice((1, 3, 12))):
        at = rng.randrange(len(data) + 1)
        piece = rng.choice(
            (b'"', b"\0", b"\xff\xfe", b"\r", b"\n" * 9, b",", b";", b"=1+1", b"\xed\xa0\x80",
             b"\xe2\x80\xae", b"9" * 400, b"BEGIN:VCARD\r\n", b"<script>", b"\\u0000", b"A" * 999)
        )  # fmt: skip
        if rng.random() < 0.6:
            data[at:at] = piece
        else:
            del data[at : at + rng.choice((1, 7, 300))]
    return bytes(data)


@pytest.mark.parametrize("seed", range(12))
def test_broken_files_are_answered_or_taken_in(client, ana, now, seed):
    client.force_login(ana)
    rng = random.Random(seed)
    for _time in range(4):
        through(client, broken(rng), now)


def packed(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


HEADER = b"First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
TOO_MUCH = {
    "rows": (lambda: HEADER + b"A,B,,,,,\n" * (limits.ROWS + 1), "100000 rows"),
    "columns": (lambda: b",".join(b"c%d" % n for n in range(501)) + b"\nAnn,a@x.test\n", "500"),
    "unpacked": (lambda: packed("Connections.csv", b"a" * (limits.FILE_BYTES + 1)), "limit"),
    "members": (
        lambda: _members(limits.ZIP_MEMBERS + 1),
        str(limits.ZIP_MEMBERS),
    ),
}


def _members(count: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.csv", "x")
    return file.getvalue()


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_is_above_a_limit_is_refused_soon_and_with_the_limit(client, ana, now, what):
    make_it, says = TOO_MUCH[what]
    content = make_it()
    client.force_login(ana)
    start = time.process_time()
    batch = through(client, content, now)
    assert time.process_time() - start < 2, "I10 allows two seconds"
    assert batch is not None
    assert batch.state == "refused"
    assert says in batch.problem


def test_a_cell_above_its_limit_costs_its_row_alone(ana, now):
    rows = (f"Ann,{'x' * (limits.CELL_BYTES + 1)},,,,,", "Bo,Hale,,,,,")
    batch = bring_in(ana, now, linkedin(*rows))
    assert [one.name for one in people(ana)] == ["Bo Hale"]
    skipped = batch.rows.get(problem_code="cell_too_large")
    assert skipped.line == 5
    assert "65536" in skipped.problem


def test_stopping_takes_effect_at_the_next_chunk(ana, now, monkeypatch):
    """I04: cancelled within two seconds; a chunk of a thousand people takes less."""
    rows = [f"P{n},Lee,https://www.linkedin.com/in/p{n},,,,03 Jun 2025" for n in range(30)]
    batch = read(ana, now, linkedin(*rows))
    imports.confirm(batch, at=now)
    monkeypatch.setattr(imports, "CHUNK_ROWS", 10)
    write_chunk = imports._write_chunk

    def cancelled_during_the_second(*args):
        written = write_chunk(*args)
        if people(ana).count() == 20:
            ImportBatch.objects.filter(pk=batch.pk).update(state="cancelled", finished_at=now)
        return written

    monkeypatch.setattr(imports, "_write_chunk", cancelled_during_the_second)
    imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    assert (batch.state, people(ana).count()) == ("cancelled", 20)
    assert imports.undo_import(batch, at=now) == 20


def test_no_log_line_names_anybody(client, ana, now, caplog):
    """G04, while bringing people in and while it is refused."""
    caplog.set_level(logging.DEBUG)
    client.force_login(ana)
    rows = [f"Seeded{n},Nameson,,seeded{n}@secret.test,Hidden{n} Ltd,," for n in range(20)]
    through(client, linkedin(*rows, "Bad,Row,,not an address @ all,,,"), now)
    through(client, b"%PDF-1.7 Seeded1 seeded1@secret.test", now)
    said = "\n".join(f"{one.getMessage()} {one.args} {one.exc_info}" for one in caplog.records)
    for word in ("Nameson", "secret.test", "Hidden"):
        assert word not in said


def test_pictures_are_nowhere_taken_in(ana, now):
    """I13: no field and no page takes one, and a card's own is left out."""
    pictures = [
        field
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField)
    ]
    assert pictures == []
    assert [route.name for route in every_route() if "avatar" in route.name] == []
    svg = "PHOTO;VALUE=uri:data:image/svg+xml;base64,PHN2Zz4="
    card = f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann Lee\r\n{svg}\r\nEND:VCARD\r\n".encode()
    bring_in(ana, now, card)
    ann = Contact.objects.get(name="Ann Lee")
    assert (ann.extra, ann.notes, ann.points.count()) == ({}, "", 0)
