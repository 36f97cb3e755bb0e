"""Settings of the processes that the fault runs start, kill and freeze."""

import os

os.environ.setdefault("SECRET_KEY", "faults-only")

from netcrm.settings.dev import *  # noqa: F403
from netcrm.settings.dev import CELERY_BEAT_SCHEDULE, DELIVERY_LETTERS, LOGGING, env

if not env.bool("REAL_LETTERS", default=False):
    DELIVERY_LETTERS = {
        **DELIVERY_LETTERS,
        "digest": "tests.faults.writers.hello",
        "invitation": "tests.faults.writers.hello",
    }
CELERY_BEAT_SCHEDULE = {
    name: {**entry, "schedule": env.float("BEAT_SECONDS", default=1.0)}
    for name, entry in CELERY_BEAT_SCHEDULE.items()
    if entry["task"] == "netcrm.delivery.tasks.sweep"
}
EMAIL_TIMEOUT = 5
EMAIL_DOT_TIMEOUT = env.float("EMAIL_DOT_TIMEOUT", default=3.0)
LOGGING = {**LOGGING, "root": {"handlers": [], "level": "CRITICAL"}, "loggers": {}}
