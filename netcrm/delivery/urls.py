"""Addresses of delivery.  Some stand outside every namespace, because mails carry them."""

from django.urls import URLPattern, URLResolver, path

from netcrm.delivery import views

# Join the namespace of follow-ups: a member looks for reminders there.
member: list[URLPattern | URLResolver] = [
    path("delivery/", views.delivery, name="delivery"),
    path("delivery/test/", views.test_mail, name="delivery_test"),
    path("delivery/address/", views.use_address, name="delivery_address"),
    path("delivery/<uuid:pk>/", views.decide, name="delivery_decide"),
]

house: list[URLPattern | URLResolver] = [
    path("mail/unsubscribe/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("mail/events/", views.mail_events, name="mail_events"),
    path("operator/mail/", views.operator, name="operator_mail"),
    path("operator/mail/held/", views.operator_hold, name="operator_mail_hold"),
    path("operator/mail/objections/<uuid:pk>/", views.operator_saw, name="operator_mail_saw"),
    path("operator/mail/<uuid:pk>/", views.operator_decide, name="operator_mail_decide"),
]
