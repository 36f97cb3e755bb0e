"""Two people are asked before they are introduced: the owner's pages and theirs, on a phone."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from introductions.links import seal_question
from introductions.models import Introduction, OptIn
from netcrm.accounts.models import User
from netcrm.delivery.models import Delivery
from tests import make
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def looked_at(page: Page) -> Page:
    assert barriers(page) == []
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_both_say_yes_and_the_owner_introduces_them(
    browse: Browse, transactional_db: None, ana: User, now: datetime, theme: str
):
    look = {"width": 390, "color_scheme": theme}
    with time_machine.travel(now, tick=False):
        for name in ("Raj Iyer", "Ken Ito"):
            make.contact(ana, name)
        page = browse(
            "/introductions/between/?introducee=Raj+Iyer&introduced=Ken+Ito", user=ana, **look
        )
        looked_at(page)
        page.get_by_role("button", name="Save and show next step").click()
        looked_at(page)
        page.get_by_role("link", name="Ask both by mail").click()
        page.get_by_label("The e-mail address of Raj").fill("raj@x.test")
        page.get_by_label("What you tell Raj about Ken").fill("Ken ran payroll for hospitals.")
        page.get_by_label("The e-mail address of Ken").fill("ken@x.test")
        page.get_by_label("What you tell Ken about Raj").fill("A planner in food.")
        page.get_by_role("button", name="Read it once more").click()
        expect(page.get_by_role("alert")).to_contain_text("gives the other away: ken")
        looked_at(page)
        page.get_by_label("What you tell Raj about Ken").fill("Somebody who ran payroll.")
        page.get_by_role("button", name="Read it once more").click()
        expect(page.get_by_role("heading", name="Check before you send")).to_be_visible()
        looked_at(page)
        page.get_by_role("button", name="Send both").click()
        expect(page.get_by_text("The mail is on its way.")).to_have_count(2)
        looked_at(page)
        assert Delivery.objects.filter(kind="third_party").count() == 2

        for question in OptIn.objects.order_by("side"):
            asked = browse(f"/introductions/answer/{seal_question(question)}/", **look)
            expect(asked.get_by_role("heading", level=1)).to_contain_text(
                "would like to introduce you to somebody"
            )
            looked_at(asked)
            asked.get_by_role("button", name="Send my answer").click()
            expect(asked.get_by_role("alert")).to_contain_text("Choose yes, later or no.")
            looked_at(asked)
            asked.get_by_label("Yes, gladly").check()
            asked.get_by_role("button", name="Send my answer").click()
            expect(asked.get_by_role("heading", level=1)).to_contain_text("yes")
            looked_at(asked)

        page.reload()
        expect(page.get_by_text("Both said yes. One mail to both")).to_be_visible()
        looked_at(page)
        page.get_by_role("button", name="Introduced", exact=True).click()
        row = Introduction.objects.get()
        expect(page.get_by_role("heading", level=1)).to_contain_text(
            "You introduced Raj Iyer and Ken Ito"
        )
        assert row.gives.count() == 2
        looked_at(page)

        report = browse(f"/introductions/answer/{seal_question(question)}/report/", **look)
        looked_at(report)
        report.get_by_role("button", name="Stop it, and report it").click()
        expect(report.get_by_role("heading", name="It has ended")).to_be_visible()
        looked_at(report)
