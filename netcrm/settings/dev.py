"""The embedded run of run.py: SQLite, a private Redis, a mail catcher, all on this machine."""

import os
import secrets
from pathlib import Path

from netcrm.settings.base import *  # noqa: F403
from netcrm.settings.base import VAR_DIR, env

VAR_DIR.mkdir(parents=True, exist_ok=True)


def own_secret(path: Path) -> str:
    """Return this machine's key: made on the first run, readable by its owner only."""
    if not path.exists():
        mine = path.with_name(f"{path.name}.{os.getpid()}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(50))
        try:
            path.hardlink_to(mine)
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            mine.unlink()
    return path.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or own_secret(VAR_DIR / "secret_key")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

# Static files straight from their folders: nothing to collect before the first page.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
