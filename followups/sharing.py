"""What the leaders of a group may know of a member's list: what the grain allows, and no more.

Every function takes the member's ``Consent`` as it stands in this request, refuses where nothing is
shared, and returns words and numbers, never rows.  ``figures`` holds no names at all, so it may be
kept (netcrm.groups.models.Figures); people and introductions are read anew for each page.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from contacts.engine.names import fold
from contacts.models import Contact, Interaction, Organization, Participation, Position
from followups import why
from followups.engine.cadence import Purpose, Window
from followups.models import FollowUp, Spread, WroteAnyway
from followups.selectors.asking import ask_windows
from followups.selectors.steps import STATE_LOOKS, STATE_WORDS, engine_window
from introductions import asks
from introductions import sharing as introductions
from introductions.models import Introduction
from introductions.words import READINESS, STEP_WORDS
from netcrm.groups.models import Grain
from netcrm.groups.selectors import Consent

if TYPE_CHECKING:
    from netcrm.accounts.models import User

WEEKS = 8
CLOSING_DAYS = 7  # a leader prepares for the week
PEOPLE_AT_MOST = 200  # of one member on one page
OFTEN_DAYS = 28
TALKS = (Interaction.Kind.TALK, Interaction.Kind.MEETING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One member in numbers, as of a day.

    ``kept`` are follow-ups done, week by week, oldest first, None for a week away; ``steps`` how
    many active people stand on each step of trust, ``ready`` how many of the closest could be asked
    for an introduction today, nearly, and not yet; ``quiet_days`` since the last exchange, None
    before the first.
    """

    kept: list[int | None]
    steps: list[int]
    ready: list[int]
    closing: int
    loops_open: int
    stalls: int
    loops_closed: int
    introductions: int
    warm_introductions: int
    busiest_introducer: int
    introductions_by_anybody: int
    asks_without_gives: int
    too_often: int
    gives: int
    quiet_days: int | None
    deciders: int
    insiders: int
    others: int
    targets: int
    targets_with_somebody: int
    has_target_line: bool
    substances: list[int]
    landed: bool

    @property
    def people(self) -> int:
        return sum(self.steps)

    @property
    def kept_this_week(self) -> int:
        return self.kept[-1] or 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Figures | None:
        """Read what was kept; None when it was written by another version of the product."""
        names = {field.name for field in fields(cls)}
        return cls(**values) if values.keys() == names else None


def figures(owner: User, consent: Consent, *, today: date) -> Figures:
    """Count one member's list, without anybody they hide; a fixed number of queries.

    Raises:
        PermissionError: the member shares nothing.
    """
    if not consent.shares:
        raise PermissionError("nothing is shared")
    loops = introductions.loops(owner, consent, today=today)
    talks = _conversations(owner, consent, since=None, until=today)
    targets = Organization.objects.visible_to(owner).targets()
    inside = Q(
        positions__is_current=True,
        positions__contact__in=_shown(owner, consent),
    )
    last_at = (
        Interaction.objects.visible_to(owner)
        .filter(_not_hidden(consent, "people"))
        .counting()
        .aggregate(last=Max("at"))["last"]
    )
    return Figures(
        kept=_kept(owner, consent, today),
        steps=_steps(owner, consent),
        ready=_ready(owner, consent, today),
        closing=_open(owner, consent)
        .filter(opens_on__lte=today, fades_on__gte=today)
        .filter(fades_on__lt=today + timedelta(days=CLOSING_DAYS))
        .aggregate(n=Count("contact", distinct=True))["n"],
        loops_open=loops.open,
        stalls=loops.stalls,
        loops_closed=loops.closed_lately,
        introductions=loops.made_lately,
        warm_introductions=loops.warm_lately,
        busiest_introducer=loops.busiest,
        introductions_by_anybody=loops.made,
        asks_without_gives=introductions.asks_without_gives(owner, consent, today=today),
        too_often=WroteAnyway.objects.filter(
            contact__in=_shown(owner, consent),
            at__gt=owner.begin_of(today - timedelta(days=OFTEN_DAYS)),
        ).aggregate(n=Count("contact", distinct=True))["n"],
        gives=introductions.gives_since(owner, consent, since=today - timedelta(days=7)),
        quiet_days=(today - owner.day(last_at)).days if last_at else None,
        deciders=talks[Contact.RoleKind.HIRES],
        insiders=talks[Contact.RoleKind.INSIDE],
        others=talks[Contact.RoleKind.OTHER],
        targets=targets.count(),
        targets_with_somebody=targets.filter(inside).distinct().count(),
        has_target_line=bool(owner.target_line),
        substances=introductions.substances(owner, consent),
        landed=owner.landed_at is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPerson:
    """One of a member's people as a leader may see them: a name or initials, never a note."""

    id: UUID
    key: str  # names the person in a form, under this consent and no other
    label: str
    role: str
    organization: str
    step: int
    step_word: str
    stage: str
    window: str
    look: str
    fades_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPeople:
    """Those shown, soonest to fade first, and how many more there are."""

    people: tuple[SharedPerson, ...]
    more: int


def people(owner: User, consent: Consent, *, today: date) -> SharedPeople:
    """The member's active people whom leaders may see in shape or by name.

    Raises:
        PermissionError: the member shares nothing.
    """
    if not consent.shares:
        raise PermissionError("nothing is shared")
    rows = Contact.objects.visible_to(owner).active()
    only = consent.people_at(Grain.SHAPE)
    if only is not None:
        rows = rows.filter(pk__in=only)
    else:
        rows = rows.exclude(
            pk__in=[key for key, grain in consent.exceptions.items() if grain < Grain.SHAPE]
        )
    soonest = _soonest_steps(owner, consent)
    total = rows.count()
    current = Prefetch(
        "positions",
        Position.objects.filter(is_current=True).select_related("organization"),
        to_attr="current_positions",
    )
    wanted = sorted(
        rows.values_list("pk", "name"),
        # By what is shown and nothing else: neither a name nor a key's day of making may show
        # through the order.
        key=lambda row: (
            soonest[row[0]].window.fades_on if row[0] in soonest else date.max,
            fold(introductions.label_of(row[1], consent.of(row[0]))),
            _key(consent, row[0]),
        ),
    )[:PEOPLE_AT_MOST]
    keys = [key for key, _name in wanted]
    loaded = {
        row.pk: row
        for row in rows.filter(pk__in=keys)
        .select_related("trust_state")
        .prefetch_related(current)
        .only("name", "nickname", "ring", "trust_state__level")
    }
    return SharedPeople(
        people=tuple(
            _person(loaded[key], consent, soonest.get(key), today) for key in keys if key in loaded
        ),
        more=total - len(keys),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekNumbers:
    """The member's own week from their own log, to fill in a report with."""

    deciders: int
    insiders: int
    others: int
    new_targets: int
    asked: int
    received: int
    looped: int
    gives: int

    def as_initial(self) -> dict[str, int]:
        return asdict(self)


def week_numbers(owner: User, consent: Consent, *, monday: date) -> WeekNumbers:
    """Count the week that begins on ``monday``, to be sent to the group of ``consent``.

    Whoever is in nothing the group sees is in none of these numbers either; the grain does not
    matter, for the owner sends them.
    """
    hidden = consent.hidden
    sunday = monday + timedelta(days=6)
    begins_at, ends_at = owner.begin_of(monday), owner.begin_of(sunday + timedelta(days=1))
    talks = _conversations(owner, consent, since=monday, until=sunday)
    rows = Introduction.objects.visible_to(owner)
    for side in ("introducer", "introducee", "introduced"):
        rows = rows.exclude(**{f"{side}__in": hidden})
    told = (
        Interaction.objects.visible_to(owner)
        .filter(
            at__gte=begins_at,
            at__lt=ends_at,
            reported=True,
            people__introductions_made__made_at__isnull=False,
        )
        .filter(_not_hidden(consent, "people"))
    )
    return WeekNumbers(
        deciders=talks[Contact.RoleKind.HIRES],
        insiders=talks[Contact.RoleKind.INSIDE],
        others=talks[Contact.RoleKind.OTHER],
        new_targets=Organization.objects.visible_to(owner)
        .targets()
        .filter(created_at__gte=begins_at, created_at__lt=ends_at)
        .count(),
        asked=rows.filter(
            events__state=Introduction.State.ASKED,
            events__at__gte=begins_at,
            events__at__lt=ends_at,
        )
        .distinct()
        .count(),
        received=rows.filter(made_at__gte=begins_at, made_at__lt=ends_at).count(),
        looped=told.distinct().count(),
        gives=introductions.gives_since(owner, consent, since=monday - timedelta(days=1)),
    )


def _not_hidden(consent: Consent, lookup: str) -> Q:
    return ~Q(**{f"{lookup}__in": consent.hidden}) if consent.hidden else Q()


def _shown(owner: User, consent: Consent):  # type: ignore[no-untyped-def]
    """Active people who count, as a query."""
    rows = Contact.objects.visible_to(owner).active()
    return (rows.exclude(pk__in=consent.hidden) if consent.hidden else rows).values("pk")


def _open(owner: User, consent: Consent):  # type: ignore[no-untyped-def]
    rows = FollowUp.objects.visible_to(owner).open().of_active_people()
    # The turn of somebody gone quiet is no window that could close.
    return rows.filter(_not_hidden(consent, "contact")).exclude(purpose=Purpose.RECONNECT)


def _kept(owner: User, consent: Consent, today: date) -> list[int | None]:
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    done = FollowUp.objects.visible_to(owner).filter(
        _not_hidden(consent, "contact"),
        outcome=FollowUp.Outcome.DONE,
        closed_at__gte=owner.begin_of(first),
    )
    closed = done.values_list("closed_at", flat=True)
    weeks = Counter((owner.day(at) - first).days // 7 for at in closed if at)
    away = _away(owner, first, today)
    return [weeks[n] or (None if n in away else 0) for n in range(WEEKS)]


def _away(owner: User, first: date, today: date) -> set[int]:
    """The weeks, counted from ``first``, in most of which the owner had paused."""
    days: Counter[int] = Counter()
    pauses = Spread.objects.filter(owner=owner, kind=Spread.Kind.PAUSE)
    for began_at, ended_at in pauses.values_list("at", "undone_at"):
        ended_on = owner.day(ended_at) if ended_at else owner.paused_until or owner.day(began_at)
        day = max(owner.day(began_at), first)
        while day < ended_on and day <= today:
            days[(day - first).days // 7] += 1
            day += timedelta(days=1)
    this_week = (today - first).days // 7
    return {week for week, n in days.items() if n >= 4 or week == this_week}


def _steps(owner: User, consent: Consent) -> list[int]:
    rows = Contact.objects.visible_to(owner).active().filter(_not_hidden(consent, "pk"))
    levels = rows.values_list("trust_state__level").annotate(n=Count("pk"))
    found: Counter[int] = Counter()
    for level, n in levels:
        found[level or 0] += n
    return [found[level] for level in range(len(STEP_WORDS))]


def _ready(owner: User, consent: Consent, today: date) -> list[int]:
    """Count the people whom “Give & ask” lists, as it does."""
    rows = Contact.objects.visible_to(owner).active().filter(_not_hidden(consent, "pk"))
    people = list(asks.closest_first(rows)[: asks.LISTED_AT_MOST])
    windows = ask_windows(owner, [person.pk for person in people])
    found = asks.readiness_of(owner, people, windows, on=today)
    states = Counter(one.state.value for one in found.values())
    return [states[state] for state in READINESS]


def _conversations(
    owner: User, consent: Consent, *, since: date | None, until: date
) -> Counter[str]:
    """Talks and meetings both ways, by what the other person could do."""
    rows = Participation.objects.filter(
        interaction__owner=owner,
        interaction__kind__in=TALKS,
        interaction__direction=Interaction.Direction.BOTH,
        interaction__at__lt=owner.begin_of(until + timedelta(days=1)),
        contact__is_self=False,
    ).filter(_not_hidden(consent, "contact"))
    if since is not None:
        rows = rows.filter(interaction__at__gte=owner.begin_of(since))
    kinds = rows.values_list("contact__role_kind").annotate(n=Count("interaction", distinct=True))
    return Counter(dict(kinds.order_by()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    purpose: str
    window: Window


def _soonest_steps(owner: User, consent: Consent) -> dict[UUID, _Next]:
    """Each person's open follow-up that fades first; dates and purpose only."""
    found: dict[UUID, _Next] = {}
    rows = _open(owner, consent).order_by("fades_on", "id")
    dates = ("opens_on", "best_on", "fades_on", "quiet_on", "rule", "deferred_until")
    for contact, purpose, *days in rows.values_list("contact_id", "purpose", *dates):
        found.setdefault(contact, _Next(purpose=purpose, window=engine_window(*days)))
    return found


def _key(consent: Consent, contact_id: UUID) -> str:
    """A name for one person on one page: a key of ours would be the same at every grain."""
    said = f"{consent.membership_id}:{consent.version}:{contact_id}"
    return salted_hmac("netcrm.shared-person", said, algorithm="sha256").hexdigest()[:20]


def _person(contact: Contact, consent: Consent, step: _Next | None, today: date) -> SharedPerson:
    grain = consent.of(contact.pk)
    name = introductions.label(contact, grain)
    position: Position | None = next(iter(getattr(contact, "current_positions", ())), None)
    state = getattr(contact, "trust_state", None)
    level = state.level if state else 0
    stage, window, look = "", "", ""
    if step:
        # Whoever else the line would name is not named to a leader.
        people = why.People(name=name, introducer=_("somebody"), other=_("somebody"))
        stage = why.do_line(step.purpose, {}, people=people, today=today)
        at = step.window.state_on(today)
        window, look = str(STATE_WORDS[at]), STATE_LOOKS[at]
    role = position.title if position else ""
    organization = str(position.organization or "") if position else ""
    return SharedPerson(
        id=contact.pk,
        key=_key(consent, contact.pk),
        label=name,
        role=introductions.without_name(role, contact, grain),
        organization=introductions.without_name(organization, contact, grain),
        step=level,
        step_word=str(STEP_WORDS[level]),
        stage=stage,
        window=window,
        look=look,
        fades_on=step.window.fades_on if step else None,
    )
