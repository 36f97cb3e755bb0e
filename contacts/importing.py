"""Pages on which people are brought in from a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Case, Count, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.engine import limits
from contacts.models import Contact, ImportBatch, ImportRow
from contacts.selectors import current_positions, work_of
from contacts.services import imports
from contacts.tasks import work_on_import
from contacts.words import COLUMN_FIELDS, column_field
from netcrm.accounts.http import OwnerRequest
from netcrm.kit.wake import wake

SHOWN_ROWS = 20
HELD_ROWS = 50  # rows held back shown at once
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
    return _show(request, _get(request, pk))


def _show(request: OwnerRequest, row: ImportBatch) -> HttpResponse:
    counts = dict(row.rows.values_list("action").annotate(n=Count("pk")))
    adding = counts.get(ImportRow.Action.NEW, 0) + counts.get(ImportRow.Action.UPDATE, 0)
    held = row.rows.filter(was_held=True)
    undecided_first = Case(When(action=ImportRow.Action.DUPLICATE, then=0), default=1)
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
            "all_here": bool(counts) and set(counts) == {ImportRow.Action.SAME},
            "rows": row.rows.select_related("contact")[:SHOWN_ROWS],
            "problems": row.rows.filter(was_held=False).exclude(problem_code="")[:SHOWN_ROWS],
            "columns": [
                {**column, "words": column_field(column["field"])} for column in row.columns
            ],
            "held": _held(held.order_by(undecided_first, "line", "id")[:HELD_ROWS]),
            "held_count": held.count(),
            "can_undo": imports.can_undo(row, at=timezone.now()),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A row held back, whom it may be, and what the owner said of it so far."""

    row: ImportRow
    may_be: str
    where: str
    url: str
    answer: str


def _held(rows: Iterable[ImportRow]) -> list[Held]:
    """Rows beside whom they may be: somebody in the list, or somebody further up in the file."""
    rows = list(rows)
    people = Contact.objects.prefetch_related(current_positions()).in_bulk(
        [row.contact_id for row in rows if row.contact_id]
    )
    further_up = ImportRow.objects.in_bulk(
        [UUID(row.draft["of_row"]) for row in rows if "of_row" in row.draft]
    )
    said = {action: answer for answer, action in imports.ANSWERS.items()}
    found = []
    for row in rows:
        person = people.get(row.contact_id) if row.contact_id else None
        other = further_up.get(UUID(row.draft["of_row"])) if "of_row" in row.draft else None
        found.append(
            Held(
                row=row,
                may_be=person.name if person else other.draft["name"] if other else "",
                where=work_of(person)
                if person
                else _("line %(line)s of this file") % {"line": other.line}
                if other
                else "",
                url=person.get_absolute_url() if person else "",
                answer=said.get(ImportRow.Action(row.action), ""),
            )
        )
    return found


@require_POST
def decide(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """Who the rows held back are: one by one, or all of them at once."""
    row = _get(request, pk)
    answers = {}
    for name in request.POST:
        if name.startswith("row-"):
            with contextlib.suppress(ValueError):
                answers[UUID(name.removeprefix("row-"))] = request.POST[name]
    try:
        imports.decide(row, answers=answers, others=request.POST.get("others", ""))
    except imports.NotNow as no:
        messages.info(request, str(no))
    return redirect(row)


LETTERS = (
    ("", gettext_lazy("As it was read")),
    ("utf-8", "Unicode (UTF-8)"),
    ("cp1252", gettext_lazy("Western European (Windows)")),
    ("mac-roman", gettext_lazy("Western European (old Macintosh)")),
    ("cp1250", gettext_lazy("Central European")),
    ("cp1251", gettext_lazy("Cyrillic (Windows)")),
    ("koi8-r", gettext_lazy("Cyrillic (KOI8-R)")),
    ("cp1253", gettext_lazy("Greek")),
    ("cp1254", gettext_lazy("Turkish")),
    ("cp1255", gettext_lazy("Hebrew")),
    ("cp1256", gettext_lazy("Arabic")),
    ("gb18030", gettext_lazy("Chinese, simplified")),
    ("big5", gettext_lazy("Chinese, traditional")),
    ("cp932", gettext_lazy("Japanese")),
    ("cp949", gettext_lazy("Korean")),
)


class ColumnsForm(forms.Form):
    """Asks of each column what it holds, and how days are written."""

    day_first = forms.TypedChoiceField(
        label=gettext_lazy("Days like 03/06/2025"),
        choices=(
            ("", gettext_lazy("As the rest of the column shows")),
            ("day", gettext_lazy("Day first: 3 June")),
            ("month", gettext_lazy("Month first: 6 March")),
        ),
        coerce=lambda value: value == "day",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    letters = forms.ChoiceField(
        label=gettext_lazy("If names look wrong: how its letters are written"),
        choices=LETTERS,
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, data: Any = None, *, batch: ImportBatch) -> None:
        chosen = {True: "day", False: "month", None: ""}[batch.mapping.get("day_first")]
        letters = batch.mapping.get("encoding", "")
        super().__init__(data, initial={"day_first": chosen, "letters": letters})
        self.had_letters = letters
        for place, column in enumerate(batch.columns):
            guess = column["field"]
            choices = [("", _("Leave this column out"))]
            choices += [(field, str(words)) for field, words in COLUMN_FIELDS.items()]
            if guess and guess not in COLUMN_FIELDS:
                choices.append((guess, column_field(guess)))
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=column["heading"] or _("Column %(number)s") % {"number": place + 1},
                choices=choices,
                initial=guess,
                required=False,
            )
        self.samples = [column["samples"] for column in batch.columns]

    @property
    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        return [(self[f"column-{place}"], shown) for place, shown in enumerate(self.samples)]

    @property
    def chosen(self) -> list[str]:
        return [self.cleaned_data[f"column-{place}"] for place in range(len(self.samples))]


@require_http_methods(["GET", "POST"])
def columns(request: OwnerRequest, pk: UUID) -> HttpResponse:
    """What each column of a table holds."""
    row = _get(request, pk)
    if not row.takes_a_mapping:
        return redirect(row)
    form = ColumnsForm(request.POST or None, batch=row)
    if form.is_valid():
        letters = form.cleaned_data["letters"]
        try:
            if letters != form.had_letters:
                imports.say_letters(row, encoding=letters)
            else:
                imports.say_columns(
                    row,
                    at=timezone.now(),
                    fields=form.chosen,
                    day_first=form.cleaned_data["day_first"],
                )
        except ValidationError as problem:
            form.add_error(None, problem)
        except imports.NotNow as no:
            messages.info(request, str(no))
            return redirect(row)
        else:
            wake(work_on_import, str(row.pk))
            return redirect(row)
    return render(
        request,
        "contacts/import_columns.html",
        {"batch": row, "form": form},
        status=422 if form.is_bound else 200,
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
    path("import/<uuid:pk>/columns/", columns, name="import_columns"),
    path("import/<uuid:pk>/decide/", decide, name="import_decide"),
    path("import/<uuid:pk>/confirm/", confirm, name="import_confirm"),
    path("import/<uuid:pk>/cancel/", cancel, name="import_cancel"),
    path("import/<uuid:pk>/undo/", undo, name="import_undo"),
]
