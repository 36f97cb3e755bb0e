from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "netcrm.accounts"
    label = "accounts"
