"""Bringing people in from a file: read, shown, written, and undone.

Each stage is work owed by a row: a worker takes the batch by a conditional update, and one
that dies leaves it to the next when its lease has run out.  A chunk of rows and the mark
that it is done are one transaction, so nobody is added twice.
Source: docs/decisions/0035-import-pipeline.md.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

import charset_normalizer
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from contacts import search
from contacts.engine import limits, names
from contacts.engine.drafts import Code, Draft, Format, Problem, Reading, Severity
from contacts.engine.readers.reading import read_file
from contacts.models import (
    ColumnMapping,
    Contact,
    ContactPoint,
    ImportBatch,
    ImportFile,
    ImportRow,
    Organization,
    Position,
    Ring,
    Tag,
    name_key,
)
from contacts.services import fields
from contacts.services.erased import Register
from contacts.services.matching import Matcher, as_json, draft_points, organization_key
from netcrm.accounts.models import User
from netcrm.kit import bulk, facts
from netcrm.kit.ids import new_id

State, Action = ImportBatch.State, ImportRow.Action
LEASE = timedelta(minutes=2)
CHUNK_ROWS = 1_000
UNDO_DAYS = 7
SAMPLES = 3  # values of a column shown while saying what it holds
SAMPLE_CHARS = 80
REMARKS_KEPT = 200
NAMING = {"full_name", "given", "family", "nickname", "email", "phone", "organization"}
OWED = (State.WAITING, State.READING, State.WRITING)


class NotNow(Exception):
    """The batch is not in a state in which this can be done; the message says so."""


def start_import(*, by: User, at: datetime, file_name: str, content: bytes) -> ImportBatch:
    """Keep an uploaded file and owe the reading of it.

    Raises:
        ValidationError: it is empty, or larger than we take.
    """
    if not content:
        raise ValidationError(_("This file is empty. Export it again and choose the new file."))
    if len(content) > limits.FILE_BYTES:
        raise ValidationError(
            _("This file is larger than %(most)s MB, which is more than we can take at once."),
            params={"most": limits.FILE_BYTES // 1_000_000},
        )
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            owner=by, file_name=fields.line(file_name, most=10_000)[:255] or "contacts"
        )
        ImportFile.objects.create(batch=batch, content=content)
    return batch


def owed_imports(*, at: datetime) -> list[UUID]:
    """Batches that wait for a worker, or whose worker has died."""
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    return list(ImportBatch.objects.filter(free, state__in=OWED).values_list("pk", flat=True))


def work_on(batch_pk: UUID, *, at: datetime) -> bool:
    """Do what is owed to a batch; True when this call did it.

    Safe to call any number of times from any number of workers.
    """
    free = Q(lease_until=None) | Q(lease_until__lt=at)
    mine = ImportBatch.objects.filter(free, pk=batch_pk, state__in=OWED)
    if not mine.update(lease_until=at + LEASE):
        return False
    batch = ImportBatch.objects.select_related("owner").get(pk=batch_pk)
    try:
        if batch.state == State.WRITING:
            _write(batch, at)
        else:
            _read(batch, at)
    finally:
        ImportBatch.objects.filter(pk=batch_pk).update(lease_until=None)
    return True


def _read(batch: ImportBatch, at: datetime) -> None:
    """Read the file and decide for each row, without touching anybody."""
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.READING, started_at=at)
    reading = _reading(batch)
    refused = reading.refused
    columns = _columns(reading)
    if refused is not None and refused.code is Code.MAPPING_WANTED:
        _settle(batch, State.READING, state=State.MAPPING, columns=columns)
        return
    if refused is not None:
        with transaction.atomic():
            ImportFile.objects.filter(batch=batch).delete()
            _settle(
                batch,
                State.READING,
                state=State.REFUSED,
                problem_code=refused.code,
                problem_facts={**_plain(refused), "line": refused.line},
                finished_at=at,
            )
        return
    kind, drafts, problems = reading.format, deque(reading.drafts), reading.problems
    del reading  # beside the rows made of it, it is most of the memory
    rows = _rows(batch, drafts, problems)
    with transaction.atomic():
        batch.rows.all().delete()  # of a worker that died, or of another mapping
        bulk.insert(
            ImportRow,
            [
                "id",
                "line",
                "action",
                "draft",
                "contact_id",
                "was_held",
                "problem_code",
                "problem_facts",
            ],
            (
                (
                    row.id,
                    row.line,
                    row.action,
                    row.draft,
                    row.contact,
                    row.action == Action.DUPLICATE,
                    row.problem_code,
                    row.problem_facts,
                )
                for row in rows
            ),
            batch_id=batch.pk,
            created_at=at,
        )
        if not _settle(
            batch,
            State.READING,
            state=State.PREVIEW,
            format=kind,
            columns=columns,
            remarks=_remarks(problems),
            rows_total=len(rows),
            rows_done=0,
        ):
            transaction.set_rollback(True)  # cancelled meanwhile


def _reading(batch: ImportBatch) -> Reading:
    """Read with what the owner said the columns hold, for this file or for its headings."""
    content = bytes(ImportFile.objects.get(batch=batch).content)
    chosen = batch.mapping
    reading = read_file(
        content,
        mapping=chosen.get("fields"),
        day_first=chosen.get("day_first"),
        encoding=chosen.get("encoding"),
        guess_encoding=_guess_encoding,
    )
    if chosen or not reading.header or reading.format not in (Format.CSV, Format.UNKNOWN):
        return reading
    known = ColumnMapping.objects.filter(
        owner=batch.owner, header_key=_header_key(reading.header)
    ).first()
    if known is None or len(known.fields) != len(reading.header):
        return reading
    return read_file(
        content,
        mapping=known.fields,
        day_first=known.day_first,
        guess_encoding=_guess_encoding,
    )


def _header_key(header: Sequence[str]) -> str:
    folded = (names.fold(heading[:SAMPLE_CHARS]) for heading in header)
    return sha256("\x1f".join(folded).encode()).hexdigest()


def _columns(reading: Reading) -> list[dict[str, Any]]:
    """Each column of a table: its heading, the field it went to, and what it holds."""
    return [
        {
            "heading": names.clean_line(heading[:SAMPLE_CHARS]),
            "field": reading.mapping[place] if place < len(reading.mapping) else "",
            "samples": list(
                islice(
                    (
                        shown
                        for row in reading.sample
                        if place < len(row)
                        and (shown := names.clean_line(row[place][:SAMPLE_CHARS]))
                    ),
                    SAMPLES,
                )
            ),
        }
        for place, heading in enumerate(reading.header)
    ]


def _remarks(problems: Iterable[Problem]) -> list[list[Any]]:
    """What is worth knowing and cost no person; the first few hundred."""
    kept = (one for one in problems if one.severity in (Severity.NOTE, Severity.WARNING))
    return [[one.line, one.code, _plain(one)] for one in islice(kept, REMARKS_KEPT)]


def _plain(problem: Problem) -> dict[str, str | int]:
    """A problem's facts as every database takes them: no NUL and no half of a letter."""
    return {
        name: names.clean_line(fact) if isinstance(fact, str) else fact
        for name, fact in problem.facts.items()
    }


def say_letters(batch: ImportBatch, *, encoding: str) -> None:
    """Owe another reading of a table whose letters are written otherwise than it was read.

    What its columns hold is found out anew, since their headings were misread too.

    Raises:
        NotNow: nothing was read yet, or people are being added.
    """
    _read_again(batch, {"encoding": encoding})


def _read_again(batch: ImportBatch, mapping: dict[str, Any]) -> None:
    asked = ImportBatch.objects.filter(
        pk=batch.pk, state__in=[State.PREVIEW, State.MAPPING], file__isnull=False
    ).values("pk")
    if not ImportBatch.objects.filter(pk__in=asked).update(state=State.WAITING, mapping=mapping):
        raise NotNow(_("This import is past the point where its columns can be changed."))


def say_columns(
    batch: ImportBatch, *, at: datetime, fields: Sequence[str], day_first: bool | None
) -> None:
    """Owe another reading of a table, with the field of each column as the owner says.

    It is remembered for the next file with the same headings.

    Raises:
        NotNow: nothing was read yet, or people are being added.
        ValidationError: a column is missing, or no column can name anybody.
    """
    if len(fields) != len(batch.columns):
        raise ValidationError(_("Say of every column what it holds."))
    if not any(_kind(one) in NAMING for one in fields):
        raise ValidationError(
            _("Choose at least one column that names people: a name, an e-mail or a phone number.")
        )
    header = [column["heading"] for column in batch.columns]
    with transaction.atomic():
        _read_again(batch, {**batch.mapping, "fields": list(fields), "day_first": day_first})
        ColumnMapping.objects.update_or_create(
            owner=batch.owner,
            header_key=_header_key(header),
            defaults={"fields": list(fields), "day_first": day_first},
        )


def _kind(field: str) -> str:
    return field.partition(":")[0].partition("#")[0]


def _guess_encoding(data: bytes) -> str | None:
    best = charset_normalizer.from_bytes(data[:1_000_000]).best()
    return best.encoding if best else None


@dataclass(slots=True, kw_only=True)
class _Row:
    """An ``ImportRow`` to be."""

    line: int
    id: UUID = field(default_factory=new_id)
    action: str = Action.SKIP
    draft: dict[str, Any] = field(default_factory=dict)
    contact: UUID | None = None
    problem_code: str = ""
    problem_facts: dict[str, Any] = field(default_factory=dict)


def _rows(batch: ImportBatch, drafts: deque[Draft], problems: Iterable[Problem]) -> list[_Row]:
    """What to do with each of ``drafts``, which is empty afterwards."""
    matcher = Matcher(batch.owner)
    erased = Register()
    rows = []
    fresh: set[UUID] = set()
    while drafts:
        draft = drafts.popleft()
        points = draft_points(draft, country=batch.owner.country)
        row = _Row(line=draft.line, draft=as_json(draft))
        row.action, row.contact = matcher.decide(draft, row.id, points)
        row.draft["points"] = points
        if row.action == Action.NEW:
            fresh.add(row.id)
        elif row.contact in fresh:
            # It repeats a new person further up, who is not in the list of people yet.
            row.draft["of_row"] = str(row.contact)
            row.contact = None
        if row.action != Action.SAME and erased.has((kind, key) for kind, key, _v, _l in points):
            row.action, row.problem_code = Action.DUPLICATE, Code.ASKED_TO_BE_ERASED
        rows.append(row)
    rows += [
        _Row(line=problem.line, problem_code=problem.code, problem_facts=_plain(problem))
        for problem in problems
        if problem.severity is Severity.SKIPPED
    ]
    return sorted(rows, key=lambda row: (row.line, row.id))


def confirm(batch: ImportBatch, *, at: datetime) -> None:
    """Owe the writing of what the preview showed."""
    if not _settle(batch, State.PREVIEW, state=State.WRITING):
        raise NotNow(_("This import is not waiting to be confirmed."))


ANSWERS = {"same": Action.UPDATE, "new": Action.NEW, "skip": Action.SKIP}


def decide(batch: ImportBatch, *, answers: Mapping[UUID, str], others: str = "") -> int:
    """Say of rows held back who they are; return how many answers were taken.

    Args:
        answers: by the row's key, ``same`` (the person it may be), ``new`` or ``skip``.
        others: the answer for every row held back that ``answers`` does not name; "" leaves
            them held back.

    Raises:
        NotNow: the preview is not (or no longer) shown.
    """
    count = 0
    with transaction.atomic():
        if not _settle(batch, State.PREVIEW, state=State.PREVIEW):
            raise NotNow(_("This import is not waiting to be confirmed."))
        held = batch.rows.filter(was_held=True)
        for answer, action in ANSWERS.items():
            mine = [pk for pk, said in answers.items() if said == answer]
            count += _meant(held, answer).filter(pk__in=mine).update(action=action)
        if others in ANSWERS:
            left = _meant(held, others).filter(action=Action.DUPLICATE)
            count += left.update(action=ANSWERS[others])
    return count


def _meant(held: QuerySet[ImportRow], answer: str) -> QuerySet[ImportRow]:
    """The rows an answer can be given to: not “the same” where there is nobody to be."""
    if answer != "same":
        return held
    return held.filter(Q(contact__isnull=False) | Q(draft__has_key="of_row"))


def cancel(batch: ImportBatch, *, at: datetime) -> None:
    """Stop before the end; whoever was added by then stays, and can be undone."""
    stopped = ImportBatch.objects.filter(
        pk=batch.pk, state__in=[*OWED, State.PREVIEW, State.MAPPING]
    ).update(state=State.CANCELLED, finished_at=at)
    if not stopped:
        raise NotNow(_("This import has already come to its end."))
    ImportFile.objects.filter(batch=batch).delete()
    _count(batch)


def _settle(batch: ImportBatch, old: str, **values: Any) -> bool:
    return bool(ImportBatch.objects.filter(pk=batch.pk, state=old).update(**values))


def _write(batch: ImportBatch, at: datetime) -> None:
    while True:
        with facts.change(batch.owner, at=at) as changed:
            # Locks the batch against a cancel in the middle of a chunk.
            if not _settle(batch, State.WRITING, lease_until=at + LEASE):
                return
            owed = batch.rows.filter(done_at=None)
            nothing_to_do = owed.exclude(action__in=[Action.NEW, Action.UPDATE]).update(done_at=at)
            chunk = list(owed.order_by("line", "id")[:CHUNK_ROWS])
            if chunk:
                changed.add(*_write_chunk(batch, chunk, at))
                last = chunk[-1]
                owed.filter(Q(line__lt=last.line) | Q(line=last.line, id__lte=last.pk)).update(
                    done_at=at
                )
            _settle(batch, State.WRITING, rows_done=F("rows_done") + nothing_to_do + len(chunk))
            if not chunk:
                break
    _count(batch)
    ImportFile.objects.filter(batch=batch).delete()
    _settle(batch, State.WRITING, state=State.DONE, finished_at=at)


def _count(batch: ImportBatch) -> None:
    done = dict(
        batch.rows.exclude(done_at=None)
        .values_list("action")
        .annotate(n=Count("pk"))
        .values_list("action", "n")
    )
    ImportBatch.objects.filter(pk=batch.pk).update(
        created=done.get(Action.NEW, 0),
        updated=done.get(Action.UPDATE, 0),
        unchanged=done.get(Action.SAME, 0),
        skipped=sum(done.get(a, 0) for a in (Action.DUPLICATE, Action.SKIP, Action.ERROR)),
    )


def _write_chunk(batch: ImportBatch, rows: Iterable[ImportRow], at: datetime) -> set[UUID]:
    """Add and complete people; return those already there whose facts changed."""
    rows = list(rows)
    shared = _Shared(batch.owner, rows)
    new = [row for row in rows if row.action == Action.NEW]
    bulk.insert(
        Contact,
        _PERSON,
        (_person(row, at) for row in new),
        owner_id=batch.owner_id,
        batch_id=batch.pk,
        ring=Ring.D,
        created_at=at,
        updated_at=at,
    )
    _add_details(new, {row.pk: row.pk for row in new}, shared, at)
    search.add_people(batch.owner, {row.pk: _words(row) for row in new})
    more = [row for row in rows if row.action == Action.UPDATE]
    whom = {row.pk: _whom(row) for row in more}
    there = Contact.objects.in_bulk(list(whom.values()))
    more = [row for row in more if whom[row.pk] in there]
    for row in more:
        row.before = _complete(there[whom[row.pk]], row.draft)
    if more:
        Contact.objects.bulk_update(there.values(), _COMPLETED)
        _add_details(more, whom, shared, at, known=there)
        ImportRow.objects.bulk_update(more, ["before"])
        search.index_people(batch.owner, there)
    return {pk for pk, person in there.items() if person.ring != Ring.D}


# Filled in where the person had nothing; what the owner wrote is never overwritten.
_COMPLETED = ["notes", "connected_on", "birthday_year", "birthday_month", "birthday_day"]


# What a file may say of a new person, who is parked, and never spoken to as far as we know.
_PERSON = (
    "id", "name", "name_key", "nickname", "notes", "source_uid", "connected_on",
    "birthday_year", "birthday_month", "birthday_day", "extra", "how_met", "archived_at",
)  # fmt: skip


def _person(row: ImportRow, at: datetime) -> tuple[Any, ...]:
    """The values of ``_PERSON``, under the row's own key."""
    said = row.draft
    nickname = said.get("nickname", "")[: fields.NICKNAME_CHARS]
    return (
        row.pk,
        said["name"],
        name_key(said["name"], nickname),
        nickname,
        said.get("notes", ""),
        said.get("uid", "")[:300],
        _day(said.get("connected_on")),
        *(said.get("birthday") or (None, None, None)),
        _extra(said.get("extras", ())),
        said.get("how_met", ""),
        at if said.get("archived") else None,
    )


def _extra(pairs: Iterable[Sequence[str]]) -> dict[str, str]:
    """Fields by label; what stands under one label twice is joined, so nothing is lost."""
    fields: dict[str, str] = {}
    for label, value in pairs:
        fields[label] = f"{fields[label]}; {value}" if label in fields else value
    return fields


def _words(row: ImportRow) -> str:
    """By which words the new person of a row is found."""
    said = row.draft
    words = [
        name_key(said["name"], said.get("nickname", "")[: fields.NICKNAME_CHARS]).replace("/", " "),
        organization_key(said.get("organization", "")),
        names.fold(said.get("title", "")),
        *(names.fold(tag) for tag in said.get("tags", ())),
    ]
    return search.person_text(words, said.get("notes", ""))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _complete(person: Contact, said: dict[str, Any]) -> dict[str, Any]:
    """Fill in what the person lacks; return what was filled in, for an undo."""
    filled: dict[str, Any] = {"fields": []}
    year, month, day = said.get("birthday") or (None, None, None)
    values = {
        "notes": said.get("notes", ""),
        "connected_on": _day(said.get("connected_on")),
        "birthday_month": month,
        "birthday_day": day,
    }
    for name, value in values.items():
        if value and not getattr(person, name):
            setattr(person, name, value)
            filled["fields"].append(name)
    if "birthday_month" in filled["fields"] and year:
        person.birthday_year = year
        filled["fields"].append("birthday_year")
    return filled


class _Shared:
    """Organizations and tags of a chunk, each made once."""

    def __init__(self, owner: User, rows: Sequence[ImportRow]) -> None:
        wanted: dict[str, str] = {}
        for row in rows:
            if name := row.draft.get("organization", "")[: fields.ORGANIZATION_CHARS]:
                wanted.setdefault(organization_key(name), name)
        have = Organization.objects.filter(owner=owner, key__in=wanted)
        self.organizations = dict(have.values_list("key", "pk"))
        made = [
            Organization(owner=owner, key=key, name=name)
            for key, name in wanted.items()
            if key not in self.organizations
        ]
        Organization.objects.bulk_create(made, ignore_conflicts=True)
        if made:
            self.organizations = dict(have.all().values_list("key", "pk"))
        self.tags = self._tags(owner, rows)

    @staticmethod
    def _tags(owner: User, rows: Sequence[ImportRow]) -> dict[str, UUID]:
        wanted: dict[str, str] = {}
        for row in rows:
            for name in row.draft.get("tags", ()):
                with contextlib.suppress(ValidationError):
                    kept = fields.tag(name.replace(",", " "))
                    wanted.setdefault(kept.casefold(), kept)
        if not wanted:
            return {}
        known = Tag.objects.visible_to(owner).values_list("name", "pk")
        have = {name.casefold(): pk for name, pk in known}
        made = [Tag(owner=owner, name=name) for key, name in wanted.items() if key not in have]
        Tag.objects.bulk_create(made)
        return have | {tag.name.casefold(): tag.pk for tag in made}


def _add_details(
    rows: Sequence[ImportRow],
    whom: dict[UUID, UUID],
    shared: _Shared,
    at: datetime,
    *,
    known: dict[UUID, Contact] | None = None,
) -> None:
    """Points, job and tags that the people of these rows do not have yet."""
    have: set[tuple[UUID, str, str]] = set()
    primary: set[tuple[UUID, str]] = set()
    employed: set[UUID] = set()
    if known:
        for pk, kind, key, first in ContactPoint.objects.filter(contact__in=known).values_list(
            "contact_id", "kind", "key", "is_primary"
        ):
            have.add((pk, kind, key))
            if first:
                primary.add((pk, kind))
        employed.update(
            Position.objects.filter(contact__in=known).values_list("contact_id", flat=True)
        )
    points, jobs, tagged = [], [], []
    for row in rows:
        person, said = whom[row.pk], row.draft
        added = []
        for kind, key, value, label in said.get("points", ()):
            if (person, kind, key) in have:
                continue
            have.add((person, kind, key))
            first = (person, kind) not in primary
            points.append((new_id(), person, kind, key, value, label, first))
            primary.add((person, kind))
            added.append([kind, key])
        organization, title = said.get("organization", ""), said.get("title", "")
        if (organization or title) and person not in employed:
            employed.add(person)
            key = organization_key(organization[: fields.ORGANIZATION_CHARS])
            job = new_id()
            employer = shared.organizations.get(key)
            jobs.append((job, person, employer, title[: fields.TITLE_CHARS]))
            if row.before is not None:
                row.before["position"] = str(job)
        for name in said.get("tags", ()):
            tag = shared.tags.get(" ".join(name.replace(",", " ").split()).casefold())
            if tag:
                tagged.append(Contact.tags.through(contact_id=person, tag_id=tag))
        if row.before is not None:
            row.before["points"] = added
    bulk.insert(
        ContactPoint,
        ["id", "contact_id", "kind", "key", "value", "label", "is_primary"],
        points,
        created_at=at,
    )
    bulk.insert(Position, ["id", "contact_id", "organization_id", "title"], jobs, created_at=at)
    Contact.tags.through.objects.bulk_create(tagged, ignore_conflicts=True)


def _whom(row: ImportRow) -> UUID:
    """Whom a row completes; its own key, which is nobody's, when they have gone meanwhile."""
    return row.contact_id or UUID(row.draft.get("of_row", str(row.pk)))


def untouched_since(batch: ImportBatch) -> Any:
    """People this batch added whom nobody has edited or dealt with since."""
    return Contact.objects.filter(
        batch=batch,
        version=1,
        interactions=None,
        introductions_made=None,
        introductions_had=None,
        introductions_to=None,
        referrals_given=None,
        referrals_to=None,
    )


def can_undo(batch: ImportBatch, *, at: datetime) -> bool:
    """Whether ``undo_import`` would do anything now."""
    ended = batch.state in (State.DONE, State.CANCELLED) and batch.finished_at
    return bool(ended and ended >= at - timedelta(days=UNDO_DAYS))


def undo_import(batch: ImportBatch, *, at: datetime) -> int:
    """Take back what a batch added and nobody has touched since; return how many people.

    Raises:
        NotNow: it is not finished, was undone before, or ended more than seven days ago.
    """
    latest = at - timedelta(days=UNDO_DAYS)
    with facts.change(batch.owner, at=at) as changed:
        undone = ImportBatch.objects.filter(
            pk=batch.pk, state__in=[State.DONE, State.CANCELLED], finished_at__gte=latest
        ).update(state=State.UNDONE, undone_at=at)
        if not undone:
            raise NotNow(_("An import can be undone once, within seven days."))
        completed = list(batch.rows.filter(action=Action.UPDATE).exclude(before=None))
        for row in completed:
            _take_back(row)
        search.index_people(batch.owner, [_whom(row) for row in completed])
        gone = list(untouched_since(batch).values_list("pk", flat=True))
        changed.add(*gone)
        for start in range(0, len(gone), CHUNK_ROWS):
            Contact.objects.filter(pk__in=gone[start : start + CHUNK_ROWS]).delete()
    return len(gone)


def _take_back(row: ImportRow) -> None:
    """Take from a person what a row of the file had added to them."""
    whom = _whom(row)
    before = row.before or {}
    for kind, key in before.get("points", ()):
        ContactPoint.objects.filter(contact=whom, kind=kind, key=key).delete()
    if position := before.get("position"):
        Position.objects.filter(pk=position).delete()
    names = before.get("fields", [])
    if names:
        empty = {name: "" if name == "notes" else None for name in names}
        Contact.objects.filter(pk=whom).update(**empty)
