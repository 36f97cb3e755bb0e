"""“Who here can reach Acme?”: a count over what was agreed to, and names only after a yes."""

from __future__ import annotations

import datetime as dt
import random
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from contacts import services as people
from contacts.models import Contact
from introductions import room
from introductions import services as introductions
from netcrm.groups import selectors, services
from netcrm.groups.models import Grain, Membership, Question, RoomMatch
from netcrm.groups.services import Refused
from netcrm.groups.services.room import A_DAY_AT_MOST, AGAIN_AFTER
from tests import make

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def group(lea):
    return make.group(lea)


@pytest.fixture
def asker(group, ana):
    return make.member(group, ana, in_the_room=True)


@pytest.fixture
def ken(group):
    user = make.user("ken@example.test", name="Ken Ito")
    return make.member(group, user, in_the_room=True)


def knows(member: Membership, name: str, company: str = "") -> UUID:
    return people.add_person(by=member.user, at=NOW, name=name, organization=company).pk


def two_steps_away(member: Membership) -> tuple[Contact, Contact]:
    """Somebody the member knows, who has introduced them to somebody at Acme."""
    near = member.user.contacts.get(pk=knows(member, "Near"))
    far = member.user.contacts.get(pk=knows(member, "Far", "Acme"))
    introductions.record_introduction(
        owner=member.user,
        introducer=near,
        introducee=make.me(member.user),
        introduced=far,
        state="made",
        at=NOW,
    )
    return near, far


def ask(asker: Membership, company: str = "Acme") -> Question:
    matches = room.who_may_know(asker, company)
    return services.ask_room(by=asker, company=company, matches=matches, at=NOW)


@pytest.fixture
def crowd(group):
    """Two more, so that a number says nothing of any one of them."""
    return [make.member(group, make.user(f"c{n}@example.test"), in_the_room=True) for n in (1, 2)]


def test_who_asks_hears_a_count_and_nobodys_name(asker, ken, crowd, client):
    knows(ken, "Dana Wood", "Acme")
    room.draw_all()
    client.force_login(asker.user)
    address = reverse("groups:room", args=[asker.group_id])
    client.post(address, {"company": "ACME"})
    page = client.get(address).content.decode()
    assert "1 person in this room may know someone there." in page
    assert "Ken" not in page
    assert "Dana" not in page


def test_a_no_reveals_nothing_at_all(asker, ken, client):
    knows(ken, "Dana Wood", "Acme")
    room.draw_all()
    ask(asker)
    client.force_login(asker.user)
    address = reverse("groups:room", args=[asker.group_id])
    waiting = selectors.questions_of(asker)
    before = client.get(address).content
    client.force_login(ken.user)
    match = RoomMatch.objects.get()
    client.post(reverse("groups:answer", args=[match.pk]), {"says": "no"})
    assert selectors.questions_of(asker) == waiting
    client.force_login(asker.user)
    after = client.get(address).content
    assert len(after) == len(before)


def test_the_asked_see_who_asks_and_a_yes_names_them_and_nobody_they_know(asker, ken, client):
    knows(ken, "Dana Wood", "Acme")
    room.draw_all()
    ask(asker)
    client.force_login(ken.user)
    asked = client.get(reverse("groups:group", args=[ken.group_id])).content.decode()
    assert "Ana Ruiz would like to reach Acme" in asked
    assert "It may be through Dana Wood, from your own list" in asked
    client.post(reverse("groups:answer", args=[RoomMatch.objects.get().pk]), {"says": "yes"})
    client.force_login(asker.user)
    page = client.get(reverse("groups:room", args=[asker.group_id])).content.decode()
    assert "Ken Ito said yes" in page
    assert "Dana" not in page


def test_an_answer_cannot_be_taken_from_somebody(asker, ken):
    knows(ken, "Dana Wood", "Acme")
    room.draw_all()
    ask(asker)
    match = RoomMatch.objects.get()
    services.answer(match=match, says="no", at=NOW)
    services.answer(match=match, says="yes", at=NOW)
    assert RoomMatch.objects.get().answer == "no"


def test_whoever_hides_their_own_cannot_search_others(asker, ken, client):
    knows(ken, "Dana Wood", "Acme")
    services.change_sharing(membership=asker, grain=Grain.NAMES, in_the_room=False)
    room.draw_all()
    with pytest.raises(Refused):
        ask(asker)
    client.force_login(asker.user)
    client.post(reverse("groups:room", args=[asker.group_id]), {"company": "Acme"})
    assert not Question.objects.exists()


@pytest.mark.parametrize("how", ["out of the room", "gone", "hidden", "do not contact", "trashed"])
def test_what_is_taken_back_counts_at_once_before_anything_is_drawn_again(asker, ken, how):
    person = knows(ken, "Dana Wood", "Acme")
    room.draw_all()
    contact = ken.user.contacts.get(pk=person)
    if how == "out of the room":
        services.change_sharing(membership=ken, grain=Grain.NAMES, in_the_room=False)
    elif how == "gone":
        services.leave(membership=ken, at=NOW)
    elif how == "hidden":
        services.share_person(membership=ken, contact_id=person, grain=Grain.NOTHING)
    elif how == "do not contact":
        people.do_not_contact(by=ken.user, at=NOW, contact=contact)
    else:
        people.trash(by=ken.user, at=NOW, contact=contact)
    assert room.who_may_know(asker, "Acme") == {}


def test_two_steps_away_counts_and_the_own_people_of_who_asks_do_not(asker, ken):
    knows(asker, "Own Friend", "Acme")
    two_steps_away(ken)
    room.draw_all()
    assert set(room.who_may_know(asker, "Acme")) == {ken.pk}


def test_another_group_is_another_room(asker, ken, ben):
    elsewhere = make.member(make.group(ben), make.user("z@example.test"), in_the_room=True)
    knows(elsewhere, "Dana Wood", "Acme")
    room.draw_all()
    assert room.who_may_know(asker, "Acme") == {}


def test_a_drawing_is_made_once_until_something_changes(asker, ken):
    assert room.draw_all() == 1
    assert room.draw_all() == 0
    knows(ken, "Dana Wood", "Acme")
    ken.refresh_from_db()
    assert room.draw_all() == 1
    assert len(list(room.folder().iterdir())) == 2
    services.change_sharing(membership=ken, grain=0, in_the_room=False)
    services.change_sharing(membership=asker, grain=0, in_the_room=False)
    room.draw(asker.group_id)
    assert list(room.folder().iterdir()) == []


def test_asking_all_day_long_is_refused(asker):
    for _ in range(A_DAY_AT_MOST):
        ask(asker)
    with pytest.raises(Refused):
        ask(asker)


@pytest.mark.parametrize("seed", range(5))
def test_the_count_is_what_looking_through_every_list_finds(group, asker, seed):
    dice = random.Random(seed)
    members = [
        make.member(group, make.user(f"r{n}@example.test"), in_the_room=True) for n in range(6)
    ]
    expected = set()
    for member in members:
        for n in range(dice.randrange(4)):
            company = dice.choice(["Acme", "Bolt", ""])
            knows(member, f"Person {n}", company)
            if company == "Acme":
                expected.add(member.pk)
    room.draw_all()
    assert set(room.who_may_know(asker, "Acme")) == expected


@pytest.mark.parametrize("others", [1, 2])
def test_a_small_room_gives_no_number_and_asks_all_the_same(asker, ken, client, others):
    """Of two people a count names the other."""
    for n in range(1, others):
        make.member(asker.group, make.user(f"s{n}@example.test"), in_the_room=True)
    address = reverse("groups:room", args=[asker.group_id])
    client.force_login(asker.user)
    pages = []
    for company in ("Acme", "Bolt"):
        knows(ken, "Dana Wood", "Acme")
        room.draw_all()
        client.post(address, {"company": company})
        pages.append(client.get(address).text)
        Question.objects.update(company="Somewhere")
    assert [q.told for q in Question.objects.all()] == [False, False]
    assert [q.found for q in Question.objects.all()] == [0, 0]
    assert RoomMatch.objects.get().membership == ken
    for page in pages:
        assert "This room is too small for a number." in page
        assert "may know someone there" not in page


def test_the_number_is_never_that_of_everybody(asker, ken, crowd):
    for member in (ken, *crowd):
        knows(member, "Dana Wood", "Acme")
    room.draw_all()
    assert ask(asker).found == 2
    assert RoomMatch.objects.count() == 3


def test_one_company_is_asked_for_once_in_four_weeks_however_it_is_spelled(
    asker, ken, crowd, client
):
    """Two counts, compared, would say who came or went between them; and a no stays a no."""
    client.force_login(asker.user)
    address = reverse("groups:room", args=[asker.group_id])
    with time_machine.travel(NOW, tick=False) as clock:
        client.post(address, {"company": "Müller & Söhne"})
        for again in ("Müller & Söhne", "MULLER  & sohne", " muller sohne."):
            answer = client.post(address, {"company": again})
            assert answer.status_code == 422
            assert "in the last four weeks" in answer.text
        assert Question.objects.count() == 1
        clock.shift(AGAIN_AFTER)
        assert client.post(address, {"company": "Müller & Söhne"}).status_code == 302


def test_whoever_hides_all_of_their_own_cannot_search_either(asker, ken, crowd, client):
    own = knows(asker, "Own Friend", "Bolt")
    services.share_person(membership=asker, contact_id=own, grain=Grain.NOTHING)
    client.force_login(asker.user)
    address = reverse("groups:room", args=[asker.group_id])
    answer = client.post(address, {"company": "Acme"})
    assert answer.status_code == 422
    assert "You hide all of your own people." in answer.text
    knows(asker, "Another Friend")
    assert client.post(address, {"company": "Acme"}).status_code == 302


def test_hiding_the_one_who_works_there_counts_at_once_two_steps_away_too(asker, ken):
    near, far = two_steps_away(ken)
    introductions.override_trust(near, step=5, reason="an old friend", at=NOW)
    room.draw_all()
    assert room.who_may_know(asker, "Acme") == {ken.pk: near.pk}
    services.share_person(membership=ken, contact_id=far.pk, grain=Grain.NOTHING)
    assert room.who_may_know(asker, "Acme") == {}


def test_a_drawing_goes_when_nobody_is_in_the_room_any_more(asker, ken):
    room.draw_all()
    assert list(room.folder().iterdir())
    services.change_sharing(membership=ken, grain=0, in_the_room=False)
    services.leave(membership=asker, at=NOW)
    room.draw_all()
    assert list(room.folder().iterdir()) == []
