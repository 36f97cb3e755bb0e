from django.urls import URLPattern, URLResolver, path

from introductions import plan_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.index, name="list"),
    path("new/", views.record, name="record"),
    path("between/", views.between, name="between"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/move/", views.move, name="move"),
    path("<uuid:pk>/note/", views.note, name="note"),
    path("<uuid:pk>/note/check/", views.check_note, name="check_note"),
    path("<uuid:pk>/nudged/", views.nudged, name="nudged"),
    path("plan/", plan_views.plan, name="plan"),
    path("plan/targets/add/", plan_views.add_target, name="add_target"),
    path("plan/targets/<uuid:pk>/drop/", plan_views.drop_target, name="drop_target"),
    path("plan/opportunities/add/", plan_views.add_opportunity, name="add_opportunity"),
    path("plan/opportunities/<uuid:pk>/stage/", plan_views.stage, name="stage"),
]
