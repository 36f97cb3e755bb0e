"""The gallery in a real browser: how it looks, speaks, moves and weighs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import brotli
import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import barriers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.netcrm.kit.gallery_urls"),
    pytest.mark.filterwarnings("ignore:No directory at:UserWarning"),
]

WIDTHS = (390, 1280)
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def open_page(chromium: Browser, address: str) -> Iterator[Open]:
    """Open a path; at the end no page may have logged an error or asked a stranger."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(path: str = "/today/", *, width: int = 1280, **options: object) -> Page:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": 900},
            service_workers="block",
            **options,  # type: ignore[arg-type]
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if line.type == "error" else None,
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:"))
                else complaints.append(f"asked {request.url}")
            ),
        )
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    expected = ("422", "ERR_INTERNET_DISCONNECTED", "htmx:")  # caused on purpose by the tests
    assert [text for text in complaints if not any(word in text for word in expected)] == []


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_on_any_component(open_page: Open, theme: str, width: int) -> None:
    page = open_page(f"/today/?theme={theme}&notice=1", width=width)
    assert barriers(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_barrier_before_sign_in(open_page: Open, width: int) -> None:
    assert barriers(open_page("/account/login/", width=width)) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_scrolls_sideways(open_page: Open, width: int) -> None:
    assert sideways(open_page("/today/?notice=1", width=width)) == 0


def test_text_at_twice_its_size_still_fits(open_page: Open) -> None:
    page = open_page(width=640)
    page.context.new_cdp_session(page).send(
        "Emulation.setDeviceMetricsOverride",
        {"width": 320, "height": 450, "deviceScaleFactor": 2, "mobile": False},
    )
    assert sideways(page) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_everything_to_press_is_big_enough(open_page: Open, width: int) -> None:
    page = open_page(width=width)
    small = page.evaluate(
        """(selector) => [...document.querySelectorAll(selector)]
        .filter((element) => element.checkVisibility())
        .filter((element) => element.getBoundingClientRect().height < 43.9)
        .map((element) => element.outerHTML.slice(0, 90))""",
        ".btn, .tabbar a, .rail a, .menu > summary, .choice, input[type=text], select",
    )
    assert small == []


def test_a_dark_device_makes_automatic_dark_and_paper_stays_light(open_page: Open) -> None:
    page = open_page("/today/?theme=auto", color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(20, 23, 28)"
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.locator(".rail").is_hidden()
    page.emulate_media(media="screen", color_scheme="light")
    assert page.evaluate(ground) == "rgb(250, 247, 242)"


def test_l_opens_the_log_over_the_page_and_escape_gives_the_focus_back(open_page: Open) -> None:
    page = open_page()
    page.locator("#card-lee .card-title a").focus()
    page.keyboard.press("l")
    expect(page.get_by_role("dialog", name="What happened?")).to_be_visible()
    expect(page.get_by_label("One line")).to_be_focused()
    assert barriers(page) == []
    page.keyboard.type("coffee shirley l")
    expect(page.get_by_label("One line")).to_have_value("coffee shirley l")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert focused(page) == "Lee Park"


def test_single_keys_can_be_turned_off(open_page: Open) -> None:
    page = open_page("/today/?keys=off")
    page.keyboard.press("l")
    page.keyboard.press("Control+k")  # not a single key: still works
    expect(page.get_by_label("Search people, pages and things to do")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_is_typed_in_the_search_box_brings_people_within_arrows(open_page: Open) -> None:
    page = open_page()
    page.keyboard.press("Control+k")
    page.keyboard.type("shi")
    expect(page.locator("#palette a")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Shirley Okoro"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Shirin Azad"
    page.keyboard.press("Escape")
    expect(page.locator("#palette a")).to_have_count(0)
    expect(page.get_by_label("Search people, pages and things to do")).to_be_focused()


def test_done_moves_the_focus_to_the_next_card_and_is_said_once(open_page: Open) -> None:
    page = open_page()
    page.evaluate(
        """() => {
        const live = document.querySelector('#live');
        window.said = [];
        new MutationObserver(() => { if (live.textContent) window.said.push(live.textContent); })
          .observe(live, {childList: true}); }"""
    )
    page.locator("#card-lee").get_by_role("button", name="Done").press("Enter")
    expect(page.locator("#card-lee")).to_have_count(0)
    expect(page.locator("#live")).to_have_text("Done. Ann comes next.")
    assert focused(page) == "Shirley Okoro"
    assert page.evaluate("window.said") == ["Done. Ann comes next."]
    toast = page.locator("[data-toast]")
    expect(toast.get_by_role("button", name="Undo")).to_be_visible()
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_a_wrong_form_says_so_first_and_leads_to_each_field(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("What you call them").fill("Shirl")
    page.get_by_role("button", name="Save and show next step").click()
    expect(page).to_have_title(re.compile("^Error: "))
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(page.get_by_label("What you call them")).to_have_value("Shirl")
    summary.get_by_role("link", name="Name: This field is required.").press("Enter")
    expect(page.locator("#id_name")).to_be_focused()
    summary.get_by_role("link").nth(1).press("Enter")
    expect(page.get_by_label("Someone introduced us")).to_be_focused()
    assert barriers(page) == []


def test_whatever_describes_a_field_exists(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="Save and show next step").click()
    expect(page.locator(".error-summary")).to_be_visible()
    missing = page.evaluate(
        """() => ['aria-describedby', 'aria-labelledby'].flatMap((name) =>
        [...document.querySelectorAll(`[${name}]`)].flatMap((element) =>
          element.getAttribute(name).split(' ').filter((id) => !document.getElementById(id))))"""
    )
    assert [name for name in missing if name != "sheet-title"] == []


def test_an_ended_session_leads_to_sign_in_and_not_into_a_card(open_page: Open) -> None:
    page = open_page()
    page.get_by_role("button", name="Try an expired session").click()
    page.wait_for_url(re.compile(r"/account/login/\?next=%2Ftoday%2F$"))


def test_a_request_that_fails_is_said_and_loses_nothing(open_page: Open) -> None:
    page = open_page()
    page.get_by_label("What you call them").fill("Shirl")
    page.context.set_offline(True)
    page.locator("#card-lee").get_by_role("button", name="Done").click()
    expect(page.locator(".toast-error")).to_contain_text("please try again")
    page.context.set_offline(False)
    expect(page.locator("#card-lee")).to_be_visible()
    expect(page.locator("#card-lee")).not_to_have_class(re.compile("card-leaving"))
    expect(page.get_by_label("What you call them")).to_have_value("Shirl")


def test_a_menu_closes_on_escape_and_hands_back_the_focus(open_page: Open) -> None:
    page = open_page()
    menu = page.locator(".menu-account")
    menu.locator("summary").click()
    expect(menu.get_by_role("link", name="Settings")).to_be_visible()
    menu.get_by_role("link", name="Settings").focus()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Settings")).to_be_hidden()
    assert focused(page) == "Account"


def test_people_on_the_map_are_reached_by_keyboard(open_page: Open) -> None:
    page = open_page()
    page.locator(".ch-chain a").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "Bill Would introduce"
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/2/")


def test_the_map_is_a_nested_list_on_a_small_screen(open_page: Open) -> None:
    page = open_page(width=390)
    expect(page.locator(".ch-chain")).to_be_hidden()
    expect(page.locator(".outline").get_by_role("link", name="Shirley Okoro")).to_be_visible()


def test_the_browsers_zone_fills_an_empty_field(open_page: Open) -> None:
    page = open_page(timezone_id="America/Vancouver")
    assert page.locator("#id_zone").input_value() == "America/Vancouver"


def test_copy_copies_and_says_so(open_page: Open) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#live")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "A note they can forward"


def test_without_script_everything_is_still_there(open_page: Open) -> None:
    page = open_page("/today/?notice=1", java_script_enabled=False, width=390)
    expect(page.get_by_role("button", name="Undo").first).to_be_visible()
    expect(page.get_by_role("button", name="Dismiss")).to_have_count(0)
    page.locator(".tabbar").get_by_text("More").click()
    expect(page.locator(".tabbar").get_by_role("link", name="Plan")).to_be_visible()
    page.locator(".tabbar").get_by_role("link", name="Log").click()
    expect(page.get_by_role("heading", name="What happened?")).to_be_visible()


def test_a_first_visit_weighs_at_most_150_kilobytes(open_page: Open, address: str) -> None:
    """Compressed as WhiteNoise serves it (brotli); fonts are compressed already."""
    page = open_page("/help/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.clear_cookies()
    page.goto("/today/")
    page.wait_for_load_state("networkidle")
    weights: dict[str, int] = {}
    for url in asked:
        body = page.request.get(url).body()
        compressed = body if url.endswith((".woff2", ".png")) else brotli.compress(body)
        weights[url.removeprefix(address)] = len(compressed)
    assert {"/today/", "/static/css/app.css"} <= set(weights)
    assert sum(weights.values()) <= 150_000, sorted(weights.items(), key=lambda pair: -pair[1])


def test_offline_shows_a_page_of_its_own_and_keeps_nothing_of_anyone(
    chromium: Browser, address: str
) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.goto("/today/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto("/people/")
    kept = page.evaluate(
        """async () => {
        const stores = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
        const kept = await Promise.all(stores.map((store) => store.keys()));
        return kept.flat().map((request) => new URL(request.url).pathname); }"""
    )
    assert kept
    assert all(path.startswith("/static/") or path == "/offline/" for path in kept)
    context.set_offline(True)
    page.goto("/today/")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    context.close()
