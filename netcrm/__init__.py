"""The project package: wiring on top, the shared floor below."""

from netcrm.celery import app as celery_app

__all__ = ["celery_app"]
