"""What pages show of groups, and the gate every look at a member's list goes through."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Sum
from django.utils.translation import gettext as _

from netcrm.accounts.models import User
from netcrm.groups.models import (
    Comment,
    Commitment,
    Grain,
    Meeting,
    Membership,
    News,
    PersonShare,
    Playbook,
    PlaybookCopy,
    Question,
    RoomMatch,
    SupportGroup,
    Turn,
    WeeklyReport,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What one member lets the leaders of one group see, as it stood when asked.

    Made anew in each request.  ``grain`` 0 means that nothing may be read, not even counts.
    """

    membership_id: UUID
    owner_id: UUID
    version: int
    grain: Grain
    exceptions: Mapping[UUID, Grain] = field(default_factory=dict)

    @property
    def shares(self) -> bool:
        return self.grain > Grain.NOTHING

    @property
    def hidden(self) -> frozenset[UUID]:
        """People who are in nothing, counts included."""
        return frozenset(key for key, grain in self.exceptions.items() if grain == Grain.NOTHING)

    def of(self, contact_id: UUID) -> Grain:
        """The grain one person may be shown at; with nothing shared, exceptions show nothing."""
        return self.exceptions.get(contact_id, self.grain) if self.shares else Grain.NOTHING

    def people_at(self, least: Grain) -> frozenset[UUID] | None:
        """The exceptions that reach ``least``; None when everybody not excepted does."""
        if self.shares and self.grain >= least:
            return None
        return frozenset(
            key for key, grain in self.exceptions.items() if self.shares and grain >= least
        )


def consents(memberships: list[Membership]) -> dict[UUID, Consent]:
    """The consent of each of these members, by membership; one query."""
    sharing = [m for m in memberships if m.left_at is None]
    found: dict[UUID, dict[UUID, Grain]] = {m.pk: {} for m in sharing}
    for key, contact, grain in PersonShare.objects.filter(membership__in=sharing).values_list(
        "membership_id", "contact_id", "grain"
    ):
        found[key][contact] = Grain(grain)
    return {
        m.pk: Consent(
            membership_id=m.pk,
            owner_id=m.user_id,
            version=m.consent_version,
            grain=Grain(m.grain),
            exceptions=found[m.pk],
        )
        for m in sharing
    }


def mark(found: Iterable[Consent]) -> str:
    """What an open page compares: it changes when one of these comes, goes or changes."""
    said = sorted(f"{one.membership_id}:{one.version}" for one in found if one.shares)
    return hashlib.sha256(";".join(said).encode()).hexdigest()[:16]


def consent(membership: Membership) -> Consent:
    return consents([membership])[membership.pk]


def own_memberships(user: User) -> list[Membership]:
    """The groups the user belongs to now, with the user's part in each."""
    rows = Membership.objects.present().filter(user=user)
    return list(rows.select_related("group", "user", "buddy__user").order_by("group__name"))


def open_commitments(user: User) -> list[Commitment]:
    """What the user said in a group of theirs, soonest first, what is put off included."""
    rows = Commitment.objects.visible_to(user).open().filter(membership__left_at=None)
    return list(rows.select_related("membership__group"))


def commitments_on(user: User, day: date) -> list[Commitment]:
    """What the user said in a group of theirs and has not put off past ``day``; for Today."""
    rows = Commitment.objects.visible_to(user).showing_by(day).filter(membership__left_at=None)
    return list(rows.select_related("membership__group"))


def unread_comments(user: User) -> list[Comment]:
    """What leaders said that the user has not seen yet; for Today and the mail."""
    rows = Comment.objects.visible_to(user).unread()
    return list(rows.select_related("author", "membership__group", "about"))


DUE_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForMail:
    """What a group adds to a reminder."""

    comments: tuple[Comment, ...] = ()
    commitments: tuple[Commitment, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.comments or self.commitments)


def for_mail(user: User, *, since: datetime | None, day: date) -> ForMail:
    """Comments made after ``since`` and not read yet, and commitments due by tomorrow."""
    if not user.in_a_group:
        return ForMail()
    said = [row for row in unread_comments(user) if since is None or row.created_at > since]
    due = [
        row
        for row in commitments_on(user, day)
        if row.due_on and day <= row.due_on <= day + DUE_WITHIN
    ]
    return ForMail(comments=tuple(said), commitments=tuple(due))


def own_copies(user: User, kind: str) -> list[PlaybookCopy]:
    """The user's own notes or ideas, newest first."""
    return list(PlaybookCopy.objects.visible_to(user).filter(kind=kind).order_by("-id"))


def note_to_start_from(user: User, key: str) -> str:
    """The words of the user's own note that an address names; "" for anything else."""
    try:
        named = UUID(key)
    except ValueError:
        return ""
    rows = PlaybookCopy.objects.visible_to(user).filter(kind=Playbook.Kind.NOTE, pk=named)
    return rows.values_list("text", flat=True).first() or ""


QUESTIONS_SHOWN = 20


def waiting_matches(membership: Membership) -> list[RoomMatch]:
    """Questions of the room put to this member and not answered yet, newest first."""
    rows = RoomMatch.objects.filter(
        membership=membership, answer="", question__asked_by__left_at=None
    )
    return list(rows.select_related("question__asked_by__user", "contact"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOut:
    """A week one reads out for somebody who cannot come and asked for it."""

    turn: Turn
    report: WeeklyReport


def to_read_out(membership: Membership, *, at: datetime) -> list[ReadOut]:
    """The weeks this member reads out in the meeting that is on.

    Only where the absent member shares numbers and said that their week be read.
    """
    turns = Turn.objects.filter(
        read_by=membership,
        ended_at=None,
        meeting__ended_at=None,
        membership__left_at=None,
        membership__grain__gt=Grain.NOTHING,
    ).select_related("membership__user", "membership__group")
    found = []
    for turn in turns:
        report = _last_report(turn.membership, since=at - timedelta(days=7))
        if report and report.read_for_me:
            found.append(ReadOut(turn=turn, report=report))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something reached, computed from what is recorded; nobody types it."""

    text: str


FEW, MANY = 25, 10


def milestones(membership: Membership) -> list[Milestone]:
    """What a member has reached in the group, from reports and commitments as they stand."""
    reports = WeeklyReport.objects.filter(membership=membership)
    sums = reports.aggregate(
        talks=Sum(F("deciders") + F("insiders") + F("others")),
        received=Sum("received"),
        weeks=Count("pk"),
    )
    kept = Commitment.objects.filter(membership=membership, kept=True).count()
    talks, received, weeks = (sums[name] or 0 for name in ("talks", "received", "weeks"))
    found = [
        (received, _("First introduction received")),
        (kept, _("First commitment kept")),
        (talks // FEW, _("Twenty-five conversations")),
        (kept // MANY, _("Ten commitments kept")),
        (weeks // MANY, _("Ten weeks reported")),
    ]
    return [Milestone(text=text) for reached, text in found if reached]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One's own question: how many may know somebody, and who of them said yes.

    Whoever has not answered and whoever said no look the same: they are not here.
    """

    company: str
    asked_on: date
    found: int
    told: bool
    willing: tuple[str, ...]


def questions_of(membership: Membership) -> list[Asked]:
    """What one asked the room, newest first; two queries."""
    rows = list(membership.questions.all()[:QUESTIONS_SHOWN])
    willing: dict[UUID, list[str]] = {row.pk: [] for row in rows}
    yeses = RoomMatch.objects.filter(
        question__in=rows, answer=RoomMatch.Answer.YES, membership__left_at=None
    )
    for match in yeses.select_related("membership__user"):
        willing[match.question_id].append(match.membership.called)
    return [
        Asked(
            company=row.company,
            asked_on=membership.user.day(row.asked_at),
            found=row.found,
            told=row.told,
            willing=tuple(sorted(willing[row.pk])),
        )
        for row in rows
    ]


def asks_of(members: list[Membership], *, at: datetime) -> list[WeeklyReport]:
    """What these members asked of the room in the reports of the last week, A to Z."""
    rows = WeeklyReport.objects.filter(
        membership__in=members, sent_at__gt=at - timedelta(days=7)
    ).exclude(ask="")
    newest = {row.membership_id: row for row in rows.order_by("week_on")}
    return [newest[member.pk] for member in members if member.pk in newest]


def matches_in_the_room(group: SupportGroup, *, at: datetime) -> int:
    """How many were asked in private in the last week whether they know somebody; no names."""
    asked = Question.objects.filter(
        asked_by__group=group, asked_by__left_at=None, asked_at__gt=at - timedelta(days=7)
    )
    return asked.aggregate(n=Sum("found"))["n"] or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """One evening: whose turn it is, who follows, what was said and promised, now and before."""

    agenda: tuple[str, ...]
    turns: tuple[Turn, ...]
    current: Turn | None
    report: WeeklyReport | None
    said: tuple[Commitment, ...]
    last_time: tuple[Commitment, ...]
    news: tuple[News, ...]


def meeting_page(meeting: Meeting) -> MeetingPage:
    """Everything one evening shows; a fixed number of queries.

    A report is there only while its member shares anything; who has left is not there at all.
    """
    turns = tuple(
        Turn.objects.filter(meeting=meeting, membership__left_at=None).select_related(
            "membership__user", "membership__group", "membership__buddy__user", "read_by__user"
        )
    )
    current = next((t for t in turns if t.started_at and not t.ended_at), None)
    week_ago = meeting.started_at - timedelta(days=7)
    last = Meeting.objects.filter(group=meeting.group_id, started_at__lt=meeting.started_at).first()
    here = Commitment.objects.filter(membership__left_at=None).select_related("membership__user")
    news = News.objects.filter(group=meeting.group_id).select_related("author")
    if meeting.ended_at:
        news = news.filter(at__lte=meeting.ended_at)
    return MeetingPage(
        agenda=tuple(line for line in meeting.agenda.splitlines() if line.strip()),
        turns=turns,
        current=current,
        report=_last_report(current.membership, since=week_ago) if current else None,
        said=tuple(here.filter(meeting=meeting)),
        last_time=tuple(here.filter(meeting=last)) if last else (),
        news=tuple(news.filter(at__gt=last.started_at if last else week_ago)),
    )


def _last_report(membership: Membership, *, since: datetime) -> WeeklyReport | None:
    if membership.grain == Grain.NOTHING:
        return None
    return WeeklyReport.objects.filter(membership=membership, sent_at__gt=since).first()
