"""Three people gone quiet come up a week, on every surface, and never the whole list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Interaction, Ring, TheirDate
from followups import emails, selectors, services
from followups.models import FollowUp
from followups.services.acts import What
from introductions.models import TrustState
from netcrm.accounts.models import EVERY_DAY
from netcrm.delivery.models import Delivery
from netcrm.delivery.services import owe
from tests import make

MONDAY = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def ana(ana):
    ana.send_weekdays = EVERY_DAY
    ana.country = ""
    ana.save()
    return ana


def gone_quiet(owner, name: str, *, days: int = 300, trust: int = 1, note: str = "", **fields):
    person = make.contact(owner, name=name, last_contact_at=MONDAY - days * DAY, **fields)
    make.interaction(person, at=MONDAY - days * DAY, note=note)
    TrustState.objects.update_or_create(contact=person, defaults={"level": trust, "earned": trust})
    return person


def turns(owner) -> set[str]:
    rows = FollowUp.objects.visible_to(owner).open().filter(purpose="reconnect")
    return set(rows.values_list("contact__name", flat=True))


def shown(owner, at=MONDAY) -> list[str]:
    return [step.name for step in selectors.today_cards(owner, owner.day(at)).cards]


def test_three_a_week_by_trust_then_by_what_one_could_give(ana):
    gone_quiet(ana, "Ada", trust=2)
    gone_quiet(ana, "Bea", trust=2, note="Looking for payroll software for a small team")
    gone_quiet(ana, "Cyd", trust=4)
    gone_quiet(ana, "Dot", trust=1)
    gone_quiet(ana, "Fay", trust=3)
    assert services.bring_up_the_quiet(ana, at=MONDAY) == 3
    assert turns(ana) == {"Cyd", "Fay", "Bea"}
    assert set(shown(ana)) == {"Cyd", "Fay", "Bea"}


def test_a_week_has_three_turns_however_often_and_whatever_came_of_them(ana):
    for name in ("Ada", "Bea", "Cyd", "Dot", "Fay"):
        gone_quiet(ana, name)
    services.bring_up_the_quiet(ana, at=MONDAY)
    first = turns(ana)
    done = FollowUp.objects.open().filter(purpose="reconnect").select_related("contact")[0]
    services.done(by=ana, at=MONDAY, follow_up=done)
    for days in (0, 1, 5):
        assert services.bring_up_the_quiet(ana, at=MONDAY + days * DAY) == 0
        services.plan(ana, at=MONDAY + days * DAY)
    assert turns(ana) == first - {done.contact.name}


def test_next_week_it_is_somebody_elses_turn(ana):
    for name in ("Ada", "Bea", "Cyd", "Dot", "Fay"):
        gone_quiet(ana, name)
    services.bring_up_the_quiet(ana, at=MONDAY)
    first = turns(ana)
    services.end_turns(ana, at=MONDAY + 7 * DAY)
    assert turns(ana) == set()
    assert services.bring_up_the_quiet(ana, at=MONDAY + 7 * DAY) == 3
    second = turns(ana)
    assert len(first) == len(second) == 3
    assert len(first & second) == 1  # only five are quiet
    assert services.plan(ana, at=MONDAY + 7 * DAY) == services.Counts()


def test_the_mail_names_exactly_whom_today_names(ana):
    for name in ("Ada", "Bea", "Cyd", "Dot", "Fay"):
        gone_quiet(ana, name)
    services.bring_up_the_quiet(ana, at=MONDAY)
    today = selectors.today_cards(ana, ana.day(MONDAY))
    written = emails.digest(owe(owner=ana, kind=Delivery.Kind.DIGEST, at=MONDAY), at=MONDAY)
    assert written is not None
    named = {name for name in ("Ada", "Bea", "Cyd", "Dot", "Fay") if name in written.text}
    assert named == {step.name for step in today.cards} == turns(ana)
    for step in today.cards:
        assert step.why in written.text
        assert "one short word is enough" in step.why
    ahead = selectors.upcoming(ana, ana.day(MONDAY))
    assert [step.id for step in ahead[0].steps] == [step.id for step in today.cards]


def test_a_mail_of_closing_windows_leaves_them_out(ana):
    ana.reminder_speed = ana.Speed.CLOSING
    ana.save()
    gone_quiet(ana, "Ada")
    services.bring_up_the_quiet(ana, at=MONDAY)
    saturday = MONDAY + 5 * DAY
    assert shown(ana, saturday) == ["Ada"]
    assert (
        emails.digest(owe(owner=ana, kind=Delivery.Kind.DIGEST, at=saturday), at=saturday) is None
    )


def test_they_never_make_the_day_longer_than_the_daily_number(ana):
    for n in range(6):
        make.follow_up(
            make.contact(ana, name=f"Due {n}"),
            opens_on=ana.day(MONDAY),
            fades_on=ana.day(MONDAY + 9 * DAY),
            quiet_on=ana.day(MONDAY + 9 * DAY),
        )
    gone_quiet(ana, "Ada", days=500)
    services.bring_up_the_quiet(ana, at=MONDAY)
    assert len(shown(ana)) == ana.daily_budget


def test_whoever_is_parked_resting_paused_or_gave_a_date_has_no_turn(ana):
    gone_quiet(ana, "Parked", ring=Ring.D)
    gone_quiet(ana, "Silent", do_not_contact=True)
    gone_quiet(ana, "Paused", paused_until=ana.day(MONDAY + 9 * DAY))
    gave = gone_quiet(ana, "Gave a date")
    TheirDate.objects.create(contact=gave, on=ana.day(MONDAY + 9 * DAY), said_at=MONDAY)
    resting = gone_quiet(ana, "Resting")
    for days in (40, 20):
        make.interaction(
            resting,
            at=MONDAY - days * DAY,
            kind=Interaction.Kind.MESSAGE,
            direction=Interaction.Direction.OUT,
        )
    services.plan(ana, at=MONDAY)
    make.contact(ana, name="Never in touch")
    assert services.bring_up_the_quiet(ana, at=MONDAY) == 0
    assert turns(ana) == set()


def test_a_pause_gives_nobody_a_turn(ana):
    gone_quiet(ana, "Ada")
    ana.paused_until = ana.day(MONDAY + 14 * DAY)
    ana.save()
    assert services.bring_up_the_quiet(ana, at=MONDAY) == 0


def test_contact_ends_a_turn_and_taking_it_back_gives_it_again(ana):
    person = gone_quiet(ana, "Ada")
    services.bring_up_the_quiet(ana, at=MONDAY)
    row = FollowUp.objects.get(purpose="reconnect")
    acted = services.done(by=ana, at=MONDAY, follow_up=row, what=What.WROTE)
    assert turns(ana) == set()
    assert shown(ana) == []
    assert acted.undo is not None
    services.take_back(by=ana, at=MONDAY, undo=acted.undo)
    assert turns(ana) == {"Ada"}
    assert FollowUp.objects.get(purpose="reconnect").pk == row.pk
    assert Contact.objects.get(pk=person.pk).last_contact_at == MONDAY - 300 * DAY


def test_a_turn_that_was_put_off_comes_on_its_day(ana):
    gone_quiet(ana, "Ada")
    services.bring_up_the_quiet(ana, at=MONDAY)
    row = FollowUp.objects.get(purpose="reconnect")
    services.later(by=ana, at=MONDAY, follow_up=row, meaning=FollowUp.Later.TOMORROW)
    assert shown(ana) == []
    assert shown(ana, MONDAY + DAY) == ["Ada"]


def test_nightly_planning_brings_them_up_and_reports_no_change(ana):
    for name in ("Ada", "Bea", "Cyd", "Dot"):
        gone_quiet(ana, name)
    services.plan_nightly(ana, at=MONDAY)
    assert len(turns(ana)) == 3
    for days in (1, 7, 8):
        assert services.plan_nightly(ana, at=MONDAY + days * DAY) == services.Counts()
        assert len(turns(ana)) == 3


def test_the_person_page_shows_the_turn_and_not_the_window_that_has_passed(ana):
    person = make.contact(ana, name="Ada", last_contact_at=MONDAY - 300 * DAY)
    make.interaction(person, at=MONDAY - 300 * DAY)
    services.plan(ana, at=MONDAY - 290 * DAY)
    services.bring_up_the_quiet(ana, at=MONDAY)
    step = selectors.next_step(person, ana.day(MONDAY))
    assert step is not None
    assert (step.purpose, step.window.word) == ("reconnect", "Quiet")
    assert step.rule[0].change.startswith("Three people gone quiet come up a week")
    (line,) = selectors.next_lines(ana, [person], day=ana.day(MONDAY)).values()
    assert line.word == "Quiet"


def test_the_page_says_that_the_window_has_passed_and_draws_none(client, ana):
    client.force_login(ana)
    now = timezone.now()
    person = make.contact(ana, name="Ada", last_contact_at=now - 300 * DAY)
    make.interaction(person, at=now - 300 * DAY)
    services.bring_up_the_quiet(ana, at=now)
    today = client.get("/today/").content.decode()
    assert "Gone quiet" in today
    assert "and then somebody else does" in today
    assert 'class="band"' not in today
    page = client.get(f"/people/{person.pk}/").content.decode()
    assert "It has passed, and that is all right." in page
