"""Addresses under /people/ that change one person; netcrm.pages adds those that show more."""

from django.urls import URLPattern, URLResolver, path

from contacts import importing, joining, views

urlpatterns: list[URLPattern | URLResolver] = [
    *importing.urlpatterns,
    *joining.urlpatterns,
    path("similar/", views.similar, name="similar"),
    path("trash/", views.trash, name="trash"),
    path("tags/", views.tags, name="tags"),
    path("tags/<uuid:pk>/", views.tag, name="tag"),
    path("tags/<uuid:pk>/delete/", views.delete_tag, name="delete_tag"),
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/remove/", views.remove_job, name="remove_job"),
    path("promises/<uuid:pk>/<slug:how>/", views.settle_promise, name="settle_promise"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("<uuid:pk>/jobs/", views.jobs, name="jobs"),
    path("<uuid:pk>/promise/", views.promise, name="promise"),
    path("<uuid:pk>/their-date/", views.their_date, name="their_date"),
    path("<uuid:pk>/do/<slug:act>/", views.act, name="act"),
]
