"""J13: closing well.  Everybody who helped is on the list, and nobody is told but by George."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Page, expect

from contacts import services as people
from contacts.models import Contact, Interaction
from followups.models import FollowUp, Rhythm
from introductions.services import record_give, record_referral
from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery
from netcrm.groups.models import News
from tests import make
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

BATCH = 26


@pytest.fixture
def george(transactional_db, now: datetime) -> User:
    """Ann → Bill → Shirley, and 28 people who gave, advised or walked along."""
    george = make.user("george@example.test", name="George Ames")
    then = now - timedelta(days=60)

    def person(name: str) -> Contact:
        return people.add_person(by=george, at=then, name=name)

    ann, bill, shirley = person("Ann Lindqvist"), person("Bill Moss"), person("Shirley Okoro")
    people.add_point(
        by=george, at=then, contact=shirley, kind="email", value="shirley@example.test"
    )
    make.introduction(ann, bill, at=then)
    make.introduction(bill, shirley, at=then)
    day = george.day(then)
    for n in range(BATCH + 2):
        one = person(f"Friend {n:02}")
        if n < 6:
            record_referral(giver=one, at=then, given_on=day, substance=3, to_name=f"Name {n}")
        else:
            kind = "information" if n < 16 else "time"
            record_give(contact=one, kind=kind, given_on=day, at=then, by_me=n >= 20)
    group = make.group(make.user("lea@example.test", name="Lea Brandt"), at=then)
    make.member(group, george, at=then)
    return george


def test_george_closes_well(browse: Browse, george: User, now: datetime):
    with time_machine.travel(now, tick=False):
        page = browse("/introductions/plan/", user=george)
        page.get_by_role("link", name="I have accepted an offer").click()
        assert barriers(page) == []
        page.get_by_label("Where?").fill("Acme")
        page.get_by_label("As what?").fill("Operations lead")
        page.get_by_label("Through whom did it come?").fill("Shirley Okoro")
        page.get_by_role("button", name="Look it over").click()
        expect(page.get_by_role("heading", name="Is this right?")).to_be_visible()
        assert barriers(page) == []
        page.get_by_role("button", name="Yes, I have landed").click()

        first = page.get_by_role("group", name="First: the way that led there")
        expect(first.get_by_role("checkbox")).to_have_count(3)
        expect(page.get_by_text("Thanked: 0 of 31.")).to_be_visible()
        order = first.locator("label").all_inner_texts()
        assert order == ["Shirley Okoro", "Bill Moss", "Ann Lindqvist"]
        for part in ("Opened a door", "Advised you", "Kept you company"):
            expect(page.get_by_role("group", name=part)).to_be_visible()
        assert barriers(page) == []

        tick(page, ["Advised you", "Kept you company"], most=20)
        page.get_by_role("button", name="I have thanked those ticked").click()
        expect(page.get_by_text("Thanked: 20 of 31.")).to_be_visible()
        # Come back another day, on a phone: what was done is still done.
        page = browse("/introductions/plan/landed/", user=george, width=390, color_scheme="dark")
        expect(page.get_by_text("Thanked: 20 of 31.")).to_be_visible()
        assert barriers(page) == []
        tick(page, ["Opened a door"], most=6)
        page.get_by_role("button", name="I have thanked those ticked").click()
        expect(page.get_by_text("Thanked: 26 of 31.")).to_be_visible()

        for number in range(5):
            write_a_personal_note(page, keep_first=number == 0)
        expect(page.get_by_text("Everybody has heard from you. Well done.")).to_be_visible()
        assert barriers(page) == []

        page.get_by_role("link", name="Tell Tuesday group").click()
        page.get_by_role("textbox").fill("I start at Acme on Monday. Thank you all.")
        page.get_by_role("button", name="Post this line").click()

    news = News.objects.get()
    assert news.text == "I start at Acme on Monday. Thank you all."
    assert not Delivery.objects.filter(kind="group").exists()
    thanks = Interaction.objects.filter(owner=george, thanked=True)
    assert thanks.count() == 31
    assert thanks.exclude(note="").count() == 5
    asked = FollowUp.objects.open().filter(contact__owner=george)
    assert not asked.filter(purpose="landed").exists()
    settled = set(asked.filter(purpose="settled").values_list("best_on", flat=True))
    assert settled == {george.day(now) + timedelta(days=30)}
    assert set(Rhythm.objects.filter(owner=george).values_list("ring", flat=True)) == set("ABC")


def tick(page: Page, groups: list[str], *, most: int) -> None:
    boxes = [
        box
        for name in groups
        for box in page.get_by_role("group", name=name).get_by_role("checkbox").all()
    ]
    for box in boxes[:most]:
        box.check()


def write_a_personal_note(page: Page, *, keep_first: bool) -> None:
    page.get_by_role("link", name="Write").or_(
        page.get_by_role("link", name="Go on with")
    ).first.click()
    note = page.get_by_label("Your note")
    note.fill(note.input_value().replace("…", "that you asked what I wanted."))
    if keep_first:
        assert barriers(page) == []
        page.get_by_role("button", name="Keep it for later").click()
        expect(page.get_by_label("Your note")).to_have_value(
            re.compile("that you asked what I wanted")
        )
        link = page.get_by_role("link", name="Open in mail").get_attribute("href") or ""
        assert link.startswith("mailto:shirley@example.test?subject=News")
        assert "that%20you%20asked" in link
        page.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="I have sent it").click()
    expect(page.get_by_role("heading", name="You have landed")).to_be_visible()
