"""Settings of the processes that the fault runs start, kill and freeze."""

import os

os.environ.setdefault("SECRET_KEY", "faults-only")

from netcrm.settings.dev import *  # noqa: F403
from netcrm.settings.dev import DELIVERY_LETTERS, LOGGING, env

DELIVERY_LETTERS = {
    **DELIVERY_LETTERS,
    "digest": "tests.faults.writers.hello",
    "invitation": "tests.faults.writers.hello",
}
EMAIL_TIMEOUT = 5
EMAIL_DOT_TIMEOUT = env.float("EMAIL_DOT_TIMEOUT", default=3.0)
LOGGING = {**LOGGING, "root": {"handlers": [], "level": "CRITICAL"}, "loggers": {}}
