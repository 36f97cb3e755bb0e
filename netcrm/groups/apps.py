from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "netcrm.groups"
    label = "groups"
