"""The words people and exchanges are found by: kept by the services, asked by pages.

Every row holds folded words (no case, no accents) between single spaces, so that a word's
beginning is a trigram like any other.  Three letters and more are found through an index of
trigrams: FTS5 on SQLite, pg_trgm on PostgreSQL.  Where the database has neither, the same
questions are answered by looking through the owner's own rows, and misspellings find nothing.
Source: docs/decisions/0038-search.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL

from contacts.engine import names
from contacts.engine.limits import NOTE_CHARS
from contacts.models import Contact, Interaction, Organization, Position, SearchText, Tag
from netcrm.kit import bulk

if TYPE_CHECKING:
    from netcrm.accounts.models import User

ASKED_CHARS = 200
WORDS = 6
SHORT_CHARS = 1_000  # of a person's own words, before the notes
MENDED_CHARS = 24  # a word longer than this is taken as it is typed
CHUNK = 400  # rows written by one statement
FTS = "contacts_searchtext_fts"
CANDIDATES = 80  # people looked at more closely for one misspelt question
SHARES = (0.6, 0.5, 0.4, 0.3)  # of trigrams in common; below the last a word is another word


# Keeping


def index_people(owner: User, people: Collection[UUID]) -> None:
    """Write again by which words each of ``people`` is found."""
    wanted = list(people)
    for start in range(0, len(wanted), CHUNK):
        _index_chunk(owner, wanted[start : start + CHUNK])


def _index_chunk(owner: User, people: list[UUID]) -> None:
    words: dict[UUID, list[str]] = {}
    notes: dict[UUID, str] = {}
    for pk, key, how_met, text in Contact.objects.filter(
        owner=owner, pk__in=people, is_self=False
    ).values_list("pk", "name_key", "how_met", "notes"):
        words[pk] = [key.replace("/", " ")]
        notes[pk] = f"{how_met}\n{text}" if how_met else text
    for pk, organization, title in Position.objects.filter(contact__in=people).values_list(
        "contact", "organization__key", "title"
    ):
        if pk in words:
            words[pk] += [organization or "", names.fold(title)]
    through = Contact.tags.through.objects.filter(contact__in=people)
    for pk, tag in through.values_list("contact", "tag__name"):
        if pk in words:
            words[pk].append(names.fold(tag))
    write_people(owner, {pk: person_text(words[pk], notes[pk]) for pk in words})


def person_text(words: Iterable[str], notes: str) -> str:
    """The row of a person: folded ``words`` on the first line, the notes on the second."""
    line = f" {' '.join(filter(None, words))[:SHORT_CHARS]} "
    return f"{line}\n {names.fold(notes[:NOTE_CHARS])} " if notes else line


def write_people(owner: User, texts: dict[UUID, str]) -> None:
    """Keep ``texts`` by person; a text that says the same is not written again."""
    have = dict(SearchText.objects.filter(contact__in=texts).values_list("contact", "text"))
    changed = {pk: text for pk, text in texts.items() if have.get(pk) != text}
    SearchText.objects.bulk_create(
        (SearchText(owner=owner, contact_id=pk, text=text) for pk, text in changed.items()),
        update_conflicts=True,
        unique_fields=["contact"],
        update_fields=["text"],
        batch_size=CHUNK,
    )


def add_people(owner: User, texts: dict[UUID, str]) -> None:
    """Keep ``texts`` (as ``person_text`` makes them) of people who have none yet."""
    bulk.insert(SearchText, ["contact_id", "text"], texts.items(), owner_id=owner.pk)


def index_exchange(row: Interaction, *, is_new: bool = False) -> None:
    """Write again by which words an exchange is found; one without a note by none."""
    words = names.fold(row.note)
    if words and is_new:
        SearchText.objects.create(owner_id=row.owner_id, interaction=row, text=f" {words} ")
    elif words:
        SearchText.objects.update_or_create(
            interaction=row, defaults={"owner_id": row.owner_id, "text": f" {words} "}
        )
    else:
        SearchText.objects.filter(interaction=row).delete()


# Asking


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was typed, folded into at most ``WORDS`` words."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> Question:
        typed = typed[:ASKED_CHARS]
        folded = names.fold(typed) or typed.casefold().strip()
        return cls(words=tuple(dict.fromkeys(folded.split()))[:WORDS])

    def __bool__(self) -> bool:
        return bool(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one question finds in one owner's list."""

    people: list[Contact] = field(default_factory=list)
    guessed: bool = False  # nobody is called so; these are spelt nearly so
    set_aside: list[Contact] = field(default_factory=list)
    organizations: list[Organization] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    exchanges: list[Interaction] = field(default_factory=list)


def find(owner: User, typed: str, *, most: int, set_aside: bool = False) -> Found:
    """Everything of ``owner``'s that ``typed`` may mean, at most ``most`` of each kind.

    Args:
        set_aside: also look among those archived or not to be contacted, who are in no
            other list (C6).
    """
    question = Question.of(typed.replace("\0", " "))  # PostgreSQL keeps no NUL in a text
    if not question:
        return Found()
    everybody = Contact.objects.visible_to(owner).people()
    people = _ranked(everybody.reachable().filter(_holds(owner, question)), question)[:most]
    shown = list(people)
    guessed = [] if shown else near(owner, question, most=most)
    aside = []
    if set_aside:
        away = everybody.filter(Q(archived_at__isnull=False) | Q(do_not_contact=True))
        aside = list(_ranked(away.filter(_holds(owner, question)), question)[:most])
    return Found(
        people=shown or guessed,
        guessed=bool(guessed),
        set_aside=aside,
        organizations=list(_organizations(owner, question)[:most]),
        tags=_tags(owner, question)[:most],
        exchanges=_exchanges(owner, question, most=most),
    )


def _holds(owner: User, question: Question) -> Q:
    """People in whose words every word of the question occurs."""
    wanted = Q()
    long = [phrase for word in question.words if (phrase := _phrase(word))]
    if long:
        wanted &= Q(pk__in=_texts(owner, long).filter(contact__isnull=False).values("contact"))
    for word in question.words:
        if not _phrase(word):
            wanted &= (
                Q(name_key__startswith=word) | Q(name_key__contains=f" {word}")
                if word.isascii()
                else Q(name_key__contains=word)
            )
    return wanted


def _phrase(word: str) -> str:
    """What an index of trigrams is asked for ``word``; "" when the word is too short for one."""
    if len(word) >= 3:
        return word
    return f" {word}" if len(word) == 2 and word.isascii() else ""


def _texts(owner: User, phrases: Iterable[str]) -> QuerySet[SearchText]:
    found = SearchText.objects.filter(owner=owner)
    if _index() == "fts":
        return found.filter(id__in=_match(" AND ".join(map(_quoted, phrases))))
    for phrase in phrases:
        found = found.filter(text__contains=phrase)
    return found


def _ranked(people: QuerySet[Contact], question: Question) -> QuerySet[Contact]:
    """Those whose name begins so first, then those with a word that does; newest contact first."""
    first = question.words[0]
    whole = " ".join(question.words)
    return people.annotate(
        place=Case(
            When(name_key__startswith=whole, then=Value(0)),
            When(name_key__startswith=first, then=Value(1)),
            When(name_key__contains=f" {first}", then=Value(2)),
            default=Value(3),
        )
    ).order_by("place", F("last_contact_at").desc(nulls_last=True), "name_key", "id")


def _organizations(owner: User, question: Question) -> QuerySet[Organization]:
    found = Organization.objects.visible_to(owner)
    for word in question.words:
        found = found.filter(key__contains=word)
    return found.order_by("name")


def _tags(owner: User, question: Question) -> list[Tag]:
    return [
        tag
        for tag in Tag.objects.visible_to(owner)[:500]
        if all(word in names.fold(tag.name) for word in question.words)
    ]


def _exchanges(owner: User, question: Question, *, most: int) -> list[Interaction]:
    """Exchanges whose note says so, newest first, with somebody who is not set aside."""
    phrases = [phrase for word in question.words if (phrase := _phrase(word))]
    if len(phrases) < len(question.words):
        return []
    texts = _texts(owner, phrases).filter(interaction__isnull=False)
    rows = Interaction.objects.visible_to(owner).filter(
        pk__in=texts.values("interaction"), people__in=Contact.objects.reachable()
    )
    return list(rows.distinct().prefetch_related("people")[:most])


# Misspellings


def near(owner: User, question: Question, *, most: int) -> list[Contact]:
    """People one or two letters away from the question, the likeliest first."""
    words = [word for word in question.words if len(word) >= 4]
    if not words or max(map(len, words)) > MENDED_CHARS:
        return []
    longest = max(words, key=len)
    texts = _candidates(owner, longest)
    scored = sorted(
        (cost, pk)
        for pk, text in texts
        if (cost := _distance(question.words, text.split("\n")[0].split())) is not None
    )[:most]
    people = (
        Contact.objects.visible_to(owner).people().reachable().in_bulk([pk for _, pk in scored])
    )
    return [people[pk] for _, pk in scored if pk in people]


def _distance(words: Iterable[str], there: Collection[str]) -> int | None:
    """Letters to mend until every word stands ``there``, or begins something that does."""
    total = 0
    for word in words:
        allowed = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
        least = min(
            (
                min(
                    names.edits(word, other, allowed),
                    names.edits(word, other[: len(word)], allowed),
                )
                for other in there
            ),
            default=allowed + 1,
        )
        if least > allowed:
            return None
        total += least
    return total


def _candidates(owner: User, word: str) -> list[tuple[UUID, str]]:
    """People with many of the trigrams of ``word``, as (key, text)."""
    columns = ("contact", "text")
    people = SearchText.objects.filter(
        owner=owner,
        contact__archived_at=None,
        contact__do_not_contact=False,
        contact__trashed_at=None,
    )
    kind = _index()
    if kind == "fts":
        # A letter changed, dropped or added leaves most trigrams; two swapped may leave none.
        swapped = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
        padded = f" {word} "
        grams = [padded[i : i + 3] for i in range(len(padded) - 2)]
        asked = " OR ".join(map(_quoted, dict.fromkeys([*swapped, *grams])))
        best = RawSQL(  # noqa: S611 - no part of it was typed but the parameter
            f"SELECT {FTS}.rowid FROM {FTS} JOIN contacts_searchtext mine "  # noqa: S608
            f"ON mine.id = {FTS}.rowid WHERE {FTS} MATCH %s AND mine.owner_id = %s "
            f"AND mine.contact_id IS NOT NULL ORDER BY {FTS}.rank LIMIT %s",
            [asked, owner.pk.hex, CANDIDATES],
        )
        return list(people.filter(id__in=best).values_list(*columns))
    if kind == "trigrams":
        return _alike(owner, word)
    return []


def _alike(owner: User, word: str) -> list[tuple[UUID, str]]:
    """People with many of the trigrams of ``word``, by PostgreSQL.

    Comparing is what costs, not the index.  So the most alike are asked for first, and the
    thousand who are only a little alike are neither compared nor sorted when those suffice.
    The inner question stands apart lest the limit tempt the planner past the index.
    """
    found: list[tuple[UUID, str]] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for least in SHARES:
            cursor.execute(
                "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)",
                [str(least)],
            )
            cursor.execute(
                "WITH alike AS MATERIALIZED ("
                " SELECT contact_id, split_part(text, E'\\n', 1) AS words FROM contacts_searchtext"
                " WHERE owner_id = %s AND contact_id IS NOT NULL"
                " AND %s <%% split_part(text, E'\\n', 1)"
                ") SELECT person.id, words FROM alike"
                " JOIN contacts_contact person ON person.id = contact_id"
                " WHERE archived_at IS NULL AND trashed_at IS NULL AND NOT do_not_contact"
                " LIMIT %s",
                [owner.pk, word, CANDIDATES],
            )
            found = cursor.fetchall()
            if len(found) == CANDIDATES:
                break
    return found


def _match(asked: str) -> RawSQL:
    return RawSQL(  # noqa: S611 - no part of it was typed but the parameter
        f"SELECT rowid FROM {FTS} WHERE {FTS} MATCH %s",  # noqa: S608
        [asked],
    )


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


_indexes: dict[str, str] = {}


def _index() -> str:
    """Which index of trigrams this database has: "fts", "trigrams" or "" for none."""
    database = str(connection.settings_dict["NAME"])
    if database not in _indexes:
        if connection.vendor == "sqlite":
            there = FTS in connection.introspection.table_names()
            _indexes[database] = "fts" if there else ""
        else:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
                _indexes[database] = "trigrams" if cursor.fetchone() else ""
    return _indexes[database]
