"""The Celery app.  The beat schedule stands in settings, a sentence beside each entry."""

import logging.config
import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netcrm.settings.dev")

app = Celery("netcrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_web(**kwargs: object) -> None:
    """Write what the web process writes; Celery would set up a format of its own."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
