from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "netcrm.delivery"
    label = "delivery"
