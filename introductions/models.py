"""Introductions as three-person events, and what passes between people because of them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Interaction, Organization, Promise
from introductions.engine import opt_in, workflow
from introductions.engine.note import Lines
from netcrm.kit.models import Row

if TYPE_CHECKING:
    from netcrm.accounts.models import User

OWNER = "accounts.User"


class IntroductionQuerySet(models.QuerySet["Introduction"]):
    def visible_to(self, user: User) -> IntroductionQuerySet:
        return self.filter(
            owner=user,
            introducer__trashed_at=None,
            introducee__trashed_at=None,
            introduced__trashed_at=None,
        )

    def with_people(self) -> IntroductionQuerySet:
        return self.select_related("introducer", "introducee", "introduced")

    def happened(self) -> IntroductionQuerySet:
        """Those in which two people were in fact put in touch."""
        return self.exclude(made_at=None)


class Introduction(Row):
    """introducer → introducee → introduced: three people of one owner, usually with “me” in it.

    Chains are never stored; they follow from introductions.
    """

    class State(models.TextChoices):
        WANTED = workflow.State.WANTED, _("Wanted")
        ASKED = workflow.State.ASKED, _("Asked for")
        CHECKING = workflow.State.CHECKING, _("Being checked")
        AGREED = workflow.State.AGREED, _("Both said yes")
        DECLINED = workflow.State.DECLINED, _("Not this time")
        NO_ANSWER = workflow.State.NO_ANSWER, _("No answer")
        MADE = workflow.State.MADE, _("Introduced")
        ACKNOWLEDGED = workflow.State.ACKNOWLEDGED, _("In touch")
        MET = workflow.State.MET, _("Met")
        THANKED = workflow.State.THANKED, _("Thanked")
        LOOPED = workflow.State.LOOPED, _("Told how it went")
        CLOSED = workflow.State.CLOSED, _("Closed")

    class Medium(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        IN_PERSON = "in_person", _("In person")
        OTHER = "other", _("Another way")

    class Outcome(models.TextChoices):
        OFFER = workflow.Outcome.OFFER, _("An offer")
        INTERVIEW = workflow.Outcome.INTERVIEW, _("An interview")
        REFERRAL = workflow.Outcome.REFERRAL, _("They passed me on to somebody")
        ADVICE = workflow.Outcome.ADVICE, _("A good talk, advice or information")
        NOTHING = workflow.Outcome.NOTHING, _("Nothing came of it")
        DROPPED = workflow.Outcome.DROPPED, _("Let go")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="introductions")
    introducer = models.ForeignKey(Contact, models.CASCADE, related_name="introductions_made")
    introducee = models.ForeignKey(Contact, models.CASCADE, related_name="introductions_had")
    introduced = models.ForeignKey(Contact, models.CASCADE, related_name="introductions_to")
    state = models.CharField(max_length=12, choices=State, default=State.WANTED)
    state_at = models.DateTimeField(help_text="When it came into this state.")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    medium = models.CharField(max_length=10, choices=Medium, blank=True)
    reason = models.CharField(
        max_length=500, blank=True, help_text="Why the introducer put them in touch."
    )
    with_reason = models.BooleanField(default=False, help_text="The introducer said why: warm.")
    load_reason = models.CharField(
        max_length=300, blank=True, help_text="Why one more request to a busy introducer was right."
    )
    made_at = models.DateTimeField(null=True, blank=True)
    promise = models.OneToOneField(
        Promise,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="introduction",
        help_text="To put them in touch, once both said yes.",
    )
    nudged_at = models.DateTimeField(
        null=True, blank=True, help_text="The one reminder sent in this state."
    )

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(introducer=F("introducee"))
                & ~Q(introducer=F("introduced"))
                & ~Q(introducee=F("introduced")),
                name="introduction_three_different_people",
            ),
            models.CheckConstraint(
                condition=(Q(state="closed") & ~Q(outcome=""))
                | (~Q(state="closed") & Q(outcome="")),
                name="introduction_closed_iff_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.introducer_id} → {self.introducee_id} ⇄ {self.introduced_id}"

    def get_absolute_url(self) -> str:
        return reverse("introductions:detail", args=[self.pk])


class ForwardNote(Row):
    """The note an introducer can pass on, line by line; the text is put together from them.

    The newest one's lines stand in the next note from the start: they are written once.
    """

    introduction = models.OneToOneField(Introduction, models.CASCADE, related_name="forward_note")
    subject = models.CharField(max_length=150, blank=True)
    who_i_am = models.TextField(blank=True, max_length=5_000)
    why_them = models.TextField(blank=True, max_length=5_000)
    what_i_want = models.TextField(blank=True, max_length=5_000)
    what_they_get = models.TextField(blank=True, max_length=5_000)
    easy_no = models.TextField(blank=True, max_length=5_000)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at", "-id"]

    def __str__(self) -> str:
        return self.subject or "note"

    @property
    def lines(self) -> Lines:
        return Lines(**{field.name: getattr(self, field.name) for field in fields(Lines)})


class OptInQuerySet(models.QuerySet["OptIn"]):
    def standing(self) -> OptInQuerySet:
        """Questions that have not been taken back or replaced; each side has one at most."""
        return self.filter(withdrawn_at=None)


class OptIn(Row):
    """The question to one of the two whom the owner would introduce: would you like that?

    It names nobody.  Its link carries the nonce, so that asking again ends the older link.
    """

    class Side(models.TextChoices):
        INTRODUCEE = workflow.Party.INTRODUCEE, _("The one")
        INTRODUCED = workflow.Party.INTRODUCED, _("The other")

    class Answer(models.TextChoices):
        YES = opt_in.Answer.YES, _("Yes")
        LATER = opt_in.Answer.LATER, _("Later")
        NO = opt_in.Answer.NO, _("No")

    introduction = models.ForeignKey(Introduction, models.CASCADE, related_name="opt_ins")
    side = models.CharField(max_length=10, choices=Side)
    address = models.EmailField(max_length=254, help_text="In lower case.")
    about_other = models.TextField(max_length=1_000, help_text="What this side is told.")
    nonce = models.UUIDField()
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=5, choices=Answer, blank=True)
    word = models.CharField(max_length=300, blank=True, help_text="What they added.")
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = OptInQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["introduction", "side"],
                condition=Q(withdrawn_at=None),
                name="optin_one_standing_per_side",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="optin_answered_iff_moment",
            ),
            models.CheckConstraint(
                condition=Q(address=Lower("address")), name="optin_address_in_lower_case"
            ),
        ]
        # Read when an owner asks: how many were written to since this time yesterday?
        indexes = [models.Index(fields=["introduction", "asked_at"], name="optin_asked")]

    def __str__(self) -> str:
        return f"{self.side} {self.answer or 'open'}"

    @property
    def person(self) -> Contact:
        person: Contact = getattr(self.introduction, self.side)
        return person

    @property
    def other(self) -> Contact:
        """Whom this side is asked about, and must not be told before both said yes."""
        row = self.introduction
        return row.introduced if self.side == self.Side.INTRODUCEE else row.introducee


class IntroductionEvent(Row):
    """A step an introduction took, and when: the history behind its state."""

    introduction = models.ForeignKey(Introduction, models.CASCADE, related_name="events")
    state = models.CharField(max_length=12, choices=Introduction.State)
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.state} {self.at:%Y-%m-%d}"


class ReferralQuerySet(models.QuerySet["Referral"]):
    def visible_to(self, user: User) -> ReferralQuerySet:
        return self.filter(giver__owner=user, giver__trashed_at=None)


class Referral(Row):
    """What a person gave: a name, a role, an introduction; and how much they put into it."""

    class Substance(models.IntegerChoices):
        ANYONE = 0, _("Anyone could say it")
        NAME = 1, _("A name")
        USE_MY_NAME = 2, _("Use my name")
        INTRODUCED = 3, _("Introduced")
        WITH_REASON = 4, _("Introduced with a reason")
        SPOKE_FOR = 5, _("Spoke for you")

    giver = models.ForeignKey(Contact, models.CASCADE, related_name="referrals_given")
    interaction = models.ForeignKey(
        Interaction, models.SET_NULL, null=True, blank=True, related_name="referrals"
    )
    introduction = models.ForeignKey(
        Introduction, models.SET_NULL, null=True, blank=True, related_name="referrals"
    )
    to_contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="referrals_to"
    )
    to_name = models.CharField(max_length=300, blank=True)
    to_organization = models.ForeignKey(
        Organization, models.SET_NULL, null=True, blank=True, related_name="referrals"
    )
    substance = models.PositiveSmallIntegerField(
        choices=Substance,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(5)],
    )
    giver_step = models.PositiveSmallIntegerField(
        help_text="The giver's trust step at that time.",
        validators=[MinValueValidator(0), MaxValueValidator(5)],
    )
    given_on = models.DateField()
    used_on = models.DateField(null=True, blank=True, help_text="When I acted on it.")
    note = models.CharField(max_length=500, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(substance=None) | Q(substance__lte=5), name="referral_substance_0_to_5"
            ),
            models.CheckConstraint(
                condition=Q(giver_step__lte=5), name="referral_giver_step_0_to_5"
            ),
        ]

    def __str__(self) -> str:
        return self.to_name or str(self.to_contact or self.to_organization or "")


class AskQuerySet(models.QuerySet["Ask"]):
    def visible_to(self, user: User) -> AskQuerySet:
        return self.filter(contact__owner=user, contact__trashed_at=None)


class Ask(Row):
    """A request to a person, at a rung of the ladder (ux.md 1.7)."""

    class Rung(models.IntegerChoices):
        ADVICE = 1, _("Advice")
        INFORMATION = 2, _("Who they know on my list")
        SECOND_LOOK = 3, _("A second look at my CV, plan or pitch")
        INTRODUCTION = 4, _("An introduction to one person")
        REFERRAL = 5, _("Putting their name to it")

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        LATER = "later", _("Later")
        NONE = "none", _("No answer")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="asks")
    interaction = models.OneToOneField(
        Interaction, models.CASCADE, null=True, blank=True, related_name="ask"
    )
    introduction = models.OneToOneField(
        Introduction, models.CASCADE, null=True, blank=True, related_name="ask"
    )
    rung = models.PositiveSmallIntegerField(choices=Rung)
    wording = models.TextField(blank=True, max_length=5_000)
    about = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="asked_about"
    )
    asked_on = models.DateField()
    readiness = models.CharField(max_length=10, blank=True, help_text="What it was when asked.")
    overridden = models.BooleanField(default=False, help_text="Asked although not yet ready.")
    answer = models.CharField(max_length=5, choices=Answer, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    not_before = models.DateField(null=True, blank=True, help_text="Ask again from then on.")

    objects = AskQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(rung__gte=1, rung__lte=5), name="ask_rung_1_to_5"),
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None)
                | (~Q(answer="") & Q(answered_on__isnull=False)),
                name="ask_answered_iff_day",
            ),
        ]

    def __str__(self) -> str:
        return self.get_rung_display()


class GiveQuerySet(models.QuerySet["Give"]):
    def visible_to(self, user: User) -> GiveQuerySet:
        return self.filter(contact__owner=user, contact__trashed_at=None)


class Give(Row):
    """Something one gave the other.  Memory, not debt: nothing is ever totalled up."""

    class Kind(models.TextChoices):
        INTRODUCTION = "introduction", _("An introduction")
        REFERRAL = "referral", _("A referral")
        INFORMATION = "information", _("Information")
        FEEDBACK = "feedback", _("Feedback")
        TIME = "time", _("Time")
        THANKS = "thanks", _("Thanks, or news of what came of it")
        PRAISE = "praise", _("Public praise")
        OTHER = "other", _("Something else")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="gives")
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, null=True, blank=True, related_name="gives"
    )
    introduction = models.ForeignKey(
        Introduction, models.CASCADE, null=True, blank=True, related_name="gives"
    )
    by_me = models.BooleanField(default=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)
    given_on = models.DateField()
    note = models.CharField(max_length=500, blank=True)

    objects = GiveQuerySet.as_manager()

    class Meta:
        ordering = ["-given_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "introduction"], name="give_once_per_introduction"
            )
        ]

    def __str__(self) -> str:
        return self.note or self.get_kind_display()


class TrustState(models.Model):
    """How far a person has come to trust the owner: what the events say, kept for lists.

    Written by ``introductions.services.settle_trust`` alone; it can be computed anew at any time.
    """

    contact = models.OneToOneField(
        Contact, models.CASCADE, primary_key=True, related_name="trust_state"
    )
    level = models.PositiveSmallIntegerField()
    earned = models.PositiveSmallIntegerField(help_text="Before silence and the owner's own view.")
    since_on = models.DateField(null=True)
    reason = models.CharField(max_length=40, help_text="Code of the most telling reason.")
    facts = models.JSONField(default=dict)
    next_code = models.CharField(max_length=40, help_text="Code of what would move it.")
    next_facts = models.JSONField(default=dict)
    slipped = models.BooleanField(default=False)
    overridden = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__lte=5, earned__lte=5), name="truststate_steps_0_to_5"
            )
        ]

    def __str__(self) -> str:
        return f"step {self.level}"


class TrustOverride(Row):
    """The owner's own judgement of a step; the newest open one counts and is shown as such."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="trust_overrides")
    step = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(step__lte=5), name="trustoverride_step_0_to_5"),
            models.CheckConstraint(condition=~Q(reason=""), name="trustoverride_has_a_reason"),
            models.UniqueConstraint(
                fields=["contact"],
                condition=Q(ended_at=None),
                name="trustoverride_one_open_per_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.reason}"


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    def visible_to(self, user: User) -> OpportunityQuerySet:
        return self.filter(owner=user)


class Opportunity(Row):
    """A role at an organization; it came through a person, or through nobody (*cold*)."""

    class Stage(models.TextChoices):
        SEEN = "seen", _("Seen")
        APPLIED = "applied", _("Applied")
        REPLIED = "replied", _("They replied")
        INTERVIEW = "interview", _("Interview")
        OFFER = "offer", _("Offer")
        ACCEPTED = "accepted", _("Accepted")
        CLOSED = "closed", _("Closed")

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="opportunities")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="opportunities")
    role = models.CharField(max_length=200)
    link = models.URLField(max_length=500, blank=True)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.SEEN)
    stage_on = models.DateField()
    through = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="opportunities",
        help_text="The last person of the chain it came through; empty means cold.",
    )
    people = models.ManyToManyField(Contact, blank=True, related_name="+")
    notes = models.TextField(blank=True, max_length=20_000)
    next_action = models.CharField(max_length=300, blank=True)
    next_action_on = models.DateField(null=True, blank=True)
    replied_on = models.DateField(null=True, blank=True)
    interviewed_on = models.DateField(null=True, blank=True)
    offered_on = models.DateField(null=True, blank=True)

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        ordering = ["-stage_on", "-id"]
        verbose_name_plural = "opportunities"

    def __str__(self) -> str:
        return self.role


class LandingQuerySet(models.QuerySet["Landing"]):
    def visible_to(self, user: User) -> LandingQuerySet:
        return self.filter(owner=user)

    def current(self) -> LandingQuerySet:
        return self.filter(ended_at=None)


class Landing(Row):
    """An accepted offer, and the thanking that follows; at most one at a time is current."""

    owner = models.ForeignKey(OWNER, models.CASCADE, related_name="landings")
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="landings")
    landed_on = models.DateField()
    before = models.JSONField(
        default=dict, help_text="Rings and stages as they were, so that it can be taken back."
    )
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When the owner began to look again."
    )

    objects = LandingQuerySet.as_manager()

    class Meta:
        ordering = ["-landed_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=Q(ended_at=None), name="landing_one_current_per_owner"
            )
        ]

    def __str__(self) -> str:
        return f"landed {self.landed_on}"


class ThankYou(Row):
    """What the owner keeps of thanking one person: a note not sent yet, or that none is due.

    That somebody was thanked is no field: it follows from what was logged.
    """

    landing = models.ForeignKey(Landing, models.CASCADE, related_name="thank_yous")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="thank_yous")
    draft = models.TextField(blank=True, max_length=5_000)
    left_out = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["landing", "contact"], name="thankyou_once_per_landing_and_contact"
            )
        ]

    def __str__(self) -> str:
        return str(self.contact_id)


class Reach(models.Model):
    """Who may pass the owner on to whom, drawn from the facts by a worker and kept for questions.

    It can be drawn anew at any time (``introductions.reach``) and is in no export.
    """

    owner = models.OneToOneField(OWNER, models.CASCADE, primary_key=True, related_name="reach")
    ties = models.BinaryField(default=b"", help_text="A network of introductions.engine.paths.")
    facts_version = models.PositiveIntegerField(default=1)
    drawn_version = models.PositiveIntegerField(
        default=0, help_text="Of the facts it was drawn from."
    )
    drawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "reaches"
        # Read by the sweep, which wants those behind only.
        indexes = [
            models.Index(
                fields=["owner"],
                condition=Q(drawn_version__lt=F("facts_version")),
                name="reach_behind",
            )
        ]

    def __str__(self) -> str:
        return f"drawn {self.drawn_version} of {self.facts_version}"
