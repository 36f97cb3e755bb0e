from django.urls import URLPattern, URLResolver, path

from followups import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("today/", views.today, name="today"),
    path("upcoming/", views.upcoming, name="upcoming"),
]
