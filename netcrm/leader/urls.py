from django.urls import URLPattern, URLResolver, path

from netcrm.leader import views

urlpatterns: list[URLPattern | URLResolver] = [  # joins groups.urls under /groups/
    path("<uuid:pk>/overview/", views.overview, name="overview"),
    path("<uuid:pk>/weeks.csv", views.export, name="export"),
    path("<uuid:pk>/still-so/", views.still_so, name="still_so"),
    path("members/<uuid:pk>/", views.review, name="review"),
    path("members/<uuid:pk>/still-shared/", views.still_shared, name="still_shared"),
    path("members/<uuid:pk>/comment/", views.comment, name="comment"),
    path("members/<uuid:pk>/note/", views.note, name="note"),
    path("members/<uuid:pk>/preview/", views.preview, name="preview"),
]
