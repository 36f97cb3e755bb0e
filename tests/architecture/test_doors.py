"""Every address is closed to strangers unless it stands here, and to everybody else's owner."""

from __future__ import annotations

from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from contacts.models import (
    BulkEdit,
    ContactPoint,
    DuplicatePair,
    ImportBatch,
    Merge,
    Position,
    Promise,
    SavedView,
    Tag,
    TheirDate,
)
from followups.models import CalendarFeed, Rhythm, Spread, WroteAnyway
from introductions.models import (
    Ask,
    Give,
    Landing,
    Opportunity,
    Referral,
    ThankYou,
    TrustOverride,
)
from netcrm.groups.models import (
    Comment,
    Commitment,
    Invitation,
    LeaderNote,
    Meeting,
    News,
    NoteShare,
    PersonShare,
    Playbook,
    PlaybookCopy,
    Question,
    RoomMatch,
    Turn,
    WeeklyReport,
)
from tests import make
from tests.architecture.routes import Route, every_route

# Open to everybody, each for its reason.
OPEN = {
    "account_login": "signing in",
    "account_signup": "making an account",
    "account_confirm_email": "the link in the mail that proves an address",
    "account_email_verification_sent": "says that a mail is under way",
    "account_reset_password": "asking for a new password",
    "account_reset_password_done": "says that a mail may be under way",
    "account_reset_password_from_key": "the link in that mail",
    "account_reset_password_from_key_done": "says that it worked",
    "account_inactive": "says that an account is closed",
    "account_logout": "signing out twice is no fault",
    "mfa_authenticate": "the second step of signing in",
    "mfa_login_webauthn": "signing in with a passkey",
    "help": "says how the product decides",
    "manifest": "tells a phone how to install the app",
    "service_worker": "keeps static files and an offline page",
    "offline": "is shown when the network is away",
    "mail_events": "a mail provider's reports, believed by their signature alone",
}

# Addresses with a signed token instead of a session; each has tests of its own.
BY_TOKEN: dict[str, str] = {
    "groups:join": "an invitation; it signs nobody in; tests/netcrm/groups/test_invitations.py",
    "followups:act": "a mail's Done, Later, Stop, Pause; tests/followups/test_action_views.py",
    "followups:act_undo": "takes one of them back; the same tests",
    "followups:calendar_feed": "a calendar's secret address; tests/followups/test_calendar.py",
    "introductions:answer": "yes, later or no to a question; tests/introductions/test_opt_in.py",
    "introductions:report": "no more of such mail; the same tests",
    "unsubscribe": "ends one kind of mail (RFC 8058); tests/netcrm/delivery/test_views.py",
}

ROUTES = [route for route in every_route() if route.name not in OPEN | BY_TOKEN]


def url_of(route: Route, *, pk: UUID | None = None) -> str:
    """An address of ``route`` with every argument filled in, ``pk`` for each UUID."""
    values: dict[str, Any] = {
        "UUIDConverter": pk or uuid4(),
        "SlugConverter": "any",
        "StringConverter": "any",
        "IntConverter": 1,
        "PathConverter": "any",
    }
    return reverse(route.name, kwargs={name: values[kind] for name, kind in route.converters})


def addressable(route: Route) -> bool:
    try:
        url_of(route)
    except NoReverseMatch:
        return False
    return True


def test_every_exception_is_a_route_there_is():
    names = {route.name for route in every_route()}
    assert {name for name in OPEN | BY_TOKEN if name not in names} == set()


def test_every_route_can_be_tried():
    assert [route.name for route in ROUTES if not addressable(route)] == []


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_stranger_is_sent_to_sign_in(client, db, route, method):
    answer = getattr(client, method)(url_of(route))
    assert answer.status_code == 302
    assert answer.url.startswith(resolve_url(settings.LOGIN_URL))


@pytest.fixture
def everything_of_ana(ana) -> dict[str, UUID]:
    """The key of at least one row of Ana's in every model she can own."""
    now = timezone.now()
    ann, bill = make.contact(ana, "Ann Lee"), make.contact(ana, "Bill Moss")
    today = ana.day(now)
    acme = make.organization(ana)
    role = Opportunity.objects.create(owner=ana, organization=acme, role="Lead", stage_on=today)
    landing = Landing.objects.create(owner=ana, opportunity=role, landed_on=today)
    rows = [
        ann,
        acme,
        role,
        landing,
        ThankYou.objects.create(landing=landing, contact=ann, draft="Dear Ann"),
        make.interaction(ann),
        make.introduction(ann, bill),
        make.follow_up(ann, opens_on=today),
        Tag.objects.create(owner=ana, name="Work"),
        ContactPoint.objects.create(contact=ann, kind="email", value="a@b.test", key="a@b.test"),
        Position.objects.create(contact=ann, organization=acme),
        Promise.objects.create(contact=ann, text="Send it"),
        TheirDate.objects.create(contact=ann, on=today, said_at=now),
        ImportBatch.objects.create(owner=ana, file_name="Connections.csv"),
        DuplicatePair.objects.create(owner=ana, first=ann, second=bill),
        BulkEdit.objects.create(owner=ana, act="archive", at=now),
        SavedView.objects.create(owner=ana, name="Quiet", query="last=180"),
        Merge.objects.create(owner=ana, kept=ann, kept_key=ann.pk, at=now),
        Referral.objects.create(giver=ann, giver_step=1, given_on=today, to_name="Bob"),
        Ask.objects.create(contact=ann, rung=1, asked_on=today),
        Give.objects.create(contact=ann, given_on=today),
        TrustOverride.objects.create(contact=ann, step=4, reason="So I say", at=now),
        Spread.objects.create(owner=ana, kind="pause", at=now, until_on=today),
        WroteAnyway.objects.create(contact=ann, at=now, opens_on=today),
        CalendarFeed.objects.create(owner=ana),
        *groups_of(ana, ann, at=now),
        Rhythm.objects.create(
            owner=ana, contact=ann, opens_days=1, best_days=2, fades_days=3, quiet_days=4
        ),
    ]
    return {row._meta.label: row.pk for row in rows}


def groups_of(ana, ann, *, at) -> list[Any]:
    """Rows of every kind of a group that Ana leads and Cy belongs to."""
    group = make.group(ana, at=at)
    mine = group.memberships.get(user=ana)
    hers = make.member(group, make.user("cy@example.test", name="Cy Dale"), at=at)
    meeting = Meeting.objects.create(group=group, started_at=at)
    question = Question.objects.create(asked_by=hers, company="Acme", asked_at=at)
    playbook = Playbook.objects.create(group=group, kind="note", title="A note", text="Dear")
    return [
        group,
        mine,
        meeting,
        question,
        playbook,
        PersonShare.objects.create(membership=mine, contact=ann, grain=1),
        NoteShare.objects.create(membership=mine, contact=ann, text="Kind"),
        Invitation.objects.create(
            group=group, email="d@example.test", invited_by=ana, nonce=uuid4(), expires_at=at
        ),
        Turn.objects.create(meeting=meeting, membership=hers, place=1),
        Commitment.objects.create(membership=mine, text="Write to Ann"),
        RoomMatch.objects.create(question=question, membership=mine, contact=ann),
        PlaybookCopy.objects.create(owner=ana, kind="note", title="A note", text="Dear"),
        Comment.objects.create(membership=mine, author=hers.user, text="Well done"),
        LeaderNote.objects.create(membership=hers, author=ana, text="Call"),
        WeeklyReport.objects.create(membership=mine, week_on=at.date(), sent_at=at),
        News.objects.create(group=group, author=ana, kind="goodbye", text="Bye", at=at),
    ]


def test_the_models_tried_are_the_models_there_are(everything_of_ana):
    """A new model with a key in an address belongs into ``everything_of_ana``."""
    untried = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in {"contacts", "introductions", "followups", "groups"}
    } - everything_of_ana.keys()
    assert untried == NEVER_ADDRESSED


# Rows that no address names: they are reached through their parents.
NEVER_ADDRESSED = {
    "contacts.BulkEditRow",
    "contacts.ColumnMapping",
    "contacts.DuplicateSearch",
    "contacts.Erased",
    "contacts.ImportFile",
    "contacts.ImportRow",
    "contacts.MergedPerson",
    "contacts.Participation",
    "contacts.Pick",
    "contacts.SearchText",
    "followups.Pace",
    "introductions.ForwardNote",
    "introductions.IntroductionEvent",
    "introductions.OptIn",
    "introductions.Reach",
    "introductions.TrustState",
    "groups.Figures",
    "groups.ViewLog",
}


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if any(k == "UUIDConverter" for _, k in r.converters)], ids=str
)
def test_another_owners_rows_are_404(client, ben, everything_of_ana, route):
    client.force_login(ben)
    for (label, pk), method in product(everything_of_ana.items(), ("get", "post")):
        answer = getattr(client, method)(url_of(route, pk=pk))
        assert answer.status_code in {404, 405}, f"{method} {label}"
