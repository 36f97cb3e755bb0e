"""The pages on which a member takes everything along, or leaves."""

from django.urls import URLPattern, URLResolver, path

from netcrm.takeout import views

people: list[URLPattern | URLResolver] = [  # joins contacts.urls under /people/
    path("<uuid:pk>/kept/", views.kept, name="kept"),
]
urlpatterns = [
    path("data/", views.data, name="data"),
    path("data/download/", views.download, name="data_download"),
    path("data/file/<str:token>/", views.file, name="data_file"),
    path("data/take-in/", views.take_in, name="data_take_in"),
    path("data/leave/", views.leave, name="data_leave"),
    path("data/stay/", views.stay, name="data_stay"),
]
