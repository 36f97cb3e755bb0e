"""The Celery app.  The beat schedule stands in settings, a sentence beside each entry."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netcrm.settings.dev")

app = Celery("netcrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
