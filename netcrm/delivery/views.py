"""Pages about mail: for members, for operators, and for whoever holds a link from a mail."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from netcrm.accounts.http import OwnerRequest
from netcrm.delivery import bounces, health, links, selectors, services, tasks
from netcrm.delivery.models import Delivery, Objection
from netcrm.kit.wake import wake

logger = logging.getLogger(__name__)


@require_GET
def delivery(request: OwnerRequest) -> HttpResponse:
    """Does my mail reach me?"""
    return render(request, "delivery/delivery.html", {"overview": selectors.overview(request.user)})


@require_POST
def test_mail(request: OwnerRequest) -> HttpResponse:
    """Owe a test mail and wake a worker: the way every reminder takes."""
    services.owe_test_mail(request.user, at=timezone.now())
    wake(tasks.drain)
    messages.success(
        request,
        _("A test mail to %(address)s is on its way. It appears below once it is sent.")
        % {"address": request.user.email},
    )
    return redirect("followups:delivery")


@require_POST
def use_address(request: OwnerRequest) -> HttpResponse:
    """The member says that the address works; a test mail shows whether it does."""
    now = timezone.now()
    if services.use_again(request.user, at=now):
        services.owe_test_mail(request.user, at=now)
        wake(tasks.drain)
    messages.success(request, _("We try your address again, beginning with a test mail."))
    return redirect("followups:delivery")


@require_POST
def decide(request: OwnerRequest, pk: str) -> HttpResponse:
    """The member says what to do with a mail that may have been sent."""
    row = get_object_or_404(Delivery.objects.visible_to(request.user), pk=pk)
    _decide(request, row)
    return redirect("followups:delivery")


def _decide(request: OwnerRequest, row: Delivery) -> None:
    choice, now = request.POST.get("choice"), timezone.now()
    if choice == "send":
        done = services.send_again(row, at=now)
        said = _("It is due again.")
        wake(tasks.drain)
    elif choice == "arrived":
        done = services.it_arrived(row, at=now)
        said = _("Noted as sent.")
    else:
        done = services.let_go(row, why=_("Let go by hand."))
        said = _("It will not be sent.")
    messages.success(request, said if done else _("That had been decided already."))


# Links from a mail


@csrf_exempt  # RFC 8058: a mail program posts without cookies; all it can do is unsubscribe
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button; the POST, by person or mail program, ends that stream."""
    try:
        values = links.unseal("unsubscribe", token)
    except links.Bad:
        return sealed(render(request, "delivery/link_unknown.html", status=404))
    if request.method == "POST":
        services.unsubscribe(stream=values["s"], owner_id=values.get("u"), address=values.get("a"))
    return sealed(render(request, "delivery/unsubscribe.html", {"done": request.method == "POST"}))


def sealed(response: HttpResponse) -> HttpResponse:
    """Keep a token page out of caches, search engines and other sites' logs (W01, E10)."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response


# Reports from a mail provider


@csrf_exempt  # a provider has no cookie; the signature is what we believe
@login_not_required
@require_POST
def mail_events(request: HttpRequest) -> HttpResponse:
    """Take a signed report of a bounced mail; whatever is not genuine is ignored with 200."""
    now = timezone.now()
    try:
        services.take_report(bounces.read(request.body, request.headers, at=now), at=now)
    except bounces.NotBelieved as doubt:
        logger.info("a report of bounced mail was ignored: %s", doubt)
    return HttpResponse("ok", "text/plain")


# The operator


@require_GET
def operator(request: OwnerRequest) -> HttpResponse:
    """Mail that only a person can bring to an end, and how sending stands."""
    _only_operators(request)
    return render(
        request,
        "delivery/operator.html",
        {"desk": selectors.desk(), "complaints": health.read().complaints},
    )


@require_POST
def operator_decide(request: OwnerRequest, pk: str) -> HttpResponse:
    """What an operator may decide: anything but to write to somebody else twice."""
    _only_operators(request)
    row = get_object_or_404(Delivery, pk=pk)
    if row.waits_for_its_sender and request.POST.get("choice") == "send":
        messages.error(request, _("Whoever had it sent decides whether it goes again."))
    else:
        _decide(request, row)
    return redirect("operator_mail")


@require_POST
def operator_saw(request: OwnerRequest, pk: str) -> HttpResponse:
    """An operator has looked into a report; mail stays stopped."""
    _only_operators(request)
    row = get_object_or_404(Objection, pk=pk)
    Objection.objects.filter(pk=row.pk, seen_at=None).update(seen_at=timezone.now())
    messages.success(request, _("Noted."))
    return redirect("operator_mail")


@require_POST
def operator_hold(request: OwnerRequest) -> HttpResponse:
    """Stop all sending, or begin again in one of three ways."""
    _only_operators(request)
    choice = request.POST.get("choice", "")
    if choice == "hold":
        services.hold(because=_("Held by an operator."), at=timezone.now())
    elif choice in list(services.Release):
        services.release(services.Release(choice), at=timezone.now())
        wake(tasks.drain)
    return redirect("operator_mail")


def _only_operators(request: OwnerRequest) -> None:
    if not request.user.is_operator:
        raise Http404
