"""The words templates are written in."""

from types import SimpleNamespace

import pytest
from django import forms
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path

from netcrm.kit.templatetags import look


def _view(request: HttpRequest) -> None: ...


followups_urls = [path("today/", _view, name="today")]
contacts_urls = [path("", _view, name="list"), path("<int:pk>/", _view, name="detail")]
introductions_urls = [
    path("introductions/", _view, name="list"),
    path("plan/", _view, name="plan"),
    path("targets/", _view, name="targets"),
]
urlpatterns = [
    path("", include((followups_urls, "followups"))),
    path("people/", include((contacts_urls, "contacts"))),
    path("", include((introductions_urls, "introductions"))),
    path("groups/", include(([path("", _view, name="home")], "groups"))),
]


def request_for(address: str, **user: object) -> HttpRequest:
    from django.urls import resolve

    request = RequestFactory().get(address)
    request.user = SimpleNamespace(is_authenticated=True, **user)  # type: ignore[assignment]
    request.resolver_match = resolve(address)
    return request


def current_label(address: str) -> str:
    found = look.places(Context({"request": request_for(address)}))
    return next((str(place["label"]) for place in found if place["current"]), "")


@pytest.mark.urls("tests.netcrm.kit.test_look")
class TestPlaces:
    def test_a_place_whose_page_does_not_exist_yet_is_left_out(self) -> None:
        labels = [
            str(place["label"])
            for place in look.places(Context({"request": request_for("/today/")}))
        ]
        assert labels == ["Today", "People", "Introductions", "Plan", "Group"]

    def test_the_longest_matching_address_is_the_current_place(self) -> None:
        assert current_label("/people/7/") == "People"
        assert current_label("/plan/") == "Plan"

    def test_a_page_at_an_address_of_its_own_belongs_to_its_apps_first_place(self) -> None:
        assert current_label("/targets/") == "Introductions"

    def test_group_is_hidden_from_someone_in_no_group(self) -> None:
        found = look.places(Context({"request": request_for("/today/", in_a_group=False)}))
        assert "Group" not in [str(place["label"]) for place in found]

    def test_a_link_to_a_page_that_does_not_exist_is_empty(self) -> None:
        assert look.nav_url("contacts:detail", pk=3) == "/people/3/"
        assert look.nav_url("contacts:nowhere") == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Shirley Okoro", "SO"),
        ("Ann", "A"),
        ("maría josé de la cruz", "MC"),
        ("李小龙", "李"),
        ("'' — 🙂", "?"),
        ("", "?"),
        ("ßeta Straße", "SS"),
        ("O'Neill <script>", "OS"),
    ],
)
def test_initials_stand_for_a_name_in_any_script(name: str, expected: str) -> None:
    assert look.initials(name) == expected


def test_the_theme_is_the_users_then_the_browsers_then_automatic() -> None:
    request = RequestFactory().get("/")
    assert look.theme(Context({"request": request})) == "auto"
    request.COOKIES["theme"] = "dark"
    assert look.theme(Context({"request": request})) == "dark"
    request.user = SimpleNamespace(theme="light")  # type: ignore[assignment]
    assert look.theme(Context({"request": request})) == "light"
    request.user = SimpleNamespace(theme='"><script>')  # type: ignore[assignment]
    assert look.theme(Context({"request": request})) == "auto"


def test_a_card_escapes_its_title_and_keeps_its_content() -> None:
    template = Template(
        '{% load look %}{% card title=title name=title badge="good window" state="window" %}'
        "<p>{{ title }}</p>{% endcard %}"
    )
    html = template.render(Context({"title": "<b>Bill</b>"}))
    assert "<b>" not in html
    assert html.count("&lt;b&gt;Bill&lt;/b&gt;") == 2
    assert "badge-window" in html


def test_an_error_in_the_summary_names_its_field_and_points_at_it() -> None:
    class Form(forms.Form):
        name = forms.CharField()
        how = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
        token = forms.CharField(widget=forms.HiddenInput)

        def clean(self) -> None:
            raise forms.ValidationError("The two dates are the wrong way round.")

    assert look.error_links(Form({})) == [
        {"target": "", "text": "The two dates are the wrong way round."},
        {"target": "id_name", "text": "Name: This field is required."},
        {"target": "id_how_0", "text": "How: This field is required."},
        {"target": "", "text": "Token: This field is required."},
    ]


@pytest.mark.parametrize("name", ["404", "403", "403_csrf", "429", "500", "503", "offline"])
def test_a_page_for_bad_moments_needs_nothing_to_be_shown(name: str) -> None:
    html = render_to_string(f"{name}.html")
    assert "<h1>" in html
    assert "css/app.css" in html


def test_a_broken_manifest_does_not_take_the_error_page_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(path: str) -> str:
        raise ValueError(f"Missing staticfiles manifest entry for {path!r}")

    monkeypatch.setattr(look.staticfiles_storage, "url", missing)
    assert "Something broke on our side" in render_to_string("500.html")
