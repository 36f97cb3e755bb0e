"""Pages on which people are brought in from a file."""

from __future__ import annotations

from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.engine import limits
from contacts.models import ImportBatch, ImportRow
from contacts.services import imports
from contacts.tasks import work_on_import
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.wake import wake

SHOWN_ROWS = 20
State = ImportBatch.State
AT_WORK = (State.WAITING, State.READING, State.WRITING)


class UploadForm(forms.Form):
    """Asks for one file.  What is in it, the reader finds out."""

    file = forms.FileField(
        label=gettext_lazy("File with your people"),
        help_text=gettext_lazy("A CSV, vCard (.vcf) or ZIP file of at most 25 MB."),
        error_messages={
            "empty": gettext_lazy("This file is empty. Export it again and choose the new file."),
            "required": gettext_lazy("Choose a file first."),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > limits.FILE_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 25 MB, which is more than we can take at once.")
            )
        return file


@require_http_methods(["GET", "POST"])
def begin(request: OwnerRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.start_import(
                by=request.user, at=timezone.now(), file_name=file.name, content=file.read()
            )
        except ValidationError as refused:
            form.add_error("file", refused)
        else:
            wake(work_on_import, str(batch.pk))
            return redirect(batch)
    return render(
        request,
        "contacts/import_begin.html",
        {"form": form, "batches": ImportBatch.objects.visible_to(request.user)[:10]},
        status=422 if form.is_bound else 200,
    )


def _get(request: OwnerRequest, pk: UUID) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)


@require_safe
def batch(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Where a batch stands; asked again every second or two while a worker is at it."""
    row = _get(request, pk)
    counts = dict(row.rows.values_list("action").annotate(n=Count("pk")))
    adding = counts.get(ImportRow.Action.NEW, 0) + counts.get(ImportRow.Action.UPDATE, 0)
    template = "contacts/_import.html" if request.htmx else "contacts/import.html"
    return render(
        request,
        template,
        {
            "batch": row,
            "at_work": row.state in AT_WORK,
            "counts": [
                (label, counts[action])
                for action, label in ImportRow.Action.choices
                if counts.get(action)
            ],
            "adding": adding,
            "rows": row.rows.select_related("contact")[:SHOWN_ROWS],
            "problems": row.rows.exclude(problem="")[:SHOWN_ROWS],
            "held_back": row.rows.filter(action=ImportRow.Action.DUPLICATE).select_related(
                "contact"
            )[:SHOWN_ROWS],
            "can_undo": imports.can_undo(row, at=timezone.now()),
        },
    )


@require_POST
def confirm(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    try:
        imports.confirm(row, at=timezone.now())
    except imports.NotNow as no:
        messages.info(request, str(no))
    else:
        wake(work_on_import, str(row.pk))
    return redirect(row)


@require_POST
def cancel(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    try:
        imports.cancel(row, at=timezone.now())
    except imports.NotNow as no:
        messages.info(request, str(no))
    else:
        messages.success(request, _("Stopped."))
    return redirect(row)


@require_POST
def undo(request: OwnerRequest, pk: UUID) -> HttpResponse:
    row = _get(request, pk)
    try:
        gone = imports.undo_import(row, at=timezone.now())
    except imports.NotNow as no:
        messages.info(request, str(no))
    else:
        messages.success(
            request,
            ngettext("%(n)s person taken out again.", "%(n)s people taken out again.", gone)
            % {"n": gone},
        )
    return redirect(row)


urlpatterns = [
    path("import/", begin, name="import_begin"),
    path("import/<uuid:pk>/", batch, name="import"),
    path("import/<uuid:pk>/confirm/", confirm, name="import_confirm"),
    path("import/<uuid:pk>/cancel/", cancel, name="import_cancel"),
    path("import/<uuid:pk>/undo/", undo, name="import_undo"),
]
