"""Signing up, signing in, and the user's own settings."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils.formats import date_format

from netcrm.accounts.models import User
from tests import make

SIGN_UP = {"email": "new@example.test", "password1": make.PASSWORD}


def link_in(mail):
    return re.search(r"https?://testserver(\S+)", mail.body).group(1)


def test_signing_up_needs_the_link_in_the_mail(client, db, mailoutbox):
    client.post(reverse("account_signup"), {**SIGN_UP, "time_zone": "Asia/Tokyo"})
    assert User.objects.get(email="new@example.test").time_zone == "Asia/Tokyo"
    assert client.get(reverse("accounts:settings")).status_code == 302
    link = link_in(mailoutbox[0])
    assert client.get(link).status_code == 200
    client.post(link)
    client.post(reverse("account_login"), {"login": "new@example.test", "password": make.PASSWORD})
    assert client.get(reverse("accounts:settings")).status_code == 200


def test_an_unknown_zone_does_not_stop_a_sign_up(client, db):
    client.post(reverse("account_signup"), {**SIGN_UP, "time_zone": "Mars/Olympus"})
    assert User.objects.get(email="new@example.test").time_zone == "UTC"


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(
    client, ana, mailoutbox
):
    fresh = client.post(reverse("account_signup"), SIGN_UP)
    known = client.post(reverse("account_signup"), {**SIGN_UP, "email": ana.email})
    assert (fresh.status_code, fresh.url) == (known.status_code, known.url)
    assert {mail.to[0] for mail in mailoutbox} == {"new@example.test", ana.email}
    assert User.objects.count() == 2


@pytest.mark.parametrize("email", ["ana@example.test", "nobody@example.test"], ids=["known", "not"])
def test_asking_for_a_new_password_says_the_same_to_everybody(client, ana, email):
    answer = client.post(reverse("account_reset_password"), {"email": email})
    assert (answer.status_code, answer.url) == (302, reverse("account_reset_password_done"))


@pytest.mark.parametrize("password", ["password", "short", "ana@example.test"])
def test_weak_passwords_are_refused(client, db, password):
    answer = client.post(
        reverse("account_signup"), {"email": "ana@example.test", "password1": password}
    )
    assert answer.status_code == 200
    assert User.objects.count() == 0


def test_a_password_of_200_characters_is_welcome(client, db):
    client.post(reverse("account_signup"), {**SIGN_UP, "password1": "long walk " * 20})
    assert User.objects.count() == 1


def test_signing_in_makes_a_new_session(client, ana):
    client.get(reverse("account_login"))
    client.session["before"] = True
    before = client.session.session_key
    client.post(reverse("account_login"), {"login": ana.email, "password": make.PASSWORD})
    assert client.session.session_key != before


@pytest.mark.parametrize("page", ["settings", "reminders", "appearance"])
def test_saving_a_settings_page_unchanged_changes_nothing(client, ana, page):
    client.force_login(ana)
    url = reverse(f"accounts:{page}")
    form = client.get(url).context["form"]
    before = User.objects.filter(pk=ana.pk).values().get()
    data = {bound.html_name: bound.value() for bound in form}
    data = {name: value for name, value in data.items() if value is not None and value is not False}
    assert client.post(url, data).status_code == 302
    assert User.objects.filter(pk=ana.pk).values().get() == before


def test_reminders_can_come_on_chosen_days(client, ana):
    client.force_login(ana)
    url = reverse("accounts:reminders")
    data = {
        "reminder_speed": "closing",
        "send_at": "02:30",
        "send_weekdays": ["0", "6"],
        "weekly_on": "4",
        "daily_budget": "3",
        "touches_per_week": "12",
        "birthday_lead_days": "3",
    }
    assert client.post(url, data).status_code == 302
    ana.refresh_from_db()
    assert ana.send_weekdays == 0b1000001
    assert f"{ana.send_at:%H:%M}" == "02:30"
    assert ana.birthday_lead_days == 3


def test_what_was_typed_stays_when_a_field_is_wrong(client, ana):
    client.force_login(ana)
    answer = client.post(
        reverse("accounts:settings"), {"name": "Ana R.", "time_zone": "Mars/Olympus"}
    )
    assert answer.status_code == 422
    assert "Ana R." in answer.text
    assert "<title>Error:" in answer.text
    ana.refresh_from_db()
    assert ana.name == "Ana Ruiz"


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_chosen_theme_is_there_before_any_script(client, ana, theme):
    ana.theme = theme
    ana.save()
    client.force_login(ana)
    assert f'data-bs-theme="{theme}"' in client.get(reverse("accounts:appearance")).text


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "usersessions_list",
    ],
)
def test_the_sign_in_pages_stand_in_our_frame(client, ana, name):
    client.post(reverse("account_login"), {"login": ana.email, "password": make.PASSWORD})
    page = client.get(reverse(name), follow=True)
    assert page.status_code == 200
    assert '<main id="main"' in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("account_login", {"login": "ana@example.test", "password": "wrong"}),
        ("account_signup", {"email": "nowhere"}),
        ("account_reset_password", {"email": "nowhere"}),
    ],
)
def test_what_is_wrong_is_summed_up_once(client, ana, name, data):
    assert client.post(reverse(name), data).text.count("data-error-summary") == 1


ACCOUNT_PAGES = [
    "account_change_password",
    "account_email",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
    "mfa_list_webauthn",
    "usersessions_list",
]
ENTRANCE_PAGES = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_email_verification_sent",
    "account_inactive",
]


def assert_in_our_words(page):
    text = re.sub(r"<[^>]+>", " ", page)
    assert not re.search(r"Two-Factor|Sign (Out|In)\b|\b[Ee]mails?\b|Sessions|Password \(", text)
    assert "placeholder" not in re.sub(r'<input id="search"[^>]*>', "", page)


@pytest.mark.parametrize("name", ENTRANCE_PAGES)
def test_the_pages_before_signing_in_are_in_our_words(client, db, name):
    assert_in_our_words(client.get(reverse(name)).text)


@pytest.mark.parametrize("name", ACCOUNT_PAGES)
def test_the_pages_about_signing_in_are_in_our_words(client, ana, name):
    client.force_login(ana)
    assert_in_our_words(client.get(reverse(name)).text)


def test_a_password_that_is_refused_keeps_the_labels(client, ana):
    client.force_login(ana)
    page = client.post(reverse("account_change_password"), {"oldpassword": "wrong"}).text
    assert page.count("The password you have now") == 2  # in the summary and above the box
    assert page.count("data-error-summary") == 1


@pytest.mark.parametrize(
    "name", ["accounts:settings", "followups:calendar", "followups:delivery", "accounts:data"]
)
def test_a_settings_page_is_marked_among_the_settings_alone(client, ana, name):
    client.force_login(ana)
    page = client.get(reverse(name)).text
    assert re.findall(r'<a href="([^"]+)" aria-current', page) == [reverse(name)]


def test_the_pages_of_signing_in_stand_under_one_tab(client, ana):
    client.force_login(ana)
    page = client.get(reverse("mfa_list_webauthn")).text
    assert re.findall(r'<a href="([^"]+)" aria-current', page) == [
        reverse("account_email"),
        reverse("mfa_index"),
    ]


def test_a_day_without_a_format_of_its_own_reads_like_all_others():
    assert date_format(date(2026, 11, 3)) == "3 November 2026"


def test_a_code_from_an_app_is_set_up_in_our_words(client, ana):
    client.force_login(ana)
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).text
    assert 'class="qr"' in page
    assert_in_our_words(page)
    assert_in_our_words(client.get(reverse("mfa_add_webauthn")).text)
