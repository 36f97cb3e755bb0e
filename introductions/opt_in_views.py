"""Asking both: the owner's pages, and those of whoever holds a question's link.

Scanners open every link, so a GET only shows; the one button answers (E03).  The page names the
owner, who asks, and never the other side before both said yes.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from introductions import opt_in
from introductions.engine import opt_in as engine
from introductions.engine import workflow
from introductions.forms import AnswerForm, AskBothForm
from introductions.links import Bad
from introductions.models import Introduction, OptIn
from netcrm.accounts.http import OwnerRequest
from netcrm.delivery import tasks
from netcrm.delivery.views import sealed
from netcrm.kit.wake import wake


@require_http_methods(["GET", "POST"])
def ask_both(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Write both questions, read them once more, and send them."""
    rows = Introduction.objects.visible_to(request.user).with_people().select_related("owner")
    row = get_object_or_404(rows, pk=pk)
    if not opt_in.may_be_asked(row):
        messages.info(request, _("These two can no longer be asked; look at where it stands."))
        return redirect(row)
    now = timezone.now()
    form = AskBothForm(request.POST or None, introduction=row, initial=_begun(row, at=now))
    ready = False
    if form.is_valid():
        try:
            if request.POST.get("act") == "send":
                opt_in.ask_both(introduction=row, words=form.words(), at=now)
                wake(tasks.drain)
                messages.success(request, _("Both are being asked. You see here what they say."))
                return redirect(row)
            opt_in.check(row, form.words())
            ready = request.POST.get("act") != "change"
        except opt_in.Refused as refused:
            form.add_error(None, str(refused))
    return render(
        request,
        "introductions/ask_both.html",
        {
            "form": form,
            "introduction": row,
            "letters": [
                (person, said)
                for person, said in zip(
                    (row.introducee, row.introduced), form.words().values(), strict=True
                )
            ]
            if ready
            else [],
            "by": row.owner.name.strip() or row.owner.email,
            "left": opt_in.left_today(row.owner, at=now),
        },
        status=422 if form.errors else 200,
    )


def _begun(row: Introduction, *, at: object) -> dict[str, str]:
    """What stands in the form from the start: addresses known, and words used before."""
    said: dict[str, str] = {}
    for person, side in ((row.introducee, "introducee"), (row.introduced, "introduced")):
        point = person.points.filter(kind="email").order_by("-is_primary").first()
        said[f"{side}_address"] = point.value if point else ""
    for one in OptIn.objects.filter(introduction=row):
        said[f"{one.side}_address"] = one.address
        said[f"{one.side}_about"] = one.about_other
    return said


@require_POST
def take_back(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """End the links that wait for an answer."""
    row = get_object_or_404(Introduction.objects.visible_to(request.user), pk=pk)
    opt_in.take_back(row, at=timezone.now())
    messages.success(request, _("The links no longer work. Whoever opens one is told kindly."))
    return redirect(row)


# Whoever was asked


@csrf_exempt  # the signed token is the permission; whoever was asked may have no cookie at all
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The question, and the one button that answers it."""
    now = timezone.now()
    try:
        row = opt_in.question(token, at=now)
    except Bad:
        return _page(request, "unknown", status=404)
    except opt_in.Gone:
        return _page(request, "gone", status=410)
    if engine.is_final(engine.Answer(row.answer) if row.answer else None):
        return _page(request, "answered", row=row)
    form = AnswerForm(
        request.POST if request.method == "POST" else None, initial={"answer": row.answer}
    )
    if form.is_valid():
        try:
            opt_in.answer(
                row, answer=form.cleaned_data["answer"], word=form.cleaned_data["word"], at=now
            )
        except opt_in.Gone:
            return _page(request, "gone", status=410)
        return _page(request, "answered", row=row)
    return _page(request, "ask", row=row, form=form, status=422 if form.is_bound else 200)


@csrf_exempt  # the signed token is the permission here too
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody does not want such mail: a page with one button; pressing it again is harmless."""
    now = timezone.now()
    try:
        row = opt_in.reported(token)
    except Bad:
        return _page(request, "unknown", status=404)
    if request.method == "POST":
        opt_in.report(row, detail=request.POST.get("detail", "").strip(), at=now)
        return _page(request, "reported")
    return _page(request, "report", row=row)


def _page(
    request: HttpRequest,
    state: str,
    *,
    row: OptIn | None = None,
    form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, object] = {"state": state, "form": form}
    if row is not None:
        owner, introduction = row.introduction.owner, row.introduction
        both = introduction.made_at or introduction.state == workflow.State.AGREED
        context |= {
            "question": row,
            "by": owner.name.strip() or owner.email,
            "by_email": owner.email,
            "other": row.other.name if both and row.answer == OptIn.Answer.YES else "",
        }
    return sealed(render(request, "introductions/answer.html", context, status=status))
