"""Who belongs to a support group, who leads it, what each member agreed to show, and who looked.

People in a member's list are named by key alone: this app stands below the one that holds them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from netcrm.kit.ids import new_id
from netcrm.kit.models import Row

if TYPE_CHECKING:
    from netcrm.accounts.models import User

USER = "accounts.User"
CONTACT = "contacts.Contact"


class Grain(models.IntegerChoices):
    """How much of a member's list a leader sees; each shows all that the one before shows."""

    NOTHING = 0, _("Nothing")
    NUMBERS = 1, _("Numbers")
    SHAPE = 2, _("Shape")
    NAMES = 3, _("Names")


class SupportGroupQuerySet(models.QuerySet["SupportGroup"]):
    def visible_to(self, user: User) -> SupportGroupQuerySet:
        """The only door to groups: those the user belongs to now."""
        return self.filter(
            memberships__user=user, memberships__left_at=None, closed_at=None
        ).distinct()


class SupportGroup(Row):
    """A group of job seekers and the volunteers who run it."""

    name = models.CharField(_("name of the group"), max_length=120)
    covenant = models.TextField(
        blank=True, max_length=5_000, help_text="What members promise each other."
    )
    meets = models.CharField(
        max_length=200, blank=True, help_text="When and where, as the group says it."
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="When its last member went; nobody sees it any more."
    )

    objects = SupportGroupQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="supportgroup_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("groups:group", args=[self.pk])


class MembershipQuerySet(models.QuerySet["Membership"]):
    def present(self) -> MembershipQuerySet:
        """Those who belong now."""
        return self.filter(left_at=None, group__closed_at=None)

    def leading(self) -> MembershipQuerySet:
        return self.filter(role__in=Membership.LEADING)

    def visible_to(self, user: User) -> MembershipQuerySet:
        """Members of the user's groups, the user among them, as long as both belong."""
        return self.present().filter(
            group__memberships__in=Membership.objects.present().filter(user=user)
        )

    def led_by(self, user: User) -> MembershipQuerySet:
        """Members of the groups the user leads now, the user left out."""
        mine = Membership.objects.present().leading().filter(user=user)
        return self.present().filter(group__memberships__in=mine).exclude(user=user)

    def by_name(self) -> MembershipQuerySet:
        """A–Z: a group is never ranked."""
        return self.select_related("user", "group").order_by("user__name", "user__email", "id")


class Membership(Row):
    """One user's time in one group, and the most its leaders may see of the user's list."""

    class Role(models.TextChoices):
        LEADER = "leader", _("Leader")
        CO_LEADER = "co_leader", _("Co-leader")
        MEMBER = "member", _("Member")

    LEADING: ClassVar = (Role.LEADER, Role.CO_LEADER)

    group = models.ForeignKey(SupportGroup, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(USER, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    buddy = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="buddy_of"
    )
    grain = models.PositiveSmallIntegerField(choices=Grain, default=Grain.NOTHING)
    in_the_room = models.BooleanField(
        default=False, help_text="My people count when somebody asks who can reach a company."
    )
    consent_version = models.PositiveIntegerField(
        default=1, help_text="Moves with every change of consent; older counts are not shown."
    )
    narrowed_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of consent that last showed less."
    )
    facts_version = models.PositiveIntegerField(
        default=1, help_text="Moves whenever something happens in the member's list."
    )
    agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the member said yes to the covenant."
    )
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "user"],
                condition=Q(left_at=None),
                name="membership_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(grain__lte=Grain.NAMES), name="membership_grain_0_to_3"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(grain=Grain.NOTHING, in_the_room=False),
                name="membership_shows_nothing_when_over",
            ),
            models.CheckConstraint(
                condition=Q(buddy=None) | ~Q(buddy=F("id")), name="membership_buddy_is_another"
            ),
        ]
        # Read on every page behind the door: is the user in a group?
        indexes = [
            models.Index(fields=["user"], condition=Q(left_at=None), name="membership_present")
        ]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        """What the group calls this member."""
        return self.user.name.strip() or self.user.email.partition("@")[0]

    @property
    def short_name(self) -> str:
        return self.called.split()[0]

    @property
    def leads(self) -> bool:
        return self.role in self.LEADING


class PersonShareQuerySet(models.QuerySet["PersonShare"]):
    def visible_to(self, user: User) -> PersonShareQuerySet:
        return self.filter(membership__user=user, membership__left_at=None)


class PersonShare(Row):
    """One person for whom the member chose another grain than for the rest."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="person_shares")
    contact = models.ForeignKey(CONTACT, models.CASCADE, related_name="group_shares")
    grain = models.PositiveSmallIntegerField(choices=Grain)

    objects = PersonShareQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "contact"], name="personshare_once_per_person"
            ),
            models.CheckConstraint(
                condition=Q(grain__lte=Grain.NAMES), name="personshare_grain_0_to_3"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_grain_display())


class NoteShareQuerySet(models.QuerySet["NoteShare"]):
    def visible_to(self, user: User) -> NoteShareQuerySet:
        return self.filter(membership__user=user, membership__left_at=None)


class NoteShare(Row):
    """One note the member showed on purpose, word for word as it was then.

    A copy: what is added to the note later is not shared by it.
    """

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="note_shares")
    contact = models.ForeignKey(CONTACT, models.CASCADE, related_name="group_note_shares")
    text = models.TextField(max_length=20_000)

    objects = NoteShareQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="noteshare_has_a_text")]

    def __str__(self) -> str:
        return f"note of {self.contact_id}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: User) -> InvitationQuerySet:
        """Those of the groups the user leads."""
        mine = Membership.objects.present().leading().filter(user=user)
        return self.filter(group__memberships__in=mine)

    def open(self) -> InvitationQuerySet:
        return self.filter(used_at=None, withdrawn_at=None)


class Invitation(Row):
    """A place offered to one address, once, for a week.

    The link carries the key and the nonce, signed (``netcrm.delivery.links``): nothing in this
    table opens anything.  Asking again changes the nonce, so the older link is dead.
    """

    group = models.ForeignKey(SupportGroup, models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254, help_text="In lower case.")
    role = models.CharField(max_length=10, choices=Membership.Role, default=Membership.Role.MEMBER)
    invited_by = models.ForeignKey(USER, models.CASCADE, related_name="invitations_sent")
    nonce = models.UUIDField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "email"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="invitation_one_open_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.created_at:%Y-%m-%d}"


class ViewLogQuerySet(models.QuerySet["ViewLog"]):
    def visible_to(self, user: User) -> ViewLogQuerySet:
        """What others looked at of the user's; nobody sees another's."""
        return self.filter(member=user)


class ViewLog(models.Model):
    """Somebody looked at what a member shares.  Rows are added, and never changed.

    Triggers refuse every update, and every deletion before a year is over while the member's
    account exists (migration 0002).  Foreign keys without constraint, and a table that Django
    does not manage after making it, so that no cascade and no flush empties it either.
    """

    class Kind(models.TextChoices):
        OVERVIEW = "overview", _("Group overview")
        REVIEW = "review", _("Your review page")
        EXPORT = "export", _("Weeks, downloaded")
        MEETING = "meeting", _("Your numbers, in a meeting")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(
        USER, models.DO_NOTHING, related_name="views_of_me", db_constraint=False
    )
    viewer = models.ForeignKey(
        USER, models.DO_NOTHING, related_name="views_by_me", db_constraint=False
    )
    viewer_name = models.CharField(max_length=300, help_text="As it was then.")
    group_name = models.CharField(max_length=120, help_text="As it was then.")
    kind = models.CharField(max_length=10, choices=Kind)
    grain = models.PositiveSmallIntegerField(choices=Grain)
    people = models.PositiveIntegerField(help_text="How many of the member's people were shown.")
    at = models.DateTimeField()

    objects = ViewLogQuerySet.as_manager()

    class Meta:
        managed = False
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class Figures(models.Model):
    """What was last counted of a member for their group: numbers and days, no names.

    Written by ``netcrm.leader.tasks`` and, for the few that are behind, when a leader looks.
    Shown only while ``consent_version`` is the membership's own: a person hidden a second ago is
    in no count now.
    """

    membership = models.OneToOneField(
        Membership, models.CASCADE, primary_key=True, related_name="figures"
    )
    values = models.JSONField(default=dict)
    counted_on = models.DateField(help_text="The member's local day.")
    counted_at = models.DateTimeField()
    consent_version = models.PositiveIntegerField()
    facts_version = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.counted_on}"


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: User) -> CommentQuerySet:
        """What leaders said to the user, while the user belongs."""
        return self.filter(membership__user=user, membership__left_at=None)

    def unread(self) -> CommentQuerySet:
        return self.filter(read_at=None)


class Comment(Row):
    """A leader's word on one step of a member's, or on their week.  It reaches the digest."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="comments")
    author = models.ForeignKey(USER, models.CASCADE, related_name="comments_made")
    about = models.ForeignKey(
        CONTACT, models.CASCADE, null=True, blank=True, related_name="group_comments"
    )
    text = models.CharField(max_length=1_000)
    consent_version = models.PositiveIntegerField(
        default=1, db_default=1, help_text="The member's consent when it was said."
    )
    read_at = models.DateTimeField(null=True, blank=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="comment_has_a_text")]

    def __str__(self) -> str:
        return self.text


class LeaderNoteQuerySet(models.QuerySet["LeaderNote"]):
    def visible_to(self, user: User) -> LeaderNoteQuerySet:
        """One's own, about members of groups one leads now."""
        return self.filter(author=user, membership__in=Membership.objects.led_by(user))


class LeaderNote(Row):
    """What a leader wants to remember of a member.  Nobody else reads it, other leaders neither."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="leader_notes")
    author = models.ForeignKey(USER, models.CASCADE, related_name="leader_notes")
    text = models.TextField(blank=True, max_length=5_000)
    updated_at = models.DateTimeField(auto_now=True)

    objects = LeaderNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "author"], name="leadernote_once_per_leader"
            )
        ]

    def __str__(self) -> str:
        return f"note on {self.membership_id}"


class WeeklyReportQuerySet(models.QuerySet["WeeklyReport"]):
    def visible_to(self, user: User) -> WeeklyReportQuerySet:
        return self.filter(membership__user=user, membership__left_at=None)


class WeeklyReport(Row):
    """A member's week in their own numbers.  Nothing to report is a report."""

    NUMBERS: ClassVar = (
        "deciders",
        "insiders",
        "others",
        "new_targets",
        "asked",
        "received",
        "looped",
        "gives",
    )

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="reports")
    week_on = models.DateField(help_text="The Monday it begins with.")
    deciders = models.PositiveSmallIntegerField(
        default=0, help_text="Conversations with people who could decide."
    )
    insiders = models.PositiveSmallIntegerField(
        default=0, help_text="Conversations with people inside a target."
    )
    others = models.PositiveSmallIntegerField(default=0)
    new_targets = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0, help_text="Introductions asked for.")
    received = models.PositiveSmallIntegerField(default=0)
    looped = models.PositiveSmallIntegerField(default=0, help_text="Introducers told how it went.")
    gives = models.PositiveSmallIntegerField(default=0)
    hours = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(168)]
    )
    win = models.CharField(max_length=500, blank=True)
    ask = models.CharField(max_length=500, blank=True)
    commitment = models.CharField(max_length=500, blank=True)
    nothing_to_report = models.BooleanField(default=False)
    read_for_me = models.BooleanField(
        default=False, help_text="The member will be away; the buddy reads it out."
    )
    sent_at = models.DateTimeField()

    objects = WeeklyReportQuerySet.as_manager()

    class Meta:
        ordering = ["-week_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "week_on"], name="weeklyreport_once_a_week"
            ),
            models.CheckConstraint(
                condition=Q(hours=None) | Q(hours__lte=168), name="weeklyreport_hours_of_a_week"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week_on}"


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: User) -> MeetingQuerySet:
        return self.filter(group__in=SupportGroup.objects.visible_to(user))

    def led_by(self, user: User) -> MeetingQuerySet:
        mine = Membership.objects.present().leading().filter(user=user)
        return self.filter(group__memberships__in=mine, group__closed_at=None)


class Meeting(Row):
    """One evening of a group: whose turn it is, what was said and promised."""

    group = models.ForeignKey(SupportGroup, models.CASCADE, related_name="meetings")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    agenda = models.TextField(blank=True, max_length=2_000)
    minutes_each = models.PositiveSmallIntegerField(
        default=4, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    projector = models.BooleanField(
        default=False, help_text="A wall shows the page: nothing anybody typed stands on it."
    )

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(ended_at=None), name="meeting_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(minutes_each__gte=1, minutes_each__lte=60),
                name="meeting_minutes_1_to_60",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("groups:meeting", args=[self.pk])


class Turn(Row):
    """A member's turn in a meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="turns")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="turns")
    place = models.PositiveSmallIntegerField()
    here = models.BooleanField(default=True)
    read_by = models.ForeignKey(
        Membership, models.SET_NULL, null=True, blank=True, related_name="turns_read"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    win = models.CharField(max_length=500, blank=True)
    ask = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], name="turn_once_a_meeting"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name="turn_one_speaks",
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.place}"


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def visible_to(self, user: User) -> CommitmentQuerySet:
        """One's own; they stay one's own after leaving."""
        return self.filter(membership__user=user)

    def open(self) -> CommitmentQuerySet:
        return self.filter(closed_at=None)

    def showing_by(self, day: date) -> CommitmentQuerySet:
        """Open ones that nobody put off past ``day``."""
        return self.open().filter(Q(deferred_until=None) | Q(deferred_until__lte=day))


class Commitment(Row):
    """“I will …”, said in the room.  It stands on the member's Today until kept or let go."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="commitments")
    meeting = models.ForeignKey(
        Meeting, models.SET_NULL, null=True, blank=True, related_name="commitments"
    )
    text = models.CharField(max_length=500)
    due_on = models.DateField(null=True, blank=True)
    deferred_until = models.DateField(
        null=True, blank=True, help_text="First day it may show again."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    kept = models.BooleanField(null=True, blank=True, help_text="None while open.")

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="commitment_has_a_text"),
            models.CheckConstraint(
                condition=Q(closed_at=None, kept=None)
                | Q(closed_at__isnull=False, kept__isnull=False),
                name="commitment_closed_iff_kept_or_not",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class NewsQuerySet(models.QuerySet["News"]):
    def visible_to(self, user: User) -> NewsQuerySet:
        return self.filter(group__in=SupportGroup.objects.visible_to(user))


class News(Row):
    """The one line a member wrote for the group, on landing or on going; nothing is added."""

    class Kind(models.TextChoices):
        LANDED = "landed", _("Landed")
        GOODBYE = "goodbye", _("Goodbye")

    group = models.ForeignKey(SupportGroup, models.CASCADE, related_name="news")
    author = models.ForeignKey(USER, models.CASCADE, related_name="group_news")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()

    objects = NewsQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name_plural = "news"
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="news_has_a_text")]

    def __str__(self) -> str:
        return self.text


class QuestionQuerySet(models.QuerySet["Question"]):
    def visible_to(self, user: User) -> QuestionQuerySet:
        """One's own questions; what others ask is between them and those who may know."""
        return self.filter(asked_by__user=user, asked_by__left_at=None)


class Question(Row):
    """“Who here can reach this company?”  The count is of that moment and never changes."""

    asked_by = models.ForeignKey(Membership, models.CASCADE, related_name="questions")
    company = models.CharField(max_length=200)
    key = models.CharField(
        max_length=400, blank=True, db_default="", help_text="The company, folded for comparing."
    )
    found = models.PositiveSmallIntegerField(
        default=0, help_text="How many may know somebody; a later no does not lower it."
    )
    told = models.BooleanField(
        default=True, db_default=True, help_text="The room is large enough for a number."
    )
    asked_at = models.DateTimeField()

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(company=""), name="question_names_a_company")
        ]

    def __str__(self) -> str:
        return self.company


class RoomMatchQuerySet(models.QuerySet["RoomMatch"]):
    def visible_to(self, user: User) -> RoomMatchQuerySet:
        """Those put to the user.  Who asked sees a yes through the question, and nothing else."""
        return self.filter(
            membership__user=user,
            membership__left_at=None,
            question__asked_by__left_at=None,
        )


class RoomMatch(Row):
    """A question put to the one member who may know somebody, in private."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes, tell them")
        NO = "no", _("Not now")

    question = models.ForeignKey(Question, models.CASCADE, related_name="matches")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="room_matches")
    contact = models.ForeignKey(CONTACT, models.CASCADE, related_name="room_matches")
    answer = models.CharField(max_length=3, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = RoomMatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "membership"], name="roommatch_once_per_member"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="roommatch_answered_iff_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"match for {self.question_id}"


MOST_DAYS = 730


def rhythm_has_a_tag(name: str) -> models.CheckConstraint:
    """Days stand beside the tag they are for, and both on a rhythm only."""
    return models.CheckConstraint(
        condition=Q(tag="", every_days=None)
        | (Q(kind="rhythm", every_days__gte=1, every_days__lte=MOST_DAYS) & ~Q(tag="")),
        name=name,
    )


class PlaybookQuerySet(models.QuerySet["Playbook"]):
    def visible_to(self, user: User) -> PlaybookQuerySet:
        return self.filter(group__in=SupportGroup.objects.visible_to(user))


class Playbook(Row):
    """Something that works, which leaders share and members copy."""

    class Kind(models.TextChoices):
        RHYTHM = "rhythm", _("A rhythm")
        NOTE = "note", _("A note, with blanks")
        GIVE = "give", _("An idea to give")

    group = models.ForeignKey(SupportGroup, models.CASCADE, related_name="playbooks")
    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=5_000)
    tag = models.CharField(max_length=80, blank=True, help_text="Whose people a rhythm is for.")
    every_days = models.PositiveSmallIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PlaybookQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "title", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(text=""), name="playbook_has_title_and_text"
            ),
            rhythm_has_a_tag("playbook_rhythm_has_a_tag"),
        ]

    def __str__(self) -> str:
        return self.title


class PlaybookCopyQuerySet(models.QuerySet["PlaybookCopy"]):
    def visible_to(self, user: User) -> PlaybookCopyQuerySet:
        return self.filter(owner=user)


class PlaybookCopy(Row):
    """What works for a member: their own copy, or something of their own.

    What the leader edits later does not reach it.  Notes are offered where one is written, ideas
    where something could be given; a rhythm has become the rhythm of the member's own tag.
    """

    owner = models.ForeignKey(USER, models.CASCADE, related_name="playbook_copies")
    copied_from = models.ForeignKey(
        Playbook, models.SET_NULL, null=True, blank=True, related_name="copies"
    )
    kind = models.CharField(max_length=6, choices=Playbook.Kind)
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=5_000)
    tag = models.CharField(max_length=80, blank=True)
    every_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = PlaybookCopyQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "title", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "copied_from"],
                condition=Q(copied_from__isnull=False),
                name="playbookcopy_once_per_playbook",
            ),
            rhythm_has_a_tag("playbookcopy_rhythm_has_a_tag"),
        ]

    def __str__(self) -> str:
        return self.title
