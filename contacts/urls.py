from django.urls import URLPattern, URLResolver

from contacts import importing

urlpatterns: list[URLPattern | URLResolver] = [*importing.urlpatterns]
