from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "netcrm.pages"
    label = "pages"
