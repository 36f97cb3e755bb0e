"""The pages about follow-ups: what they show, what one press does, and who may press."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from contacts.models import Contact, Interaction, Ring
from followups import selectors, why
from followups.models import FollowUp, Spread, WroteAnyway
from followups.services import plan
from followups.templatetags.followups import setting_url
from netcrm.accounts.models import User
from tests import make

NOW = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)  # a Tuesday
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def today(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


def somebody(owner: User, name: str = "Shirley Okoro", *, days: int = 25, **fields) -> Contact:
    person = make.contact(owner, name=name, **fields)
    make.interaction(person, at=NOW - timedelta(days=days))
    Contact.objects.filter(pk=person.pk).update(last_contact_at=NOW - timedelta(days=days))
    plan(owner, at=NOW)
    return person


def follow_up(person: Contact) -> FollowUp:
    return FollowUp.objects.open().get(contact=person)


def url(name: str, *args: object) -> str:
    return reverse(f"followups:{name}", args=args)


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("setting", sorted(set(why.SETTINGS) - {"ask"}))
def test_what_would_change_a_date_is_one_press_away(page, ana, setting):
    step = selectors.next_step(somebody(ana), TODAY)
    assert step is not None
    line = why.RuleLine(fact="", effect="", change="", setting=setting)
    assert page.get(setting_url(line, step)).status_code == 200


def test_show_the_rule_leads_to_the_setting_behind_it(page, ana):
    person = somebody(ana)
    where = f'<a href="{url("rhythm_person", person.pk)}">Another ring, or a rhythm of their own'
    assert where in text(page.get(url("today")))
    assert where in text(page.get(person.get_absolute_url()))


def test_today_says_who_what_and_why(page, ana):
    somebody(ana)
    answer = text(page.get(url("today")))
    assert "One person would be glad to hear from you." in answer
    assert "Shirley Okoro" in answer
    assert "Send Shirley a short update or something useful" in answer
    assert "You were last in touch three weeks ago" in answer
    assert "Good window" in answer


def test_today_with_nobody_invites_the_first(page):
    answer = text(page.get(url("today")))
    assert "Nobody needs you today." in answer
    assert "It begins with one person who has helped you." in answer


def test_today_with_nobody_due_names_the_next(page, ana):
    somebody(ana, days=1)
    answer = text(page.get(url("today")))
    assert "Nobody needs you today." in answer
    assert "Next is Shirley, on " in answer


def test_one_press_on_done_is_enough(page, ana):
    person = somebody(ana)
    row = follow_up(person)
    answer = page.post(url("done", row.pk), follow=True)
    assert answer.redirect_chain == [(url("today"), 302)]
    assert "Shirley: done. Next" in text(answer)
    assert "That is all for today." in text(answer)
    assert Interaction.objects.filter(people=person).count() == 2
    again = page.post(url("done", row.pk), follow=True)
    assert "That one was done already." in text(again)
    assert Interaction.objects.filter(people=person).count() == 2


def undo_of(answer) -> str:
    body = answer.content.decode()
    start = body.index('action="/undo/') + len('action="')
    return body[start : body.index('"', start)]


def test_done_can_be_undone_from_the_notice(page, ana):
    person = somebody(ana)
    row = follow_up(person)
    answer = page.post(url("done", row.pk), {"what": "met", "note": "coffee"}, follow=True)
    assert "coffee" in Interaction.objects.filter(people=person).values_list("note", flat=True)
    for _ in range(2):
        assert page.post(undo_of(answer)).status_code == 302
        assert follow_up(person).pk == row.pk
        assert Interaction.objects.filter(people=person).count() == 1


def test_an_undo_belongs_to_who_was_given_it(page, client, ana, ben):
    row = follow_up(somebody(ana))
    taken = undo_of(page.post(url("done", row.pk), follow=True))
    client.force_login(ben)
    assert client.post(taken).status_code == 404
    assert client.post("/undo/made-up/").status_code == 404


def test_a_press_with_htmx_brings_a_fresh_day_and_the_notice(page, ana):
    row = follow_up(somebody(ana))
    somebody(ana, "Ken Ito")
    answer = page.post(url("done", row.pk), headers={"HX-Request": "true", "HX-Target": "day"})
    body = text(answer)
    assert answer.status_code == 200
    assert "<html" not in body
    assert 'hx-swap-oob="beforeend"' in body
    assert "Shirley: done." in body
    assert body.count("data-focus") == 1


@pytest.mark.parametrize(
    ("data", "until"),
    [
        ({"meaning": "tomorrow"}, TODAY + timedelta(days=1)),
        ({"meaning": "theirs", "on": "2027-01-10"}, datetime(2027, 1, 10).date()),  # noqa: DTZ001
    ],
    ids=["tomorrow", "they told me when"],
)
def test_later_says_until_when_and_can_be_undone(page, ana, data, until):
    person = somebody(ana)
    answer = page.post(url("later", follow_up(person).pk), data, follow=True)
    assert "Shirley waits until" in text(answer)
    assert follow_up(person).opens_on == until
    page.post(undo_of(answer))
    assert follow_up(person).opens_on <= TODAY


def test_later_without_the_day_they_named_asks_for_it(page, ana):
    person = somebody(ana)
    for on in ("", "2020-01-01", "soon"):
        answer = page.post(url("later", follow_up(person).pk), {"meaning": "theirs", "on": on})
        assert answer.status_code == 422
    assert follow_up(person).deferred_until is None


def test_the_third_later_asks_whether_something_makes_it_hard(page, ana):
    person = somebody(ana)
    FollowUp.objects.filter(contact=person).update(times_deferred=2)
    row = follow_up(person)
    answer = page.post(url("later", row.pk), {"meaning": "tomorrow"})
    assert "Is something making this one hard?" in text(answer)
    assert follow_up(person).deferred_until is None
    page.post(url("later", row.pk), {"meaning": "tomorrow", "anyway": "1"})
    assert follow_up(person).deferred_until is not None


def test_parking_from_a_card_can_be_undone(page, ana):
    person = somebody(ana)
    answer = page.post(url("later", follow_up(person).pk), {"meaning": "park"}, follow=True)
    assert "Shirley is parked" in text(answer)
    person.refresh_from_db()
    assert person.ring == Ring.D
    page.post(undo_of(answer))
    person.refresh_from_db()
    assert person.ring == Ring.B


def test_writing_too_soon_shows_the_date_and_the_last_contact_first(page, ana):
    person = somebody(ana, days=2)
    row = follow_up(person)
    before = text(page.get(url("write", person.pk)))
    assert "It is early: the good window opens" in before
    assert "Last contact, over all channels: 15 November 2026." in before
    assert "Write anyway" in before
    assert "Your words" not in before
    after = text(page.post(url("write", person.pk), follow=True))
    assert "Your words" in after
    assert WroteAnyway.objects.get(contact=person).opens_on == row.opens_on


def test_writing_in_the_window_needs_no_confirmation(page, ana):
    person = somebody(ana)
    person.points.create(kind="email", value="s@acme.test", key="s@acme.test")
    answer = text(page.get(url("write", person.pk)))
    assert "mailto:s@acme.test" in answer
    assert "Write anyway" not in answer
    assert not WroteAnyway.objects.exists()


def test_one_person_is_left_in_peace_and_the_notice_takes_it_back(page, ana):
    person = somebody(ana)
    for until in ("", "2020-01-01", "soon"):
        assert page.post(url("pause_person", person.pk), {"until": until}).status_code == 422
    answer = page.post(url("pause_person", person.pk), {"until": "2026-12-24"}, follow=True)
    assert "Shirley is left in peace until 24 December." in text(answer)
    assert follow_up(person).opens_on.isoformat() == "2026-12-24"
    page.post(undo_of(answer))
    assert follow_up(person).opens_on <= TODAY


def test_a_pause_is_silent_and_its_end_is_kind(page, ana):
    for n in range(12):
        somebody(ana, f"Person {n:02}")
    page.post(url("pause"), {"weeks": 2})
    body = text(page.get(url("today")))
    assert "It is quiet here, as you wished." in body
    assert "Person" not in body
    assert "Welcome back." in text(page.post(url("resume"), follow=True))
    ana.refresh_from_db()
    assert ana.paused_until is None


@pytest.mark.parametrize("weeks", ["0", "5", "", "x"])
def test_a_pause_of_no_such_length_is_refused(page, ana, weeks):
    assert page.post(url("pause"), {"weeks": weeks}).status_code == 422
    ana.refresh_from_db()
    assert ana.paused_until is None


def test_a_fresh_start_is_offered_once_and_can_be_undone(page, ana):
    people = [make.contact(ana, name=f"Person {n}") for n in range(6)]
    for person in people:
        make.interaction(person, at=NOW - timedelta(days=80))
    plan(ana, at=NOW - timedelta(days=50))
    plan(ana, at=NOW)
    before = {p.pk: follow_up(p).opens_on for p in people}
    assert "Make a fresh start" in text(page.get(url("today")))
    answer = page.post(url("fresh_start"), follow=True)
    assert "Make a fresh start" not in text(answer)
    assert all(follow_up(p).opens_on >= TODAY for p in people)
    page.post(undo_of(answer))
    assert {p.pk: follow_up(p).opens_on for p in people} == before
    assert Spread.objects.get().undone_at is not None
    assert "Make a fresh start" not in text(page.get(url("today")))


def test_upcoming_names_each_day_and_its_people(page, ana):
    for n in range(7):
        somebody(ana, f"Person {n}")
    body = text(page.get(url("upcoming")))
    assert "7 people, if each day is seen to." in body
    assert body.index("Tuesday 17 November") < body.index("Wednesday 18 November")


def test_reading_changes_nothing(page, ana):
    person = somebody(ana)
    before = list(FollowUp.objects.values())
    for name, args in (
        ("today", ()),
        ("upcoming", ()),
        ("done", (follow_up(person).pk,)),
        ("later", (follow_up(person).pk,)),
        ("write", (person.pk,)),
        ("pause_person", (person.pk,)),
        ("pause", ()),
    ):
        assert page.get(url(name, *args)).status_code == 200
    assert list(FollowUp.objects.values()) == before


@pytest.mark.parametrize("name", ["today", "upcoming"])
def test_a_page_costs_the_same_for_few_people_and_for_many(
    page, ana, name, settings, django_assert_max_num_queries
):
    settings.USERSESSIONS_TRACK_ACTIVITY = False  # its own five queries are not this page's
    for n in range(3):
        somebody(ana, f"Person {n}")
    page.get(url(name))
    with django_assert_max_num_queries(8) as few:
        page.get(url(name))
    for n in range(20):
        somebody(ana, f"More {n}")
    with django_assert_max_num_queries(len(few)):
        page.get(url(name))
