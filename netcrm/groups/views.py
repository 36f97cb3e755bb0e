"""Groups for those in them: the group's page, who belongs, invitations, coming and going."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from netcrm.accounts.http import OwnerRequest
from netcrm.accounts.models import User
from netcrm.delivery.links import Bad
from netcrm.delivery.tasks import drain
from netcrm.groups import forms, selectors, services
from netcrm.groups.links import Standing, open_link
from netcrm.groups.models import (
    Comment,
    Commitment,
    Invitation,
    Membership,
    News,
    Playbook,
    PlaybookCopy,
    SupportGroup,
    ViewLog,
)
from netcrm.groups.selectors import ReadOut
from netcrm.groups.services import LogRefused, Refused
from netcrm.kit.days import day_when
from netcrm.kit.notices import notice
from netcrm.kit.wake import wake

NEWS_AT_MOST = 10
LATER_DAYS = {"1": 1, "7": 7}  # what the buttons of a commitment offer


def own_membership(request: OwnerRequest, group_pk: UUID) -> Membership:
    """The user's place in a group; 404 for whoever has none now."""
    rows = Membership.objects.present().filter(user=request.user)
    return get_object_or_404(rows.select_related("group", "user"), group=group_pk)


def leading(request: OwnerRequest, group_pk: UUID) -> Membership:
    """The user's place in a group they lead; 404 for everybody else."""
    rows = Membership.objects.present().leading().filter(user=request.user)
    return get_object_or_404(rows.select_related("group", "user"), group=group_pk)


@require_safe
def home(request: OwnerRequest) -> HttpResponse:
    """The user's groups; with one group, that one."""
    found = selectors.own_memberships(request.user)
    if len(found) == 1:
        return redirect(found[0].group)
    return render(request, "groups/home.html", {"memberships": found})


@require_http_methods(["GET", "POST"])
def new(request: OwnerRequest) -> HttpResponse:
    form = forms.GroupForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        group = services.make_group(by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("The group is there. Now invite people."))
        return redirect("groups:invitations", pk=group.pk)
    return render(
        request,
        "groups/edit.html",
        {"form": form, "group": None},
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
def edit(request: OwnerRequest, pk: UUID) -> HttpResponse:
    group = leading(request, pk).group
    form = forms.GroupForm(
        request.POST if request.method == "POST" else None,
        initial={"name": group.name, "meets": group.meets, "covenant": group.covenant},
    )
    if form.is_valid():
        services.edit_group(group=group, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect(group)
    return render(
        request,
        "groups/edit.html",
        {"form": form, "group": group},
        status=422 if form.is_bound else 200,
    )


@require_safe
def group(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """What every member of a group sees, and the way to what leaders do."""
    membership = own_membership(request, pk)
    user = request.user
    return render(
        request,
        "groups/group.html",
        {
            "group": membership.group,
            "mine": membership,
            "members": membership.group.memberships.present().by_name(),
            "commitments": [
                row
                for row in selectors.open_commitments(user)
                if row.membership.group_id == membership.group_id
            ],
            "comments": Comment.objects.visible_to(user)
            .filter(membership=membership)
            .select_related("author", "about", "membership__group")[:NEWS_AT_MOST],
            "day": user.day(timezone.now()),
            "asked": selectors.waiting_matches(membership),
            "news": News.objects.filter(group=membership.group).select_related("author")[
                :NEWS_AT_MOST
            ],
            "playbooks": Playbook.objects.filter(group=membership.group),
            "copied": set(
                PlaybookCopy.objects.visible_to(user).values_list("copied_from", flat=True)
            ),
            "running": membership.group.meetings.filter(ended_at=None).first(),
            "milestones": selectors.milestones(membership),
            "read_out": _read_out(request, membership),
        },
    )


def _read_out(request: OwnerRequest, membership: Membership) -> list[ReadOut]:
    """What one reads out for somebody who is away: a look like any other, or not shown."""
    now = timezone.now()
    found = selectors.to_read_out(membership, at=now)
    shown = {one.turn.membership: 0 for one in found}
    try:
        services.looked(viewer=request.user, kind=ViewLog.Kind.MEETING, shown=shown, at=now)
    except LogRefused:
        return []
    return found


@require_POST
def agree(request: OwnerRequest, pk: UUID) -> HttpResponse:
    membership = own_membership(request, pk)
    services.agree(membership=membership, at=timezone.now())
    messages.success(request, _("Noted: you agreed."))
    return redirect(membership.group)


# Who belongs


@require_safe
def members(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Roles and buddies, for leaders."""
    mine = leading(request, pk)
    return _members(request, mine)


def _members(request: OwnerRequest, mine: Membership, *, status: int = 200) -> HttpResponse:
    rows = list(mine.group.memberships.present().by_name())
    return render(
        request,
        "groups/members.html",
        {
            "group": mine.group,
            "mine": mine,
            "members": [
                (
                    row,
                    forms.RoleForm(initial={"role": row.role}, auto_id=f"m{place}_%s"),
                    forms.BuddyForm(
                        membership=row, initial={"buddy": row.buddy_id}, auto_id=f"b{place}_%s"
                    ),
                )
                for place, row in enumerate(rows)
            ],
        },
        status=status,
    )


def _led(request: OwnerRequest, pk: UUID) -> Membership:
    """A member of a group the user leads, the user too."""
    mine = Membership.objects.present().leading().filter(user=request.user)
    rows = Membership.objects.present().filter(group__memberships__in=mine)
    return get_object_or_404(rows.select_related("group", "user"), pk=pk)


@require_POST
def appoint(request: OwnerRequest, pk: UUID) -> HttpResponse:
    membership = _led(request, pk)
    form = forms.RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the roles."))
        return redirect("groups:members", pk=membership.group_id)
    try:
        services.appoint(membership=membership, role=form.cleaned_data["role"])
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            _("%(name)s: %(role)s.")
            % {"name": membership.called, "role": membership.get_role_display()},
        )
    if membership.user_id == request.user.pk and not membership.leads:
        return redirect(membership.group)
    return redirect("groups:members", pk=membership.group_id)


@require_POST
def pair(request: OwnerRequest, pk: UUID) -> HttpResponse:
    membership = _led(request, pk)
    form = forms.BuddyForm(request.POST, membership=membership)
    if form.is_valid():
        services.pair(membership=membership, buddy=form.cleaned_data["buddy"])
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("A buddy is another member of the same group."))
    return redirect("groups:members", pk=membership.group_id)


@require_http_methods(["GET", "POST"])
def remove(request: OwnerRequest, pk: UUID) -> HttpResponse:
    membership = _led(request, pk)
    back = redirect("groups:members", pk=membership.group_id)
    if request.method == "POST":
        try:
            services.remove(membership=membership, at=timezone.now())
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(
                request,
                _("%(name)s is not in the group any more.") % {"name": membership.called},
            )
        return back if membership.user_id != request.user.pk else redirect("groups:home")
    return render(request, "groups/remove.html", {"membership": membership})


@require_http_methods(["GET", "POST"])
def leave(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Go, with or without a word; everything shared is taken back at once."""
    membership = own_membership(request, pk)
    form = forms.LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.leave(membership=membership, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                _("You have left %(group)s. Nothing of yours is shared there any more.")
                % {"group": membership.group.name},
            )
            return redirect("groups:home")
    return render(
        request,
        "groups/leave.html",
        {"form": form, "group": membership.group},
        status=422 if form.is_bound else 200,
    )


@require_http_methods(["GET", "POST"])
def landed(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Tell the group, in one's own line."""
    membership = own_membership(request, pk)
    form = forms.LandedForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        services.tell_landed(membership=membership, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("The group can read it."))
        return redirect(membership.group)
    return render(
        request,
        "groups/landed.html",
        {"form": form, "group": membership.group},
        status=422 if form.is_bound else 200,
    )


# Invitations


@require_http_methods(["GET", "POST"])
def invitations(request: OwnerRequest, pk: UUID) -> HttpResponse:
    mine = leading(request, pk)
    form = forms.InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            services.invite(
                by=request.user, group=mine.group, at=timezone.now(), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error("email", str(refused))
        else:
            wake(drain)
            messages.success(
                request,
                _("An invitation to %(email)s is on its way.")
                % {"email": form.cleaned_data["email"]},
            )
            return redirect("groups:invitations", pk=mine.group_id)
    now = timezone.now()
    open_ones = Invitation.objects.open().filter(group=mine.group).select_related("invited_by")
    return render(
        request,
        "groups/invitations.html",
        {
            "form": form,
            "group": mine.group,
            "open": [
                (row, forms.RoleForm(initial={"role": row.role}, auto_id=f"i{place}_%s"))
                for place, row in enumerate(open_ones.filter(expires_at__gt=now))
            ],
            "expired": open_ones.filter(expires_at__lte=now),
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
def withdraw(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk)
    services.withdraw(invitation=row, at=timezone.now())
    messages.success(request, _("That invitation leads nowhere now."))
    return redirect("groups:invitations", pk=row.group_id)


@require_POST
def offer_role(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Invitation.objects.visible_to(request.user), pk=pk)
    form = forms.RoleForm(request.POST)
    if form.is_valid():
        services.change_role_offered(invitation=row, role=form.cleaned_data["role"])
        messages.success(request, _("Saved."))
    return redirect("groups:invitations", pk=row.group_id)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation offers, and by whom; accepted only by the address it went to.

    It signs nobody in and makes no account (A04, A05): the link proves that we sent it, the
    session proves who is here.
    """
    now = timezone.now()
    try:
        opened = open_link(token, at=now)
    except Bad:
        return _join_page(request, "groups/join_gone.html", {"known": False}, status=404)
    if opened.standing is Standing.GONE:
        return _join_page(request, "groups/join_gone.html", {"known": True}, status=410)
    row = opened.invitation
    offered = {"invitation": row, "group": row.group, "by": row.invited_by}
    if not isinstance(request.user, User):
        return _join_page(request, "groups/join_sign_in.html", offered, status=200)
    if not services.is_for(row, request.user):
        return _join_page(request, "groups/join_not_yours.html", offered, status=403)
    form = forms.JoinForm(
        request.POST if request.method == "POST" else None, covenant=row.group.covenant
    )
    if form.is_valid():
        try:
            membership = services.accept(
                invitation=row,
                by=request.user,
                at=now,
                grain=form.cleaned_data["grain"],
                in_the_room=form.cleaned_data["in_the_room"],
            )
        except Refused:
            return _join_page(request, "groups/join_gone.html", {"known": True}, status=410)
        messages.success(request, _("Welcome to %(group)s.") % {"group": row.group.name})
        return redirect(membership.group)
    return _join_page(
        request,
        "groups/join.html",
        {**offered, "form": form},
        status=422 if form.is_bound else 200,
    )


def _join_page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, status: int
) -> HttpResponse:
    """A page behind a token: kept nowhere, and its address is told to nobody."""
    response = render(request, template, context, status=status)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


# Commitments, and what leaders said


@require_POST
def commitment_done(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Kept, or let go: the member says which."""
    row = get_object_or_404(Commitment.objects.visible_to(request.user), pk=pk)
    kept = request.POST.get("kept") != "no"
    services.finish_commitment(commitment=row, kept=kept, at=timezone.now())
    text = (
        _("Done. It will be said at the next meeting.") if kept else _("Let go. That is allowed.")
    )
    notice(request, text, undo_url=reverse("groups:commitment_again", args=[row.pk]))
    return redirect(_place(request))


@require_http_methods(["GET", "POST"])
def commitment_later(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Put it off by some days, or until a day."""
    rows = Commitment.objects.visible_to(request.user).open()
    row = get_object_or_404(rows, pk=pk)
    today = request.user.day(timezone.now())
    tomorrow = today + timedelta(days=1)
    sent = request.POST if request.method == "POST" else None
    if sent and (days := LATER_DAYS.get(sent.get("days", ""))):
        sent = QueryDict(f"on={today + timedelta(days=days)}")
    form = forms.PutOffForm(sent, today=today, initial={"on": tomorrow})
    if form.is_valid():
        until = form.cleaned_data["on"]
        services.put_off_commitment(commitment=row, until=until)
        notice(
            request,
            _("It comes back %(when)s.") % {"when": day_when(until, today=today)},
            undo_url=reverse("groups:commitment_again", args=[row.pk]),
        )
        return redirect(_place(request))
    return render(
        request,
        "groups/later.html",
        {"form": form, "commitment": row},
        status=422 if form.is_bound else 200,
    )


@require_POST
def commitment_again(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Take back that it was done, let go or put off."""
    row = get_object_or_404(Commitment.objects.visible_to(request.user), pk=pk)
    services.reopen_commitment(commitment=row)
    messages.success(request, _("Taken back."))
    return redirect("followups:today")


@require_POST
def comments_read(request: OwnerRequest) -> HttpResponse:
    ids = [row.pk for row in selectors.unread_comments(request.user)]
    services.read_comments(by=request.user, at=timezone.now(), ids=ids)
    return redirect(_place(request))


def _place(request: OwnerRequest) -> str:
    """Where the button stood: one of two pages, never an address somebody sent."""
    return "followups:today" if request.POST.get("from") == "today" else "groups:home"


# Playbooks


@require_http_methods(["GET", "POST"])
def new_playbook(request: OwnerRequest, pk: UUID) -> HttpResponse:
    return _playbook(request, leading(request, pk).group, None)


@require_http_methods(["GET", "POST"])
def edit_playbook(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(
        Playbook.objects.visible_to(request.user).select_related("group"), pk=pk
    )
    return _playbook(request, leading(request, row.group_id).group, row)


def _playbook(request: OwnerRequest, group: SupportGroup, row: Playbook | None) -> HttpResponse:
    initial = {name: getattr(row, name) for name in forms.PlaybookForm.base_fields} if row else {}
    form = forms.PlaybookForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        services.save_playbook(group=group, playbook=row, **form.cleaned_data)
        messages.success(request, _("Shared. Copies members made stay as they are."))
        return redirect(group)
    return render(
        request,
        "groups/playbook.html",
        {"form": form, "group": group, "playbook": row},
        status=422 if form.is_bound else 200,
    )


@require_POST
def withdraw_playbook(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Playbook.objects.visible_to(request.user), pk=pk)
    group = leading(request, row.group_id).group
    services.withdraw_playbook(playbook=row)
    messages.success(request, _("Not shared any more. Copies stay with those who made them."))
    return redirect(group)


@require_safe
def copies(request: OwnerRequest) -> HttpResponse:
    """What one has copied or added; it stays after leaving the group."""
    rows = PlaybookCopy.objects.visible_to(request.user)
    return render(request, "groups/copies.html", {"copies": rows})


@require_http_methods(["GET", "POST"])
def new_copy(request: OwnerRequest) -> HttpResponse:
    return _copy(request, forms.OwnForm(request.POST if request.method == "POST" else None), None)


@require_http_methods(["GET", "POST"])
def edit_copy(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(PlaybookCopy.objects.visible_to(request.user), pk=pk)
    initial = {"title": row.title, "text": row.text}
    form = forms.CopyForm(request.POST if request.method == "POST" else None, initial=initial)
    return _copy(request, form, row)


def _copy(request: OwnerRequest, form: forms.CopyForm, row: PlaybookCopy | None) -> HttpResponse:
    if form.is_valid():
        services.write_copy(by=request.user, copy=row, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("groups:copies")
    return render(
        request,
        "groups/copy.html",
        {"form": form, "copy": row},
        status=422 if form.is_bound else 200,
    )


@require_POST
def drop_copy(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(PlaybookCopy.objects.visible_to(request.user), pk=pk)
    services.drop_copy(copy=row)
    return redirect("groups:copies")
