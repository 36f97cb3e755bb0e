"""What a link in a mail opens: a page that asks once more, signed in or not.

Mail programs and scanners open every link, so a GET only shows; the one button acts.  The
page names nobody in full, since whoever the mail was forwarded to can open it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contacts.models import Interaction, Ring
from followups import services
from followups.action_links import UNDO_HOURS, VALID_DAYS, Act
from followups.models import FollowUp
from followups.services import AlreadyClosed, Undo
from netcrm.accounts.models import User
from netcrm.delivery.links import Bad, Stale, seal, unseal
from netcrm.delivery.views import sealed
from netcrm.kit.days import day_name
from netcrm.kit.templatetags.look import initials

PAUSE_WEEKS = 1


@csrf_exempt  # the signed token is the permission; a mail's reader may have no cookie at all
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, act: str, token: str) -> HttpResponse:
    """Show what a link does; do it, once, when the button is pressed."""
    try:
        values = unseal(f"act.{act}", token, max_age_seconds=VALID_DAYS * 24 * 3600)
        link = Link.read(Act(act), values)
    except Stale:
        return _page(request, "expired", status=410)
    except (Bad, ValueError, KeyError):
        return _page(request, "unknown", status=404)
    if link is None:
        return _page(request, "unknown", status=404)
    now = timezone.now()
    with timezone.override(link.owner.zone):
        if request.method == "POST":
            return _done(request, link, at=now)
        return _page(request, "ask", **link.shown(at=now))


@csrf_exempt  # as above: the token is the permission, and it undoes one act
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what a link did, within a day; a second time changes nothing."""
    try:
        values = unseal("act.undo", token, max_age_seconds=UNDO_HOURS * 3600)
        owner = User.objects.filter(pk=values["u"], is_active=True).first()
    except Stale:
        return _page(request, "undo_expired", status=410)
    except (Bad, KeyError, ValidationError):
        return _page(request, "unknown", status=404)
    if owner is None:
        return _page(request, "unknown", status=404)
    if request.method == "POST":
        now = timezone.now()
        if values["a"] == Act.PAUSE:
            _undo_pause(owner, values["v"], at=now)
        else:
            back = Undo(act=values["a"], about=UUID(values["o"]), values=values["v"])
            services.take_back(by=owner, at=now, undo=back)
        return _page(request, "undone")
    return _page(request, "ask_undo")


class Link:
    """A link that holds: whose, what for, and the follow-up it is about, as it is now."""

    def __init__(self, act: Act, owner: User, follow_up: FollowUp | None) -> None:
        self.act = act
        self.owner = owner
        self.follow_up = follow_up

    @classmethod
    def read(cls, act: Act, values: dict[str, Any]) -> Link | None:
        """None when what the link is about is gone, or never was its owner's."""
        owner = User.objects.filter(pk=UUID(values["u"]), is_active=True).first()
        if owner is None:
            return None
        if act is Act.PAUSE:
            return cls(act, owner, None)
        follow_up = (
            FollowUp.objects.visible_to(owner)
            .select_related("contact")
            .filter(pk=UUID(values["f"]))
            .first()
        )
        return None if follow_up is None else cls(act, owner, follow_up)

    @property
    def _is_closed(self) -> bool:
        closes = self.act in (Act.DONE, Act.LATER)
        return closes and self.follow_up is not None and self.follow_up.closed_at is not None

    def shown(self, *, at: dt.datetime) -> dict[str, Any]:
        """What the page that asks says: how things stand, not how they stood in the mail."""
        today = self.owner.day(at)
        contact = self.follow_up.contact if self.follow_up else None
        best_on = self.follow_up.best_on if self.follow_up else today
        later_on = max(best_on, today + dt.timedelta(days=1))
        return {
            "act": self.act,
            "initials": initials(contact.name) if contact else "",
            "closed": self._is_closed,
            "later_day": day_name(later_on, today=today),
            "until_day": day_name(today + dt.timedelta(weeks=PAUSE_WEEKS), today=today),
            "paused": self.owner.paused_until is not None and today < self.owner.paused_until,
        }


def _done(request: HttpRequest, link: Link, *, at: dt.datetime) -> HttpResponse:
    shown = link.shown(at=at)
    try:
        back = _act(link, note=request.POST.get("note", "").strip(), at=at)
    except AlreadyClosed:
        return _page(request, "already", **shown)
    except ValidationError as error:
        problem = " ".join(error.messages)
        return _page(
            request, "ask", status=422, problem=problem, note=request.POST.get("note"), **shown
        )
    token = ""
    if back is not None:
        values = {"u": str(link.owner.pk), "a": back.act, "o": str(back.about), "v": back.values}
        token = seal("act.undo", values)
    return _page(request, "did", undo_token=token, **shown)


def _act(link: Link, *, note: str, at: dt.datetime) -> Undo | None:
    """Do what the link is for.  Doing it again changes nothing."""
    owner, follow_up = link.owner, link.follow_up
    if follow_up is None:
        return _pause(owner, at=at)
    if link.act is Act.DONE:
        return services.done(
            by=owner, at=at, follow_up=follow_up, note=note, source=Interaction.Source.MAIL
        ).undo
    if link.act is Act.LATER:
        if follow_up.deferred_until and follow_up.deferred_until > owner.day(at):
            return None
        return services.later(
            by=owner, at=at, follow_up=follow_up, meaning=FollowUp.Later.BEST
        ).undo
    if follow_up.contact.ring == Ring.D:
        return None
    return services.park(by=owner, at=at, contact=follow_up.contact)


def _pause(owner: User, *, at: dt.datetime) -> Undo | None:
    until = owner.day(at) + dt.timedelta(weeks=PAUSE_WEEKS)
    if owner.paused_until is not None and owner.paused_until >= until:
        return None
    before = owner.paused_until.isoformat() if owner.paused_until else ""
    made = services.pause(by=owner, at=at, weeks=PAUSE_WEEKS)
    return Undo(act=Act.PAUSE, about=owner.pk, values={"before": before, "until": str(made)})


def _undo_pause(owner: User, values: dict[str, str], *, at: dt.datetime) -> None:
    """Take back the pause of one link, unless it has been changed or ended since."""
    if str(owner.paused_until) != values["until"]:
        return
    before = dt.date.fromisoformat(values["before"]) if values["before"] else None
    services.undo_pause(by=owner, at=at, until=before)


def _page(request: HttpRequest, state: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return sealed(
        render(request, "followups/action.html", {"state": state, **context}, status=status)
    )
