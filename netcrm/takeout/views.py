"""The pages on which a member takes everything along, or leaves."""

from __future__ import annotations

import json
import zipfile
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from netcrm.accounts import services
from netcrm.accounts.http import OwnerRequest
from netcrm.takeout import everything

UNPACKED_BYTES = 200_000_000


@require_safe
def data(request: OwnerRequest) -> HttpResponse:
    return _page(request)


def _page(request: OwnerRequest, problem: str = "") -> HttpResponse:
    return render(
        request,
        "accounts/data.html",
        {"grace_days": services.GRACE_DAYS, "problem": problem},
        status=422 if problem else 200,
    )


@require_POST
def download(request: OwnerRequest) -> FileResponse:
    return FileResponse(
        everything.archive_of(request.user),
        as_attachment=True,
        filename=everything.file_name(request.user),
    )


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
