"""The readers against the shared fixtures: what they find, how fast, in how much memory.

    python -m tests.bench.readers --fixtures DIR

Every file is read in a fresh process, so the memory is its own.  Beside the times stands the
csv module's, over the same bytes in the same run.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import multiprocessing
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from contacts.engine.drafts import Code, Draft
from contacts.engine.names import clean_line, clean_text, fold
from contacts.engine.points import email_key, linkedin_key, phone_key
from contacts.engine.readers.reading import read_file

ROUNDS = 3


def measured(path: Path) -> dict[str, Any]:
    """Read one file; seconds of processor time (the best of three), peak MB above the start."""
    data = path.read_bytes()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best = 1e9
    for _ in range(ROUNDS):
        start = time.process_time()
        reading = read_file(data)
        best = min(best, time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "drafts": reading.counts.drafts,
        "skipped": reading.counts.skipped,
        "format": reading.format.value,
        "refused": reading.refused.code.value if reading.refused else "",
        "codes": dict(Counter(problem.code.value for problem in reading.problems)),
        "seconds": best,
        "peak": peak,
        "above": peak - before,
    }


def csv_alone(path: Path) -> float:
    text = path.read_bytes().decode("utf-8-sig")
    best = 1e9
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in csv.reader(io.StringIO(text)):
            pass
        best = min(best, time.process_time() - start)
    return best


def expected(told: dict[str, Any]) -> int | None:
    for key in ("expected_importable", "cards", "data_rows"):
        if key in told:
            return int(told[key])
    return None


def differences(drafts: tuple[Draft, ...], people: list[dict[str, Any]], name: str) -> Counter[str]:
    """Where drafts and the people they were written from differ, field by field."""
    found: Counter[str] = Counter()
    for person, draft in zip(people, drafts, strict=True):
        plain = fold(f"{person['first']} {person['last']}").split()
        found["name"] += not set(plain) <= set(fold(draft.full_name).split())
        found["organization"] += draft.organization != clean_line(person["org"])[:200].rstrip()
        found["title"] += draft.title != clean_line(person["title"])[:200].rstrip()
        emails = {email_key(value) for _, value in person["emails"]}
        got = {email_key(point.value) for point in draft.emails}
        found["emails"] += not got <= emails if "linkedin" in name else got != emails
        if "linkedin" in name:
            found["day"] += str(draft.connected_on) != person["connected"]
            continue
        # A bracketed trunk zero is gone from a tel: address: the last digits decide.
        phones = {phone_key(value)[-8:] for _, value in person["phones"]}
        found["phones"] += {phone_key(point.value)[-8:] for point in draft.phones} != phones
        found["notes"] += draft.notes != clean_text(person["notes"])
        told = person["bday"]
        born = draft.birthday
        found["birthday"] += (born and (born.year, born.month, born.day)) != (told and tuple(told))
        found["tags"] += {t for t in draft.tags if t != "starred"} != set(person["labels"])
        if draft.links and "vcard3" in name:
            keys = {linkedin_key(point.value) for point in draft.links}
            slug = linkedin_key(f"linkedin.com/in/{person['slug']}")
            found["linkedin"] += slug not in keys
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fixtures", type=Path, required=True)
    fixtures: Path = parser.parse_args().fixtures
    manifest = json.loads((fixtures / "manifest.json").read_text("utf-8"))["files"]
    wrong = 0
    print(f"{'file':44} {'drafts':>6} {'skip':>5} {'expect':>6} {'s':>7} {'MB':>5}  remarks")
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for name, told in manifest.items():
            if name.startswith("truth/"):
                continue
            got = pool.apply(measured, (fixtures / name,))
            want = expected(told)
            ok = want is None or want == got["drafts"]
            wrong += not ok
            print(
                f"{name:44} {got['drafts']:6} {got['skipped']:5} {want or '':>6} "
                f"{got['seconds']:7.3f} {got['peak']:5.0f}  {got['refused']} {got['codes'] or ''}"
                f"{'' if ok else '  <-- WRONG'}"
            )
            if "expect" in told:
                print(f"{'':20}wanted: {told['expect']}")
    alone = csv_alone(fixtures / "linkedin/Connections_30k.csv")
    print(f"\ncsv module alone, linkedin 30k: {alone:.3f} s")
    truth = (fixtures / "truth/people_1k.jsonl").read_text("utf-8")
    people = [json.loads(line) for line in truth.splitlines()]
    print("\n1k sets against the people they were written from (rows that differ):")
    for name in manifest:
        if "_1k." not in name or name.startswith("truth/"):
            continue
        reading = read_file((fixtures / name).read_bytes())
        blank = {p.line for p in reading.problems if p.code is Code.BLANK_PERSON}
        kept = people if not blank else people_without_ghosts(people, fixtures / name)
        if len(kept) != len(reading.drafts):
            print(f"{name:40} {len(reading.drafts)} drafts for {len(kept)} people")
            continue
        print(f"{name:40} {dict(+differences(reading.drafts, kept, name)) or 'none'}")
    return 1 if wrong else 0


def people_without_ghosts(people: list[dict[str, Any]], path: Path) -> list[dict[str, Any]]:
    """Leave out the people LinkedIn wrote as rows without a name and a link."""
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    start = next(i for i, row in enumerate(rows) if row[:1] == ["First Name"])
    return [
        person
        for person, row in zip(people, rows[start + 1 :], strict=True)
        if row[0] or row[1] or row[2]
    ]


if __name__ == "__main__":
    sys.exit(main())
