"""J1: George, end to end, in a real browser with a clock that moves by days."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact
from introductions.models import Ask
from netcrm.accounts.models import User
from tests import make
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def george(transactional_db: None) -> User:
    return make.user("george@example.test", name="George Ames")


class Story:
    """George's days: what he does on each, in a browser that was just opened."""

    def __init__(self, browse: Browse, george: User, start: datetime) -> None:
        self.browse = browse
        self.george = george
        self.start = start

    def open(self, path: str) -> Page:
        page = self.browse(path, user=self.george)
        assert barriers(page) == []
        return page

    def on_day(self, days: int, hours: int = 0) -> time_machine.travel:
        return time_machine.travel(self.start + timedelta(days=days, hours=hours), tick=False)

    def log(self, line: str, *besides: str, who: str = "Shirley") -> Page:
        """Write one line into the quick log, ticking what it was besides."""
        page = self.open("/people/log/")
        page.get_by_label("In one line").fill(line)
        if besides:
            page.get_by_text("More: another day, a note").click()
        for what in besides:
            page.get_by_label(what).check()
        page.get_by_role("button", name="Save and show next step").click()
        expect(page.locator("[data-toast]").last).to_contain_text(f"Logged with {who}")
        return page

    def person(self, name: str) -> Page:
        contact = Contact.objects.get(owner=self.george, name=name)
        return self.open(f"/people/{contact.pk}/")


def card(page: Page, name: str) -> Locator:
    return page.locator("article", has=page.get_by_role("link", name=name, exact=True))


def test_george_from_first_steps_to_an_introduction(browse: Browse, george: User, now: datetime):
    story = Story(browse, george, now)

    with story.on_day(0):
        page = story.open("/first-steps/")
        page.get_by_label("What work are you looking for?").fill("Operations lead, food, Leeds")
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_label("Somebody who has helped you lately").fill("Ann")
        page.get_by_label("And somebody else").fill("Bill")
        page.get_by_label("And one more").fill("Marco")
        page.get_by_role("button", name="Save and go on").click()
        page.get_by_label("Who introduced you?").fill("Ann")
        page.get_by_label("To whom?").fill("Bill")
        page.get_by_role("button", name="Draw it and add another").click()
        expect(page.get_by_text("does not pass on")).to_be_visible()
        expect(page.locator("svg").get_by_text("Introduced").first).to_be_visible()
        assert barriers(page) == []
        page.get_by_label("Who introduced you?").fill("Bill")
        page.get_by_label("To whom?").fill("Shirley")
        page.get_by_role("button", name="Draw it and go on").click()
        page.get_by_role("button", name="Show me today").click()
        shirley = card(page, "Shirley")
        expect(shirley).to_contain_text("Reply")
        expect(shirley).to_contain_text("Bill introduced you today")
        assert barriers(page) == []

    with story.on_day(0, hours=3):
        page = story.open("/today/")
        card(page, "Shirley").get_by_role("button", name="Done").click()
        expect(card(page, "Shirley")).to_have_count(0)

    with story.on_day(3):
        story.log("met shirley", "They heard what I am looking for")
        page = story.open("/today/")
        expect(card(page, "Shirley")).to_contain_text("Thank Shirley")
        expect(card(page, "Bill")).to_contain_text("Shirley")
        card(page, "Shirley").get_by_role("button", name="Done").click()
        expect(card(page, "Shirley")).to_have_count(0)
        card(page, "Bill").get_by_role("button", name="Done").click()
        expect(card(page, "Bill")).to_have_count(0)
        waits = "Bill hasn’t heard how it went with Shirley."
        expect(story.open("/introductions/").get_by_text(waits)).to_be_visible()
        story.log("wrote bill how it went", "I told them what came of it", who="Bill")
        expect(story.open("/introductions/").get_by_text(waits)).to_have_count(0)

    with story.on_day(4):
        page = story.person("Shirley")
        path = page.locator("ol.path").first.get_by_role("listitem")
        assert [name.strip() for name in path.all_inner_texts()] == [
            "You",
            "Ann",
            "Bill",
            "Shirley",
        ]
        page.get_by_role("link", name="Write down what Shirley gave you").click()
        page.get_by_label("Anyone could say it").check()
        page.get_by_label("Whom or what did they name?").fill("Acme Personnel")
        page.get_by_role("button", name="Write it down").click()
        page = story.open("/introductions/give-and-ask/")
        expect(page.get_by_text("that is why names stay safe")).to_be_visible()

    with story.on_day(14):
        story.log("wrote shirley how the survey went", "I told them what came of it")
        story.log("heard back from shirley glad it worked")

    with story.on_day(18):
        story.log("gave shirley the survey I made", "They saw a piece of my work")
        page = story.person("Shirley")
        expect(page.locator("main")).to_contain_text("Knows my work")
        page.get_by_text("Why this?").click()
        expect(page.locator("main")).to_contain_text("the survey I made")
        page.get_by_role("link", name="Is now the time to ask Shirley").click()
        page.get_by_role("link", name="An introduction to one person").click()
        expect(page.get_by_role("heading", name="Nearly")).to_be_visible()
        expect(page.get_by_text("when the good window opens").first).to_be_visible()
        assert barriers(page) == []

    with story.on_day(34):
        page = story.person("Shirley")
        page.get_by_role("link", name="Is now the time to ask Shirley").click()
        page.get_by_role("link", name="An introduction to one person").click()
        expect(page.get_by_role("heading", name="Ready")).to_be_visible()
        page.get_by_label("To whom?").fill("Bob Hale")
        page.get_by_label("In your words").fill("Would you introduce me to Bob?")
        page.get_by_role("button", name="I have asked").click()
        expect(page.get_by_text("Asked and written down.").first).to_be_visible()
        assert Ask.objects.get().readiness == "ready"
        page = story.person("Shirley")
        page.get_by_role("link", name="Write down what Shirley gave you").click()
        page.get_by_label("Introduced with a reason").check()
        page.get_by_label("Whom or what did they name?").fill("Bob Hale")
        page.get_by_role("button", name="Write it down").click()
        expect(page.locator("main")).to_contain_text("Would introduce")
        page = story.open("/introductions/")
        expect(page.get_by_text("Bob Hale, offered by Shirley")).to_be_visible()
