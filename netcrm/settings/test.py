"""Settings of the test suite: fast hashes, mail kept in memory, everything else as it runs."""

import os
from pathlib import Path

os.environ.setdefault("NETCRM_VAR", "/tmp/netcrm-test")  # noqa: S108

from netcrm.settings.base import *  # noqa: F403
from netcrm.settings.base import VAR_DIR, database, env, sqlite

SECRET_KEY = "tests-only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

TEST_DATABASE_URL = env.str("TEST_DATABASE_URL", default="")
# A file in memory: a server's threads share it as they share a real one, waiting their turn.
# (SQLite's own ":memory:" answers "table is locked" instead.)
MEMORY = Path("/dev/shm")  # noqa: S108
FILE = (MEMORY if MEMORY.is_dir() else VAR_DIR) / f"netcrm-test-{os.getpid()}.sqlite3"
DATABASES = {
    "default": database(TEST_DATABASE_URL)
    if TEST_DATABASE_URL
    else {**sqlite(str(FILE)), "TEST": {"NAME": str(FILE)}},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is not there
