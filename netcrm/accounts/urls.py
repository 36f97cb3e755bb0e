from django.urls import path

from netcrm.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.you, name="settings"),
    path("reminders/", views.reminders, name="reminders"),
    path("look/", views.appearance, name="appearance"),
]
