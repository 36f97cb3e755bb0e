"""The pages of introductions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from followups.models import FollowUp
from introductions import services
from introductions.engine import workflow
from introductions.models import ForwardNote, Introduction, Opportunity, Referral, TrustState
from tests import make


@pytest.fixture
def page(client, ana):
    client.force_login(ana)
    return client


@pytest.fixture
def bill_introduced_shirley(ana):
    return make.introduction(
        make.contact(ana, "Bill Moss"), make.contact(ana, "Shirley Okoro"), at=timezone.now()
    )


def test_an_introduction_adds_people_nobody_had(page, ana):
    answer = page.post(
        reverse("introductions:record"),
        {"introducer": "Bill Moss", "introduced": "Shirley Okoro", "state": "made"},
    )
    row = Introduction.objects.get()
    assert answer.url == row.get_absolute_url()
    assert (row.introducer.name, row.introduced.name) == ("Bill Moss", "Shirley Okoro")
    assert row.introducee == make.me(ana)


def test_a_first_name_is_enough_for_somebody_there_is(page, ana):
    bill = make.contact(ana, "Bill Moss")
    page.post(
        reverse("introductions:record"),
        {"introducer": "bill", "introduced": "Shirley", "state": "made"},
    )
    assert Introduction.objects.get().introducer == bill


@pytest.mark.parametrize("by_me", [False, True], ids=["of mine", "between two of mine"])
def test_an_introduction_of_an_earlier_day_takes_back_nothing_known_since(page, ana, by_me):
    now = timezone.now()
    lee = make.contact(ana, "Lee Park")
    services.record_introduction(
        owner=ana,
        introducer=make.contact(ana, "Marco Silva"),
        introducee=make.me(ana),
        introduced=lee,
        state="made",
        at=now,
    )
    assert TrustState.objects.get(contact=lee).level == 1
    on = ana.day(now - timedelta(days=20))
    names = ("introducee", "introduced") if by_me else ("introducer", "introduced")
    answer = page.post(
        reverse("introductions:between" if by_me else "introductions:record"),
        {names[0]: "Lee Park", names[1]: "Nora Quill", "state": "made", "on": on.isoformat()},
    )
    assert answer.status_code == 302
    row = Introduction.objects.get(introduced__name="Nora Quill")
    assert ana.day(row.made_at) == on
    assert TrustState.objects.get(contact=lee).level == 1
    assert FollowUp.objects.visible_to(ana).filter(contact=lee).exists()


def test_before_anybody_was_asked_nobody_is_waiting(page, ana):
    ann, dana = make.contact(ana, "Ann Lee"), make.contact(ana, "Dana Wood")
    row = make.introduction(ann, dana, state="wanted", made_at=None)
    assert "Ann is waiting" not in page.get(row.get_absolute_url()).text
    made = make.introduction(ann, make.contact(ana, "Bill Moss"), at=timezone.now())
    assert "Ann is waiting" in page.get(made.get_absolute_url()).text


def test_what_takes_it_on_is_offered_before_what_ends_it(page, ana):
    one, other = make.contact(ana, "Raj Iyer"), make.contact(ana, "Ken Ito")
    row = services.record_introduction(
        owner=ana,
        introducer=make.me(ana),
        introducee=one,
        introduced=other,
        state="wanted",
        at=timezone.now(),
    )
    for state in ("asked", "agreed"):
        services.move(row, to=state, at=timezone.now())
    buttons = re.findall(
        r'name="to" value="(\w+)" class="btn ([\w-]+)"', page.get(row.get_absolute_url()).text
    )
    assert buttons == [("made", "btn-primary"), ("declined", "btn-secondary")]


def test_two_of_one_name_are_asked_apart(page, ana):
    make.contact(ana, "Bill Moss")
    make.contact(ana, "Bill Hunt")
    answer = page.post(
        reverse("introductions:record"),
        {"introducer": "Bill", "introduced": "Shirley", "state": "made"},
    )
    assert answer.status_code == 422
    assert "more than one “Bill”" in answer.text
    assert 'value="Shirley"' in answer.text
    assert Contact.objects.people().count() == 2


@pytest.mark.parametrize(
    "data",
    [
        {"introducer": "Bill", "introduced": "bill"},
        {"introducer": "", "introduced": "Shirley"},
        {"introducer": "Bill", "introduced": "S" * 5000},
        {"introducer": "Bill", "introduced": "Shirley", "on": "2999-01-01"},
        {"introducer": "Bill", "introduced": "Shirley", "on": "31/31/2026"},
    ],
    ids=["the same twice", "nobody", "5,000 characters", "a day to come", "no day"],
)
def test_what_cannot_be_is_said_in_words_and_nothing_is_saved(page, data):
    answer = page.post(reverse("introductions:record"), {"state": "made", **data})
    assert answer.status_code == 422
    assert "Something needs another look" in answer.text
    assert not Introduction.objects.exists()
    assert not Contact.objects.people().exists()


def test_the_list_shows_the_chain_and_who_waits(page, ana):
    ann, bill = make.contact(ana, "Ann Lee"), make.contact(ana, "Bill Moss")
    now = timezone.now()
    make.introduction(ann, bill, at=now - timedelta(days=20))
    make.interaction(bill, at=now - timedelta(days=9), kind="meeting")
    answer = page.get(reverse("introductions:list"))
    assert "Ann hasn’t heard how it went with Bill." in answer.text
    assert "<svg" in answer.text


def rows_of(text, section):
    """How many rows the list below a heading shows."""
    found = re.search(rf'<h2 id="{section}">.*?</ul>', text, re.DOTALL)
    return found.group().count("<li>") if found else 0


def test_a_long_list_shows_ten_and_the_rest_has_a_page_of_its_own(page, ana):
    ann = make.contact(ana, "Ann Lee")
    for n in range(60):
        make.introduction(ann, make.contact(ana, f"Person {n:02}"), at=timezone.now())
    text = page.get(reverse("introductions:list")).text
    assert rows_of(text, "under_way") == 10
    assert "All 60: Under way" in text
    whole = reverse("introductions:every", args=["under_way"])
    first, second = page.get(whole).text, page.get(whole, {"page": 2}).text
    assert whole in text
    assert "1 to 50 of 60" in first
    assert "51 to 60 of 60" in second
    shown = set(re.findall(r"Person \d\d", first)) | set(re.findall(r"Person \d\d", second))
    assert len(shown) == 60


def test_every_list_has_its_page_and_nothing_else_has(page, ana):
    ann, bill, shirley = (make.contact(ana, n) for n in ("Ann Lee", "Bill Moss", "Shirley Okoro"))
    long_ago = timezone.now() - timedelta(days=20)
    make.introduction(ann, bill, at=long_ago)
    make.interaction(bill, at=long_ago + timedelta(days=3), kind="meeting")
    make.introduction(ann, shirley, state="declined", made_at=None, at=long_ago)
    Referral.objects.create(giver=bill, giver_step=1, given_on="2026-01-05", to_name="Bob Hale")
    for kind, said in {
        "loops": "Ann hasn’t heard how it went with Bill.",
        "stalls": "Ann Lee introduced you to Bill Moss",
        "offers": "Bob Hale, offered by Bill",
        "under_way": "introduced you to Bill Moss",
        "closed": "Shirley Okoro",
    }.items():
        assert said in page.get(reverse("introductions:every", args=[kind])).text
    assert page.get(reverse("introductions:every", args=["else"])).status_code == 404


def test_what_needs_something_done_stands_before_what_is_under_way(page, ana):
    ann, bill = make.contact(ana, "Ann Lee"), make.contact(ana, "Bill Moss")
    long_ago = timezone.now() - timedelta(days=20)
    make.introduction(ann, bill, at=long_ago)
    make.interaction(bill, at=long_ago + timedelta(days=3), kind="meeting")
    text = page.get(reverse("introductions:list")).text
    assert text.index('id="loops"') < text.index('id="stalls"') < text.index('id="under_way"')


def test_a_move_is_made_by_its_button(page, bill_introduced_shirley):
    url = reverse("introductions:move", args=[bill_introduced_shirley.pk])
    page.post(url, {"to": "met"})
    bill_introduced_shirley.refresh_from_db()
    assert bill_introduced_shirley.state == workflow.State.MET


def test_a_move_out_of_turn_is_refused_in_words(page, bill_introduced_shirley):
    url = reverse("introductions:move", args=[bill_introduced_shirley.pk])
    answer = page.post(url, {"to": "asked"}, follow=True)
    assert "cannot become" in answer.text


def test_every_page_of_another_owner_is_404(client, ben, bill_introduced_shirley):
    client.force_login(ben)
    for name in ("detail", "move", "note", "nudged"):
        url = reverse(f"introductions:{name}", args=[bill_introduced_shirley.pk])
        answer = client.get(url) if name == "detail" else client.post(url, {"to": "met"})
        assert answer.status_code == 404


def test_the_list_costs_the_same_for_few_and_many(page, ana):
    ann = make.contact(ana, "Ann Lee")

    def queries():
        with CaptureQueriesContext(connection) as asked:
            page.get(reverse("introductions:list"))
        return len(asked)

    def add(count):
        for n in range(count):
            make.introduction(ann, make.contact(ana, f"Person {n}"), at=timezone.now())

    queries()  # the first visit of a day writes it down
    add(3)
    few = queries()
    add(20)
    assert queries() == few <= 8


# The note that can be forwarded


@pytest.fixture
def wanted(ana):
    return make.introduction(
        make.contact(ana, "Ann Lee"),
        make.contact(ana, "Dana Reyes"),
        state="wanted",
        made_at=None,
    )


NOTE = {
    "subject": "Two questions about weekly pay",
    "who_i_am": "I am Ana and I plan shifts for bakeries.",
    "why_them": "Dana moved Northbank to weekly pay.",
    "what_i_want": "Could I ask two questions in twenty minutes?",
    "what_they_get": "I can send the survey I made.",
    "easy_no": "If now is not the time, that is no problem.",
}


def note_url(row, name="note"):
    return reverse(f"introductions:{name}", args=[row.pk])


def test_a_note_ticks_as_it_is_typed_and_nothing_is_kept(page, wanted):
    answer = page.post(
        note_url(wanted, "check_note"), {**NOTE, "easy_no": ""}, headers={"hx-request": "true"}
    )
    assert answer.text.count("check-passed") == 4
    assert "4 of 5 said" in answer["HX-Trigger"]
    assert "Missing:" in answer.text
    assert not ForwardNote.objects.exists()
    again = page.post(note_url(wanted, "check_note"), {**NOTE, "easy_no": "", "said": "4"})
    assert "HX-Trigger" not in again


def test_more_than_120_words_warn_and_block_nothing(page, wanted):
    long = {**NOTE, "why_them": f"Dana {'knows a lot ' * 40}"}
    answer = page.post(note_url(wanted, "check_note"), long)
    assert "of 120 words" in answer.text
    assert "alert-warning" in answer.text
    assert page.post(note_url(wanted), long).status_code == 302
    assert "alert-warning" in page.get(wanted.get_absolute_url()).text


def test_without_script_saving_shows_the_ticks_the_text_and_the_link(page, wanted):
    wanted.introducer.points.create(kind="email", value="ann@x.test", key="ann@x.test")
    page.post(note_url(wanted), NOTE)
    text = page.get(wanted.get_absolute_url()).text
    assert text.count("check-passed") == 5
    assert "I am Ana and I plan shifts for bakeries. Dana moved Northbank to weekly pay." in text
    assert (
        "mailto:ann@x.test?subject=Two%20questions%20about%20weekly%20pay&amp;body=I%20am" in text
    )
    assert "%0D%0A%0D%0ACould" in text


def test_what_was_written_about_oneself_stands_in_the_next_note(page, ana, wanted):
    page.post(note_url(wanted), NOTE)
    other = make.introduction(
        wanted.introducer, make.contact(ana, "Bob Hale"), state="wanted", made_at=None
    )
    text = page.get(other.get_absolute_url()).text
    assert "I plan shifts for bakeries" in text
    assert "Dana" not in text
    assert "weekly pay" not in text.split("<form")[-1]


def test_a_note_too_long_to_keep_is_given_back_with_what_was_typed(page, wanted):
    answer = page.post(note_url(wanted), {**NOTE, "why_them": "x" * 5_001})
    assert answer.status_code == 422
    assert NOTE["easy_no"] in answer.text


def test_what_did_not_come_about_shows_no_note_to_write(page, wanted):
    Introduction.objects.filter(pk=wanted.pk).update(state="asked")
    Introduction.objects.filter(pk=wanted.pk).update(state="declined")
    assert "A note they can forward" not in page.get(wanted.get_absolute_url()).text


def test_a_made_introduction_needs_no_note(page, bill_introduced_shirley):
    assert (
        "A note they can forward" not in page.get(bill_introduced_shirley.get_absolute_url()).text
    )


# The owner as introducer


def test_introducing_two_people_is_a_give_to_both(page, ana):
    answer = page.post(
        reverse("introductions:between"),
        {"introducee": "Raj Iyer", "introduced": "Ken Ito", "state": "made", "on": "2026-01-05"},
    )
    row = Introduction.objects.get()
    assert answer.url == row.get_absolute_url()
    assert row.introducer == make.me(ana)
    assert {(g.contact.name, g.kind, str(g.given_on), g.note) for g in row.gives.all()} == {
        ("Raj Iyer", "introduction", "2026-01-05", "Introduced to Ken Ito"),
        ("Ken Ito", "introduction", "2026-01-05", "Introduced to Raj Iyer"),
    }


def test_a_planned_one_becomes_a_give_when_it_is_made(page, ana):
    page.post(
        reverse("introductions:between"),
        {"introducee": "Raj Iyer", "introduced": "Ken Ito", "state": "wanted"},
    )
    row = Introduction.objects.get()
    assert "Raj Iyer and Ken Ito, through you" in page.get(row.get_absolute_url()).text
    assert not row.gives.exists()
    page.post(reverse("introductions:move", args=[row.pk]), {"to": "made"})
    assert row.gives.count() == 2


@pytest.mark.parametrize(
    "data",
    [
        {"introducee": "Raj", "introduced": "raj"},
        {"introducee": "Raj", "introduced": ""},
        {"introducee": "Raj", "introduced": "Ken", "on": "2999-01-01"},
    ],
    ids=["the same twice", "nobody", "a day to come"],
)
def test_two_people_are_two_people(page, data):
    answer = page.post(reverse("introductions:between"), {"state": "made", **data})
    assert answer.status_code == 422
    assert not Introduction.objects.exists()
    assert not Contact.objects.people().exists()


def test_writing_down_an_ask_of_a_busy_introducer_says_why(page, ana):
    ana.introducer_limit = 1
    ana.save()
    wish = {"introducer": "Ann Lee", "introduced": "Dana Reyes", "state": "asked"}
    assert page.post(reverse("introductions:record"), wish).status_code == 302
    one_more = {**wish, "introduced": "Bob Hale"}
    refused = page.post(reverse("introductions:record"), one_more)
    assert refused.status_code == 422
    assert "Say why one more is right" in refused.text
    page.post(reverse("introductions:record"), {**one_more, "load_reason": "She offered"})
    assert Introduction.objects.get(introduced__name="Bob Hale").load_reason == "She offered"


# What ways to people hang on, and what came through somebody


def test_what_hangs_on_whom_and_where_a_way_ended_are_said(page, ana):
    ann, bill, marco, shirley, dana = (
        make.contact(ana, name)
        for name in ("Ann Lee", "Bill Moss", "Marco Silva", "Shirley Okoro", "Dana Reyes")
    )
    make.introduction(ann, bill)
    make.introduction(ann, marco)
    make.introduction(bill, shirley)
    make.introduction(shirley, dana, state="declined", made_at=None)
    health = page.get(reverse("introductions:list")).context["health"]
    assert [(person.name, n) for person, n in health.holds] == [("Ann Lee", 3)]
    (way,) = health.ended
    assert (way.names, way.at) == (("Ann", "Bill", "Shirley", "Dana"), "Shirley")
    text = page.get(reverse("introductions:list")).text
    assert "You know 3 people through them alone." in text
    assert "It ended at Shirley" in text


def test_a_second_way_to_somebody_takes_the_weight_off(page, ana):
    ann, kofi, bill, shirley = (make.contact(ana, n) for n in ("Ann", "Kofi", "Bill", "Shirley"))
    make.introduction(ann, bill)
    make.introduction(bill, shirley)
    make.introduction(kofi, shirley)
    health = page.get(reverse("introductions:list")).context["health"]
    assert health.holds == ()


def test_a_person_shows_everybody_who_came_through_them_and_what_came_of_it(page, ana):
    ann, bill, shirley = (make.contact(ana, n) for n in ("Ann Lee", "Bill Moss", "Shirley Okoro"))
    make.introduction(ann, bill)
    make.introduction(bill, shirley, state="closed", outcome="offer")
    for days in (3, 5):
        make.interaction(shirley, kind="meeting", at=timezone.now() - timedelta(days=days))
    make.interaction(shirley, kind="meeting", direction="out")
    Referral.objects.create(giver=shirley, giver_step=1, given_on="2026-01-05", to_name="Bob")
    Opportunity.objects.create(
        owner=ana,
        organization=make.organization(ana),
        role="Lead",
        through=shirley,
        stage_on="2026-01-05",
        offered_on="2026-01-05",
    )
    text = page.get(ann.get_absolute_url()).text
    below = text.split("Who came through Ann")[1]
    assert below.index("Bill Moss") < below.index("Shirley Okoro")
    assert "through Bill Moss · 2 meetings, gave one name, 2 offers" in below


# The map


def grown(ana, *, size, roots=1):
    """A map of ``size`` people: each was introduced by one of the forty before them."""
    people = [make.contact(ana, f"P{n:03}") for n in range(size)]
    for n in range(roots, size):
        make.introduction(people[max(n * 7 % min(n, 40), n - 40)], people[n])
    return people


def test_above_sixty_a_branch_is_chosen_and_drawn_whole(page, ana):
    ann, kofi = make.contact(ana, "Ann Lee"), make.contact(ana, "Kofi Ade")
    for n in range(70):
        make.introduction(ann, make.contact(ana, f"Through Ann {n}"))
    for n in range(3):
        make.introduction(kofi, make.contact(ana, f"Through Kofi {n}"))
    text = page.get(reverse("introductions:list")).text
    assert "11 more people are not drawn" in text
    hers = page.get(reverse("introductions:list"), {"from": str(ann.pk)}).text
    assert "not drawn" not in hers
    assert hers.count("Through Ann 69") >= 2  # in the drawing and in the list beside it
    his = page.get(reverse("introductions:list"), {"from": str(kofi.pk)}).context["map"]
    assert [row[0] for row in his.chart.rows] == [
        "Kofi Ade",
        "Through Kofi 0",
        "Through Kofi 1",
        "Through Kofi 2",
    ]


def test_people_who_introduced_each_other_in_a_circle_are_drawn(page, ana):
    one, other = make.contact(ana, "Ann Lee"), make.contact(ana, "Bill Moss")
    make.introduction(one, other)
    make.introduction(other, one)
    rows = page.get(reverse("introductions:list")).context["map"].chart.rows
    assert {row[0] for row in rows} == {"Ann Lee", "Bill Moss"}


def test_five_hundred_people_take_no_more_queries_than_five_and_are_drawn_the_same_twice(page, ana):
    first, *_ = grown(ana, size=500)
    url = f"{reverse('introductions:list')}?from={first.pk}"
    with CaptureQueriesContext(
        connection,
    ) as many:
        text = page.get(url).text
    again = page.get(url).context["map"]
    assert again.left_out == 0
    assert again.outline.count("<li>") == 500
    assert str(again.chart.svg) in text
    Introduction.objects.all().delete()
    Contact.objects.people().delete()
    first, *_ = grown(ana, size=5)
    with CaptureQueriesContext(connection) as few:
        page.get(f"{reverse('introductions:list')}?from={first.pk}")
    assert len(many) == len(few)
