"""An evening: turns, what is said and promised, latecomers, the wall, and what opens the next."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from netcrm.delivery import letters
from netcrm.delivery.models import Delivery
from netcrm.groups import selectors, services
from netcrm.groups.models import Commitment, Grain, ViewLog
from netcrm.groups.services import Refused
from tests import make

NOW = dt.datetime(2026, 11, 17, 19, 30, tzinfo=dt.UTC)
FRIDAY = dt.date(2026, 11, 20)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def group(clock, lea):
    return make.group(lea, covenant="Come.")


@pytest.fixture
def george(group):
    user = make.user("george@example.test", name="George Ames")
    return make.member(group, user, grain=Grain.NAMES)


@pytest.fixture
def ana_there(group, ana):
    return make.member(group, ana)


@pytest.fixture
def meeting(group, george, ana_there):
    return services.start_meeting(group=group, at=NOW, agenda="Welcome\n\nThe round")


def names(meeting):
    return [turn.membership.called for turn in selectors.meeting_page(meeting).turns]


def test_everybody_is_in_the_round_from_a_to_z_and_starting_twice_is_one_meeting(meeting, group):
    assert names(meeting) == ["Ana Ruiz", "George Ames"]
    assert services.start_meeting(group=group, at=NOW) == meeting
    assert selectors.meeting_page(meeting).agenda == ("Welcome", "The round")


def test_one_speaks_at_a_time_and_the_round_comes_to_an_end(meeting):
    first = services.next_turn(meeting=meeting, at=NOW)
    second = services.next_turn(meeting=meeting, at=NOW)
    assert [first.membership.called, second.membership.called] == ["Ana Ruiz", "George Ames"]
    assert selectors.meeting_page(meeting).current == second
    assert services.next_turn(meeting=meeting, at=NOW) is None


def test_whoever_is_away_is_passed_over_unless_somebody_reads_for_them(meeting, ana_there, george):
    services.arrive(meeting=meeting, membership=ana_there, here=False)
    absent = meeting.turns.get(membership=ana_there)
    assert services.next_turn(meeting=meeting, at=NOW).membership == george
    services.read_for(turn=absent, reader=george)
    assert services.next_turn(meeting=meeting, at=NOW).membership == ana_there


def test_who_said_that_they_cannot_come_is_read_out_by_their_buddy(group, george, ana_there):
    services.pair(membership=ana_there, buddy=george)
    week_ago = NOW - dt.timedelta(days=7)
    for at, away in ((week_ago - dt.timedelta(days=7), False), (NOW, True)):
        services.send_report(
            membership=ana_there, on=at.date(), at=at, values={"read_for_me": away}
        )
    services.send_report(
        membership=george, on=week_ago.date(), at=week_ago, values={"read_for_me": True}
    )
    meeting = services.start_meeting(group=group, at=NOW)
    ana_there.refresh_from_db()
    turns = {turn.membership: (turn.here, turn.read_by) for turn in meeting.turns.all()}
    assert turns == {ana_there: (False, george), george: (True, None)}
    assert services.next_turn(meeting=meeting, at=NOW).membership == ana_there


def test_a_slip_in_what_is_written_down_keeps_it_and_is_a_look_like_any_other(
    meeting, george, lea, client
):
    services.send_report(membership=george, on=NOW.date(), at=NOW, values={"win": "A good talk"})
    turn = services.next_turn(meeting=meeting, at=NOW, turn=meeting.turns.get(membership=george))
    client.force_login(lea)
    address = reverse("groups:capture", args=[turn.pk])
    answer = client.post(address, {"win": "Bob called", "due_on": "soon"})
    assert answer.status_code == 422
    assert "Bob called" in answer.content.decode()
    assert "A good talk" in answer.content.decode()
    assert ViewLog.objects.filter(kind=ViewLog.Kind.MEETING).count() == 1


def test_who_comes_late_speaks_last(meeting, ana_there, group, ben):
    services.arrive(meeting=meeting, membership=ana_there, here=False)
    services.arrive(meeting=meeting, membership=ana_there, here=True)
    late = make.member(group, ben)
    services.arrive(meeting=meeting, membership=late, here=True)
    assert names(meeting) == ["George Ames", "Ana Ruiz", "Ben Adler"]


def test_what_was_promised_stands_on_the_members_today_and_opens_the_next_meeting(
    meeting, group, george, client, clock
):
    turn = meeting.turns.get(membership=george)
    client.force_login(group.memberships.get(role="leader").user)
    services.next_turn(meeting=meeting, at=NOW, turn=turn)
    client.post(
        reverse("groups:capture", args=[turn.pk]),
        {"win": "A call", "commitment": "Report to Shirley", "due_on": FRIDAY.isoformat()},
    )
    client.force_login(george.user)
    today = client.get(reverse("followups:today")).content.decode()
    assert "Report to Shirley" in today
    assert "by Friday 20 November" in today
    services.end_meeting(meeting=meeting, at=NOW)
    again = services.start_meeting(group=group, at=NOW + dt.timedelta(days=7))
    (last,) = selectors.meeting_page(again).last_time
    assert (last.text, last.kept) == ("Report to Shirley", None)
    client.post(reverse("groups:commitment", args=[last.pk]), {"from": "today", "kept": "yes"})
    assert selectors.meeting_page(again).last_time[0].kept is True
    today = client.get(reverse("followups:today")).content.decode()
    assert "Report to Shirley" not in today


@pytest.fixture
def promised(george):
    return services.commit(membership=george, text="Report to Shirley", due_on=FRIDAY)


def shown(client) -> bool:
    return "Report to Shirley" in client.get(reverse("followups:today")).content.decode()


@pytest.mark.parametrize("days", [1, 7])
def test_later_brings_it_back_on_that_day_and_on_none_before(promised, george, client, clock, days):
    client.force_login(george.user)
    address = reverse("groups:commitment_later", args=[promised.pk])
    assert client.post(address, {"days": days, "from": "today"}).status_code == 302
    assert not shown(client)
    clock.shift(dt.timedelta(days=days - 1, hours=4))
    assert not shown(client)
    clock.shift(dt.timedelta(hours=1))
    assert shown(client)
    promised.refresh_from_db()
    assert promised.due_on == FRIDAY


def test_later_takes_a_day_to_come_and_says_so_of_any_other(promised, george, client):
    client.force_login(george.user)
    address = reverse("groups:commitment_later", args=[promised.pk])
    for on in ("2026-11-17", "2020-01-01", "soon", ""):
        answer = client.post(address, {"on": on})
        assert answer.status_code == 422
        assert on in answer.content.decode()
    client.post(address, {"on": "2026-11-18"})
    promised.refresh_from_db()
    assert promised.deferred_until == dt.date(2026, 11, 18)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("commitment", {"kept": "yes"}),
        ("commitment", {"kept": "no"}),
        ("commitment_later", {"days": 7}),
    ],
    ids=["done", "let go", "later"],
)
def test_each_of_them_is_taken_back_by_one_press(promised, george, client, name, body):
    client.force_login(george.user)
    client.post(reverse(f"groups:{name}", args=[promised.pk]), {"from": "today", **body})
    page = client.get(reverse("groups:copies")).content.decode()
    again = reverse("groups:commitment_again", args=[promised.pk])
    assert again in page
    assert not shown(client)
    client.post(again)
    assert shown(client)


def test_what_is_put_off_is_in_no_mail_before_its_day(promised, george):
    services.put_off_commitment(commitment=promised, until=FRIDAY + dt.timedelta(days=3))
    user, friday = george.user, FRIDAY
    assert not selectors.for_mail(user, since=None, day=friday)
    later = selectors.commitments_on(user, friday + dt.timedelta(days=3))
    assert later == [promised]


def test_a_word_on_a_step_says_whom_it_is_about_on_today_and_in_the_mail(george, lea, client):
    shirley = make.contact(george.user, "Shirley Okoro")
    services.comment(membership=george, by=lea, text="A kind note.", about=shirley.pk)
    client.force_login(george.user)
    today = client.get(reverse("followups:today")).content.decode()
    assert "Lea Brandt, Tuesday group, about Shirley Okoro" in today
    row = Delivery.objects.create(
        owner=george.user, kind="digest", local_on=NOW.date(), owed_at=NOW, due_at=NOW
    )
    letter = letters.write(row, at=NOW)
    for part in (letter.text, letter.html):
        assert "Lea Brandt (Tuesday group), about Shirley Okoro: A kind note." in part
    assert "Shirley" not in letter.subject


def test_saying_the_same_twice_is_one_commitment(meeting, george):
    for _ in range(2):
        services.commit(membership=george, text="Report to Shirley")
    services.send_report(
        membership=george, on=NOW.date(), at=NOW, values={"commitment": "Report to Shirley"}
    )
    assert Commitment.objects.count() == 1


def test_on_the_wall_stands_nothing_anybody_typed(meeting, george, lea, client):
    services.send_report(
        membership=george, on=NOW.date(), at=NOW, values={"win": "Coffee with Shirley"}
    )
    turn = meeting.turns.get(membership=george)
    services.next_turn(meeting=meeting, at=NOW, turn=turn)
    services.capture(turn=turn, win="Bob called", ask="Who knows Dana?", commitment="Ask Priya")
    client.force_login(lea)
    page = reverse("groups:meeting", args=[meeting.pk])
    desk = client.get(page).content.decode()
    for said in ("Shirley", "Bob", "Dana", "Priya"):
        assert said in desk
    client.post(reverse("groups:projector", args=[meeting.pk]), {"on": "yes"})
    wall = client.get(page).content.decode()
    assert "George Ames" in wall
    assert reverse("contacts:search") not in wall  # the leader's own search is no part of it
    for said in ("Shirley", "Bob", "Dana", "Priya"):
        assert said not in wall


def test_a_week_is_read_out_only_while_it_is_shared_and_the_look_is_noted(
    meeting, george, lea, client
):
    services.send_report(membership=george, on=NOW.date(), at=NOW, values={"win": "A good talk"})
    services.next_turn(meeting=meeting, at=NOW, turn=meeting.turns.get(membership=george))
    client.force_login(lea)
    page = reverse("groups:meeting", args=[meeting.pk])
    assert "A good talk" in client.get(page).content.decode()
    assert ViewLog.objects.get().kind == ViewLog.Kind.MEETING
    services.change_sharing(membership=george, grain=Grain.NOTHING, in_the_room=False)
    assert "A good talk" not in client.get(page).content.decode()


def test_when_it_is_over_it_is_over(meeting, george):
    turn = services.next_turn(meeting=meeting, at=NOW)
    services.end_meeting(meeting=meeting, at=NOW)
    for deed in (
        lambda: services.next_turn(meeting=meeting, at=NOW),
        lambda: services.capture(turn=turn, win="", ask="", commitment="Late"),
        lambda: services.arrive(meeting=meeting, membership=george, here=True),
        lambda: services.read_for(turn=turn, reader=george),
    ):
        with pytest.raises(Refused):
            deed()
    assert not Commitment.objects.exists()


def test_what_a_leader_said_and_what_is_due_reach_the_next_reminder_once(george, lea, clock):
    services.comment(membership=george, by=lea, text="Three loops closed. Well done.")
    services.commit(membership=george, text="Report to Shirley", due_on=NOW.date())
    row = Delivery(
        owner=george.user, kind=Delivery.Kind.DIGEST, local_on=NOW.date(), owed_at=NOW, due_at=NOW
    )
    row.save()
    letter = letters.write(row, at=NOW)
    for part in (letter.text, letter.html):
        assert "Three loops closed. Well done." in part
        assert "Report to Shirley" in part
    assert "Shirley" not in letter.subject
    Delivery.objects.filter(pk=row.pk).update(state="sent", sent_at=NOW + dt.timedelta(hours=1))
    later = NOW + dt.timedelta(days=3)
    row = Delivery(
        owner=george.user, kind="digest", local_on=later.date(), owed_at=later, due_at=later
    )
    row.save()
    assert letters.write(row, at=later) is None


def test_initials_only_keeps_typed_words_out_of_mail(george, lea):
    george.user.initials_only = True
    george.user.save()
    services.comment(membership=george, by=lea, text="Well done with Shirley.")
    row = Delivery.objects.create(
        owner=george.user, kind="digest", local_on=NOW.date(), owed_at=NOW, due_at=NOW
    )
    letter = letters.write(row, at=NOW)
    assert "Lea Brandt" in letter.text
    assert "Shirley" not in letter.text + letter.html


def test_a_comment_stands_on_today_until_it_is_read(george, lea, client):
    services.comment(membership=george, by=lea, text="Well done.")
    client.force_login(george.user)
    assert "Well done." in client.get(reverse("followups:today")).content.decode()
    client.post(reverse("groups:comments_read"), {"from": "today"})
    assert "Well done." not in client.get(reverse("followups:today")).content.decode()


def test_the_buddy_reads_the_week_out_when_asked_to_and_the_look_is_noted(
    group, george, ana_there, client, clock
):
    services.change_sharing(membership=ana_there, grain=Grain.NUMBERS, in_the_room=False)
    services.pair(membership=ana_there, buddy=george)
    values = {"win": "A good talk", "read_for_me": True}
    services.send_report(membership=ana_there, on=NOW.date(), at=NOW, values=values)
    client.force_login(george.user)
    page = reverse("groups:group", args=[group.pk])
    assert "A good talk" not in client.get(page).text
    meeting = services.start_meeting(group=group, at=NOW)
    assert "A good talk" in client.get(page).text
    look = ViewLog.objects.get()
    assert (look.member, look.viewer, look.kind) == (ana_there.user, george.user, "meeting")
    services.change_sharing(membership=ana_there, grain=Grain.NOTHING, in_the_room=False)
    assert "A good talk" not in client.get(page).text
    services.change_sharing(membership=ana_there, grain=Grain.NUMBERS, in_the_room=False)
    services.end_meeting(meeting=meeting, at=NOW)
    assert "A good talk" not in client.get(page).text


def test_nobody_reads_out_a_week_whose_member_did_not_ask_for_it(
    meeting, george, ana_there, client
):
    services.change_sharing(membership=ana_there, grain=Grain.NUMBERS, in_the_room=False)
    services.send_report(membership=ana_there, on=NOW.date(), at=NOW, values={"win": "A good talk"})
    services.read_for(turn=meeting.turns.get(membership=ana_there), reader=george)
    client.force_login(george.user)
    page = client.get(reverse("groups:group", args=[meeting.group_id])).text
    assert "A good talk" not in page


def test_who_leaves_during_the_evening_has_no_turn_and_nothing_is_written_of_them(
    meeting, ana_there, george, lea, client
):
    turn = meeting.turns.get(membership=ana_there)
    services.leave(membership=ana_there, at=NOW)
    assert services.next_turn(meeting=meeting, at=NOW).membership == george
    client.force_login(lea)
    said = {"win": "", "ask": "", "commitment": "Call Bob"}
    assert client.post(reverse("groups:capture", args=[turn.pk]), said).status_code == 404
    assert not Commitment.objects.exists()


def test_the_wall_comes_down_with_the_meeting(meeting, lea, client):
    services.set_projector(meeting=meeting, on=True)
    services.end_meeting(meeting=meeting, at=NOW)
    client.force_login(lea)
    page = client.get(reverse("groups:meeting", args=[meeting.pk]))
    assert "groups/meeting.html" in {template.name for template in page.templates}


def test_the_same_words_twice_open_are_no_fault(george):
    first = services.commit(membership=george, text="Report to Shirley")
    services.finish_commitment(commitment=first, kept=True, at=NOW)
    services.commit(membership=george, text="Report to Shirley")
    services.reopen_commitment(commitment=first)
    again = services.commit(membership=george, text="Report to Shirley", due_on=FRIDAY)
    assert again.due_on == FRIDAY
    assert Commitment.objects.count() == 2


def test_a_past_evening_tells_no_news_of_a_later_day(meeting, george, clock):
    services.tell_landed(membership=george, text="I start in January.", at=NOW)
    services.end_meeting(meeting=meeting, at=NOW + dt.timedelta(hours=1))
    meeting.refresh_from_db()
    services.tell_landed(membership=george, text="I like it.", at=NOW + dt.timedelta(days=3))
    assert [row.text for row in selectors.meeting_page(meeting).news] == ["I start in January."]
