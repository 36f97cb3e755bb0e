"""The practice group: Lea leads, George and four others belong, each sharing in another way."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction

from contacts import services as people
from contacts.models import Interaction
from followups import sharing
from netcrm.accounts.models import User
from netcrm.groups import selectors, services
from netcrm.groups.models import Grain, Membership, SupportGroup

LEADER = "lea@example.test"
A_WEEK = timedelta(days=7)

# Name, grain, and two people with the organization they are at.
MEMBERS = (
    ("Ana Ruiz", Grain.SHAPE, (("Nora Quill", "Harlow Foods"), ("Imre Vass", "Acme"))),
    ("Dev Rao", Grain.NUMBERS, (("Paula Finch", "Orchard Supply"), ("Tom Reed", "Acme"))),
    ("Joy Adeyemi", Grain.NUMBERS, (("Sena Boateng", "Leeds Library"), ("Ivo Lange", "Acme"))),
    ("Ken Ito", Grain.NOTHING, (("Mara Stone", "Northbank Logistics"), ("Lou Hart", "Harlow"))),
)
AGREEMENT = (
    "Come every week, and say so when you cannot.\n"
    "Report, even with nothing to report.\n"
    "What is said here stays here.\n"
    "Say goodbye when you go."
)


@transaction.atomic
def gather(george: User, *, password: str, at: datetime) -> SupportGroup:
    """Make the group as it stands before its meeting (``at``, aware), a week after the last one.

    Raises:
        IntegrityError: one of its accounts exists.
    """
    lea = _account("Lea Brandt", LEADER, password, at=at)
    group = services.make_group(
        by=lea,
        at=at - 4 * A_WEEK,
        name="Tuesday group",
        meets="Tuesdays 19:30, the library basement",
        covenant=AGREEMENT,
    )
    joined = {"George": _join(group, george, Grain.NAMES, at=at - 3 * A_WEEK)}
    for name, grain, known in MEMBERS:
        first = name.split()[0]
        user = _account(name, f"{first.lower()}@example.test", password, at=at)
        joined[first] = _join(group, user, grain, at=at - 3 * A_WEEK)
        for person, organization in known:
            met = people.add_person(
                by=user, at=at - 2 * A_WEEK, name=person, organization=organization
            )
            people.log_interaction(
                by=user,
                at=at - timedelta(days=9),
                people=[met],
                kind=Interaction.Kind.TALK,
                note="How they came to where they are",
            )
    services.pair(membership=joined["George"], buddy=joined["Ana"])
    _last_week(group, joined, lea, at=at - A_WEEK)
    for kind, title, text in (
        ("note", "After an introduction", "Dear …,\n… suggested that I write to you, because …"),
        ("give", "An article, with one line", "Say in one line why you thought of them."),
    ):
        services.save_playbook(group=group, kind=kind, title=title, text=text)
    services.save_playbook(
        group=group,
        kind="rhythm",
        title="People inside a target",
        text="They forget quickly; a short word keeps you in mind.",
        tag="Inside",
        every_days=14,
    )
    services.comment(
        membership=joined["George"],
        by=lea,
        text="You told Ann how it went with Marco. That is how doors stay open.",
    )
    services.send_report(
        membership=joined["Ana"],
        on=at.date(),
        at=at,
        values={"others": 2, "win": "A first call inside a target", "read_for_me": True},
    )
    _count(group, at=at)
    return group


def _count(group: SupportGroup, *, at: datetime) -> None:
    """Have the numbers ready when the leader looks for the first time."""
    members = list(group.memberships.present().filter(grain__gt=Grain.NOTHING).by_name())
    for member in members:
        on = member.user.day(at)
        found = sharing.figures(member.user, selectors.consent(member), today=on)
        services.keep_figures(membership=member, values=found.as_json(), on=on, at=at)


def _last_week(
    group: SupportGroup, joined: dict[str, Membership], lea: User, *, at: datetime
) -> None:
    george = joined["George"]
    services.send_report(
        membership=george,
        on=at.date(),
        at=at - timedelta(hours=2),
        values={
            "deciders": 1,
            "insiders": 1,
            "received": 1,
            "looped": 1,
            "gives": 1,
            "win": "Coffee with somebody who plans shifts",
            "ask": "Who knows somebody at Northbank Logistics?",
        },
    )
    services.send_report(
        membership=joined["Joy"],
        on=at.date(),
        at=at - timedelta(hours=3),
        values={"nothing_to_report": True},
    )
    meeting = services.start_meeting(
        group=group, at=at, agenda="Welcome\nThe round\nReading a job advertisement together"
    )
    turn = services.next_turn(meeting=meeting, at=at, turn=meeting.turns.get(membership=george))
    if turn:
        services.capture(
            turn=turn,
            win="Coffee with somebody who plans shifts",
            ask="Who knows somebody at Northbank Logistics?",
            commitment="Tell Bill how the survey went",
            due_on=(at + timedelta(days=9)).date(),
        )
    services.end_meeting(meeting=meeting, at=at + timedelta(hours=1))


def _account(name: str, email: str, password: str, *, at: datetime) -> User:
    user = User.objects.create_user(email, password, name=name, first_steps_done_at=at)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _join(group: SupportGroup, user: User, grain: Grain, *, at: datetime) -> Membership:
    membership = Membership.objects.create(group=group, user=user, joined_at=at, agreed_at=at)
    services.change_sharing(membership=membership, grain=grain, in_the_room=True)
    return membership


def disband() -> None:
    """Take the practice group away, with the accounts made for it."""
    SupportGroup.objects.filter(memberships__user__email=LEADER).delete()
    names = [name.split()[0].lower() for name, _grain, _known in MEMBERS]
    User.objects.filter(email__in=[LEADER, *(f"{name}@example.test" for name in names)]).delete()
