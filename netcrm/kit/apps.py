from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "netcrm.kit"
    label = "kit"
