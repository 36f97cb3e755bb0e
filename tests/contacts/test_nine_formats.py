"""The same people from every format, in any order: nobody twice, no address lost (I03, I09)."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from contacts.engine.points import email_key
from contacts.engine.writers import csv_lines, vcards
from contacts.exports import drafts_of
from contacts.models import ContactPoint
from contacts.services import imports
from tests.contacts.test_imports import bring_in, people

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(path for path in FIXTURES.glob("*_20.*") if path.suffix in (".csv", ".vcf"))
TRUTH = [json.loads(line) for line in (FIXTURES / "people_20.jsonl").read_text().splitlines()]
EMAILS = {email_key(value) for person in TRUTH for _, value in person["emails"]}


def import_all(owner, now, files):
    """Bring files in; whoever is held back as a namesake is said to be the same."""
    for path in files:
        batch = imports.start_import(
            by=owner, at=now, file_name=path.name, content=path.read_bytes()
        )
        imports.work_on(batch.pk, at=now)
        batch.refresh_from_db()
        imports.decide(batch, answers={}, others="same")
        imports.confirm(batch, at=now)
        imports.work_on(batch.pk, at=now)


@pytest.mark.parametrize("seed", range(4))
def test_nine_files_make_the_people_there_are(ana, now, seed):
    files = random.Random(seed).sample(FILES, len(FILES))
    import_all(ana, now, files)
    # Two of the twenty are one person.  Outlook wrote "?" into names, so a few stand twice.
    unlike = [one for one in people(ana) if "?" in one.name or "\ufffd" in one.name]
    assert people(ana).count() - len(unlike) <= len(TRUTH)
    holders = Counter(
        ContactPoint.objects.filter(contact__owner=ana, kind="email").values_list("key", flat=True)
    )
    assert set(holders) >= EMAILS
    assert {key: n for key, n in holders.items() if n > 1} == {}
    before = people(ana).count()
    import_all(ana, now, files)
    assert people(ana).count() == before, "the same nine files again add nobody"


def told(owner):
    """Everybody as a file describes them, without what each file gives its own way."""
    return {
        (
            one.full_name,
            tuple(sorted(point.value for point in one.emails)),
            tuple(sorted(point.value for point in one.phones)),
            tuple(sorted(point.value for point in one.links)),
            one.organization,
            one.title,
            str(one.birthday or ""),
            one.notes,
            tuple(sorted(one.tags)),
            tuple(sorted(one.extras)),
            one.connected_on,
        )
        for one in drafts_of(owner)
    }


@pytest.mark.parametrize("write", [csv_lines, vcards], ids=["csv", "vcard"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_exported_comes_into_an_empty_account_equal(ana, ben, now, path, write):
    import_all(ana, now, [path])
    bring_in(ben, now, "".join(write(drafts_of(ana))).encode())
    assert told(ben) == told(ana)
