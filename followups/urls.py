from django.urls import URLPattern, URLResolver, path

from followups import action_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", views.today, name="today"),
    path("upcoming/", views.upcoming, name="upcoming"),
    path("act/undo/<str:token>/", action_views.undo, name="act_undo"),
    path("act/<str:act>/<str:token>/", action_views.act, name="act"),
]
