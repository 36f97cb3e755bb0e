"""What the leader's pages show, made of what each member's grain allows.

The member's preview is made by the same functions and the same templates, so it cannot differ.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.utils.formats import date_format

from followups import sharing as followups
from followups.sharing import Figures, SharedPeople
from introductions import sharing as introductions
from introductions.sharing import SharedIntroduction
from introductions.words import READINESS, STEP_WORDS
from netcrm.accounts.models import User
from netcrm.groups import selectors
from netcrm.groups.models import Grain, Membership, NoteShare, SupportGroup, WeeklyReport
from netcrm.groups.selectors import Consent, Milestone
from netcrm.kit.charts import heat
from netcrm.leader import briefs, counting

WEEKS_OF_REPORTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One member on the overview."""

    membership: Membership
    name: str
    shares: bool
    grain: str
    counted: bool
    praise: str = ""
    remarks: tuple[briefs.Remark, ...] = ()
    figures: Figures | None = None
    ready: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The group before its meeting: members A–Z, nobody compared with anybody."""

    briefs: tuple[Brief, ...]
    heat: tuple[heat.Row, ...]
    weeks: tuple[str, ...]
    asks: tuple[tuple[str, str], ...]  # name, what they ask of the room
    matches: int  # how often somebody here may know somebody another looks for
    mark: str  # an open page asks whether it still holds

    @property
    def say_first(self) -> list[str]:
        """What somebody did lately, to be said aloud before anything else."""
        found = (briefs.specific(b.name, b.figures) for b in self.briefs if b.figures)
        return [line for line in found if line]

    @property
    def loops_open(self) -> int:
        return sum(brief.figures.loops_open for brief in self.briefs if brief.figures)

    @property
    def shown(self) -> dict[Membership, int]:
        """Whose numbers stand here; the overview shows nobody's people."""
        return {brief.membership: 0 for brief in self.briefs if brief.figures}


def overview(group: SupportGroup, *, viewer: User, at: dt.datetime) -> Overview:
    """Everybody the group has but the one who looks, with what they share in numbers."""
    members = list(group.memberships.present().exclude(user=viewer).by_name())
    return _overview(group, members, at=at)


def as_on_the_overview(membership: Membership, *, at: dt.datetime) -> Overview:
    """A member's own line and card of the overview, made as the leaders' is."""
    return _overview(membership.group, [membership], at=at)


def _overview(group: SupportGroup, members: list[Membership], *, at: dt.datetime) -> Overview:
    consents = selectors.consents(members)
    counted = counting.figures_of(members, consents, at=at)
    names = _told_apart(members)
    shown = tuple(
        _brief(member, consents[member.pk], counted.get(member.pk), names[member])
        for member in members
        if consents[member.pk].shares or not member.leads
    )
    rows = {b.name: b.figures.kept for b in shown if b.figures}
    return Overview(
        briefs=shown,
        heat=heat.heat(rows, notes={b.name: b.grain for b in shown}),
        weeks=_weeks(at.date()),
        asks=tuple(
            (names[row.membership], row.ask)
            for row in selectors.asks_of([m for m in members if consents[m.pk].shares], at=at)
        ),
        matches=selectors.matches_in_the_room(group, at=at),
        mark=selectors.mark(consents.values()),
    )


def _brief(member: Membership, consent: Consent, f: Figures | None, name: str) -> Brief:
    return Brief(
        membership=member,
        name=name,
        shares=consent.shares,
        grain=str(consent.grain.label),
        counted=f is not None,
        praise=briefs.praise(name, f) if f else "",
        remarks=tuple(briefs.remarks(f)) if f else (),
        figures=f,
        ready=_ready(f) if f else (),
    )


def _ready(f: Figures) -> tuple[tuple[str, int], ...]:
    """How many could be asked for an introduction: ready, nearly, not yet."""
    return tuple((str(word), n) for word, n in zip(READINESS.values(), f.ready, strict=True))


def _told_apart(members: list[Membership]) -> dict[Membership, str]:
    """Names, with a number where two members have the same."""
    times = Counter(member.called for member in members)
    seen: Counter[str] = Counter()
    names = {}
    for member in members:
        seen[member.called] += 1
        twice = times[member.called] > 1
        names[member] = f"{member.called} ({seen[member.called]})" if twice else member.called
    return names


def _weeks(today: dt.date) -> tuple[str, ...]:
    monday = today - dt.timedelta(days=today.weekday())
    first = monday - dt.timedelta(weeks=followups.WEEKS - 1)
    return tuple(date_format(first + dt.timedelta(weeks=n), "j M") for n in range(followups.WEEKS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One member at the shared grain."""

    membership: Membership
    name: str
    grain: Grain
    version: int
    figures: Figures
    praise: str
    remarks: tuple[briefs.Remark, ...]
    steps: tuple[tuple[str, int], ...]
    ready: tuple[tuple[str, int], ...]
    people: SharedPeople
    introductions: tuple[SharedIntroduction, ...]
    notes: tuple[tuple[str, str], ...]  # label, text
    reports: tuple[WeeklyReport, ...]
    milestones: tuple[Milestone, ...]

    @property
    def people_shown(self) -> int:
        return len(self.people.people)


def review(membership: Membership, *, at: dt.datetime) -> Review | None:
    """Everything a leader sees of one member, or None where nothing is shared."""
    consent = selectors.consent(membership)
    if not consent.shares:
        return None
    owner = membership.user
    today = owner.day(at)
    f = counting.figures_of([membership], {membership.pk: consent}, at=at)[membership.pk]
    return Review(
        membership=membership,
        name=membership.called,
        grain=consent.grain,
        version=consent.version,
        figures=f,
        praise=briefs.praise(membership.called, f),
        remarks=tuple(briefs.remarks(f)),
        steps=tuple((str(word), n) for word, n in zip(STEP_WORDS, f.steps, strict=True)),
        ready=_ready(f),
        people=followups.people(owner, consent, today=today),
        introductions=tuple(introductions.introductions(owner, consent, today=today)),
        notes=_notes(membership, consent),
        reports=tuple(membership.reports.all()[:WEEKS_OF_REPORTS]),
        milestones=tuple(selectors.milestones(membership)),
    )


def _notes(membership: Membership, consent: Consent) -> tuple[tuple[str, str], ...]:
    """Notes shown on purpose; whose they are is named as far as that person may be."""
    rows = NoteShare.objects.filter(membership=membership)
    labels = introductions.labels(membership.user, consent, [row.contact_id for row in rows])
    return tuple((labels[row.contact_id], row.text) for row in rows if row.contact_id in labels)
