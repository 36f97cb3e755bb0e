from django.apps import AppConfig


class RunnerConfig(AppConfig):
    name = "netcrm.runner"
    label = "runner"
