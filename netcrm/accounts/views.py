"""The user's own settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from netcrm.accounts import forms, services
from netcrm.accounts.http import OwnerRequest


@require_http_methods(["GET", "POST"])
def you(request: OwnerRequest) -> HttpResponse:
    return _settings_page(request, forms.YouForm)


@require_http_methods(["GET", "POST"])
def reminders(request: OwnerRequest) -> HttpResponse:
    return _settings_page(request, forms.RemindersForm)


@require_http_methods(["GET", "POST"])
def appearance(request: OwnerRequest) -> HttpResponse:
    return _settings_page(request, forms.AppearanceForm)


def _settings_page(request: OwnerRequest, form_class: type[forms.SettingsForm]) -> HttpResponse:
    form = form_class(request.POST or None, user=request.user)
    if form.is_valid():
        services.change_settings(request.user, at=timezone.now(), **form.values())
        messages.success(request, _("Saved."))
        return redirect(request.path)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/settings.html", {"form": form}, status=status)
