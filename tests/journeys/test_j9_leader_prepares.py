"""J9: a leader prepares in five minutes, and sees no more than each member chose."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from netcrm.groups.models import LeaderNote
from tests.browser import barriers
from tests.journeys.the_group import TuesdayGroup, gather

pytestmark = [pytest.mark.browser]
BEYOND_NUMBERS = ("Zephyrine", "ZÝ", "Quokkaworks", "merger")


@pytest.fixture
def tuesday(transactional_db: None) -> TuesdayGroup:
    return gather(at=timezone.now())


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_j9_a_leader_prepares(tuesday, browse, caplog, width, scheme):
    page = browse("/today/", user=tuesday.lea, width=width, color_scheme=scheme)
    if width < 576:
        page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Group").last.click()
    page.get_by_role("link", name="Before the meeting").click()

    # Praise comes first, and every member stands A to Z.
    expect(page.get_by_role("heading", name="Say first")).to_be_visible()
    said_first = page.locator("section[aria-labelledby=praise]")
    expect(said_first).to_contain_text("George Ames was introduced to somebody with a reason.")
    headings = page.locator("section[aria-labelledby=members] h3").all_inner_texts()
    assert headings == ["Ana Ruiz", "Dev Rao", "George Ames", "Joy Adeyemi", "Ken Ito"]
    expect(page.get_by_text(re.compile("good windows? end")).first).to_be_visible()
    expect(page.get_by_text(re.compile("not heard how it went")).first).to_be_visible()

    # A table, read row by row; a zero is as quiet as paper, never red.
    row = page.get_by_role("row", name=re.compile("^Joy Adeyemi 0 0 0 0 0 0 0 0"))
    cell = row.get_by_role("cell").first
    shade = cell.evaluate("cell => getComputedStyle(cell).backgroundColor")
    red, green, blue = (int(n) for n in re.findall(r"\d+", shade)[:3])
    assert red - max(green, blue) < 20
    assert barriers(page) == []
    html = page.content()
    assert not [word for word in BEYOND_NUMBERS if word in html]

    # Dev shares numbers: nobody of his list in the page, on paper, in JSON or in the log.
    page.get_by_role("link", name="Review Dev Rao").click()
    expect(page.get_by_role("heading", name="Dev Rao", exact=True)).to_be_visible()
    assert barriers(page) == []
    page.emulate_media(media="print")
    seen = page.content() + page.locator("body").inner_text() + caplog.text
    assert not [word for word in BEYOND_NUMBERS if word in seen]
    page.emulate_media(media="screen")

    # A note to self warns, and is the leader's own.
    expect(page.get_by_text("nothing about health, money, faith or family")).to_be_visible()
    page.get_by_label("My private note").fill("Ask how the course goes")
    page.get_by_role("button", name="Keep my note").click()
    expect(page.get_by_text("Kept, for your eyes only.").first).to_be_visible()
    assert LeaderNote.objects.get().author == tuesday.lea
    dev = browse(
        reverse("groups:preview", args=[tuesday.members["Dev"].pk]), user=tuesday.user("Dev")
    )
    assert "Ask how the course goes" not in dev.content()
