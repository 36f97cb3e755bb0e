"""People in an owner's private list, and what happened with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.engine import limits, names
from contacts.engine.drafts import Code, Format
from contacts.engine.problems import FACT_WORDS, SENTENCES, WORDED_FACTS
from netcrm.kit.models import Row

if TYPE_CHECKING:
    from netcrm.accounts.models import User

OWNER = "accounts.User"


class Ring(models.TextChoices):
    """How much attention a person gets now (ux.md 1.3)."""

    A = "A", _("A · Walking with you")
    B = "B", _("B · Getting to know")
    C = "C", _("C · Good to keep")
    D = "D", _("Parked")


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, user: User) -> TagQuerySet:
        return self.filter(owner=user)


class Tag(Row):
    """A word the owner files people under; it may have a rhythm (followups.Rhythm)."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=80)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="tag_name_once_per_owner")
        ]

    def __str__(self) -> str:
        return self.name


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, user: User) -> OrganizationQuerySet:
        return self.filter(owner=user)

    def targets(self) -> OrganizationQuerySet:
        return self.filter(is_target=True)


class Organization(Row):
    """An employer; a target when the owner would like to work there, vacancy or not."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="organizations")
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=200, help_text="Normalised name, for matching.")
    is_target = models.BooleanField(default=False)
    interest = models.CharField(max_length=500, blank=True, help_text="Why it is a target.")
    notes = models.TextField(blank=True, max_length=20_000)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="organization_once_per_owner"),
            models.CheckConstraint(condition=~Q(name=""), name="organization_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


NAME_KEY_CHARS = 400


def name_key(name: str, nickname: str = "") -> str:
    """What people are sorted and found by: name and nickname without case or accents.

    A name of which folding leaves nothing (signs only) is its own key.
    """
    key = names.fold(name) or name.casefold()
    called = names.fold(nickname)
    return (f"{key}/{called}" if called else key)[:NAME_KEY_CHARS]


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: User) -> ContactQuerySet:
        """The only door to contacts: every read in a view starts here."""
        return self.filter(owner=user, trashed_at=None)

    def in_trash_of(self, user: User) -> ContactQuerySet:
        """Those thrown away; whoever was joined into another is parted from them instead."""
        return self.filter(owner=user, trashed_at__isnull=False, merged_away=None)

    def people(self) -> ContactQuerySet:
        """Everybody but the owner's own row."""
        return self.filter(is_self=False)

    def reachable(self) -> ContactQuerySet:
        """People a reminder, path, feed or group may name (C6)."""
        return self.filter(is_self=False, archived_at=None, do_not_contact=False, trashed_at=None)

    def active(self) -> ContactQuerySet:
        """Reachable people who are not parked."""
        return self.reachable().exclude(ring=Ring.D)

    def by_name(self) -> ContactQuerySet:
        return self.order_by("name_key", "id")

    def bulk_create(self, objs: Iterable[Contact], *args: Any, **kwargs: Any) -> list[Contact]:
        people = list(objs)
        for person in people:
            person.name_key = name_key(person.name, person.nickname)
        return super().bulk_create(people, *args, **kwargs)


class Contact(Row):
    """A person in an owner's private list, or the owner: one row with ``is_self``."""

    class RoleKind(models.TextChoices):
        HIRES = "hires", _("Could hire me")
        INSIDE = "inside", _("Works there")
        OTHER = "other", _("Somebody else")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="contacts")
    is_self = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=300)
    nickname = models.CharField(_("what you call them"), max_length=100, blank=True)
    name_key = models.CharField(
        max_length=NAME_KEY_CHARS, editable=False, help_text="See name_key(); written by save()."
    )
    ring = models.CharField(max_length=1, choices=Ring, default=Ring.B)
    role_kind = models.CharField(max_length=10, choices=RoleKind, default=RoleKind.OTHER)
    how_met = models.CharField(_("how you met"), max_length=500, blank=True)
    worked_together = models.BooleanField(_("we worked together"), default=False)
    notes = models.TextField(blank=True, max_length=limits.NOTE_CHARS)
    tags = models.ManyToManyField(Tag, related_name="contacts", blank=True)
    birthday_year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(9999)]
    )
    birthday_month = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    birthday_day = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    extra = models.JSONField(default=dict, blank=True, help_text="Fields the owner made.")

    connected_on = models.DateField(null=True, blank=True, help_text="From LinkedIn, if imported.")
    last_contact_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Newest counting interaction; recomputed, never typed (I3).",
    )
    do_not_contact = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateField(
        null=True, blank=True, help_text="First day this person may come up again."
    )
    batch = models.ForeignKey(
        "ImportBatch", models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    source_uid = models.CharField(
        max_length=300, blank=True, help_text="The record's own id in the file it came from."
    )
    version = models.PositiveIntegerField(default=1, help_text="For two tabs editing at once.")
    updated_at = models.DateTimeField(auto_now=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(name_key=""), name="contact_has_a_name"
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_self=True), name="contact_one_self_per_owner"
            ),
            models.CheckConstraint(
                condition=Q(is_self=False)
                | Q(archived_at=None, trashed_at=None, do_not_contact=False),
                name="contact_self_stays",
            ),
            models.CheckConstraint(
                condition=Q(birthday_month=None, birthday_day=None, birthday_year=None)
                | Q(
                    birthday_month__gte=1,
                    birthday_month__lte=12,
                    birthday_day__gte=1,
                    birthday_day__lte=31,
                ),
                name="contact_birthday_has_month_and_day",
            ),
        ]
        indexes = [
            # Read by the people list, sorted by name and paged by key.
            models.Index(fields=["owner", "name_key", "id"], name="contact_by_name"),
            # Read by the people list, sorted by last contact.
            models.Index(fields=["owner", "-last_contact_at", "id"], name="contact_by_last"),
            # Read by the planner and by counts of the active list.
            models.Index(
                fields=["owner", "ring"],
                condition=Q(archived_at=None, trashed_at=None, do_not_contact=False),
                name="contact_active",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = name_key(self.name, self.nickname)
        if (only := kwargs.get("update_fields")) and {"name", "nickname"} & set(only):
            kwargs["update_fields"] = {*only, "name_key"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("contacts:detail", args=[self.pk])

    @property
    def short_name(self) -> str:
        """What sentences call this person: what the owner calls them, else the first word."""
        return self.nickname or self.name.split()[0]


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def visible_to(self, user: User) -> ContactPointQuerySet:
        return self.filter(contact__owner=user, contact__trashed_at=None)


class ContactPoint(Row):
    """An e-mail address, phone number or link of a person."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        LINK = "link", _("Link")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=5, choices=Kind)
    label = models.CharField(max_length=80, blank=True)
    value = models.CharField(max_length=500)
    key = models.CharField(max_length=500, help_text="Normalised value, for matching.")
    is_primary = models.BooleanField(default=False)

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "kind", "key"], name="contactpoint_once_per_contact"
            ),
            models.UniqueConstraint(
                fields=["contact", "kind"],
                condition=Q(is_primary=True),
                name="contactpoint_one_primary_per_kind",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="contactpoint_has_a_value"),
        ]
        # Read by the duplicate finder and by imports: who has this address?
        indexes = [models.Index(fields=["kind", "key"], name="contactpoint_by_key")]

    def __str__(self) -> str:
        return self.value


class Position(Row):
    """A job of a person, dated where the owner knows the dates."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="positions")
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, blank=True, related_name="positions"
    )
    title = models.CharField(max_length=200, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["-is_current", F("started_on").desc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organization__isnull=False) | ~Q(title=""),
                name="position_has_organization_or_title",
            ),
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(ended_on=None) | Q(ended_on__gte=F("started_on")),
                name="position_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(ended_on=None),
                name="position_current_has_no_end",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.title, str(self.organization or "")) if part)


class InteractionQuerySet(models.QuerySet["Interaction"]):
    def visible_to(self, user: User) -> InteractionQuerySet:
        return self.filter(owner=user)

    def counting(self) -> InteractionQuerySet:
        """Those that count as contact and so move dates (I2)."""
        return self.filter(kind__in=Interaction.COUNTING)


class Interaction(Row):
    """One dated exchange, with the people in it."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("Wrote")
        TALK = "talk", _("Spoke")
        MEETING = "meeting", _("Met")
        GAVE = "gave", _("Gave")
        NOTE = "note", _("Note")
        INVITATION = "invitation", _("Calendar invitation")

    COUNTING = (Kind.MESSAGE, Kind.TALK, Kind.MEETING, Kind.GAVE)

    class Direction(models.TextChoices):
        OUT = "out", _("From you")
        IN = "in", _("From them")
        BOTH = "both", _("Both ways")

    class Source(models.TextChoices):
        TYPED = "typed", _("Typed")
        MAIL = "mail", _("From a reminder")
        IMPORT = "import", _("Imported")
        API = "api", _("API")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="interactions")
    people = models.ManyToManyField(Contact, through="Participation", related_name="interactions")
    kind = models.CharField(max_length=12, choices=Kind)
    direction = models.CharField(max_length=4, choices=Direction)
    at = models.DateTimeField(
        help_text="Of a day only: the moment of writing if on that day, else local noon."
    )
    day_only = models.BooleanField(default=True)
    note = models.TextField(blank=True, max_length=20_000)
    source = models.CharField(max_length=6, choices=Source, default=Source.TYPED)
    is_ask = models.BooleanField(default=False)
    is_give = models.BooleanField(default=False)
    told_target = models.BooleanField(default=False, help_text="They heard what I look for.")
    showed_work = models.BooleanField(default=False, help_text="They saw a piece of my work.")
    reported = models.BooleanField(default=False, help_text="I told them what came of it.")
    thanked = models.BooleanField(default=False)
    log_key = models.CharField(
        max_length=80, blank=True, help_text="Names one act, so that pressing twice logs once."
    )
    external_id = models.CharField(max_length=300, blank=True, help_text="Id where it came from.")
    batch = models.ForeignKey(
        "ImportBatch", models.SET_NULL, null=True, blank=True, related_name="interactions"
    )

    objects = InteractionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "log_key"],
                condition=~Q(log_key=""),
                name="interaction_logged_once",
            ),
            models.UniqueConstraint(
                fields=["owner", "external_id"],
                condition=~Q(external_id=""),
                name="interaction_imported_once",
            ),
        ]
        # Read by the timeline of an owner and by the weekly report.
        indexes = [models.Index(fields=["owner", "-at"], name="interaction_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"

    @property
    def counts(self) -> bool:
        """Whether this moves last contact and the next date."""
        return self.kind in self.COUNTING


class Participation(Row):
    """Who was in an interaction."""

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="participations")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="participations")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "contact"], name="participation_once_per_interaction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.interaction_id}"


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, user: User) -> PromiseQuerySet:
        return self.filter(contact__owner=user, contact__trashed_at=None)

    def open(self) -> PromiseQuerySet:
        return self.filter(closed_at=None)


class Promise(Row):
    """“I will send X by …”: the owner's word to a person, or theirs to the owner."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="promises")
    interaction = models.ForeignKey(
        Interaction, models.SET_NULL, null=True, blank=True, related_name="promises"
    )
    by_me = models.BooleanField(default=True)
    text = models.CharField(max_length=500)
    due_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    kept = models.BooleanField(null=True, blank=True, help_text="None while open.")
    closed_in = models.ForeignKey(
        Interaction,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="promises_closed",
        help_text="The exchange that settled it; without that exchange it is open again.",
    )

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None, kept=None)
                | Q(closed_at__isnull=False, kept__isnull=False),
                name="promise_closed_iff_kept_or_not",
            )
        ]

    def __str__(self) -> str:
        return self.text


class TheirDateQuerySet(models.QuerySet["TheirDate"]):
    def visible_to(self, user: User) -> TheirDateQuerySet:
        return self.filter(contact__owner=user, contact__trashed_at=None)


class TheirDate(Row):
    """A day the other person gave: “write to me after 10 January”.  It beats every rule."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="their_dates")
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, null=True, blank=True, related_name="their_dates"
    )
    on = models.DateField(help_text="First day they would welcome a word.")
    said_at = models.DateTimeField()
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was used, or replaced by a newer date."
    )
    dropped = models.BooleanField(
        default=False, help_text="The owner took it back; nothing opens it again."
    )

    objects = TheirDateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(closed_at=None),
                name="theirdate_one_open_per_contact",
            )
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"


def problem_words(code: str, facts: dict[str, Any]) -> str:
    """The whole sentence for a problem, in the reader's language; "" for none."""
    if not code:
        return ""
    words = {
        name: gettext(FACT_WORDS[fact]) if name in WORDED_FACTS and fact in FACT_WORDS else fact
        for name, fact in facts.items()
    }
    return gettext(SENTENCES[Code(code)]) % words


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> ImportBatchQuerySet:
        return self.filter(owner=user)


class ImportBatch(Row):
    """One file somebody brought: read, previewed, written, and undone if they wish."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READING = "reading", _("Reading")
        MAPPING = "mapping", _("Waiting for what its columns hold")
        PREVIEW = "preview", _("Ready to check")
        WRITING = "writing", _("Adding people")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Could not be read")
        CANCELLED = "cancelled", _("Cancelled")
        UNDONE = "undone", _("Undone")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="import_batches")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    file_name = models.CharField(max_length=255)
    format = models.CharField(max_length=30, blank=True)
    mapping = models.JSONField(
        default=dict, blank=True, help_text="What the owner chose: fields by column, day_first."
    )
    columns = models.JSONField(
        default=list, blank=True, help_text="Of a table: heading, field and samples of each."
    )
    remarks = models.JSONField(
        default=list, blank=True, help_text="Line, code and facts of what cost no person."
    )
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    problem_code = models.CharField(max_length=40, blank=True, help_text="Why it was refused.")
    problem_facts = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is at it until then; later, another may."
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    choosing_at_step = models.CharField(
        max_length=10, blank=True, help_text="Where the owner is in choosing whom to begin with."
    )
    chosen_at = models.DateTimeField(
        null=True, blank=True, help_text="When the owner last gave rings to those they chose."
    )

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("contacts:import", args=[self.pk])

    @property
    def problem(self) -> str:
        return problem_words(self.problem_code, self.problem_facts)

    @property
    def said(self) -> list[tuple[int, str]]:
        """The remarks as (line, sentence); line 0 is the whole file."""
        return [(line, problem_words(code, facts)) for line, code, facts in self.remarks]

    @property
    def takes_a_mapping(self) -> bool:
        """Whether the owner may still say what the columns hold."""
        asked = self.state in (self.State.PREVIEW, self.State.MAPPING)
        return asked and bool(self.columns) and self.format != Format.NETCRM


class ImportFile(Row):
    """The uploaded bytes; a table of its own, so that reading a batch does not load them."""

    batch = models.OneToOneField(ImportBatch, models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"file of {self.batch_id}"


class ColumnMapping(Row):
    """What an owner said the columns of a table hold, for the next file with these headings."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="column_mappings")
    header_key = models.CharField(max_length=64, help_text="SHA-256 of the folded headings.")
    fields = models.JSONField(help_text="The field of each column, empty for none.")
    day_first = models.BooleanField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "header_key"], name="columnmapping_once_per_header"
            )
        ]

    def __str__(self) -> str:
        return f"{len(self.fields)} columns"


class ImportRow(Row):
    """One row or card of a file: what was read, what would be done, what was done."""

    class Action(models.TextChoices):
        NEW = "new", _("New person")
        UPDATE = "update", _("Adds to somebody you have")
        SAME = "same", _("Nothing new")
        DUPLICATE = "duplicate", _("May be somebody you have")
        SKIP = "skip", _("Skipped")
        ERROR = "error", _("Could not be read")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=Action)
    draft = models.JSONField(default=dict)
    was_held = models.BooleanField(default=False, help_text="The owner decides, or has decided.")
    problem_code = models.CharField(max_length=40, blank=True)
    problem_facts = models.JSONField(default=dict, blank=True)
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="import_rows"
    )
    before = models.JSONField(null=True, blank=True, help_text="What an undo puts back.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["batch", "line", "id"]
        # Read by the preview and by a worker that takes up where another stopped.
        indexes = [models.Index(fields=["batch", "line"], name="importrow_by_line")]

    def __str__(self) -> str:
        return f"line {self.line}"

    @property
    def problem(self) -> str:
        return problem_words(self.problem_code, self.problem_facts)


class PickQuerySet(models.QuerySet["Pick"]):
    def waiting(self) -> PickQuerySet:
        """People to keep who are still parked: their rings are given in the last step."""
        return self.filter(
            choice=Pick.Choice.KEEP, contact__ring=Ring.D, contact__in=Contact.objects.reachable()
        )


class Pick(Row):
    """What the owner said of one person of a file while choosing whom to begin with."""

    class Step(models.TextChoices):
        RECALL = "recall", _("Came to mind")
        INSIDE = "inside", _("Works where you want to work")
        LIKELY = "likely", _("Was suggested")

    class Choice(models.TextChoices):
        KEEP = "keep", _("Keep")
        PARK = "park", _("Park")
        SKIP = "skip", _("Skip")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="picks")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="picks")
    step = models.CharField(max_length=6, choices=Step)
    choice = models.CharField(max_length=4, choices=Choice)

    objects = PickQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "contact"], name="pick_once_per_batch")
        ]

    def __str__(self) -> str:
        return f"{self.choice} {self.contact_id}"


class Erased(Row):
    """An address or number of somebody who asked to be erased, as a keyed hash and no more."""

    digest = models.CharField(max_length=64, unique=True, help_text="See services.erased.")

    def __str__(self) -> str:
        return self.digest[:8]


class SearchText(models.Model):
    """Folded words by which a person, or an exchange by its note, is found.

    Written by ``contacts.search`` alone.  Its number is the key of the trigram index, which
    on SQLite is a table of its own that triggers keep (migration 0004); no address names it.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="+")
    contact = models.OneToOneField(
        Contact, models.CASCADE, null=True, blank=True, related_name="search_text"
    )
    interaction = models.OneToOneField(
        Interaction, models.CASCADE, null=True, blank=True, related_name="search_text"
    )
    text = models.TextField(help_text="Words between single spaces; a person's notes on line 2.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(contact__isnull=True, interaction__isnull=False)
                | Q(contact__isnull=False, interaction__isnull=True),
                name="searchtext_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"words of {self.contact_id or self.interaction_id}"


def local_noon(day: dt.date, owner: User) -> dt.datetime:
    """The moment stored for something of which only the day is known."""
    return dt.datetime.combine(day, dt.time(12), tzinfo=owner.zone)


# Keeping the list in order: joining doubles, changing many at once, views of one's own


class MergeQuerySet(models.QuerySet["Merge"]):
    def visible_to(self, user: User) -> MergeQuerySet:
        return self.filter(owner=user)

    def standing(self) -> MergeQuerySet:
        """Those that nobody has undone."""
        return self.filter(undone_at=None)


class Merge(Row):
    """Entries of one person joined into one, and what it takes to part them again.

    Who was joined into whom is read from keys and not from rows, so that the old address of a
    person still leads somewhere when their row has gone.
    """

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="merges")
    kept = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="merges_into"
    )
    kept_key = models.UUIDField(help_text="Key of the person kept, also when they are gone.")
    journal = models.JSONField(
        default=dict, help_text="Rows as they were and as they became; empty once it is too old."
    )
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        # Read by the list of what was joined lately, and by whoever gathers what came late.
        indexes = [models.Index(fields=["owner", "-at"], name="merge_by_moment")]

    def __str__(self) -> str:
        return f"into {self.kept_key}"


class MergedPerson(Row):
    """Somebody who was joined into another; the row is there as long as they are."""

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="gone")
    contact = models.OneToOneField(
        Contact, models.SET_NULL, null=True, blank=True, related_name="merged_away"
    )
    key = models.UUIDField(help_text="Key of the person, also when their row is gone.")
    name = models.CharField(max_length=300)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["merge", "key"], name="mergedperson_once_per_merge")
        ]
        # Read by an old address that looks for the person it named.
        indexes = [models.Index(fields=["key"], name="mergedperson_by_key")]

    def __str__(self) -> str:
        return self.name


class DuplicateSearch(Row):
    """Where the search for people who stand twice is, for one owner: the work is owed by it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SEARCHING = "searching", _("Looking")
        JOINING = "joining", _("Joining")
        DONE = "done", _("Done")

    owner = models.OneToOneField(OWNER, models.CASCADE, related_name="duplicate_search")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0, help_text="People, or pairs to be joined.")
    done = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is at it until then; later, another may."
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.state


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    def visible_to(self, user: User) -> DuplicatePairQuerySet:
        return self.filter(owner=user, first__trashed_at=None, second__trashed_at=None)

    def open(self) -> DuplicatePairQuerySet:
        return self.filter(answer="")

    def certain(self) -> DuplicatePairQuerySet:
        """Those that may be joined unseen: sure, and both are set aside alike."""
        both_or_neither = Q(first__archived_at=None, second__archived_at=None) | Q(
            first__archived_at__isnull=False, second__archived_at__isnull=False
        )
        return self.open().filter(
            both_or_neither, certain=True, first__do_not_contact=F("second__do_not_contact")
        )


class DuplicatePair(Row):
    """Two entries that may be one person, why, and what the owner said of it."""

    class Answer(models.TextChoices):
        APART = "apart", _("Different people")
        LATER = "later", _("Not now")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="duplicate_pairs")
    first = models.ForeignKey(Contact, models.CASCADE, related_name="doubles_first")
    second = models.ForeignKey(Contact, models.CASCADE, related_name="doubles_second")
    reasons = models.JSONField(default=list, help_text="Codes of engine.dedupe.Reason.")
    certain = models.BooleanField(default=False)
    place = models.PositiveIntegerField(default=0, help_text="The surest is 0.")
    answer = models.CharField(max_length=5, choices=Answer, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicatepair_once"),
            models.CheckConstraint(
                condition=~Q(first=F("second")), name="duplicatepair_of_two_people"
            ),
        ]
        # Read by the list of pairs, the surest first.
        indexes = [models.Index(fields=["owner", "place", "id"], name="duplicatepair_by_place")]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class BulkEditQuerySet(models.QuerySet["BulkEdit"]):
    def visible_to(self, user: User) -> BulkEditQuerySet:
        return self.filter(owner=user)


class BulkEdit(Row):
    """One change to many people at once: owed to a worker, and undone by one too."""

    class Act(models.TextChoices):
        TAG = "tag", _("Give them a tag")
        UNTAG = "untag", _("Take a tag off")
        RING_A = "ring-a", _("Walking with you")
        RING_B = "ring-b", _("Getting to know")
        RING_C = "ring-c", _("Good to keep")
        PARK = "park", _("Park")
        ARCHIVE = "archive", _("Archive")
        UNARCHIVE = "unarchive", _("Take out of the archive")
        DO_NOT_CONTACT = "do-not-contact", _("Do not contact")
        CONTACT_AGAIN = "contact-again", _("May be contacted again")
        TRASH = "trash", _("Move to trash")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Changing")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Taking back")
        UNDONE = "undone", _("Taken back")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="bulk_edits")
    act = models.CharField(max_length=14, choices=Act)
    tag = models.ForeignKey(Tag, models.SET_NULL, null=True, blank=True, related_name="+")
    tag_name = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="People looked at so far.")
    changed = models.PositiveIntegerField(default=0, help_text="Those for whom it was news.")
    restored = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker is at it until then; later, another may."
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = BulkEditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.act} for {self.total}"

    def get_absolute_url(self) -> str:
        return reverse("contacts:bulk_edit", args=[self.pk])


class BulkEditRow(Row):
    """One person of a change to many: how they were, and whether it is done."""

    edit = models.ForeignKey(BulkEdit, models.CASCADE, related_name="rows")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="bulk_edit_rows")
    before = models.JSONField(null=True, blank=True, help_text="None where nothing was changed.")
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["edit", "contact"], name="bulkeditrow_once_per_edit")
        ]
        # Read by a worker that takes up where another stopped.
        indexes = [
            models.Index(fields=["edit", "id"], condition=Q(done_at=None), name="bulkeditrow_owed")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        return self.filter(owner=user)


class SavedView(Row):
    """A way to look at the list, under a name: the address is the view."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1_000, help_text="What stands behind the “?”.")

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="savedview_name_once_per_owner"),
            models.CheckConstraint(condition=~Q(name=""), name="savedview_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("contacts:saved_view", args=[self.pk])
