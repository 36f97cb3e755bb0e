"""The image and compose.yaml, as far as they can be read without a container engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
DEPLOY = (ROOT / "docs" / "deploy.md").read_text()
APPS = ("web", "worker", "beat", "migrate")


def test_everything_production_asks_for_is_handed_to_every_process() -> None:
    source = (ROOT / "netcrm" / "settings" / "production.py").read_text()
    listed = source[source.index("for name in (") : source.index("if not env.str(name")]
    asked = re.findall(r'"([A-Z_]+)"', listed)
    assert len(asked) == 6
    for name in APPS:
        assert set(asked) <= set(COMPOSE["services"][name]["environment"])


def test_what_runs_for_long_is_looked_after() -> None:
    for name, service in COMPOSE["services"].items():
        if name != "migrate":
            assert "healthcheck" in service, name
            assert service["restart"] == "unless-stopped", name


def test_redis_never_throws_a_message_away() -> None:
    assert "noeviction" in COMPOSE["services"]["redis"]["command"]


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS"):
        assert f"${{{name}:-" not in text
        assert f"${{{name}:?" in text


def test_a_stop_leaves_time_for_the_mail_in_hand() -> None:
    from netcrm.runner import gunicorn_conf

    for name in APPS:
        grace = int(COMPOSE["services"][name]["stop_grace_period"].removesuffix("s"))
        assert grace > 30 > gunicorn_conf.graceful_timeout


def test_the_image_holds_every_package_and_no_root() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    for part in packages | {"templates", "static"}:
        assert f"COPY {part} {part}\n" in DOCKERFILE
        assert f"!{part}/" in (ROOT / ".dockerignore").read_text()
    assert re.search(r"^USER netcrm$", DOCKERFILE, re.M)
    assert "--require-hashes" in DOCKERFILE


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text())))
)
def test_every_setting_of_compose_is_explained(name: str) -> None:
    assert f"`{name}`" in DEPLOY
