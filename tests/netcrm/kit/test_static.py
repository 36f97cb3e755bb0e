"""The static files as production collects them."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

STATIC = Path(__file__).parents[3] / "static"


def test_every_file_a_style_sheet_names_is_there_when_names_are_hashed(
    settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    (tokens,) = tmp_path.glob("css/tokens.*.css")
    fonts = re.findall(r'url\("\.\./vendor/([^"]+)"\)', tokens.read_text())
    assert fonts
    assert all((tmp_path / "vendor" / font).exists() for font in fonts)


@pytest.mark.parametrize(
    "folder", sorted(path for path in STATIC.glob("vendor/*") if path.is_dir())
)
def test_every_vendored_folder_says_its_version_and_licence(folder: Path) -> None:
    assert re.search(r"\d+\.\d+\.\d+", (folder / "VERSION").read_text())
    assert len((folder / "LICENSE").read_text()) > 100


def test_nothing_of_ours_asks_a_third_party() -> None:
    ours = [*STATIC.glob("css/*"), *STATIC.glob("js/*"), *STATIC.parent.glob("templates/**/*.html")]
    assert ours
    for path in ours:
        if "emails" in path.parts:
            continue
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r'(src|href|url\()\s*=?\s*["\']?https?://', text), path


def test_no_template_carries_inline_script_or_style() -> None:
    for path in STATIC.parent.glob("templates/**/*.html"):
        if "emails" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\son(click|change|submit|load|input)=", text), path
        assert not re.search(r'\sstyle="', text), path
        assert "<style" not in text, path
        assert not re.search(r"<script(?![^>]*\s(src=|type=\"application/json\"))", text), path
