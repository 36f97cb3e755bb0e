"""The whole product from an empty folder: sign-up, 1,000 people in, the mail that follows."""

from __future__ import annotations

import email
import email.policy
import re
import sys
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.product import Product, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On"
PASSWORD = "a-long-walk-by-the-river"


def connections(folder: Path) -> Path:
    rows = [
        f"Person,Number {n},https://www.linkedin.com/in/person-{n},,Company {n % 97},Planner,"
        f"{n % 28 + 1:02d} Jun 2025"
        for n in range(1000)
    ]
    file = folder / "Connections.csv"
    file.write_text("\ufeffNotes:\n\n" + "\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return file


def mails(product: Product) -> list[EmailMessage]:
    found = []
    for path in sorted((product.folder / "var" / "mail").glob("*.eml")):
        with path.open("rb") as file:
            found.append(email.message_from_binary_file(file, policy=email.policy.default))
    return found


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def sign_up(page: Page, product: Product) -> None:
    page.goto(f"{product.address}/account/signup/")
    page.get_by_label("E-mail address").fill("gina@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make my notebook").click()
    until(lambda: mails(product), within=20, what="the mail that proves the address")
    link = re.search(r"http\S+/confirm-email/\S+", text_of(mails(product)[0]))
    assert link, mails(product)[0].as_string()
    page.goto(link.group(0))
    page.get_by_role("button", name="Confirm").click()
    page.goto(f"{product.address}/account/login/")
    page.get_by_label("E-mail address").fill("gina@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="What work are you looking for?")).to_be_visible()


def walk_the_first_steps(page: Page) -> None:
    page.get_by_label("What work are you looking for?").fill("Operations lead, food, Leeds")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Somebody who has helped you lately").fill("Ann Lee")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Who introduced you?").fill("Ann Lee")
    page.get_by_label("To whom?").fill("Bill Moss")
    page.get_by_role("button", name="Draw it and go on").click()
    soon = datetime.now(UTC) + timedelta(seconds=100)
    page.get_by_label("At what time?").fill(soon.strftime("%H:%M"))
    for day in ("Saturday", "Sunday"):
        page.get_by_label(day).check()
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Show me today").click()


def import_a_thousand(page: Page, product: Product, file: Path) -> None:
    page.goto(f"{product.address}/people/import/")
    page.get_by_label("File with your people").set_input_files(file)
    page.get_by_role("button", name="Look what is in it").click()
    expect(page.get_by_text("1000 people would be added")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Add them, parked").click()
    expect(page.get_by_text("1000 people are here now, parked")).to_be_visible(timeout=60_000)


@pytest.mark.timeout(300)
def test_from_an_empty_folder_to_the_first_reminder(
    product: Product, chromium: Browser, tmp_path: Path
) -> None:
    page = chromium.new_page(timezone_id="UTC")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_up(page, product)
    walk_the_first_steps(page)
    expect(page.get_by_role("link", name="Bill Moss").first).to_be_visible()
    import_a_thousand(page, product, connections(tmp_path))

    page.goto(f"{product.address}/today/")
    expect(page.get_by_text("Person Number")).to_have_count(0)  # parked people stay silent
    page.goto(f"{product.address}/people/log/")
    page.get_by_label("In one line").fill("wrote ann thanks for bill")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()

    until(lambda: len(mails(product)) == 2, within=150, what="the reminder at the SMTP side")
    reminder = mails(product)[1]
    assert reminder["To"] == "gina@example.test"
    assert reminder["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Bill Moss" in text_of(reminder)
    assert "Person Number" not in text_of(reminder)
    assert faults == []
