from django.urls import URLPattern, URLResolver, path

from introductions import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="list"),
    path("new/", views.record, name="record"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/move/", views.move, name="move"),
    path("<uuid:pk>/note/", views.note, name="note"),
    path("<uuid:pk>/nudged/", views.nudged, name="nudged"),
]
