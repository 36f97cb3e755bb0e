"""A page with every component and chart, for the browser tests; the product has no such page."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path

from netcrm.kit import pwa
from netcrm.kit.charts.band import Window, band, strip
from netcrm.kit.charts.chain import Link, Person, chain
from netcrm.kit.charts.dots import dots
from netcrm.kit.charts.heat import heat
from netcrm.kit.charts.ledger import Entry, ledger
from netcrm.kit.charts.rings import Mark as RingMark
from netcrm.kit.charts.rings import rings
from netcrm.kit.charts.stairs import Mark, Rise, sparkline, stairs
from netcrm.kit.charts.substance import Given, substance_by_trust
from netcrm.kit.notices import notice

TODAY = date(2026, 11, 17)
WINDOW = Window(
    last_on=date(2026, 11, 3),
    opens_on=date(2026, 11, 15),
    best_on=date(2026, 11, 18),
    fades_on=date(2026, 11, 27),
    quiet_on=date(2026, 12, 8),
)
RISES = [
    Rise(on=date(2026, 9, 13), step=1, label="introduced by Bill"),
    Rise(on=date(2026, 10, 3), step=2, label="met for coffee"),
    Rise(on=date(2026, 11, 1), step=3, label="sent her the survey"),
]
PEOPLE = [
    Person(key="ann", name="Ann", initials="A", step=5, word="Would vouch", url="/people/1/"),
    Person(key="bill", name="Bill", initials="B", step=4, word="Would introduce", url="/people/2/"),
    Person(
        key="sh", name="Shirley Okoro", initials="SO", step=2, word="Acquainted", url="/people/3/"
    ),
    Person(key="bob", name="Bob Hale", initials="BH", step=1, word="Introduced", url="/people/4/"),
    Person(key="pri", name="Priya", initials="P", step=1, word="Introduced", url="/people/5/"),
    Person(key="mar", name="Marco", initials="M", step=3, word="Knows my work", url="/people/6/"),
    Person(key="lee", name="Lee Park", initials="LP", step=1, word="Introduced", url="/people/7/"),
]
LINKS = [
    Link(source="", target="ann"),
    Link(source="ann", target="bill"),
    Link(source="bill", target="sh"),
    Link(source="sh", target="bob", state="offered"),
    Link(source="sh", target="pri", state="offered"),
    Link(source="ann", target="mar"),
    Link(source="mar", target="lee", state="open"),
]


class PersonForm(forms.Form):
    name = forms.CharField(help_text="As they write it themselves.")
    called = forms.CharField(label="What you call them", required=False)
    met = forms.ChoiceField(
        label="How do you know them?",
        choices=[
            ("intro", "Someone introduced us"),
            ("work", "We worked together"),
            ("met", "We met"),
        ],
        widget=forms.RadioSelect,
    )
    ring = forms.ChoiceField(
        choices=[("a", "Walking with you"), ("b", "Getting to know"), ("c", "Good to keep")]
    )
    met_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    told = forms.BooleanField(label="They know what I am looking for", required=False)
    topics = forms.MultipleChoiceField(
        required=False,
        choices=[("a", "Shift planning"), ("b", "Payroll")],
        widget=forms.CheckboxSelectMultiple,
    )
    cv = forms.FileField(label="A file", required=False)
    zone = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"data-timezone-input": ""})
    )
    helper = FormHelper()
    helper.form_tag = False


def _everything() -> dict[str, object]:
    return {
        "band": band(WINDOW, name="Shirley", today=TODAY, uid="band"),
        "strip": strip(WINDOW, today=TODAY, uid="strip"),
        "strip_soon": strip(WINDOW, today=date(2026, 11, 8), uid="strip2"),
        "stairs": stairs(
            RISES,
            [
                Mark(on=date(2026, 9, 20), kind="yours"),
                Mark(on=date(2026, 10, 14), kind="yours"),
                Mark(on=date(2026, 10, 21), kind="give"),
                Mark(on=date(2026, 11, 12), kind="yours"),
            ],
            name="Shirley",
            today=TODAY,
            uid="stairs",
        ),
        "spark": sparkline(RISES, today=TODAY),
        "map": chain(PEOPLE, LINKS, uid="chain"),
        "rings": rings(
            [
                RingMark(name="Ann", initials="A", step=5, sector="Parish", url="/people/1/"),
                RingMark(name="Bill", initials="B", step=4, sector="Parish", url="/people/2/"),
                RingMark(name="Shirley", initials="SO", step=2, sector="Acme", url="/people/3/"),
                RingMark(name="Bob", initials="BH", step=1, sector="Acme Personnel"),
                RingMark(name="Priya", initials="P", step=1, sector="Acme"),
                RingMark(name="Lee", initials="LP", step=1, sector="Acme"),
                RingMark(name="Marco", initials="M", step=3, sector="Old colleagues"),
            ],
            ["Parish", "Acme", "Acme Personnel", "Northbank", "Old colleagues"],
            uid="rings",
        ),
        "heat": heat(
            {
                "Ana": [2, 3, 1, 4, 3, 5, 2, 4],
                "Dev": [0, 1, 0, None, None, 2, 1, 1],
                "George": [1, 2, 4, 3, 5, 4, 6, 5],
                "Joy": [3, 3, 2, 0, 0, 0, 1, 0],
                "Ken": [5, 4, 6, 5, 7, 4, 5, 6],
            }
        ),
        "weeks": ["29 Sep", "6 Oct", "13", "20", "27", "3 Nov", "10", "17"],
        "dots": dots(7, uid="dots"),
        "ledger": ledger(
            [
                Entry(on=date(2026, 9, 13), side="received", label="30 minutes"),
                Entry(on=date(2026, 9, 20), side="gave", label="an article"),
                Entry(on=date(2026, 10, 8), side="gave", label="introduced Raj"),
                Entry(on=date(2026, 10, 20), side="received", label="advice on the survey"),
                Entry(on=date(2026, 11, 1), side="gave", label="the survey"),
                Entry(on=date(2026, 11, 8), side="received", label="two names"),
                Entry(on=date(2026, 11, 14), side="gave", label="thanks"),
            ],
            name="Shirley",
            today=TODAY,
            uid="ledger",
        ),
        "substance": substance_by_trust(
            [
                Given(name="Marco", step=1, substance=0, on=date(2026, 9, 1)),
                Given(name="Ken", step=1, substance=1, on=date(2026, 9, 3)),
                Given(name="Joy", step=1, substance=0, on=date(2026, 9, 9)),
                Given(name="Bill", step=3, substance=2, on=date(2026, 10, 1)),
                Given(name="Shirley", step=4, substance=4, on=date(2026, 11, 1)),
                Given(name="Ann", step=5, substance=5, on=date(2026, 11, 3)),
            ],
            uid="substance",
        ),
        "steps": [
            {"label": "Asked", "state": "done"},
            {"label": "Checking", "state": "done"},
            {"label": "Agreed", "state": "now"},
            {"label": "Made", "state": "next"},
        ],
        "views": [
            {"label": "Map", "url": "?view=map", "current": True},
            {"label": "List", "url": "?view=list", "current": False},
        ],
    }


def _member(request: HttpRequest) -> None:
    request.user = SimpleNamespace(  # type: ignore[assignment]
        is_authenticated=True,
        email="george@example.test",
        theme=request.GET.get("theme", "light"),
        single_keys=request.GET.get("keys", "on") == "on",
    )


def _show(request: HttpRequest, name: str, status: int = 200, **context: object) -> HttpResponse:
    text = (Path(__file__).parent / "gallery" / name).read_text()
    template = engines["django"].from_string(text)
    return HttpResponse(template.render(context, request), status=status)


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    _member(request)
    form = PersonForm(request.POST or None)
    status = 422 if request.method == "POST" and not form.is_valid() else 200
    if request.GET.get("notice"):
        notice(request, "Logged. Next: write to Shirley by 27 November.", undo_url="/undo/")
        messages.error(request, "That file is empty; choose another.")
    return _show(request, "page.html", status, form=form, **_everything())


@login_not_required
def log(request: HttpRequest) -> HttpResponse:
    _member(request)
    if request.method == "POST":
        notice(request, "Logged: Shirley.", undo_url="/undo/")
        return redirect("followups:today")
    return _show(request, "log.html")


@login_not_required
def search(request: HttpRequest) -> HttpResponse:
    _member(request)
    return _show(request, "search.html", found=["Shirley Okoro", "Shirin Azad"])


@login_not_required
def done(request: HttpRequest) -> HttpResponse:
    _member(request)
    notice(request, "Done. Ann comes next.", undo_url="/undo/")
    return _show(request, "done.html")


@login_not_required
def plain(request: HttpRequest, pk: int = 0) -> HttpResponse:
    _member(request)
    return _show(request, "log.html")


@login_not_required
def expired(request: HttpRequest) -> HttpResponse:
    return redirect("/account/login/")


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    return _show(request, "page.html", form=PersonForm(), **_everything())


urlpatterns = [
    path(
        "",
        include(
            (
                [path("today/", page, name="today"), path("upcoming/", plain, name="upcoming")],
                "followups",
            )
        ),
    ),
    path(
        "people/",
        include(
            (
                [
                    path("", plain, name="list"),
                    path("<int:pk>/", plain, name="detail"),
                    path("add/", plain, name="add"),
                    path("log/", log, name="log"),
                    path("search/", search, name="search"),
                ],
                "contacts",
            )
        ),
    ),
    path(
        "",
        include(
            (
                [
                    path("introductions/", plain, name="list"),
                    path("give/", plain, name="give_ask"),
                    path("plan/", plain, name="plan"),
                ],
                "introductions",
            )
        ),
    ),
    path("groups/", include(([path("", plain, name="home")], "groups"))),
    path(
        "settings/",
        include(
            ([path("", plain, name="settings"), path("pause/", plain, name="pause")], "accounts")
        ),
    ),
    path("account/login/", front, name="account_login"),
    path("account/logout/", plain, name="account_logout"),
    path("help/", plain, name="help"),
    path("done/", done, name="done"),
    path("expired/", expired, name="expired"),
    path("undo/", done, name="undo"),
    path("sw.js", pwa.service_worker, name="service_worker"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("offline/", pwa.offline, name="offline"),
]
