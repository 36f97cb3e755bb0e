"""The embedded run of run.py: SQLite, a private Redis, a mail catcher, all on this machine."""

from netcrm.settings.base import *  # noqa: F403
from netcrm.settings.base import VAR_DIR, env

VAR_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.str("SECRET_KEY", default="only-for-this-machine-never-for-production")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
