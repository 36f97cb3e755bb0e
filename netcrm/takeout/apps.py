from django.apps import AppConfig


class TakeoutConfig(AppConfig):
    name = "netcrm.takeout"
    label = "takeout"
