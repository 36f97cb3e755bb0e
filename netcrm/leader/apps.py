from django.apps import AppConfig


class LeaderConfig(AppConfig):
    name = "netcrm.leader"
    label = "leader"
