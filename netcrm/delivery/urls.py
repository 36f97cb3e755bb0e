"""Addresses of delivery.  Some stand outside every namespace, because mails carry them."""

from django.urls import URLPattern, URLResolver, path

from netcrm.delivery import views

house: list[URLPattern | URLResolver] = [
    path("mail/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
]
