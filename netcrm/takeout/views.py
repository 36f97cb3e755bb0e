"""The pages on which a member takes everything along, or leaves."""

from __future__ import annotations

import json
import zipfile
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact
from netcrm.accounts import services
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.wake import wake
from netcrm.takeout import everything
from netcrm.takeout import services as takeouts
from netcrm.takeout.links import key_in, token_of
from netcrm.takeout.models import Takeout
from netcrm.takeout.tasks import make_takeout

UNPACKED_BYTES = 200_000_000


@require_safe
def data(request: OwnerRequest) -> HttpResponse:
    return _page(request)


def _page(request: OwnerRequest, problem: str = "") -> HttpResponse:
    """The page, or of it only the state of an export that is being put together."""
    now = timezone.now()
    mine = Takeout.objects.visible_to(request.user)
    return render(
        request,
        "accounts/_takeout.html" if request.htmx else "accounts/data.html",
        {
            "grace_days": services.GRACE_DAYS,
            "problem": problem,
            "under_way": mine.filter(state=Takeout.State.WAITING).first(),
            "ready": [(one, token_of(one)) for one in mine.there(now)],
        },
        status=422 if problem else 200,
    )


@require_POST
def download(request: OwnerRequest) -> HttpResponseBase:
    """The file itself, or, of a large list, word that a worker puts it together."""
    if takeouts.is_large(request.user):
        wake(make_takeout, str(takeouts.ask_for(request.user).pk))
        return redirect("accounts:data")
    return FileResponse(
        everything.archive_of(request.user),
        as_attachment=True,
        filename=everything.file_name(request.user),
    )


@require_safe
def file(request: OwnerRequest, token: str) -> HttpResponseBase:
    """A finished export, for its owner alone and for seven days (G01)."""
    takeout = get_object_or_404(
        Takeout.objects.visible_to(request.user).there(timezone.now()), pk=key_in(token)
    )
    answer = StreamingHttpResponse(takeouts.content_of(takeout), content_type="application/zip")
    name = everything.file_name(request.user)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Content-Length"] = str(takeout.size_bytes)
    return answer


@require_safe
def kept(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Everything the owner keeps about one person, for when they ask to see it."""
    person = get_object_or_404(Contact.objects.visible_to(request.user).people(), pk=pk)
    answer = HttpResponse(
        everything.as_text(everything.kept_about(person)), content_type="application/json"
    )
    answer["Content-Disposition"] = 'attachment; filename="kept.json"'
    return answer


@require_POST
def take_in(request: OwnerRequest) -> HttpResponse:
    """An export of ours, brought back into an account with nobody in it."""
    file = request.FILES.get("file")
    if file is None:
        return _page(request, _("Choose the file first."))
    try:
        count = everything.take_in(request.user, _read(file))
    except everything.NotEmpty:
        return _page(
            request, _("There are people in this account already. Take it in with an empty one.")
        )
    except everything.NotOurs:
        return _page(
            request, _("This is not a file that “Download everything” made. Choose that one.")
        )
    messages.success(request, _("%(count)s entries are back.") % {"count": count})
    return redirect("contacts:list")


def _read(file: UploadedFile[bytes]) -> dict[str, Any]:
    """The JSON in an archive of ours, of at most ``UNPACKED_BYTES``, as counted.

    Raises:
        NotOurs: it is none.
    """
    try:
        with zipfile.ZipFile(file) as archive, archive.open("netcrm.json") as member:
            content = member.read(UNPACKED_BYTES + 1)
        if len(content) > UNPACKED_BYTES:
            raise everything.NotOurs
        said = json.loads(content)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        RecursionError,
        NotImplementedError,
        RuntimeError,
    ):
        raise everything.NotOurs from None
    if not isinstance(said, dict):
        raise everything.NotOurs
    return said


@require_POST
def leave(request: OwnerRequest) -> HttpResponse:
    if request.POST.get("sure") != "yes":
        return _page(request, _("Tick the box if you really want everything deleted."))
    services.ask_to_leave(request.user, at=timezone.now())
    messages.success(request, _("Your account will be deleted. No mail goes out from now on."))
    return redirect("accounts:data")


@require_POST
def stay(request: OwnerRequest) -> HttpResponse:
    services.stay(request.user)
    messages.success(request, _("Your account stays, with everything."))
    return redirect("accounts:data")
