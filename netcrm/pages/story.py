"""The practice story: George, three weeks in.  Told through the same services as real life."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from contacts import services as people
from contacts.models import Contact, Interaction, Organization, Ring
from contacts.services import Word
from introductions import services as introductions
from introductions.models import Introduction, Referral
from netcrm.accounts.models import User
from netcrm.kit import facts

EMAIL = "george@example.test"
Kind, Direction = Interaction.Kind, Interaction.Direction


@transaction.atomic
def tell(*, password: str, at: datetime, time_zone: str = "UTC") -> User:
    """Make George's account with everything that happened until ``at`` (aware).

    The same ``at`` gives the same story.

    Raises:
        IntegrityError: the account exists.
    """
    george = User.objects.create_user(
        EMAIL,
        password,
        name="George Ames",
        target_line="Operations lead at a mid-size food company, within reach of Leeds",
        time_zone=time_zone,
        first_steps_done_at=at,
    )
    EmailAddress.objects.create(user=george, email=EMAIL, verified=True, primary=True)
    with facts.change(george, at=at) as changed:
        _Story(george, at).tell()
        changed.everyone()
    return george


class _Story:
    def __init__(self, george: User, now: datetime) -> None:
        self.george = george
        self.now = now

    def days_ago(self, days: int, hours: float = 0) -> datetime:
        return self.now - timedelta(days=days, hours=hours)

    def person(self, name: str, days: int, **details: object) -> Contact:
        return people.add_person(
            by=self.george,
            at=self.days_ago(days),
            name=name,
            **details,  # type: ignore[arg-type]
        )

    def happened(
        self, person: Contact, days: int, kind: str, note: str, **said: object
    ) -> Interaction:
        return people.log_interaction(
            by=self.george,
            at=self.days_ago(days),
            people=[person],
            kind=kind,
            note=note,
            **said,  # type: ignore[arg-type]
        )

    def introduced(
        self, introducer: Contact, to: Contact, days: int, reason: str = "", hours: float = 0
    ) -> Introduction:
        return introductions.record_introduction(
            owner=self.george,
            introducer=introducer,
            introducee=people.ensure_self(by=self.george),
            introduced=to,
            state=Introduction.State.MADE,
            at=self.days_ago(days, hours),
            medium=Introduction.Medium.EMAIL,
            reason=reason,
        )

    def opportunity(
        self, role: str, where: str, days: int, *, through: Contact | None = None, stage: str = ""
    ) -> None:
        row = introductions.add_opportunity(
            by=self.george,
            at=self.days_ago(days + 2),
            role=role,
            organization=people.get_or_make_organization(self.george, where),
            through=through,
        )
        if stage:
            introductions.move_opportunity(row, stage=stage, at=self.days_ago(days))

    def tell(self) -> None:
        ann = self.person(
            "Ann Lindqvist",
            60,
            how_met="We sat two desks apart at Harlow Foods",
            worked_together=True,
            ring=Ring.A,
        )
        self.happened(ann, 44, Kind.TALK, "Long call about what comes next", told_target=True)

        bill = self.person("Bill Moss", 42, organization="Orchard Supply", title="Planning manager")
        self.introduced(ann, bill, 42, "George untangled our depot rota when nobody else could")
        self.happened(bill, 42, Kind.MESSAGE, "Answered the same afternoon, offered three times")
        self.happened(
            bill, 37, Kind.MEETING, "Coffee at the station", told_target=True, showed_work=True
        )
        self.happened(bill, 36, Kind.MESSAGE, "Thanked him for the depot numbers", thanked=True)

        shirley = self.person(
            "Shirley Okoro",
            35,
            organization="Acme",
            title="Head of operations",
            role_kind=Contact.RoleKind.HIRES,
        )
        self.introduced(bill, shirley, 35, "He asks good questions and finishes what he starts")
        self.happened(shirley, 35, Kind.MESSAGE, "Answered within three hours")
        self.happened(
            shirley,
            34,
            Kind.TALK,
            "Half an hour on the phone about rota planning",
            told_target=True,
        )
        self.happened(shirley, 27, Kind.GAVE, "Article on shift planning in small depots")
        coffee = self.happened(
            shirley,
            14,
            Kind.MEETING,
            "Coffee. She suggested a survey among depot leads, and offered Bob and Priya",
            promises=[
                Word(
                    text="Tell Shirley what came of the survey",
                    due_on=self.george.day(self.now) + timedelta(days=3),
                )
            ],
        )
        self.happened(shirley, 14, Kind.MESSAGE, "Thank-you the same evening", thanked=True)
        for name in ("Bob Hale", "Priya Nair"):
            introductions.record_referral(
                giver=shirley,
                to_name=name,
                substance=Referral.Substance.USE_MY_NAME,
                given_on=self.george.day(coffee.at),
                interaction=coffee,
                at=self.days_ago(14),
            )

        marco = self.person("Marco Silva", 30, organization="Northbank Logistics")
        self.introduced(ann, marco, 30)
        self.happened(marco, 29, Kind.TALK, "Twenty minutes about dispatch software")
        self.happened(marco, 29, Kind.MESSAGE, "Thanked him", thanked=True)
        self.happened(ann, 28, Kind.MESSAGE, "Told Ann how it went with Marco", reported=True)
        lee = self.person("Lee Park", 0, organization="Northbank Logistics", title="Team lead")
        self.introduced(marco, lee, 0, "Two people who both like a tidy spreadsheet", hours=1)

        raj = self.person("Raj Patel", 50, organization="Pennine Bakery", ring=Ring.C)
        self.happened(raj, 48, Kind.TALK, "Asked me what payroll tools people like")
        ken = self.person("Ken Ito", 50, how_met="Five-a-side on Thursdays", ring=Ring.C)
        self.happened(ken, 30, Kind.TALK, "Ran a payroll tool for two years, would do it again")
        dana = self.person("Dana Wood", 40, organization="Acme", role_kind=Contact.RoleKind.INSIDE)
        self.happened(
            dana,
            12,
            Kind.TALK,
            "Busy with the year end, asked me to write after it",
            their_date=self.george.day(self.now) + timedelta(days=40),
        )
        self.opportunity("Operations lead", "Acme", 10, through=shirley, stage="replied")
        self.opportunity("Shift planner", "Northbank Logistics", 21, stage="applied")
        self.opportunity("Depot manager", "Pennine Bakery", 5)
        Organization.objects.visible_to(self.george).filter(
            name__in=["Acme", "Northbank Logistics"]
        ).update(is_target=True)
