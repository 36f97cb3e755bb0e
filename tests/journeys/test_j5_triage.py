"""J5: eight hundred connections in, the forty that matter out, in five minutes."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from contacts import services
from contacts.models import Contact, ImportBatch, Interaction, Ring
from contacts.services import imports
from followups.models import FollowUp
from introductions.services import add_target
from netcrm.accounts.models import User
from tests.browser import barriers
from tests.journeys.conftest import Browse

pytestmark = pytest.mark.browser

GIVEN = ["Zoë", "Jürgen", "Siân", "Łukasz", "Noémie", "Søren", "Ana", "Tom", "Priya", "Wei"]
FAMILY = ["Ångström", "Okoro", "Núñez", "Brandt", "O’Brien", "Çelik", "Müller", "Hale"]
TARGETS = ["Northbank", "Orchard Supply", "Kestrel Freight"]
RECALLED = 12
INSIDE = 15
LIKELY = 13
TYPING = 0.3  # seconds a key: forty words a minute


def name_of(number: int) -> tuple[str, str]:
    return GIVEN[number % 10], f"{FAMILY[number // 10 % 8]}-{number:03d}"


def row_of(number: int) -> str:
    """One of 786 people: 40 with an address, 15 at a target, the rest anywhere."""
    first, last = name_of(number)
    mail = f"person{number}@example.test" if number % 20 == 0 else ""
    company = (
        f"{TARGETS[number % 3]} Ltd" if 100 <= number < 100 + INSIDE else f"Firm {number % 90}"
    )
    title = "Operations manager" if number % 25 == 3 else "Analyst"
    link = f"https://www.linkedin.com/in/person-{number}"
    return f'{first},{last},{link},{mail},"{company}",{title},{number % 28 + 1:02d} Mar 2025'


def linkedin_zip() -> bytes:
    """800 rows: 786 people, 14 of them twice; 760 without an e-mail address; two blank lines."""
    rows = [row_of(number) for number in range(786)]
    rows += [row_of(number) for number in range(301, 315)]
    assert sum(",," in row for row in rows) == 760
    lines = [
        "Notes:",
        '"When exporting your connection data, you may notice that some addresses are missing."',
        "",
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
        *rows[:400],
        "",
        *rows[400:],
        "",
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Profile.csv", "First Name,Last Name\nAna,Ruiz\n")
        archive.writestr("Connections.csv", "\ufeff" + "\r\n".join(lines))
    return packed.getvalue()


@pytest.fixture(autouse=True)
def frozen(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def seeker(transactional_db, ana: User) -> User:
    ana.target_line = "Operations in food logistics"
    ana.save()
    for name in TARGETS:
        add_target(by=ana, name=name)
    return ana


def people(owner: User):
    return Contact.objects.visible_to(owner).people()


def upload(page: Page, now) -> ImportBatch:
    """Bring the archive and look what is in it; the worker is this test."""
    page.get_by_label("File with your people").set_input_files(
        {"name": "Basic.zip", "mimeType": "application/zip", "buffer": linkedin_zip()}
    )
    page.get_by_role("button", name="Look what is in it").click()
    page.wait_for_url("**/import/*/")
    batch = ImportBatch.objects.latest("id")
    assert imports.work_on(batch.pk, at=now)
    page.reload()
    return batch


def confirm(page: Page, batch: ImportBatch, now) -> None:
    page.get_by_role("button", name="Add them, parked").click()
    expect(page.get_by_role("status").first).to_contain_text("Adding people")
    assert imports.work_on(batch.pk, at=now)
    page.reload()
    batch.refresh_from_db()


def kept(page: Page, count: int) -> None:
    expect(page.locator("#progress")).to_contain_text(f"{count} of 40 kept")


def test_eight_hundred_become_forty_within_five_minutes(browse: Browse, seeker: User, now):
    page = browse("/people/import/", user=seeker)
    started = time.monotonic()
    typed = 0
    batch = upload(page, now)
    confirm(page, batch, now)
    assert (batch.format, batch.created) == ("linkedin", 786)
    assert not people(seeker).exclude(last_contact_at=None).exists()
    page.get_by_role("link", name="Choose whom to begin with").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Now the people who matter")
    assert barriers(page) == []
    page.get_by_role("button", name="Begin").click()

    for count, number in enumerate(range(500, 500 + RECALLED), 1):
        line = page.get_by_label("Name", exact=True)
        expect(line).to_have_value("")
        letters = name_of(number)[1].replace("Å", "a").replace("Ç", "c")
        line.press_sequentially(letters, delay=20)
        typed += len(letters)
        expect(page.locator("#found li")).to_have_count(1)
        line.press("Enter")
        kept(page, count)
    assert barriers(page) == []
    page.get_by_role("button", name="Nobody else comes to mind").click()

    expect(page.locator("fieldset")).to_have_count(3)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(INSIDE)
    assert barriers(page) == []
    page.get_by_role("button", name="Keep those ticked and go on").click()

    cards = page.locator("[data-card]")
    expect(cards).to_have_count(30)
    assert barriers(page) == []
    for place in range(30):
        page.keyboard.press("k" if place < LIKELY else "p" if place % 2 else "s")
        expect(cards).to_have_count(29 - place)
    kept(page, 40)
    page.get_by_role("button", name="Check whom you kept").click()

    expect(page.get_by_role("combobox")).to_have_count(40)
    assert barriers(page) == []
    page.get_by_role("button", name="Begin with these 40, park the rest").click()
    expect(page.get_by_role("main")).to_contain_text("746 are parked")
    assert barriers(page) == []
    spent = time.monotonic() - started + typed * TYPING
    assert spent < 300, f"{spent:.0f} s"

    assert people(seeker).active().count() == 40
    assert people(seeker).filter(ring=Ring.D).count() == 746
    assert not Interaction.objects.exists()
    assert not people(seeker).exclude(last_contact_at=None).exists()
    assert not FollowUp.objects.filter(contact__ring=Ring.D).exists()

    page.goto("/people/import/")
    again = upload(page, now)
    expect(page.get_by_role("main")).to_contain_text("Everybody in this file is here already.")
    assert set(again.rows.values_list("action", flat=True)) == {"same"}
    page.get_by_role("button", name="Leave it").click()
    assert people(seeker).count() == 786
    assert people(seeker).active().count() == 40


def bring_in(owner: User, now) -> ImportBatch:
    batch = imports.start_import(by=owner, at=now, file_name="Basic.zip", content=linkedin_zip())
    imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    imports.confirm(batch, at=now)
    imports.work_on(batch.pk, at=now)
    batch.refresh_from_db()
    return batch


def test_buttons_alone_do_the_same_without_script(browse: Browse, seeker: User, now):
    batch = bring_in(seeker, now)
    page = browse(batch.get_absolute_url(), user=seeker, width=390, java_script_enabled=False)
    page.get_by_role("link", name="Choose whom to begin with").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Name", exact=True).fill("hale-470")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Keep").click()
    kept(page, 1)
    page.get_by_role("button", name="Nobody else comes to mind").click()
    page.get_by_role("button", name="Keep those ticked and go on").click()
    kept(page, 16)
    for choice in ("Keep", "Park", "Skip"):
        page.get_by_role("button", name=choice).first.click()
    kept(page, 17)
    expect(page.locator("[data-card]")).to_have_count(27)
    page.get_by_role("link", name="Show thirty more").click()
    expect(page.locator("[data-card]")).to_have_count(57)
    page.get_by_role("button", name="Check whom you kept").click()
    page.get_by_label("Attention for", exact=False).first.select_option(Ring.D)
    page.get_by_role("button", name="Begin with these 17, park the rest").click()
    assert people(seeker).active().count() == 16


def test_keys_rest_when_single_keys_are_off_and_a_slip_is_taken_back(
    browse: Browse, seeker: User, now
):
    seeker.single_keys = False
    seeker.save()
    batch = bring_in(seeker, now)
    page = browse(reverse("contacts:choose_step", args=[batch.pk, "likely"]), user=seeker)
    expect(page.locator("[data-card]")).to_have_count(30)
    page.keyboard.press("k")
    expect(page.get_by_text("Keys:")).to_have_count(0)
    page.get_by_role("button", name="Keep").first.click()
    kept(page, 1)
    expect(page.locator("[data-card]")).to_have_count(29)
    page.get_by_role("button", name="Take that back").click()
    expect(page.locator("[data-card]")).to_have_count(30)
    kept(page, 0)


def test_choosing_goes_on_where_it_was_left(browse: Browse, seeker: User, now):
    batch = bring_in(seeker, now - timedelta(days=2))
    page = browse(reverse("contacts:choose", args=[batch.pk]), user=seeker)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Name", exact=True).fill("hale-470")
    page.get_by_role("button", name="Keep").click()
    kept(page, 1)
    services.trash(by=seeker, at=now, contact=people(seeker).get(name="Zoë Hale-470"))
    page.goto(reverse("contacts:choose", args=[batch.pk]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("glad to hear from")
    kept(page, 0)
