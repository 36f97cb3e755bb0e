"""Every page of bringing people in, at both widths and in both themes: no barrier."""

from __future__ import annotations

import pytest
import time_machine
from playwright.sync_api import expect

from contacts.services import imports
from netcrm.accounts.models import User
from netcrm.takeout import services
from tests import make
from tests.browser import barriers
from tests.contacts.test_columns_and_held_rows import ODD, TWINS
from tests.contacts.test_imports import linkedin, read
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

LOOKS = {"wide and light": (1280, "light"), "narrow and dark": (390, "dark")}
NASTY = "<b>Ω</b>" + "Lönginstitutionsname-ohne-Trennstelle" * 3


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.mark.parametrize("look", LOOKS)
def test_no_import_page_has_a_barrier(browse: Browse, transactional_db, ana: User, now, look):
    for name in ("Ann Lee", "Bo Hale", "Cy Dale"):
        make.contact(ana, name)
    held = read(ana, now, linkedin(*TWINS, f"{NASTY},Ray,,no address,{NASTY},{NASTY},,"))
    odd = read(ana, now, ODD)
    refused = read(ana, now, b"%PDF-1.7 ...")
    table = read(ana, now, f"Name,{NASTY}\nAnn Lee,{NASTY}\n".encode())
    width, scheme = LOOKS[look]
    page = browse("/people/import/", user=ana, width=width, color_scheme=scheme)
    for url in (
        "/people/import/",
        held.get_absolute_url(),
        odd.get_absolute_url(),
        f"{odd.get_absolute_url()}columns/",
        refused.get_absolute_url(),
        table.get_absolute_url(),
        f"{table.get_absolute_url()}columns/",
    ):
        page.goto(url)
        assert barriers(page) == [], url
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{url} goes sideways"


def test_columns_and_namesakes_are_settled_by_thumb(browse: Browse, transactional_db, ana, now):
    make.contact(ana, "Ann Lee")
    batch = read(ana, now, b"Q,W\nAnn Lee,7\nBo Hale,8\n")
    page = browse(batch.get_absolute_url(), user=ana, width=390)
    page.get_by_role("link", name="Change what the columns hold").click()
    page.get_by_label("W", exact=True).select_option("notes")
    page.get_by_role("button", name="Read it like this").click()
    imports.work_on(batch.pk, at=now)
    page.reload()
    page.get_by_role("group", name="Who is Ann Lee of line 2?").get_by_text("Somebody else").click()
    page.get_by_role("button", name="Save these answers").click()
    expect(page.get_by_role("radio", name="Somebody else")).to_be_checked()
    expect(page.get_by_role("main")).to_contain_text("2 people would be added")


@pytest.mark.parametrize("look", LOOKS)
def test_the_page_of_ones_data_has_no_barrier(
    browse: Browse, transactional_db, ana: User, now, look
):
    done = services.ask_for(ana)
    services.make(done.pk, at=now)
    services.ask_for(ana)
    width, scheme = LOOKS[look]
    page = browse("/settings/data/", user=ana, width=width, color_scheme=scheme)
    expect(page.get_by_role("link", name="Everything as of")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("being put together")
    assert barriers(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Everything as of").click()
    assert download.value.suggested_filename.endswith(".zip")
