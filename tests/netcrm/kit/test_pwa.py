"""What makes the site installable, and what it must not keep."""

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.urls("tests.netcrm.kit.gallery_urls")


def test_the_manifest_names_where_to_begin_and_what_can_be_done_at_once(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    manifest = json.loads(answer.content)
    assert manifest["start_url"] == "/today/"
    assert [shortcut["url"] for shortcut in manifest["shortcuts"]] == [
        "/people/log/",
        "/today/",
        "/people/add/",
    ]
    assert manifest["share_target"]["action"] == "/people/add/"
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


@pytest.mark.urls("netcrm.urls")
def test_the_worker_is_always_asked_for_again_and_keeps_no_page(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    kept = answer.content.decode().split("KEPT = [")[1].split("]")[0]
    assert all(url.startswith('"/static/') for url in kept.split(", ") if url.strip())


def test_a_stranger_may_see_the_offline_page(client: Client) -> None:
    assert b"You are offline" in client.get("/offline/").content


def test_only_reading_is_possible(client: Client) -> None:
    for path in ("/manifest.webmanifest", "/sw.js", "/offline/"):
        assert client.post(path).status_code == 405
